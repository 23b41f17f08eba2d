"""How a certificate writes figures, dates and names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from credits.rendering import wording


@pytest.mark.parametrize(
    ("value", "language", "words"),
    [
        ("60.00", "en", "60"),
        ("160", "en", "160"),
        ("1.50", "en", "1.5"),
        ("1.50", "fr", "1,5"),
        ("0.25", "fr", "0,25"),
        ("0", "en", "0"),
        ("100", "fr", "100"),
    ],
)
def test_figure_is_written_as_people_do(value: str, language: Any, words: str) -> None:
    assert wording.figure(Decimal(value), language) == words


@pytest.mark.parametrize(
    ("day", "language", "words"),
    [
        (date(2026, 3, 12), "en", "March 12, 2026"),
        (date(2026, 3, 12), "fr", "12 mars 2026"),
        (date(2026, 8, 1), "fr", "1er août 2026"),
        (date(2026, 8, 1), "en", "August 1, 2026"),
    ],
)
def test_date_is_written_as_people_do(day: date, language: Any, words: str) -> None:
    assert wording.long_date(day, language) == words


@pytest.mark.parametrize(
    ("hours", "words"), [("1", "1 hour"), ("1.5", "1.5 hours"), ("2", "2 hours"), ("0.25", "0.25 hour")]
)
def test_hours_agree_with_their_number(hours: str, words: str) -> None:
    assert wording.hours_in_words(Decimal(hours), "en") == words
