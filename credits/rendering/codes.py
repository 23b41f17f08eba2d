"""QR codes of verification addresses, which are alike but for their last part.

Reed-Solomon codes are linear: what one bit of the text changes in the symbol is the same whatever the other bits
are. So the symbol of an address is that of a blank address and, for each bit that differs, one exclusive or. segno
makes the blank symbol and those differences, each once in a process.
"""

from __future__ import annotations

import re
from functools import lru_cache

import segno

_ERROR_LEVEL = "m"
_MASKS = range(8)
# Light modules around the symbol, as many as the penalty for a false finder pattern looks at.
_MARGIN = 4
_LAST_PART = re.compile("[A-Za-z0-9_-]+(?=/?$)")
_FAMILIES_KEPT = 8


def symbol(text: str) -> list[str]:
    """The modules of a web address's QR code as rows of "1" (dark) and "0", at error level M or better.

    Of the eight masks the one with the least penalty is taken (ISO/IEC 18004:2015, 7.8.3), the first of several.
    """
    last = _LAST_PART.search(text)
    start, stop = last.span() if last is not None else (0, 0)
    family = _family(text[:start], stop - start, text[stop:])
    return family.rows(min(family.masked(text[start:stop]), key=family.penalty))


@lru_cache(maxsize=_FAMILIES_KEPT)
def _family(head: str, length: int, tail: str) -> _Family:
    return _Family(head, length, tail)


class _Family:
    """The symbols of all addresses with this head, this tail and this many characters between them.

    A symbol is one integer: a bit for each module, row after row, with light margins.
    """

    def __init__(self, head: str, length: int, tail: str) -> None:
        self._head, self._tail, self._blank = head, tail, "0" * length
        matrix = segno.make_qr(head + self._blank + tail, error=_ERROR_LEVEL, mask=0).matrix
        self._side = len(matrix)
        self._stride = self._side + _MARGIN
        self._base = self._packed(matrix)
        # What a mask changes in the symbol, its own number in the format information included.
        self._masks = [self._base ^ self._made(self._blank, mask) for mask in _MASKS]
        self._changes: dict[tuple[int, int], int] = {}
        dark = self._packed([[1] * self._side] * self._side)
        # Modules with a neighbour to the right, and with one below.
        self._beside = dark & (dark >> 1)
        self._below = dark & (dark >> self._stride)

    def masked(self, middle: str) -> list[int]:
        """The symbol of head, `middle` and tail under each mask."""
        found = self._base
        for position, (character, blank) in enumerate(zip(middle, self._blank, strict=True)):
            difference = ord(character) ^ ord(blank)
            while difference:
                bit = difference & -difference
                found ^= self._change(position, bit)
                difference ^= bit
        return [found ^ mask for mask in self._masks]

    def _change(self, position: int, bit: int) -> int:
        if (position, bit) not in self._changes:
            characters = list(self._blank)
            characters[position] = chr(ord(characters[position]) ^ bit)
            self._changes[position, bit] = self._base ^ self._made("".join(characters), 0)
        return self._changes[position, bit]

    def _made(self, middle: str, mask: int) -> int:
        return self._packed(
            segno.make_qr(self._head + middle + self._tail, error=_ERROR_LEVEL, mask=mask).matrix
        )

    def _packed(self, matrix: object) -> int:
        found = 0
        for y, row in enumerate(matrix):  # type: ignore[arg-type, var-annotated]  # segno ships no types
            for x, is_dark in enumerate(row):
                if is_dark:
                    found |= 1 << ((y + _MARGIN) * self._stride + x + _MARGIN)
        return found

    def rows(self, packed: int) -> list[str]:
        """The symbol's rows from the top, each from the left."""
        digits = f"{packed >> (_MARGIN * self._stride):b}"[::-1].ljust(self._stride * self._side, "0")
        return [
            digits[y * self._stride + _MARGIN : y * self._stride + _MARGIN + self._side]
            for y in range(self._side)
        ]

    def penalty(self, packed: int) -> int:
        """The four penalties of ISO/IEC 18004:2015, table 11, added up."""
        across = ~(packed ^ (packed >> 1)) & self._beside
        down = ~(packed ^ (packed >> self._stride)) & self._below
        blocks = across & down & (across >> self._stride)
        dark = packed.bit_count() * 100 / self._side**2
        return (
            _runs(across, 1)
            + _runs(down, self._stride)
            + 3 * blocks.bit_count()
            + 40 * (_false_finders(packed, 1) + _false_finders(packed, self._stride))
            + 10 * int(abs(dark - 50) / 5)
        )


def _runs(same: int, step: int) -> int:
    """Three for each run of five modules of one colour, and one for each module more."""
    fives = same & (same >> step) & (same >> 2 * step) & (same >> 3 * step)
    return fives.bit_count() + 2 * (fives & ~(fives << step)).bit_count()


def _false_finders(packed: int, step: int) -> int:
    """How often 1011101 stands with four light modules before or after it."""
    light = ~packed
    found = packed & (packed >> 2 * step) & (packed >> 3 * step) & (packed >> 4 * step) & (packed >> 6 * step)
    found &= (light >> step) & (light >> 5 * step)
    before = (light << step) & (light << 2 * step) & (light << 3 * step) & (light << 4 * step)
    after = (light >> 7 * step) & (light >> 8 * step) & (light >> 9 * step) & (light >> 10 * step)
    return (found & (before | after)).bit_count()
