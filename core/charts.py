"""Bar charts as plain numbers, for templates/_components/bar_chart.html: the component draws, nothing is styled."""

from collections.abc import Iterable
from dataclasses import dataclass

ROW = 44
"""Pixels of a bar with its words above it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its words, its value, and where it stands."""

    label: str
    value: int
    text_y: int
    bar_y: int
    percent: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars below each other, the longest over the whole width."""

    bars: tuple[Bar, ...]
    height: int


def bar_chart(points: Iterable[tuple[str, int]], *, whole: int = 0) -> BarChart:
    """A chart of (words, value) pairs, values from 0; a bar's width is its share of `whole`, else of the greatest."""
    points = list(points)
    greatest = max([whole, *(value for _label, value in points)]) or 1
    bars = tuple(
        # The width as text: a number would get the comma of the reader's language.
        Bar(label, value, ROW * at + 16, ROW * at + 22, f"{100 * value / greatest:.2f}%")
        for at, (label, value) in enumerate(points)
    )
    return BarChart(bars, ROW * len(points))
