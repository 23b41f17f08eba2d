"""A case that is checked, mended or explained, signed and handed in: on a phone, by keyboard, without JavaScript."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta

import pypdf
import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from cases.deidentification import warm_up
from cases.models import CaseSubmission
from participants.models import User
from sessions_app.models import EchoSession, Enrolment
from tests.e2e.conftest import DESK, PHONE, Visitor
from tests.e2e.test_check_in import flawless
from tests.e2e.test_registration import fits
from tests.factories import (
    CASE_CONTENT,
    make_case,
    make_cycle,
    make_enrolment,
    make_hub_member,
    make_program,
    make_session,
    make_user,
)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

NUMBER = "1234-567-897"
ASKED = "She lives near Kapuskasing since a fall at work, and sleeps four hours a night."
CONTENT = {**CASE_CONTENT, "pain_history": f"{ASKED}\nHer health card number is {NUMBER}."}
WHY_NOT = "A region of many thousand people."


@pytest.fixture
def enrolment(transactional_db: None, roles: None, agreements: None) -> Enrolment:
    """Noémie, in a cycle that runs; the screen has read its models, as a server has before it answers."""
    warm_up()
    today = timezone.localdate()
    cycle = make_cycle(
        make_program(name="Chronic Pain & Opioid Stewardship"),
        name="Fall 2026",
        starts_on=today - timedelta(days=30),
        ends_on=today + timedelta(days=60),
    )
    return make_enrolment(cycle, make_user("noemie@clinic.example", name="Noémie L’Écuyer"))


def author(enrolment: Enrolment) -> User:
    return enrolment.participant


def explain(page: Page) -> None:
    """Write into each note why its words identify nobody."""
    lines = page.get_by_label("Or write why it identifies nobody")
    for number in range(lines.count()):
        lines.nth(number).fill(WHY_NOT)


@pytest.mark.parametrize(
    ("size", "javascript"), [(PHONE, True), (DESK, False)], ids=["phone", "no JavaScript"]
)
def test_what_is_found_is_changed_or_explained_and_the_case_handed_in(
    visit: Callable[..., Visitor], enrolment: Enrolment, size: dict[str, int], javascript: bool
) -> None:
    case = make_case(enrolment, content=CONTENT)
    visitor = visit(author(enrolment), size=size, javascript=javascript)
    page = visitor.go("/cases/")
    fits(page)
    page.get_by_role("link", name="Check and hand in").click()

    expect(page.locator("mark.problem")).to_contain_text(NUMBER)
    expect(page.get_by_role("button", name="Hand in the case")).to_have_count(0)
    fits(page)
    if javascript:
        flawless(visitor)
    page.locator(".note.problem").get_by_role("link", name="Change it in the form").first.click()

    field = page.locator("#id_pain_history")
    expect(field).to_be_in_viewport()
    field.fill(ASKED)
    page.locator("button[name=check]").first.click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Check and hand in")
    expect(page.locator("mark.problem")).to_have_count(0)
    expect(page.locator("mark.attention").first).to_contain_text("Kapuskasing")
    explain(page)
    page.get_by_label("I attest to this.").check()
    page.get_by_label("Your name").fill("noemie lecuyer")
    page.get_by_role("button", name="Hand in the case").click()

    expect(page.get_by_role("heading", level=1)).to_have_text(f"Case {case.echo_id}")
    expect(page.get_by_text("Your case is handed in.")).to_be_visible()
    fits(page)
    if javascript:
        flawless(visitor)
    case.refresh_from_db()
    assert (case.status, case.versions.count()) == (CaseSubmission.Status.SUBMITTED, 1)
    assert {row["explanation"] for row in case.versions.get().findings} == {WHY_NOT}


def test_case_is_signed_by_keyboard_after_a_refusal(
    visit: Callable[..., Visitor], enrolment: Enrolment
) -> None:
    case = make_case(enrolment, content={**CONTENT, "pain_history": ASKED})
    visitor = visit(author(enrolment), dark=True)
    page = visitor.go(f"/cases/{case.echo_id}/check/")
    page.get_by_role("button", name="Hand in the case").press("Enter")

    expect(page.locator(".error-summary")).to_be_focused()
    assert page.title().startswith("Error: ")
    assert ASKED[:20] not in page.title()
    flawless(visitor)
    page.locator(".error-summary").get_by_role("link").first.press("Enter")
    line = page.get_by_label("Or write why it identifies nobody").first
    expect(line).to_be_focused()
    for each in page.get_by_label("Or write why it identifies nobody").all():
        each.focus()
        page.keyboard.type(WHY_NOT)
    page.get_by_label("I attest to this.").press("Space")
    page.keyboard.press("Tab")
    page.keyboard.type("Noémie L’Écuyer")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Hand in the case")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_text("Your case is handed in.")).to_be_visible()


def test_notes_stand_beside_their_words_and_are_joined_to_them(
    visit: Callable[..., Visitor], enrolment: Enrolment
) -> None:
    words = "\n".join(f"Line {number}: worse with sitting." for number in range(12))
    case = make_case(enrolment, content={**CONTENT, "pain_history": f"{words}\n{ASKED}"})
    page = visit(author(enrolment), size=DESK).go(f"/cases/{case.echo_id}/check/")
    mark, note = page.locator("mark").first, page.locator(".note").first

    expect(page.locator(".leader path")).to_have_count(page.locator(".note").count())
    beside, place = note.bounding_box(), mark.bounding_box()
    assert beside
    assert place
    assert abs(beside["y"] - place["y"]) < 12
    assert beside["x"] > place["x"] + place["width"]
    mark.get_by_role("link").click()
    assert page.evaluate("document.querySelector('.note:target') !== null")

    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.locator(".leader")).to_have_count(0)
    text = page.locator("#case-pain ~ div .written").first.bounding_box()
    below = note.bounding_box()
    assert text
    assert below
    assert below["y"] >= text["y"] + text["height"]


def test_summary_is_read_across_a_room_and_printed_on_one_page(
    visit: Callable[..., Visitor], enrolment: Enrolment
) -> None:
    session = make_session(
        enrolment.cycle, starts_at=timezone.now(), status=EchoSession.Status.CONFIRMED, topic="Tapering"
    )
    case = make_case(
        enrolment,
        status=CaseSubmission.Status.SCHEDULED,
        session=session,
        content={
            **CASE_CONTENT,
            "pain_history": f"{ASKED} " * 8,
            "comorbidities": "Type 2 diabetes, sleep apnea on CPAP, chronic kidney disease stage 3.",
            "function": "Sits for twenty minutes. Shops with help. Gave up curling and the choir.",
            "medications": [
                *CASE_CONTENT["medications"],
                *(
                    {
                        "name": name,
                        "dose": "two or three times a day",
                        "when": "tried",
                        "effect": "No relief after eight weeks.",
                        "side_effects": "Drowsy.",
                    }
                    for name in ("duloxetine", "pregabalin", "nortriptyline", "naproxen", "cannabidiol")
                ),
            ],
            "ort": ["family_alcohol", "depression"],
            "mental_health": "Depression, PHQ-9 of 14; no thoughts of suicide.",
            "substance_use": "No alcohol since 2010. Smokes ten a day.",
            "urine_drug_screens": "Twice a year, as expected.",
            "goals": "To hold her grandchild, and to drive to church again.",
            "question_2": "Is buprenorphine an option with her kidneys?",
        },
    )
    hub = make_hub_member(enrolment.cycle.program).user
    visitor = visit(hub, size=DESK)
    page = visitor.go(f"/cases/{case.echo_id}/summary/")

    flawless(visitor)
    assert "Noémie" not in page.content()
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    # Larger than the portal's own text: it is read on a shared screen.
    assert (
        page.evaluate("parseFloat(getComputedStyle(document.querySelector('main .written')).fontSize)") >= 18
    )
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(format="Letter")))
    assert len(printed.pages) == 1
    words = printed.pages[0].extract_text()
    assert case.echo_id in words
    assert "grandchild" in words
    assert hub.email not in words

    phone = visit(hub, size=PHONE, dark=True)
    phone.go(f"/cases/{case.echo_id}/summary/")
    flawless(phone)
