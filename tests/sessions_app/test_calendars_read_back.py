"""A season across both changes of the clocks, written by the portal and read by two programs that are not it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import vobject
from ical.calendar_stream import IcsCalendarStream

from sessions_app.calendars import (
    session_calendar,
    session_cancellation,
    session_file,
    session_page,
    session_request,
)
from sessions_app.models import Cycle, EchoSession
from sessions_app.services import cancel_session, move_session, reinstate_session
from sessions_app.services.timetable import Slot
from tests.clock import TORONTO, toronto
from tests.database import write
from tests.factories import make_cycle, make_session

FIRST, LAST = date(2026, 9, 10), date(2027, 4, 29)
WEEKS = (LAST - FIRST).days // 7 + 1
NOW = toronto(2026, 8, 20, 9)
LINK = "https://video.example/j/8361?pwd=a,b;c"
HARD_TOPIC = "Opioids; naloxone, tapering \\ l’été à Québec " + "très long " * 12 + "\nMETHOD:CANCEL"


@dataclass(frozen=True)
class Read:
    """What a calendar program knows of an event."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    description: str
    status: str
    location: str | None
    url: str


def moment(value: Any) -> datetime:
    """A time, not a day."""
    assert isinstance(value, datetime)
    return value


def read_by_ical(text: str) -> list[Read]:
    calendar = IcsCalendarStream.calendar_from_ics(text)
    return [
        Read(
            uid=str(event.uid),
            sequence=event.sequence or 0,
            starts_at=moment(event.dtstart),
            ends_at=moment(event.dtend),
            summary=event.summary or "",
            description=event.description or "",
            status=event.status.value if event.status else "",
            location=event.location,
            url=str(event.url),
        )
        for event in calendar.events
    ]


def read_by_vobject(text: str) -> list[Read]:
    calendar = vobject.readOne(text)
    return [
        Read(
            uid=event.uid.value,
            sequence=int(event.sequence.value),
            starts_at=event.dtstart.value,
            ends_at=event.dtend.value,
            summary=event.summary.value,
            description=event.description.value,
            status=event.status.value,
            location=event.location.value if hasattr(event, "location") else None,
            url=event.url.value,
        )
        for event in calendar.vevent_list
    ]


Reader = Callable[[str], list[Read]]
READERS = [pytest.param(read_by_ical, id="ical"), pytest.param(read_by_vobject, id="vobject")]


@pytest.fixture
def season(db: None) -> Cycle:
    """Every Thursday at 12:30, planned, with a link."""
    cycle = make_cycle(starts_on=FIRST)
    for week in range(WEEKS):
        make_session(cycle, week=week, status=EchoSession.Status.PLANNED, meeting_url=LINK)
    write(cycle, ends_on=LAST)
    return cycle


def sessions_of(cycle: Cycle) -> list[EchoSession]:
    return list(cycle.sessions.select_related("cycle__program"))


def feed(sessions: Iterable[EchoSession]) -> str:
    return session_calendar(sessions, now=NOW, shows_links=True).decode()


def request(session: EchoSession, **changes: Any) -> str:
    values = {
        "attendee_email": "siobhan@clinic.example",
        "attendee_name": "Siobhán O'Brien, MD",
        "now": NOW,
        "shows_links": True,
    }
    return session_request(session, **{**values, **changes})


def cancellation(session: EchoSession) -> str:
    return session_cancellation(
        session, attendee_email="siobhan@clinic.example", attendee_name="Siobhán O'Brien, MD", now=NOW
    )


@pytest.mark.parametrize("read", READERS)
def test_season_is_at_half_past_twelve_before_between_and_after_both_changes(season, read: Reader):
    events = read(feed(sessions_of(season)))

    expected = [
        datetime(2026, 9, 10, 12, 30, tzinfo=TORONTO) + timedelta(weeks=week) for week in range(WEEKS)
    ]
    assert WEEKS == 34
    assert [event.starts_at.astimezone(TORONTO) for event in events] == expected
    assert [f"{event.starts_at:%H:%M}–{event.ends_at:%H:%M}" for event in events] == ["12:30–14:00"] * WEEKS
    # 12:30 is 16:30 UTC until October 29, 17:30 from November 5 to March 11, and 16:30 again from March 18.
    hours = {event.starts_at.date(): event.starts_at.astimezone(UTC).hour for event in events}
    assert {day for day, hour in hours.items() if hour == 17} == {
        date(2026, 11, 5) + timedelta(weeks=week) for week in range(19)
    }
    assert set(hours.values()) == {16, 17}
    assert (hours[date(2026, 10, 29)], hours[date(2026, 11, 5)]) == (16, 17)
    assert (hours[date(2027, 3, 11)], hours[date(2027, 3, 18)]) == (17, 16)


