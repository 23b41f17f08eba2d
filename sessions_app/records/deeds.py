"""What this app keeps about a person: enrolments, attendance, applications, invitations and the calendar."""

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.personal import Kept, Moved, PersonalRecords, Section, addresses_of, choice
from core.retention import kept_until
from core.templatetags.portal import localized_text
from core.trail import blank_history, blank_reasons, changes, changes_section, drop_history
from participants.models import User
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
    UnmatchedName,
)
from sessions_app.services import withdraw
from sessions_app.services.merging import (
    exchange,
    hand_over,
    is_stronger,
    lock_enrolments,
    shared_enrolments,
)
from sessions_app.services.striking import strike_from_rosters

RUNNING = (Enrolment.Status.APPLIED, Enrolment.Status.APPROVED, Enrolment.Status.WAITLISTED)


class SessionRecords(PersonalRecords):
    """Everything between an application and the last session attended."""

    # --- export ---------------------------------------------------------------------------------------------------

    def sections(self, user: AbstractBaseUser) -> Iterable[Section]:
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

    # --- merge ----------------------------------------------------------------------------------------------------

    def prepare_merge(self, *, kept: AbstractBaseUser, gone: AbstractBaseUser) -> None:
        """Where both are in a cycle, the enrolment that gets further becomes the one of `kept`."""
        lock_enrolments([kept, gone])
        for own, theirs in shared_enrolments(kept=kept, gone=gone):
            if is_stronger(theirs, own):
                exchange(own, theirs)

    def merge(
        self,
        *,
        kept: AbstractBaseUser,
        gone: AbstractBaseUser,
        by: AbstractBaseUser,
        now: datetime,
        moved: Moved,
    ) -> None:
        """Enrolments with all that hangs on them, invitations, and the calendar where `kept` has none."""
        shared = shared_enrolments(kept=kept, gone=gone)
        for own, theirs in shared:
            hand_over(to=own, source=theirs, by=cast("User", by), now=now, moved=moved)
        others = Enrolment.objects.filter(participant=gone.pk).exclude(
            pk__in=[theirs.pk for _own, theirs in shared]
        )
        moved.add("enrolments", others.update(participant_id=kept.pk))
        moved.add("aliases", _merge_aliases(kept=kept, gone=gone))
        moved.add("invitations", Invitation.objects.filter(account=gone.pk).update(account_id=kept.pk))
        if CalendarFeed.objects.filter(user=kept.pk).exists():
            CalendarFeed.objects.filter(user=gone.pk).delete()
        else:
            moved.add("calendars", CalendarFeed.objects.filter(user=gone.pk).update(user_id=kept.pk))

    # --- erasure --------------------------------------------------------------------------------------------------

    def removed(self, user: AbstractBaseUser) -> Iterable[str]:
        """Places that are given up, and what was written on the way to them."""
        running = _running(user).count()
        if running:
            yield ngettext(
                "your place or application in %(count)d cycle, which you leave with this",
                "your places and applications in %(count)d cycles, which you leave with this",
                running,
            ) % {"count": running}
        if ApplicationAnswer.objects.filter(enrolment__participant=user.pk).exists():
            yield _("your answers on applications")
        if _own_invitations(user, ever=True).exists():
            yield _("invitations to you, and your line in lists of people to invite")
        if CalendarFeed.objects.filter(user=user.pk).exists():
            yield _("the address of your calendar")
        if AttendanceAlias.objects.filter(participant=user.pk).exists():
            yield _("names under which you were remembered to join sessions")

    def kept(self, user: AbstractBaseUser) -> Iterable[Kept]:
        """Attendance for six years (rule 20); enrolments stay without a name, since the database counts places."""
        attended = Attendance.objects.filter(enrolment__participant=user.pk)
        last_day = attended.aggregate(last=Max("session__cycle__ends_on"))["last"]
        if last_day and kept_until(last_day) >= timezone.localdate():
            count = attended.count()
            yield Kept(
                what=ngettext(
                    "Your attendance at %(count)d session, and the reports of the video platform it was read from",
                    "Your attendance at %(count)d sessions, and the reports of the video platform it was read from",
                    count,
                )
                % {"count": count},
                why=_("Accreditors may ask who attended for six years after a cycle."),
                until=kept_until(last_day),
            )
        if Enrolment.objects.filter(participant=user.pk).exists():
            yield Kept(
                what=_("That somebody was enrolled"),
                why=_("Places and completion are counted; by itself it does not say who it was."),
                until=None,
                needs_name=False,
            )

    def erase(self, *, user: AbstractBaseUser, now: datetime, is_kept: bool) -> None:
        """Leave what runs, so that freed places are offered on; forget applications, invitations and the calendar."""
        actor = cast("User", user)
        for enrolment_id in _running(user).order_by("cycle_id").values_list("pk", flat=True):
            withdraw(enrolment_id=enrolment_id, by=actor, now=now)
        enrolments = list(Enrolment.objects.filter(participant=user.pk).values_list("pk", flat=True))
        ApplicationAnswer.objects.filter(enrolment__in=enrolments).delete()
        drop_history(ApplicationAnswer, Q(enrolment__in=enrolments))
        CalendarFeed.objects.filter(user=user.pk).delete()
        aliases = list(AttendanceAlias.objects.filter(participant=user.pk).values_list("pk", flat=True))
        AttendanceAlias.objects.filter(pk__in=aliases).delete()
        drop_history(AttendanceAlias, Q(pgh_obj__in=aliases) | Q(participant=user.pk))
        if not is_kept:
            _forget_names(user)
        strike_from_rosters(addresses_of(user, ever=True), by=actor)
        for invitation in _own_invitations(user, ever=True):
            _forget_invitation(invitation, now=now)

    def finish_erasure(self, *, user: AbstractBaseUser) -> None:
        """Minutes and places stay as numbers; the reasons that people wrote beside them go, and names on reports."""
        by_hand = Attendance.objects.filter(enrolment__participant=user.pk, source=Attendance.Source.MANUAL)
        ids = list(by_hand.values_list("pk", flat=True))
        by_hand.exclude(reason="–").update(reason="–")
        blank_history(Attendance, Q(pgh_obj__in=ids, source=Attendance.Source.MANUAL), reason="–")
        blank_reasons(Attendance, Q(pgh_obj__in=ids))
        _forget_names(user)


