"""The arithmetic of stays (product.md, rule 4)."""

from collections.abc import Iterable
from datetime import UTC, datetime

from sessions_app.reports.values import Connection, Interval


def merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The union of intervals: sorted, apart from each other, and the same whatever order they come in."""
    union: list[Interval] = []
    for interval in sorted(map(_in_utc, intervals), key=lambda each: each.joined_at):
        if union and interval.joined_at <= union[-1].left_at:
            last = union.pop()
            interval = Interval(last.joined_at, max(last.left_at, interval.left_at))  # noqa: PLW2901
        union.append(interval)
    return tuple(union)


def seconds_within(intervals: Iterable[Interval], *, starts_at: datetime, ends_at: datetime) -> int:
    """Seconds of the union of `intervals` that lie in the session (rule 4); a fraction of a second is dropped."""
    first, last = starts_at.astimezone(UTC), ends_at.astimezone(UTC)
    total = 0.0
    for interval in merged(intervals):
        stay = min(interval.left_at, last) - max(interval.joined_at, first)
        total += max(stay.total_seconds(), 0.0)
    return int(total)


def minutes_of(connections: Iterable[Connection], *, starts_at: datetime, ends_at: datetime) -> int:
    """Whole minutes in the session, rounded down, from 0 to the session's length.

    Lines with times count as the union of their intervals (rule 4), lines without as the sum of their minutes; where
    both stand side by side they describe the same time, and the larger counts.
    """
    connections = list(connections)
    session = max(int((ends_at.astimezone(UTC) - starts_at.astimezone(UTC)).total_seconds()) // 60, 0)
    intervals = [each.interval for each in connections if each.interval]
    timed = seconds_within(intervals, starts_at=starts_at, ends_at=ends_at) // 60
    untimed = sum(max(each.minutes, 0) for each in connections if each.minutes is not None)
    return min(max(timed, untimed), session)


def _in_utc(interval: Interval) -> Interval:
    # Two times of one zone are compared by the clock on the wall, which is wrong in the hour that the clocks go back.
    return Interval(interval.joined_at.astimezone(UTC), interval.left_at.astimezone(UTC))
