"""What applicants are told by mail: one letter for each step, once."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from outbox.services import queue_mail
from sessions_app.models import Enrolment, PlaceOffer
from sessions_app.services.feeds import feed_url


def tell(enrolment: Enrolment, step: str, *, mark: datetime, **context: Any) -> None:
    """Queue the letter `step` (a template of sessions_app/mail) in the participant's language.

    `mark` is the moment of the step: the same step of the same moment is told once, however often it is asked for.
    The enrolment comes with its participant's profile and its cycle's program.
    """
    profile, cycle = enrolment.participant.profile, enrolment.cycle
    queue_mail(
        key=f"enrolment-{step}:{enrolment.pk}:{mark.isoformat()}",
        kind="enrolment",
        to=enrolment.participant.email,
        template=f"sessions_app/mail/{step}",
        context={
            "name": profile.preferred_name or profile.legal_name,
            "cycle": cycle,
            "program": cycle.program,
            "url": settings.PORTAL_URL + reverse("credits:cycle-detail", args=[cycle.pk]),
            "program_url": settings.PORTAL_URL
            + reverse("sessions_app:program-detail", args=[cycle.program.slug]),
            **context,
        },
        language=profile.language,
    )


def tell_received(enrolment: Enrolment) -> None:
    """The application is in."""
    tell(enrolment, "received", mark=enrolment.applied_at)


def tell_approved(enrolment: Enrolment) -> None:
    """They are in: how to join, and the calendar's address."""
    tell(
        enrolment,
        "approved",
        mark=enrolment.applied_at,
        calendar_url=feed_url(enrolment.participant),
        agreements_url=settings.PORTAL_URL + reverse("participants:agreements"),
    )


def tell_waitlisted(enrolment: Enrolment) -> None:
    """All places are taken; what happens when one is free."""
    tell(enrolment, "waitlisted", mark=enrolment.applied_at)


def tell_offered(enrolment: Enrolment, offer: PlaceOffer) -> None:
    """A place is free, and held until a named time."""
    tell(
        enrolment,
        "offered",
        mark=offer.offered_at,
        held_until=offer.expires_at,
        place_url=settings.PORTAL_URL + reverse("sessions_app:cycle-place", args=[enrolment.cycle_id]),
    )


def tell_declined(enrolment: Enrolment) -> None:
    """There is no place for them in this cycle."""
    tell(enrolment, "declined", mark=enrolment.applied_at)


def tell_withdrawn(enrolment: Enrolment, *, because: str, now: datetime) -> None:
    """They are out: at their own wish ("wish"), by a coordinator ("office"), or as an offer lapsed ("lapsed")."""
    tell(enrolment, "withdrawn", mark=now, because=because)
