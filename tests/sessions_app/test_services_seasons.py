from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import BadInputError, MoveRefusedError
from sessions_app.models import Cycle, EchoSession, Material, PresenterSlot, Speaker
from sessions_app.seasons import on_clock
from sessions_app.services.seasons import (
    Lesson,
    SeasonPlan,
    build_season,
    curriculum_of,
    propose_season,
    season_days,
)
from tests.clock import toronto
from tests.factories import make_cycle, make_hub, make_program, make_report, make_session, make_user
from tests.history import audit_row
from tests.races import at_once

NOW = toronto(2025, 12, 1, 9)
THURSDAY = date(2026, 1, 8)
PLAN = SeasonPlan(first=THURSDAY, weekday=3, start=time(12, 30), end=time(14), number=3)


@pytest.fixture
def cycle(db: None) -> Cycle:
    """A cycle of winter without a session; its program has the hubs Kingston and Toronto, in this order."""
    program = make_program(hubs=[make_hub("Kingston"), make_hub("Toronto")])
    return make_cycle(program, name="Winter", starts_on=THURSDAY, ends_on=date(2026, 6, 30))


def lessons(plan: SeasonPlan = PLAN, *, weeks: int = 3, **values: Any) -> dict[date, Lesson]:
    return {
        plan.first + timedelta(weeks=week): Lesson(**({"topic": f"Topic {week + 1}"} | values))
        for week in range(weeks)
    }


def build(cycle: Cycle, plan: SeasonPlan = PLAN, **values: Any) -> list[EchoSession]:
    values.setdefault("lessons", lessons(plan))
    values.setdefault("by", make_user(is_staff=True))
    return build_season(cycle_id=cycle.pk, plan=plan, now=NOW, **values)


def past_cycle(cycle: Cycle) -> Cycle:
    """A cycle of the same program: two sessions with all that a curriculum has, and one that was cancelled."""
    past = make_cycle(cycle.program, name="Fall", sessions=2)
    make_session(past, week=9, topic="Never given", status=EchoSession.Status.CANCELLED)
    objective = cycle.program.objectives.create(position=1, text="Assess pain.")
    first, second = curriculum_of(past)
    EchoSession.objects.filter(pk=first.pk).update(
        topic="Opioids", topic_fr="Opioïdes", summary="What they do.", summary_fr="Ce qu’ils font."
    )
    first.speakers.create(
        name="Dr. Ada Okonkwo", affiliation="Queen’s", disclosure="declared", disclosure_text="A grant."
    )
    first.session_objectives.create(objective=objective)
    first.materials.create(title="Guideline", title_fr="Lignes directrices", url="https://example.org/g")
    first.materials.create(title="Slides", file=make_report(second).file, filename="slides.csv", position=2)
    return past


# --- creating -------------------------------------------------------------------------------------------------------


def test_build_season_creates_planned_sessions_with_their_slots(cycle, coordinator):
    plan = replace(PLAN, slots=2, meeting_url="https://video.example/room")
    hub = cycle.program.hubs.get(name="Kingston")

    created = build(cycle, plan, lessons=lessons(plan, hub_id=hub.pk), by=coordinator)

    stored = list(cycle.sessions.all())
    assert stored == created
    assert [(on_clock(row.starts_at), row.topic) for row in stored] == [
        ((THURSDAY + timedelta(weeks=week), time(12, 30)), f"Topic {week + 1}") for week in range(3)
    ]
    assert {(row.status, row.minutes, row.meeting_url, row.hub) for row in stored} == {
        ("planned", 90, "https://video.example/room", hub)
    }
    assert list(stored[0].slots.values_list("position", "enrolment")) == [(1, None), (2, None)]
    assert PresenterSlot.objects.count() == 6
    assert audit_row(stored[0], "insert") == ("season.build", coordinator.pk, "")


