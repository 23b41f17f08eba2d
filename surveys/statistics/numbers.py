"""Arrays of answers, ranks, and the tails of the usual distributions."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = Sequence[float | None] | NDArray[np.generic]
Rows: TypeAlias = Sequence[Sequence[float | None]] | NDArray[np.generic]

_LARGEST = 1e100  # a square, and a sum of squares, still fits a float
_SMALLEST_P = float(np.finfo(np.float64).tiny)


def column(values: Numbers) -> Array:
    """One value a person, None as NaN. ValueError if a value is infinite or absurd, or the shape is another."""
    return _checked(np.asarray(values, dtype=np.float64), dimensions=1)


def table(rows: Rows) -> Array:
    """People by items, None as NaN. ValueError as for a column, and if the rows differ in length."""
    array = np.asarray(rows, dtype=np.float64)
    if array.shape == (0,):
        array = array.reshape(0, 0)
    return _checked(array, dimensions=2)


def _checked(array: Array, *, dimensions: int) -> Array:
    if array.ndim != dimensions:
        raise ValueError(f"expected {dimensions} dimension(s), got {array.ndim}")
    if array.size and np.any(np.abs(array) > _LARGEST):  # NaN compares as not greater
        raise ValueError("an answer is infinite, or beyond ±1e100")
    return array


def noise(*arrays: Array) -> float:
    """How far apart two equal figures may lie because of binary fractions: 0.2 − 0.1 and 0.4 − 0.3 are the same.

    A ten-thousand-millionth of the largest figure given, at the least 1e-12. The arrays hold no NaN.
    """
    return max(1e-12, *(1e-10 * float(np.abs(array).max(initial=0)) for array in arrays))


def mean_and_sd(values: Array, tolerance: float) -> tuple[float | None, float | None]:
    """Mean (None of nothing) and standard deviation over n − 1 (None of fewer than two), rounding noise taken for 0."""
    if not values.size:
        return None, None
    mean = float(values.mean())
    if abs(mean) <= tolerance:
        mean = 0.0
    if values.size < 2:
        return mean, None
    sd = float(values.std(ddof=1))
    return mean, 0.0 if sd <= tolerance else sd


def midranks(values: Array, tolerance: float) -> tuple[Array, NDArray[np.int64]]:
    """The rank of each value from 1, equal ones sharing their middle rank; and how many share each rank."""
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.diff(values[order], prepend=-np.inf) > tolerance)
    sizes = np.diff(starts, append=values.size)
    ranks = np.empty_like(values)
    ranks[order] = np.repeat(starts + (sizes + 1) / 2, sizes)
    return ranks, sizes


def tie_term(sizes: NDArray[np.int64]) -> float:
    """Σ(t³ − t) over the ranks shared by t: 0 where there are no ties."""
    shared = sizes.astype(np.float64)
    return float((shared**3 - shared).sum())


def as_p(value: float) -> float:
    """A probability in (0, 1]: what is too small for a float is the smallest float rather than 0."""
    return min(1.0, max(value, _SMALLEST_P))


def student_two_sided(t: float, df: int) -> float:
    """P(|T| ≥ |t|)."""
    return as_p(2 * float(special.stdtr(df, -abs(t))))


def student_quantile(probability: float, df: int) -> float:
    """The t below which `probability` of Student's distribution lies."""
    return float(special.stdtrit(df, probability))


def normal_two_sided(z: float) -> float:
    """P(|Z| ≥ |z|)."""
    return as_p(2 * float(special.ndtr(-abs(z))))


def chi_square_above(x: float, df: int) -> float:
    """P(X ≥ x)."""
    return as_p(float(special.chdtrc(df, x)))


def f_quantile(probability: float, df1: int, df2: int) -> float:
    """The F below which `probability` of Fisher's distribution lies."""
    return float(special.fdtri(df1, df2, probability))


def one_in_orders(n: int) -> float:
    """2 / n!, the share of two orders among all orders of n; 0 where that is too small for a float."""
    return float(2 * np.exp(-special.gammaln(n + 1)))
