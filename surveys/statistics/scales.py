"""Items of one construct taken together."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from surveys.statistics.numbers import Array, Numbers, Rows, f_quantile, noise, table
from surveys.statistics.results import Alpha, Reason


def cronbach_alpha(rows: Rows) -> Alpha:
    """Raw α of people by items, over the complete rows alone (listwise deletion).

    Not computable with fewer than two items or two complete rows, or where all totals are the same.
    """
    answers = table(rows)
    people, items = answers.shape
    complete = answers[~np.isnan(answers).any(axis=1)] if items else answers[:0]
    n = len(complete)
    totals = complete.sum(axis=1)
    alpha = ci_low = ci_high = reason = None
    if items < 2:
        reason = Reason.FEW_ITEMS
    elif n < 2:
        reason = Reason.FEW
    elif (spread := float(totals.std(ddof=1))) <= noise(complete) * items:
        reason = Reason.NO_SPREAD
    else:
        apart = float(complete.var(axis=0, ddof=1).sum())
        alpha = items / (items - 1) * (1 - apart / spread**2)
        df1, df2 = n - 1, (n - 1) * (items - 1)
        ci_low = 1 - (1 - alpha) * f_quantile(0.975, df1, df2)
        ci_high = 1 - (1 - alpha) * f_quantile(0.025, df1, df2)
    return Alpha(n, people - n, items, alpha, ci_low, ci_high, reason)


def reverse(values: Numbers | Rows, low: float, high: float) -> Array:
    """Answers of a reverse-scored item on the scale from low to high, turned round; the missing stay NaN.

    ValueError if an answer is off the scale.
    """
    answers = np.asarray(values, dtype=np.float64)
    if np.any((answers < low) | (answers > high)):
        raise ValueError(f"an answer is outside {low} to {high}")
    return low + high - answers


def construct_scores(values: Rows) -> Array:
    """Each person's mean over the items, NaN for whoever left one out; reverse-scored items are turned before."""
    answers = table(values)
    scores = np.full(len(answers), np.nan)
    if answers.shape[1]:
        complete = ~np.isnan(answers).any(axis=1)
        scores[complete] = answers[complete].mean(axis=1)
    return scores


def distribution(
    values: Iterable[Hashable] | NDArray[np.generic], levels: Sequence[Hashable]
) -> tuple[int, ...]:
    """How often each level was answered, in the order of the levels; None and NaN are not counted.

    ValueError if an answer is none of the levels, so that the counts add up to those who answered.
    """
    # NaN alone is unequal to itself.
    counts = Counter(value for value in values if value is not None and value == value)  # noqa: PLR0124
    if not counts.keys() <= set(levels):
        raise ValueError("an answer is none of the levels")
    return tuple(counts[level] for level in levels)
