"""A coordinator's season by the desk alone: from a program's name to its audit pack."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Group
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, expect

from credits.models import AuditPack, Certificate
from outbox.models import OutgoingMail
from participants.models import User
from sessions_app.models import Cycle, EchoSession, Enrolment, Program
from surveys.models import SurveyPlan, SurveyWindow
from tests.e2e.conftest import Post, Visitor, wait_for
from tests.e2e.test_season import look_closely
from tests.factories import (
    answer_surveys,
    make_accreditation,
    make_enrolment,
    make_hub,
    make_hub_member,
    make_instrument,
    make_user,
    make_window,
)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

WEEKS = timedelta(weeks=8)
TEXTS = ("summary", "mission", "format_text", "credit_text", "funding")


@pytest.fixture
def desk(visit: Callable[..., Visitor], roles: None) -> Visitor:
    coordinator = make_user("cora@echo.example", name="Cora Coordinator", is_staff=True)
    coordinator.groups.add(Group.objects.get(name="Coordinators"))
    return visit(coordinator)


def step(page: Page, label: str) -> None:
    """Follow the link of a step of the set-up guide."""
    item = page.get_by_role("listitem").filter(has=page.get_by_text(label, exact=False)).first
    item.get_by_role("link").click()


def duty(page: Page, words: str) -> None:
    """Follow what waits on the desk."""
    item = page.get_by_role("listitem").filter(has_text=words)
    expect(item).to_be_visible()
    item.get_by_role("link").click()


def home(page: Page) -> None:
    page.get_by_role("link", name="ECHO Portal Administration").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What needs doing")


def to_the_cycle(page: Page) -> None:
    home(page)
    page.get_by_role("link", name="Winter season", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Winter season")


def prepared_by_others(program: Program) -> None:
    """What an accreditor, the hub and the evaluator bring: the guide ticks it once it is on record."""
    today = timezone.localdate()
    make_accreditation(
        program,
        valid_from=today - timedelta(days=300),
        valid_to=today + timedelta(days=300),
    )
    make_hub_member(program, may_sign=True)
    for kind in ("pre", "post", "reflection"):
        make_instrument(program, kind, questions=["text"] if kind == "reflection" else ["scale"])
        SurveyPlan.objects.get_or_create(program=program, kind=kind, defaults={"opens_from": "first_day"})


def let_time_pass(cycle: Cycle) -> None:
    """Eight weeks go by."""
    Cycle.objects.filter(pk=cycle.pk).update(
        starts_on=F("starts_on") - WEEKS,
        ends_on=F("ends_on") - WEEKS,
        registration_opens_at=F("registration_opens_at") - WEEKS,
        registration_closes_at=F("registration_closes_at") - WEEKS,
    )
    cycle.sessions.update(starts_at=F("starts_at") - WEEKS, ends_at=F("ends_at") - WEEKS)
    cycle.survey_windows.update(opens_at=F("opens_at") - WEEKS, closes_at=F("closes_at") - WEEKS)
    cycle.enrolments.update(enrolled_on=F("enrolled_on") - WEEKS)


@pytest.mark.timeout(600)
def test_coordinator_runs_a_season_by_the_desk_alone(desk: Visitor, post: Post) -> None:
    page = desk.go("/admin/")
    page.set_default_timeout(20_000)

    # The program, by the guide.
    page.get_by_role("link", name="Go to the set-up guide").click()
    page.get_by_role("link", name="Name a new program").click()
    page.locator("#id_name").fill("Chronic Pain")
    page.locator("#id_name_fr").fill("Douleur chronique")
    page.locator("#id_slug").fill("pain")
    page.locator("#id_contact_email").fill("office@echo.example")
    for name in TEXTS:
        page.locator(f"#id_{name}").fill("Weekly sessions.")
        page.locator(f"#id_{name}_fr").fill("Des séances hebdomadaires.")
    page.get_by_role("button", name="Save", exact=True).click()
    program = Program.objects.get()
    program.program_hubs.create(hub=make_hub("University Hub", "Toronto"))
    program.objectives.create(position=1, text="Assess pain.")
    prepared_by_others(program)
    home(page)
    page.get_by_role("link", name="Set-up guide", exact=True).click()
    expect(page.get_by_text("Next: Add the physician’s signature")).to_be_visible()
    page.get_by_role("link", name="Chronic Pain").click()
    look_closely(desk, "Chronic Pain", with_axe=True)

    # Its first cycle, and the season.
    step(page, "Create the first cycle")
    monday = next_monday()
    expect(page.locator("#id_program")).to_have_value(str(program.pk))
    page.locator("#id_name").fill("Winter season")
    page.locator("#id_starts_on").fill(monday.isoformat())
    page.locator("#id_ends_on").fill((monday + timedelta(days=30)).isoformat())
    today = timezone.localdate()
    for name, day in (("opens", today - timedelta(days=1)), ("closes", today + timedelta(days=20))):
        page.locator(f"#id_registration_{name}_at_0").fill(day.isoformat())
        page.locator(f"#id_registration_{name}_at_1").fill("09:00")
    page.get_by_role("button", name="Save", exact=True).click()
    cycle = Cycle.objects.get()
    to_the_cycle(page)
    page.get_by_role("link", name="Set-up guide", exact=True).click()
    step(page, "Build the season")
    page.get_by_label("First date").fill((monday + timedelta(days=3)).isoformat())
    page.get_by_label("Number of sessions").fill("2")
    page.get_by_role("button", name="Look at the dates").click()
    topics = page.get_by_label(re.compile("^Topic, "))
    topics.nth(0).fill("Neuropathic pain")
    topics.nth(1).fill("Tapering opioids")
    page.get_by_role("button", name="Create the ticked sessions").click()
    expect(page.get_by_text("2 sessions are created.")).to_be_visible()

    # Registration opens.
    to_the_cycle(page)
    page.get_by_role("link", name="Open registration").click()
    look_closely(desk, "Open registration", with_axe=True)
    expect(page.get_by_text("Find the speakers")).to_be_visible()
    page.get_by_role("button", name="Open registration").click()
    expect(page.get_by_text("Published. People can apply until")).to_be_visible()
    look_closely(desk, "Winter season", with_axe=True)

    # People apply, and are let in together.
    people = [make_user(f"ann{number}@clinic.example", name=f"Ann Able {number}") for number in range(2)]
    for person in people:
        make_enrolment(cycle, person, status="applied")
    page.reload()
    duty(page, "2 applications wait for a decision")
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option("approve")
    page.get_by_role("button", name="Run the selected action").or_(
        page.get_by_role("button", name="Go", exact=True)
    ).first.click()
    expect(page.get_by_text("2 records")).to_be_visible()
    page.get_by_role("button", name="Yes, do it").click()
    expect(page.get_by_text("Approved: 2")).to_be_visible()
    assert "Winter season" in post.to("ann0@clinic.example", about="place")["Subject"]

    # A message to all of them, looked at before.
    to_the_cycle(page)
    page.get_by_role("link", name="Write to a group").click()
    page.get_by_label("Subject", exact=True).fill("Before we begin")
    page.get_by_label("Text", exact=True).fill("Hello {{ name }}, see {{ my_page }}.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Hello Ann Able 0, see http")).to_be_visible()
    page.get_by_role("button", name="Send to 2 people").click()
    expect(page.get_by_text("All of them are sent.")).to_be_visible()
    assert post.count("ann1@clinic.example") == 2
    look_closely(desk, "Before we begin", with_axe=True)

    # The weeks go by: people answer, and the report says who was there.
    for kind in ("pre", "post", "reflection"):
        if not SurveyWindow.objects.filter(cycle=cycle, instrument__kind=kind).exists():
            make_window(cycle, kind, opens_at=timezone.now() - timedelta(days=1), closes_at=None)
    let_time_pass(cycle)
    for enrolment in Enrolment.objects.filter(cycle=cycle):
        answer_surveys(enrolment)
    report = "email,minutes\n" + "".join(f"{person.email},90\n" for person in people)
    for left in ("2 sessions have no attendance yet", "1 session has no attendance yet"):
        to_the_cycle(page)
        duty(page, left)
        page.locator("input[type=file]").set_input_files(
            {"name": "report.csv", "mimeType": "text/csv", "buffer": report.encode()}
        )
        page.get_by_role("button", name="Check the report").click()
        page.get_by_role("button", name=re.compile("^Import 2 attendances")).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert EchoSession.objects.filter(attendances__minutes=90).distinct().count() == 2

    # The end: certificates, then the audit pack.
    to_the_cycle(page)
    expect(page.get_by_text("2 of 2").first).to_be_visible()
    duty(page, "The cycle is over: its certificates are due")
    page.get_by_role("button", name="Close the cycle and issue the certificates").click()
    expect(page.get_by_text("All certificates are made and on their way by email.")).to_be_visible(
        timeout=180_000
    )
    assert Certificate.objects.filter(status="issued").count() == 2
    wait_for(
        lambda: OutgoingMail.objects.filter(kind="certificate", status="sent").count() == 2,
        name="two certificates by mail",
    )
    to_the_cycle(page)
    page.get_by_role("link", name="Audit pack").click()
    page.get_by_role("button", name="Make the audit pack").click()
    expect(page.get_by_role("link", name=re.compile(r"^Download \("))).to_be_visible(timeout=60_000)
    assert AuditPack.objects.get().status == "made"
    to_the_cycle(page)
    look_closely(desk, "Winter season", with_axe=True)

    # And anybody is found by a key.
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox").first).to_be_focused()
    page.keyboard.type("Able 1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Ann Able 1")).to_be_visible()
    assert User.objects.filter(is_staff=True, email="cora@echo.example").exists()


def next_monday() -> date:
    today = timezone.localdate()
    return today + timedelta(days=7 - today.weekday())
