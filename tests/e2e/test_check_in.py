"""Checking in on a phone by the code on the shared screen; the slide; and the numbers it comes to."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from participants.models import User
from sessions_app.check_in import code_at
from sessions_app.models import Attendance, EchoSession
from tests.e2e.bars import WCAG
from tests.e2e.conftest import DESK, PHONE, Visitor
from tests.e2e.test_registration import fits
from tests.factories import (
    make_attendance,
    make_cycle,
    make_enrolment,
    make_program,
    make_session,
    make_user,
)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PASSWORD = "a walk along the Cataraqui 1832"
CODE = re.compile(r"\d{3} \d{3}")


@pytest.fixture
def session(transactional_db: None, roles: None, agreements: None) -> EchoSession:
    """Runs since ten minutes."""
    now = timezone.now().replace(second=0, microsecond=0)
    today = timezone.localdate(now)
    cycle = make_cycle(
        make_program(name="Chronic Pain & Opioid Stewardship"),
        name="Fall 2026",
        starts_on=today - timedelta(days=30),
        ends_on=today + timedelta(days=60),
    )
    return make_session(
        cycle,
        starts_at=now - timedelta(minutes=10),
        topic="Tapering opioids",
        status=EchoSession.Status.CONFIRMED,
    )


@pytest.fixture
def ann(session: EchoSession) -> User:
    user = make_user("ann@clinic.example", name="Ann Lee", password=PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    make_enrolment(session.cycle, user)
    return user


@pytest.fixture
def chief(session: EchoSession) -> User:
    user = make_user("cora@echo.example", name="Cora Coordinator", is_staff=True)
    user.is_superuser = True
    user.save()
    return user


def flawless(visitor: Visitor) -> None:
    """Nothing that axe finds, nothing over the edge, and no complaint before axe brought its own styles."""
    fits(visitor.page)
    assert visitor.complaints == []
    report = Axe().run(visitor.page, options=WCAG)
    assert [violation["id"] for violation in report.response["violations"]] == []
    visitor.complaints.clear()


def keep_within_the_day(session: EchoSession) -> None:
    """A session over midnight is written with two dates, on one line more; a test at midnight would have it."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    EchoSession.objects.filter(pk=session.pk).update(
        starts_at=max(session.starts_at, midnight),
        ends_at=min(session.ends_at, midnight + timedelta(hours=23, minutes=59)),
    )


def code_on(page: Page) -> str:
    """The code that the slide shows."""
    found = CODE.search(page.locator("#check-in").inner_text())
    assert found
    return found[0]


@pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
def test_visitor_scans_the_code_logs_in_and_is_checked_in(
    visit: Callable[..., Visitor], session: EchoSession, ann: User, javascript: bool
) -> None:
    visitor = visit(size=PHONE, javascript=javascript)
    page = visitor.go(f"/sessions/{session.pk}/check-in/?code={code_at(session.pk, now=timezone.now())}")

    expect(page.get_by_role("heading", level=1)).to_have_text("Log in")
    assert "code=" not in page.url
    page.get_by_label("Email").fill(ann.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()

    fits(page)
    if javascript:
        flawless(visitor)
    assert page.url == f"{visitor.base}/sessions/{session.pk}/check-in/"
    assert not Attendance.objects.exists()
    page.get_by_role("button", name="Check in now").click()

    expect(page.get_by_text("You have been checked in since")).to_be_visible()
    row = Attendance.objects.get()
    # From about ten minutes after the start, by how long the log-in took, to the end of ninety.
    assert 70 <= row.minutes <= 80
    expect(page.get_by_text(f"{row.minutes} minutes are on record")).to_be_visible()
    fits(page)
    if javascript:
        flawless(visitor)
    assert (row.enrolment.participant, row.source) == (ann, Attendance.Source.CHECK_IN)


def test_participant_types_the_code_by_keyboard(
    visit: Callable[..., Visitor], session: EchoSession, ann: User
) -> None:
    visitor = visit(ann, size=PHONE)
    page = visitor.go(f"/sessions/{session.pk}/check-in/")
    flawless(visitor)
    field = page.get_by_label("Code on the slide")
    field.fill("12 34")
    field.press("Enter")

    expect(page.locator(".error-summary")).to_be_focused()
    assert page.title().startswith("Error:")
    flawless(visitor)
    page.locator(".error-summary").get_by_role("link").press("Enter")
    expect(field).to_be_focused()
    field.fill(code_at(session.pk, now=timezone.now()))
    field.press("Enter")

    expect(page.get_by_text("You have been checked in since")).to_be_visible()


def test_slide_changes_its_code_with_and_without_javascript(
    visit: Callable[..., Visitor], session: EchoSession, ann: User, chief: User
) -> None:
    keep_within_the_day(session)
    path = f"/admin/sessions_app/echosession/{session.pk}/check-in/"
    shared = visit(chief, size={"width": 1280, "height": 720}).go(path)
    plain = visit(chief, size=PHONE, dark=True, javascript=False).go(path)
    fits(plain)
    expect(shared.get_by_role("img", name="QR code")).to_be_visible()
    expect(shared.get_by_text("0 of 1 participant has checked in.")).to_be_visible()
    for dark in (False, True):
        looking = visit(chief, size=PHONE, dark=dark)
        looking.go(path)
        flawless(looking)
        looking.context.close()
    # All of the slide is on the shared screen at once.
    assert shared.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    first = code_on(shared)

    answer = visit(ann, size=PHONE).go(f"/sessions/{session.pk}/check-in/?code={first.replace(' ', '')}")
    answer.get_by_role("button", name="Check in now").click()
    expect(answer.get_by_text("You have been checked in since")).to_be_visible(timeout=20_000)

    # The slide asks every two seconds; on a busy machine an answer takes longer.
    expect(shared.get_by_text("1 of 1 participant has checked in.")).to_be_visible(timeout=20_000)
    for page in (shared, plain):
        expect(page.get_by_text(first)).to_have_count(0, timeout=40_000)
        expect(page.locator("#check-in")).to_contain_text(CODE)
    expect(plain.get_by_text("1 of 1 participant has checked in.")).to_be_visible()


def test_numbers_are_read_on_a_phone_and_at_a_desk(
    visit: Callable[..., Visitor], session: EchoSession, chief: User
) -> None:
    cycle = session.cycle
    past = [
        make_session(cycle, starts_at=session.starts_at - timedelta(days=7 * week), topic=f"Topic {week}")
        for week in (3, 2, 1)
    ]
    for number in range(12):
        prefix, setting = [("K7L", "rural"), ("M5G", "urban"), ("P7B", "")][number % 3]
        enrolment = make_enrolment(cycle, make_user(postal_prefix=prefix, practice_setting=setting))
        for each in past[number % 3 :]:
            make_attendance(enrolment, each)
    path = f"/admin/sessions_app/program/{cycle.program_id}/numbers/"
    for size, dark in ((PHONE, False), (PHONE, True), (DESK, True), (DESK, False)):
        visitor = visit(chief, size=size, dark=dark)
        page = visitor.go(path)
        expect(page.get_by_role("img", name="Instances of participation by cycle")).to_be_visible()
        flawless(visitor)
    page.get_by_role("link", name="Fall 2026").first.click()
    expect(page.get_by_role("img", name="Participants by session")).to_be_visible()
    phone = visit(chief, size=PHONE)
    phone.go(f"{path}?cycle={cycle.pk}")
    flawless(phone)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename.endswith("-numbers.csv")
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Download as CSV")).to_be_hidden()
    expect(page.get_by_role("img", name="Participants by session")).to_be_visible()