def test_build_season_twice_builds_once_and_adds_what_is_new(cycle):
    first = build(cycle)

    assert build(cycle) == []
    longer = build(cycle, replace(PLAN, number=4), lessons=lessons(weeks=4))

    assert [on_clock(session.starts_at)[0] for session in longer] == [THURSDAY + timedelta(weeks=3)]
    assert cycle.sessions.count() == 4
    assert PresenterSlot.objects.count() == 4
    first[0].refresh_from_db()
    assert first[0].sequence == 0


def test_build_season_passes_over_a_cancelled_session_at_the_same_time(cycle):
    make_session(cycle, week=1, status=EchoSession.Status.CANCELLED)

    assert len(build(cycle)) == 2


def test_build_season_copies_a_curriculum_and_asks_for_disclosure_anew(cycle):
    past = past_cycle(cycle)
    opioids, other = curriculum_of(past)
    plan = replace(PLAN, curriculum=past)
    chosen = {
        THURSDAY: Lesson("Opioids", copied=opioids),
        THURSDAY + timedelta(weeks=1): Lesson("My own words", copied=opioids),
        THURSDAY + timedelta(weeks=2): Lesson("Session 3"),
    }

    first, second, third = build(cycle, plan, lessons=chosen)

    assert (first.topic_fr, first.summary, first.summary_fr) == (
        "Opioïdes",
        "What they do.",
        "Ce qu’ils font.",
    )
    # A French topic belongs to its English one: a new one has none yet.
    assert (second.topic_fr, third.topic_fr) == ("", "Séance 3")
    speaker = first.speakers.get()
    assert (speaker.name, speaker.affiliation) == ("Dr. Ada Okonkwo", "Queen’s")
    assert (speaker.disclosure, speaker.disclosure_text) == (Speaker.Disclosure.MISSING, "")
    assert [row.objective.text for row in first.session_objectives.all()] == ["Assess pain."]
    # A link is copied; a file stays with those it was put up for.
    assert list(first.materials.values_list("title", "title_fr", "url", "added_at")) == [
        ("Guideline", "Lignes directrices", "https://example.org/g", NOW)
    ]
    assert not third.speakers.exists()
    assert Speaker.objects.filter(session=opioids).get().disclosure == "declared"
    assert Material.objects.count() == 4
    assert other.topic == "Topic 2"


def test_build_season_lets_the_cycle_last_as_long_where_that_is_wanted(cycle, coordinator):
    far = {date(2026, 1, 1): Lesson("Early"), date(2026, 7, 9): Lesson("Late")}
    plan = replace(PLAN, first=date(2026, 1, 1))

    build(cycle, plan, lessons=far)
    cycle.refresh_from_db()
    assert (cycle.starts_on, cycle.ends_on) == (THURSDAY, date(2026, 6, 30))

    build(cycle, plan, lessons=far | {date(2026, 7, 16): Lesson("Later")}, extends_cycle=True, by=coordinator)
    cycle.refresh_from_db()
    assert (cycle.starts_on, cycle.ends_on) == (date(2026, 1, 1), date(2026, 7, 16))
    assert audit_row(cycle, "update") == ("season.build", coordinator.pk, "")


def test_season_across_both_changes_of_the_clocks_stays_at_half_past_noon(cycle):
    plan = replace(PLAN, first=date(2026, 2, 26), last=date(2026, 11, 12), number=None)
    days = season_days(cycle, plan, ticks={})

    created = build(cycle, plan, lessons={day: Lesson(f"{day}") for day in days})

    assert len(created) == 38
    assert {on_clock(session.starts_at)[1] for session in created} == {time(12, 30)}
    assert {session.starts_at.hour for session in created} == {16, 17}
    assert {session.minutes for session in created} == {90}


