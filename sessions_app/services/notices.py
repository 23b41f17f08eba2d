"""The enrolled are told what has changed about a session: once, a little later, and only if it has."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from sessions_app.models import Cycle, EchoSession, SessionNotice
from sessions_app.services.letters import tell_of_session

logger = logging.getLogger(__name__)

TELL_AFTER = timedelta(minutes=2)
"""Changes that follow each other this quickly are one: a slip that is mended at once is told to nobody."""


def notify_change(*, before: EchoSession, now: datetime) -> None:
    """Promise to tell the enrolled of a change; `before` is the session as it was.

    Called inside the transaction of the change. Nothing is promised for a cycle that is not public, nor for a
    session that was over.
    """
    if before.cycle.status != Cycle.Status.PUBLISHED or before.ends_at <= now:
        return
    due_at = now + TELL_AFTER
    SessionNotice.objects.update_or_create(
        session_id=before.pk,
        told_at=None,
        defaults={"due_at": due_at},
        create_defaults={
            "due_at": due_at,
            "was_status": before.status,
            "was_starts_at": before.starts_at,
            "was_ends_at": before.ends_at,
            "was_meeting_url": before.meeting_url,
        },
    )


def tell_changes(*, now: datetime) -> int:
    """Keep every promise that is due, each in a transaction of its own; returns how many mails were queued."""
    due = SessionNotice.objects.filter(told_at=None, due_at__lte=now)
    told = 0
    for notice_id in list(due.values_list("pk", flat=True)):
        try:
            told += _tell(notice_id, now=now)
        except Exception:
            # One that cannot be told must not keep the others waiting; it is tried again in the next round.
            logger.exception("The notice %s could not be told.", notice_id)
    return told


@transaction.atomic
def _tell(notice_id: int, *, now: datetime) -> int:
    """Queue the mails of one notice, unless another worker is at it or has done it."""
    notice = (
        SessionNotice.objects.select_for_update(skip_locked=True)
        .filter(pk=notice_id, told_at=None, due_at__lte=now)
        .first()
    )
    if notice is None:
        return 0
    # Read after the lock: whoever changes the session from here on waits for it, and promises anew.
    session = (
        EchoSession.objects.select_related("cycle__program")
        .prefetch_related("speakers")
        .get(pk=notice.session_id)
    )
    notice.told_at = now
    if session.cycle.status == Cycle.Status.PUBLISHED and session.ends_at > now:
        notice.told_count = _tell_difference(notice, session, now=now)
    notice.save(update_fields=["told_at", "told_count"])
    return notice.told_count


def _tell_difference(notice: SessionNotice, session: EchoSession, *, now: datetime) -> int:
    was_cancelled = notice.was_status == EchoSession.Status.CANCELLED
    is_cancelled = session.status == EchoSession.Status.CANCELLED
    is_moved = (notice.was_starts_at, notice.was_ends_at) != (session.starts_at, session.ends_at)
    has_new_link = notice.was_meeting_url != session.meeting_url
    if is_cancelled:
        step = "" if was_cancelled else "session_cancelled"
    else:
        step = "session_changed" if was_cancelled or is_moved or has_new_link else ""
    if not step:
        return 0
    return tell_of_session(
        session,
        step,
        mark=f"session-notice:{notice.pk}",
        now=now,
        method="CANCEL" if is_cancelled else "REQUEST",
        was_starts_at=notice.was_starts_at,
        was_ends_at=notice.was_ends_at,
        is_reinstated=was_cancelled,
        is_moved=is_moved,
        has_new_link=has_new_link,
    )
