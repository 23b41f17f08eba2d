"""Checking oneself in while a session runs."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import MoveRefusedError, NotAllowedError
from participants.models import User
from participants.queries import has_agreed_to_participate
from sessions_app.models import Attendance, Cycle, EchoSession, Enrolment
from sessions_app.rules import Phase, phase
from sessions_app.services.attendance.importing import lock_session
from sessions_app.services.sessions import mark_held


@transaction.atomic
def check_in(*, session_id: int, by: User, now: datetime) -> Attendance:
    """Record that `by` is in the session: minutes from `now`, or from its start, to its end; what is there stays.

    The caller has seen a code of the slide. A second check-in changes nothing, nor does one after a report or an entry
    by hand. Raises NotAllowedError for who is not in the cycle or has not agreed to take part; MoveRefusedError for a
    session that is cancelled, over, or does not begin soon.
    """
    session = lock_session(session_id)
    enrolment = (
        Enrolment.objects.filter(participant=by, cycle_id=session.cycle_id, status=Enrolment.Status.APPROVED)
        .exclude(cycle__status=Cycle.Status.PLANNED)
        .first()
    )
    if enrolment is None:
        raise NotAllowedError(_("You are not in the cycle of this session."))
    on_record = Attendance.objects.filter(enrolment=enrolment, session=session).first()
    if on_record is not None:
        return on_record
    _require_open(session, now=now)
    if not has_agreed_to_participate(by):
        raise NotAllowedError(_("Agree to the participation agreement first; then check in."))
    with audit.act("attendance.check-in", by=by):
        attendance = Attendance.objects.create(
            enrolment=enrolment,
            session=session,
            minutes=int((session.ends_at - max(now, session.starts_at)).total_seconds() // 60),
            source=Attendance.Source.CHECK_IN,
            recorded_at=now,
            recorded_by=by,
        )
        # Who comes early is there before it is held.
        if session.starts_at <= now:
            mark_held(session=session, by=by)
    return attendance


def _require_open(session: EchoSession, *, now: datetime) -> None:
    refusals = {
        Phase.CANCELLED: _("This session is cancelled."),
        Phase.AHEAD: _("Check-in is not open yet."),
        Phase.OVER: _("The session is over: check-in is closed."),
    }
    at = phase(starts_at=session.starts_at, ends_at=session.ends_at, status=session.status, now=now)
    if at in refusals:
        raise MoveRefusedError(refusals[at])
