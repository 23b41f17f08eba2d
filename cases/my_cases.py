"""What somebody sees of the cases they bring: where each stands, and what is to be done next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import CaseSubmission
from cases.queries import ids_to_reschedule
from core.templatetags.portal import eastern_date
from participants.models import User
from sessions_app.models import Cycle, EchoSession, Enrolment, PresenterSlot

Status = CaseSubmission.Status

TONES = {
    Status.DRAFT: "quiet",
    Status.SUBMITTED: "information",
    Status.IN_REVIEW: "information",
    Status.APPROVED: "done",
    Status.RETURNED: "attention",
    Status.SCHEDULED: "done",
    Status.PRESENTED: "done",
    Status.RECOMMENDATIONS_SENT: "done",
}
"""The shape and the colour beside the word of each state, for its author."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, or to read: a link."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case: its state, what that means for its author, and the next steps, the first of them the main one."""

    case: CaseSubmission
    tone: str
    meaning: str
    steps: tuple[Step, ...]


def my_cases(user: User, *, now: datetime) -> list[CaseLine]:
    """The cases that `user` brings, the newest first."""
    cases = (
        CaseSubmission.objects.filter(presenter__participant=user)
        .select_related("presenter__cycle__program", "session", "version", "follow_up")
        .order_by("-created_at", "pk")
    )
    with_slot, lost = _enrolments_with_slot(user, now=now), ids_to_reschedule(cases)
    return [
        case_line(case, has_slot=case.presenter_id in with_slot, is_lost=case.pk in lost) for case in cases
    ]


def my_case(case: CaseSubmission, *, now: datetime) -> CaseLine:
    """The same for one case of somebody's own."""
    with_slot = _enrolments_with_slot(case.presenter.participant, now=now)
    return case_line(
        case, has_slot=case.presenter_id in with_slot, is_lost=case.pk in ids_to_reschedule([case])
    )


def cycles_to_bring_to(user: User) -> Sequence[Cycle]:
    """The running cycles that `user` is in."""
    return list(
        Cycle.objects.filter(
            enrolments__participant=user,
            enrolments__status=Enrolment.Status.APPROVED,
            status=Cycle.Status.PUBLISHED,
        )
        .select_related("program")
        .order_by("-starts_on", "pk")
    )


def _enrolments_with_slot(user: User, *, now: datetime) -> set[int]:
    """The enrolments of `user` that have a session to present in."""
    slots = PresenterSlot.objects.filter(enrolment__participant=user, session__starts_at__gt=now).exclude(
        session__status=EchoSession.Status.CANCELLED
    )
    return {pk for pk in slots.values_list("enrolment_id", flat=True) if pk is not None}


def case_line(case: CaseSubmission, *, has_slot: bool, is_lost: bool = False) -> CaseLine:
    """The words for a case's author.

    `has_slot` is whether they have a coming session to present in, `is_lost` whether the case has lost its own.
    """
    return CaseLine(
        case,
        TONES[Status(case.status)],
        _lost(case, has_slot=has_slot) if is_lost else _meaning(case, has_slot=has_slot),
        tuple(_steps(case, has_slot=has_slot, is_lost=is_lost)),
    )


def _lost(case: CaseSubmission, *, has_slot: bool) -> str:
    """What it means that a scheduled case has no session any more."""
    if case.presenter.status != Enrolment.Status.APPROVED:
        return _("You are not in this cycle any more, so the case is not presented.")
    if case.session and case.session.status == EchoSession.Status.CANCELLED:
        return _("Its session is cancelled. The coordinator looks for another one and tells you by email.")
    return _waits_for_session(has_slot=has_slot)


def _waits_for_session(*, has_slot: bool) -> str:
    if has_slot:
        return _("The specialists can read it. A coordinator puts it into your session next.")
    return _("The specialists can read it. What it needs now is a session.")


def _meaning(case: CaseSubmission, *, has_slot: bool) -> str:
    day = eastern_date(case.session.starts_at) if case.session else ""
    words = {
        Status.DRAFT: _("Only you see it. Finish it, check it, and hand it in."),
        Status.SUBMITTED: _("It is handed in. A coordinator reads it next; you hear by email."),
        Status.IN_REVIEW: _("A coordinator is reading it; you hear by email."),
        Status.RETURNED: _("A coordinator asks for something. Change it, and hand it in again."),
        Status.APPROVED: _waits_for_session(has_slot=has_slot),
        Status.SCHEDULED: _("You present it on %(day)s.") % {"day": day},
        Status.PRESENTED: _("You presented it on %(day)s. The specialists are writing their recommendations.")
        % {"day": day},
        Status.RECOMMENDATIONS_SENT: _("The letter with the recommendations is here."),
    }
    return words[Status(case.status)]


def _steps(case: CaseSubmission, *, has_slot: bool, is_lost: bool) -> list[Step]:
    def step(label: str, name: str) -> Step:
        return Step(label, reverse(f"cases:{name}", args=[case.echo_id]))

    read = step(_("Read the case"), "case-detail")
    match Status(case.status):
        case Status.DRAFT:
            return [step(_("Go on writing"), "case-edit"), step(_("Check and hand in"), "case-check")]
        case Status.RETURNED:
            return [step(_("See what is asked for"), "case-detail"), step(_("Change it"), "case-edit")]
        case Status.APPROVED if not has_slot:
            return [_choose(case), read]
        case Status.SCHEDULED if is_lost:
            may_choose = not has_slot and case.presenter.status == Enrolment.Status.APPROVED
            return [_choose(case), read] if may_choose else [read]
        case Status.SCHEDULED:
            return [read, step(_("One-page summary"), "case-summary")]
        case Status.RECOMMENDATIONS_SENT:
            report = step(_("Report what happened"), "case-follow-up")
            is_reported = hasattr(case, "follow_up")
            return [step(_("Read the letter"), "case-letter"), read, *([] if is_reported else [report])]
    return [read]


def _choose(case: CaseSubmission) -> Step:
    slots = reverse("sessions_app:cycle-slots", args=[case.presenter.cycle_id])
    return Step(_("Choose your session"), slots)
