"""The season as the public sees it, and as its people do."""

from __future__ import annotations

from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from participants.models import User
from sessions_app.models import Cycle, EchoSession, Enrolment, PresenterSlot, Speaker
from tests.factories import make_attendance, make_cycle, make_enrolment, make_hub, make_session, make_user

LINK = "https://video.example/secret-room"
Status = EchoSession.Status


@pytest.fixture
def now() -> datetime:
    return timezone.now().replace(second=0, microsecond=0)


def make_running(now: datetime, **values: Any) -> Cycle:
    today = timezone.localdate(now)
    return make_cycle(
        starts_on=today - timedelta(days=30),
        **{"ends_on": today + timedelta(days=60), "registration_closes_at": now - timedelta(days=1)} | values,
    )


def make_at(cycle: Cycle, starts_at: datetime, topic: str, **values: Any) -> EchoSession:
    return make_session(
        cycle,
        starts_at=starts_at,
        topic=topic,
        **{"status": Status.CONFIRMED, "meeting_url": LINK} | values,
    )


@pytest.fixture
def cycle(db: None, now: datetime) -> Cycle:
    """Two sessions are over, one of them cancelled; two are ahead, the nearer one cancelled."""
    cycle = make_running(now, name="Fall season")
    hub = make_hub("University Hub")
    make_at(cycle, now - timedelta(days=14), "Sleep", status=Status.HELD, hub=hub)
    make_at(cycle, now - timedelta(days=7), "Headache", status=Status.CANCELLED)
    make_at(cycle, now + timedelta(days=1), "Neuropathy", status=Status.CANCELLED)
    tapering = make_at(cycle, now + timedelta(days=8), "Tapering", hub=hub)
    make_at(cycle, now + timedelta(days=15), "Cannabis")
    Speaker.objects.create(session=tapering, name="Dr. Ada Okonkwo", affiliation="Queen's University")
    return cycle


def page_of(client: Client, name: str, *args: Any) -> str:
    response = client.get(reverse(name if ":" in name else f"sessions_app:{name}", args=args))
    assert response.status_code == 200
    return unescape(response.content.decode())


def rows(page: str) -> dict[str, str]:
    """The table's rows by a word of their topic."""
    topics = ("Sleep", "Headache", "Neuropathy", "Tapering", "Cannabis")
    return {
        topic: row for row in page.split("<tr")[1:] for topic in topics if topic in row.split("</th>", 1)[0]
    }


# --- the public schedule ----------------------------------------------------------------------------------------------


def test_schedule_shows_the_season_to_everybody(client, cycle):
    page = page_of(client, "cycle-schedule", cycle.pk)

    found = rows(page)
    assert list(found) == ["Sleep", "Headache", "Neuropathy", "Tapering", "Cannabis"]
    assert "Past</span>" in found["Sleep"]
    for topic in ("Headache", "Neuropathy"):
        assert "Cancelled</span>" in found[topic]
    assert "Next</span>" in found["Tapering"]
    assert 'aria-current="date"' in found["Tapering"]
    assert "status" not in found["Cannabis"]
    assert "Dr. Ada Okonkwo, Queen's University" in found["Tapering"]
    assert "University Hub" in found["Tapering"]
    assert "ET" in found["Tapering"]
    assert "3 sessions, from" in page


def test_schedule_never_shows_a_meeting_link(client, cycle, family_physician, coordinator):
    make_enrolment(cycle, family_physician)
    for user in (None, family_physician, coordinator):
        if user:
            client.force_login(user)
        assert "secret-room" not in page_of(client, "cycle-schedule", cycle.pk)


def test_schedule_of_a_planned_cycle_does_not_exist(client, cycle, coordinator):
    planned = make_cycle(status=Cycle.Status.PLANNED, sessions=1)
    client.force_login(coordinator)

    assert client.get(reverse("sessions_app:cycle-schedule", args=[planned.pk])).status_code == 404


