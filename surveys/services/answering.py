"""Answering: answers are saved as one goes, and a response is submitted once (rules 28 and 29)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.errors import BadInputError, DomainError, NotAllowedError
from participants.models import User
from sessions_app.models import Enrolment
from surveys import rules
from surveys.models import Answer, Instrument, Question, Response, SurveyWindow
from surveys.queries import asked_questions, closing_time
from surveys.rules import MAX_LENGTH, Merge, Problem, QuestionKind, Value
from surveys.services.asking import withdraw_reminders
from surveys.services.pseudonyms import ensure_pseudonyms

PROBLEMS = {
    Problem.NOT_A_NUMBER: gettext_lazy("Write a number."),
    Problem.OUT_OF_RANGE: gettext_lazy("This number is outside the range."),
    Problem.TOO_PRECISE: gettext_lazy("This number has too many decimal places."),
    Problem.NOT_A_CHOICE: gettext_lazy("Choose one of the answers offered."),
    Problem.ONE_CHOICE: gettext_lazy("Choose one answer."),
    Problem.EXCLUSIVE: gettext_lazy(
        "One of your answers excludes the others: keep it alone, or take it out."
    ),
    Problem.TOO_LONG: gettext_lazy("This answer is too long."),
    Problem.NOT_ASKED: gettext_lazy("This survey has no such question. Reload the page."),
}
"""Why a value is no answer, in words."""


class AlreadySubmittedError(DomainError):
    """The response was submitted before: it stays as it is."""


class NotOpenError(BadInputError):
    """The survey is not open for this person, not yet or no longer."""


class IncompleteError(DomainError):
    """Required questions are not answered; `questions` are those."""

    def __init__(self, message: str, questions: list[Question]) -> None:
        super().__init__(message)
        self.questions = questions


@dataclass(frozen=True, slots=True)
class Saved:
    """What was kept. `conflicts` are texts that another device has changed meanwhile: the one kept, by question id.

    Nothing sent for those questions was written; the person has to say which words count.
    """

    response: Response
    conflicts: Mapping[int, str]


@transaction.atomic
def save_answers(
    *,
    window_id: int,
    by: User,
    answers: Mapping[int, Value | int | None],
    now: datetime,
    seen: Mapping[int, str] | None = None,
) -> Saved:
    """Keep `answers` (question id → number, text or keys of choices; None for none) in the draft; others stay.

    `seen` holds, by question id, the fingerprint (rules.fingerprint) of the answer that the page was filled with: what
    a page has not changed leaves alone what another device wrote meanwhile (rules.merge). Without a mark the answer is
    taken.

    Raises NotAllowedError for somebody who is not in the cycle, NotOpenError for a closed survey, BadInputError for an
    unknown question or a value that is no answer to it, and AlreadySubmittedError once the response is submitted.
    """
    return _save(window_id=window_id, by=by, answers=answers, seen=seen or {}, now=now)


@transaction.atomic
def submit_response(
    *,
    window_id: int,
    by: User,
    answers: Mapping[int, Value | int | None],
    now: datetime,
    seen: Mapping[int, str] | None = None,
) -> Response:
    """Keep `answers` and submit the response, exactly once however often it is asked for.

    Answers to questions that are not shown, because of what was answered elsewhere, are dropped: they were not asked.
    Raises what `save_answers` raises, and IncompleteError when a required question has no answer (blank text is
    none), or a reflection no word that is shown. Nothing is submitted then; call `save_answers` to keep what was typed.
    """
    saved = _save(window_id=window_id, by=by, answers=answers, seen=seen or {}, now=now)
    response = saved.response
    if saved.conflicts:
        raise BadInputError(_("Another device has changed an answer meanwhile. Look at it once more."))
    questions = asked_questions(response.window.instrument_id)
    kept = {answer.question_id: answer.value for answer in response.answers.all()}
    asked = [question.asked for question in questions]
    visible = rules.shown(asked, kept)
    # A reflection without a word is none, even where its questions are not marked as required (rule 13).
    is_reflection = response.window.instrument.kind == Instrument.Kind.REFLECTION
    missing = set(rules.unanswered(asked, kept, needs_words=is_reflection))
    unanswered = [question for question in questions if question.pk in missing]
    if unanswered:
        raise IncompleteError(_("Some questions still need an answer."), unanswered)
    with audit.act("survey.submit", by=by):
        response.answers.exclude(question__in=visible).delete()
        response.status = Response.Status.SUBMITTED
        response.submitted_at = now
        response.save(update_fields=["status", "submitted_at"])
        ensure_pseudonyms(program_id=response.window.instrument.program_id, participant_ids=[by.pk])
        withdraw_reminders(response)
    return response


def _save(
    *,
    window_id: int,
    by: User,
    answers: Mapping[int, Value | int | None],
    seen: Mapping[int, str],
    now: datetime,
) -> Saved:
    window = SurveyWindow.objects.select_related("instrument").get(pk=window_id)
    # The enrolment's row is the lock: two devices at once start one response and submit it once.
    # Of it alone: the usual order of enrolments joins their cycle, whose row others wait for.
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .filter(cycle_id=window.cycle_id, participant=by, status=Enrolment.Status.APPROVED)
        .first()
    )
    if enrolment is None:
        raise NotAllowedError(_("This survey is for those who are enrolled in its cycle."))
    with audit.act("survey.answer", by=by):
        response = Response.objects.filter(window=window, enrolment=enrolment).first()
        if response is not None and response.status == Response.Status.SUBMITTED:
            raise AlreadySubmittedError(_("You have submitted this survey already. Thank you."))
        closes_at = closing_time(window, enrolment)
        if now < window.opens_at or (closes_at is not None and now >= closes_at):
            raise NotOpenError(_("This survey is not open."))
        if response is None:
            response = Response.objects.create(window=window, enrolment=enrolment, started_at=now)
    response.window = window
    return Saved(response, _write(response, answers, seen))


def _write(
    response: Response, answers: Mapping[int, Value | int | None], seen: Mapping[int, str]
) -> dict[int, str]:
    questions = {question.pk: question for question in asked_questions(response.window.instrument_id)}
    before = {answer.question_id: answer.value for answer in response.answers.all()}
    kept, removed, conflicts = [], [], {}
    for question_id, sent in answers.items():
        question = questions.get(question_id)
        if question is None:
            raise BadInputError(PROBLEMS[Problem.NOT_ASKED])
        value = checked(question, sent)
        was = before.get(question_id)
        step = rules.merge(seen=seen.get(question_id), kept=was, sent=value)
        if step == Merge.CONFLICT:
            conflicts[question_id] = str(was)
        elif step == Merge.TAKE and value is None:
            removed.append(question_id)
        elif step == Merge.TAKE:
            kept.append(_answer(response, question, value))
    Answer.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["response", "question"],
        update_fields=["number", "text", "choices"],
    )
    if removed:
        response.answers.filter(question_id__in=removed).delete()
    return conflicts


def checked(question: Question, value: Value | int | None) -> Value | None:
    """`value` as it is kept: text without blanks at its ends; None for no answer.

    Raises BadInputError when it is no answer to `question`.
    """
    if isinstance(value, int):
        value = Decimal(value)
    if isinstance(value, str):
        value = value.replace("\x00", "").replace("\r\n", "\n").strip()
    if value is None or value in ("", ()):
        return None
    if isinstance(value, tuple):
        # In the order of the question, each once: the same answer is the same row.
        order = (rules.YES, rules.NO) if question.kind == QuestionKind.CONSENT else question.asked.choices
        value = tuple(key for key in order if key in value) if set(value) <= set(order) else value
    wrong = rules.problem(question.asked, value)
    if wrong == Problem.TOO_LONG and question.kind in MAX_LENGTH:
        raise BadInputError(
            _("This answer is too long: keep it under %(limit)s characters.")
            % {"limit": f"{MAX_LENGTH[QuestionKind(question.kind)]:,}"}
        )
    if wrong is not None:
        raise BadInputError(_in_words(question, wrong))
    return value


def _in_words(question: Question, wrong: Problem) -> str:
    low, high = question.minimum, question.maximum
    if wrong in {Problem.NOT_A_NUMBER, Problem.OUT_OF_RANGE} and low is not None and high is not None:
        return _("Choose a number from %(low)s to %(high)s.") % {
            "low": rules.plain(low),
            "high": rules.plain(high),
        }
    return str(PROBLEMS[wrong])


def _answer(response: Response, question: Question, value: Value | None) -> Answer:
    answer = Answer(response=response, question=question)
    if isinstance(value, tuple):
        answer.choices = list(value)
    elif isinstance(value, str):
        answer.text = value
    else:
        answer.number = value
    return answer
