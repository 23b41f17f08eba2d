"""A report becomes minutes, with a person deciding whose two names are; and a roll is called by keyboard."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from participants.models import User
from sessions_app.models import AttendanceAlias, EchoSession
from tests.e2e.conftest import DESK, PHONE, Visitor
from tests.factories import make_cycle, make_enrolment, make_user
from tests.sessions_app.attendance import zoom

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

REPORT = zoom(
    ("Ann Lee", "ann@x.example", "12:25", "13:00"),
    ("Ann Lee", "ann@x.example", "12:50", "13:20"),
    ("Ann Lee", "", "13:40", "14:10"),
    ("Bob MacDonald - Lakeside (he/him)", "", "12:30", "14:00"),
    ("iPad (2)", "", "12:30", "13:30"),
    ("=1+1", "", "12:30", "12:40"),
)
WAYS = pytest.mark.parametrize(
    ("size", "javascript"), [(DESK, True), (PHONE, False)], ids=["desk", "phone without JavaScript"]
)


@pytest.fixture
def session(transactional_db: None) -> EchoSession:
    session: EchoSession = make_cycle(sessions=1).sessions.get()
    for key, name in (("ann", "Ann Lee"), ("rob", "Robert MacDonald"), ("cy", "Cy Côté")):
        make_enrolment(session.cycle, make_user(f"{key}@x.example", name=name))
    return session


@pytest.fixture
def cora(roles: None, agreements: None) -> User:
    coordinator = make_user("cora@echo.example", name="Cora Coordinator", is_staff=True)
    coordinator.groups.add(Group.objects.get(name="Coordinators"))
    return coordinator


def minutes(session: EchoSession) -> dict[str, int]:
    return {row.enrolment.participant.email.split("@")[0]: row.minutes for row in session.attendances.all()}


def go_to(page: Page, label: str, *, within: str = "") -> None:
    """Press Tab until the control of this label has the focus."""
    place = page.get_by_role("group", name=within) if within else page
    wanted = place.get_by_label(label)
    for _press in range(120):
        page.keyboard.press("Tab")
        if wanted.evaluate("control => control === document.activeElement"):
            return
    raise AssertionError(f"{label} is not reached by keyboard")


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


@WAYS
def test_report_is_reconciled_by_keyboard(  # noqa: PLR0917  # fixtures
    visit: Callable[..., Visitor],
    session: EchoSession,
    cora: User,
    tmp_path: Path,
    size: dict[str, int],
    javascript: bool,
) -> None:
    report = tmp_path / "participants.csv"
    report.write_text(REPORT, encoding="utf-8-sig")
    page = visit(cora, size=size, javascript=javascript).go(
        f"/admin/sessions_app/echosession/{session.pk}/attendance/"
    )

    page.get_by_label("Attendance report").set_input_files(report)
    page.get_by_role("button", name="Check the report").press("Enter")

    expect(page.get_by_role("heading", name="3 names are not clear")).to_be_visible()
    expect(page.get_by_role("row", name="Ann Lee").get_by_text("70", exact=True)).to_be_visible()
    expect(page.get_by_role("group", name="=1+1")).to_be_visible()
    assert fits(page)
    go_to(page, "Robert MacDonald · rob@x.example", within="Bob MacDonald")
    page.keyboard.press("Space")
    go_to(page, "Somebody else in the cycle", within="iPad (2)")
    page.keyboard.type("ann@x.example; Cy Cote")
    go_to(page, "Nobody in the cycle", within="=1+1")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Import").press("Enter")

    expect(page.get_by_text("3 attendances were written.")).to_be_visible()
    assert minutes(session) == {"ann": 80, "rob": 90, "cy": 60}
    assert AttendanceAlias.objects.get().participant.email == "rob@x.example"


def test_name_that_is_not_found_is_told_with_what_was_typed(
    visit: Callable[..., Visitor], session: EchoSession, cora: User, tmp_path: Path
) -> None:
    report = tmp_path / "participants.csv"
    report.write_text(REPORT, encoding="utf-8")
    page = visit(cora).go(f"/admin/sessions_app/echosession/{session.pk}/attendance/")
    page.get_by_label("Attendance report").set_input_files(report)
    page.get_by_role("button", name="Check the report").click()
    tablet = page.get_by_role("group", name="iPad (2)")

    tablet.get_by_label("Somebody else in the cycle").fill("Wanda Unknown")
    page.get_by_role("button", name="Import").click()

    expect(page).to_have_title(re.compile("^Error: Check the report"))
    summary = page.get_by_role("region", name="There is a problem")
    expect(summary).to_be_focused()
    summary.get_by_role("link").click()
    expect(tablet.get_by_label("Somebody else in the cycle")).to_be_focused()
    expect(tablet.get_by_label("Somebody else in the cycle")).to_have_value("Wanda Unknown")
    assert minutes(session) == {}


@WAYS
def test_roll_is_called_by_keyboard(
    visit: Callable[..., Visitor], session: EchoSession, cora: User, size: dict[str, int], javascript: bool
) -> None:
    page = visit(cora, size=size, javascript=javascript).go(
        f"/admin/sessions_app/echosession/{session.pk}/roll-call/"
    )
    assert fits(page)

    go_to(page, "Ann Lee: all of it")
    page.keyboard.press("Space")
    go_to(page, "Cy Côté: minutes")
    page.keyboard.type("45")
    page.keyboard.press("Enter")

    expect(page.get_by_text("2 attendances were written.")).to_be_visible()
    expect(page.get_by_label("Ann Lee: all of it")).to_be_checked()
    assert minutes(session) == {"ann": 90, "cy": 45}
