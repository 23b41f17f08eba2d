from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from pghistory.models import Events

from core.errors import BadInputError, NotAllowedError
from participants.models import User
from sessions_app.models import Cycle, Enrolment
from surveys.models import Answer, Instrument, Question, Response, SurveyWindow
from surveys.queries import submitted_kinds
from surveys.rules import MAX_LENGTH, QuestionKind
from surveys.services import (
    AlreadySubmittedError,
    IncompleteError,
    Saved,
    next_version,
    save_answers,
    submit_response,
)
from tests.clock import toronto
from tests.factories import make_cycle, make_enrolment, make_instrument, make_program, make_user, make_window
from tests.history import audit_row
from tests.races import THREADS, at_once

NOW = toronto(2025, 9, 12, 9)


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle()


@pytest.fixture
def window(cycle) -> SurveyWindow:
    """Open through September; a number, and a text that may be left out."""
    window = make_window(cycle, questions=["scale", "text"], closes_at=toronto(2025, 10, 1))
    Question.objects.filter(key="q2").update(is_required=False)
    return window


@pytest.fixture
def scale(window):
    return window.instrument.questions.get(key="q1").pk


@pytest.fixture
def text(window):
    return window.instrument.questions.get(key="q2").pk


@pytest.fixture
def participant(cycle, family_physician):
    make_enrolment(cycle, family_physician)
    return family_physician


def kept(window: SurveyWindow, user: User) -> dict[str, Any]:
    answers = Answer.objects.filter(response__window=window, response__enrolment__participant=user)
    return {answer.question.key: answer.number or answer.text for answer in answers}


# --- saving as one goes ---------------------------------------------------------------------------------------------


def test_save_answers_keeps_a_draft_that_can_be_resumed(window, participant, scale, text):
    save_answers(window_id=window.pk, by=participant, answers={scale: 2}, now=NOW)
    saved = save_answers(window_id=window.pk, by=participant, answers={text: " Sleep first. "}, now=NOW)
    response = saved.response

    assert kept(window, participant) == {"q1": 2, "q2": "Sleep first."}
    assert (response.status, response.submitted_at, response.started_at) == ("draft", None, NOW)
    assert Response.objects.count() == 1


def test_save_answers_changes_and_takes_back(window, participant, scale, text):
    save_answers(window_id=window.pk, by=participant, answers={scale: 2, text: "Typed by mistake."}, now=NOW)

    save_answers(window_id=window.pk, by=participant, answers={scale: 5, text: None}, now=NOW)

    assert kept(window, participant) == {"q1": 5}


@pytest.mark.parametrize("blank", [None, "", "   ", "\n\t", "\u00a0"])
def test_save_answers_takes_blank_for_no_answer(window, participant, scale, text, blank):
    save_answers(window_id=window.pk, by=participant, answers={scale: blank, text: blank}, now=NOW)

    assert kept(window, participant) == {}


def test_save_answers_twice_changes_nothing(window, participant, scale):
    for _time in range(2):
        save_answers(window_id=window.pk, by=participant, answers={scale: 4}, now=NOW)

    assert kept(window, participant) == {"q1": 4}
    assert Response.objects.count() == 1


@pytest.mark.parametrize("number", [0, 6, -1, "3", "five"])
def test_save_answers_refuses_a_number_off_the_scale(window, participant, scale, number):
    with pytest.raises(BadInputError, match="from 1 to 5"):
        save_answers(window_id=window.pk, by=participant, answers={scale: number}, now=NOW)

    assert not Response.objects.exists()


def test_save_answers_refuses_text_without_end(window, participant, text):
    save_answers(
        window_id=window.pk, by=participant, answers={text: "x" * MAX_LENGTH[QuestionKind.TEXT]}, now=NOW
    )

    with pytest.raises(BadInputError, match="too long"):
        save_answers(
            window_id=window.pk,
            by=participant,
            answers={text: "x" * (MAX_LENGTH[QuestionKind.TEXT] + 1)},
            now=NOW,
        )


def test_save_answers_keeps_what_the_database_can_hold(window, participant, text):
    save_answers(window_id=window.pk, by=participant, answers={text: "Dose\x00 and “sleep” 睡眠"}, now=NOW)

    assert kept(window, participant) == {"q2": "Dose and “sleep” 睡眠"}


def test_save_answers_refuses_a_question_of_another_survey(cycle, window, participant):
    other = make_window(cycle, Instrument.Kind.POST).instrument.questions.get()

    with pytest.raises(BadInputError, match="no such question"):
        save_answers(window_id=window.pk, by=participant, answers={other.pk: 3}, now=NOW)

    assert not Response.objects.exists()


