"""Answers as a table: a row a person and cycle, or a row a person and session, under pseudonyms (rule 32).

Nothing here names anybody: no name, address, licence or number of an account; days, never times of day; what was
written in words only as it was screened; a professional category only where five or more have it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, F, FloatField, Q
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext as _

from core.templatetags.portal import localized_text
from participants.enums import Category
from sessions_app.models import Attendance, Cycle, Enrolment
from surveys import rules
from surveys.exports.variables import Measure, Variable, base_name, signature, unique, variables_of
from surveys.models import Answer, Instrument, Pseudonym, Question, Response, SurveyWindow
from surveys.queries import asked_questions
from surveys.rules import QuestionKind
from surveys.statistics import suppressed

MINIMUM = 5
"""A professional category of fewer people is not named."""


class Dataset(StrEnum):
    """What a row is."""

    PEOPLE = "people"
    EVALUATIONS = "evaluations"


class Purpose(StrEnum):
    """What the file is for: research takes only those who consented to it."""

    PROGRAM = "program"
    RESEARCH = "research"


Cell = str | float | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """An export: its columns and rows, how many people it leaves out, and how many texts are not screened yet.

    Somebody is left out, and counted once, if answers in any of the cycles are missing for want of consent.
    """

    variables: tuple[Variable, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int
    unscreened: int


def build_table(cycles: Sequence[Cycle], *, dataset: Dataset, purpose: Purpose) -> Table:
    """The submitted answers of `cycles`, which belong to one program, in a fixed number of queries a survey.

    For research, whoever's latest answer in a cycle about consent to research is not yes is left out of that cycle,
    and counted. Whoever was not asked has not consented.
    """
    windows = list(
        SurveyWindow.objects.filter(cycle__in=cycles)
        .filter(~Q(session=None) if dataset == Dataset.EVALUATIONS else Q(session=None))
        .select_related("instrument", "session", "cycle")
        .order_by("instrument__kind", "instrument__version", "opens_at", "pk")
    )
    columns = _Columns(windows, _standing(dataset))
    responses = list(
        Response.objects.filter(window__in=windows, status=Response.Status.SUBMITTED).values_list(
            "pk", "window", "enrolment", "submitted_at"
        )
    )
    enrolments = {enrolment for _pk, _window, enrolment, _at in responses}
    consented = _consented(cycles) if purpose == Purpose.RESEARCH else enrolments
    kept = enrolments & consented
    people = _people(cycles, kept)
    values, unscreened = _values(windows, columns, kept)
    by_window = {window.pk: window for window in windows}
    rows: dict[tuple[Any, ...], dict[str, Cell]] = {}
    for pk, window_id, enrolment, submitted_at in responses:
        if enrolment not in kept:
            continue
        window, person = by_window[window_id], people[enrolment]
        row = rows.setdefault(_row_key(person, window), _beginning(person, window))
        row[columns.days[_survey(window)]] = _day(submitted_at)
        row |= values.get(pk, {})
    variables = columns.variables
    filled = tuple(tuple(rows[key].get(variable.name) for variable in variables) for key in sorted(rows))
    without_consent = Enrolment.objects.filter(pk__in=enrolments - kept)
    left_out = without_consent.order_by().values("participant").distinct().count()
    return Table(variables, filled, left_out, unscreened)


def _survey(window: SurveyWindow) -> str:
    return str(window.instrument.kind)


def _day(moment: datetime | None) -> str | None:
    return timezone.localdate(moment).isoformat() if moment else None


@dataclass(frozen=True, slots=True)
class _Person:
    code: str
    cycle: str
    cycle_id: int
    category: int | None
    attended: int


def _row_key(person: _Person, window: SurveyWindow) -> tuple[Any, ...]:
    # By pseudonym, which says nothing: neither names nor the order of joining show.
    day = window.session.starts_at.isoformat() if window.session else ""
    return (person.code, person.cycle, person.cycle_id, day, window.session_id or 0)


def _beginning(person: _Person, window: SurveyWindow) -> dict[str, Cell]:
    row: dict[str, Cell] = {
        "pseudonym": person.code,
        "cycle": person.cycle,
        "category": person.category,
        "sessions_attended": person.attended,
    }
    if window.session is not None:
        row["session_day"] = _day(window.session.starts_at)
        row["session_topic"] = localized_text(window.session, "topic")
    return row


CATEGORY_CODES = {category: code for code, category in enumerate(Category.values, 1)}


def _standing(dataset: Dataset) -> list[Variable]:
    """The columns that are no question's."""
    categories = tuple((CATEGORY_CODES[value], str(label)) for value, label in Category.choices)
    hidden = (0, _("not shown: fewer than five"))
    first = [
        Variable(
            "pseudonym", _("Pseudonym, the same in all cycles of the program"), Measure.NOMINAL, is_text=True
        ),
        Variable("cycle", _("Cycle"), Measure.NOMINAL, is_text=True),
        Variable("category", _("Professional category"), Measure.NOMINAL, values=(hidden, *categories)),
        Variable("sessions_attended", _("Sessions of the cycle attended"), Measure.SCALE),
    ]
    if dataset == Dataset.EVALUATIONS:
        first += [
            Variable("session_day", _("Day of the session"), Measure.NOMINAL, is_text=True),
            Variable("session_topic", _("Topic of the session"), Measure.NOMINAL, is_text=True),
        ]
    return first


