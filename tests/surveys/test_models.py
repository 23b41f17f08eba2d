"""Every rule that the database keeps for instruments, windows, responses and answers, broken by raw writes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pgtrigger
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from sessions_app.models import Cycle
from surveys import rules
from surveys.models import Answer, Instrument, Question, Response, SurveyWindow
from tests.clock import toronto
from tests.database import delete, refused_by, write
from tests.factories import (
    OPENED_AT,
    make_cycle,
    make_enrolment,
    make_instrument,
    make_program,
    make_response,
    make_survey_question,
    make_window,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle()


@pytest.fixture
def window(cycle) -> SurveyWindow:
    return make_window(cycle, questions=["scale", "text"])


@pytest.fixture
def draft(cycle, window) -> Response:
    return make_response(make_enrolment(cycle), window)


@pytest.fixture
def submitted(cycle, window) -> Response:
    return make_response(make_enrolment(cycle), window, submitted_at=OPENED_AT)


# --- instruments and questions --------------------------------------------------------------------------------------


def test_instrument_version_exists_once():
    program = make_program()
    make_instrument(program, version=1)
    make_instrument(program, version=2)

    with refused_by("surveys_instrument_version_once"):
        make_instrument(program, version=2)


def test_instrument_versions_count_from_one():
    with refused_by("surveys_instrument_version_positive"):
        make_instrument(make_program(), version=0)


def test_instrument_kind_is_known():
    with refused_by("surveys_instrument_kind_known"):
        make_instrument(make_program(), kind="quiz")


def test_question_key_is_unique_in_its_instrument():
    instrument = make_instrument(make_program(), questions=["scale", "scale"])

    with refused_by("surveys_question_key_once"):
        write(instrument.questions.all()[1], key="q1")


def test_question_kind_is_known():
    instrument = make_instrument(make_program())

    with refused_by("surveys_question_kind_known"):
        write(instrument.questions.get(), kind="essay")


# --- rule 28: with answers an instrument cannot change under them ----------------------------------------------------


def test_instrument_without_answers_can_be_edited(window):
    write(window.instrument, title="Before the cycle")
    write(window.instrument.questions.first(), text="How sure are you?")
    delete(window.instrument.questions.last())

    assert window.instrument.questions.get().text == "How sure are you?"


def test_instrument_with_answers_is_frozen(window, draft):
    with refused_by("instrument_frozen_with_responses"):
        write(window.instrument, title="Another title")


def test_questions_of_an_answered_instrument_are_frozen(window, draft):
    question = window.instrument.questions.first()

    with refused_by("question_frozen_with_responses"):
        write(question, text="Another question?")
    with refused_by("question_frozen_with_responses"):
        Question.objects.create(
            instrument=window.instrument,
            section=question.section,
            position=9,
            key="late",
            kind="text",
            text="One more?",
        )
    with refused_by("question_stays_with_responses"):
        delete(question)


def test_question_is_not_carried_away_from_an_answered_instrument(window, draft):
    unanswered = make_instrument(window.cycle.program, Instrument.Kind.POST, questions=())

    with refused_by("question_frozen_with_responses"):
        write(window.instrument.questions.first(), instrument=unanswered)


def test_instrument_in_use_does_not_change_its_kind(window):
    with refused_by("instrument_in_use_keeps_its_kind"):
        write(window.instrument, kind=Instrument.Kind.POST)
    with refused_by("instrument_in_use_keeps_its_kind"):
        write(window.instrument, program=make_program())


def test_coordinator_is_told_that_an_instrument_in_use_keeps_its_kind(window):
    instrument = window.instrument
    instrument.full_clean()
    instrument.kind = Instrument.Kind.POST

    with pytest.raises(ValidationError, match="keeps its kind"):
        instrument.full_clean()


def test_kind_of_an_instrument_that_nobody_asks_can_change():
    instrument = make_instrument(make_program())
    instrument.kind = Instrument.Kind.POST

    instrument.full_clean()


# --- windows --------------------------------------------------------------------------------------------------------


def test_window_asks_an_instrument_once(cycle, window):
    with (
        # Else the trigger that allows one of a kind refuses before the constraint is seen.
        pgtrigger.ignore("surveys.SurveyWindow:survey_window_one_per_kind"),
        refused_by("surveys_surveywindow_once"),
    ):
        make_window(cycle, instrument=window.instrument)


def test_window_asks_one_instrument_of_a_kind(cycle, window):
    next_version = make_instrument(cycle.program, version=2)

    with refused_by("survey_window_one_per_kind"):
        make_window(cycle, instrument=next_version)


def test_window_asks_an_instrument_of_its_own_program(cycle):
    with refused_by("survey_window_asks_its_own_program"):
        make_window(cycle, instrument=make_instrument(make_program()))


def test_coordinator_is_told_what_a_cycle_may_ask(cycle, window):
    window.full_clean()
    second = make_instrument(cycle.program, version=2)
    foreign = make_instrument(make_program(), Instrument.Kind.POST)

    for instrument, words in ((second, "already uses"), (foreign, "another program")):
        with pytest.raises(ValidationError, match=words):
            SurveyWindow(cycle=cycle, instrument=instrument, opens_at=OPENED_AT).full_clean()
    post = make_instrument(cycle.program, Instrument.Kind.POST)
    SurveyWindow(cycle=cycle, instrument=post, opens_at=OPENED_AT).full_clean()


def test_window_keeps_its_cycle_and_instrument(cycle, window):
    make_response(make_enrolment(cycle), window)

    with refused_by("survey_window_keeps_its_instrument"):
        write(window, instrument=make_instrument(cycle.program, version=2))
    with refused_by("survey_window_keeps_its_cycle"):
        write(window, cycle=make_cycle(cycle.program))


def test_window_may_ask_a_newer_version_until_somebody_answers(cycle, window):
    newer = make_instrument(cycle.program, version=2)
    write(window, instrument=newer)

    with refused_by("survey_window_keeps_its_instrument"):
        write(window, instrument=make_instrument(cycle.program, "post"))
    window.refresh_from_db()
    assert window.instrument == newer


def test_window_closes_after_it_opens(window):
    with refused_by("surveys_surveywindow_closes_after_opening"):
        write(window, closes_at=window.opens_at)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        (toronto(2025, 9, 1) - timedelta(seconds=1), False),
        (toronto(2025, 9, 1), True),
        (toronto(2025, 9, 30, 23, 59), True),
        (toronto(2025, 10, 1), False),
    ],
)
def test_window_takes_answers_from_opening_until_closing(moment, is_open):
    window = SurveyWindow(opens_at=toronto(2025, 9, 1), closes_at=toronto(2025, 10, 1))

    assert window.is_open(now=moment) is is_open


def test_window_without_an_end_stays_open():
    assert SurveyWindow(opens_at=toronto(2025, 9, 1)).is_open(now=toronto(2040, 1, 1))


# --- responses and answers ------------------------------------------------------------------------------------------


def test_person_answers_a_survey_once(draft):
    with refused_by("surveys_response_once"):
        Response.objects.create(window=draft.window, enrolment=draft.enrolment)


def test_response_is_submitted_at_a_time_and_only_then(draft):
    with refused_by("surveys_response_submitted_has_time"):
        write(draft, status="submitted")
    with refused_by("surveys_response_submitted_has_time"):
        write(draft, submitted_at=timezone.now())
    with refused_by("surveys_response_submitted_has_time"):
        write(draft, status="lost")


def test_response_to_another_cycles_survey_is_refused(cycle, window):
    elsewhere = make_enrolment(make_cycle(cycle.program))

    with refused_by("response_belongs_to_the_cycle"):
        Response.objects.create(window=window, enrolment=elsewhere)


def test_response_does_not_move_to_another_cycle(cycle, draft):
    elsewhere = make_cycle(cycle.program)

    with refused_by("response_belongs_to_the_cycle"):
        write(draft, enrolment=make_enrolment(elsewhere))
    with refused_by("response_belongs_to_the_cycle"):
        write(draft, window=make_window(elsewhere))


def test_submitted_response_cannot_be_changed(submitted):
    for change in (
        {"status": "draft", "submitted_at": None},
        {"submitted_at": timezone.now()},
        {"enrolment": make_enrolment(submitted.enrolment.cycle)},
    ):
        with refused_by("response_submitted_is_final"):
            write(submitted, **change)


def test_answers_of_a_submitted_response_cannot_be_changed(submitted):
    answer = submitted.answers.get(question__kind="scale")

    with refused_by("answer_final_once_submitted"):
        write(answer, number=5)
    with refused_by("answer_final_once_submitted"):
        delete(answer)


def test_answers_cannot_be_added_to_a_submitted_response(cycle, window):
    response = make_response(make_enrolment(cycle), window)
    answer = response.answers.get(question__kind="text")
    delete(answer)
    write(response, status="submitted", submitted_at=timezone.now())

    with refused_by("answer_final_once_submitted"):
        Answer.objects.create(response=response, question=answer.question, text="One more thing.")


def test_answer_is_not_carried_away_from_a_submitted_response(cycle, window, submitted):
    empty = Response.objects.create(window=window, enrolment=make_enrolment(cycle))

    with refused_by("answer_final_once_submitted"):
        write(submitted.answers.first(), response=empty)


def test_answers_of_a_draft_can_be_changed(draft):
    write(draft.answers.get(question__kind="scale"), number=5)
    delete(draft.answers.get(question__kind="text"))

    assert draft.answers.get().number == 5


def test_question_is_answered_once(draft):
    with refused_by("surveys_answer_once"):
        Answer.objects.create(response=draft, question=draft.answers.first().question, number=1)


def test_answer_is_one_answer(draft):
    scale, text = draft.answers.get(question__kind="scale"), draft.answers.get(question__kind="text")

    for answer, values in (
        (scale, {"text": "Three."}),
        (scale, {"choices": ["a"]}),
        (text, {"text": " \n\t"}),
        (text, {"choices": ["a"]}),
    ):
        with refused_by("surveys_answer_is_one_answer"):
            write(answer, **values)


def test_answer_in_words_has_an_end(draft):
    with refused_by("surveys_answer_text_in_bounds"):
        write(draft.answers.get(question__kind="text"), text="x" * 10_001)


WRONG: dict[str, list[dict[str, Any]]] = {
    "scale": [{"number": 0}, {"number": 6}, {"number": "2.5"}, {"text": "Two."}, {"choices": ["a"]}],
    "item": [{"number": 6}, {"text": "Two."}],
    "number": [{"number": -1}, {"number": 41}, {"number": "2.55"}, {"text": "Two."}],
    "short": [{"number": 2}, {"choices": ["a"]}],
    "text": [{"number": 2}],
    "single": [{"choices": ["d"]}, {"choices": ["a", "b"]}, {"number": 1}, {"text": "a"}],
    "multiple": [{"choices": ["a", "d"]}, {"text": "a"}],
    "consent": [{"choices": ["maybe"]}, {"choices": ["yes", "no"]}, {"text": "yes"}],
    "matrix": [{"number": 3}, {"text": "Two."}, {"choices": ["a"]}],
}
RIGHT: dict[str, dict[str, Any]] = {
    "scale": {"number": 5},
    "item": {"number": 1},
    "number": {"number": "40.0"},
    "short": {"text": "Kingston"},
    "text": {"text": "Sleep first."},
    "single": {"choices": ["c"]},
    "multiple": {"choices": ["a", "c"]},
    "consent": {"choices": ["no"]},
}


def of_kind(cycle: Cycle, kind: str) -> tuple[Response, Question]:
    instrument = make_instrument(cycle.program, questions=["matrix"])
    section = instrument.sections.get()
    matrix = instrument.questions.get()
    values: dict[str, Any] = {"minimum": 0, "maximum": 40, "places": 1} if kind == "number" else {}
    if kind == "item":
        values = {"matrix": matrix}
    question = matrix if kind == "matrix" else make_survey_question(section, kind, **values)
    window = make_window(cycle, instrument=instrument)
    return Response.objects.create(window=window, enrolment=make_enrolment(cycle)), question


@pytest.mark.parametrize("kind", WRONG)
def test_answer_fits_its_question(cycle, kind):
    response, question = of_kind(cycle, kind)

    for values in WRONG[kind]:
        with refused_by("answer_fits_its_question"):
            Answer.objects.create(response=response, question=question, **values)
    if kind in RIGHT:
        answer = Answer.objects.create(response=response, question=question, **RIGHT[kind])
        answer.refresh_from_db()
        assert rules.problem(question.asked, answer.value) is None


def test_answer_is_to_a_question_of_the_survey(cycle, draft):
    other = make_instrument(cycle.program, Instrument.Kind.POST)

    with refused_by("answer_fits_its_question"):
        Answer.objects.create(response=draft, question=other.questions.get(), number=3)
    with refused_by("answer_fits_its_question"):
        write(draft.answers.get(question__kind="scale"), question=other.questions.get())


# --- rule 20 --------------------------------------------------------------------------------------------------------


def test_responses_are_kept_for_six_years(submitted, draft):
    write(submitted.enrolment.cycle, starts_on="2020-01-09", ends_on=timezone.now().date())

    for response in (submitted, draft):
        with refused_by("response_kept_six_years"):
            delete(response)


def test_response_is_kept_when_its_enrolment_is_deleted_first(draft):
    write(draft.enrolment.cycle, starts_on="2012-01-12", ends_on="2012-03-01")

    with refused_by("response_kept_six_years"):
        delete(draft.enrolment)
        delete(draft)


@pytest.mark.parametrize("is_submitted", [True, False])
def test_responses_may_go_with_their_answers_after_six_years(cycle, window, is_submitted):
    write(cycle, starts_on="2012-01-12", ends_on="2012-03-01")
    response = make_response(
        make_enrolment(cycle), window, submitted_at=toronto(2012, 1, 12) if is_submitted else None
    )

    response.delete()

    assert not Response.objects.exists()
    assert not Answer.objects.exists()


def test_instrument_asked_by_a_cycle_is_not_deleted(window):
    for question in window.instrument.questions.all():
        delete(question)
    window.instrument.sections.all().delete()

    with pytest.raises(ProtectedError):
        window.instrument.delete()
    with transaction.atomic():
        delete(window.instrument)
        with pytest.raises(IntegrityError, match="surveys_surveywindow"):
            connection.check_constraints()
        transaction.set_rollback(True)
