"""Two specialists answer a case, one of them in two windows; the letter is signed, and its presenter opens it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from cases.deidentification import warm_up
from cases.models import CaseSubmission, Recommendation, RecommendationLetter, SuggestedRecommendation
from tests.e2e.bars import WCAG
from tests.e2e.conftest import DESK, PHONE, Post, Visitor, wait_for
from tests.factories import (
    make_case,
    make_cycle,
    make_enrolment,
    make_hub_member,
    make_program,
    make_session,
    make_user,
)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

SUGGESTED = "Taper by a tenth every four weeks, and stop when the patient asks."


@pytest.fixture
def case(transactional_db: None, roles: None, agreements: None) -> CaseSubmission:
    """Presented yesterday; the screen is loaded, as it is in a portal that runs."""
    warm_up()
    now = timezone.now()
    today = timezone.localdate(now)
    program = make_program(name="Chronic Pain & Opioid Stewardship")
    cycle = make_cycle(program, name="Fall 2026", starts_on=today - timedelta(days=30), ends_on=today)
    session = make_session(cycle, starts_at=now - timedelta(days=1), topic="Tapering opioids")
    presenter = make_user("ann@clinic.example", name="Ann Lee")
    SuggestedRecommendation.objects.create(program=program, heading="pharmacological", text=SUGGESTED)
    return make_case(make_enrolment(cycle, presenter), status="presented", session=session)


def flawless(visitor: Visitor) -> None:
    """No complaint of the console, and at both widths nothing over the edge and nothing that axe finds."""
    page = visitor.page
    assert visitor.complaints == []
    size = page.viewport_size
    for width in (PHONE, DESK):
        page.set_viewport_size({"width": width["width"], "height": width["height"]})
        assert not page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
        ), page.url
        report = Axe().run(page, options=WCAG)
        assert [
            f"{violation['id']} {node['html'][:160]}"
            for violation in report.response["violations"]
            for node in violation["nodes"][:2]
        ] == []
    if size:
        page.set_viewport_size(size)
    # axe brings styles of its own that the policy rightly refuses.
    visitor.complaints.clear()


def heading(page: Page, key: str = "pharmacological") -> Locator:
    return page.locator(f"#heading-{key}")


def is_saved(part: Locator) -> None:
    expect(part.locator(".save-state")).to_have_text(re.compile(r"^Saved \d\d:\d\d"), timeout=10_000)


def test_specialists_write_one_signs_and_the_presenter_reads(
    visit: Callable[..., Visitor], case: CaseSubmission, post: Post
) -> None:
    program = case.presenter.cycle.program
    paula = make_hub_member(program, make_user("paula@hospital.example", name="Dr. Paula Ng", is_staff=True))
    rui = make_hub_member(
        program,
        make_user("rui@community.example", name="Rui Costa", is_staff=True),
        title="Pharmacist, Kingston",
        may_sign=False,
    )

    # A community partner finds the case on the list, and writes; it saves by itself.
    partner = visit(rui.user)
    page = partner.go("/cases/hub/")
    flawless(partner)
    page.get_by_role("link", name="Write recommendations").click()
    flawless(partner)
    part = heading(page, "referral")
    part.get_by_label("Your text").press_sequentially("A walking group near home.")
    expect(part.locator(".save-state")).to_have_text("Not saved yet")
    is_saved(part)
    assert Recommendation.objects.get(author=rui.user).text == "A walking group near home."

    # A specialist reads that, and takes a suggestion over.
    specialist = visit(paula.user)
    page = specialist.go(f"/cases/{case.echo_id}/recommendations/")
    expect(heading(page, "referral").get_by_text("A walking group near home.")).to_be_visible()
    part = heading(page)
    part.get_by_label("Your text").fill("Talk about fears first.")
    part.get_by_text("1 suggestion of the program's library").click()
    part.get_by_role("button", name="Use this").click()
    text = f"Talk about fears first.\n\n{SUGGESTED}"
    expect(part.get_by_label("Your text")).to_have_value(text)
    is_saved(part)
    flawless(specialist)
    assert Recommendation.objects.get(author=paula.user).text == text

    # Her other window is an hour old: nothing is overwritten, and she decides.
    other = specialist.context.new_page()
    other.goto(page.url)
    part.get_by_label("Your text").fill("From the first window.")
    is_saved(part)
    wait_for(lambda: Recommendation.objects.get(author=paula.user).text == "From the first window.")
    late = heading(other)
    late.get_by_label("Your text").fill("From the second window.")
    expect(late.get_by_text("Saved in another window")).to_be_visible()
    expect(late.get_by_text("From the first window.")).to_be_visible()
    expect(late.locator(".save-state")).to_have_text("Not saved: another text was saved meanwhile.")
    assert Recommendation.objects.get(author=paula.user).text == "From the first window."
    late.get_by_label("Your text").fill("From the first window.\nFrom the second window.")
    other.get_by_role("button", name="Save", exact=True).last.click()
    is_saved(late)
    expect(late.get_by_text("Saved in another window")).to_have_count(0)
    assert Recommendation.objects.get(author=paula.user).text.endswith("From the second window.")
    other.close()

    # She reads the letter as it will be, and signs it.
    page = specialist.go(f"/cases/{case.echo_id}/recommendations/")
    page.get_by_role("link", name="Read and sign the letter").click()
    expect(page.get_by_text("From the second window.")).to_be_visible()
    flawless(specialist)
    page.get_by_label("Opening words").fill("Thank you. Call 613-555-0142.")
    page.get_by_role("button", name="Sign and send").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert page.title().startswith("Error: ")
    flawless(specialist)
    assert not RecommendationLetter.objects.exists()
    page.get_by_label("Opening words").fill("Thank you for this case.")
    page.get_by_role("button", name="Sign and send").click()
    expect(page.get_by_text("The letter is signed.")).to_be_visible()
    flawless(specialist)

    # The presenter hears of it by mail, without a word of it, and reads it.
    mail = post.to("ann@clinic.example", about=case.echo_id)
    body = mail.get_body(("plain",))
    assert body
    words = body.get_content()
    assert "window" not in words
    assert "Paula" not in words
    link = re.search(r"https?://\S+/letter/", words)
    assert link
    presenter = visit(case.presenter.participant, size=PHONE)
    page = presenter.go(link[0].removeprefix(settings.PORTAL_URL))
    expect(page.get_by_role("heading", level=1)).to_have_text("Recommendations")
    expect(page.get_by_text("Thank you for this case.")).to_be_visible()
    expect(page.get_by_text("A walking group near home.")).to_be_visible()
    flawless(presenter)
    with page.expect_download() as download:
        page.get_by_role("link", name="Letter as PDF").click()
    assert download.value.suggested_filename == f"{case.echo_id}-letter-1.pdf"
    assert page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0


def test_text_stays_on_the_page_while_the_portal_is_away(
    visit: Callable[..., Visitor], case: CaseSubmission
) -> None:
    member = make_hub_member(case.presenter.cycle.program)
    visitor = visit(member.user)
    page = visitor.go(f"/cases/{case.echo_id}/recommendations/")
    part = heading(page)

    visitor.context.set_offline(True)
    part.get_by_label("Your text").fill("Written on a train.")

    expect(part.locator(".save-state")).to_have_text(
        "Not saved: you are offline. Your text stays on this page."
    )
    expect(part.get_by_label("Your text")).to_have_value("Written on a train.")
    assert not Recommendation.objects.exists()
    visitor.context.set_offline(False)
    is_saved(part)
    assert Recommendation.objects.get().text == "Written on a train."
    visitor.complaints.clear()

    # The portal answers with an error: the text is kept, and said so.
    def fail(route: Route) -> None:
        route.fulfill(status=502, body="away")

    page.route("**/recommendations/", fail)
    part.get_by_label("Your text").fill("Written later.")
    expect(part.locator(".save-state")).to_have_text(re.compile("^Not saved: the portal did not answer"))
    page.unroute("**/recommendations/")
    # It is tried again by itself; whoever types on need not wait for that.
    part.get_by_label("Your text").press_sequentially(" And more.")
    is_saved(part)
    assert Recommendation.objects.get().text == "Written later. And more."
    visitor.complaints.clear()


def test_everything_works_without_javascript_on_a_phone(
    visit: Callable[..., Visitor], case: CaseSubmission
) -> None:
    member = make_hub_member(case.presenter.cycle.program, make_user(name="Dr. Paula Ng", is_staff=True))
    visitor = visit(member.user, size=PHONE, javascript=False)
    page = visitor.go(f"/cases/{case.echo_id}/recommendations/")
    heading(page).get_by_label("Your text").fill("Talk about fears first.")
    heading(page).get_by_text("1 suggestion of the program's library").click()
    heading(page).get_by_role("button", name="Use this").click()
    expect(heading(page).get_by_label("Your text")).to_have_value(f"Talk about fears first.\n\n{SUGGESTED}")
    heading(page, "biopsychosocial").get_by_label("Your text").fill("Ask about sleep.")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Your recommendations are saved.")).to_be_visible()

    page.get_by_role("link", name="Read and sign the letter").click()
    page.get_by_label("Now, together with the presenter").check()
    page.get_by_role("button", name="Sign and send").click()
    expect(page.get_by_text("The letter is signed.")).to_be_visible()

    page.goto(f"{visitor.base}/cases/library/")
    page.get_by_label("Search the cases").fill("tapering fears")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name=case.echo_id, exact=True)).to_be_visible()
