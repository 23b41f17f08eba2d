"""Answering: answers are saved as one goes, and a response is submitted once (rules 28 and 29)."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError, DomainError, NotAllowedError
from participants.models import User
from sessions_app.models import Enrolment, Program
from surveys.models import Answer, Instrument, Question, Response, SurveyWindow

MAX_TEXT = 10_000


class AlreadySubmittedError(DomainError):
    """The response was submitted before: it stays as it is."""


class IncompleteError(DomainError):
    """Required questions are not answered; `questions` are those."""

    def __init__(self, message: str, questions: list[Question]) -> None:
        super().__init__(message)
        self.questions = questions


@transaction.atomic
def save_answers(
    *, window_id: int, by: User, answers: Mapping[int, int | str | None], now: datetime
) -> Response:
    """Keep `answers` (question id → number 1 to 5, text, or None for none) in the draft; others stay as they are.

    Raises NotAllowedError for somebody who is not in the cycle, BadInputError for a closed survey, an unknown
    question or an answer out of range, and AlreadySubmittedError once the response is submitted.
    """
    return _save(window_id=window_id, by=by, answers=answers, now=now)


@transaction.atomic
def submit_response(
    *, window_id: int, by: User, answers: Mapping[int, int | str | None], now: datetime
) -> Response:
    """Keep `answers` and submit the response, exactly once however often it is asked for.

    Raises what `save_answers` raises, and IncompleteError when a required question has no answer (blank text is
    none). Nothing is submitted then; call `save_answers` to keep what was typed.
    """
    response = _save(window_id=window_id, by=by, answers=answers, now=now)
    answers_kept = dict(response.answers.values_list("question_id", "text"))
    # A reflection without a word is none, even where its questions are not marked as required (rule 13).
    needs_words = response.window.instrument.kind == Instrument.Kind.REFLECTION and not any(
        answers_kept.values()
    )
    unanswered = [
        question
        for question in Question.objects.filter(instrument_id=response.window.instrument_id)
        if question.pk not in answers_kept
        and (question.is_required or (needs_words and question.kind == Question.Kind.TEXT))
    ]
    if unanswered:
        raise IncompleteError(_("Some questions still need an answer."), unanswered)
    with audit.act("survey.submit", by=by):
        response.status = Response.Status.SUBMITTED
        response.submitted_at = now
        response.save(update_fields=["status", "submitted_at"])
    return response


def _save(*, window_id: int, by: User, answers: Mapping[int, int | str | None], now: datetime) -> Response:
    window = SurveyWindow.objects.select_related("instrument").get(pk=window_id)
    # The enrolment's row is the lock: two devices at once start one response and submit it once.
    enrolment = (
        Enrolment.objects.select_for_update()
        .filter(cycle_id=window.cycle_id, participant=by, status=Enrolment.Status.APPROVED)
        .first()
    )
    if enrolment is None:
        raise NotAllowedError(_("This survey is for those who are enrolled in its cycle."))
    with audit.act("survey.answer", by=by):
        response = Response.objects.filter(window=window, enrolment=enrolment).first()
        if response is not None and response.status == Response.Status.SUBMITTED:
            raise AlreadySubmittedError(_("You have submitted this survey already. Thank you."))
        if not window.is_open(now=now):
            raise BadInputError(_("This survey is not open."))
        if response is None:
            response = Response.objects.create(window=window, enrolment=enrolment, started_at=now)
    response.window = window
    questions = {
        question.pk: question for question in Question.objects.filter(instrument_id=window.instrument_id)
    }
    kept, removed = [], []
    for question_id, value in answers.items():
        question = questions.get(question_id)
        if question is None:
            raise BadInputError(_("This survey has no such question. Reload the page."))
        answer = _answer(response, question, value)
        if answer is None:
            removed.append(question_id)
        else:
            kept.append(answer)
    Answer.objects.bulk_create(
        kept,
        update_conflicts=True,
        unique_fields=["response", "question"],
        update_fields=["number", "text"],
    )
    if removed:
        response.answers.filter(question_id__in=removed).delete()
    return response


def _answer(response: Response, question: Question, value: int | str | None) -> Answer | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if question.kind == Question.Kind.SCALE:
        if not isinstance(value, int) or not 1 <= value <= 5:
            raise BadInputError(_("Choose a number from 1 to 5."))
        return Answer(response=response, question=question, number=value)
    text = str(value).replace("\x00", "").strip()
    if len(text) > MAX_TEXT:
        raise BadInputError(_("This answer is too long: keep it under 10,000 characters."))
    return Answer(response=response, question=question, text=text)


@transaction.atomic
def next_version(*, instrument_id: int, by: User) -> Instrument:
    """Copy an instrument with its questions as the version after the latest; the copy can be edited (rule 28)."""
    # One at a time for each program: two copies at once get two numbers.
    original = Instrument.objects.select_related("program").get(pk=instrument_id)
    Program.objects.select_for_update().get(pk=original.program_id)
    latest = (
        Instrument.objects.filter(program=original.program, kind=original.kind)
        .order_by("-version")
        .values_list("version", flat=True)[0]
    )
    questions = list(original.questions.all())
    with audit.act("instrument.next_version", by=by):
        original.pk = None
        original.version = latest + 1
        original.save(force_insert=True)
        for question in questions:
            question.pk = None
            question.instrument = original
        Question.objects.bulk_create(questions)
    return original
