"""How text is made ready for print."""

from __future__ import annotations

import pytest

from core.pdf import text


@pytest.mark.parametrize(
    ("words", "direction"),
    [
        ("Anne Roy", "ltr"),
        ("د. فاطمة", "rtl"),
        ("(1) יעל", "rtl"),
        ("Dr. فاطمة", "ltr"),
        ("", "ltr"),
        ("1 2", "ltr"),
    ],
)
def test_direction_follows_the_first_strong_letter(words: str, direction: str) -> None:
    assert text.direction(words) == direction


def test_clean_composes_accents_and_drops_controls_that_reorder() -> None:
    assert text.clean(" Zoe\u0308 \u202eevil\u202c\x07 ") == "Zoë evil"
    assert text.clean("line\nline") == "line\nline"
    assert text.clean("क्\u200dष") == "क्\u200dष"
