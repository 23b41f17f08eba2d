"""What holds for any answers, and what an attacker with the total and the published groups can find out."""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from surveys.statistics import (
    Method,
    Paired,
    Reason,
    compare_groups,
    construct_scores,
    cronbach_alpha,
    distribution,
    holm,
    paired,
    paired_items,
    reverse,
    spearman,
    suppressed,
    suppressed_in_all,
)

ANSWER = st.one_of(st.none(), st.integers(1, 7))
PAIRS = st.lists(st.tuples(ANSWER, ANSWER), max_size=60)
COMPLETE = st.lists(st.tuples(st.integers(-30, 30), st.integers(-30, 30)), min_size=2, max_size=70)
ANY_PAIRS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.floats(-1e100, 1e100), st.just(math.nan)),
        st.one_of(st.none(), st.floats(-1e100, 1e100)),
    ),
    max_size=12,
)


def of(pairs) -> Paired:
    return paired([pre for pre, _ in pairs], [post for _, post in pairs])


def flat(result: Any) -> list[Any]:
    values = dataclasses.astuple(result)
    return [part for value in values for part in (value if isinstance(value, tuple) else (value,))]


def about(figure: float) -> Any:
    return pytest.approx(figure)


def alike(found: Any, other: Any) -> bool:
    return all(
        one == pytest.approx(two, rel=1e-9, abs=1e-9) if isinstance(one, float) else one == two
        for one, two in zip(flat(found), flat(other), strict=True)
    )


@given(pairs=PAIRS, data=st.data())
def test_the_order_of_people_does_not_matter(pairs, data) -> None:
    assert alike(of(pairs), of(data.draw(st.permutations(pairs))))


@given(pairs=PAIRS, constant=st.one_of(st.integers(-1000, 1000), st.sampled_from([0.1, 1 / 3, 999.9])))
def test_the_same_added_to_both_leaves_the_difference(pairs, constant) -> None:
    def moved(value):
        return None if value is None else value + constant

    found, other = of(pairs), of([(moved(pre), moved(post)) for pre, post in pairs])
    assert found.reason is other.reason
    for name in ("mean_difference", "sd_difference", "t", "df", "p", "ci_low", "ci_high", "dz"):
        one, two = getattr(found, name), getattr(other, name)
        assert one is two is None or two == pytest.approx(one, rel=1e-6, abs=1e-9), name
    assert alike(found.wilcoxon, other.wilcoxon)


@given(pairs=PAIRS)
def test_pre_and_post_exchanged_turn_the_signs(pairs) -> None:
    found, other = of(pairs), of([(post, pre) for pre, post in pairs])

    def minus(value: float | None) -> float | None:
        return None if value is None else -value

    turned = dataclasses.replace(
        other,
        n_pre=other.n_post,
        n_post=other.n_pre,
        mean_pre=other.mean_post,
        mean_post=other.mean_pre,
        sd_pre=other.sd_post,
        sd_post=other.sd_pre,
        mean_pre_paired=other.mean_post_paired,
        mean_post_paired=other.mean_pre_paired,
        mean_difference=minus(other.mean_difference),
        t=minus(other.t),
        ci_low=minus(other.ci_high),
        ci_high=minus(other.ci_low),
        dz=minus(other.dz),
        wilcoxon=dataclasses.replace(
            other.wilcoxon,
            w_plus=other.wilcoxon.w_minus,
            w_minus=other.wilcoxon.w_plus,
            rank_biserial=minus(other.wilcoxon.rank_biserial),
        ),
    )
    assert alike(found, turned)


@given(rows=st.lists(st.tuples(*[ANSWER] * 6), max_size=20))
def test_items_together_give_what_each_gives_alone(rows) -> None:
    pre, post = [row[:3] for row in rows], [row[3:] for row in rows]
    together = paired_items(np.array(pre, float).reshape(-1, 3), np.array(post, float).reshape(-1, 3))
    assert together == [paired([r[i] for r in pre], [r[i] for r in post]) for i in range(3)]


