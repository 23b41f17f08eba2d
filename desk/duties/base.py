"""A duty, and what all of them are written with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from core.templatetags.portal import localized_text, session_range, short_day
from desk.work import SessionState

SOON = timedelta(days=14)
"""How far ahead a session should have its link, its confirmation and its presenter."""
LISTED = 3
"""Names and dates in a line; the rest is counted."""

PROBLEM, ATTENTION, INFORMATION = "problem", "attention", "information"
URGENCY = (PROBLEM, ATTENTION, INFORMATION)


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to do: what waits, more about it, and where it is done by those who may."""

    words: str
    detail: str
    url: str
    action: str
    tone: str
    permission: str


def session_line(state: SessionState) -> str:
    """The topic and the time of a session, in one line."""
    session = state.session
    return f"{localized_text(session, 'topic')}, {session_range(session.starts_at, session.ends_at)}"


def days_of(states: list[SessionState]) -> str:
    """The days of some sessions, the first ones by name."""
    return few([short_day(timezone.localdate(state.session.starts_at)) for state in states])


def few(words: list[str]) -> str:
    """The first of them, and how many more there are."""
    shown, more = " · ".join(words[:LISTED]), len(words) - LISTED
    if more <= 0:
        return shown
    return ngettext("%(shown)s and %(more)d more", "%(shown)s and %(more)d more", more) % {
        "shown": shown,
        "more": more,
    }


def list_of(model: str, **query: object) -> str:
    """A list of the administration, filtered."""
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode(query)}"
