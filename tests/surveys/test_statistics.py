"""The worked examples of the product's rules, and classic data whose results have been in print for long."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
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

REFERENCES = Path(__file__).resolve().parents[3] / "shared" / "data" / "statistics" / "references.json"
NAN = float("nan")

# Student's sleep data (1908): hours gained on two drugs by the same ten people.
SLEEP = (
    (0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2.0),
    (1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4),
)
# Darwin's maize (1876): crossed − self-fertilised, eighths of an inch.
MAIZE = (6, 8, 14, 16, 23, 24, 28, 29, 41, -48, 49, 56, 60, -67, 75)
# Hollander and Wolfe: a depression scale at the first and the second visit.
DEPRESSION = (
    (1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3),
    (0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29),
)
# Altman's energy intake of eleven women, kJ, before and after menstruation; and what is recommended.
INTAKE = (
    (5260, 5470, 5640, 6180, 6390, 6515, 6805, 7515, 7515, 8230, 8770),
    (3910, 4220, 3885, 5160, 5645, 4680, 5265, 5975, 6790, 6900, 7335),
)
RECOMMENDED = 7725
# Immer's barley yields of thirty plots in 1931 and 1932.
BARLEY = (
    (
        81.0,
        105.4,
        119.7,
        109.7,
        98.3,
        146.6,
        142.0,
        150.7,
        191.5,
        145.7,
        82.3,
        77.3,
        78.4,
        131.3,
        89.6,
        119.8,
        121.4,
        124.0,
        140.8,
        124.8,
        98.9,
        89.0,
        69.1,
        89.3,
        104.1,
        86.9,
        77.1,
        78.9,
        101.8,
        96.0,
    ),
    (
        80.7,
        82.3,
        80.4,
        87.2,
        84.2,
        100.4,
        115.5,
        112.2,
        147.7,
        108.1,
        103.1,
        105.1,
        116.5,
        139.9,
        129.6,
        98.9,
        61.9,
        96.2,
        125.5,
        75.7,
        66.4,
        49.9,
        96.7,
        61.9,
        80.3,
        67.7,
        66.7,
        67.4,
        91.8,
        94.1,
    ),
)
# Five people whose d by another convention is 0.25.
ANOTHER_D = (
    (5.5, 2.4, 6.8, 9.6, 4.2),
    (6.4, 3.4, 6.4, 11.0, 4.8),
)
# Chatterjee and Price: thirty departments, seven ratings.
ATTITUDE = (
    (43, 51, 30, 39, 61, 92, 45),
    (63, 64, 51, 54, 63, 73, 47),
    (71, 70, 68, 69, 76, 86, 48),
    (61, 63, 45, 47, 54, 84, 35),
    (81, 78, 56, 66, 71, 83, 47),
    (43, 55, 49, 44, 54, 49, 34),
    (58, 67, 42, 56, 66, 68, 35),
    (71, 75, 50, 55, 70, 66, 41),
    (72, 82, 72, 67, 71, 83, 31),
    (67, 61, 45, 47, 62, 80, 41),
    (64, 53, 53, 58, 58, 67, 34),
    (67, 60, 47, 39, 59, 74, 41),
    (69, 62, 57, 42, 55, 63, 25),
    (68, 83, 83, 45, 59, 77, 35),
    (77, 77, 54, 72, 79, 77, 46),
    (81, 90, 50, 72, 60, 54, 36),
    (74, 85, 64, 69, 79, 79, 63),
    (65, 60, 65, 75, 55, 80, 60),
    (65, 70, 46, 57, 75, 85, 46),
    (50, 58, 68, 54, 64, 78, 52),
    (50, 40, 33, 34, 43, 64, 33),
    (64, 61, 52, 62, 66, 80, 41),
    (53, 66, 52, 50, 63, 80, 37),
    (40, 37, 42, 58, 50, 57, 49),
    (63, 54, 42, 48, 66, 75, 33),
    (66, 77, 66, 63, 88, 76, 72),
    (78, 75, 58, 74, 80, 78, 49),
    (48, 57, 44, 45, 51, 83, 38),
    (85, 85, 71, 71, 77, 74, 55),
    (82, 82, 39, 59, 64, 78, 39),
)
# Twelve people, eleven items, four answers missing of three people.
GAPS = (
    (1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
    (1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0),
    (None, 0, 1, 1, None, 1, 1, 1, 1, 0, 0),
    (1, 1, 1, 0, 1, 1, 0, 1, 1, 0, 0),
    (1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0),
    (0, 1, None, 0, 1, 1, 1, 1, 0, 0, 0),
    (1, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0),
    (1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0),
    (0, 1, 0, 1, 1, 0, 0, 0, 0, 1, 0),
    (1, 0, 0, 1, 0, 1, 0, 0, None, 0, 0),
    (1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0),
    (1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0),
)


def close(figure: float, within: float | None = None) -> Any:
    """Equal to four significant digits, or within so much of it."""
    return pytest.approx(figure, abs=within) if within else pytest.approx(figure, rel=1e-4)


def finite(result: Any) -> bool:
    """Whether no number anywhere in it is NaN or infinite."""
    if dataclasses.is_dataclass(result):
        return all(finite(getattr(result, field.name)) for field in dataclasses.fields(result))
    return not isinstance(result, float) or math.isfinite(result)


def test_paired_gives_the_worked_example() -> None:
    found = paired([3, 4, 2, 5, 3], [5, 5, 4, 6, 4])
    assert found.mean_difference == pytest.approx(1.40)
    assert found.sd_difference == pytest.approx(0.548, abs=5e-4)
    assert (found.t, found.df) == (close(5.72, within=5e-3), 4)
    assert found.dz == pytest.approx(2.56, abs=5e-3)
    assert found.p == pytest.approx(0.00464, abs=5e-6)
    assert (found.ci_low, found.ci_high) == (close(0.720, within=5e-4), close(2.080, within=5e-4))
    assert (found.n_pre, found.n_post, found.n_paired, found.reason) == (5, 5, 5, None)


def test_alpha_gives_the_worked_example() -> None:
    found = cronbach_alpha([(3, 4, 3), (5, 5, 4), (2, 2, 1), (4, 5, 4)])
    assert found.alpha == pytest.approx(0.980, abs=5e-4)
    assert (found.n, found.dropped, found.items, found.reason) == (4, 0, 3, None)


@pytest.mark.parametrize(
    ("pre", "post", "expected"),
    [
        (SLEEP[1], SLEEP[0], (10, -1.58, 1.23, -4.06213, 0.00283289, (-2.45989, -0.700114), -1.28456)),
        (SLEEP[0], SLEEP[1], (10, 1.58, 1.23, 4.06213, 0.00283289, (0.700114, 2.45989), 1.28456)),
        ((0,) * 15, MAIZE, (15, 20.9333, 37.7444, 2.14799, 0.0497029, (0.0311933, 41.8355), 0.554608)),
        (INTAKE[1], INTAKE[0], (11, 1320.45, 366.746, 11.9414, 3.05902e-07, (1074.07, 1566.84), 3.60047)),
        (
            (RECOMMENDED,) * 11,
            INTAKE[0],
            (11, -971.364, 1142.12, -2.82075, 0.0181372, (-1738.65, -204.075), -0.850489),
        ),
        (ANOTHER_D[1], ANOTHER_D[0], (5, -0.7, 0.678233, -2.30783, 0.082228, (-1.54214, 0.142137), -1.03209)),
        ((1, 2), (2, 5), (2, 2.0, 1.41421, 2.0, 0.295167, (-10.7062, 14.7062), 1.41421)),
    ],
    ids=["sleep", "sleep-turned", "maize", "intake", "intake-recommended", "another-d", "two-pairs"],
)
def test_paired_gives_published_figures(pre, post, expected) -> None:
    n, mean, sd, t, p, interval, dz = expected
    found = paired(pre, post)
    assert (found.n_paired, found.df, found.reason) == (n, n - 1, None)
    assert found.mean_difference == close(mean)
    assert found.sd_difference == close(sd)
    assert found.t == close(t)
    assert found.p == close(p)
    assert (found.ci_low, found.ci_high) == (close(interval[0]), close(interval[1]))
    assert found.dz == close(dz)


@pytest.mark.parametrize(
    ("pre", "post", "expected"),
    [
        (DEPRESSION[1], DEPRESSION[0], (9, 0, 40, 5, 0.0390625, Method.EXACT, 0.777778)),
        ((RECOMMENDED,) * 11, INTAKE[0], (11, 0, 8, 58, 0.0293025, Method.NORMAL, -0.757576)),
        (BARLEY[1], BARLEY[0], (30, 0, 368.5, 96.5, 0.00531847, Method.NORMAL, 0.584946)),
        ((0,) * 12, (0, 0, 1, 1, -1, 2, 2, 2, -2, 3, 0, 1), (9, 3, 36, 9, 0.116914, Method.NORMAL, 0.6)),
        ((0, 0, 0), (0, 0, 3), (1, 2, 1, 0, 1.0, Method.EXACT, 1.0)),
    ],
    ids=["depression", "intake-recommended", "barley", "likert", "one-moved"],
)
def test_wilcoxon_gives_published_figures(pre, post, expected) -> None:
    used, zeros, w_plus, w_minus, p, method, rank_biserial = expected
    found = paired(pre, post).wilcoxon
    assert (found.n_used, found.zeros, found.w_plus, found.w_minus) == (used, zeros, w_plus, w_minus)
    assert found.p == close(p)
    assert found.method is method
    assert found.rank_biserial == close(rank_biserial)
    assert found.reason is None


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (ATTITUDE, (30, 0, 7, 0.843143, (0.739, 0.916))),
        (GAPS, (9, 3, 11, 0.801695, (0.533, 0.947))),
        (((1, 5, 3), (2, 4, 1), (3, 3, 5), (4, 2, 2), (5, 1, 4)), (5, 0, 3, -3.0, (-19.211, 0.555))),
    ],
    ids=["attitude", "gaps", "negative"],
)
def test_alpha_gives_published_figures(rows, expected) -> None:
    n, dropped, items, alpha, interval = expected
    found = cronbach_alpha(rows)
    assert (found.n, found.dropped, found.items, found.reason) == (n, dropped, items, None)
    assert found.alpha == close(alpha)
    assert (found.ci_low, found.ci_high) == (
        close(interval[0], within=5e-4),
        close(interval[1], within=5e-4),
    )


def without_a_test(found: Paired) -> bool:
    figures = (found.t, found.df, found.p, found.ci_low, found.ci_high, found.dz)
    return figures == (None,) * 6 and finite(found)


@pytest.mark.parametrize(
    ("pre", "post", "pairs"),
    [([], [], 0), ([None, None, 4], [3, None, None], 0), ([NAN, 2], [3, 4], 1), ([2], [4], 1)],
)
def test_paired_of_fewer_than_two_is_not_computable(pre, post, pairs) -> None:
    found = paired(pre, post)
    assert without_a_test(found)
    assert (found.n_paired, found.reason, found.sd_difference) == (pairs, Reason.FEW, None)
    assert found.mean_difference == (2.0 if pairs else None)
    assert (found.wilcoxon.p, found.wilcoxon.reason) == (None, Reason.FEW)
    assert (found.wilcoxon.method, found.wilcoxon.rank_biserial) == (None, None)


@pytest.mark.parametrize(
    ("pre", "post", "shift"),
    [
        (
            [0.1, 0.2, 0.3, 0.4],
            [0.2, 0.3, 0.4, 0.5],
            0.1,
        ),  # binary fractions: the differences are not quite equal
        ([1, 2, 3], [3, 4, 5], 2.0),
        ([0.3, 0.6, 0.7], [0.1 + 0.2, 0.1 + 0.5, 0.7], 0.0),
    ],
)
def test_paired_without_spread_is_not_computable(pre, post, shift) -> None:
    found = paired(pre, post)
    assert without_a_test(found)
    assert (found.sd_difference, found.reason) == (0.0, Reason.NO_SPREAD)
    assert found.mean_difference == pytest.approx(shift)


def test_wilcoxon_of_people_who_all_stayed_is_not_computable() -> None:
    found = paired([1, 2, 0.3], [1, 2, 0.1 + 0.2]).wilcoxon
    assert (found.n_used, found.zeros, found.w_plus, found.w_minus) == (0, 3, 0, 0)
    assert (found.p, found.method, found.rank_biserial, found.reason) == (None, None, None, Reason.NO_CHANGE)


def test_wilcoxon_takes_equal_steps_of_binary_fractions_for_ties() -> None:
    found = paired([0.1, 0.2, 0.3, 0.4], [0.2, 0.3, 0.4, 0.5]).wilcoxon
    assert (found.w_plus, found.method) == (10, Method.NORMAL)
    assert found.p == close(paired([1, 2, 3, 4], [2, 3, 4, 5]).wilcoxon.p or 0)


def test_a_missing_answer_counts_for_neither_side_and_is_not_0() -> None:
    found = paired([3, None, 4, 2, NAN, 5, 3], [5, 4, 5, 4, None, 6, 4])
    assert (found.n_pre, found.n_post, found.n_paired) == (5, 6, 5)
    assert found.mean_post == close(28 / 6)
    assert (found.mean_pre, found.mean_pre_paired, found.mean_post_paired) == (
        close(3.4),
        close(3.4),
        close(4.8),
    )
    assert found.dz == paired([3, 4, 2, 5, 3], [5, 5, 4, 6, 4]).dz


def test_standard_deviations_are_of_all_who_answered() -> None:
    found = paired([3, 5, 1, None], [4, None, 3, 9])
    assert (found.sd_pre, found.sd_post) == (close(2.0), close(float(np.std([4, 3, 9], ddof=1))))
    assert paired([3, None], [None, None]).sd_pre is None
    assert paired([3, 3], [1, 2]).sd_pre == 0.0


def test_p_is_never_0() -> None:
    pre = np.arange(10_000) % 3
    found = paired(pre, pre + 3 + pre % 2)
    assert found.p is not None
    assert 0 < found.p < 1e-300
    assert found.wilcoxon.p is not None
    assert 0 < found.wilcoxon.p < 1e-300


@pytest.mark.parametrize("n", [50, 51])
def test_wilcoxon_is_exact_up_to_fifty_pairs(n: int) -> None:
    post = [number * (-1) ** (number % 3) for number in range(1, n + 1)]
    found = paired([0] * n, post).wilcoxon
    method = "exact" if n == 50 else "asymptotic"
    assert found.method is (Method.EXACT if n == 50 else Method.NORMAL)
    assert found.p == close(stats.wilcoxon(post, method=method, correction=True).pvalue)


def test_paired_refuses_people_who_do_not_match() -> None:
    with pytest.raises(ValueError, match="pre has 2 people, post has 3"):
        paired([1, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="pre is"):
        paired_items([[1, 2]], [[1, 2], [3, 4]])
    with pytest.raises(ValueError, match="dimension"):
        paired([[1, 2]], [[1, 2]])  # type: ignore[list-item]


@pytest.mark.parametrize("value", [math.inf, -math.inf, 1e101])
def test_an_infinite_answer_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="infinite"):
        paired([1, value], [1, 2])
    with pytest.raises(ValueError, match="infinite"):
        cronbach_alpha([(1, value), (2, 3)])


def test_paired_items_of_nobody_and_of_nothing() -> None:
    assert paired_items([], []) == []
    assert paired_items(np.empty((0, 2)), np.empty((0, 2))) == [paired([], [])] * 2


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], Reason.FEW_ITEMS),
        ([(1,), (2,), (3,)], Reason.FEW_ITEMS),
        ([(4, 4, 4)] * 3, Reason.NO_SPREAD),
        ([(1, 5), (2, 4), (4, 2)], Reason.NO_SPREAD),  # every total is 6
        ([(0.1, 0.2), (0.2, 0.1), (0.3, 0.0)], Reason.NO_SPREAD),
        ([(1, 2, None), (2, None, 2), (None, 3, 3)], Reason.FEW),
        ([(1, 2), (None, 3)], Reason.FEW),
    ],
)
def test_alpha_that_is_not_computable_says_why(rows, reason) -> None:
    found = cronbach_alpha(rows)
    assert (found.alpha, found.ci_low, found.ci_high, found.reason) == (None, None, None, reason)
    assert found.n + found.dropped == len(rows)


def test_alpha_refuses_rows_of_different_lengths() -> None:
    with pytest.raises(ValueError, match="inhomogeneous"):
        cronbach_alpha([(1, 2), (1, 2, 3)])


def test_reverse_turns_the_scale_round_and_keeps_gaps() -> None:
    assert reverse([1, 2, None, 5], 1, 5).tolist() == pytest.approx([5, 4, NAN, 1], nan_ok=True)
    assert reverse(np.array([[0.0, 10.0]]), 0, 10).tolist() == [[10.0, 0.0]]


@pytest.mark.parametrize("value", [0, 6, math.inf])
def test_reverse_refuses_an_answer_off_the_scale(value: float) -> None:
    with pytest.raises(ValueError, match="outside 1 to 5"):
        reverse([3, value], 1, 5)


def test_construct_scores_are_of_complete_rows_only() -> None:
    scores = construct_scores([(1, 2, 6), (4, None, 4), (5, 5, 5)])
    assert scores.tolist() == pytest.approx([3, NAN, 5], nan_ok=True)
    assert np.isnan(construct_scores(np.empty((2, 0)))).all()
    assert construct_scores([]).size == 0


def test_distribution_counts_each_level_and_no_gap() -> None:
    assert distribution([3, 1, 3, None, NAN, 5.0], [1, 2, 3, 4, 5]) == (1, 0, 2, 0, 1)
    assert distribution(np.array([1.0, np.nan, 2.0, 1.0]), [2, 1]) == (1, 2)
    assert distribution(["yes", "no", None, "yes"], ["yes", "no"]) == (2, 1)
    assert distribution([], [1, 2]) == (0, 0)


def test_distribution_refuses_what_is_no_level() -> None:
    with pytest.raises(ValueError, match="none of the levels"):
        distribution([1, 6], [1, 2, 3])


def test_holm_adjusts_each_in_its_place() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.04, None, 0.02]) == [0.04, None, 0.04]
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([None]) == [None]
    assert holm([]) == []


@pytest.mark.parametrize("p", [-0.1, 1.1, NAN])
def test_holm_refuses_what_is_no_probability(p: float) -> None:
    with pytest.raises(ValueError, match="not within 0 to 1"):
        holm([0.5, p])


def test_spearman_of_intelligence_and_television() -> None:
    """Ten people's IQ against hours of television a week: ρ = −29/165, the example of many textbooks."""
    iq = [106, 86, 100, 101, 99, 103, 97, 113, 112, 110]
    hours = [7, 0, 27, 50, 28, 29, 20, 12, 6, 17]
    found = spearman(iq, hours)
    assert (found.n, found.method, found.reason) == (10, Method.STUDENT, None)
    assert found.rho == close(-29 / 165)
    assert found.p == close(0.627188)


