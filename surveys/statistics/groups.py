"""Change against attendance, and change by category."""

from collections.abc import Mapping
from functools import cache
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from surveys.statistics.numbers import (
    Array,
    Numbers,
    as_p,
    chi_square_above,
    column,
    midranks,
    noise,
    one_in_orders,
    student_two_sided,
    tie_term,
)
from surveys.statistics.results import Comparison, Correlation, Method, Reason

LARGEST_EXACT = 8  # people; all 40,320 orders are tried


def spearman(x: Numbers, y: Numbers) -> Correlation:
    """Rank correlation of two figures of the same people, such as sessions attended and change.

    Up to `LARGEST_EXACT` people p is exact, ties or not: the share of all orders at least as far from 0. Beyond, it is
    Student's t on n − 2 degrees of freedom, and no smaller than 2 / n!, which an exact p cannot fall below.
    Not computable with fewer than three people, or where all have the same of one.
    ValueError if the two differ in length.
    """
    first, second = column(x), column(y)
    if first.shape != second.shape:
        raise ValueError(f"x has {first.size} people, y has {second.size}")
    both = ~(np.isnan(first) | np.isnan(second))
    first, second = first[both], second[both]
    n = int(first.size)
    if n < 3:
        return Correlation(n, None, None, None, Reason.FEW)
    one, other = _centred_ranks(first), _centred_ranks(second)
    spread = float(np.sqrt((one @ one) * (other @ other)))
    if spread == 0:
        return Correlation(n, None, None, None, Reason.NO_SPREAD)
    rho = min(1.0, max(-1.0, float(one @ other) / spread))
    if n <= LARGEST_EXACT:
        return Correlation(n, rho, _exact_p(one, other), Method.EXACT, None)
    unexplained = 1 - rho**2
    p = student_two_sided(rho * ((n - 2) / unexplained) ** 0.5, n - 2) if unexplained > 0 else 0.0
    return Correlation(n, rho, as_p(max(p, one_in_orders(n))), Method.STUDENT, None)


def compare_groups(groups: Mapping[str, Numbers]) -> Comparison:
    """Whether some group's figures (changes, say) lie higher than another's: Kruskal and Wallis, corrected for ties.

    p is from χ² on one degree of freedom fewer than there are groups with people, an approximation that is rough where
    groups count fewer than five. Not computable with fewer than two such groups, or where everyone has the same figure.
    """
    figures = {name: column(values) for name, values in groups.items()}
    figures = {name: values[~np.isnan(values)] for name, values in figures.items()}
    n = {name: int(values.size) for name, values in figures.items()}
    taking_part = [values for values in figures.values() if values.size]
    if len(taking_part) < 2:
        return Comparison(n, None, None, None, Reason.FEW_GROUPS)
    everyone = np.concatenate(taking_part)
    people = int(everyone.size)
    ranks, sizes = midranks(everyone, noise(everyone))
    if sizes.size == 1:
        return Comparison(n, None, None, None, Reason.NO_SPREAD)
    by_group = np.split(ranks, np.cumsum([values.size for values in taking_part])[:-1])
    middle = (people + 1) / 2
    between = sum(own.size * (float(own.mean()) - middle) ** 2 for own in by_group)
    h = 12 / (people * (people + 1)) * between / (1 - tie_term(sizes) / (people**3 - people))
    df = len(taking_part) - 1
    return Comparison(n, h, df, chi_square_above(h, df), None)


def _centred_ranks(values: Array) -> Array:
    ranks, _ = midranks(values, noise(values))
    return ranks - (values.size + 1) / 2


def _exact_p(one: Array, other: Array) -> float:
    found = abs(float(one @ other))
    possible = np.abs(other[_orders(one.size)] @ one)
    return as_p(float((possible >= found - 1e-9).mean()))  # ranks are halves: 1e-9 is rounding


@cache
def _orders(n: int) -> NDArray[np.int8]:
    return np.array(list(permutations(range(n))), dtype=np.int8)