class _Columns:
    """The columns of every question asked in the windows; versions of a question share one while they are alike."""

    def __init__(self, windows: Sequence[SurveyWindow], standing: list[Variable]) -> None:
        self.of_question: dict[int, list[Variable]] = {}
        self.marks: dict[int, tuple[object, ...]] = {}
        self.questions: dict[int, Question] = {}
        self.surveys: dict[str, None] = {}
        known: dict[tuple[object, ...], list[Variable]] = {}
        names: dict[str, int] = {}
        seen: set[int] = set()
        for window in windows:
            self.surveys[_survey(window)] = None
            if window.instrument_id in seen:
                continue
            seen.add(window.instrument_id)
            for question in asked_questions(window.instrument_id):
                if question.kind == QuestionKind.MATRIX:
                    continue
                mark = (_survey(window), question.key, *signature(question))
                if mark not in known:
                    name = base_name(_survey(window), question.key)
                    names[name] = names.get(name, 0) + 1
                    if names[name] > 1:
                        name = f"{name}_v{window.instrument.version}"
                    known[mark] = variables_of(question, _survey(window), name)
                self.marks[question.pk] = mark
                self.questions[question.pk] = question
        self._name(known, standing)

    def _name(self, known: dict[tuple[object, ...], list[Variable]], standing: list[Variable]) -> None:
        """Settle the names before any value is kept under one: no two columns are called the same.

        In the order of surveys and questions, each survey's day first.
        """
        found = list(standing)
        days, places = {}, {}
        for survey in self.surveys:
            kind = Instrument.Kind(survey)
            label = _("Day the answers were submitted: %(survey)s") % {"survey": kind.label}
            days[survey] = len(found)
            found.append(Variable(f"{survey}_day", label, Measure.NOMINAL, is_text=True, survey=survey))
        for mark, variables in known.items():
            places[mark] = (len(found), len(found) + len(variables))
            found += variables
        named = unique(found)
        self.days = {survey: named[at].name for survey, at in days.items()}
        renamed = {mark: named[begin:end] for mark, (begin, end) in places.items()}
        self.of_question = {pk: renamed[mark] for pk, mark in self.marks.items()}
        self.variables = (
            *named[: len(standing)],
            *(
                variable
                for survey, at in days.items()
                for variable in (
                    named[at],
                    *(one for mark, ones in renamed.items() if mark[0] == survey for one in ones),
                )
            ),
        )


def _values(
    windows: Sequence[SurveyWindow], columns: _Columns, kept: set[int]
) -> tuple[dict[int, dict[str, Cell]], int]:
    """By response the cells of its answers, and how many texts wait to be screened."""
    values: dict[int, dict[str, Cell]] = {}
    unscreened = 0
    answers = Answer.objects.filter(
        response__window__in=windows,
        response__status=Response.Status.SUBMITTED,
        response__enrolment__in=kept,
    ).annotate(safe=F("screened__text"), value_as_float=Cast("number", FloatField()))
    for response, question, number, choices, text, safe in answers.values_list(
        "response", "question", "value_as_float", "choices", "text", "safe"
    ).iterator(chunk_size=20_000):
        cells = values.setdefault(response, {})
        if text:
            unscreened += safe is None
            cells[columns.of_question[question][0].name] = safe
        elif number is not None:
            cells[columns.of_question[question][0].name] = number
        else:
            cells |= _coded(columns.questions[question], choices, columns.of_question[question])
    return values, unscreened


def _coded(question: Question, choices: Sequence[str], variables: Sequence[Variable]) -> Mapping[str, Cell]:
    if question.kind == QuestionKind.MULTIPLE:
        return {variable.name: int(variable.choice in choices) for variable in variables}
    if question.kind == QuestionKind.CONSENT:
        return {variables[0].name: int(choices == [rules.YES])}
    codes = {choice.key: code for code, choice in enumerate(question.choices.all(), 1)}
    return {variables[0].name: codes[choices[0]]}


def _consented(cycles: Sequence[Cycle]) -> set[int]:
    """The enrolments whose latest submitted answer about consent to research is yes."""
    asked = Answer.objects.filter(
        question__is_research_consent=True,
        response__status=Response.Status.SUBMITTED,
        response__window__cycle__in=cycles,
    ).order_by("response__submitted_at", "pk")
    latest = dict(asked.values_list("response__enrolment", "choices"))
    return {enrolment for enrolment, choices in latest.items() if choices == [rules.YES]}


def _people(cycles: Sequence[Cycle], enrolments: set[int]) -> dict[int, _Person]:
    if not enrolments:
        return {}
    program = cycles[0].program_id
    codes = dict(Pseudonym.objects.filter(program=program).values_list("participant", "code"))
    there = Attendance.objects.filter(enrolment__in=enrolments, minutes__gt=0, is_guest=False)
    attended = dict(there.values_list("enrolment").annotate(times=Count("pk")))
    rows = list(
        Enrolment.objects.filter(pk__in=enrolments).values_list(
            "pk", "participant", "cycle", "participant__profile__category"
        )
    )
    # In each cycle, where a person is one: over several, one person would count for many.
    counts: dict[int, dict[str, int]] = {}
    for _pk, _participant, cycle, category in rows:
        of_cycle = counts.setdefault(cycle, {})
        of_cycle[category or ""] = of_cycle.get(category or "", 0) + 1
    hidden = {
        cycle: suppressed(of_cycle, MINIMUM) | ({""} & of_cycle.keys()) for cycle, of_cycle in counts.items()
    }
    names = {cycle.pk: localized_text(cycle, "name") for cycle in cycles}
    return {
        pk: _Person(
            code=codes[participant],
            cycle=names[cycle],
            cycle_id=cycle,
            category=0 if (category or "") in hidden[cycle] else CATEGORY_CODES[category],
            attended=attended.get(pk, 0),
        )
        for pk, participant, cycle, category in rows
    }