def test_spearman_of_few_counts_all_orders() -> None:
    assert spearman([1, 2, 3], [1, 2, 3]).p == close(2 / 6)
    found = spearman(
        [1, 2, 3, 4], [2, 2, 2, 9]
    )  # ties: the 9 is at one end or the other in half of all orders
    assert (found.method, found.p) == (Method.EXACT, 0.5)


def test_spearman_of_perfect_order_has_a_p() -> None:
    found = spearman(range(9), [None if number == 9 else number**3 for number in range(9)])
    assert found.rho == close(1.0)
    assert found.p == close(2 / math.factorial(9))
    many = spearman(range(1000), range(1000))
    assert many.p is not None
    assert many.p > 0


@pytest.mark.parametrize(
    ("x", "y", "n", "reason"),
    [
        ([], [], 0, Reason.FEW),
        ([1, 2, None], [1, 2, 3], 2, Reason.FEW),
        ([4, 4, 4], [1, 2, 3], 3, Reason.NO_SPREAD),
        ([1, 2, 3], [0.3, 0.1 + 0.2, 0.3], 3, Reason.NO_SPREAD),
    ],
)
def test_spearman_that_is_not_computable_says_why(x, y, n, reason) -> None:
    found = spearman(x, y)
    assert (found.n, found.rho, found.p, found.reason) == (n, None, None, reason)


