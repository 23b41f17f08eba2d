"""Whether what the models found lies over a stretch of text."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from cases.deidentification.models import Entity


class Covers:
    """Whether any of some entities lies over a stretch of text."""

    def __init__(self, entities: Sequence[Entity]) -> None:
        self._starts = [entity.start for entity in entities]
        self._ends = [entity.end for entity in entities]

    def over(self, start: int, end: int) -> bool:
        """Whether one of them covers some of `start` to `end`."""
        low, high = max(0, bisect_left(self._starts, start - 60)), bisect_right(self._starts, end - 1)
        return any(self._ends[index] > start for index in range(low, high))
