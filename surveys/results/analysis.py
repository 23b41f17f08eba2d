"""The paired figures of a cycle (rule 31): items, constructs, groups, and change by attendance.

What is small is not shown: nobody outside learns a figure of fewer than MINIMUM people, of a group neither directly nor
by subtracting the groups that are shown (surveys.statistics.suppressed_in_all over every table of the same groups).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

import numpy as np
from django.db.models import Count, Q

from participants.enums import Category
from sessions_app.models import Attendance, Cycle, EchoSession, Enrolment
from surveys.models import Construct, Instrument, Question, Response
from surveys.results.data import Answers, Array, Mask, cycle_windows, load_answers
from surveys.rules import QuestionKind
from surveys.statistics import (
    Alpha,
    Comparison,
    Correlation,
    Paired,
    compare_groups,
    construct_scores,
    cronbach_alpha,
    distribution,
    holm,
    paired,
    paired_items,
    spearman,
    suppressed_in_all,
)

MINIMUM = 5
"""Figures of fewer people are suppressed (rule 31)."""

BANDS = (("under_half", 0.0, 0.5), ("half_to_80", 0.5, 0.8), ("from_80", 0.8, 1.01))
"""Shares of the sessions held that somebody attended: from the first number, below the second."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How many of those asked have submitted a survey."""

    kind: str
    asked: int
    submitted: int

    @property
    def share(self) -> float | None:
        """Submitted of those asked, from 0 to 1; None where nobody was asked."""
        return self.submitted / self.asked if self.asked else None


@dataclass(frozen=True, slots=True)
class Measure:
    """An item or a construct, before and after. `figures` is None where fewer than MINIMUM are paired.

    `n_pre` and `n_post` are those the figures are of: where fewer than MINIMUM answered one time only, the pairs.

    `levels` with the counts before and after are of whole numbers of a scale; None where fewer than MINIMUM answered.
    """

    key: str
    question: Question | None
    construct: Construct | None
    n_pre: int
    n_post: int
    n_paired: int
    figures: Paired | None
    p_holm: float | None = None
    levels: tuple[int, ...] = ()
    counts_pre: tuple[int, ...] | None = None
    counts_post: tuple[int, ...] | None = None
    alpha_pre: Alpha | None = None
    alpha_post: Alpha | None = None
    is_mixed: bool = False


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group's change; `n` and `figures` are None where the group is suppressed."""

    group: str
    n: int | None
    figures: Paired | None


@dataclass(frozen=True, slots=True)
class ByGroup:
    """A measure's change in each group, and the test between those that are shown."""

    measure: str
    rows: tuple[GroupRow, ...]
    comparison: Comparison | None


@dataclass(frozen=True, slots=True)
class Dose:
    """A measure's change against sessions attended."""

    measure: str
    correlation: Correlation | None
    bands: ByGroup


@dataclass(frozen=True, slots=True)
class CycleResults:
    """Everything that is reported of a cycle's surveys in numbers."""

    cycle: Cycle
    compare: str
    rates: tuple[Rate, ...]
    items: tuple[Measure, ...]
    constructs: tuple[Measure, ...]
    by_category: tuple[ByGroup, ...]
    by_attendance: tuple[Dose, ...]
    unpaired: tuple[str, ...] = ()
    is_small: bool = field(default=False)


def cycle_results(cycle: Cycle, *, compare: str = Instrument.Kind.POST) -> CycleResults:
    """The figures of `cycle`: its pre-survey against its post-survey, or its follow-up (about 20 queries)."""
    windows = cycle_windows(cycle)
    before = load_answers(windows.get(Instrument.Kind.PRE))
    after = load_answers(windows.get(compare))
    keys, unpaired = _paired_keys(before, after)
    people = sorted({*before.people, *after.people})
    pre, post = guarded(_arrays(before, people, keys), _arrays(after, people, keys))
    items = _items(before, keys, pre, post)
    constructs, scores = _constructs(before, keys, pre, post)
    return CycleResults(
        cycle=cycle,
        compare=compare,
        rates=response_rates(cycle),
        items=items,
        constructs=constructs,
        by_category=_by_group(scores, _categories(people)),
        by_attendance=_by_attendance(scores, _attendance(cycle, people)),
        unpaired=unpaired,
        is_small=0 < len({*before.people} & {*after.people}) < MINIMUM,
    )


