"""A coordinator's five minutes: a season of twenty Thursdays from the cycle's page, then the rest moved by a week."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import expect

from sessions_app.models import Cycle
from sessions_app.seasons import at_clock, holiday_name, on_clock, season_dates, weekly
from tests.e2e.bars import WCAG
from tests.e2e.conftest import DESK, PHONE, Visitor
from tests.factories import make_cycle, make_enrolment, make_hub, make_program, make_session, make_user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def friday_before_a_holiday() -> date:
    """A Friday of the future with a statutory holiday among the next eight."""
    today = timezone.localdate()
    days = list(weekly(today + timedelta(days=14), weekday=4))
    return next(
        day
        for day, later in ((day, days[at + 1 : at + 8]) for at, day in enumerate(days))
        if not holiday_name(day) and any(holiday_name(friday) for friday in later)
    )


def look_closely(visitor: Visitor, title: str, *, with_axe: bool) -> None:
    """On the page `title`: no complaint of the console, nothing too wide; with axe no violation at both widths."""
    page = visitor.page
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.wait_for_load_state()
    assert visitor.complaints == []
    for size in (PHONE, DESK) if with_axe else ():
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        report = Axe().run(page, options=WCAG)
        assert [
            f"{violation['id']} {node['html'][:160]}"
            for violation in report.response["violations"]
            for node in violation["nodes"][:2]
        ] == []
    # axe brings styles of its own that the policy rightly refuses.
    visitor.complaints.clear()
    assert not page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
    )


@pytest.mark.parametrize(
    ("size", "javascript"), [(DESK, True), (PHONE, False)], ids=["desk", "phone without JavaScript"]
)
def test_season_is_built_from_the_cycle_and_the_rest_is_moved(
    visit: Callable[..., Visitor], roles: None, size: dict[str, int], javascript: bool
) -> None:
    first = friday_before_a_holiday()
    # A name as long as they are: a column must hold it.
    kingston_name = "Queen's University, Office of Continuing Professional Development"
    program = make_program(hubs=[make_hub(kingston_name, "Kingston"), make_hub("Toronto")])
    past = make_cycle(program, name="Last season", starts_on=date(2025, 1, 9), sessions=3)
    past.sessions.get(topic="Topic 1").speakers.create(name="Dr. Ada Okonkwo", disclosure="none")
    cycle = make_cycle(program, name="Next season", starts_on=first, ends_on=first + timedelta(weeks=4))
    make_enrolment(cycle)
    kingston = program.hubs.get(city="Kingston")
    other = make_cycle(make_program(name="Diabetes", hubs=[kingston]), name="Spring")
    make_session(other, topic="Insulin", hub=kingston, status="planned", starts_at=at_clock(first, time(13)))
    coordinator = make_user("cora@echo.example", name="Cora Coordinator", is_staff=True)
    coordinator.groups.add(Group.objects.get(name="Coordinators"))
    shown = season_dates(first, weekday=4, number=20, is_skipped=lambda day: bool(holiday_name(day)))
    holidays = [day for day in shown if holiday_name(day)]

    # What season is wanted.
    desk = visit(coordinator, size=size, javascript=javascript)
    page = desk.go(f"/admin/sessions_app/cycle/{cycle.pk}/change/")
    page.get_by_role("link", name="Build the season").click()
    expect(page.get_by_label("Starts at")).to_have_value("12:30")
    look_closely(desk, "Build the season", with_axe=javascript)
    page.get_by_label("First date").fill(first.isoformat())
    page.get_by_label("Number of sessions").fill("20")
    page.get_by_label("Last date").fill(first.isoformat())
    page.get_by_label("Copy the curriculum of").select_option(label="Last season")
    page.get_by_role("button", name="Look at the dates").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert page.title().startswith("Error: ")
    look_closely(desk, "Build the season", with_axe=javascript)
    page.get_by_label("Last date").fill("")
    page.get_by_role("button", name="Look at the dates").click()

    # Its dates: holidays are left out, the clash is told, the curriculum is there.
    expect(page.get_by_text("20 sessions are ticked, 12:30–14:00")).to_be_visible()
    look_closely(desk, "Check the dates", with_axe=javascript)
    table = page.get_by_role("table", name="Dates of the season")
    expect(table.get_by_role("checkbox", checked=True)).to_have_count(20)
    expect(table.get_by_role("checkbox", checked=False)).to_have_count(len(holidays))
    expect(table.get_by_text(f"Statutory holiday: {holiday_name(holidays[0])}.").first).to_be_visible()
    expect(table.get_by_text("The hub has “Insulin” of Diabetes: Spring at that time")).to_be_visible()
    expect(table.get_by_text("Speakers: Dr. Ada Okonkwo.")).to_be_visible()
    topics = table.get_by_label(re.compile("^Topic, "))
    expect(topics.nth(0)).to_have_value("Topic 1")
    expect(page.get_by_label(re.compile("Let the cycle last from"))).to_be_checked()

    # One more date is skipped, and one topic reworded: the season ends a week later.
    topics.nth(0).fill("Opioids and sleep")
    second = next(day for day in weekly(first + timedelta(days=1), weekday=4) if day not in holidays)
    box = table.get_by_role("checkbox", name=re.compile(f"{second:%B} {second.day}, {second.year}"))
    box.uncheck()
    page.get_by_role("button", name="Work the dates out again").click()
    expect(page.get_by_text("20 sessions are ticked")).to_be_visible()
    expect(table.get_by_role("checkbox", checked=True)).to_have_count(20)
    expect(box).not_to_be_checked()
    page.get_by_role("button", name="Create the ticked sessions").click()
    expect(page.get_by_text("20 sessions are created.")).to_be_visible()
    sessions = list(cycle.sessions.order_by("starts_at"))
    days = [on_clock(session.starts_at) for session in sessions]
    assert len(days) == 20
    assert {(day.weekday(), clock) for day, clock in days} == {(4, time(12, 30))}
    assert not {day for day, _clock in days} & {*holidays, second}
    assert [session.topic for session in sessions[:4]] == [
        "Opioids and sleep",
        "Topic 2",
        "Topic 3",
        "Session 4",
    ]
    assert sessions[0].speakers.get().disclosure == "missing"
    assert Cycle.objects.get(pk=cycle.pk).ends_on == days[-1][0]
    look_closely(desk, "Cycle", with_axe=javascript)

    # The third session and all that follow move by a week.
    page.get_by_role("link", name="Move Topic 3").click()
    look_closely(desk, "Move a session", with_axe=javascript)
    page.get_by_label("New date").fill((days[2][0] + timedelta(weeks=1)).isoformat())
    page.get_by_label("This session, and all later ones by as many days").check()
    page.get_by_role("button", name="Look at the move").click()
    expect(page.get_by_text("1 person is told by email")).to_be_visible()
    look_closely(desk, "Check the move", with_axe=javascript)
    page.get_by_role("button", name="Move 18 sessions").click()
    expect(page.get_by_text("18 sessions are moved.")).to_be_visible()
    assert [on_clock(session.starts_at) for session in cycle.sessions.order_by("starts_at")] == [
        *days[:2],
        *((day + timedelta(weeks=1), clock) for day, clock in days[2:]),
    ]

    # One is cancelled.
    page.get_by_role("link", name="Cancel Session 4").click()
    look_closely(desk, "Cancel a session", with_axe=javascript)
    page.get_by_label("Reason").fill("The speaker is away.")
    page.get_by_role("button", name="Cancel this session").click()
    expect(page.get_by_text("The session is cancelled.")).to_be_visible()
    assert cycle.sessions.get(topic="Session 4").status == "cancelled"
