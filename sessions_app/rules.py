"""When a session can be joined, and where it stands in its season: pure, on plain values. Standard library only."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

JOIN_MINUTES = 15
"""The link and the check-in are there from so many minutes before the start, until the end."""
CANCELLED = "cancelled"


class Phase(StrEnum):
    """What a session is at a moment, for whoever looks at it."""

    CANCELLED = "cancelled"
    AHEAD = "ahead"
    OPEN = "open"
    OVER = "over"


class Place(StrEnum):
    """Where a session stands in its season."""

    CANCELLED = "cancelled"
    PAST = "past"
    NEXT = "next"
    TO_COME = "upcoming"


def phase(*, starts_at: datetime, ends_at: datetime, status: str, now: datetime) -> Phase:
    """Ahead, open from JOIN_MINUTES before the start to the end, or over; cancelled whatever the time."""
    if status == CANCELLED:
        return Phase.CANCELLED
    if now >= ends_at:
        return Phase.OVER
    return Phase.OPEN if now >= opens_at(starts_at) else Phase.AHEAD


def opens_at(starts_at: datetime) -> datetime:
    """The moment from which a session that starts at `starts_at` can be joined."""
    return starts_at - timedelta(minutes=JOIN_MINUTES)


def is_joinable(*, starts_at: datetime, ends_at: datetime, status: str, now: datetime) -> bool:
    """Whether the way into the session is open at `now`."""
    return phase(starts_at=starts_at, ends_at=ends_at, status=status, now=now) == Phase.OPEN


def places(sessions: Iterable[tuple[datetime, str]], *, now: datetime) -> list[Place]:
    """Where each session, given as (end, status) in the season's order, stands: the first that is not over is next."""
    found: list[Place] = []
    for ends_at, status in sessions:
        if status == CANCELLED:
            found.append(Place.CANCELLED)
        elif ends_at <= now:
            found.append(Place.PAST)
        else:
            found.append(Place.TO_COME if Place.NEXT in found else Place.NEXT)
    return found


def due_days(days: Iterable[int], *, starts_at: datetime, taken_at: datetime, now: datetime) -> int | None:
    """The reminder of a presenter that is due: the nearest to the start of those whose time has come; None without one.

    Days are counted on the clocks of `starts_at`, which go back or forward by an hour on the way. A time that was over
    when the slot was taken counts for nothing: the presenter has just been told.
    """
    come = [day for day in days if taken_at < starts_at - timedelta(days=day) <= now < starts_at]
    return min(come, default=None)
