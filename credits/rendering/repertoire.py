"""The characters a skeleton's fonts carry, so that any name written with them needs no font of its own."""

from __future__ import annotations

from collections.abc import Iterable

FIGURES = "0123456789.,-+/:()h"
LIGATURES = ("ff", "fi", "fl", "ffi", "ffl")
_PUNCTUATION = "‐‑–—‘’“”„†•…‹›€™ʻʼ·"


def _span(first: int, last: int) -> str:
    return "".join(map(chr, range(first, last + 1)))


_USUAL = _span(0x21, 0x7E) + _span(0xA1, 0xAC) + _span(0xAE, 0x17F) + _PUNCTUATION
# Vietnamese and the rest of Latin, Greek with its accents of old, and Cyrillic.
_WIDE = (
    _USUAL
    + _span(0x180, 0x24F)
    + "əʔʕ"
    + _span(0x386, 0x3CE)
    + _span(0x400, 0x4FF)
    + _span(0x1E00, 0x1EFF)
    + _span(0x1F00, 0x1FFE)
)

REPERTOIRES = (_USUAL, _WIDE)
"""From the smallest up: a certificate takes the first that holds its words, so few carry a large font."""

_BLANKS = frozenset(" \u00a0\t\r\n")
_SETS = tuple(frozenset(characters) | _BLANKS for characters in REPERTOIRES)


def repertoire_for(texts: Iterable[str]) -> str | None:
    """The smallest repertoire with every character of these texts; None where there is none."""
    needed = frozenset().union(*texts)
    for characters, known in zip(REPERTOIRES, _SETS, strict=True):
        if needed <= known:
            return characters
    return None
