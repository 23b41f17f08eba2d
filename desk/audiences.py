"""Who belongs to a group that is written to, looked up in a few queries however many they are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.models import HubMember
from credits.models import Waiver
from credits.queries import CONDITION_OF, cycle_ledgers
from desk.models import GroupMessage
from participants.enums import Category
from participants.models import User
from sessions_app.models import Attendance, Cycle, EchoSession, Enrolment, PresenterSlot
from surveys.models import Instrument
from surveys.queries import submitted_gate_responses

Audience = GroupMessage.Audience

CATEGORIES = {
    Audience.FAMILY_PHYSICIANS: Category.FAMILY_PHYSICIAN,
    Audience.SPECIALISTS: Category.SPECIALIST,
    Audience.OTHERS: Category.OTHER,
}
UNANSWERED = {
    Audience.WITHOUT_PRE: Instrument.Kind.PRE,
    Audience.WITHOUT_POST: Instrument.Kind.POST,
    Audience.WITHOUT_REFLECTION: Instrument.Kind.REFLECTION,
}
STATUSES = {
    Audience.APPLICANTS: Enrolment.Status.APPLIED,
    Audience.WAITING: Enrolment.Status.WAITLISTED,
}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is written to: as they are called, where, and in which language."""

    account_id: int
    name: str
    full_name: str
    email: str
    language: str


def recipients(cycle: Cycle, audience: str, *, now: datetime) -> list[Recipient]:
    """Who is in the group at `now`, by name; accounts that are switched off are left out, nobody is in it twice."""
    people = _people(cycle, audience, now=now).filter(is_active=True).select_related("profile")
    found = []
    for person in people.order_by("profile__legal_name", "pk"):
        profile = getattr(person, "profile", None)
        found.append(
            Recipient(
                account_id=person.pk,
                name=person.get_short_name(),
                full_name=person.get_full_name(),
                email=person.email,
                language=profile.language if profile else settings.LANGUAGE_CODE,
            )
        )
    return found


def fingerprint(people: Iterable[Recipient]) -> str:
    """Tells whether two looks saw the same people: what is confirmed is what was looked at."""
    ids = ",".join(str(person.account_id) for person in sorted(people, key=lambda one: one.account_id))
    return hashlib.sha256(ids.encode()).hexdigest()


def _people(cycle: Cycle, audience: str, *, now: datetime) -> QuerySet[User]:
    if audience == Audience.HUB_TEAM:
        team = HubMember.objects.filter(program=cycle.program_id, is_active=True)
        return User.objects.filter(pk__in=team.values("user"))
    return User.objects.filter(pk__in=_enrolments(cycle, audience, now=now).values("participant"))


def _enrolments(cycle: Cycle, audience: str, *, now: datetime) -> QuerySet[Enrolment]:
    if audience in STATUSES:
        return Enrolment.objects.filter(cycle=cycle, status=STATUSES[Audience(audience)])
    people = Enrolment.objects.filter(cycle=cycle, status=Enrolment.Status.APPROVED)
    if audience in CATEGORIES:
        return people.filter(participant__profile__category=CATEGORIES[Audience(audience)])
    if audience in UNANSWERED:
        kind = UNANSWERED[Audience(audience)]
        answered = submitted_gate_responses().filter(enrolment=OuterRef("pk"), window__instrument__kind=kind)
        let_off = Waiver.objects.filter(
            enrolment=OuterRef("pk"), condition=CONDITION_OF[kind], status=Waiver.Status.GRANTED
        )
        return people.filter(~Exists(answered), ~Exists(let_off))
    if audience == Audience.NOT_ELIGIBLE:
        return people.filter(
            pk__in=[ledger.enrolment.pk for ledger in cycle_ledgers(cycle) if ledger.missing]
        )
    if audience == Audience.NEVER_PRESENT:
        there = Attendance.objects.filter(enrolment=OuterRef("pk"), minutes__gt=0)
        return people.filter(~Exists(there))
    if audience == Audience.PRESENTERS:
        slots = PresenterSlot.objects.filter(
            ~Q(session__status=EchoSession.Status.CANCELLED), session__cycle=cycle, session__starts_at__gt=now
        )
        return people.filter(pk__in=slots.filter(enrolment__isnull=False).values("enrolment"))
    return people
