"""A person with many windows and an impatient finger: one response, submitted once, its answers whole."""

from __future__ import annotations

from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from surveys.models import Answer, Response
from surveys.services import AlreadySubmittedError, save_answers, submit_response
from tests.factories import make_cycle, make_enrolment, make_instrument, make_user, make_window
from tests.races import THREADS, at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 50


def test_many_saves_and_submissions_at_once_make_one_submission():
    cycle = make_cycle(sessions=1)
    instrument = make_instrument(cycle.program, questions=["scale", "text", "multiple"])
    window = make_window(cycle, instrument=instrument)
    scale, text, several = (question.pk for question in instrument.questions.order_by("position"))
    now = timezone.now()
    for number in range(ROUNDS):
        person = make_user(f"racer{number}@example.org")
        enrolment = make_enrolment(cycle, person)
        deeds = [
            partial(
                save_answers if place % 2 else submit_response,
                window_id=window.pk,
                by=person,
                answers={
                    scale: Decimal(place % 5 + 1),
                    text: f"Words {place}",
                    several: ("a", "bc"[place % 2]),
                },
                now=now,
            )
            for place in range(THREADS)
        ]
        results = at_once(deeds)
        submitted = [place for place, result in enumerate(results) if isinstance(result, Response)]
        assert len(submitted) == 1, results
        refused = [result for result in results if isinstance(result, Exception)]
        assert all(isinstance(result, AlreadySubmittedError) for result in refused), refused
        response = Response.objects.get(window=window, enrolment=enrolment)
        assert response.status == Response.Status.SUBMITTED
        # All of it is of the one page that was submitted.
        winner = submitted[0]
        assert {answer.question_id: answer.value for answer in Answer.objects.filter(response=response)} == {
            scale: Decimal(winner % 5 + 1),
            text: f"Words {winner}",
            several: ("a", "bc"[winner % 2]),
        }
    assert Response.objects.filter(status=Response.Status.SUBMITTED).count() == ROUNDS
