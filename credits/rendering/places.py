"""Where on a laid-out certificate its changing words stand: found by the classes the template gives them.

Reads WeasyPrint's boxes, so this module is itself imported only where something is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from weasyprint.formatting_structure.boxes import LineBox, MarginBox, TextBox

from core.pdf.assembly import number


class UnexpectedPageError(Exception):
    """A page this release cannot take apart: its certificates are drawn one by one."""


@dataclass(frozen=True, slots=True)
class Place:
    """One line of text on a page, in CSS pixels from the top left corner.

    `marks` are the classes and tags of all it stands in; `line` is its line in its block; `block` its block.
    """

    text: str
    style: Any
    x: float
    right: float
    baseline: float
    marks: frozenset[str]
    line: int
    line_height: float
    block: Any

    @property
    def matrix(self) -> bytes:
        """The operator that leads here, as WeasyPrint writes it."""
        return matrix(self.x, self.baseline)

    @property
    def within(self) -> float:
        """The width of the block."""
        return float(self.block.width)

    def start(self, width: float) -> float:
        """Where a line of this width begins."""
        is_at_right = self.block.style["text_align_all"] in ("right", "end")
        return self.right - width if is_at_right else self.x


def matrix(x: float, baseline: float) -> bytes:
    """The text matrix of a line that begins at `x`."""
    return b"1 0 0 -1 %s %s Tm" % (number(x), number(baseline))


def places(page: Any) -> list[Place]:
    """The lines of text of a laid-out page; blank ones draw nothing and are left out."""
    root = page._page_box  # noqa: SLF001  # a page's boxes have no public name
    return [place for place in _walk(root, frozenset(), root, None, 0) if place.text.strip()]


def pick(found: list[Place], wanted: Callable[[Place], bool], count: int) -> list[Place]:
    """The `count` places that are wanted, in order. Raises UnexpectedPageError for any other number of them."""
    chosen = [place for place in found if wanted(place)]
    if len(chosen) != count:
        raise UnexpectedPageError(f"{len(chosen)} places where there should be {count}")
    return chosen


def _walk(box: Any, marks: frozenset[str], block: Any, line: Any, index: int) -> Iterator[Place]:
    if isinstance(box, MarginBox):
        marks = frozenset({box.at_keyword})
    elif box.element is not None:
        marks |= {box.element_tag, *(box.element.get("class") or "").split()}
    if isinstance(box, TextBox):
        yield Place(
            text=box.text,
            style=box.style,
            x=box.position_x,
            right=box.position_x + box.width,
            baseline=box.position_y + box.baseline,
            marks=marks,
            line=index,
            line_height=line.height,
            block=block,
        )
        return
    lines = 0
    for child in getattr(box, "children", ()):
        if isinstance(child, LineBox):
            for part in child.children:
                yield from _walk(part, marks, box, child, lines)
            lines += 1
        elif line is None:
            yield from _walk(child, marks, box, None, 0)
        else:
            yield from _walk(child, marks, block, line, index)
