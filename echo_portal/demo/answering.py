"""Lets people of the demonstration answer: one by one by the portal's service, or many at once as rows."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from core import audit
from echo_portal.demo.people import Person
from echo_portal.demo.questionnaires import asks
from echo_portal.demo.respondents import Respondent, as_value
from participants.models import User
from sessions_app.models import Attendance, Cycle, EchoSession, Enrolment
from surveys.asking_queries import standings
from surveys.models import Answer, Instrument, Question, Response, SurveyAsk, SurveyWindow
from surveys.rules import INVITATION, Value, days_after, shown
from surveys.services import ensure_pseudonyms, submit_response

LOOKS_BACK = 0.55
"""The share that answers the follow-up survey."""


@dataclass(frozen=True, slots=True)
class Surveys:
    """The surveys of a cycle, those of its sessions by session."""

    cycle: Cycle
    windows: dict[str, SurveyWindow]
    evaluations: dict[int, SurveyWindow]
    questions: dict[str, dict[str, Question]]


def surveys_of(cycle: Cycle, instruments: Mapping[str, Instrument]) -> Surveys:
    """The surveys that a cycle asks; its windows are there."""
    windows = list(cycle.survey_windows.select_related("instrument"))
    return Surveys(
        cycle=cycle,
        windows={window.instrument.kind: window for window in windows if window.session_id is None},
        evaluations={window.session_id: window for window in windows if window.session_id is not None},
        questions={
            kind: {
                question.key: question
                for question in Question.objects.filter(instrument=instrument).prefetch_related("choices")
            }
            for kind, instrument in instruments.items()
        },
    )


class Answers:
    """What one person answers in one cycle; the same for the same seed."""

    def __init__(self, surveys: Surveys, person: Person, user: User, seed: str) -> None:
        self.surveys = surveys
        self.user = user
        self.respondent = Respondent(
            f"{seed}:{person.email}:answers",
            language=person.language,
            years=max(0, surveys.cycle.starts_on.year - person.profile["practising_since"]),
        )

    def submit(self, kind: str, *, now: datetime) -> None:
        """Answer the whole questionnaire and submit it."""
        submit_response(
            window_id=self.surveys.windows[kind].pk, by=self.user, answers=self.values(kind), now=now
        )

    def values(self, kind: str, *, about: str = "") -> dict[int, Value | None]:
        """Question id → answer, of the questions that are shown."""
        questions = self.surveys.questions[kind]
        replies = self.respondent.answers(kind, asks(kind), about=about)
        values: dict[int, Value | None] = {
            questions[key].pk: as_value(reply) for key, reply in replies.items()
        }
        visible = shown(
            [question.asked for question in questions.values()],
            {key: value for key, value in values.items() if value is not None},
        )
        return {key: value for key, value in values.items() if key in visible}


def learn_from_attendance(surveys: Surveys, answers: Iterable[Answers]) -> None:
    """Tell each how much of the cycle they attended; what they answer from now on depends on it."""
    held = surveys.cycle.sessions.exclude(status=EchoSession.Status.CANCELLED).count()
    counts: dict[int, int] = {}
    for pk in Attendance.objects.filter(
        session__cycle=surveys.cycle, minutes__gt=0, is_guest=False
    ).values_list("enrolment__participant", flat=True):
        counts[pk] = counts.get(pk, 0) + 1
    for one in answers:
        one.respondent.attended = min(1.0, counts.get(one.user.pk, 0) / max(1, held))


def evaluate_sessions(surveys: Surveys, people: Iterable[Answers], *, before: datetime) -> int:
    """Some of those who attended evaluate the session; written as rows, as there are hundreds. Returns how many."""
    by_user = {one.user.pk: one for one in people}
    kind = Instrument.Kind.EVALUATION
    written: list[tuple[Response, Answers, datetime]] = []
    attendances = Attendance.objects.filter(
        session__in=surveys.evaluations,
        minutes__gt=0,
        is_guest=False,
        enrolment__participant__in=by_user,
        session__ends_at__lt=before,
    )
    for attendance in attendances.select_related("session", "enrolment").order_by("session__starts_at", "pk"):
        one = by_user[attendance.enrolment.participant_id]
        # From hardly ever to nearly always, each after their own kind; the day decides the rest.
        rng = one.respondent.rng
        chance = 0.15 + 0.6 * (1 - one.respondent.is_willing) + 0.1 * one.respondent.learning
        at = attendance.session.ends_at + timedelta(
            minutes=rng.choice((5, 12, 40, 180, 1500, 4400)) + rng.random()
        )
        if rng.random() < chance and at < before:
            window = surveys.evaluations[attendance.session_id]
            response = Response(
                window=window, enrolment=attendance.enrolment, started_at=at - timedelta(minutes=2)
            )
            written.append((response, one, at))
    return write_submitted(surveys, kind, written)


def write_submitted(surveys: Surveys, kind: str, rows: Sequence[tuple[Response, Answers, datetime]]) -> int:
    """Write unsaved responses with each one's answers, submitted at the given moments; returns how many.

    As rows, because the service takes them one by one; the database holds them to the same rules.
    """
    with audit.act("demo.load", by=None):
        Response.objects.bulk_create((response for response, _one, _at in rows), batch_size=2000)
        questions = {question.pk: question for question in surveys.questions[kind].values()}
        Answer.objects.bulk_create(
            (
                _row(response, questions[pk], value)
                for response, one, _at in rows
                for pk, value in one.values(kind, about=str(response.window.opens_at)).items()
                if value is not None
            ),
            batch_size=2000,
        )
        for response, _one, at in rows:
            response.status, response.submitted_at = Response.Status.SUBMITTED, at
        Response.objects.bulk_update(
            [response for response, _one, _at in rows], ["status", "submitted_at"], batch_size=1000
        )
        ensure_pseudonyms(
            program_id=surveys.cycle.program_id, participant_ids={one.user.pk for _row, one, _at in rows}
        )
    return len(rows)


def submit_all(surveys: Surveys, kind: str, people: Sequence[tuple[Answers, datetime]]) -> int:
    """Let many answer a survey of the cycle at the given moments; returns how many."""
    enrolments = {enrolment.participant_id: enrolment for enrolment in surveys.cycle.enrolments.all()}
    window = surveys.windows[kind]
    return write_submitted(
        surveys,
        kind,
        [
            (
                Response(
                    window=window, enrolment=enrolments[one.user.pk], started_at=at - timedelta(minutes=8)
                ),
                one,
                at,
            )
            for one, at in people
        ],
    )


def look_back(surveys: Surveys, rng: random.Random, people: Iterable[Answers], *, before: datetime) -> int:
    """Some of `people` answer the follow-up survey, if it was asked before `before`; returns how many."""
    opened = surveys.windows[Instrument.Kind.FOLLOW_UP].opens_at
    times = [
        (one, opened + timedelta(hours=9, minutes=rng.randint(0, 6_000)))
        for one in people
        if rng.random() < LOOKS_BACK
    ]
    return submit_all(surveys, Instrument.Kind.FOLLOW_UP, [(one, at) for one, at in times if at < before])


def _row(response: Response, question: Question, value: Value) -> Answer:
    answer = Answer(response=response, question=question)
    if isinstance(value, tuple):
        answer.choices = list(value)
    elif isinstance(value, str):
        answer.text = value
    else:
        answer.number = value
    return answer


def remember_asking(surveys: Surveys, *, now: datetime, people: QuerySet[Enrolment] | None = None) -> None:
    """Keep that those who have not answered what is open were asked, at each step that came before `now`.

    So the portal does not write to them now about what a real cycle would have asked long ago. With `people` that is
    kept of all of those, whether or not they will be asked.
    """
    local = timezone.localtime(now)
    asked = []
    for window in [*surveys.windows.values(), *surveys.evaluations.values()]:
        if window.opens_at > now or (window.closes_at is not None and window.closes_at <= now):
            continue
        steps = [(0, INVITATION), *((day, f"day-{day}") for day in window.reminder_days)]
        for standing in standings(window, people):
            if standing.is_submitted:
                continue
            begins = max(timezone.localtime(window.opens_at), standing.asked_from)
            end = standing.closes_at if standing.closes_at is not None else local
            asked += [
                SurveyAsk(
                    window=window, enrolment=standing.enrolment, step=step, asked_at=days_after(begins, day)
                )
                for day, step in steps
                if days_after(begins, day) < min(local, end)
            ]
    SurveyAsk.objects.bulk_create(asked, batch_size=1000)
