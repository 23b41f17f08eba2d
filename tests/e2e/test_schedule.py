"""A season as its people live it: reading the schedule, taking a session to present in, joining, looking back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from participants.models import User
from sessions_app.models import Cycle, EchoSession, PresenterSlot, SessionObjective, Speaker
from tests.e2e.conftest import PHONE, Visitor
from tests.e2e.test_registration import fits
from tests.factories import (
    make_attendance,
    make_cycle,
    make_enrolment,
    make_hub,
    make_program,
    make_session,
    make_user,
)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

LINK = "https://video.example/room"
TOPICS = [
    "Assessing pain: history, function and fears",
    "Neuropathic pain: finding it and treating it",
    "Opioids: starting, stopping, and the time between",
    "Tapering without losing trust",
    "Sleep, mood and chronic pain",
    "Low back pain after the red flags",
    "Headache from medication",
    "Pain in older people: kidneys, falls and interactions",
    "Cannabis: what the evidence carries",
    "Buprenorphine for pain",
]


@pytest.fixture
def season(transactional_db: None) -> Cycle:
    """Twenty Thursdays; the eighth begins in five minutes, the fifth and the tenth are cancelled."""
    now = timezone.now().replace(second=0, microsecond=0)
    today = timezone.localdate(now)
    program = make_program(hubs=[], name="ECHO Ontario Chronic Pain & Opioid Stewardship")
    hubs = [make_hub("University Health Network"), make_hub("Queen's University", "Kingston")]
    cycle = make_cycle(
        program,
        name="Fall 2026",
        starts_on=today - timedelta(days=49),
        ends_on=today + timedelta(days=84),
        registration_closes_at=now + timedelta(days=4),
    )
    objective = program.objectives.create(position=1, text="Plan treatment and follow-up with the patient.")
    for week in range(20):
        status = (
            EchoSession.Status.CANCELLED
            if week in {4, 9}
            else EchoSession.Status.HELD
            if week < 7
            else EchoSession.Status.CONFIRMED
        )
        session = make_session(
            cycle,
            starts_at=now + timedelta(minutes=5, days=7 * (week - 7)),
            topic=TOPICS[week % len(TOPICS)],
            status=status,
            hub=hubs[week % 2],
            meeting_url=LINK,
            summary="How to lower a dose together with the patient, at a pace that lasts.",
        )
        PresenterSlot.objects.create(session=session)
        SessionObjective.objects.create(session=session, objective=objective)
        Speaker.objects.create(
            session=session, name="Dr. Ada Okonkwo", affiliation="Queen's University", disclosure="none"
        )
        if week % 2:
            Speaker.objects.create(session=session, position=2, name="Sam Roy, RPh", affiliation="UHN")
    return cycle


@pytest.fixture
def ann(season: Cycle) -> User:
    user = make_user("ann@clinic.example", name="Ann Lee")
    enrolment = make_enrolment(season, user)
    for session in season.sessions.filter(status="held")[:5]:
        make_attendance(enrolment, session, minutes=85)
    return user


def session_of(season: Cycle, week: int) -> EchoSession:
    return season.sessions.order_by("starts_at")[week]


def end_before_midnight(season: Cycle) -> None:
    """A session that runs into the next day is written on two lines; a test in the evening would have twenty."""
    for session in season.sessions.all():
        midnight = timezone.localtime(session.starts_at).replace(hour=23, minute=59, second=59)
        season.sessions.filter(pk=session.pk).update(ends_at=min(session.ends_at, midnight))


def test_season_is_read_and_printed_by_everybody(visit: Callable[..., Visitor], season: Cycle) -> None:
    end_before_midnight(season)
    page = visit(size=PHONE).go(f"/programs/{season.program.slug}/")
    page.get_by_role("link", name="Fall 2026 with all speakers, to print").click()
    fits(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Fall 2026")
    expect(page.get_by_role("row")).to_have_count(21)
    expect(page.get_by_text("Cancelled")).to_have_count(2)
    expect(page.locator("[aria-current=date]")).to_contain_text("Pain in older people")
    assert LINK not in page.content()

    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Apply for Fall 2026")).to_be_hidden()
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.get_by_text("Sam Roy, RPh").first).to_be_visible()
    printed = PdfReader(BytesIO(page.pdf(format="Letter")))
    assert len(printed.pages) == 1, "a season of twenty sessions is one page to pin up"


@pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
def test_participant_takes_a_session_joins_and_looks_back_on_a_phone(
    visit: Callable[..., Visitor], season: Cycle, ann: User, javascript: bool
) -> None:
    visitor = visit(ann, size=PHONE, javascript=javascript)
    page = visitor.go(f"/my/cycles/{season.pk}/")
    page.get_by_role("link", name="Present a case").click()
    fits(page)
    expect(page.get_by_text("You have not presented in this cycle yet.")).to_be_visible()
    page.get_by_role("button", name=re.compile("Take this session.*Cannabis")).first.click()
    expect(page.get_by_text("You present a case in this session.")).to_be_visible()
    expect(page.get_by_role("button", name="Take this session")).to_have_count(0)
    page.get_by_role("button", name="Let it go").first.click()
    page.get_by_role("button", name=re.compile("Take this session.*Headache")).first.click()
    expect(page.get_by_text("You present a case in this session.")).to_be_visible()
    slot = PresenterSlot.objects.get(enrolment__participant=ann)
    assert slot.session.topic.startswith("Headache")

    page = visitor.go("/my/schedule/")
    fits(page)
    expect(page.get_by_role("link", name="Join the session")).to_have_attribute("href", LINK)
    expect(page.get_by_role("row", name="Headache").first).to_contain_text("You present")
    page.get_by_role("link", name="Pain in older people").first.click()

    # The session is about to begin.
    fits(page)
    expect(page.get_by_role("link", name="Join the session")).to_have_attribute("href", LINK)
    expect(page.get_by_role("link", name="Check in")).to_be_visible()
    expect(page.get_by_text("Nothing to disclose").first).to_be_visible()

    page = visitor.go(f"/sessions/{session_of(season, 0).pk}/")
    fits(page)
    expect(page.get_by_text("85 minutes of 90 are on record.")).to_be_visible()
    expect(page.get_by_role("link", name="Join the session")).to_have_count(0)
    page = visitor.go(f"/sessions/{session_of(season, 9).pk}/")
    expect(page.get_by_text("This session is cancelled")).to_be_visible()
    fits(page)
