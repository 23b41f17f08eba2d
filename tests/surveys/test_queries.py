from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from surveys.asking_queries import standings
from surveys.models import Instrument, Question, Response, WindowExtension
from surveys.queries import closing_time, submitted_gate_responses, submitted_kinds, survey_states
from tests.clock import toronto
from tests.database import write
from tests.factories import (
    OPENED_AT,
    answer_surveys,
    make_cycle,
    make_enrolment,
    make_response,
    make_surveys,
    make_user,
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


@pytest.mark.parametrize(
    ("kind", "joined", "extended_to", "closes"),
    [
        ("pre", (10, 20), None, (11, 3)),
        ("pre", (9, 1), None, (10, 1)),
        ("pre", (10, 20), (12, 1), (12, 1)),
        ("post", (10, 20), None, (10, 1)),
        ("post", (9, 1), (10, 8), (10, 8)),
    ],
)
def test_who_joins_late_has_two_weeks_for_the_pre_survey(kind, joined, extended_to, closes):
    cycle = make_cycle()
    window = make_window(cycle, kind, opens_at=toronto(2025, 8, 1), closes_at=toronto(2025, 10, 1))
    enrolment = make_enrolment(cycle, decided_at=toronto(2025, *joined))
    if extended_to:
        WindowExtension.objects.create(
            window=window,
            enrolment=enrolment,
            closes_at=toronto(2025, *extended_to),
            reason="On leave.",
            granted_by=make_user(),
        )

    # The clock went back on 2 November: the same time of day.
    assert closing_time(window, enrolment) == toronto(2025, *closes)
    [state] = survey_states(enrolment, now=toronto(2025, 10, 2))
    assert state.closes_at == toronto(2025, *closes)
    [standing] = standings(window)
    assert standing.closes_at == toronto(2025, *closes)


def test_survey_without_an_end_has_none_for_anybody():
    cycle = make_cycle()
    window = make_window(cycle, "pre", closes_at=None)

    assert closing_time(window, make_enrolment(cycle)) is None
