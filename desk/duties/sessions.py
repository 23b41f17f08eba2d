"""Sessions that lack something, and those of which nobody knows who was there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from desk.duties.base import ATTENTION, INFORMATION, PROBLEM, SOON, Duty, days_of
from desk.work import CycleWork, SessionState
from sessions_app.models import Cycle, EchoSession


def sessions(work: CycleWork, *, now: datetime) -> Iterator[Duty]:
    """What coming sessions lack, and what is to be done after those that were held."""
    if work.cycle.status == Cycle.Status.CLOSED:
        yield from reports(work, now=now)
        return
    ahead = [state for state in work.sessions if state.session.starts_at > now]
    soon = [state for state in ahead if state.session.starts_at <= now + SOON]
    change = "admin:sessions_app_echosession_change"
    needs: list[tuple[list[SessionState], Callable[[int], str], str, str]] = [
        (
            [state for state in ahead if not state.speakers],
            lambda number: ngettext(
                "%(number)d session has no speaker", "%(number)d sessions have no speaker", number
            ),
            _("Add a speaker"),
            change,
        ),
        (
            [state for state in ahead if state.undisclosed],
            lambda number: ngettext(
                "%(number)d session lacks a speaker’s disclosure",
                "%(number)d sessions lack a speaker’s disclosure",
                number,
            ),
            _("Note the disclosure"),
            change,
        ),
        (
            [state for state in soon if not state.session.meeting_url],
            lambda number: ngettext(
                "%(number)d session of the next two weeks has no meeting link",
                "%(number)d sessions of the next two weeks have no meeting link",
                number,
            ),
            _("Add the link"),
            change,
        ),
        (
            [state for state in soon if state.session.status == EchoSession.Status.PLANNED],
            lambda number: ngettext(
                "%(number)d session of the next two weeks is not confirmed",
                "%(number)d sessions of the next two weeks are not confirmed",
                number,
            ),
            _("Confirm"),
            change,
        ),
    ]
    for states, words, action, where in needs:
        if states:
            yield Duty(
                words=words(len(states)) % {"number": len(states)},
                detail=days_of(states),
                url=reverse(where, args=[states[0].session.pk]),
                action=action,
                tone=PROBLEM if states[0] in soon else INFORMATION,
                permission="sessions_app.change_echosession",
            )
    if free := [state for state in soon if state.free_slots and not state.presenters]:
        yield Duty(
            words=ngettext(
                "%(number)d session of the next two weeks has nobody who presents",
                "%(number)d sessions of the next two weeks have nobody who presents",
                len(free),
            )
            % {"number": len(free)},
            detail=days_of(free),
            url=reverse("admin:sessions_app_cycle_presenters", args=[work.cycle.pk]),
            action=_("Give the slot"),
            tone=ATTENTION,
            permission="sessions_app.change_presenterslot",
        )
    yield from reports(work, now=now)


def reports(work: CycleWork, *, now: datetime) -> Iterator[Duty]:
    """Who was there: sessions without a report, and names that nobody could be found for."""
    held = [state for state in work.sessions if state.is_over(now=now)]
    if bare := [state for state in held if not state.present and not state.unmatched]:
        yield Duty(
            words=ngettext(
                "%(number)d session has no attendance yet",
                "%(number)d sessions have no attendance yet",
                len(bare),
            )
            % {"number": len(bare)},
            detail=days_of(bare),
            url=reverse("admin:sessions_app_echosession_import", args=[bare[0].session.pk]),
            action=_("Import the report"),
            tone=ATTENTION,
            permission="sessions_app.add_attendance",
        )
    if unmatched := [state for state in held if state.unmatched]:
        number = sum(state.unmatched for state in unmatched)
        yield Duty(
            words=ngettext(
                "%(number)d name on a report is not matched",
                "%(number)d names on reports are not matched",
                number,
            )
            % {"number": number},
            detail=days_of(unmatched),
            url=reverse("admin:sessions_app_echosession_names", args=[unmatched[0].session.pk]),
            action=_("Match"),
            tone=ATTENTION,
            permission="sessions_app.change_unmatchedname",
        )
