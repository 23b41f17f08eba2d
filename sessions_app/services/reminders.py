"""The enrolled are reminded of a session, so many hours before it: once, however often one looks."""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.db import transaction

from sessions_app.models import Cycle, EchoSession, SessionReminder
from sessions_app.models.cycle import REMINDER_HOURS
from sessions_app.services.letters import tell_of_session

logger = logging.getLogger(__name__)

TO_COME = (EchoSession.Status.PLANNED, EchoSession.Status.CONFIRMED)


def remind_of_sessions(*, now: datetime) -> int:
    """Send every reminder that is due, each session's in a transaction of its own; returns how many mails were queued.

    A cycle names the hours before a session (`reminder_hours`). Where several are due at once, after an outage or
    a move, the nearest is sent and stands for the others. A session that has begun, or is cancelled, is reminded of
    no more; one that has moved is reminded of again.
    """
    horizon = now + timedelta(hours=max(REMINDER_HOURS))
    sessions = EchoSession.objects.filter(
        cycle__status=Cycle.Status.PUBLISHED, status__in=TO_COME, starts_at__gt=now, starts_at__lte=horizon
    )
    reminded = 0
    for session in sessions.select_related("cycle").prefetch_related("reminders"):
        if not _open_hours(session, session.reminders.all(), now=now):
            continue
        try:
            reminded += _remind(session.pk, now=now)
        except Exception:
            # One session must not keep the others' people waiting; it is tried again in the next round.
            logger.exception("The reminder of session %s could not be sent.", session.pk)
    return reminded


def due_hours(hours: Iterable[int], *, starts_at: datetime, now: datetime) -> list[int]:
    """Which reminders are due before a session that has not begun, the nearest to it first."""
    return sorted(before for before in set(hours) if starts_at - timedelta(hours=before) <= now < starts_at)


def _open_hours(session: EchoSession, reminders: Iterable[SessionReminder], *, now: datetime) -> list[int]:
    """Of those due, which are not on record for this start yet."""
    done = {reminder.hours_before for reminder in reminders if reminder.starts_at == session.starts_at}
    due = due_hours(session.cycle.reminder_hours, starts_at=session.starts_at, now=now)
    return [hours for hours in due if hours not in done]


@transaction.atomic
def _remind(session_id: int, *, now: datetime) -> int:
    """Send the reminder of one session, unless another worker is at it or somebody is just changing the session."""
    session = (
        EchoSession.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        .select_related("cycle__program")
        .prefetch_related("speakers")
        .filter(pk=session_id, cycle__status=Cycle.Status.PUBLISHED, status__in=TO_COME)
        .first()
    )
    if session is None:
        return 0
    missing = _open_hours(session, session.reminders.all(), now=now)
    if not missing:
        return 0
    nearest = due_hours(session.cycle.reminder_hours, starts_at=session.starts_at, now=now)[0]
    count = 0
    # Where the nearest went out before, a farther one has been added to the cycle since: it comes too late.
    if nearest in missing:
        start = session.starts_at.astimezone(UTC).isoformat()
        count = tell_of_session(
            session, "session_reminder", mark=f"session-reminder:{session.pk}:{start}:{nearest}", now=now
        )
    SessionReminder.objects.bulk_create(
        SessionReminder(
            session=session,
            hours_before=hours,
            starts_at=session.starts_at,
            reminded_at=now,
            count=count if hours == nearest else 0,
        )
        for hours in missing
    )
    return count