def response_rates(cycle: Cycle) -> tuple[Rate, ...]:
    """For each survey that has opened how many of the enrolled have submitted it; evaluations have their own."""
    approved = Q(status=Enrolment.Status.APPROVED)
    enrolled = cycle.enrolments.filter(approved | Q(responses__status=Response.Status.SUBMITTED)).distinct()
    asked = enrolled.count()
    submitted = Count("responses", filter=Q(responses__status=Response.Status.SUBMITTED))
    windows = (
        cycle.survey_windows.filter(session=None).annotate(submitted=submitted).order_by("opens_at", "pk")
    )
    return tuple(
        Rate(kind, asked, count) for kind, count in windows.values_list("instrument__kind", "submitted")
    )


def _paired_keys(before: Answers, after: Answers) -> tuple[list[str], tuple[str, ...]]:
    """The keys that both surveys ask in the same range, and those that both ask in different ones."""
    ranges = {column.key: column.range for column in after.columns}
    shared = [column for column in before.columns if column.key in ranges]
    same = [column.key for column in shared if column.range == ranges[column.key]]
    return same, tuple(column.key for column in shared if column.key not in same)


def _arrays(answers: Answers, people: Sequence[int], keys: Sequence[str]) -> Array:
    if not keys:
        return np.empty((len(people), 0))
    return np.column_stack([answers.of(people, key) for key in keys])


def guarded(pre: Array, post: Array) -> tuple[Array, Array]:
    """Both arrays without what would tell the answers of a few: column by column.

    Figures of all who answered stand beside figures of those who answered both times. Where fewer than MINIMUM
    answered one time only, their answers would follow by subtraction: that time's figures are then of the pairs.
    """
    pre, post = pre.copy(), post.copy()
    answered_pre, answered_post = ~np.isnan(pre), ~np.isnan(post)
    for mine, values in ((answered_pre & ~answered_post, pre), (answered_post & ~answered_pre, post)):
        few = mine.sum(axis=0) < MINIMUM
        values[mine & few] = np.nan
    return pre, post


def _items(before: Answers, keys: Sequence[str], pre: Array, post: Array) -> tuple[Measure, ...]:
    columns = {column.key: column for column in before.columns}
    figures = paired_items(pre, post) if keys else []
    shown = [one if one.n_paired >= MINIMUM else None for one in figures]
    adjusted = holm([one.p if one else None for one in shown])
    found = []
    for at, key in enumerate(keys):
        column, one = columns[key], figures[at]
        levels: tuple[int, ...] = ()
        is_scale = column.question.kind != QuestionKind.NUMBER
        if is_scale and column.low is not None and column.high is not None:
            levels = tuple(range(int(column.low), int(column.high) + 1))
        found.append(
            Measure(
                key=key,
                question=column.question,
                construct=column.question.construct,
                n_pre=one.n_pre,
                n_post=one.n_post,
                n_paired=one.n_paired,
                figures=shown[at],
                p_holm=adjusted[at],
                levels=levels,
                counts_pre=_counts(pre[:, at], levels, one.n_pre),
                counts_post=_counts(post[:, at], levels, one.n_post),
            )
        )
    return tuple(found)


def _counts(values: Array, levels: tuple[int, ...], n: int) -> tuple[int, ...] | None:
    return distribution(values, levels) if levels and n >= MINIMUM else None


