"""A participant's sessions as a calendar (RFC 5545): one event a session, whose UID never changes (rule 3)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vDuration, vUri

from core.templatetags.portal import localized_text
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
    """The sessions as a calendar file, in the active language.

    Times are Toronto's, with the zone's rules beside them, so that 12:30 stays 12:30 when the clocks change (rule 1).
    The meeting link is in it only where `shows_links` is true: who has not agreed to take part gets the dates alone.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//ECHO Portal//ECHO Portal//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "ECHO")
    calendar.add("x-wr-timezone", "America/Toronto")
    # How often a calendar program looks again: a session that moves is seen the same day.
    calendar.add("refresh-interval", vDuration(timedelta(hours=6)), parameters={"VALUE": "DURATION"})
    for session in sessions:
        calendar.add_component(_event(session, now=now, shows_links=shows_links))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(session: EchoSession, *, now: datetime, shows_links: bool) -> Event:
    topic = localized_text(session, "topic")
    program = localized_text(session.cycle.program, "name")
    page = settings.PORTAL_URL + reverse("credits:cycle-detail", args=[session.cycle_id])
    event = Event()
    event.add("uid", str(session.calendar_uid))
    event.add("sequence", session.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", session.starts_at.astimezone(EASTERN))
    event.add("dtend", session.ends_at.astimezone(EASTERN))
    event.add("summary", f"ECHO: {topic}")
    event.add("status", STATUS[EchoSession.Status(session.status)])
    event.add("url", vUri(page))
    if shows_links and session.meeting_url and session.status != EchoSession.Status.CANCELLED:
        event.add("location", session.meeting_url)
        event.add("description", _("%(program)s. Your page: %(page)s") % {"program": program, "page": page})
    else:
        event.add(
            "description",
            _("%(program)s. The link to join is on your page: %(page)s") % {"program": program, "page": page},
        )
    return event
