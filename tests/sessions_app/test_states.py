from __future__ import annotations

from itertools import product

import pytest

from sessions_app.states import (
    CYCLE_MOVES,
    ENROLMENT_MOVES,
    SESSION_MOVES,
    CycleStatus,
    EnrolmentStatus,
    SessionStatus,
    may_move,
)

ENROLMENT = {
    ("applied", "approved"),
    ("applied", "waitlisted"),
    ("applied", "declined"),
    ("applied", "withdrawn"),
    ("waitlisted", "approved"),
    ("waitlisted", "declined"),
    ("waitlisted", "withdrawn"),
    ("approved", "withdrawn"),
    ("withdrawn", "applied"),
}
CYCLE = {("planned", "published"), ("published", "planned"), ("published", "closed")}
SESSION = {
    ("planned", "confirmed"),
    ("planned", "cancelled"),
    ("planned", "held"),
    ("confirmed", "cancelled"),
    ("confirmed", "held"),
    ("cancelled", "planned"),
}


@pytest.mark.parametrize(("old", "new"), list(product(EnrolmentStatus, repeat=2)))
def test_enrolment_makes_exactly_the_moves_listed(old, new):
    assert may_move(ENROLMENT_MOVES, old, new) is ((old.value, new.value) in ENROLMENT)


@pytest.mark.parametrize(("old", "new"), list(product(CycleStatus, repeat=2)))
def test_cycle_makes_exactly_the_moves_listed(old, new):
    assert may_move(CYCLE_MOVES, old, new) is ((old.value, new.value) in CYCLE)


@pytest.mark.parametrize(("old", "new"), list(product(SessionStatus, repeat=2)))
def test_session_makes_exactly_the_moves_listed(old, new):
    assert may_move(SESSION_MOVES, old, new) is ((old.value, new.value) in SESSION)


def test_every_state_is_covered_by_the_tables():
    assert {state for move in ENROLMENT for state in move} == {status.value for status in EnrolmentStatus}
    assert {state for move in CYCLE for state in move} == {status.value for status in CycleStatus}
    assert {state for move in SESSION for state in move} == {status.value for status in SessionStatus}