@given(pairs=COMPLETE)
def test_the_t_test_is_that_of_scipy(pairs) -> None:
    found = of(pairs)
    pre, post = np.array(pairs, float).T
    assume(found.reason is None)
    expected = stats.ttest_rel(post, pre)
    interval = expected.confidence_interval(0.95)
    assert (found.t, found.df) == (about(expected.statistic), expected.df)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert (found.ci_low, found.ci_high) == (about(interval.low), about(interval.high))
    assert found.dz == about(expected.statistic / len(pairs) ** 0.5)


@given(pairs=COMPLETE)
def test_the_signed_ranks_are_those_of_scipy(pairs) -> None:
    found = of(pairs).wilcoxon
    moved = [post - pre for pre, post in pairs if post != pre]
    assume(moved)
    exact = len(moved) <= 50 and len({abs(step) for step in moved}) == len(moved)
    expected = stats.wilcoxon(moved, method="exact" if exact else "asymptotic", correction=True)
    assert found.method is (Method.EXACT if exact else Method.NORMAL)
    assert min(found.w_plus, found.w_minus) == expected.statistic
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)
    assert found.w_plus + found.w_minus == len(moved) * (len(moved) + 1) / 2


@given(steps=st.sets(st.integers(1, 1000), min_size=2, max_size=50), data=st.data())
def test_exact_signed_ranks_are_those_of_scipy(steps, data) -> None:
    post = [step * data.draw(st.sampled_from([-1, 1])) for step in sorted(steps)]
    found = paired([0] * len(post), post).wilcoxon
    assert found.method is Method.EXACT
    assert found.p == pytest.approx(stats.wilcoxon(post, method="exact").pvalue, rel=1e-9)


@given(pairs=ANY_PAIRS)
def test_neither_nan_nor_infinity_comes_out(pairs) -> None:
    found = of(pairs)
    assert all(math.isfinite(value) for value in flat(found) if isinstance(value, float))
    assert (found.t is None) is (found.reason is not None)
    assert found.p is None or 0 < found.p <= 1
    others: list[Any] = [
        cronbach_alpha(pairs),
        spearman([pre for pre, _ in pairs], [post for _, post in pairs]),
        compare_groups({"a": [pre for pre, _ in pairs], "b": [post for _, post in pairs]}),
    ]
    for result in others:
        assert all(math.isfinite(value) for value in flat(result) if isinstance(value, float))
        assert result.reason is not None or (not hasattr(result, "p") or 0 < result.p <= 1)


ROWS = st.integers(2, 5).flatmap(lambda items: st.lists(st.tuples(*[ANSWER] * items), max_size=25))


@given(rows=ROWS, shifts=st.lists(st.integers(-50, 50), min_size=5, max_size=5))
def test_alpha_does_not_change_when_items_are_shifted(rows, shifts) -> None:
    moved = [[None if a is None else a + s for a, s in zip(row, shifts, strict=False)] for row in rows]
    assert alike(cronbach_alpha(rows), cronbach_alpha(moved))


@given(answers=st.lists(ANSWER, max_size=25), items=st.integers(2, 6))
def test_alpha_of_one_item_asked_again_is_1(answers, items) -> None:
    found = cronbach_alpha([(answer,) * items for answer in answers])
    given_ = [answer for answer in answers if answer is not None]
    if len(set(given_)) < 2:
        assert found.alpha is None
    else:
        assert found.alpha == pytest.approx(1)
        assert found.ci_low == pytest.approx(1)
    assert (found.n, found.dropped) == (len(given_), len(answers) - len(given_))


@given(rows=ROWS)
def test_alpha_never_passes_1_and_lies_in_its_interval(rows) -> None:
    found = cronbach_alpha(rows)
    if found.alpha is None:
        assert found.reason in {Reason.FEW, Reason.FEW_ITEMS, Reason.NO_SPREAD}
    else:
        assert found.ci_low is not None
        assert found.ci_high is not None
        assert found.ci_low - 1e-9 <= found.alpha <= found.ci_high + 1e-9 <= 1 + 2e-9


@given(answers=st.lists(ANSWER, max_size=25))
def test_reversed_twice_is_as_before(answers) -> None:
    there = reverse(answers, 1, 7)
    assert np.array_equal(reverse(there, 1, 7), np.array(answers, float), equal_nan=True)
    assert sum(distribution(there, range(1, 8))) == sum(answer is not None for answer in answers)
    assert distribution(there, range(1, 8)) == distribution(answers, range(7, 0, -1))