def test_spearman_refuses_people_who_do_not_match() -> None:
    with pytest.raises(ValueError, match="x has 1 people, y has 2"):
        spearman([1], [1, 2])


def test_compare_groups_gives_a_textbook_result() -> None:
    """Mucociliary clearance of three groups (Hollander and Wolfe, example 6.1): H = 0.7714, p = 0.68."""
    found = compare_groups(
        {
            "normal": [2.9, 3.0, 2.5, 2.6, 3.2],
            "obstructed": [3.8, 2.7, 4.0, 2.4, None],
            "asbestosis": [2.8, 3.4, 3.7, 2.2, 2.0],
            "nobody": [None, NAN],
        }
    )
    assert found.n == {"normal": 5, "obstructed": 4, "asbestosis": 5, "nobody": 0}
    assert (found.h, found.df, found.p) == (close(0.771429), 2, close(0.679965))
    assert found.reason is None


def test_compare_groups_corrects_for_ties() -> None:
    groups = {"a": [1, 2, 2, 3], "b": [2, 3, 3, 4, 4], "c": [0, 0, 1, 1]}
    expected = stats.kruskal(*groups.values())
    found = compare_groups(groups)
    assert (found.h, found.p) == (close(expected.statistic), close(expected.pvalue))


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ({}, Reason.FEW_GROUPS),
        ({"a": [1, 2], "b": [None]}, Reason.FEW_GROUPS),
        ({"a": [1, 1], "b": [1, 1]}, Reason.NO_SPREAD),
    ],
)
def test_compare_groups_that_is_not_computable_says_why(groups, reason) -> None:
    found = compare_groups(groups)
    assert (found.h, found.df, found.p, found.reason) == (None, None, None, reason)


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({}, ""),
        ({"a": 5, "b": 12}, ""),
        ({"a": 0, "b": 12}, ""),  # nobody is nobody's secret
        ({"a": 3, "b": 12, "c": 9}, "ac"),  # 24 − 12 − 9 would be 3
        ({"a": 3, "b": 12, "c": 9, "d": 4}, "ad"),
        ({"a": 1, "b": 12, "c": 9, "d": 2}, "acd"),  # together 3: still under five
        ({"a": 3, "b": 9, "c": 9, "d": 12}, "abc"),  # choosing one of two alike would tell which is small
        ({"a": 4, "b": 4, "c": 6, "d": 9}, "abc"),  # 8 in two hidden groups under five is 4 and 4
        ({"a": 3, "b": 3, "c": 6}, "ab"),  # 6 may be 2 and 4
        ({"a": 3, "b": 0, "c": 20, "d": 30}, "abc"),
        ({"a": 1, "b": 1, "c": 1, "d": 1, "e": 1, "f": 0, "g": 9}, "abcdef"),
        ({"a": 3}, "a"),
        ({"a": 2, "b": 9}, "ab"),
    ],
)
def test_small_groups_are_suppressed_also_by_subtraction(counts: dict[str, int], hidden: str) -> None:
    assert suppressed(counts) == frozenset(hidden)


