"""Before and after, person by person."""

from functools import cache

import numpy as np

from surveys.statistics.numbers import (
    Array,
    Numbers,
    Rows,
    as_p,
    column,
    mean_and_sd,
    midranks,
    noise,
    normal_two_sided,
    student_quantile,
    student_two_sided,
    table,
    tie_term,
)
from surveys.statistics.results import Method, Paired, Reason, Wilcoxon

LARGEST_EXACT = 50  # pairs; beyond, the normal approximation is as good


def paired(pre: Numbers, post: Numbers) -> Paired:
    """One item of the same people in the same order, a missing answer None or NaN.

    Fewer than two pairs, or differences without spread, leave t, df, p, the interval and dz None, with the reason; the
    means stand wherever there is someone. Wilcoxon: zeros dropped, middle ranks; the exact distribution where at most
    `LARGEST_EXACT` differences are left and no two are equally large, otherwise the normal approximation, corrected for
    ties and for continuity (what R's wilcox.test does, but that it gives up exactness for zeros too). It is computable
    where everyone moved by the same, too.
    ValueError if the two differ in length.
    """
    return _paired(column(pre), column(post))


def paired_items(pre: Rows, post: Rows) -> list[Paired]:
    """`paired` of each item; both are people by items. ValueError if their shapes differ.

    Each item is computed over all people at once: a few milliseconds for ten thousand.
    """
    before, after = table(pre), table(post)
    if before.shape != after.shape:
        raise ValueError(f"pre is {before.shape}, post is {after.shape}")
    return [_paired(one, other) for one, other in zip(before.T, after.T, strict=True)]


def _paired(before: Array, after: Array) -> Paired:
    if before.shape != after.shape:
        raise ValueError(f"pre has {before.size} people, post has {after.size}")
    answered_before, answered_after = ~np.isnan(before), ~np.isnan(after)
    both = answered_before & answered_after
    all_before, all_after = before[answered_before], after[answered_after]
    mean_pre, sd_pre = mean_and_sd(all_before, noise(all_before))
    mean_post, sd_post = mean_and_sd(all_after, noise(all_after))
    before, after = before[both], after[both]
    tolerance = noise(before, after)
    differences = after - before
    n = int(differences.size)
    mean, sd = mean_and_sd(differences, tolerance)
    t = df = p = ci_low = ci_high = dz = None
    reason = None
    if mean is None or sd is None:
        reason = Reason.FEW
    elif sd == 0:
        reason = Reason.NO_SPREAD
    else:
        error = sd / n**0.5
        df = n - 1
        t = mean / error
        p = student_two_sided(t, df)
        reach = student_quantile(0.975, df) * error
        ci_low, ci_high = mean - reach, mean + reach
        dz = mean / sd
    return Paired(
        n_pre=int(all_before.size),
        n_post=int(all_after.size),
        n_paired=n,
        mean_pre=mean_pre,
        sd_pre=sd_pre,
        mean_post=mean_post,
        sd_post=sd_post,
        mean_pre_paired=mean_and_sd(before, tolerance)[0],
        mean_post_paired=mean_and_sd(after, tolerance)[0],
        mean_difference=mean,
        sd_difference=sd,
        t=t,
        df=df,
        p=p,
        ci_low=ci_low,
        ci_high=ci_high,
        dz=dz,
        wilcoxon=_wilcoxon(differences, tolerance),
        reason=reason,
    )


def _wilcoxon(differences: Array, tolerance: float) -> Wilcoxon:
    moved = differences[np.abs(differences) > tolerance]
    n = int(moved.size)
    zeros = int(differences.size) - n
    ranks, sizes = midranks(np.abs(moved), tolerance)
    total = n * (n + 1) / 2
    w_plus = float(ranks[moved > 0].sum())
    w_minus = total - w_plus
    p = method = rank_biserial = reason = None
    if differences.size < 2:
        reason = Reason.FEW
    elif n == 0:
        reason = Reason.NO_CHANGE
    else:
        rank_biserial = (w_plus - w_minus) / total
        if n <= LARGEST_EXACT and sizes.size == n:
            method = Method.EXACT
            p = _exact_p(n, int(min(w_plus, w_minus)))
        else:
            method = Method.NORMAL
            p = _normal_p(n, w_plus, tie_term(sizes))
    return Wilcoxon(n, zeros, w_plus, w_minus, p, method, rank_biserial, reason)


def _exact_p(n: int, smaller: int) -> float:
    """Twice the share of the 2ⁿ ways to sign the ranks 1 to n whose sum is at most the smaller of the two found."""
    return as_p(2 * sum(_ways(n)[: smaller + 1]) / 2**n)


@cache
def _ways(n: int) -> tuple[int, ...]:
    """In how many ways some of the ranks 1 to n add up to 0, 1, 2 and so on."""
    ways = [1]
    for rank in range(1, n + 1):
        longer = ways + [0] * rank
        for total, count in enumerate(ways):
            longer[total + rank] += count
        ways = longer
    return tuple(ways)


def _normal_p(n: int, w_plus: float, ties: float) -> float:
    distance = abs(w_plus - n * (n + 1) / 4)
    variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48
    return normal_two_sided(max(0.0, distance - 0.5) / variance**0.5)
