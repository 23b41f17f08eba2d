"""Giving an approved case its session, and writing that it was presented (rule 22)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import CaseSubmission
from cases.queries import TO_RESCHEDULE, is_to_reschedule
from cases.services.moving import locked_case, move
from cases.services.telling import tell_hub, tell_presenter
from cases.states import CaseStatus
from core import audit
from core.errors import BadInputError, MoveRefusedError
from participants.models import User
from sessions_app.models import EchoSession
from sessions_app.services import assign_slot, release_slot
from sessions_app.services.standing import lock_cycle

Status = CaseSubmission.Status


@transaction.atomic
def schedule_case(*, case_id: int, session_id: int, by: User, now: datetime) -> CaseSubmission:
    """Give an approved case its session, or a scheduled one another; the same session twice is once.

    The presenter's slot in the session is used, else a free one is given to them, and their slot in the session that
    the case leaves is freed. Who let their session go may so be given it back. They and the hub's team are told.

    Raises BadInputError for a session of another cycle; MoveRefusedError for one that is cancelled, held or over, for
    one without a slot for the presenter, and for a case in any other state.
    """
    # The cycle's row first, as whatever gives a slot takes it.
    cycle = lock_cycle(CaseSubmission.objects.values_list("presenter__cycle_id", flat=True).get(pk=case_id))
    case = locked_case(case_id)
    case.presenter.cycle = cycle
    session = EchoSession.objects.filter(pk=session_id, cycle=cycle).first()
    if session is None:
        raise BadInputError(_("Choose a session of the presenter's own cycle."))
    if case.status == Status.SCHEDULED and case.session_id == session.pk and not is_to_reschedule(case):
        return case
    if session.status in {EchoSession.Status.CANCELLED, EchoSession.Status.HELD} or session.ends_at <= now:
        raise MoveRefusedError(_("This session is cancelled or over. Choose one that is to come."))
    earlier = case.session if case.status == Status.SCHEDULED else None
    is_moved = earlier is not None and earlier.pk != session.pk
    with audit.act("case.reschedule" if earlier else "case.schedule", by=by):
        case.session = session
        if earlier:
            case.moved_at = now
            case.save(update_fields=["session", "moved_at"])
        else:
            move(case, CaseStatus.SCHEDULED, now=now, also=("session",))
        _take_slot(case, session, by=by, now=now)
        if earlier and is_moved:
            _leave_slot(case, earlier, by=by, now=now)
    key = f"case-scheduled:{case.pk}:{session.pk}:{now.isoformat()}"
    tell_presenter(case, "case_scheduled", key=key, session=session, is_moved=is_moved)
    tell_hub(case, "hub_case_scheduled", key=f"hub-{key}", session=session, is_moved=is_moved)
    return case


@transaction.atomic
def mark_presented(*, case_id: int, by: User | None, now: datetime) -> CaseSubmission:
    """Write that a scheduled case was presented; `by` is None where the portal does it by itself.

    Of a case whose presenter let the session go only a person can say that it was presented there all the same.

    Raises MoveRefusedError before its session begins, when that is cancelled, and for a case in any other state.
    """
    case = locked_case(case_id)
    session = case.session
    if case.status == Status.SCHEDULED and session is not None:
        if session.status == EchoSession.Status.CANCELLED:
            raise MoveRefusedError(_("The case's session is cancelled. Choose another session first."))
        if session.starts_at > now:
            raise MoveRefusedError(_("The case's session has not begun yet."))
        if by is None and is_to_reschedule(case):
            raise MoveRefusedError(_("The presenter has let this session go. Choose another one."))
    with audit.act("case.present", by=by):
        move(case, CaseStatus.PRESENTED, now=now)
    return case


def present_held_cases(*, now: datetime) -> int:
    """Write of every scheduled case whose session was held and is over that it was presented; returns how many.

    Not of those that have lost their session: their presenters let it go.
    """
    due = CaseSubmission.objects.filter(
        status=Status.SCHEDULED, session__status=EchoSession.Status.HELD, session__ends_at__lte=now
    ).exclude(TO_RESCHEDULE)
    count = 0
    for case_id in list(due.order_by("pk").values_list("pk", flat=True)):
        try:
            mark_presented(case_id=case_id, by=None, now=now)
        except MoveRefusedError:
            continue  # somebody was quicker
        count += 1
    return count


def _take_slot(case: CaseSubmission, session: EchoSession, *, by: User, now: datetime) -> None:
    if session.slots.filter(enrolment=case.presenter_id).exists():
        return
    free = session.slots.filter(enrolment=None).order_by("position", "pk").first()
    if free is None:
        raise MoveRefusedError(
            _(
                "Every slot of this session is taken. Add one on the session's page, or choose another session."
            )
        )
    assign_slot(slot_id=free.pk, enrolment_id=case.presenter_id, by=by, now=now, tells=False)


def _leave_slot(case: CaseSubmission, session: EchoSession, *, by: User, now: datetime) -> None:
    """Free the presenter's slot in a session to come, unless another case of theirs is presented there."""
    has_another = session.cases.filter(presenter=case.presenter_id).exclude(pk=case.pk).exists()
    slot = session.slots.filter(enrolment=case.presenter_id).first()
    if slot is not None and session.starts_at > now and not has_another:
        release_slot(slot_id=slot.pk, by=by, now=now, tells=False)
