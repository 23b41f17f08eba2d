from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.reports import Connection, Interval, merged, minutes_of, seconds_within
from sessions_app.reports.times import TORONTO

STARTS_AT = datetime(2026, 4, 8, 12, 30, tzinfo=TORONTO)
ENDS_AT = datetime(2026, 4, 8, 14, 0, tzinfo=TORONTO)
SESSION = {"starts_at": STARTS_AT, "ends_at": ENDS_AT}


def stay(joined: str, left: str) -> Interval:
    first, last = (
        datetime.fromisoformat(f"2026-04-08T{each}").replace(tzinfo=TORONTO) for each in (joined, left)
    )
    return Interval(first, last)


@pytest.mark.parametrize(
    ("stays", "seconds"),
    [
        ([], 0),
        # Rule 4's own example: 70 minutes.
        ([("12:25", "13:00"), ("12:50", "13:20"), ("13:40", "14:10")], 4200),
        ([("12:30", "14:00")], 5400),
        ([("12:00", "15:00")], 5400),
        ([("12:00", "12:30")], 0),
        ([("14:00", "14:10")], 0),
        ([("13:10", "13:10")], 0),
        ([("13:00", "13:10"), ("13:10", "13:20")], 1200),
        ([("13:00", "13:20"), ("13:05", "13:10")], 1200),
        ([("12:59:59", "13:00:01")], 2),
        ([("13:00:00.600", "13:00:01.500")], 0),
    ],
)
def test_seconds_are_the_union_within_the_session(stays, seconds):
    assert seconds_within([stay(*each) for each in stays], **SESSION) == seconds


def test_the_hour_that_comes_twice_counts_twice():
    # On 1 November 2026 the clocks go from 2:00 back to 1:00.
    first = datetime(2026, 11, 1, 0, 30, tzinfo=TORONTO)
    last = datetime(2026, 11, 1, 2, 30, tzinfo=TORONTO)

    assert seconds_within([Interval(first, last)], starts_at=first, ends_at=last) == 3 * 3600


@pytest.mark.parametrize(
    ("stays", "minutes", "expected"),
    [
        ([], [], 0),
        ([("12:30", "13:00:59")], [], 30),
        ([], [40, 45], 85),
        ([], [118], 90),
        ([], [-5, 3], 3),
        ([("12:30", "13:00")], [20], 30),
        ([("12:30", "13:00")], [20, 30], 50),
    ],
)
def test_minutes_are_whole_and_never_beyond_the_session(stays, minutes, expected):
    connections = [Connection(1, "Ann", "", "", stay(*each), None) for each in stays]
    connections += [Connection(1, "Ann", "", "", None, each) for each in minutes]

    assert minutes_of(iter(connections), **SESSION) == expected


MOMENTS = st.integers(-4 * 3600, 4 * 3600).map(lambda seconds: STARTS_AT + timedelta(seconds=seconds))
INTERVALS = st.lists(
    st.tuples(MOMENTS, MOMENTS).map(lambda pair: Interval(min(pair), max(pair))), max_size=12
)


@given(intervals=INTERVALS, data=st.data())
def test_merging_does_not_depend_on_the_order(intervals, data):
    assert merged(data.draw(st.permutations(intervals))) == merged(intervals)


@given(intervals=INTERVALS)
def test_merging_twice_or_giving_everything_twice_changes_nothing(intervals):
    once = merged(intervals)

    assert merged(once) == once
    assert merged([*intervals, *intervals]) == once
    assert seconds_within(once, **SESSION) == seconds_within(intervals, **SESSION)


@given(intervals=INTERVALS)
def test_merged_stays_are_apart_and_cover_the_same_moments(intervals):
    once = merged(intervals)

    assert all(one.left_at < other.joined_at for one, other in pairwise(once))
    assert all(
        any(one.joined_at <= each.joined_at and each.left_at <= one.left_at for one in once)
        for each in intervals
    )


@given(intervals=INTERVALS, more=INTERVALS)
def test_time_is_never_negative_never_beyond_the_session_and_grows_with_every_stay(intervals, more):
    seconds = seconds_within(intervals, **SESSION)

    assert 0 <= seconds <= 5400
    assert (
        seconds <= seconds_within([*intervals, *more], **SESSION) <= seconds + seconds_within(more, **SESSION)
    )


@given(intervals=INTERVALS, minutes=st.lists(st.integers(-100, 10_000), max_size=4))
def test_minutes_are_between_nothing_and_the_session(intervals, minutes):
    connections = [Connection(1, "", "a@x.example", "", each, None) for each in intervals]
    connections += [Connection(1, "", "a@x.example", "", None, each) for each in minutes]

    assert 0 <= minutes_of(connections, **SESSION) <= 90
