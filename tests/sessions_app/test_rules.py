from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.models import EchoSession
from sessions_app.models.cycle import PRESENTER_DAYS
from sessions_app.rules import CANCELLED, Phase, Place, due_days, is_joinable, phase, places
from tests.clock import toronto

START, END = toronto(2025, 9, 11, 12, 30), toronto(2025, 9, 11, 14)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (START - timedelta(days=30), Phase.AHEAD),
        (START - 15 * MINUTE - SECOND, Phase.AHEAD),
        (START - 15 * MINUTE, Phase.OPEN),
        (START, Phase.OPEN),
        (END - SECOND, Phase.OPEN),
        (END, Phase.OVER),
        (END + timedelta(days=30), Phase.OVER),
    ],
)
@pytest.mark.parametrize("status", EchoSession.Status.values)
def test_phase_opens_a_quarter_of_an_hour_before_the_start(status, now, expected):
    moment = {"starts_at": START, "ends_at": END, "status": status, "now": now}

    if status == "cancelled":
        expected = Phase.CANCELLED
    assert phase(**moment) == expected
    assert is_joinable(**moment) == (expected == Phase.OPEN)


def test_cancelled_is_the_models_word():
    assert EchoSession.Status.CANCELLED.value == CANCELLED


def week(number, status="confirmed"):
    return (END + timedelta(weeks=number), status)


@pytest.mark.parametrize(
    ("sessions", "expected"),
    [
        ([], []),
        ([week(-1), week(0), week(1)], ["past", "next", "upcoming"]),
        ([week(-1, "cancelled"), week(0, "cancelled"), week(1)], ["cancelled", "cancelled", "next"]),
        ([week(-2), week(-1)], ["past", "past"]),
        ([week(0, "cancelled")], ["cancelled"]),
    ],
)
def test_places_name_the_first_that_is_not_over_next(sessions, expected):
    assert places(sessions, now=START) == [Place(word) for word in expected]


@given(st.lists(st.tuples(st.integers(-9, 9), st.sampled_from(EchoSession.Status.values))))
def test_places_have_one_next_at_most(weeks):
    found = places([week(number, status) for number, status in sorted(weeks)], now=START)

    assert len(found) == len(weeks)
    assert found.count(Place.NEXT) <= 1
    assert (Place.TO_COME not in found) or Place.NEXT in found


def days(number):
    return timedelta(days=number)


@pytest.mark.parametrize(
    ("before", "taken_before", "expected"),
    [
        (days(15), days(60), None),
        (days(14) + SECOND, days(60), None),
        (days(14), days(60), 14),
        (days(8), days(60), 14),
        # Of two that are due only the nearer one.
        (days(7), days(60), 7),
        (SECOND, days(60), 7),
        (days(0), days(60), None),
        (-days(1), days(60), None),
        # Taken after the first was due, then after both.
        (days(9), days(10), None),
        (days(7), days(10), 7),
        (days(3), days(5), None),
    ],
)
def test_due_days_are_the_nearest_whose_time_has_come(before, taken_before, expected):
    moment = {"starts_at": START, "taken_at": START - taken_before, "now": START - before}

    assert due_days([14, 7], **moment) == expected
    assert due_days([7, 14], **moment) == expected


@given(st.sets(st.sampled_from(PRESENTER_DAYS)), st.integers(-5, 40), st.integers(-5, 40))
def test_due_days_are_among_those_of_the_cycle(of_cycle, before, taken):
    found = due_days(of_cycle, starts_at=START, taken_at=START - days(taken), now=START - days(before))

    assert found is None or (found in of_cycle and before <= found < taken)
