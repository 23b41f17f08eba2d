"""The way of a case in browsers: written on a phone, reviewed at a desk, answered by the hub, read as a letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.contrib.auth.models import Group
from django.db.models import F
from django.utils import timezone
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from cases.deidentification import warm_up
from cases.models import CaseReading, CaseSubmission, CaseText
from participants.models import User
from sessions_app.models import EchoSession
from tests.e2e.conftest import DESK, PHONE, Post, Visitor
from tests.e2e.test_check_in import flawless
from tests.e2e.test_registration import fits
from tests.factories import (
    make_cycle,
    make_enrolment,
    make_hub_member,
    make_program,
    make_session,
    make_slot,
    make_user,
)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

NUMBER = "1234-567-897"
STORY = "Low back pain for twelve years after a fall at work, worse with sitting, better when lying down."
QUESTION = "Would you rotate the opioid first, or taper it?"
ADVICE = "Lower the dose of oxycodone by a tenth every four weeks."


@pytest.fixture
def session(transactional_db: None, roles: None, agreements: None) -> EchoSession:
    """A confirmed session in nine days with a free slot, in a cycle that runs."""
    warm_up()
    today = timezone.localdate()
    cycle = make_cycle(
        make_program(name="Chronic Pain & Opioid Stewardship"),
        name="Fall 2026",
        starts_on=today - timedelta(days=30),
        ends_on=today + timedelta(days=60),
    )
    session = make_session(
        cycle,
        starts_at=timezone.now().replace(second=0, microsecond=0) + timedelta(days=9),
        topic="Tapering opioids",
        status=EchoSession.Status.CONFIRMED,
    )
    make_slot(session)
    return session


def write_case(visitor: Visitor) -> Page:
    """Start a case from the list and fill in what is needed, with a health number that should not be there."""
    page = visitor.go("/cases/")
    page.get_by_role("button", name=re.compile("Start a case")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Write a case")
    page.get_by_label("Age in years").fill("57")
    page.get_by_label("Female", exact=True).check()
    page.get_by_label("Pain history").fill(f"{STORY} Health card {NUMBER}.")
    page.get_by_label(re.compile("takes no medication|No medication", re.IGNORECASE)).check()
    page.get_by_label(re.compile("First question|Question 1")).fill(QUESTION)
    return page


def time_passes(session: EchoSession) -> None:
    """The session has been held, a day ago."""
    ten_days = timedelta(days=10)
    EchoSession.objects.filter(pk=session.pk).update(
        starts_at=F("starts_at") - ten_days, ends_at=F("ends_at") - ten_days, status=EchoSession.Status.HELD
    )


@pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
def test_case_goes_from_a_draft_to_a_letter(
    visit: Callable[..., Visitor], post: Post, session: EchoSession, javascript: bool
) -> None:
    nurse = make_user("noemie@clinic.example", name="Noémie L’Écuyer")
    peer = make_user("peer@clinic.example", name="Ann Lee")
    for person in (nurse, peer):
        make_enrolment(session.cycle, person)
    coordinator = make_user("cora@echo.example", name="Cora Coordinator", is_staff=True)
    coordinator.groups.add(Group.objects.get(name="Coordinators"))
    specialist = make_user("paula@hub.example", name="Paula Okafor", is_staff=True)
    make_hub_member(session.cycle.program, specialist)

    # On a phone, between two patients: the number is found, taken out, and gone.
    phone = visit(nurse, size=PHONE, javascript=javascript)
    page = write_case(phone)
    if javascript:
        expect(page.locator("#save-state")).to_contain_text("Saved ", timeout=15_000)
    page.get_by_role("button", name="Save and check").click()
    if not javascript:
        fits(page)
    expect(page.locator("mark.problem").first).to_contain_text(NUMBER)
    page.locator(".note.problem").get_by_role("link", name="Change it in the form").first.click()
    page.locator("#id_pain_history").fill(STORY)
    page.get_by_role("button", name="Save and check").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check and hand in", timeout=15_000)
    expect(page.locator("mark.problem")).to_have_count(0)
    case = CaseSubmission.objects.get()
    assert NUMBER not in str(CaseText.objects.get().content)
    page.get_by_label("I attest to this.").check()
    page.get_by_label("Your name").fill("Noémie L’Écuyer")
    page.get_by_role("button", name="Hand in the case").click()
    expect(page.get_by_text("Your case is handed in.")).to_be_visible()

    # At the desk, five minutes before a session.
    desk = visit(coordinator, size=DESK, javascript=javascript).go("/admin/cases/casesubmission/desk/")
    desk.get_by_role("link", name=case.echo_id).click()
    expect(desk.get_by_text(STORY)).to_be_visible()
    desk.get_by_role("button", name="Start the review").click()
    desk.get_by_label("Approve:").check()
    desk.get_by_role("button", name="Decide").click()
    desk.get_by_label("Session", exact=True).select_option(index=1)
    desk.get_by_role("button", name="Schedule the case").click()
    expect(desk.get_by_text("The case has its session.")).to_be_visible()

    # The cycle does not have it before the session's day; the hub does.
    early = visit(peer, javascript=javascript)
    answer = early.page.goto(f"{early.base}/cases/{case.echo_id}/")
    assert answer is not None
    assert answer.status == 404
    early.complaints.clear()  # the browser remarks on the 404
    hub = visit(specialist, size=DESK, javascript=javascript)
    letter = hub.go("/cases/hub/")
    letter.get_by_role("link", name=re.compile(case.echo_id)).first.click()
    letter.goto(f"{hub.base}/cases/{case.echo_id}/recommendations/")
    letter.locator("#id_text_pharmacological").fill(ADVICE)
    letter.get_by_role("main").get_by_role("button", name="Save", exact=True).last.click()
    expect(letter.locator("#id_text_pharmacological")).to_have_value(ADVICE)

    # It is presented; one signs.
    time_passes(session)
    desk.reload()
    desk.get_by_role("button", name=re.compile("presented", re.IGNORECASE)).click()
    letter.goto(f"{hub.base}/cases/{case.echo_id}/recommendations/sign/")
    expect(letter.get_by_text(ADVICE)).to_be_visible()
    letter.get_by_role("button", name="Sign and send").click()

    # The presenter comes by the mail's link, which says nothing else.
    mail = post.to(nurse.email, about="recommendations")
    text = mail.get_body(("plain",))
    assert text is not None
    words = text.get_content()
    assert ADVICE not in words
    assert STORY not in words
    found = re.search(rf"/cases/{case.echo_id}/letter/", words) or re.search(r"/cases/\S+/letter/", words)
    assert found, words
    page.goto(phone.base + found[0])
    expect(page.get_by_text(ADVICE)).to_be_visible()
    fits(page)
    if javascript:
        flawless(phone)
    document = page.request.get(f"{phone.base}/cases/{case.echo_id}/letter.pdf")
    assert ADVICE in " ".join(PdfReader(BytesIO(document.body())).pages[0].extract_text().split())

    # Nobody's browser keeps anything of it, and each who read is on record.
    for visitor in (phone, hub):
        kept = str(visitor.context.storage_state()["origins"])
        assert STORY not in kept
        assert ADVICE not in kept
    readers = set(CaseReading.objects.values_list("reader__email", flat=True))
    assert {nurse.email, coordinator.email, specialist.email} <= readers
    assert peer.email not in readers
    the_cycle_finds_it(visit(peer, javascript=javascript), case, peer)


def the_cycle_finds_it(visitor: Visitor, case: CaseSubmission, peer: User) -> None:
    """A week later the cycle finds it, with the letter."""
    case.letters.update(visible_to_cycle_at=F("signed_at"))
    page = visitor.go("/cases/library/?q=rotate")
    page.get_by_role("link", name=re.compile(case.echo_id)).first.click()
    expect(page.get_by_text(STORY)).to_be_visible()
    page.get_by_role("link", name=re.compile("letter|recommendations", re.IGNORECASE)).first.click()
    expect(page.get_by_text(ADVICE)).to_be_visible()
    assert CaseReading.objects.filter(reader=peer).count() == 2