@pytest.mark.parametrize(
    ("plan", "chosen", "words"),
    [
        (PLAN, {}, "No date is ticked"),
        (PLAN, lessons(weeks=61), "That would be 61 sessions; a season has 60 at most."),
        (PLAN, {date(2026, 1, 9): Lesson("A Friday")}, "do not belong to this season"),
        (PLAN, {date(2026, 1, 1): Lesson("Before the first")}, "do not belong to this season"),
        (replace(PLAN, last=THURSDAY, number=None), lessons(), "do not belong to this season"),
        (PLAN, lessons(topic="  "), "do not belong to this season"),
        (PLAN, lessons(hub_id=0), "do not belong to this season"),
        (replace(PLAN, end=time(12, 30)), lessons(), "ends before it starts"),
        (replace(PLAN, start=time(8), end=time(20, 1)), lessons(), "half a day at most"),
        (replace(PLAN, slots=6), lessons(), "up to 5 presenter slots"),
    ],
)
def test_build_season_refuses_what_cannot_be(cycle, plan, chosen, words):
    with pytest.raises(BadInputError, match=words):
        build(cycle, plan, lessons=chosen)

    assert not cycle.sessions.exists()


def test_build_season_copies_from_no_other_program(cycle):
    foreign = make_cycle(sessions=1)
    chosen = {THURSDAY: Lesson("Stolen", copied=foreign.sessions.get())}

    for curriculum in (foreign, None):
        with pytest.raises(BadInputError, match="do not belong"):
            build(cycle, replace(PLAN, curriculum=curriculum), lessons=chosen)


def test_build_season_refuses_a_closed_cycle(cycle):
    Cycle.objects.filter(pk=cycle.pk).update(status=Cycle.Status.CLOSED, closed_at=NOW)

    with pytest.raises(MoveRefusedError, match="This cycle is closed"):
        build(cycle)


def test_build_season_takes_as_many_queries_for_many_sessions_as_for_few(cycle):
    past = past_cycle(cycle)
    source = curriculum_of(past)[0]
    counts = []
    for first, weeks in ((THURSDAY, 2), (date(2026, 3, 5), 40)):
        plan = replace(PLAN, first=first, curriculum=past)
        chosen = lessons(plan, weeks=weeks, copied=source)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            build(cycle, plan, lessons=chosen)
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_two_builds_at_once_create_one_season(coordinator):
    cycle = make_cycle(make_program(), starts_on=THURSDAY, ends_on=date(2026, 6, 30))
    deed = partial(build_season, cycle_id=cycle.pk, plan=PLAN, lessons=lessons(), by=coordinator, now=NOW)

    results = at_once([deed] * 4)

    assert sorted(len(created) for created in results) == [0, 0, 0, 3]
    assert cycle.sessions.count() == 3
    assert PresenterSlot.objects.count() == 3


# --- proposing ------------------------------------------------------------------------------------------------------


def proposed(cycle: Cycle, plan: SeasonPlan = PLAN, **values: Any) -> list[Any]:
    ticks = values.setdefault("ticks", {})
    return propose_season(cycle, plan, season_days(cycle, plan, ticks=ticks), **values)


def test_propose_season_numbers_topics_and_lets_hubs_take_turns(cycle):
    kingston, toronto_hub = (hub.pk for hub in cycle.program.hubs.order_by("program_hubs__position"))

    rows = proposed(cycle)

    assert [row.lesson for row in rows] == [
        Lesson("Session 1", kingston),
        Lesson("Session 2", toronto_hub),
        Lesson("Session 3", kingston),
    ]
    assert [row.remarks for row in rows] == [[], [], []]
    fixed = proposed(cycle, replace(PLAN, hub_id=toronto_hub))
    assert {row.lesson.hub_id for row in fixed} == {toronto_hub}


