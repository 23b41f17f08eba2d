"""Mails that did not arrive, and certificates that are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.portal import eastern_date
from desk.duties.base import ATTENTION, PROBLEM, Duty, list_of
from desk.work import CycleWork
from outbox.states import UNDELIVERED
from sessions_app.models import Cycle


def mails(undelivered: int) -> Iterator[Duty]:
    """Mails to people of the cycle that did not arrive."""
    if undelivered:
        yield Duty(
            words=ngettext("%(number)d email did not arrive", "%(number)d emails did not arrive", undelivered)
            % {"number": undelivered},
            detail=_("They failed, came back, or may not have arrived."),
            url=list_of("outbox_outgoingmail", status__in=",".join(sorted(UNDELIVERED))),
            action=_("See why"),
            tone=PROBLEM,
            permission="outbox.view_outgoingmail",
        )


def certificates(work: CycleWork, *, now: datetime) -> Iterator[Duty]:
    """What the end of a cycle asks for: closing it, and mending what went wrong."""
    cycle = work.cycle
    closing = reverse("admin:credits_cycleclosing_close", args=[cycle.pk])
    if cycle.status == Cycle.Status.PUBLISHED and timezone.localdate(now) > cycle.ends_on:
        yield Duty(
            words=_("The cycle is over: its certificates are due"),
            detail=_("It closes by itself on %(day)s.") % {"day": eastern_date(cycle.closes_by_itself_on)},
            url=closing,
            action=_("Prepare the closing"),
            tone=ATTENTION,
            permission="credits.close_cycle",
        )
    if cycle.waivers:
        yield Duty(
            words=ngettext(
                "%(number)d waiver waits for a second person",
                "%(number)d waivers wait for a second person",
                cycle.waivers,
            )
            % {"number": cycle.waivers},
            detail="",
            url=list_of("credits_waiver", status__exact="asked", enrolment__cycle__id__exact=cycle.pk),
            action=_("Decide"),
            tone=ATTENTION,
            permission="credits.decide_waiver",
        )
    if cycle.undrawn:
        yield Duty(
            words=ngettext(
                "%(number)d certificate could not be made",
                "%(number)d certificates could not be made",
                cycle.undrawn,
            )
            % {"number": cycle.undrawn},
            detail=_("The closing page lists each with its reason."),
            url=closing,
            action=_("Look and retry"),
            tone=PROBLEM,
            permission="credits.close_cycle",
        )
    if cycle.astray:
        yield Duty(
            words=ngettext(
                "%(number)d certificate’s email did not arrive",
                "The emails of %(number)d certificates did not arrive",
                cycle.astray,
            )
            % {"number": cycle.astray},
            detail=_("The closing page shows the address on record now."),
            url=closing,
            action=_("Email again"),
            tone=PROBLEM,
            permission="credits.close_cycle",
        )
