from __future__ import annotations

from itertools import product

import pytest

from cases.states import CaseStatus, may_move

# Rule 22: draft → submitted → in review → approved | returned → scheduled → presented → recommendations sent.
MOVES = {
    ("draft", "submitted"),
    ("submitted", "in_review"),
    ("in_review", "approved"),
    ("in_review", "returned"),
    ("returned", "submitted"),
    ("approved", "scheduled"),
    ("scheduled", "presented"),
    ("presented", "recommendations_sent"),
}


@pytest.mark.parametrize(("old", "new"), list(product(CaseStatus, repeat=2)))
def test_case_makes_exactly_the_moves_listed(old, new):
    assert may_move(old, new) is ((old.value, new.value) in MOVES)


def test_case_states_are_those_of_the_rule():
    assert {status.value for status in CaseStatus} == {state for move in MOVES for state in move}
