"""A season that crosses the end of daylight saving, as a calendar program reads it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from icalendar import Calendar

from participants.models import User
from sessions_app.models import CalendarFeed, Cycle, EchoSession
from sessions_app.services import calendar_feed, feed_url, renew_feed
from tests.clock import toronto
from tests.database import refused_by, write
from tests.factories import make_cycle, make_enrolment, make_session, make_user
from tests.history import audit_row
from tests.races import THREADS, at_once

NOW = toronto(2025, 9, 20, 10)
LINK = "https://video.example/room"


@pytest.fixture
def season(db: None) -> Cycle:
    cycle = make_cycle(sessions=10)
    cycle.sessions.update(meeting_url=LINK)
    return cycle


def path_of(user: User) -> str:
    return feed_url(user).removeprefix(settings.PORTAL_URL)


def read(client: Client, user: User) -> Any:
    response = client.get(path_of(user))
    assert response.status_code == 200
    return Calendar.from_ical(response.content)


@pytest.fixture
def long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """The season is this year's: the view's clock stands in its second week."""
    monkeypatch.setattr("sessions_app.calendar_views.timezone.now", lambda: NOW)


@pytest.mark.usefixtures("long_ago")
def test_feed_keeps_half_past_twelve_across_the_change_of_clocks(client, season, family_physician):
    make_enrolment(season, family_physician)

    events = list(read(client, family_physician).walk("VEVENT"))

    starts = [event.decoded("dtstart") for event in events]
    assert [f"{start:%H:%M}" for start in starts] == ["12:30"] * 10
    assert {start.utcoffset() for start in starts} == {timedelta(hours=-4), timedelta(hours=-5)}
    assert {str(event["uid"]) for event in events} == {
        str(session.calendar_uid) for session in season.sessions.all()
    }


@pytest.mark.usefixtures("long_ago")
def test_feed_brings_the_rules_of_the_time_zone(client, season, family_physician):
    make_enrolment(season, family_physician)

    calendar = read(client, family_physician)

    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["tzid"] == "America/Toronto"
    assert b"DTSTART;TZID=America/Toronto:" in calendar.to_ical()


@pytest.mark.usefixtures("long_ago")
def test_feed_says_what_is_cancelled_and_drops_its_link(client, season, family_physician):
    make_enrolment(season, family_physician)
    session = make_session(season, week=10, status=EchoSession.Status.PLANNED, meeting_url=LINK)
    write(session, status=EchoSession.Status.CANCELLED, sequence=2)

    event = list(read(client, family_physician).walk("VEVENT"))[-1]

    assert (event["status"], event["sequence"], event.get("location")) == ("CANCELLED", 2, None)


@pytest.mark.usefixtures("long_ago")
def test_feed_shows_the_link_only_to_who_has_agreed_to_take_part(client, season, family_physician):
    stranger = make_user(has_agreed=False)
    for person in (family_physician, stranger):
        make_enrolment(season, person)

    assert LINK.encode() in client.get(path_of(family_physician)).content
    answer = client.get(path_of(stranger)).content
    assert b"VEVENT" in answer
    assert LINK.encode() not in answer


@pytest.mark.usefixtures("long_ago")
@pytest.mark.parametrize("status", ["applied", "waitlisted", "declined", "withdrawn"])
def test_feed_holds_no_cycle_one_is_not_in(client, season, family_physician, status):
    make_enrolment(season, family_physician, status=status)
    make_enrolment(season)

    assert list(read(client, family_physician).walk("VEVENT")) == []


@pytest.mark.usefixtures("long_ago")
def test_feed_speaks_the_persons_language(client, season, nurse_practitioner):
    make_enrolment(season, nurse_practitioner)
    write(season.sessions.all()[0], topic_fr="La douleur neuropathique")

    assert "La douleur neuropathique" in str(read(client, nurse_practitioner).walk("VEVENT")[0]["summary"])


def test_feed_is_private_and_gone_for_a_disabled_account(client, family_physician):
    url = path_of(family_physician)

    response = client.get(url)

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert client.get(reverse("sessions_app:calendar-feed", args=["guessed"])).status_code == 404
    write(family_physician, is_active=False)
    assert client.get(url).status_code == 404


@pytest.mark.usefixtures("long_ago")
@pytest.mark.parametrize("sessions", [1, 3])
def test_feed_costs_the_same_for_one_session_and_for_three(
    client, family_physician, sessions, django_assert_num_queries
):
    make_enrolment(make_cycle(sessions=sessions), family_physician)
    url = path_of(family_physician)

    with django_assert_num_queries(3):
        assert client.get(url).content.count(b"BEGIN:VEVENT") == sessions


def test_session_comes_as_a_file_for_who_is_in_its_cycle(client, season, family_physician):
    make_enrolment(season, family_physician)
    session = season.sessions.all()[2]
    client.force_login(family_physician)

    response = client.get(reverse("sessions_app:session-calendar", args=[session.pk]))

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="session-2025-09-25.ics"'
    assert "no-store" in response["Cache-Control"]
    calendar: Any = Calendar.from_ical(response.content)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["method"], event["uid"], event["location"]) == (
        "PUBLISH",
        str(session.calendar_uid),
        LINK,
    )
    assert event.decoded("dtstart") == session.starts_at
    assert str(event["url"]).endswith(f"/sessions/{session.pk}/")


def test_file_of_a_session_holds_no_link_without_the_agreement(client, season):
    stranger = make_user(has_agreed=False)
    make_enrolment(season, stranger)
    client.force_login(stranger)

    response = client.get(reverse("sessions_app:session-calendar", args=[season.sessions.all()[0].pk]))

    assert b"BEGIN:VEVENT" in response.content
    assert LINK.encode() not in response.content


@pytest.mark.parametrize("status", ["applied", "waitlisted", "declined", "withdrawn", None])
def test_file_of_a_session_is_hidden_from_who_is_not_in_the_cycle(client, season, family_physician, status):
    url = reverse("sessions_app:session-calendar", args=[season.sessions.all()[0].pk])
    assert client.get(url).status_code == 302
    if status:
        make_enrolment(season, family_physician, status=status)
    client.force_login(family_physician)

    assert client.get(url).status_code == 404


def test_file_of_a_session_is_hidden_until_its_cycle_is_public(client, season, family_physician):
    make_enrolment(season, family_physician)
    write(season, status=Cycle.Status.PLANNED)
    client.force_login(family_physician)

    url = reverse("sessions_app:session-calendar", args=[season.sessions.all()[0].pk])
    assert client.get(url).status_code == 404


def test_renew_feed_closes_the_old_address(client, family_physician):
    old = path_of(family_physician)
    client.force_login(family_physician)

    response = client.post(reverse("sessions_app:calendar"), follow=True)

    assert "new address" in response.content.decode()
    assert client.get(old).status_code == 404
    assert client.get(path_of(family_physician)).status_code == 200
    feed = CalendarFeed.objects.get()
    assert audit_row(feed, "update") == ("calendar.renew", family_physician.pk, "")


def test_feed_tokens_and_owners_are_unique(family_physician, specialist):
    feed = calendar_feed(family_physician)
    other = calendar_feed(specialist)
    with refused_by("sessions_app_calendarfeed_token_key"):
        write(other, token=feed.token)
    with refused_by("sessions_app_calendarfeed_user_id_key"):
        write(other, user=family_physician)


@pytest.mark.django_db(transaction=True)
def test_feed_asked_for_twenty_times_at_once_is_one():
    person = make_user()

    results = at_once([lambda: calendar_feed(person)] * THREADS)

    assert {feed.pk for feed in results} == {CalendarFeed.objects.get().pk}


def test_renew_feed_twice_gives_two_addresses(family_physician):
    first = renew_feed(user=family_physician, by=family_physician, now=NOW).token
    second = renew_feed(user=family_physician, by=family_physician, now=NOW).token

    assert first != second
