"""By keyboard alone: register, hand in a case, answer a survey, download the certificate; each stop is seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from cases.deidentification import warm_up
from cases.models import CaseSubmission
from credits.models import Certificate
from participants.models import User
from sessions_app.models import Cycle
from surveys.models import Response
from tests import factories as make
from tests.e2e.conftest import Post, Visitor
from tests.e2e.test_registration import NAME, PASSWORD
from tests.e2e.test_whole_way import body

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

EMAIL = "kay@clinic.example"
MOST_STOPS = 200

IS_SEEN = """() => {
  const element = document.activeElement;
  const rings = [element, element.closest("label")].filter(Boolean).map((part) => getComputedStyle(part));
  const hasRing = rings.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
  const box = element.getBoundingClientRect();
  const at = document.elementFromPoint(box.x + box.width / 2, box.y + Math.min(box.height, 20) / 2);
  return hasRing && !!at && (element.contains(at) || !!at.closest("label") || at.contains(element));
}"""
"""Whether what has the focus has a ring, and nothing lies over it."""


class Keyboard:
    """A person without a mouse."""

    def __init__(self, visitor: Visitor) -> None:
        self.page: Page = visitor.page

    def reach(self, wanted: Locator) -> None:
        """Tab to it; each stop on the way is seen."""
        for _press in range(MOST_STOPS):
            if wanted.count() and wanted.first.evaluate("(element) => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
            place = self.page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
            assert self.page.evaluate(IS_SEEN) or place.startswith("<body"), place
        raise AssertionError(f"{wanted} is not reached")

    def press(self, wanted: Locator, key: str = "Enter") -> None:
        self.reach(wanted)
        self.page.keyboard.press(key)

    def write(self, wanted: Locator, text: str) -> None:
        self.reach(wanted)
        self.page.keyboard.type(text)

    def choose(self, wanted: Locator) -> None:
        """A box to tick, or the first of a group."""
        self.press(wanted, "Space")

    def is_at(self, heading: str) -> None:
        """The page is there, and its first stop is the way past the header."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading)
        if not self.page.evaluate("document.activeElement !== document.body"):
            self.page.keyboard.press("Tab")
            expect(self.page.get_by_role("link", name="Skip to main content")).to_be_focused()


@pytest.fixture
def cycle(transactional_db: None, roles: None, agreements: None) -> Cycle:
    """It runs, admits at once, asks nothing beyond the agreements, and its pre-survey is open."""
    warm_up()
    now = timezone.now().replace(second=0, microsecond=0)
    today = timezone.localdate(now)
    cycle = make.make_cycle(
        make.make_program(),
        name="Fall season",
        starts_on=today - timedelta(days=9),
        ends_on=today + timedelta(days=60),
        registration_opens_at=now - timedelta(days=30),
        registration_closes_at=now + timedelta(days=10),
        admission=Cycle.Admission.AUTOMATIC,
    )
    make.make_session(cycle, starts_at=now + timedelta(days=2), topic="Tapering opioids")
    make.make_window(
        cycle,
        instrument=make.make_instrument(cycle.program, "pre", questions=["scale", "text"]),
        opens_at=now - timedelta(days=2),
    )
    return cycle


@pytest.mark.timeout(600)
def test_everything_is_done_without_a_mouse(visit: Callable[..., Visitor], post: Post, cycle: Cycle) -> None:
    visitor = visit()
    page, keyboard = visitor.go("/"), Keyboard(visitor)

    register(page, keyboard, post)
    person = User.objects.get(email=EMAIL)
    hand_in_a_case(page, keyboard)
    answer_the_survey(page, keyboard)
    download_the_certificate(page, keyboard, person)


