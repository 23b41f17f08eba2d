"""What this app shows somebody of what it keeps about them: one section for each kind of record."""

from collections.abc import Iterable

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.personal import Section, addresses_of, choice
from core.templatetags.portal import localized_text
from core.trail import changes, changes_section
from sessions_app.models import (
    ApplicationAnswer,
    Attendance,
    AttendanceAlias,
    CalendarFeed,
    Cycle,
    Enrolment,
    Invitation,
    NameGiven,
    PlaceOffer,
    PresenterSlot,
)


def sections(user: AbstractBaseUser) -> Iterable[Section]:
    """Enrolments first: the rest hangs on them."""
    yield _enrolments(user)
    yield _attendance(user)
    yield _names_on_reports(user)
    yield _aliases(user)
    yield _slots(user)
    yield _application_answers(user)
    yield _offers(user)
    yield _invitations(user)
    yield Section(
        key="calendar",
        title=_("Calendar feed"),
        labels={"made_at": _("Address made")},
        rows=[{"made_at": feed.made_at} for feed in CalendarFeed.objects.filter(user=user.pk)],
    )
    yield changes_section(
        changes(Enrolment, Q(participant=user.pk), fields=["status", "enrolled_on"], owners={user.pk})
    )


def own_invitations(user: AbstractBaseUser, *, ever: bool = False) -> QuerySet[Invitation]:
    """Invitations to the account, and to its addresses where no account is known yet."""
    to_address = Q(account__isnull=True, email__in=addresses_of(user, ever=ever))
    return Invitation.objects.filter(Q(account=user.pk) | to_address)


def _cycle(cycle: Cycle) -> str:
    return f"{localized_text(cycle.program, 'name')}, {localized_text(cycle, 'name')}"


def _enrolments(user: AbstractBaseUser) -> Section:
    enrolments = Enrolment.objects.filter(participant=user.pk).select_related("cycle__program")
    return Section(
        key="enrolments",
        title=_("Enrolments"),
        labels={
            "cycle": _("Cycle"),
            "status": _("Status"),
            "applied_at": _("Applied"),
            "enrolled_on": _("Enrolled from"),
            "waitlisted_at": _("On the waiting list since"),
            "decided_at": _("Decided"),
        },
        rows=[
            {
                "cycle": _cycle(enrolment.cycle),
                "status": choice(enrolment, "status"),
                "applied_at": enrolment.applied_at,
                "enrolled_on": enrolment.enrolled_on,
                "waitlisted_at": enrolment.waitlisted_at,
                "decided_at": enrolment.decided_at,
            }
            for enrolment in enrolments.order_by("applied_at", "pk")
        ],
    )


def _attendance(user: AbstractBaseUser) -> Section:
    attendances = Attendance.objects.filter(enrolment__participant=user.pk).select_related(
        "session__cycle__program"
    )
    return Section(
        key="attendance",
        title=_("Attendance"),
        labels={
            "session": _("Session"),
            "cycle": _("Cycle"),
            "starts_at": _("Starts"),
            "minutes": _("Minutes"),
            "is_guest": _("As a guest"),
            "source": _("Source"),
            "reason": _("Reason"),
            "recorded_at": _("Recorded"),
        },
        rows=[
            {
                "session": localized_text(attendance.session, "topic"),
                "cycle": _cycle(attendance.session.cycle),
                "starts_at": attendance.session.starts_at,
                "minutes": attendance.minutes,
                "is_guest": attendance.is_guest,
                "source": choice(attendance, "source"),
                "reason": attendance.reason,
                "recorded_at": attendance.recorded_at,
            }
            for attendance in attendances.order_by("session__starts_at", "pk")
        ],
    )


def _names_on_reports(user: AbstractBaseUser) -> Section:
    given = NameGiven.objects.filter(enrolment__participant=user.pk).select_related(
        "unmatched__report__session"
    )
    return Section(
        key="names_on_reports",
        title=_("Names on reports that were taken for you"),
        labels={
            "name": _("Name"),
            "email": _("Email address"),
            "session": _("Session"),
            "minutes": _("Minutes"),
            "decided_at": _("Decided"),
        },
        rows=[
            {
                "name": row.unmatched.name,
                "email": row.unmatched.email,
                "session": localized_text(row.unmatched.report.session, "topic"),
                "minutes": row.unmatched.minutes,
                "decided_at": row.unmatched.decided_at,
            }
            for row in given.order_by("unmatched__report__session__starts_at", "pk")
        ],
    )