def test_a_group_suppressed_in_one_table_is_suppressed_in_all() -> None:
    pre = {"a": 20, "b": 30, "c": 8, "d": 9}
    post = {"a": 12, "b": 15, "c": 3, "d": 7}
    assert suppressed(pre) == frozenset()
    assert suppressed_in_all([pre, post]) == suppressed_in_all([post, pre]) == {"c", "d"}


def test_each_table_hides_enough() -> None:
    """The small ones of the second table are enough there, but count nobody in the first."""
    first = {"a": 0, "b": 0, "c": 8, "d": 9}
    second = {"a": 3, "b": 4, "c": 8, "d": 9}
    assert suppressed(second) == {"a", "b"}
    assert suppressed_in_all([first, second]) == {"a", "b", "c"}


def test_what_goes_with_a_small_group_has_people_in_the_table_that_needs_it() -> None:
    first = {"a": 6, "b": 0, "c": 8, "d": 9}
    second = {"a": 3, "b": 7, "c": 8, "d": 9}
    assert suppressed_in_all([first, second]) == {"a", "c"}


def test_a_table_of_nobody_hides_nothing() -> None:
    assert suppressed_in_all([{"a": 20, "b": 30}, {"a": 0, "b": 0}]) == frozenset()
    assert suppressed_in_all([]) == frozenset()


