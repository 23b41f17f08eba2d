"""The table of sessions, set row by row: each cell's lines are shaped once and put where the row falls.

Imports WeasyPrint through its neighbours, so this module is itself imported only where something is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, count, groupby, pairwise

from core.pdf.assembly import number
from core.pdf.runs import Line, Typesetter

from .places import Place, UnexpectedPageError, matrix, pick
from .sheets import Sheet
from .wording import SessionRow

# A row this close to the foot of the page, in CSS pixels: a rounding could send it to the next.
_ROUNDING = 0.05
_COLUMNS = 4
_SKELETON_ROWS = 3
_CELLS_KEPT = 4096
_TOTALS_KEPT = 256
_SPACES = re.compile("[ \t\r\n]+")


class UnfitTableError(Exception):
    """A table that goes on to another page, or whose words run from right to left."""


@dataclass(frozen=True, slots=True)
class SetTable:
    """A table ready for its page. `lines` are how many lines each cell of each row has."""

    contents: dict[str, bytes]
    lines: tuple[tuple[int, ...], ...]


class Table:
    """What a skeleton of three rows says about a table of any number of them.

    The first row and the last have thicker rules beside them, so that the three differ by a fraction of a pixel.
    """

    def __init__(self, sheet: Sheet, found: list[Place], typesetter: Typesetter, *, foot: float) -> None:
        """Dig the holes of the rows, the rules and the totals into `sheet`; `foot` is where the page ends."""
        cells = pick(
            found,
            lambda place: "td" in place.marks and "totals" not in place.marks,
            _SKELETON_ROWS * _COLUMNS,
        )
        self._rows = [cells[start : start + _COLUMNS] for start in range(0, len(cells), _COLUMNS)]
        self._fonts = [sheet.font_at(place) for place in self._rows[0]]
        self._opening = sheet.opening(cells[0])
        self._first_mcid, self._mcids = sheet.mcid(cells[0]), sheet.mcids
        self._read_rules(sheet)
        self._totals = [place for place in found if "totals" in place.marks]
        self._total_glyphs = [sheet.glyphs_at(place) for place in self._totals]
        self._room = foot - max(
            place.block.position_y + place.block.border_height() for place in self._totals
        )
        (total,) = pick(self._totals, lambda place: {"total", "hours"} <= place.marks, 1)
        self._total, self._total_font = self._totals.index(total), sheet.font_at(total)
        sheet.dig(sheet.marked(cells[0])[0], sheet.marked(cells[-1])[1], "rows")
        for index, place in enumerate(self._totals):
            sheet.dig_text(place, f"total {index}")
        self._typesetter = typesetter
        self._cell = lru_cache(maxsize=_CELLS_KEPT)(self._shape_cell)
        self._total_line = lru_cache(maxsize=_TOTALS_KEPT)(self._shape_total)

    def _read_rules(self, sheet: Sheet) -> None:
        by_height = {
            height: list(rules) for height, rules in groupby(sheet.rules(), key=lambda rule: rule.height)
        }
        heights = sorted(by_height)
        if len(heights) != _SKELETON_ROWS + 1:
            raise UnexpectedPageError(f"{len(heights)} rules where there should be {_SKELETON_ROWS + 1}")
        self._top = heights[0]
        self._heights = [below - above for above, below in pairwise(heights)]
        # How far below the top of its row the first line of each column stands.
        self._baselines = [
            [place.baseline - top for place in row] for row, top in zip(self._rows, heights, strict=False)
        ]
        first, second, total = (by_height[height] for height in heights[1:])
        self._rule = b"\n".join(rule.template for rule in first)
        self._total_rule = b"\n".join(rule.template for rule in total)
        sheet.dig(first[0].start, second[-1].stop, "rules")
        sheet.dig(total[0].start, total[-1].stop, "total rule")

    def set(self, rows: Sequence[SessionRow], total: str) -> SetTable:
        """The rows in their places, and the totals below them.

        Raises UnfitTableError where they go on to another page, and UnfitTextError as a Typesetter does.
        """
        if not rows or any(row.direction != "ltr" for row in rows):
            raise UnfitTableError
        top = self._top
        text: list[bytes] = []
        rules: list[bytes] = []
        lines: list[tuple[int, ...]] = []
        numbers = self.free_mcids()
        for index, row in enumerate(rows):
            words = (row.held_on, row.title, row.session_id, row.hours)
            cells = [self._cell(column, each) for column, each in enumerate(words)]
            height, baselines = self._row(index, len(rows))
            for place, cell, below in zip(self._rows[0], cells, baselines, strict=True):
                for above, (start, rest) in enumerate(cell):
                    text.append(
                        b"/Span\n<</MCID %d>>\nBDC\n%sBT\n%s%s%s\nET\nEMC"
                        % (
                            next(numbers),
                            b"" if text else self._opening,
                            start,
                            number(top + below + above * place.line_height),
                            rest,
                        )
                    )
            lines.append(tuple(map(len, cells)))
            top += height + (max(lines[-1]) - 1) * self._rows[0][0].line_height
            if index < len(rows) - 1:
                rules.append(self._rule.replace(b"@", number(top)))
        shift = top - self._top - sum(self._heights)
        if shift > self._room - _ROUNDING:
            raise UnfitTableError
        contents = {
            "rows": b"\n".join(text),
            # Between two operators an empty line does no harm: a table of one row has no rule between rows.
            "rules": b"\n".join(rules),
            "total rule": self._total_rule.replace(b"@", number(top)),
        }
        for index, (place, glyphs) in enumerate(zip(self._totals, self._total_glyphs, strict=True)):
            contents[f"total {index}"] = matrix(place.x, place.baseline + shift) + b"\n" + glyphs
        place = self._totals[self._total]
        line = self._total_line(total)
        contents[f"total {self._total}"] = (
            matrix(place.start(line.width), place.baseline + shift) + b"\n" + line.operators
        )
        return SetTable(contents, tuple(lines))

    def free_mcids(self) -> Iterator[int]:
        """Numbers of marked content for the rows: those of the skeleton's rows, then unused ones."""
        return chain(
            range(self._first_mcid, self._first_mcid + _SKELETON_ROWS * _COLUMNS), count(self._mcids)
        )

    def _row(self, index: int, rows: int) -> tuple[float, list[float]]:
        """The height of a row whose cells have one line each, and its baselines below its top."""
        first, middle, last = self._heights
        if rows == 1:
            return first + last - middle, self._baselines[0]
        shape = 0 if index == 0 else 2 if index == rows - 1 else 1
        return self._heights[shape], self._baselines[shape]

    def _shape_cell(self, column: int, words: str) -> list[tuple[bytes, bytes]]:
        """The operators of each line of a cell before and after its height on the page."""
        place = self._rows[0][column]
        lines = self._typesetter.lines(
            _SPACES.sub(" ", words).strip(" "), place.style, font=self._fonts[column], within=place.within
        )
        return [
            (b"1 0 0 -1 %s " % number(place.start(line.width)), b" Tm\n" + line.operators) for line in lines
        ]

    def _shape_total(self, total: str) -> Line:
        return self._typesetter.line(total, self._totals[self._total].style, font=self._total_font)
