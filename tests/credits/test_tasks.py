"""Drawing certificates is long work: it is done in rounds, beside everything else and not before it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from credits import tasks
from credits.models import Certificate
from credits.rendering import pdf_engine_missing
from credits.services import close_cycle
from echo_portal.celery import app
from tests.factories import make_graduate, make_season


@pytest.mark.django_db
@pytest.mark.skipif(bool(pdf_engine_missing()), reason="no Pango")
def test_full_round_asks_for_another_and_the_last_does_not(monkeypatch):
    cycle = make_season(sessions=1)
    for _person in range(3):
        make_graduate(cycle)
    close_cycle(cycle_id=cycle.pk, by=None, now=timezone.now())
    nudged: list[object] = []
    monkeypatch.setattr(tasks, "BATCH", 2)
    monkeypatch.setattr(tasks, "nudge", nudged.append)

    assert tasks.render_due() == 2
    assert nudged == [tasks.render_due]
    assert Certificate.objects.filter(status=Certificate.Status.PENDING).count() == 1

    assert tasks.render_due() == 1
    assert tasks.render_due() == 0
    assert nudged == [tasks.render_due]


def test_drawing_waits_in_a_queue_of_its_own_that_every_worker_serves():
    def queue_of(task: str) -> object:
        route = app.amqp.router.route({}, task)
        return route["queue"].name if "queue" in route else app.conf.task_default_queue

    assert queue_of("credits.render_due") == "certificates"
    assert queue_of("outbox.deliver_due") == "celery"
    assert set(app.amqp.queues) == {"celery", "certificates"}
