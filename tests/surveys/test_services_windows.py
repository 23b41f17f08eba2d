"""Windows by the program's plan: made, moved with the cycle, left alone once somebody sets or answers them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import BadInputError
from sessions_app.models import Cycle, EchoSession
from surveys.models import SurveyPlan, SurveyWindow, WindowExtension
from surveys.services import extend_window, tend_windows
from surveys.services.windows import tend_cycle
from tests.clock import toronto
from tests.database import write
from tests.factories import (
    make_cycle,
    make_enrolment,
    make_instrument,
    make_response,
    make_session,
    make_user,
    make_window,
)
from tests.history import audit_row
from tests.races import at_once

NOW = toronto(2025, 9, 1, 9)

PLANS: dict[str, dict[str, Any]] = {
    "pre": {"opens_from": "first_day", "opens_days": -7, "closes_from": "first_day", "closes_days": 14},
    "post": {"opens_from": "last_session"},
    "reflection": {"opens_from": "last_day", "closes_from": "last_day", "closes_days": 30},
    "evaluation": {"opens_from": "session", "closes_from": "session", "closes_days": 7, "reminder_days": [2]},
    "follow_up": {"opens_from": "last_day", "opens_days": 90, "closes_from": "last_day", "closes_days": 150},
}


def plan(cycle: Cycle, *kinds: str) -> None:
    for kind in kinds or PLANS:
        SurveyPlan.objects.create(program=cycle.program, kind=kind, **PLANS[kind])
        make_instrument(cycle.program, kind)


def season() -> Cycle:
    """Eight Thursdays at 12:30 from 2025-09-11, over the end of daylight saving on 2025-11-02."""
    cycle = make_cycle(starts_on=date(2025, 9, 11), ends_on=date(2025, 11, 6))
    for week in range(9):
        make_session(cycle, week=week, status=EchoSession.Status.PLANNED)
    return cycle


def moments(cycle: Cycle, kind: str) -> list[tuple[datetime, datetime | None]]:
    windows = cycle.survey_windows.filter(instrument__kind=kind)
    return [(window.opens_at, window.closes_at) for window in windows]


@pytest.mark.django_db
def test_windows_are_made_by_the_plan_on_toronto_clocks():
    cycle = season()
    plan(cycle)

    assert tend_windows(now=NOW) == 4 + 9

    assert moments(cycle, "pre") == [(toronto(2025, 9, 4), toronto(2025, 9, 25))]
    assert moments(cycle, "post") == [(toronto(2025, 11, 6, 14), None)]
    assert moments(cycle, "reflection") == [(toronto(2025, 11, 7), toronto(2025, 12, 7))]
    assert moments(cycle, "follow_up") == [(toronto(2026, 2, 5), toronto(2026, 4, 6))]
    evaluations = moments(cycle, "evaluation")
    # A week that has 169 hours is a week: 14:00 stays 14:00.
    assert evaluations[7] == (toronto(2025, 10, 30, 14), toronto(2025, 11, 6, 14))
    assert evaluations[0] == (toronto(2025, 9, 11, 14), toronto(2025, 9, 18, 14))
    assert cycle.survey_windows.filter(instrument__kind="evaluation")[0].reminder_days == [2]


@pytest.mark.django_db
def test_windows_are_made_once():
    cycle = season()
    plan(cycle)
    tend_windows(now=NOW)

    assert tend_windows(now=NOW) == 0
    assert SurveyWindow.objects.count() == 13


@pytest.mark.django_db(transaction=True)
def test_windows_are_made_once_by_workers_at_once():
    cycle = season()
    plan(cycle)

    results = at_once([partial(tend_cycle, cycle_id=cycle.pk, now=NOW)] * 6)

    assert sorted(results) == [0] * 5 + [13]


@pytest.mark.django_db
@pytest.mark.parametrize("status", ["planned", "closed"])
def test_only_published_cycles_ask_and_closed_ones_follow_up(status):
    values: dict[str, Any] = {"closed_at": NOW} if status == "closed" else {}
    cycle = make_cycle(sessions=1, status=status, **values)
    plan(cycle)

    tend_windows(now=NOW)

    kinds = {window.instrument.kind for window in cycle.survey_windows.all()}
    assert kinds == ({"follow_up"} if status == "closed" else set())


@pytest.mark.django_db
def test_plan_without_a_released_instrument_or_out_of_use_asks_nothing():
    cycle = season()
    SurveyPlan.objects.create(program=cycle.program, kind="pre", **PLANS["pre"])
    make_instrument(cycle.program, "pre", is_released=False)
    SurveyPlan.objects.create(program=cycle.program, kind="post", **PLANS["post"], is_active=False)
    make_instrument(cycle.program, "post")

    assert tend_windows(now=NOW) == 0


@pytest.mark.django_db
def test_window_that_comes_late_opens_now_so_that_everybody_is_invited():
    cycle = season()
    plan(cycle, "pre")
    late = toronto(2025, 9, 17)

    tend_windows(now=late)

    assert moments(cycle, "pre") == [(late, toronto(2025, 9, 25))]
    assert tend_windows(now=late + timedelta(hours=1)) == 0


@pytest.mark.django_db
def test_windows_follow_the_cycle_until_they_are_set_by_hand():
    cycle = season()
    plan(cycle, "pre", "reflection")
    tend_windows(now=NOW)
    SurveyWindow.objects.filter(instrument__kind="reflection").update(is_adjusted=True)
    write(cycle, starts_on=date(2025, 9, 18), ends_on=date(2025, 11, 13))

    assert tend_windows(now=NOW) == 1

    assert moments(cycle, "pre") == [(toronto(2025, 9, 11), toronto(2025, 10, 2))]
    assert moments(cycle, "reflection") == [(toronto(2025, 11, 7), toronto(2025, 12, 7))]


@pytest.mark.django_db
def test_open_window_keeps_its_opening_and_is_never_cut_short_to_the_past():
    cycle = season()
    plan(cycle, "pre")
    tend_windows(now=NOW)
    write(cycle, starts_on=date(2025, 8, 14))

    during = toronto(2025, 9, 10)
    assert tend_windows(now=during) == 0
    assert moments(cycle, "pre") == [(toronto(2025, 9, 4), toronto(2025, 9, 25))]
    # One that has closed stays closed.
    write(cycle, starts_on=date(2025, 10, 2))
    assert tend_windows(now=toronto(2025, 9, 26)) == 0


@pytest.mark.django_db
def test_evaluation_follows_its_session_and_goes_when_it_is_cancelled():
    cycle = season()
    plan(cycle, "evaluation")
    tend_windows(now=NOW)
    first, second, third = cycle.sessions.order_by("starts_at")[:3]
    write(first, starts_at=toronto(2025, 9, 12, 9), ends_at=toronto(2025, 9, 12, 10, 30))
    for session in (second, third):
        write(session, status=EchoSession.Status.CANCELLED)
    answered = SurveyWindow.objects.get(session=third)
    make_response(make_enrolment(cycle), answered)

    assert tend_windows(now=NOW) == 2

    assert SurveyWindow.objects.get(session=first).opens_at == toronto(2025, 9, 12, 10, 30)
    assert not SurveyWindow.objects.filter(session=second).exists()
    # What somebody has begun is kept, and closes once it would have opened.
    assert SurveyWindow.objects.filter(pk=answered.pk).exists()
    later = toronto(2025, 9, 26)
    assert tend_windows(now=later) >= 1
    answered.refresh_from_db()
    assert answered.closes_at == later


@pytest.mark.django_db
def test_newer_version_takes_the_place_of_one_nobody_has_seen():
    cycle = season()
    plan(cycle, "pre", "post")
    tend_windows(now=NOW)
    newer = {kind: make_instrument(cycle.program, kind, version=2) for kind in ("pre", "post")}
    make_instrument(cycle.program, "post", version=3, is_released=False)

    assert tend_windows(now=toronto(2025, 9, 5)) == 1

    asked = {window.instrument.kind: window.instrument for window in cycle.survey_windows.all()}
    assert asked["post"] == newer["post"]
    assert asked["pre"].version == 1


@pytest.mark.django_db
def test_window_made_by_hand_is_taken_for_the_plans():
    cycle = season()
    plan(cycle, "pre")
    by_hand = make_window(cycle, "pre", opens_at=toronto(2025, 9, 9))
    write(by_hand, is_adjusted=True)
    make_instrument(cycle.program, "pre", version=2)

    assert tend_windows(now=NOW) == 0


@pytest.mark.django_db
def test_windows_cost_the_same_queries_for_one_session_as_for_many():
    counts = []
    for sessions in (1, 9):
        cycle = make_cycle(sessions=sessions)
        plan(cycle)
        tend_cycle(cycle_id=cycle.pk, now=NOW)
        with CaptureQueriesContext(connection) as queries:
            tend_cycle(cycle_id=cycle.pk, now=NOW)
        counts.append(len(queries))

    assert counts[0] == counts[1]


# --- more time for one person ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_extension_gives_one_person_more_time_and_says_why():
    cycle = make_cycle()
    window = make_window(cycle, closes_at=toronto(2025, 10, 1))
    enrolment, by = make_enrolment(cycle), make_user(is_staff=True)
    give = partial(extend_window, window_id=window.pk, enrolment_id=enrolment.pk, by=by, now=NOW)

    give(until=toronto(2025, 10, 8), reason=" On leave. ")
    give(until=toronto(2025, 10, 20), reason="Still on leave.")

    extension = WindowExtension.objects.get()
    assert (extension.closes_at, extension.reason) == (toronto(2025, 10, 20), "Still on leave.")
    assert audit_row(extension, "insert") == ("survey.extend", by.pk, "On leave.")
    assert audit_row(extension, "update") == ("survey.extend", by.pk, "Still on leave.")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("until", "reason", "words"),
    [
        (toronto(2025, 10, 8), "  ", "Say why"),
        (toronto(2025, 10, 1), "On leave.", "after the survey closes"),
        (NOW - timedelta(days=1), "On leave.", "in the future"),
    ],
)
def test_extension_is_refused_without_reason_or_time(until, reason, words):
    cycle = make_cycle()
    window = make_window(cycle, closes_at=toronto(2025, 10, 1))
    enrolment = make_enrolment(cycle)

    with pytest.raises(BadInputError, match=words):
        extend_window(
            window_id=window.pk,
            enrolment_id=enrolment.pk,
            until=until,
            reason=reason,
            by=make_user(is_staff=True),
            now=NOW,
        )
    assert not WindowExtension.objects.exists()


@pytest.mark.django_db
def test_extension_is_refused_for_who_has_answered_or_is_elsewhere_or_needs_none():
    cycle = make_cycle()
    window = make_window(cycle, closes_at=toronto(2025, 10, 1))
    answered = make_enrolment(cycle)
    make_response(answered, window, submitted_at=NOW)
    outsider = make_enrolment(make_cycle())
    forever = make_window(cycle, "post")

    for window_id, enrolment, words in (
        (window.pk, answered, "answered already"),
        (window.pk, outsider, "not in the survey"),
        (forever.pk, answered, "stays open"),
    ):
        with pytest.raises(BadInputError, match=words):
            extend_window(
                window_id=window_id,
                enrolment_id=enrolment.pk,
                until=toronto(2025, 12, 1),
                reason="On leave.",
                by=make_user(is_staff=True),
                now=NOW,
            )