@pytest.mark.parametrize("read", READERS)
def test_both_readers_see_what_the_portal_knows(season, read: Reader):
    sessions = sessions_of(season)

    events = read(feed(sessions))

    assert [(event.uid, event.sequence, event.starts_at, event.ends_at) for event in events] == [
        (str(session.calendar_uid), session.sequence, session.starts_at, session.ends_at)
        for session in sessions
    ]
    assert {(event.status, event.location) for event in events} == {("TENTATIVE", LINK)}
    assert [event.url for event in events] == [session_page(session) for session in sessions]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("year", [2014, 2026, 2037, 2038, 2052])
def test_rules_of_the_zone_alone_give_the_right_moment_in_any_year(season, read: Reader, year: int):
    """Under a name that no program knows, it has nothing but the rules that came with the file."""
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(0, 365, 4)]
    (session,) = sessions_of(season)[:1]
    texts = []
    for day in days:
        session.starts_at = toronto(day.year, day.month, day.day, 12, 30)
        session.ends_at = session.starts_at + timedelta(minutes=90)
        texts.append(request(session).replace("America/Toronto", "Elsewhere/Nowhere"))

    read_days = [read(text)[0].starts_at.astimezone(UTC) for text in texts]

    assert read_days == [toronto(day.year, day.month, day.day, 12, 30).astimezone(UTC) for day in days]


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize(
    "starts_at",
    [
        # The last minutes before each change, and the first after it.
        datetime(2026, 11, 1, 5, 59, tzinfo=UTC),
        datetime(2026, 11, 1, 7, 1, tzinfo=UTC),
        datetime(2027, 3, 14, 6, 59, tzinfo=UTC),
        datetime(2027, 3, 14, 7, 0, tzinfo=UTC),
    ],
)
def test_moments_around_a_change_are_kept(season, read: Reader, starts_at: datetime):
    (session,) = sessions_of(season)[:1]
    session.starts_at, session.ends_at = starts_at, starts_at + timedelta(hours=5)

    (event,) = read(request(session))

    assert (event.starts_at.astimezone(UTC), event.ends_at.astimezone(UTC)) == (
        starts_at,
        starts_at + timedelta(hours=5),
    )


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("write_it", [feed, request, cancellation], ids=["feed", "request", "cancel"])
def test_hard_words_come_back_as_they_were(season, read: Reader, write_it):
    (session,) = sessions_of(season)[:1]
    session.topic = HARD_TOPIC
    session.cycle.program.name = 'Douleur; "opioïdes", \\n et plus'

    text = write_it([session]) if write_it is feed else write_it(session)

    (event,) = read(text)
    assert event.summary == f"ECHO: {' '.join(HARD_TOPIC.split())}"
    assert event.description.startswith('Douleur; "opioïdes", \\n et plus. ')
    # RFC 5545: lines of 75 octets at most, CR LF at their end, and no letter torn apart.
    lines = text.encode().split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert [line.decode() for line in lines]
    assert "\n" not in text.replace("\r\n", "")
    assert sum(line.startswith(b"METHOD:") for line in lines) == 1


def by_ical(text: str) -> dict[str, Any]:
    calendar = IcsCalendarStream.calendar_from_ics(text)
    (event,) = calendar.events
    (attendee,) = event.attendees
    assert event.organizer is not None
    return {
        "method": calendar.method,
        "organizer": str(event.organizer.uri),
        "attendee": str(attendee.uri),
        "name": attendee.common_name,
        "partstat": str(getattr(attendee.status, "value", attendee.status)),
        "rsvp": attendee.rsvp,
    }


