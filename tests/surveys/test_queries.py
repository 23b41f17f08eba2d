from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from surveys.models import Instrument, Question, Response
from surveys.queries import submitted_gate_responses, submitted_kinds, survey_states
from tests.clock import toronto
from tests.database import write
from tests.factories import (
    OPENED_AT,
    answer_surveys,
    make_cycle,
    make_enrolment,
    make_response,
    make_surveys,
    make_window,
)

pytestmark = pytest.mark.django_db


def test_submitted_kinds_tells_who_submitted_what():
    cycle = make_cycle()
    make_surveys(cycle)
    everything, only_pre, nothing = (make_enrolment(cycle) for _person in range(3))
    answer_surveys(everything)
    answer_surveys(only_pre, Instrument.Kind.PRE)
    make_response(nothing, cycle.survey_windows.all()[0])  # a draft
    elsewhere = make_enrolment(make_cycle(cycle.program))
    make_window(elsewhere.cycle)
    answer_surveys(elsewhere)

    assert submitted_kinds(cycle.pk) == {everything.pk: {"pre", "post", "reflection"}, only_pre.pk: {"pre"}}


@pytest.mark.parametrize("questions", [(), ("text",), ("scale", "text")])
def test_reflection_without_a_word_is_no_reflection(questions):
    cycle = make_cycle()
    window = make_window(cycle, Instrument.Kind.REFLECTION, questions=questions)
    Question.objects.update(is_required=False)
    response = make_response(make_enrolment(cycle), window)
    response.answers.filter(question__kind="text").delete()
    write(response, status=Response.Status.SUBMITTED, submitted_at=OPENED_AT)

    assert submitted_kinds(cycle.pk) == {}
    assert not submitted_gate_responses().exists()


def test_survey_states_tell_what_is_ahead_open_and_done():
    cycle = make_cycle()
    done = make_window(cycle, Instrument.Kind.PRE, closes_at=toronto(2025, 10, 1))
    started = make_window(cycle, Instrument.Kind.POST)
    ahead = make_window(cycle, Instrument.Kind.REFLECTION, opens_at=toronto(2025, 12, 1))
    enrolment = make_enrolment(cycle)
    make_response(enrolment, done, submitted_at=OPENED_AT)
    make_response(enrolment, started)
    make_response(make_enrolment(cycle), ahead, submitted_at=toronto(2025, 12, 2))

    with CaptureQueriesContext(connection) as queries:
        states = survey_states(enrolment, now=toronto(2025, 11, 1))

    assert [
        (state.window, state.is_open, state.is_ahead, state.is_started, state.is_submitted)
        for state in states
    ] == [
        (done, False, False, False, True),
        (started, True, False, True, False),
        (ahead, False, True, False, False),
    ]
    assert len(queries) == 3