def _constructs(
    before: Answers, keys: Sequence[str], pre: Array, post: Array
) -> tuple[tuple[Measure, ...], dict[str, tuple[Array, Array]]]:
    """Each construct's score, the mean of its items, of those who answered all of them; items share one range."""
    columns = {column.key: column for column in before.columns}
    places: dict[Construct, list[int]] = {}
    for at, key in enumerate(keys):
        construct = columns[key].question.construct
        if construct is not None:
            places.setdefault(construct, []).append(at)
    measures, scores = [], {}
    for construct, where in sorted(places.items(), key=lambda one: one[0].name):
        ranges = {columns[keys[at]].range for at in where}
        if len(ranges) > 1:
            measures.append(Measure(construct.key, None, construct, 0, 0, 0, None, is_mixed=True))
            continue
        score_pre, score_post = (
            column[:, 0]
            for column in guarded(
                construct_scores(pre[:, where])[:, None], construct_scores(post[:, where])[:, None]
            )
        )
        scores[construct.key] = (score_pre, score_post)
        one = paired(score_pre, score_post)
        measures.append(
            Measure(
                key=construct.key,
                question=None,
                construct=construct,
                n_pre=one.n_pre,
                n_post=one.n_post,
                n_paired=one.n_paired,
                figures=one if one.n_paired >= MINIMUM else None,
                alpha_pre=_alpha(pre[:, where][~np.isnan(score_pre)]),
                alpha_post=_alpha(post[:, where][~np.isnan(score_post)]),
            )
        )
    return tuple(measures), scores


def _alpha(rows: Array) -> Alpha | None:
    alpha = cronbach_alpha(rows)
    return alpha if alpha.n >= MINIMUM else None


def _categories(people: Sequence[int]) -> dict[str, Mask]:
    """For each professional category which rows are its people; who states none is in a group of their own."""
    stated = dict(Enrolment.objects.filter(pk__in=people).values_list("pk", "participant__profile__category"))
    values = np.array([stated.get(pk) or "" for pk in people], dtype=object)
    return {group: values == group for group in (*Category.values, "") if (values == group).any()}


def _attendance(cycle: Cycle, people: Sequence[int]) -> Array:
    """The share of the cycle's sessions, those not cancelled, that each person was in."""
    total = cycle.sessions.exclude(status=EchoSession.Status.CANCELLED).count()
    there = Attendance.objects.filter(
        enrolment__in=people, session__cycle=cycle, minutes__gt=0, is_guest=False
    ).exclude(session__status=EchoSession.Status.CANCELLED)
    attended = dict(there.values_list("enrolment").annotate(times=Count("pk")))
    if not total:
        return np.zeros(len(people))
    return np.array([attended.get(pk, 0) / total for pk in people])


def _by_group(scores: Mapping[str, tuple[Array, Array]], groups: Mapping[str, Mask]) -> tuple[ByGroup, ...]:
    """Each measure's change in each group; one set of groups is hidden in all of them."""
    figures = {
        measure: {group: paired(pre[rows], post[rows]) for group, rows in groups.items()}
        for measure, (pre, post) in scores.items()
    }
    tables = [
        {group: count(one) for group, one in of_measure.items()}
        for of_measure in figures.values()
        for count in (attrgetter("n_pre"), attrgetter("n_post"), attrgetter("n_paired"))
    ]
    hidden = suppressed_in_all(tables, MINIMUM) if tables else frozenset()
    found = []
    for measure, (pre, post) in scores.items():
        rows = []
        for group, one in figures[measure].items():
            is_hidden = group in hidden
            rows.append(
                GroupRow(
                    group,
                    None if is_hidden else one.n_paired,
                    None if is_hidden or one.n_paired < MINIMUM else one,
                )
            )
        visible = {row.group: (post - pre)[groups[row.group]] for row in rows if row.figures is not None}
        comparison = compare_groups(visible) if len(visible) > 1 else None
        found.append(ByGroup(measure, tuple(rows), comparison))
    return tuple(found)


def _by_attendance(scores: Mapping[str, tuple[Array, Array]], shares: Array) -> tuple[Dose, ...]:
    bands = {name: (shares >= low) & (shares < high) for name, low, high in BANDS}
    found = []
    for by_band in _by_group(scores, bands):
        pre, post = scores[by_band.measure]
        change = post - pre
        n = int((~np.isnan(change)).sum())
        correlation = spearman(shares, change) if n >= MINIMUM else None
        found.append(Dose(by_band.measure, correlation, by_band))
    return tuple(found)
