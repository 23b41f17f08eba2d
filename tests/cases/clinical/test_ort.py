"""Rule 26: the Opioid Risk Tool."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.clinical.ort import ITEMS, Ort, Risk, ort_score, risk_of

SETS = st.sets(st.sampled_from(sorted(ITEMS)))

# Rule 26, female and male points.
POINTS = {
    "family_alcohol": (1, 3),
    "family_illegal": (2, 3),
    "family_prescription": (4, 4),
    "personal_alcohol": (3, 3),
    "personal_illegal": (4, 4),
    "personal_prescription": (5, 5),
    "age_16_45": (1, 1),
    "sexual_abuse": (3, 0),
    "psychiatric": (2, 2),
    "depression": (1, 1),
}


def test_ort_has_the_items_and_points_of_the_rule():
    assert {
        code: (ort_score([code], sex="female").low, ort_score([code], sex="male").low) for code in ITEMS
    } == POINTS


@pytest.mark.parametrize(
    ("score", "risk"),
    [(0, Risk.LOW), (3, Risk.LOW), (4, Risk.MODERATE), (7, Risk.MODERATE), (8, Risk.HIGH), (26, Risk.HIGH)],
)
def test_ort_risk_begins_at_4_and_at_8(score, risk):
    assert risk_of(score) == risk


@pytest.mark.parametrize("sex", ["intersex", "unknown", ""])
def test_ort_without_a_column_for_the_sex_is_a_range(sex):
    result = ort_score(["family_alcohol", "family_illegal", "depression"], sex=sex)

    assert result == Ort(low=4, high=7)
    assert result.is_range
    assert ort_score(["sexual_abuse"], sex=sex) == Ort(low=0, high=3)


def test_ort_range_of_equal_scores_is_one_number():
    assert not ort_score(["depression"], sex="intersex").is_range


def test_ort_range_may_stand_for_two_risks():
    assert ort_score(["personal_prescription", "sexual_abuse"], sex="unknown").risks == (
        Risk.MODERATE,
        Risk.HIGH,
    )


def test_ort_counts_an_item_once():
    assert ort_score(["depression", "depression"], sex="female") == Ort(1, 1)


def test_ort_refuses_an_item_it_does_not_know():
    with pytest.raises(KeyError):
        ort_score(["smoking"], sex="male")


@given(SETS, SETS, st.sampled_from(["female", "male", "unknown"]))
def test_ort_never_falls_when_an_item_is_added(items, more, sex):
    before, after = ort_score(items, sex=sex), ort_score(items | more, sex=sex)

    assert (after.low, after.high) >= (before.low, before.high)


@given(SETS)
def test_ort_range_ends_are_the_two_columns(items):
    both = {ort_score(items, sex=sex).low for sex in ("female", "male")}

    assert {ort_score(items, sex="unknown").low, ort_score(items, sex="unknown").high} == both
