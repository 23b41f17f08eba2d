"""Laws of the screen: findings lie in the text, in order, apart; whatever the text."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.deidentification import screen, screen_case

PIECES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "Mrs. ",
                "Dr ",
                "Halina ",
                "O'Sullivan",
                "St. ",
                "Hospital ",
                "Clinique ",
                "lives in ",
                "L4 ",
                "\n",
                ", ",
            ]
        ),
        st.text(max_size=12),
    ),
    max_size=12,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(PIECES)
def test_findings_lie_in_the_text_in_order_and_apart(text):
    found = screen(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_fields_without_names_are_screened_alone():
    texts = {"one": "Takes duloxetine. Lives in Kapuskasing.", "two": "OHIP number 4532 111 222", "three": ""}
    assert screen_case(texts) == {key: screen(text) for key, text in texts.items()}


def test_case_without_texts_has_no_findings():
    assert screen_case({}) == {}


@pytest.mark.parametrize(
    "piece", ["a ", "Zoë-", "Q. ", "\u4e2d", "'s ", "of the Hospital ", "Dr. Xq Yz, ", "\u200b"]
)
def test_long_text_is_screened_whole_in_seconds(piece):
    text = (piece * 20_000)[:20_000] + " Mrs. Featherstone has pain."
    start = time.perf_counter()
    found = screen(text)
    assert time.perf_counter() - start < 30
    assert any(text[one.start : one.end].endswith("Featherstone") for one in found)
