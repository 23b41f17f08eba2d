"""Paired surveys of many people: milliseconds for all items, beside scipy's own functions item by item in one run.

    .venv/bin/python benchmarks/paired_analysis.py [PEOPLE] [ITEMS]

Needs neither the database nor Django. Fails where all figures together take more than two seconds.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from scipy import stats

from surveys.statistics import construct_scores, cronbach_alpha, holm, paired, paired_items
from surveys.statistics.numbers import Array

LIMIT_SECONDS = 2.0
CONSTRUCTS = 5
MISSING = 0.03
LEFT_BEFORE_THE_END = 0.4
ROUNDS = 5


def cohort(people: int, items: int) -> tuple[Array, Array]:
    """Answers from 1 to 7 that hang together, with single answers left out and people who never came back."""
    chance = np.random.default_rng(7)
    trait = chance.normal(size=(people, 1))
    pre = np.clip(np.round(3.6 + trait + chance.normal(size=(people, items))), 1, 7)
    post = np.clip(np.round(4.4 + trait + chance.normal(size=(people, items))), 1, 7)
    for answers in (pre, post):
        answers[chance.random((people, items)) < MISSING] = np.nan
    post[chance.random(people) < LEFT_BEFORE_THE_END] = np.nan
    return pre, post


def best(work: Callable[[], Any]) -> tuple[float, Any]:
    """Milliseconds of the fastest of a few rounds, and what came out."""
    fastest, result = float("inf"), None
    for _ in range(ROUNDS):
        start = time.perf_counter()
        result = work()
        fastest = min(fastest, time.perf_counter() - start)
    return fastest * 1000, result


def by_scipy(pre: Array, post: Array) -> list[tuple[float, float, float]]:
    """The figures that scipy has: t, its p, and that of the signed ranks."""
    found = []
    for before, after in zip(pre.T, post.T, strict=True):
        both = ~(np.isnan(before) | np.isnan(after))
        t_test = stats.ttest_rel(after[both], before[both])
        t_test.confidence_interval(0.95)
        ranks = stats.wilcoxon(after[both], before[both], correction=True, method="asymptotic")
        found.append((float(t_test.statistic), float(t_test.pvalue), float(ranks.pvalue)))
    return found


def main() -> int:
    """Print the table; 1 if a figure differs from scipy's or it all takes too long."""
    people, items = (int(value) for value in (sys.argv[1:3] + ["10000", "30"][len(sys.argv[1:3]) :]))
    pre, post = cohort(people, items)
    parts = np.array_split(np.arange(items), CONSTRUCTS)

    def constructs() -> list[Any]:
        return [paired(construct_scores(pre[:, part]), construct_scores(post[:, part])) for part in parts]

    def alphas() -> list[Any]:
        return [cronbach_alpha(answers[:, part]) for part in parts for answers in (pre, post)]

    items_ms, found = best(lambda: paired_items(pre, post))
    constructs_ms, _ = best(constructs)
    alpha_ms, _ = best(alphas)
    holm_ms, _ = best(lambda: holm([item.p for item in found]))
    scipy_ms, expected = best(lambda: by_scipy(pre, post))
    all_ms = items_ms + constructs_ms + alpha_ms + holm_ms

    print(f"{people:,} people x {items} items, best of {ROUNDS}")
    print(f"{'':44}{'ms':>9}")
    print(f"{'items: n, means, t, p, CI, dz and Wilcoxon':44}{items_ms:9.1f}")
    print(f"{f'{CONSTRUCTS} constructs: scores and the same figures':44}{constructs_ms:9.1f}")
    print(f"{f'alpha of {CONSTRUCTS} constructs, pre and post':44}{alpha_ms:9.1f}")
    print(f"{'Holm':44}{holm_ms:9.1f}")
    print(f"{'all':44}{all_ms:9.1f}")
    print(f"{'scipy item by item: t, p, CI, Wilcoxon':44}{scipy_ms:9.1f}")
    print(f"items against scipy: {items_ms / scipy_ms:.2f} of its time")

    ours = [(item.t, item.p, item.wilcoxon.p) for item in found]
    if not np.allclose(np.array(ours, float), np.array(expected), rtol=1e-6, atol=1e-300):
        print("The figures differ from scipy's.")
        return 1
    if all_ms > LIMIT_SECONDS * 1000:
        print(f"More than {LIMIT_SECONDS:g} seconds.")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
