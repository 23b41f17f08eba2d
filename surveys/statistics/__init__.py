"""Figures of paired surveys: pure functions on numpy and scipy, without Django and without the portal.

A missing answer is None or NaN on the way in, and never 0. A figure that cannot be computed is None on the way out,
with a `Reason` beside it: neither NaN nor Infinity leaves this package, but for `reverse` and `construct_scores`, whose
arrays mark a missing answer by NaN as their input does. Infinite answers, and answers beyond ±1e100, raise ValueError.
"""

from surveys.statistics.correction import holm
from surveys.statistics.groups import compare_groups, spearman
from surveys.statistics.pairs import paired, paired_items
from surveys.statistics.results import (
    Alpha,
    Comparison,
    Correlation,
    Method,
    Paired,
    Reason,
    Wilcoxon,
)
from surveys.statistics.scales import construct_scores, cronbach_alpha, distribution, reverse
from surveys.statistics.suppression import suppressed, suppressed_in_all

__all__ = [
    "Alpha",
    "Comparison",
    "Correlation",
    "Method",
    "Paired",
    "Reason",
    "Wilcoxon",
    "compare_groups",
    "construct_scores",
    "cronbach_alpha",
    "distribution",
    "holm",
    "paired",
    "paired_items",
    "reverse",
    "spearman",
    "suppressed",
    "suppressed_in_all",
]
