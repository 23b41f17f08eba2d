"""What participants say of the sessions: each session's means, and all together."""

from dataclasses import dataclass

import numpy as np
from django.db.models import Count, Q

from sessions_app.models import Cycle, EchoSession
from surveys.models import Instrument, Question, Response
from surveys.results.analysis import MINIMUM
from surveys.results.data import load_answers
from surveys.statistics import suppressed_in_all


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One session: who was there, who answered, and by question key the mean of the n who answered it.

    `submitted` and the means are None where the session is suppressed.
    """

    session: EchoSession
    attended: int
    submitted: int | None
    means: dict[str, tuple[int, float] | None]


@dataclass(frozen=True, slots=True)
class Evaluations:
    """All sessions of a cycle, and the mean of all answers by question key."""

    questions: tuple[Question, ...]
    sessions: tuple[Evaluation, ...]
    attended: int
    submitted: int
    means: dict[str, tuple[int, float] | None]


def session_evaluations(cycle: Cycle) -> Evaluations:
    """The evaluations of the cycle's sessions that have opened, by date (4 queries a session that was evaluated)."""
    there = Count("session__attendances", filter=_present(), distinct=True)
    answered = Count("responses", filter=Q(responses__status=Response.Status.SUBMITTED), distinct=True)
    windows = list(
        cycle.survey_windows.filter(instrument__kind=Instrument.Kind.EVALUATION)
        .select_related("session", "instrument", "cycle")
        .annotate(attended=there, submitted=answered)
        .order_by("session__starts_at", "pk")
    )
    loaded = {window.pk: load_answers(window) for window in windows if window.submitted}
    questions: dict[str, Question] = {}
    for answers in loaded.values():
        questions |= {column.key: column.question for column in answers.columns}
    values: dict[int, dict[str, np.ndarray]] = {
        pk: {column.key: answers.of(answers.people, column.key) for column in answers.columns}
        for pk, answers in loaded.items()
    }
    submitted = {str(window.pk): int(window.submitted) for window in windows}
    tables = [
        submitted,
        *(
            {
                str(window.pk): int((~np.isnan(values.get(window.pk, {}).get(key, np.empty(0)))).sum())
                for window in windows
            }
            for key in questions
        ),
    ]
    hidden = suppressed_in_all(tables, MINIMUM) if windows else frozenset()
    rows = []
    for window in windows:
        assert window.session is not None
        is_hidden = str(window.pk) in hidden
        found = values.get(window.pk, {})
        rows.append(
            Evaluation(
                session=window.session,
                attended=int(window.attended),
                submitted=None if is_hidden else int(window.submitted),
                means={key: None if is_hidden else _mean(found.get(key)) for key in questions},
            )
        )
    together = {
        key: _mean(np.concatenate([of[key] for of in values.values() if key in of])) for key in questions
    }
    return Evaluations(
        questions=tuple(questions.values()),
        sessions=tuple(rows),
        attended=sum(row.attended for row in rows),
        submitted=sum(submitted.values()),
        means=together,
    )


def _present() -> Q:
    return Q(session__attendances__minutes__gt=0, session__attendances__is_guest=False)


def _mean(values: np.ndarray | None) -> tuple[int, float] | None:
    if values is None:
        return None
    answered = values[~np.isnan(values)]
    return (len(answered), float(answered.mean())) if len(answered) >= MINIMUM else None
