"""Rule 26: the PEG is the mean of three items."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.clinical.peg import peg_mean

ITEM = st.integers(min_value=0, max_value=10)


@pytest.mark.parametrize(
    ("items", "mean"),
    [((0, 0, 0), "0.0"), ((10, 10, 10), "10.0"), ((7, 8, 8), "7.7"), ((5, 5, 6), "5.3"), ((1, 2, 3), "2.0")],
)
def test_peg_is_the_mean_to_one_decimal(items, mean):
    assert str(peg_mean(*items)) == mean


@pytest.mark.parametrize("items", [(None, 5, 5), (5, None, 5), (5, 5, None), (None, None, None)])
def test_peg_with_an_item_missing_is_none(items):
    assert peg_mean(*items) is None


@pytest.mark.parametrize("items", [(-1, 5, 5), (5, 11, 5), (5, 5, 100)])
def test_peg_refuses_what_is_not_on_the_scale(items):
    with pytest.raises(ValueError, match="0 to 10"):
        peg_mean(*items)


@given(ITEM, ITEM, ITEM)
def test_peg_lies_between_its_items_whatever_their_order(one, two, three):
    mean = peg_mean(one, two, three)

    assert mean is not None
    assert min(one, two, three) <= mean <= max(one, two, three)
    assert mean == peg_mean(three, one, two)
    assert abs(mean - Decimal(one + two + three) / 3) <= Decimal("0.05")