@pytest.mark.parametrize("moment", [toronto(2025, 7, 31), toronto(2025, 10, 1)])
def test_save_answers_refuses_a_survey_that_is_not_open(window, participant, scale, moment):
    with pytest.raises(BadInputError, match="not open"):
        save_answers(window_id=window.pk, by=participant, answers={scale: 3}, now=moment)

    assert not Response.objects.exists()


@pytest.mark.parametrize(
    "status",
    [
        Enrolment.Status.APPLIED,
        Enrolment.Status.WAITLISTED,
        Enrolment.Status.DECLINED,
        Enrolment.Status.WITHDRAWN,
    ],
)
def test_save_answers_refuses_who_is_not_approved(cycle, window, scale, status):
    person = make_user()
    make_enrolment(cycle, person, status=status)

    with pytest.raises(NotAllowedError):
        save_answers(window_id=window.pk, by=person, answers={scale: 3}, now=NOW)


def test_save_answers_refuses_an_outsider(window, outsider, participant, scale):
    make_enrolment(make_cycle(window.cycle.program), outsider)

    with pytest.raises(NotAllowedError):
        save_answers(window_id=window.pk, by=outsider, answers={scale: 3}, now=NOW)


# --- submitting once ------------------------------------------------------------------------------------------------


def test_submit_response_submits_with_its_answers(window, participant, scale, text):
    save_answers(window_id=window.pk, by=participant, answers={text: "Kept before."}, now=NOW)

    response = submit_response(window_id=window.pk, by=participant, answers={scale: 4}, now=NOW)

    response.refresh_from_db()
    assert (response.status, response.submitted_at) == ("submitted", NOW)
    assert kept(window, participant) == {"q1": 4, "q2": "Kept before."}


def test_submit_response_is_recorded_with_who_and_which_verb(window, participant, scale):
    save_answers(window_id=window.pk, by=participant, answers={scale: 1}, now=NOW)

    response = submit_response(window_id=window.pk, by=participant, answers={}, now=NOW)

    assert audit_row(response, "update") == ("survey.submit", participant.pk, "")


def test_answers_of_a_draft_leave_no_trace_in_the_audit_trail(window, participant, text):
    save_answers(window_id=window.pk, by=participant, answers={text: "Mrs. Typed-by-mistake"}, now=NOW)
    save_answers(window_id=window.pk, by=participant, answers={text: "A patient"}, now=NOW)

    assert Events.objects.exists()
    assert not any("Typed-by-mistake" in str(event.pgh_data) for event in Events.objects.all())


def test_submit_response_twice_is_refused_and_keeps_the_first(window, participant, scale):
    submit_response(window_id=window.pk, by=participant, answers={scale: 4}, now=NOW)

    for verb in (submit_response, save_answers):
        with pytest.raises(AlreadySubmittedError):
            verb(window_id=window.pk, by=participant, answers={scale: 1}, now=toronto(2025, 9, 20))

    assert kept(window, participant) == {"q1": 4}
    assert Response.objects.get().submitted_at == NOW


def test_submit_response_again_after_the_survey_closed_says_it_is_submitted(window, participant, scale):
    submit_response(window_id=window.pk, by=participant, answers={scale: 4}, now=NOW)

    with pytest.raises(AlreadySubmittedError):
        submit_response(window_id=window.pk, by=participant, answers={scale: 4}, now=toronto(2026, 1, 1))


@pytest.mark.parametrize("answer", [None, "  "])
def test_submit_response_names_what_is_unanswered_and_submits_nothing(
    window, participant, scale, text, answer
):
    with pytest.raises(IncompleteError) as caught:
        submit_response(
            window_id=window.pk, by=participant, answers={scale: answer, text: "Some words."}, now=NOW
        )

    assert [question.key for question in caught.value.questions] == ["q1"]
    assert not Response.objects.exists()


@pytest.mark.parametrize("words", [None, "", " \n "])
def test_reflection_without_a_word_is_not_submitted(cycle, participant, words):
    reflection = make_window(cycle, Instrument.Kind.REFLECTION)
    question = reflection.instrument.questions.get()
    Question.objects.update(is_required=False)

    with pytest.raises(IncompleteError) as caught:
        submit_response(window_id=reflection.pk, by=participant, answers={question.pk: words}, now=NOW)

    assert caught.value.questions == [question]
    assert submitted_kinds(cycle.pk) == {}