def test_schedule_of_a_season_without_dates_says_whom_to_ask(client, db, now):
    cycle = make_running(now)

    page = page_of(client, "cycle-schedule", cycle.pk)

    assert "The dates of this season are not set yet." in page
    assert f"mailto:{cycle.program.contact_email}" in page
    assert "<table" not in page


def test_schedule_of_a_past_season_says_so(client, db):
    cycle = make_cycle(sessions=2, status=Cycle.Status.CLOSED)

    page = page_of(client, "cycle-schedule", cycle.pk)

    assert "This season is over." in page
    assert "2 sessions, from Thursday, September 11, 2025 to Thursday, September 18, 2025." in page
    assert "Next</span>" not in page


def test_schedule_offers_a_place_while_registration_is_open(client, db, now):
    cycle = make_running(now, registration_closes_at=now + timedelta(days=3))
    apply_url = reverse("sessions_app:cycle-apply", args=[cycle.pk])
    assert apply_url in page_of(client, "cycle-schedule", cycle.pk)

    Cycle.objects.update(registration_closes_at=now - timedelta(days=3))
    assert apply_url not in page_of(client, "cycle-schedule", cycle.pk)


def test_program_page_leads_to_the_season(client, cycle):
    page = page_of(client, "program-detail", cycle.program.slug)

    assert reverse("sessions_app:cycle-schedule", args=[cycle.pk]) in page


@pytest.mark.parametrize("number", [1, 3])
def test_schedule_takes_three_queries(client, db, now, number, django_assert_num_queries):
    cycle = make_running(now)
    for week in range(number):
        session = make_at(cycle, now + timedelta(days=week), f"Topic {week}", hub=make_hub())
        Speaker.objects.create(session=session, name="One")
        Speaker.objects.create(session=session, name="Two")

    with django_assert_num_queries(3):
        page_of(client, "cycle-schedule", cycle.pk)


# --- my schedule ------------------------------------------------------------------------------------------------------


@pytest.fixture
def ann(cycle: Cycle) -> User:
    user = make_user("ann@clinic.example", name="Ann Lee")
    make_enrolment(cycle, user)
    return user


def test_my_schedule_is_for_who_is_logged_in(client, db):
    response = client.get(reverse("sessions_app:my-schedule"))

    assert (response.status_code, response["Location"]) == (302, "/accounts/login/?next=/my/schedule/")


def test_my_schedule_shows_what_comes_and_what_was(client, cycle, ann):
    sleep = cycle.sessions.get(topic="Sleep")
    make_attendance(Enrolment.objects.get(participant=ann), sleep, minutes=85)
    make_attendance(make_enrolment(cycle), sleep, minutes=33)
    other = make_cycle(name="Somebody else's")
    make_at(other, timezone.now() + timedelta(days=2), "Foreign topic")
    client.force_login(ann)

    page = page_of(client, "my-schedule")

    found = rows(page)
    assert list(found) == ["Neuropathy", "Tapering", "Cannabis", "Headache", "Sleep"]
    assert "Cancelled</span>" in found["Neuropathy"]
    assert ">85</td>" in found["Sleep"]
    assert ">–</td>" in found["Headache"]
    assert ">33<" not in found["Sleep"]
    assert "Foreign topic" not in page
    for session in cycle.sessions.all():
        assert reverse("cases:session-detail", args=[session.pk]) in page
    tapering = cycle.sessions.get(topic="Tapering")
    assert reverse("sessions_app:session-calendar", args=[tapering.pk]) in found["Tapering"]
    assert reverse("sessions_app:calendar") in page
    assert reverse("sessions_app:cycle-slots", args=[cycle.pk]) in page
    # The next one is not the cancelled one.
    panel = page.split('class="panel', 1)[1].split("</section>")[0]
    assert "Tapering" in panel