def test_propose_season_leaves_holidays_and_named_dates_out_and_goes_on(cycle):
    plan = replace(PLAN, first=date(2026, 12, 18), weekday=4)

    rows = proposed(cycle, plan, ticks={date(2027, 1, 8): False})

    assert [
        (row.day.isoformat(), row.lesson.topic if row.lesson else "", row.is_holiday) for row in rows
    ] == [
        ("2026-12-18", "Session 1", False),
        ("2026-12-25", "", True),
        ("2027-01-01", "", True),
        ("2027-01-08", "", False),
        ("2027-01-15", "Session 2", False),
        ("2027-01-22", "Session 3", False),
    ]
    assert rows[1].remarks[0] == "Statutory holiday: Christmas Day."
    # A coordinator who wants one on Christmas Day has it.
    wanted = proposed(cycle, plan, ticks={date(2026, 12, 25): True})
    assert [row.day.day for row in wanted if row.lesson] == [18, 25, 8]


def test_propose_season_moves_the_topics_to_the_dates_that_are_left(cycle):
    past = past_cycle(cycle)
    opioids = curriculum_of(past)[0]
    plan = replace(PLAN, curriculum=past, number=4)
    written = [Lesson("Opioids, anew", None, opioids)]

    rows = proposed(cycle, plan, ticks={THURSDAY: False}, lessons=written)

    assert [
        row.lesson and (row.lesson.topic, row.lesson.copied and row.lesson.copied.topic) for row in rows
    ] == [
        None,
        ("Opioids, anew", "Opioids"),
        ("Topic 2", "Topic 2"),
        ("Session 3", None),
        ("Session 4", None),
    ]


def test_propose_season_counts_what_stands_already(cycle):
    build(cycle, replace(PLAN, number=1), lessons=lessons(weeks=1))
    make_session(cycle, week=1, topic="Called off", status=EchoSession.Status.CANCELLED)

    rows = proposed(cycle)

    # One stands, one was cancelled: two more make three.
    assert [(row.standing and row.standing.topic, row.lesson and row.lesson.topic) for row in rows] == [
        ("Topic 1", None),
        ("Called off", None),
        (None, "Session 2"),
        (None, "Session 3"),
    ]
    assert [row.remarks for row in rows] == [[]] * 4


def test_propose_season_tells_of_clashes_and_of_days_outside_the_cycle(cycle):
    kingston, toronto_hub = cycle.program.hubs.order_by("program_hubs__position")
    other = make_cycle(make_program(name="Diabetes", hubs=[kingston]), name="Spring", starts_on=THURSDAY)
    noon = {"starts_at": toronto(2026, 1, 8, 13, 30), "hub": kingston}
    make_session(other, topic="Insulin", **noon)
    make_session(other, topic="No clash", starts_at=toronto(2026, 1, 15, 12, 30), hub=kingston)
    make_session(
        other, topic="Never", starts_at=toronto(2026, 1, 8, 12, 30), hub=kingston, status="cancelled"
    )
    make_session(other, topic="Just after", starts_at=toronto(2026, 1, 8, 14), hub=kingston)
    make_session(cycle, topic="Extra", starts_at=toronto(2026, 1, 15, 12))
    Cycle.objects.filter(pk=cycle.pk).update(ends_on=date(2026, 1, 21))
    cycle.refresh_from_db()

    rows = proposed(cycle, replace(PLAN, hub_id=None))

    # "Extra" is the cycle's first session: Toronto's turn, Kingston's, Toronto's.
    assert [row.lesson.hub_id for row in rows] == [toronto_hub.pk, kingston.pk, toronto_hub.pk]
    assert rows[0].remarks == []
    assert rows[1].remarks == [
        "At the same time as “Extra” of this cycle (12:00).",
        "The hub has “No clash” of Diabetes: Spring at that time (12:30).",
    ]
    assert rows[2].remarks == ["After the cycle's last day."]
    fixed = proposed(cycle, replace(PLAN, hub_id=kingston.pk))
    assert fixed[0].remarks == ["The hub has “Insulin” of Diabetes: Spring at that time (13:30)."]
    early = proposed(cycle, replace(PLAN, first=date(2026, 1, 1), last=date(2026, 1, 2), number=None))
    assert early[0].remarks == [
        "Statutory holiday: New Year’s Day.",
        "Before the cycle's first day.",
    ]
