"""A page's operators with holes in them, to be filled for each certificate.

An operator is one item of the list WeasyPrint wrote; a hole takes the place of some of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .places import Place, UnexpectedPageError

_FONT = re.compile(rb"/(\S+) \S+ Tf")
_MCID = re.compile(rb"<</MCID (\d+)>>")
_FROM = re.compile(rb"\S+ (\S+) m")


@dataclass(frozen=True, slots=True)
class Rule:
    """One stroke of a table's border: its operators from `start` to `stop`, and its height on the page."""

    start: int
    stop: int
    height: float
    template: bytes


class Sheet:
    """One page. Dig the holes, then `seal` it; `fill` gives the operators with the holes filled."""

    def __init__(self, items: Sequence[Any]) -> None:
        self.items = [_bytes(item) for item in items]
        self._holes: dict[int, tuple[int, str]] = {}
        self._parts: list[bytes | str] = []

    def text_at(self, place: Place) -> int:
        """The index of the matrix of this line of text, which its font and its glyphs follow.

        Raises UnexpectedPageError where it is set otherwise, in two fonts for instance.
        """
        if self.items.count(place.matrix) != 1:
            raise UnexpectedPageError("no single line of text at its place")
        index = self.items.index(place.matrix)
        if not _FONT.fullmatch(self.items[index + 1]) or self.items[index + 3] != b"ET":
            raise UnexpectedPageError("a line of text in more than one font")
        return index

    def font_at(self, place: Place) -> bytes:
        """The name of the font of this line of text."""
        found = _FONT.fullmatch(self.items[self.text_at(place) + 1])
        assert found is not None
        return found[1]

    def glyphs_at(self, place: Place) -> bytes:
        """The font and the glyphs of this line of text, as operators."""
        index = self.text_at(place)
        return b"\n".join(self.items[index + 1 : index + 3])

    def dig(self, start: int, stop: int, name: str) -> None:
        """Leave a hole instead of the operators from `start` up to `stop`."""
        self._holes[start] = (stop, name)

    def dig_text(self, place: Place, name: str) -> None:
        """Leave a hole for the matrix, the font and the glyphs of this line of text."""
        index = self.text_at(place)
        self.dig(index, index + 3, name)

    def marked(self, place: Place) -> tuple[int, int]:
        """The operators of the marked content this line of text stands in, from its tag to its end."""
        index = self.text_at(place)
        start = index
        while self.items[start] != b"BDC":
            start -= 1
        return start - 2, index + 5

    def opening(self, place: Place) -> bytes:
        """What is set between the tag and the text, a colour for instance."""
        start, _stop = self.marked(place)
        return b"".join(item + b"\n" for item in self.items[start + 3 : self.text_at(place) - 1])

    def mcid(self, place: Place) -> int:
        """The number of the marked content this line of text stands in."""
        found = _MCID.fullmatch(self.items[self.marked(place)[0] + 1])
        if found is None:
            raise UnexpectedPageError("a line of text without a number")
        return int(found[1])

    @property
    def mcids(self) -> int:
        """How many marked contents the page has."""
        return sum(1 for item in self.items if _MCID.fullmatch(item))

    def rules(self) -> list[Rule]:
        """The strokes of the page's table, in the order they are drawn."""
        found = []
        start = 0
        for index, item in enumerate(self.items):
            if item == b"/Artifact":
                start = index
            begin = _FROM.fullmatch(item)
            if begin is not None and self.items[index + 1].endswith(b" l") and self.items[index + 2] == b"S":
                stop = self.items.index(b"EMC", index) + 1
                template = b"\n".join(self.items[start:stop]).replace(b" " + begin[1] + b" ", b" @ ")
                found.append(Rule(start, stop, float(begin[1]), template))
        return found

    def seal(self) -> None:
        """Join what lies between the holes."""
        index = 0
        pending: list[bytes] = []
        while index < len(self.items):
            if index in self._holes:
                self._parts += (
                    [b"\n".join(pending), self._holes[index][1]] if pending else [self._holes[index][1]]
                )
                index, pending = self._holes[index][0], []
            else:
                pending.append(self.items[index])
                index += 1
        self._parts.append(b"\n".join(pending))
        self.items = []

    def fill(self, contents: Mapping[str, bytes]) -> bytes:
        """The page's operators, each hole filled by its name."""
        return b"\n".join(contents[part] if isinstance(part, str) else part for part in self._parts)


def _bytes(item: Any) -> bytes:
    if isinstance(item, bytes):
        return item
    return item.encode() if isinstance(item, str) else bytes(item.data)