def test_my_schedule_says_where_one_presents_and_not_where_others_do(client, cycle, ann):
    tapering, cannabis = (cycle.sessions.get(topic=topic) for topic in ("Tapering", "Cannabis"))
    own = Enrolment.objects.get(participant=ann)
    PresenterSlot.objects.create(session=tapering, enrolment=own, taken_at=timezone.now())
    PresenterSlot.objects.create(
        session=cannabis,
        enrolment=make_enrolment(cycle, make_user(name="Bo Chan")),
        taken_at=timezone.now(),
    )
    client.force_login(ann)

    page = page_of(client, "my-schedule")

    found = rows(page)
    assert "You present" in found["Tapering"]
    assert "You present" not in found["Cannabis"]
    assert "Bo Chan" not in page


@pytest.mark.parametrize(
    ("minutes", "is_shown"),
    [(60 * 24, False), (17, False), (14, True), (-10, True), (-89, True), (-91, False)],
)
def test_join_appears_a_quarter_of_an_hour_before_until_the_end(client, db, now, minutes, is_shown):
    cycle = make_running(now)
    make_at(cycle, now + timedelta(minutes=minutes), "Now or later")
    user = make_user()
    make_enrolment(cycle, user)
    client.force_login(user)

    for page in (page_of(client, "my-schedule"), page_of(client, "credits:cycle-detail", cycle.pk)):
        assert (LINK in page) == is_shown
        assert ("Join the session" in page) == is_shown


def test_join_of_two_cycles_at_the_same_time_are_both_shown(client, db, now):
    user = make_user()
    for number in range(2):
        cycle = make_running(now, name=f"Cycle number {number}")
        make_at(cycle, now, f"Topic {number}", meeting_url=f"https://video.example/{number}")
        make_enrolment(cycle, user)
    client.force_login(user)

    page = page_of(client, "my-schedule")

    assert page.count("Join the session") == 2
    assert page.count("Cycle number 1") > 1


@pytest.mark.parametrize("status", [Status.CANCELLED, Status.CONFIRMED])
def test_no_link_without_the_agreement_nor_to_a_cancelled_session(client, db, now, status):
    cycle = make_running(now)
    make_at(cycle, now, "Right now", status=status)
    user = make_user(has_agreed=status == Status.CANCELLED)
    make_enrolment(cycle, user)
    client.force_login(user)

    page = page_of(client, "my-schedule")

    assert LINK not in page
    assert ("once you have agreed" in page) == (status == Status.CONFIRMED)


@pytest.mark.parametrize("status", [status for status in Enrolment.Status if status != "approved"])
def test_my_schedule_is_empty_for_who_is_not_in(client, cycle, status):
    user = make_user()
    make_enrolment(cycle, user, status=status)
    client.force_login(user)

    page = page_of(client, "my-schedule")

    assert "You are in no running cycle." in page
    assert "Tapering" not in page


def test_my_schedule_before_the_dates_are_set_says_so(client, db, now):
    user = make_user()
    make_enrolment(make_running(now), user)
    client.force_login(user)

    assert "are not planned yet" in page_of(client, "my-schedule")


@pytest.mark.parametrize("number", [1, 3])
def test_my_schedule_takes_the_same_queries_for_any_number(
    client, db, now, number, django_assert_num_queries
):
    user = make_user()
    client.force_login(user)
    for order in range(number):
        cycle = make_running(now, name=f"Cycle {order}")
        enrolment = make_enrolment(cycle, user)
        for week in range(-number, number):
            session = make_at(cycle, now + timedelta(days=7 * week), f"Topic {week}", hub=make_hub())
            PresenterSlot.objects.create(session=session, enrolment=enrolment, taken_at=now)
            if week < 0:
                make_attendance(enrolment, session, minutes=60)

    page_of(client, "my-schedule")

    # The session and the account; the sessions, the cycles, the agreement.
    with django_assert_num_queries(5):
        page_of(client, "my-schedule")
