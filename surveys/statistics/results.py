"""What the figures come back as."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why a figure is not computable; the page says it in a sentence."""

    FEW = "few"  # fewer people than the figure needs: two, for a correlation three
    NO_SPREAD = "no_spread"  # everyone gave the same: a standard deviation of 0
    NO_CHANGE = "no_change"  # nobody's answer moved: no rank to sum
    FEW_ITEMS = "few_items"  # consistency needs two items
    FEW_GROUPS = "few_groups"  # a comparison needs two groups with people in them


class Method(StrEnum):
    """How a p came about; to be named beside it."""

    EXACT = "exact"  # counted over everything that could have come out
    NORMAL = "normal"  # normal approximation, corrected for ties and for continuity
    STUDENT = "student"  # Student's t on n - 2 degrees of freedom


@dataclass(frozen=True, slots=True)
class Wilcoxon:
    """Wilcoxon's signed-rank test of post − pre.

    Differences of 0 are dropped first (Wilcoxon's own rule) and counted in `zeros`; equal ones share their middle rank.
    `w_plus` (R's V) sums the ranks of those who went up, `w_minus` of those who went down. `rank_biserial` is
    (w_plus − w_minus) / (w_plus + w_minus), from −1 to 1. `p` is two-sided, in (0, 1].
    """

    n_used: int
    zeros: int
    w_plus: float
    w_minus: float
    p: float | None
    method: Method | None
    rank_biserial: float | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Paired:
    """One item, or one construct's score, before and after (product rule 31).

    `n_pre` and `n_post` answered then, `n_paired` both times. `mean_pre`, `sd_pre`, `mean_post` and `sd_post` are of
    all who answered then; the `_paired` means and everything below are of the pairs, so `mean_difference` is post − pre
    of the same people. Standard deviations divide by n − 1. `t`, `df` and the two-sided `p` are Student's paired test,
    `ci_low` and `ci_high` its 95 % interval of the mean difference, `dz` the mean difference over the standard
    deviation of the differences. `p` is in (0, 1]: what is too small for a float is the smallest float, never 0.
    """

    n_pre: int
    n_post: int
    n_paired: int
    mean_pre: float | None
    sd_pre: float | None
    mean_post: float | None
    sd_post: float | None
    mean_pre_paired: float | None
    mean_post_paired: float | None
    mean_difference: float | None
    sd_difference: float | None
    t: float | None
    df: int | None
    p: float | None
    ci_low: float | None
    ci_high: float | None
    dz: float | None
    wilcoxon: Wilcoxon
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Alpha:
    """Cronbach's α, raw, of the `n` rows that are complete; `dropped` rows had something missing (listwise).

    `ci_low` and `ci_high` are Feldt's 95 % interval. α may be negative, which hints at an item not reversed.
    """

    n: int
    dropped: int
    items: int
    alpha: float | None
    ci_low: float | None
    ci_high: float | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Correlation:
    """Spearman's rank correlation of the `n` people who have both figures; `p` is two-sided, in (0, 1]."""

    n: int
    rho: float | None
    p: float | None
    method: Method | None
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Kruskal and Wallis’s comparison of groups: `h` corrected for ties, on `df` degrees of freedom.

    `n` counts each group's people with a figure; a group of none is named there and takes no part.
    """

    n: Mapping[str, int]
    h: float | None
    df: int | None
    p: float | None
    reason: Reason | None
