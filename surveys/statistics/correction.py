"""Several tests at once."""

from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Holm's step-down adjustment, each p in its place; None stays None and does not count as a test.

    ValueError if a p is not within 0 to 1.
    """
    known = [(p, place) for place, p in enumerate(p_values) if p is not None]
    if not all(0 <= p <= 1 for p, _ in known):
        raise ValueError("a p is not within 0 to 1")
    adjusted: list[float | None] = [None] * len(p_values)
    floor = 0.0
    for done, (p, place) in enumerate(sorted(known)):
        floor = max(floor, min(1.0, p * (len(known) - done)))
        adjusted[place] = floor
    return adjusted
