"""Where a cycle is: its days in order, from the opening of registration to the certificates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.templatetags.portal import is_french, short_day
from desk.work import CycleWork
from sessions_app.models import Cycle
from surveys.queries import GATE_KINDS


@dataclass(frozen=True, slots=True)
class Stage:
    """A day of the cycle, as the timeline component shows it."""

    date: str
    state: str
    word: str
    detail: str


def timeline(work: CycleWork, *, now: datetime) -> list[Stage]:
    """The stages of the cycle in order: those behind us, the next one, and those to come."""
    today = timezone.localdate(now)
    stages: list[Stage] = []
    # Sorting keeps what falls on one day in the order it was named.
    for day, words in sorted(_days(work, now=now), key=lambda pair: pair[0]):
        if day < today:
            state, word = "attended", _("Done")
        elif day == today:
            state, word = "next", _("Today")
        elif any(stage.state != "attended" for stage in stages):
            state, word = "upcoming", _("To come")
        else:
            state, word = "next", pgettext("on a timeline", "Next")
        stages.append(Stage(date=_day(day), state=state, word=word, detail=words))
    return stages


def _days(work: CycleWork, *, now: datetime) -> Iterator[tuple[date, str]]:
    cycle = work.cycle
    yield timezone.localdate(cycle.registration_opens_at), _("Registration opens")
    yield timezone.localdate(cycle.registration_closes_at), _("Registration closes")
    if work.sessions:
        yield _held_on(work, 0), _("First session")
        yield _held_on(work, -1), _("Last session")
    coming = work.next_session(now=now)
    if coming is not None and coming not in (work.sessions[0], work.sessions[-1]):
        number, total = work.sessions.index(coming) + 1, len(work.sessions)
        yield (
            timezone.localdate(coming.session.starts_at),
            _("Session %(number)d of %(total)d") % {"number": number, "total": total},
        )
    for window in (state.window for state in work.surveys):
        if window.instrument.kind not in GATE_KINDS:
            continue
        kind = window.instrument.get_kind_display()
        yield timezone.localdate(window.opens_at), _("%(survey)s opens") % {"survey": kind}
        if window.closes_at is not None:
            yield timezone.localdate(window.closes_at), _("%(survey)s closes") % {"survey": kind}
    yield cycle.ends_on, _("Last day of the cycle")
    if cycle.status == Cycle.Status.CLOSED and cycle.closed_at is not None:
        yield timezone.localdate(cycle.closed_at), _("Closed: certificates issued")
    else:
        yield timezone.localdate(cycle.closes_by_itself_on), _("Closes by itself: certificates are issued")


def _held_on(work: CycleWork, at: int) -> date:
    return timezone.localdate(work.sessions[at].session.starts_at)


def _day(day: date) -> str:
    return f"{short_day(day)} {day.year}" if is_french() else f"{short_day(day)}, {day.year}"
