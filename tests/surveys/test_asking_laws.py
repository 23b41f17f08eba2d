"""Whatever happens in a cycle, and whenever the worker runs: each person gets exactly the mails they should get."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from outbox.models import OutgoingMail
from surveys.models import SurveyAsk, WindowExtension
from surveys.rules import due_step
from surveys.services import ask_due
from tests.clock import toronto
from tests.database import write
from tests.factories import make_cycle, make_enrolment, make_response, make_user, make_window

# Autumn, over the night when clocks go back (2 November 2025), and spring (8 March 2026), when they go forward.
OPENINGS = (toronto(2025, 10, 20, 9), toronto(2026, 2, 25, 9))
DAYS = (3, 7, 12)
HOUR = timedelta(hours=1)


@st.composite
def lives(draw) -> dict[str, Any]:
    """One person: when they join, answer, get more time and leave, in hours from the opening; None for never."""
    hours = st.integers(-48, 24 * 18)
    return {
        "joins": draw(hours),
        "answers": draw(st.none() | st.integers(0, 24 * 18)),
        "extra": draw(st.none() | st.integers(1, 24 * 6)),
        "leaves": draw(st.none() | hours),
    }


def wall_clock(moment: datetime, days: int) -> datetime:
    """The same time on the clock `days` days later, worked out without the rules: by its parts."""
    local = timezone.localtime(moment)
    day = local.date() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, local.time()))


def expected(
    life: dict[str, Any], opens_at: datetime, closes_at: datetime, ticks: list[datetime], *, is_pre: bool
) -> list[str]:
    """An oracle that thinks the other way round: for each mail, whether some run falls where it is the one due."""
    joins = opens_at + life["joins"] * HOUR
    begins = max(opens_at, joins)
    ends = closes_at + (life["extra"] or 0) * HOUR
    if is_pre:
        # Who joins late has two weeks from then on.
        ends = max(ends, wall_clock(joins, 14))
    for event in ("answers", "leaves"):
        if life[event] is not None:
            ends = min(ends, opens_at + life[event] * HOUR)
    moments = [(begins, "invitation"), *((wall_clock(begins, day), f"day-{day}") for day in DAYS)]
    mails = []
    for at, (moment, step) in enumerate(moments):
        next_one = moments[at + 1][0] if at + 1 < len(moments) else ends
        until = min(ends, next_one, moment + timedelta(days=3))
        if any(moment <= tick < until for tick in ticks):
            mails.append(step)
    return mails


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    opens_at=st.sampled_from(OPENINGS),
    people=st.lists(lives(), min_size=1, max_size=4),
    # An outage is a long gap between two runs; two workers are the same moment twice.
    gaps=st.lists(st.sampled_from([0, 1, 3, 12, 24, 30, 100, 200]), min_size=6, max_size=22),
    kind=st.sampled_from(["pre", "post"]),
)
def test_each_person_gets_exactly_the_mails_they_should(opens_at, people, gaps, kind):
    with transaction.atomic():
        cycle = make_cycle()
        closes_at = wall_clock(opens_at, 14)
        window = make_window(cycle, kind, opens_at=opens_at, closes_at=closes_at)
        write(window, reminder_days=list(DAYS))
        by = make_user(is_staff=True)
        lives_of = {}
        for life in people:
            enrolment = make_enrolment(cycle, decided_at=opens_at + life["joins"] * HOUR)
            lives_of[enrolment.pk] = (enrolment, life)
            if life["extra"]:
                WindowExtension.objects.create(
                    window=window,
                    enrolment=enrolment,
                    closes_at=closes_at + life["extra"] * HOUR,
                    reason="On leave.",
                    granted_by=by,
                )
        ticks = [opens_at - 30 * HOUR]
        for gap in gaps:
            ticks.append(ticks[-1] + gap * HOUR)
        done: set[int] = set()
        for tick in ticks:
            for pk, (enrolment, life) in lives_of.items():
                for event in ("answers", "leaves"):
                    is_past = life[event] is not None and opens_at + life[event] * HOUR <= tick
                    if is_past and pk not in done:
                        done.add(pk)
                        if event == "answers":
                            make_response(enrolment, window, submitted_at=tick)
                        else:
                            write(enrolment, status="withdrawn")
            ask_due(now=tick)

        for pk, (enrolment, life) in lives_of.items():
            steps = list(SurveyAsk.objects.filter(enrolment=pk).order_by("pk").values_list("step", flat=True))
            assert steps == expected(life, opens_at, closes_at, ticks, is_pre=kind == "pre")
            mails = OutgoingMail.objects.filter(recipient=enrolment.participant.email)
            assert mails.count() == len(steps)
        transaction.set_rollback(True)


@pytest.mark.parametrize("opens_at", OPENINGS)
def test_days_are_counted_on_the_clock_over_its_changes(opens_at):
    values: dict[str, Any] = {
        "opens_at": timezone.localtime(opens_at),
        "closes_at": None,
        "asked_from": timezone.localtime(opens_at),
    }
    moment = wall_clock(opens_at, 21)

    assert moment.hour == 9
    assert due_step(**values, reminder_days=[21], now=timezone.localtime(moment)) == "day-21"
    assert (
        due_step(**values, reminder_days=[21], now=timezone.localtime(moment - timedelta(seconds=1))) is None
    )
