"""The demonstration's cases are such as the portal itself would take: known fields, complete, nothing to stop them."""

from __future__ import annotations

import pytest

from cases.content import free_texts, missing, tidy
from cases.deidentification import Tier, screen_case
from cases.models import Heading
from echo_portal.demo import case_text

WHOLE = [
    case_text.BACK,
    case_text.MIGRAINE,
    case_text.NEUROPATHY,
    case_text.SHOULDER,
    case_text.FIBROMYALGIA,
]


@pytest.mark.parametrize("content", [*WHOLE, case_text.BEGUN])
def test_case_is_kept_as_it_is_written(content):
    assert tidy(content) == content


def test_only_the_draft_is_unfinished():
    assert [missing(content) for content in WHOLE] == [[]] * len(WHOLE)
    assert missing(case_text.BEGUN)


def test_every_heading_has_suggestions():
    assert list(case_text.SUGGESTIONS) == Heading.values
    assert set(case_text.ANSWERS) <= set(Heading.values)


def test_nothing_in_them_must_be_changed():
    texts = {
        f"{number}.{path}": text
        for number, content in enumerate(WHOLE)
        for path, text in free_texts(content).items()
    }
    texts |= {
        f"{heading}.{number}": text
        for source in (case_text.SUGGESTIONS, case_text.ANSWERS)
        for heading, each in source.items()
        for number, text in enumerate(each)
    }
    texts |= {"opening": case_text.OPENING, "follow-up": case_text.FOLLOW_UP}

    found = screen_case(texts)

    assert {key: rows for key, rows in found.items() if any(row.tier == Tier.STOP for row in rows)} == {}