def by_vobject(text: str) -> dict[str, Any]:
    calendar = vobject.readOne(text)
    event = calendar.vevent
    (attendee,) = event.attendee_list
    return {
        "method": calendar.method.value,
        "organizer": event.organizer.value,
        "attendee": attendee.value,
        "name": attendee.params["CN"][0],
        "partstat": attendee.params["PARTSTAT"][0],
        "rsvp": attendee.params["RSVP"][0] == "TRUE",
    }


@pytest.mark.parametrize("read", [by_ical, by_vobject])
@pytest.mark.parametrize(("write_it", "method"), [(request, "REQUEST"), (cancellation, "CANCEL")])
def test_message_says_who_asks_whom_for_what(season, read, write_it, method, settings):
    settings.DEFAULT_FROM_EMAIL = "ECHO Portal <portal@echo.example>"
    (session,) = sessions_of(season)[:1]

    assert read(write_it(session)) == {
        "method": method,
        "organizer": "mailto:portal@echo.example",
        "attendee": "mailto:siobhan@clinic.example",
        "name": "Siobhán O'Brien, MD",
        "partstat": "ACCEPTED",
        "rsvp": False,
    }


@pytest.mark.parametrize(
    "name",
    [
        'Ann "Annie" Lee',
        "Ann; Lee: MD, RN",
        "Ann\r\nATTENDEE:mailto:thief@evil.example",
        "Ann\x00\x85Lee",
        "",
    ],
)
@pytest.mark.parametrize("read", [by_ical, by_vobject])
def test_name_adds_nothing_to_the_message(season, read, name):
    (session,) = sessions_of(season)[:1]

    facts = read(request(session, attendee_name=name))

    assert facts["attendee"] == "mailto:siobhan@clinic.example"
    assert "\n" not in facts["name"]
    assert facts["name"][:3] in {"Ann", "sio"}


@pytest.mark.parametrize("read", READERS)
def test_uid_stays_and_sequence_rises_from_step_to_step(season, read: Reader, coordinator):
    session = sessions_of(season)[8]
    later = session.starts_at + timedelta(days=1)
    seen = read(request(session))
    steps = [
        lambda: move_session(
            session_id=session.pk,
            to=Slot(later, later + timedelta(minutes=90), None),
            by=coordinator,
            now=NOW,
        ),
        lambda: cancel_session(session_id=session.pk, by=coordinator, now=NOW),
        lambda: reinstate_session(session_id=session.pk, by=coordinator, now=NOW),
    ]
    for step in steps:
        step()
        current = EchoSession.objects.select_related("cycle__program").get(pk=session.pk)
        is_cancelled = current.status == EchoSession.Status.CANCELLED
        seen += read(cancellation(current) if is_cancelled else request(current))

    assert {event.uid for event in seen} == {str(session.calendar_uid)}
    assert [event.sequence for event in seen] == sorted({event.sequence for event in seen})
    assert [event.status for event in seen] == ["TENTATIVE", "TENTATIVE", "CANCELLED", "TENTATIVE"]
    assert [event.starts_at for event in seen[1:]] == [later] * 3
    assert [event.location for event in seen] == [LINK, LINK, None, LINK]


@pytest.mark.parametrize("read", READERS)
def test_link_is_only_for_who_agreed(season, read: Reader):
    (session,) = sessions_of(season)[:1]
    texts = [
        session_calendar([session], now=NOW, shows_links=False).decode(),
        session_file(session, now=NOW, shows_links=False).decode(),
        request(session, shows_links=False),
        cancellation(session),
    ]

    assert [read(text)[0].location for text in texts] == [None] * 4
    assert not any("video.example" in text for text in texts)
    assert read(session_file(session, now=NOW, shows_links=True).decode())[0].location == LINK


def test_rules_of_the_zone_are_those_of_the_time_zone_database(season):
    """Should Ontario ever stop changing its clocks, this fails, and the rules here are to be changed."""
    zone = ZoneInfo("America/Toronto")
    text = request(sessions_of(season)[0])
    calendar = vobject.readOne(text.replace("America/Toronto", "Elsewhere/Rules"))
    written = calendar.vevent.dtstart.value.tzinfo

    noons = [
        datetime(year, 1, 1, 12) + timedelta(days=day)  # noqa: DTZ001  # what the clocks show is what is compared
        for year in range(2008, 2046)
        for day in range(366)
    ]

    assert [written.utcoffset(noon) for noon in noons] == [zone.utcoffset(noon) for noon in noons]