def _aliases(user: AbstractBaseUser) -> Section:
    return Section(
        key="aliases",
        title=_("Names under which you join sessions"),
        labels={"kind": _("Kind"), "written": _("As written on a report"), "remembered_at": _("Remembered")},
        rows=[
            {
                "kind": choice(alias, "kind"),
                "written": alias.written,
                "remembered_at": alias.remembered_at,
            }
            for alias in AttendanceAlias.objects.filter(participant=user.pk).order_by("remembered_at", "pk")
        ],
    )


def _slots(user: AbstractBaseUser) -> Section:
    slots = PresenterSlot.objects.filter(enrolment__participant=user.pk).select_related(
        "session__cycle__program"
    )
    return Section(
        key="slots",
        title=_("Sessions in which you present"),
        labels={
            "session": _("Session"),
            "cycle": _("Cycle"),
            "starts_at": _("Starts"),
            "taken_at": pgettext("slot", "Taken"),
        },
        rows=[
            {
                "session": localized_text(slot.session, "topic"),
                "cycle": _cycle(slot.session.cycle),
                "starts_at": slot.session.starts_at,
                "taken_at": slot.taken_at,
            }
            for slot in slots.order_by("session__starts_at", "pk")
        ],
    )


def _application_answers(user: AbstractBaseUser) -> Section:
    answers = ApplicationAnswer.objects.filter(enrolment__participant=user.pk).select_related(
        "question__cycle__program"
    )
    return Section(
        key="application_answers",
        title=_("Answers on applications"),
        labels={"cycle": _("Cycle"), "question": _("Question"), "answer": pgettext("survey", "Answer")},
        rows=[
            {
                "cycle": _cycle(answer.question.cycle),
                "question": localized_text(answer.question, "text"),
                "answer": answer.text,
            }
            for answer in answers.order_by("question__cycle", "question__position", "pk")
        ],
    )


def _offers(user: AbstractBaseUser) -> Section:
    offers = PlaceOffer.objects.filter(enrolment__participant=user.pk).select_related(
        "enrolment__cycle__program"
    )
    return Section(
        key="place_offers",
        title=_("Places offered to you"),
        labels={
            "cycle": _("Cycle"),
            "offered_at": _("Offered"),
            "expires_at": _("Held until"),
            "outcome": _("Outcome"),
            "answered_at": _("Answered or lapsed"),
        },
        rows=[
            {
                "cycle": _cycle(offer.enrolment.cycle),
                "offered_at": offer.offered_at,
                "expires_at": offer.expires_at,
                "outcome": choice(offer, "outcome"),
                "answered_at": offer.answered_at,
            }
            for offer in offers.order_by("offered_at", "pk")
        ],
    )


def _invitations(user: AbstractBaseUser) -> Section:
    invitations = own_invitations(user).select_related("cycle__program")
    return Section(
        key="invitations",
        title=_("Invitations to you"),
        labels={
            "cycle": _("Cycle"),
            "email": _("Email address"),
            "name": _("Name"),
            "category": _("Professional category"),
            "profession": _("Profession"),
            "licence_number": _("Licence number"),
            "practice_name": _("Practice"),
            "practice_city": _("City or town"),
            "invited_at": _("Invited"),
            "expires_at": _("Link expires"),
            "opened_at": _("Link first opened"),
            "revoked_at": _("Withdrawn on"),
        },
        rows=[
            {
                "cycle": _cycle(invitation.cycle),
                "email": invitation.email,
                "name": invitation.name,
                "category": choice(invitation, "category"),
                "profession": choice(invitation, "profession"),
                "licence_number": invitation.licence_number,
                "practice_name": invitation.practice_name,
                "practice_city": invitation.practice_city,
                "invited_at": invitation.invited_at,
                "expires_at": invitation.expires_at,
                "opened_at": invitation.opened_at,
                "revoked_at": invitation.revoked_at,
            }
            for invitation in invitations.order_by("invited_at", "pk")
        ],
    )