@given(rows=ROWS)
def test_a_score_is_there_exactly_for_complete_rows(rows) -> None:
    scores = construct_scores(np.array(rows, float).reshape(len(rows), -1)) if rows else np.array([])
    for row, score in zip(rows, scores, strict=True):
        assert math.isnan(score) if None in row else score == pytest.approx(sum(row) / len(row))


@given(p_values=st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12))
def test_holm_keeps_the_order_and_only_raises(p_values) -> None:
    adjusted = holm(p_values)
    known = [(p, q) for p, q in zip(p_values, adjusted, strict=True) if p is not None and q is not None]
    assert [q is None for q in adjusted] == [p is None for p in p_values]
    assert all(p <= q <= 1 for p, q in known)
    assert all(q <= r for p, q in known for o, r in known if p < o)
    if known:
        least = min(p for p, _ in known)
        assert min(q for _, q in known) == pytest.approx(min(1, least * len(known)))


@given(pairs=COMPLETE.filter(lambda pairs: len(pairs) > 8))
def test_the_correlation_is_that_of_scipy(pairs) -> None:
    x, y = np.array(pairs, float).T
    found = spearman(x, y)
    if len(set(x)) == 1 or len(set(y)) == 1:
        assert found.reason is Reason.NO_SPREAD
        return
    expected = stats.spearmanr(x, y)
    assert found.rho == pytest.approx(expected.statistic, abs=1e-9)
    lowest = 2 / math.factorial(len(pairs))
    assert found.p == pytest.approx(max(expected.pvalue, lowest), rel=1e-6, abs=1e-12)


@settings(deadline=None, max_examples=25)  # scipy goes through all orders one by one
@given(pairs=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=6))
def test_the_correlation_of_few_is_that_of_all_orders(pairs) -> None:
    x, y = np.array(pairs, float).T
    assume(len(set(x)) > 1 and len(set(y)) > 1)

    def rho(one):
        return stats.spearmanr(one, y).statistic

    expected = stats.permutation_test((x,), rho, permutation_type="pairings", n_resamples=np.inf)
    both_sides = np.mean(np.abs(expected.null_distribution) >= abs(expected.statistic) - 1e-9)
    assert spearman(x, y).p == pytest.approx(both_sides)


@given(groups=st.lists(st.lists(st.integers(-5, 5), min_size=1, max_size=12), min_size=2, max_size=5))
def test_the_comparison_of_groups_is_that_of_scipy(groups) -> None:
    found = compare_groups({str(number): values for number, values in enumerate(groups)})
    if len({value for values in groups for value in values}) == 1:
        assert found.reason is Reason.NO_SPREAD
        return
    expected = stats.kruskal(*groups)
    assert found.h == pytest.approx(expected.statistic, abs=1e-9)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-6)
    assert found.df == len(groups) - 1


# Suppression. A world is one tuple of counts a table, over the groups a, b, c and so on.
World = tuple[tuple[int, ...], ...]
GROUPS = "abcdefgh"


def hidden_in(world: World, minimum: int) -> tuple[bool, ...]:
    names = GROUPS[: len(world[0])]
    hidden = suppressed_in_all([dict(zip(names, counts, strict=True)) for counts in world], minimum)
    return tuple(name in hidden for name in names)


def published(world: World, minimum: int) -> tuple[object, ...]:
    """All that is to be seen: which groups are hidden, each table's total, and the counts of the groups shown."""
    hidden = hidden_in(world, minimum)
    shown = tuple(tuple(n for n, h in zip(counts, hidden, strict=True) if not h) for counts in world)
    return hidden, tuple(sum(counts) for counts in world), shown


def splits(total: int, groups: int) -> Iterator[tuple[int, ...]]:
    if groups == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in splits(total - first, groups - 1):
            yield first, *rest


