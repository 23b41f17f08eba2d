"""Answering in a browser: what can be read is kept, whatever is still missing."""

from __future__ import annotations

import pytest
from django.urls import reverse

from surveys.models import Answer, Response
from tests.factories import make_cycle, make_enrolment, make_instrument, make_window

pytestmark = pytest.mark.django_db


def test_optional_reflection_left_blank_is_not_submitted_and_keeps_the_rest(client, family_physician):
    cycle = make_cycle(sessions=1)
    instrument = make_instrument(cycle.program, "reflection", questions=["text", "scale"])
    instrument.questions.update(is_required=False)
    window = make_window(cycle, "reflection", instrument=instrument)
    make_enrolment(cycle, family_physician)
    text, scale = instrument.questions.all()
    client.force_login(family_physician)

    page = client.post(
        reverse("surveys:response-edit", args=[window.pk]),
        {f"q{text.pk}": "  ", f"q{scale.pk}": "4", "submit": "1"},
    )

    assert page.status_code == 422
    assert Response.objects.get().status == Response.Status.DRAFT
    assert Answer.objects.get().number == 4
