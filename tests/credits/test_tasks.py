"""What the workers run, as they run it: by name, with the clock on the wall."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from credits import tasks
from credits.models import Certificate
from echo_portal.celery import app
from sessions_app.models import Cycle
from tests.factories import (
    make_accreditation,
    make_cycle,
    make_graduate,
    make_season,
    make_session,
    make_surveys,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def due_cycle(db) -> Cycle:
    """It ended a month ago; its grace period is over."""
    today = timezone.localdate()
    cycle = make_cycle(starts_on=today - timedelta(days=30), grace_days=14)
    make_accreditation(
        cycle.program, valid_from=today - timedelta(days=60), valid_to=today + timedelta(days=60)
    )
    make_session(cycle)
    make_surveys(cycle)
    return cycle


def test_every_scheduled_task_exists():
    app.loader.import_default_modules()

    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)
    assert {
        "credits.render_due",
        "credits.close_due_cycles",
        "credits.issue_late_finishers",
        "credits.reconcile",
    } <= {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}


def test_beat_takes_a_cycle_from_its_end_to_the_mailed_certificate(due_cycle):
    make_graduate(due_cycle)

    assert tasks.close_due_cycles() == 1
    assert tasks.render_due() == 1

    assert Certificate.objects.get().status == Certificate.Status.ISSUED
    assert (tasks.close_due_cycles(), tasks.render_due(), tasks.issue_late_finishers()) == (0, 0, 0)


def test_beat_finds_a_late_finisher(due_cycle):
    tasks.close_due_cycles()
    make_graduate(due_cycle)

    assert tasks.issue_late_finishers() == 1
    assert tasks.issue_late_finishers() == 0


def test_beat_leaves_a_cycle_in_its_grace_period_alone(due_cycle):
    Cycle.objects.filter(pk=due_cycle.pk).update(grace_days=40)
    make_season(starts_on=timezone.localdate() + timedelta(days=1))

    assert tasks.close_due_cycles() == 0
