import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.deidentification.findings import Kind, Reason, Tier
from cases.deidentification.hints import hint
from tests.cases.deidentification.marked_texts import unmarked


@pytest.mark.parametrize(
    "marked",
    [
        "Mr. [[Subramaniam]] has pain.",
        "Mme [[Thériault]], vue hier.",
        "Seen by Dr [[Antoine Boisvert]] today.",
        "Dr. [[O'Sullivan]] and Mrs [[Anne Di Lorenzo]] agree.",
        "DR. [[ANTONIO BEVILACQUA]], spine",
        "Ms. [[Al-Tikriti]] called.",
    ],
)
def test_names_after_titles_are_hinted(marked):
    text, names = unmarked(marked)

    assert [(text[f.start : f.end], f.kind, f.tier, f.reason) for f in hint(text)] == [
        (name, Kind.NAME, Tier.STOP, Reason.TITLE) for name in names
    ]


@pytest.mark.parametrize(
    "text",
    ["MR of the spine, Ms contin 60", "M 45 ans", "St. John's wort daily", "Dr visits x 3", "Me and my pain"],
)
def test_titles_without_a_name_are_no_hint(text):
    assert hint(text) == []


def test_hints_hold_what_has_a_shape():
    assert [finding.kind for finding in hint("OHIP 1234567897, seen March 3 2021")] == [
        Kind.HEALTH_NUMBER,
        Kind.DATE,
    ]


@given(st.text(max_size=200))
def test_hint_never_raises_and_stays_in_the_text(text):
    assert all(0 <= finding.start < finding.end <= len(text) for finding in hint(text))