@pytest.fixture
def change(cycle: Cycle) -> SurveyWindow:
    """A reflection that asks whether one will change something, what if yes, and for anything else."""
    instrument = make_instrument(
        cycle.program, Instrument.Kind.REFLECTION, questions=["consent", "text", "text"]
    )
    whether = instrument.questions.get(key="q1")
    instrument.questions.filter(key="q2").update(shown_if=whether, shown_if_answers=["yes"])
    instrument.questions.exclude(key="q1").update(is_required=False)
    return make_window(cycle, instrument=instrument)


def test_words_of_a_reflection_that_are_hidden_by_now_are_none(cycle, participant, change):
    whether, what, else_ = change.instrument.questions.all()
    submit = partial(submit_response, window_id=change.pk, by=participant, now=NOW)
    save_answers(
        window_id=change.pk, by=participant, answers={whether.pk: ("yes",), what.pk: "Sleep first."}, now=NOW
    )

    with pytest.raises(IncompleteError, match="still need an answer") as caught:
        submit(answers={whether.pk: ("no",)})

    assert caught.value.questions == [else_]
    assert Response.objects.get().status == Response.Status.DRAFT
    submit(answers={whether.pk: ("no",), else_.pk: "Nothing to change."})
    assert kept(change, participant)["q3"] == "Nothing to change."
    assert submitted_kinds(cycle.pk) == {cycle.enrolments.get().pk: {"reflection"}}


def test_reflection_released_without_a_text_for_everybody_points_at_what_hides_it(participant, change):
    change.instrument.questions.filter(key="q3").delete()
    whether, _what = change.instrument.questions.all()

    with pytest.raises(IncompleteError) as caught:
        submit_response(window_id=change.pk, by=participant, answers={whether.pk: ("no",)}, now=NOW)

    assert caught.value.questions == [whether]
    assert not Response.objects.exists()


# --- the next version -----------------------------------------------------------------------------------------------


def test_next_version_copies_an_answered_instrument_and_can_be_edited(
    window, participant, scale, coordinator
):
    submit_response(window_id=window.pk, by=participant, answers={scale: 4}, now=NOW)

    copy = next_version(instrument_id=window.instrument_id, by=coordinator)

    assert (copy.version, copy.kind, copy.program) == (2, "pre", window.instrument.program)
    assert [question.key for question in copy.questions.all()] == ["q1", "q2"]
    assert copy.questions.update(text="Reworded?") == 2
    assert not window.instrument.questions.filter(text="Reworded?").exists()
    assert audit_row(copy, "insert") == ("instrument.next_version", coordinator.pk, "")


def test_next_version_follows_the_latest_whichever_is_copied(coordinator):
    program = make_program()
    first = make_instrument(program, version=1)
    make_instrument(program, version=4)
    make_instrument(program, Instrument.Kind.POST, version=9)

    assert next_version(instrument_id=first.pk, by=coordinator).version == 5


# --- races ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_submitting_on_twenty_devices_at_once_submits_once():
    cycle = make_cycle()
    window = make_window(cycle)
    question = window.instrument.questions.get().pk
    for round_ in range(1, 4):
        person = make_enrolment(cycle).participant

        results = at_once(
            [
                partial(
                    submit_response,
                    window_id=window.pk,
                    by=person,
                    answers={question: 1 + device % 5},
                    now=NOW,
                )
                for device in range(THREADS)
            ]
        )

        submitted = [result for result in results if isinstance(result, Response)]
        assert len(submitted) == 1
        assert sum(isinstance(result, AlreadySubmittedError) for result in results) == THREADS - 1
        winner = results.index(submitted[0])
        assert kept(window, person) == {"q1": 1 + winner % 5}
        assert Response.objects.filter(window=window).count() == round_


@pytest.mark.django_db(transaction=True)
def test_saving_and_submitting_at_once_leaves_one_whole_response():
    cycle = make_cycle()
    window = make_window(cycle)
    person = make_enrolment(cycle).participant
    question = window.instrument.questions.get().pk
    verbs = [submit_response, *[save_answers] * 9]

    results = at_once(
        [
            partial(verb, window_id=window.pk, by=person, answers={question: 1 + place % 5}, now=NOW)
            for place, verb in enumerate(verbs)
        ]
    )

    assert {type(result) for result in results} <= {Response, Saved, AlreadySubmittedError}
    assert isinstance(results[0], Response)
    assert kept(window, person) == {"q1": 1}


@pytest.mark.django_db(transaction=True)
def test_two_next_versions_at_once_get_two_numbers():
    coordinator = make_user(is_staff=True)
    instrument = make_instrument(make_program())

    results = at_once([partial(next_version, instrument_id=instrument.pk, by=coordinator)] * 8)

    assert sorted(result.version for result in results) == [2, 3, 4, 5, 6, 7, 8, 9]