def found_out(worlds: list[World], minimum: int) -> list[object]:
    """The small groups whose count follows from what is published, for an attacker who also knows the rule."""
    same = defaultdict(list)
    for world in worlds:
        same[published(world, minimum)].append(world)
    told: list[object] = []
    for seen, possible in same.items():
        for table, group in product(range(len(possible[0])), range(len(possible[0][0]))):
            counts = {world[table][group] for world in possible}
            if len(counts) == 1 and 0 < min(counts) < minimum:
                told.append((seen, table, group, counts))
    return told


@pytest.mark.parametrize(
    ("minimum", "groups", "largest"), [(3, 2, 12), (3, 3, 12), (3, 4, 10), (3, 5, 8), (5, 2, 24), (5, 3, 18)]
)
def test_no_small_count_follows_from_one_table(minimum: int, groups: int, largest: int) -> None:
    """All worlds of each total are tried, so that what is not ambiguous is really known."""
    for total in range(1, largest + 1):
        assert found_out([(split,) for split in splits(total, groups)], minimum) == []


@pytest.mark.parametrize("nested", [False, True], ids=["independent", "paired-within-pre"])
@pytest.mark.parametrize(
    ("minimum", "groups", "totals"),
    [(3, 2, (6, 5)), (3, 3, (6, 6)), (4, 3, (8, 8)), (4, 3, (8, 6)), (5, 2, (11, 8))],
)
def test_no_small_count_follows_from_two_tables(
    minimum: int, groups: int, totals: tuple[int, int], nested: bool
) -> None:
    first, second = (list(splits(total, groups)) for total in totals)
    worlds: list[World] = [
        (one, other)
        for one, other in product(first, second)
        if not nested or all(within <= n for n, within in zip(one, other, strict=True))
    ]
    assert found_out(worlds, minimum) == []


COUNT = st.one_of(st.integers(0, 6), st.integers(0, 40))
WORLDS = st.tuples(st.integers(1, 3), st.integers(2, 7)).flatmap(
    lambda size: st.tuples(*[st.tuples(*[COUNT] * size[1])] * size[0])
)


def other_worlds(world: World, table: int, group: int) -> Iterator[World]:
    """Two groups changing places, one person in another group, nearly all in one group."""
    size = len(world[0])
    for other in range(size):
        if other == group:
            continue
        swapped = []
        for counts in world:
            changed = list(counts)
            changed[group], changed[other] = changed[other], changed[group]
            swapped.append(tuple(changed))
        yield tuple(swapped)
        for step in (1, -1):
            changed = list(world[table])
            changed[group] += step
            changed[other] -= step
            yield (*world[:table], tuple(changed), *world[table + 1 :])
        gathered = [0] * size
        gathered[group], gathered[other] = 1, sum(world[table]) - 1
        yield (*world[:table], tuple(gathered), *world[table + 1 :])


@settings(max_examples=300)
@given(world=WORLDS)
def test_a_small_count_could_always_be_another(world: World) -> None:
    seen = published(world, 5)
    for table, counts in enumerate(world):
        for group, count in enumerate(counts):
            if 0 < count < 5:
                assert hidden_in(world, 5)[group]
                assert any(
                    min(map(min, other)) >= 0 and other[table][group] != count and published(other, 5) == seen
                    for other in other_worlds(world, table, group)
                )


@given(world=WORLDS)
def test_what_is_hidden_is_many_enough_or_everything(world: World) -> None:
    hidden = hidden_in(world, 5)
    assert any(hidden) is any(0 < count < 5 for counts in world for count in counts)
    if any(hidden) and not all(hidden):
        assert sum(hidden) >= 2
        for counts in world:
            people = sum(count for count, is_hidden in zip(counts, hidden, strict=True) if is_hidden)
            assert people >= 5 or sum(counts) == 0


@given(world=WORLDS, data=st.data())
def test_the_names_of_groups_do_not_matter(world: World, data) -> None:
    order = data.draw(st.permutations(range(len(world[0]))))
    turned = tuple(tuple(counts[place] for place in order) for counts in world)
    assert hidden_in(turned, 5) == tuple(hidden_in(world, 5)[place] for place in order)


@given(counts=st.dictionaries(st.sampled_from(GROUPS), COUNT))
def test_one_table_is_several_of_the_same(counts: dict[str, int]) -> None:
    assert suppressed(counts) == suppressed_in_all([counts, counts])