def _running(user: AbstractBaseUser) -> QuerySet[Enrolment]:
    return Enrolment.objects.filter(participant=user.pk, status__in=RUNNING).exclude(
        cycle__status=Cycle.Status.CLOSED
    )


def _own_invitations(user: AbstractBaseUser, *, ever: bool = False) -> QuerySet[Invitation]:
    """Invitations to the account, and to its addresses where no account is known yet."""
    to_address = Q(account__isnull=True, email__in=addresses_of(user, ever=ever))
    return Invitation.objects.filter(Q(account=user.pk) | to_address)


def _forget_names(user: AbstractBaseUser) -> None:
    """Names on reports that were taken for this person; the decisions stay, without what was written."""
    for unmatched in UnmatchedName.objects.filter(given__enrolment__participant=user.pk).distinct():
        nobody = {"key": f"erased-{unmatched.pk}", "name": "–", "email": ""}
        UnmatchedName.objects.filter(pk=unmatched.pk).exclude(**nobody).update(**nobody)
        blank_history(UnmatchedName, Q(pgh_obj=unmatched.pk), **nobody)


def _merge_aliases(*, kept: AbstractBaseUser, gone: AbstractBaseUser) -> int:
    """Names remembered of `gone` are remembered of `kept`; what both have is kept once."""
    known = set(AttendanceAlias.objects.filter(participant=kept.pk).values_list("kind", "value"))
    theirs = list(AttendanceAlias.objects.filter(participant=gone.pk))
    twice = [alias.pk for alias in theirs if (alias.kind, alias.value) in known]
    AttendanceAlias.objects.filter(pk__in=twice).delete()
    return AttendanceAlias.objects.filter(participant=gone.pk).update(participant_id=kept.pk)


def _forget_invitation(invitation: Invitation, *, now: datetime) -> None:
    """An invitation that stays in the count, taken back, without whom it was for."""
    nobody = {
        "email": f"erased-{invitation.pk}@erased.invalid",
        "name": "",
        "category": "",
        "profession": "",
        "licence_number": "",
        "practice_name": "",
        "practice_city": "",
    }
    Invitation.objects.filter(pk=invitation.pk).update(
        **nobody, account=None, revoked_at=invitation.revoked_at or now
    )
    blank_history(Invitation, Q(pgh_obj=invitation.pk), **nobody, account=None)


# --- sections -------------------------------------------------------------------------------------------------------


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
    invitations = _own_invitations(user).select_related("cycle__program")
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
            "revoked_at": _("Taken back"),
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
