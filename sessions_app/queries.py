"""Reads of programs, cycles and sessions that are used more than once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.shortcuts import get_object_or_404

from participants.models import User
from sessions_app.models import (
    ApplicationAnswer,
    Attendance,
    Cycle,
    EchoSession,
    Enrolment,
    Invitation,
    PlaceOffer,
    PresenterSlot,
    Program,
)
from sessions_app.scope import limited


def public_programs() -> QuerySet[Program]:
    """Every program, with the hubs and objectives its public page shows."""
    return Program.objects.prefetch_related("program_hubs__hub", "objectives")


def public_cycles(program: Program) -> QuerySet[Cycle]:
    """The published and closed cycles of a program with their sessions, the latest first."""
    return (
        program.cycles.exclude(status=Cycle.Status.PLANNED)
        .prefetch_related(Prefetch("sessions", queryset=EchoSession.objects.select_related("hub")))
        .order_by("-starts_on", "pk")
    )


def approved_enrolments(cycle: Cycle) -> QuerySet[Enrolment]:
    """Who is in the cycle."""
    return cycle.enrolments.filter(status=Enrolment.Status.APPROVED)


def next_session(cycle: Cycle, *, now: datetime) -> EchoSession | None:
    """The session that runs at `now` or comes next; cancelled ones are passed over."""
    return (
        cycle.sessions.select_related("hub")
        .exclude(status=EchoSession.Status.CANCELLED)
        .filter(ends_at__gt=now)
        .order_by("starts_at")
        .first()
    )


def places_taken(cycle: Cycle, *, besides: Enrolment | None = None) -> int:
    """Places that somebody has, or that are held for somebody on the waiting list; those of `besides` left out."""
    people = cycle.enrolments.exclude(pk=besides.pk) if besides else cycle.enrolments.all()
    held = Q(status=Enrolment.Status.WAITLISTED, offers__outcome=PlaceOffer.Outcome.OPEN)
    return people.filter(Q(status=Enrolment.Status.APPROVED) | held).distinct().count()


def waiting_list(cycle: Cycle) -> QuerySet[Enrolment]:
    """Who waits for a place, in their turn."""
    return cycle.enrolments.filter(status=Enrolment.Status.WAITLISTED).order_by("waitlisted_at", "pk")


def place_on_waiting_list(enrolment: Enrolment) -> int:
    """How many wait, counted up to this person: 1 is next."""
    ahead = Q(waitlisted_at__lt=enrolment.waitlisted_at) | Q(
        waitlisted_at=enrolment.waitlisted_at, pk__lte=enrolment.pk
    )
    return waiting_list(enrolment.cycle).filter(ahead).count()


def open_offer(enrolment: Enrolment, *, now: datetime) -> PlaceOffer | None:
    """The place that is held for this person at `now`."""
    return enrolment.offers.filter(outcome=PlaceOffer.Outcome.OPEN, expires_at__gt=now).first()


def earlier_answers(user: User, cycle: Cycle) -> dict[str, str]:
    """What somebody last answered in other cycles of the program, by the question's key."""
    return dict(
        ApplicationAnswer.objects.filter(
            enrolment__participant=user, enrolment__cycle__program_id=cycle.program_id
        )
        .exclude(enrolment__cycle=cycle)
        .order_by("enrolment__applied_at", "pk")
        .values_list("question__key", "text")
    )


def invitation_for(*, cycle_id: int, user: User, now: datetime) -> Invitation | None:
    """The live invitation of this person to this cycle: to their account or a verified address of theirs."""
    addresses = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return (
        Invitation.objects.filter(cycle_id=cycle_id, revoked_at__isnull=True, expires_at__gt=now)
        .filter(
            Q(account=user) | Q(account__isnull=True, email__in=[address.lower() for address in addresses])
        )
        .order_by("-is_preapproved", "-invited_at", "pk")
        .first()
    )


def feed_sessions(user: User, *, now: datetime) -> QuerySet[EchoSession]:
    """The sessions of the cycles somebody is in, for their calendar; what is over for more than a year is left out."""
    return (
        EchoSession.objects.filter(
            cycle__enrolments__participant=user, cycle__enrolments__status=Enrolment.Status.APPROVED
        )
        .exclude(cycle__status=Cycle.Status.PLANNED)
        .filter(ends_at__gt=now - timedelta(days=365))
        .select_related("cycle__program")
        .order_by("starts_at", "pk")
    )


