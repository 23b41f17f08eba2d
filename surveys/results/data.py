"""Answers as arrays: a row a person, a column a question, NaN where nothing was answered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import FloatField
from django.db.models.functions import Cast
from numpy.typing import NDArray

from sessions_app.models import Cycle
from surveys.models import Answer, Question, Response, SurveyWindow
from surveys.queries import asked_questions
from surveys.rules import NUMBERS, QuestionKind
from surveys.statistics import reverse

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Column:
    """A question that gives a number: a scale, a number, or a knowledge question scored 1 or 0."""

    question: Question
    low: float | None
    high: float | None
    is_scored: bool

    @property
    def key(self) -> str:
        """What pairs it."""
        return self.question.key

    @property
    def range(self) -> tuple[float | None, float | None, bool]:
        """What must be the same for two questions to be compared."""
        return (self.low, self.high, self.is_scored)


@dataclass(frozen=True, slots=True)
class Answers:
    """The submitted answers to one survey: `values[row, column]`, rows in the order of `people` (enrolments)."""

    columns: tuple[Column, ...]
    people: tuple[int, ...]
    values: Array

    def of(self, people: Sequence[int], key: str) -> Array:
        """One question's answers of `people` in their order; reverse-scored where the question says so."""
        at = next(index for index, column in enumerate(self.columns) if column.key == key)
        column = self.columns[at]
        rows = {pk: row for row, pk in enumerate(self.people)}
        found = np.full(len(people), np.nan)
        places = [(place, rows[pk]) for place, pk in enumerate(people) if pk in rows]
        if places:
            where, which = zip(*places, strict=True)
            found[list(where)] = self.values[list(which), at]
        if column.question.is_reversed and column.low is not None and column.high is not None:
            found = reverse(found, column.low, column.high)
        return found


def column_of(question: Question) -> Column | None:
    """How a question gives a number; None where it does not."""
    if question.kind in NUMBERS:
        low, high = question.minimum, question.maximum
        return Column(
            question,
            None if low is None else float(low),
            None if high is None else float(high),
            is_scored=False,
        )
    is_choice = question.kind in {QuestionKind.SINGLE, QuestionKind.MULTIPLE}
    if is_choice and any(choice.is_correct for choice in question.choices.all()):
        return Column(question, 0.0, 1.0, is_scored=True)
    return None


def load_answers(window: SurveyWindow | None) -> Answers:
    """The numbers of everybody who has submitted a survey, in two queries besides the questions."""
    if window is None:
        return Answers((), (), np.empty((0, 0)))
    columns = tuple(column for one in asked_questions(window.instrument_id) if (column := column_of(one)))
    submitted = Response.objects.filter(window=window, status=Response.Status.SUBMITTED)
    people = tuple(submitted.order_by("enrolment").values_list("enrolment", flat=True))
    values = np.full((len(people), len(columns)), np.nan)
    row_of = {pk: row for row, pk in enumerate(people)}
    place_of = {column.question.pk: at for at, column in enumerate(columns)}
    correct = {
        column.question.pk: {choice.key for choice in column.question.choices.all() if choice.is_correct}
        for column in columns
        if column.is_scored
    }
    rows: Iterable[Any] = Answer.objects.filter(
        response__window=window, response__status=Response.Status.SUBMITTED, question__in=list(place_of)
    ).values_list("response__enrolment", "question", Cast("number", FloatField()), "choices")
    for enrolment, question, number, choices in rows.iterator(chunk_size=20_000):  # type: ignore[attr-defined]
        score = float(set(choices) == correct[question]) if question in correct else number
        values[row_of[enrolment], place_of[question]] = score
    return Answers(columns, people, values)


def cycle_windows(cycle: Cycle) -> dict[str, SurveyWindow]:
    """The cycle's surveys by kind, but for the evaluations, of which there is one a session."""
    windows = cycle.survey_windows.filter(session=None).select_related("instrument", "cycle")
    return {window.instrument.kind: window for window in windows}
