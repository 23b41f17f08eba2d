"""From the public page into a running cycle on a phone, and by way of the waiting list."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from participants.models import AgreementAnswer
from sessions_app.models import Cycle, EchoSession, Enrolment
from sessions_app.services import add_questions
from tests.e2e.conftest import PHONE, Post, Visitor
from tests.e2e.test_whole_way import body
from tests.factories import make_cycle, make_hub, make_program, make_session, make_user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

EMAIL = "aaju@clinic.example"
NAME = "Aaju ᐊᔪ Nguyễn-O’Brien"
PASSWORD = "a walk along the Cataraqui 1832"
LINK = "https://video.example/room"


@pytest.fixture
def running(transactional_db: None, agreements: None) -> Cycle:
    """A cycle in its second week that admits at once, with the questions that a program's first cycle asks."""
    now = timezone.now().replace(second=0, microsecond=0)
    today = timezone.localdate(now)
    cycle = make_cycle(
        make_program(hubs=[make_hub("University Hub", "Toronto")]),
        starts_on=today - timedelta(days=9),
        ends_on=today + timedelta(days=60),
        registration_opens_at=now - timedelta(days=30),
        registration_closes_at=now + timedelta(days=10),
        name="Fall season",
        admission=Cycle.Admission.AUTOMATIC,
        capacity=1,
    )
    add_questions(cycle_id=cycle.pk, by=None)
    make_session(
        cycle,
        starts_at=now + timedelta(days=2),
        topic="Tapering opioids",
        status=EchoSession.Status.CONFIRMED,
        meeting_url=LINK,
    )
    return cycle


def fits(page: Page) -> None:
    """Nothing of the page runs over the phone's edge."""
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.locator("html").bounding_box()["width"] <= width  # type: ignore[index]
    wide = [
        box
        for box in (element.bounding_box() for element in page.locator("main :is(p, input, h1, h2)").all())
        if box and box["x"] + box["width"] > width + 1
    ]
    assert wide == [], page.url


def answer_application(page: Page) -> None:
    """Answer the cycle's questions and the agreements, the consents with no."""
    page.get_by_label("Why would you like to join?").fill("Half of my patients live with pain.")
    page.get_by_role("group", name="Do you prescribe opioids?").or_(
        page.get_by_role("radiogroup", name="Do you prescribe opioids?")
    ).get_by_label("Yes").check()
    page.get_by_role("checkbox").check()
    for no in page.get_by_role("radio", name=re.compile("^No")).all()[1:]:
        no.check()


@pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
def test_clinician_is_in_the_running_cycle_from_the_public_page_on_a_phone(
    visit: Callable[..., Visitor], post: Post, running: Cycle, javascript: bool
) -> None:
    page = visit(size=PHONE, javascript=javascript).go("/")
    fits(page)
    page.get_by_role("link", name="Apply for Fall season").click()
    page.locator("[name=email]").fill(EMAIL)
    page.locator("[name=password1]").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    code = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", body(post.to(EMAIL)), re.MULTILINE)
    assert code
    page.locator("[name=code]").fill(code[1])
    page.get_by_role("main").get_by_role("button", name="Continue").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Your profile")
    fits(page)
    page.get_by_label("Name as licensed").fill(NAME)
    page.get_by_label("Family physician").check()
    page.get_by_role("button", name="Save and go on").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Apply for a place")
    fits(page)
    # A first try without answers says what is missing and keeps the rest.
    page.get_by_label("What would you like to learn?").fill("To taper without losing trust.")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.get_by_label("What would you like to learn?")).to_have_value("To taper without losing trust.")
    answer_application(page)
    page.get_by_role("button", name="Apply").click()

    expect(page.get_by_text("You have a place. Welcome!")).to_be_visible()
    expect(page.get_by_text("The link to join appears here 15 minutes before the start.")).to_be_visible()
    fits(page)
    enrolment = Enrolment.objects.get(participant__email=EMAIL)
    assert (enrolment.status, enrolment.participant.profile.legal_name) == ("approved", NAME)
    assert set(enrolment.application_answers.values_list("question__key", flat=True)) == {
        "why",
        "learn",
        "prescribes",
    }
    given = dict(AgreementAnswer.objects.values_list("agreement__kind", "is_given"))
    assert given == {"participation": True, "research": False, "recording": False}

    # The welcome brings the calendar, and the calendar the session.
    welcome = body(post.to(EMAIL, about="place"))
    feed = re.search(r"http\S+\.ics", welcome)
    assert feed
    calendar = Client().get(urlsplit(feed[0]).path).content.decode()
    assert "Tapering opioids" in calendar
    assert LINK in calendar.replace("\r\n ", "")


def test_who_waits_gets_the_place_that_is_freed(
    visit: Callable[..., Visitor], post: Post, running: Cycle
) -> None:
    first, second = make_user("first@clinic.example"), make_user("second@clinic.example")
    one, two = visit(first), visit(second, size=PHONE)
    for visitor in (one, two):
        page = visitor.go(f"/cycles/{running.pk}/apply/")
        page.get_by_label("Why would you like to join?").fill("To learn.")
        page.get_by_label("Yes").check()
        page.get_by_role("button", name="Apply").click()
    expect(one.page.get_by_text("You have a place. Welcome!")).to_be_visible()
    expect(two.page.get_by_text("You are next on the waiting list.")).to_be_visible()
    assert LINK not in two.page.content()
    post.to(second.email, about="waiting list")

    one.page.get_by_role("link", name="Leave this cycle").click()
    one.page.get_by_role("button", name="Leave the cycle").click()
    expect(one.page.get_by_text("You have left the cycle.")).to_be_visible()
    post.to(first.email, about="no longer")

    offer = body(post.to(second.email, about="opened up for you"))
    link = re.search(r"http\S+/place/", offer)
    assert link
    page = two.go(urlsplit(link[0]).path)
    fits(page)
    page.get_by_role("button", name="Take the place").click()
    expect(page.get_by_text("You have a place. Welcome!")).to_be_visible()
    expect(page.get_by_text("The link to join appears here 15 minutes before the start.")).to_be_visible()
    assert post.to(second.email, about="You have a place")
    assert dict(running.enrolments.values_list("participant__email", "status")) == {
        first.email: "withdrawn",
        second.email: "approved",
    }