def enrolled_session(user: User, pk: int) -> EchoSession:
    """The session, for who is in its published or closed cycle, and for staff who may see sessions; else Http404."""
    sessions = EchoSession.objects.select_related("cycle__program", "hub")
    may_look = user.is_staff and user.has_perm("sessions_app.view_echosession")
    if may_look and (session := limited(sessions, user, "cycle__program").filter(pk=pk).first()):
        return session
    own = sessions.filter(
        cycle__enrolments__participant=user, cycle__enrolments__status=Enrolment.Status.APPROVED
    ).exclude(cycle__status=Cycle.Status.PLANNED)
    return get_object_or_404(own, pk=pk)


def own_enrolment(user: User, cycle_id: int) -> Enrolment | None:
    """The enrolment of somebody who is in the cycle."""
    return Enrolment.objects.filter(
        participant=user, cycle_id=cycle_id, status=Enrolment.Status.APPROVED
    ).first()


def season(cycle: Cycle) -> QuerySet[EchoSession]:
    """The sessions of a cycle in order, with who speaks and where."""
    return cycle.sessions.select_related("hub").prefetch_related("speakers").order_by("starts_at", "pk")


def my_sessions(user: User) -> QuerySet[Any]:
    """The sessions of the cycles somebody is in, in order, each with their `own_minutes` and whether one `presents`."""
    own = {"enrolment__participant": user, "enrolment__status": Enrolment.Status.APPROVED}
    attendance = Attendance.objects.filter(session=OuterRef("pk"), **own)
    return (
        EchoSession.objects.filter(
            cycle__enrolments__participant=user, cycle__enrolments__status=Enrolment.Status.APPROVED
        )
        .exclude(cycle__status=Cycle.Status.PLANNED)
        .select_related("cycle__program", "hub")
        .annotate(
            own_minutes=Subquery(attendance.values("minutes")[:1]),
            presents=Exists(PresenterSlot.objects.filter(session=OuterRef("pk"), **own)),
        )
        .order_by("starts_at", "pk")
    )


def coming_slots(cycle: Cycle, *, now: datetime) -> QuerySet[PresenterSlot]:
    """The slots of the sessions that have not begun and take place, in order; free ones and taken ones."""
    return (
        PresenterSlot.objects.filter(session__cycle=cycle, session__starts_at__gt=now)
        .exclude(session__status=EchoSession.Status.CANCELLED)
        .select_related("session__hub")
        .order_by("session__starts_at", "session_id", "position")
    )


def own_slots(enrolment: Enrolment) -> QuerySet[PresenterSlot]:
    """The slots of one person in sessions that take or took place, in order."""
    return (
        enrolment.slots.exclude(session__status=EchoSession.Status.CANCELLED)
        .select_related("session__hub")
        .order_by("session__starts_at", "pk")
    )


@dataclass(frozen=True, slots=True)
class Turns:
    """How far the presenting of a cycle has gone round."""

    people: int
    with_slot: int


def turns(cycle: Cycle) -> Turns:
    """How many are in the cycle, and how many of them present or have presented in it."""
    held = PresenterSlot.objects.filter(enrolment=OuterRef("pk")).exclude(
        session__status=EchoSession.Status.CANCELLED
    )
    found = approved_enrolments(cycle).aggregate(
        people=Count("pk"), with_slot=Count("pk", filter=Exists(held))
    )
    return Turns(**found)


def presenters(cycle: Cycle, *, now: datetime) -> QuerySet[Enrolment]:
    """Who is in the cycle, whose turn it is first: `presented` times, `coming` slots; then the longest enrolled."""
    takes_place = ~Q(slots__session__status=EchoSession.Status.CANCELLED)
    return (
        approved_enrolments(cycle)
        .select_related("participant__profile")
        .annotate(
            presented=Count("slots", filter=takes_place & Q(slots__session__starts_at__lte=now)),
            coming=Count("slots", filter=takes_place & Q(slots__session__starts_at__gt=now)),
        )
        .order_by("presented", "coming", "enrolled_on", "pk")
    )