def test_the_minimum_can_be_another() -> None:
    assert suppressed({"a": 5, "b": 12, "c": 20}) == frozenset()
    assert suppressed({"a": 5, "b": 12, "c": 20}, minimum=10) == {"a", "b"}


def test_suppression_refuses_what_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="same groups"):
        suppressed_in_all([{"a": 5}, {"b": 5}])
    with pytest.raises(ValueError, match="negative"):
        suppressed({"a": -1, "b": 5})
    with pytest.raises(ValueError, match="at least 3"):
        suppressed({"a": 1, "b": 5}, minimum=2)


def sides(data: dict[str, Any]) -> tuple[Any, Any]:
    """Pre and post of a reference, so that post − pre is the difference it states."""
    if "differences" in data:
        return [0] * len(data["differences"]), data["differences"]
    first, second = (values for name, values in data.items() if name != "difference")
    names = [name for name in data if name != "difference"]
    stated = data.get("difference", f"{names[1]} - {names[0]}")
    return (first, second) if stated.startswith(names[1]) else (second, first)


def same(found: float | None, expected: float | None) -> bool:
    if expected is None or found is None:
        return found is expected
    return found == pytest.approx(expected, rel=1e-4, abs=1e-9)


def differs_in(case: dict[str, Any]) -> list[str]:
    """The figures of a reference that we give differently; those of other conventions are passed over."""
    kind, data, expected = case["kind"], case["data"], case["expected"]
    if kind == "cronbach_alpha":
        alpha = cronbach_alpha(data["rows"])
        pairs = [("alpha", alpha.alpha, expected["alpha"]), ("n", alpha.n, expected.get("n", alpha.n))]
        return [name for name, found, figure in pairs if not same(found, figure)]
    found = paired(*sides(data))
    t_test = expected.get("t_test", expected) if "paired_t" in kind else {}
    ranks = expected.get("wilcoxon", expected) if "wilcoxon" in kind else {}
    p = "p_exact_two_sided" if found.wilcoxon.method is Method.EXACT else "p_normal_with_correction"
    interval = t_test.get("ci95_mean_difference") or (None, None)
    figures = [
        ("n", found.n_paired, t_test),
        ("mean_difference", found.mean_difference, t_test),
        ("sd_difference", found.sd_difference, t_test),
        ("t", found.t, t_test),
        ("df", found.df, t_test),
        ("p_two_sided", found.p, t_test),
        ("cohen_dz", found.dz, t_test),
        ("n_used", found.wilcoxon.n_used, ranks),
        ("zeros", found.wilcoxon.zeros, ranks),
        ("W_plus", found.wilcoxon.w_plus, ranks),
        ("W_minus", found.wilcoxon.w_minus, ranks),
        (p, found.wilcoxon.p, ranks),
        ("rank_biserial", found.wilcoxon.rank_biserial, ranks),
    ]
    wrong = [name for name, figure, given in figures if name in given and not same(figure, given[name])]
    if "ci95_mean_difference" in t_test and not (
        same(found.ci_low, interval[0]) and same(found.ci_high, interval[1])
    ):
        wrong.append("ci95_mean_difference")
    return wrong


def test_every_case_of_the_reference_file() -> None:
    if not REFERENCES.exists():
        pytest.skip(
            "the file of worked examples is not beside this checkout; its figures are in this module too"
        )
    references = json.loads(REFERENCES.read_text())
    cases = references["cases"] + references["degenerate"]
    assert len(cases) >= 19
    assert {case["id"]: wrong for case in cases if (wrong := differs_in(case))} == {}
