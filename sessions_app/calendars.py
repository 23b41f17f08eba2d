"""Sessions as calendars know them (RFC 5545, RFC 5546): one event a session, whose UID never changes (rule 3)."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import parseaddr
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vDuration,
    vRecur,
    vUri,
)

from core.templatetags.portal import localized_text
from outbox.rendering import one_line
from sessions_app.models import EchoSession

EASTERN = ZoneInfo("America/Toronto")
# "Tentative" is a session whose speaker may change; its time stands.
STATUS = {
    EchoSession.Status.PLANNED: "TENTATIVE",
    EchoSession.Status.CONFIRMED: "CONFIRMED",
    EchoSession.Status.HELD: "CONFIRMED",
    EchoSession.Status.CANCELLED: "CANCELLED",
}


def session_calendar(sessions: Iterable[EchoSession], *, now: datetime, shows_links: bool) -> bytes:
    """The sessions as a calendar to subscribe to, in the active language.

    Times are Toronto's, with the zone's rules beside them, so that 12:30 stays 12:30 when the clocks change (rule 1).
    The meeting link is in it only where `shows_links` is true: who has not agreed to take part gets the dates alone.
    """
    calendar = _calendar("PUBLISH")
    calendar.add("x-wr-calname", "ECHO")
    calendar.add("x-wr-timezone", "America/Toronto")
    # How often a calendar program looks again: a session that moves is seen the same day.
    calendar.add("refresh-interval", vDuration(timedelta(hours=6)), parameters={"VALUE": "DURATION"})
    for session in sessions:
        calendar.add_component(_event(session, now=now, shows_links=shows_links))
    return bytes(calendar.to_ical())


def session_file(session: EchoSession, *, now: datetime, shows_links: bool) -> bytes:
    """One session as a file to open in a calendar; otherwise as `session_calendar`."""
    calendar = _calendar("PUBLISH")
    calendar.add_component(_event(session, now=now, shows_links=shows_links))
    return bytes(calendar.to_ical())


def session_request(
    session: EchoSession, *, attendee_email: str, attendee_name: str, now: datetime, shows_links: bool
) -> str:
    """The iTIP message that puts a session into somebody's calendar, or moves it there: METHOD:REQUEST.

    They are in the cycle, so they are down as coming, and no answer is asked for.
    """
    calendar = _calendar("REQUEST")
    event = _event(session, now=now, shows_links=shows_links)
    _address(event, attendee_email, attendee_name)
    calendar.add_component(event)
    return bytes(calendar.to_ical()).decode()


def session_cancellation(
    session: EchoSession, *, attendee_email: str, attendee_name: str, now: datetime
) -> str:
    """The iTIP message that strikes a cancelled session from somebody's calendar: METHOD:CANCEL."""
    calendar = _calendar("CANCEL")
    event = _event(session, now=now, shows_links=False)
    _address(event, attendee_email, attendee_name)
    calendar.add_component(event)
    return bytes(calendar.to_ical()).decode()


def session_page(session: EchoSession) -> str:
    """The whole address of a session's page."""
    return settings.PORTAL_URL + reverse("cases:session-detail", args=[session.pk])


def _calendar(method: str) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//ECHO Portal//ECHO Portal//EN")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(_time_zone())
    return calendar


def _time_zone() -> Timezone:
    """Toronto's rules as they are since 2007, without an end.

    As rules, not as the list of dates that icalendar writes: Outlook reads no lists, and they stop in 2037.
    """
    zone = Timezone()
    zone.add("tzid", "America/Toronto")
    summer, winter = timedelta(hours=-4), timedelta(hours=-5)
    for change, name, since, before, after, rule in (
        (TimezoneDaylight(), "EDT", datetime(2007, 3, 11, 2), winter, summer, ("3", "2SU")),  # noqa: DTZ001  # on the clocks there
        (TimezoneStandard(), "EST", datetime(2007, 11, 4, 2), summer, winter, ("11", "1SU")),  # noqa: DTZ001
    ):
        month, sunday = rule
        change.add("dtstart", since)
        change.add("rrule", vRecur(freq="YEARLY", bymonth=month, byday=sunday))
        change.add("tzname", name)
        change.add("tzoffsetfrom", before)
        change.add("tzoffsetto", after)
        zone.add_component(change)
    return zone


def _event(session: EchoSession, *, now: datetime, shows_links: bool) -> Event:
    topic = _plain(localized_text(session, "topic"))
    program = _plain(localized_text(session.cycle.program, "name"))
    page = session_page(session)
    is_cancelled = session.status == EchoSession.Status.CANCELLED
    event = Event()
    event.add("uid", str(session.calendar_uid))
    event.add("sequence", session.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", session.starts_at.astimezone(EASTERN))
    event.add("dtend", session.ends_at.astimezone(EASTERN))
    event.add("summary", f"ECHO: {topic}")
    event.add("status", STATUS[EchoSession.Status(session.status)])
    event.add("url", vUri(page))
    if is_cancelled:
        event.add(
            "description",
            _("%(program)s. Cancelled. Its page: %(page)s") % {"program": program, "page": page},
        )
    elif shows_links and session.meeting_url:
        event.add("location", _plain(session.meeting_url))
        event.add("description", _("%(program)s. Its page: %(page)s") % {"program": program, "page": page})
    else:
        event.add(
            "description",
            _("%(program)s. The link to join is on its page: %(page)s") % {"program": program, "page": page},
        )
    return event


def _address(event: Event, email: str, name: str) -> None:
    """Say who asks, the portal, and whom."""
    sender_name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    organizer = vCalAddress(f"mailto:{sender}")
    organizer.params["CN"] = _parameter(sender_name) or sender
    event.add("organizer", organizer)
    attendee = vCalAddress(f"mailto:{_plain(email)}")
    attendee.params.update(
        {
            "CN": _parameter(name) or _plain(email),
            "CUTYPE": "INDIVIDUAL",
            "ROLE": "REQ-PARTICIPANT",
            "PARTSTAT": "ACCEPTED",
            "RSVP": "FALSE",
        }
    )
    event.add("attendee", attendee)


def _plain(text: str) -> str:
    """One line without control characters: RFC 5545 has no way to write them."""
    return "".join(letter for letter in one_line(text) if unicodedata.category(letter) != "Cc")


def _parameter(text: str) -> str:
    # A parameter's value stands between double quotes, and cannot hold one.
    return _plain(text).replace('"', "'")
