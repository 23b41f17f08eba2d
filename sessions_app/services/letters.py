"""What applicants and the enrolled are told by mail: one letter for each step, once."""

from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from outbox.services import Letter, queue_mail, queue_mails
from participants.queries import users_agreed_to_participate
from sessions_app.calendars import session_cancellation, session_page, session_request
from sessions_app.models import EchoSession, Enrolment, PlaceOffer
from sessions_app.queries import approved_enrolments
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


def tell_of_session(
    session: EchoSession,
    step: str,
    *,
    mark: str,
    now: datetime,
    method: Literal["", "REQUEST", "CANCEL"] = "",
    **context: Any,
) -> int:
    """Queue the letter `step` about a session to everybody who is in its cycle; returns how many are new.

    Each person is told once for each `mark`, in their language; `method` adds the message to their calendar. The
    link to join is only for who has agreed to take part. The session comes with its cycle's program and its
    speakers; the queries do not grow with the people.
    """
    people = list(
        approved_enrolments(session.cycle)
        .filter(participant__is_active=True)
        .select_related("participant__profile")
        .order_by("pk")
    )
    agreed = users_agreed_to_participate([enrolment.participant_id for enrolment in people])
    presenting = set(session.slots.filter(enrolment__isnull=False).values_list("enrolment_id", flat=True))
    letters = []
    for enrolment in people:
        person = enrolment.participant
        profile = getattr(person, "profile", None)
        language = profile.language if profile else settings.LANGUAGE_CODE
        shows_links = person.pk in agreed
        letters.append(
            Letter(
                key=f"{mark}:{enrolment.pk}",
                kind="session",
                to=person.email,
                template=f"sessions_app/mail/{step}",
                context={
                    "name": person.get_short_name(),
                    "session": session,
                    "program": session.cycle.program,
                    "url": session_page(session),
                    "calendar_url": settings.PORTAL_URL + reverse("sessions_app:calendar"),
                    "join_url": session.meeting_url if shows_links else "",
                    "must_agree": not shows_links,
                    "presents": enrolment.pk in presenting,
                    **context,
                },
                language=language,
                calendar=_itip(session, enrolment, language, method, now=now, shows_links=shows_links),
            )
        )
    return queue_mails(letters)


def _itip(
    session: EchoSession,
    enrolment: Enrolment,
    language: str,
    method: Literal["", "REQUEST", "CANCEL"],
    *,
    now: datetime,
    shows_links: bool,
) -> str:
    """The message to the person's calendar, in their language; empty where the letter brings none."""
    email, name = enrolment.participant.email, enrolment.participant.get_full_name()
    with translation.override(language):
        if method == "REQUEST":
            return session_request(
                session, attendee_email=email, attendee_name=name, now=now, shows_links=shows_links
            )
        if method == "CANCEL":
            return session_cancellation(session, attendee_email=email, attendee_name=name, now=now)
    return ""