def register(page: Page, keyboard: Keyboard, post: Post) -> None:
    keyboard.is_at(page.locator("h1").inner_text())
    keyboard.press(page.get_by_role("link", name="Apply for Fall season"))
    page.wait_for_url("**/accounts/signup/**")
    keyboard.write(page.locator("[name=email]"), EMAIL)
    keyboard.write(page.locator("[name=password1]"), PASSWORD)
    page.keyboard.press("Enter")
    code = re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4})\s*$", body(post.to(EMAIL)), re.MULTILINE)
    assert code
    keyboard.write(page.locator("[name=code]"), code[1])
    page.keyboard.press("Enter")
    keyboard.is_at("Your profile")
    keyboard.write(page.get_by_label("Name as licensed"), NAME)
    keyboard.choose(page.get_by_role("radio").first)
    keyboard.press(page.get_by_role("button", name="Save and go on").first)
    keyboard.is_at("Apply for a place")
    # A first try without the agreement: the summary has the focus, its link leads to the box.
    keyboard.press(page.get_by_role("button", name="Apply"))
    expect(page.locator(".error-summary")).to_be_focused()
    keyboard.press(page.locator(".error-summary").get_by_role("link").first)
    keyboard.choose(page.get_by_role("checkbox").first)
    for consent in page.get_by_role("radio", name=re.compile("^No")).all():
        group = consent.get_attribute("name")
        keyboard.reach(page.locator(f"[name='{group}']"))
        while not consent.is_checked():
            page.keyboard.press("ArrowDown")
    keyboard.press(page.get_by_role("button", name="Apply"))
    expect(page.get_by_text("You have a place. Welcome!")).to_be_visible()


def hand_in_a_case(page: Page, keyboard: Keyboard) -> None:
    keyboard.press(page.get_by_role("navigation", name="Main").get_by_role("link", name="Cases"))
    keyboard.is_at("My cases")
    keyboard.press(page.get_by_role("button", name="Start a case"))
    page.wait_for_url("**/edit/")
    keyboard.write(page.locator("#id_age"), "57")
    keyboard.choose(page.locator("[name=sex]").first)
    keyboard.write(page.locator("#id_pain_history"), "Low back pain for twelve years.")
    keyboard.choose(page.locator("[value=lower_back]"))
    for score in ("peg_pain", "peg_enjoyment", "peg_activity"):
        keyboard.press(page.locator(f"[name={score}]").first, "ArrowRight")
    keyboard.choose(page.locator("[name=no_medications]"))
    keyboard.write(page.locator("#id_question_1"), "What next?")
    keyboard.press(page.locator("[name=check]").first)
    keyboard.is_at("Check and hand in")
    keyboard.choose(page.get_by_label("I attest to this."))
    keyboard.write(page.get_by_label("Your name"), NAME)
    keyboard.press(page.get_by_role("button", name="Hand in the case"))
    expect(page.get_by_text("Your case is handed in.")).to_be_visible()
    assert CaseSubmission.objects.get().status == CaseSubmission.Status.SUBMITTED


def answer_the_survey(page: Page, keyboard: Keyboard) -> None:
    keyboard.press(page.get_by_role("navigation", name="Main").get_by_role("link", name="My cycle"))
    keyboard.is_at("Fall season")
    keyboard.press(page.get_by_role("link", name=re.compile(r"^Answer\s*: Pre-survey")))
    page.wait_for_url("**/surveys/**")
    keyboard.press(page.get_by_role("radio").first, "ArrowRight")
    keyboard.write(page.locator("main textarea").first, "Rest.")
    keyboard.press(page.get_by_role("button", name="Save and review"))
    keyboard.press(page.get_by_role("button", name="Submit my answers"))
    expect(page.get_by_text("Your answers are submitted.")).to_be_visible()
    assert Response.objects.get().submitted_at is not None


def download_the_certificate(page: Page, keyboard: Keyboard, person: User) -> None:
    today = timezone.localdate()
    program = make.make_program()
    accreditation = make.make_accreditation(
        program, valid_from=today - timedelta(days=700), valid_to=today + timedelta(days=700)
    )
    closed = make.make_cycle(
        program,
        starts_on=today - timedelta(days=200),
        ends_on=today - timedelta(days=100),
        status=Cycle.Status.CLOSED,
        sessions=1,
    )
    make.make_surveys(closed)
    make.make_certificate(make.make_graduate(closed, person), accreditation)
    keyboard.press(page.get_by_role("navigation", name="Main").get_by_role("link", name="Certificates"))
    with page.expect_download() as download:
        keyboard.press(page.get_by_role("link", name="Download the PDF"))
    assert download.value.suggested_filename == f"{Certificate.objects.get().number}.pdf"
