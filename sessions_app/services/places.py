"""Places of a cycle: counted under its lock, and offered on to the waiting list when they are freed."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import MoveRefusedError
from participants.models import User
from sessions_app.models import Cycle, Enrolment, PlaceOffer
from sessions_app.queries import places_taken, waiting_list
from sessions_app.services import letters
from sessions_app.services.standing import admit, leave, lock_cycle, lock_enrolment

OPEN = PlaceOffer.Outcome.OPEN


def offer_places(cycle: Cycle, *, now: datetime) -> list[PlaceOffer]:
    """Offer the free places of the locked cycle to the first on the waiting list who have no offer yet.

    Called after everything that can free a place, and by the beat for whatever freed one unseen (more places, say).
    Nothing is offered in a cycle that is not published or over.
    """
    if cycle.status != Cycle.Status.PUBLISHED or timezone.localdate(now) > cycle.ends_on:
        return []
    free = None if cycle.capacity is None else max(cycle.capacity - places_taken(cycle), 0)
    turn = waiting_list(cycle).exclude(offers__outcome=OPEN).select_related("participant__profile")
    offers = []
    with audit.act("place.offer", by=None):
        for enrolment in turn[:free]:
            enrolment.cycle = cycle
            offer = PlaceOffer.objects.create(
                enrolment=enrolment, offered_at=now, expires_at=now + timedelta(hours=cycle.offer_hours)
            )
            letters.tell_offered(enrolment, offer)
            offers.append(offer)
    return offers


@transaction.atomic
def accept_place(*, enrolment_id: int, by: User, now: datetime) -> Enrolment:
    """Take the place that is held for the participant; taking it twice takes it once.

    Raises MoveRefusedError when no place is held for them (any more), or the cycle is closed.
    """
    cycle, enrolment = _locked(enrolment_id)
    offer = enrolment.offers.filter(outcome=OPEN).first()
    if offer is None and enrolment.status == Enrolment.Status.APPROVED:
        return enrolment
    if offer is None or offer.expires_at <= now or cycle.status != Cycle.Status.PUBLISHED:
        raise MoveRefusedError(
            _("No place is held for you any more. If you are still on the waiting list, you hear by email.")
        )
    with audit.act("place.accept", by=by):
        admit(enrolment, by=by, now=now)
    return enrolment


@transaction.atomic
def let_place_go(*, enrolment_id: int, by: User, now: datetime) -> Enrolment:
    """Decline the held place: the participant leaves the waiting list, and the next is asked."""
    cycle, enrolment = _locked(enrolment_id)
    if not enrolment.offers.filter(outcome=OPEN).exists():
        raise MoveRefusedError(_("No place is held for you any more."))
    with audit.act("place.decline", by=by):
        leave(enrolment, by=by, because="wish", now=now)
        offer_places(cycle, now=now)
    return enrolment


@transaction.atomic
def tend_waiting_list(*, cycle_id: int, now: datetime) -> int:
    """Let offers lapse whose time is up, and offer every free place; returns how many offers ended or began.

    Running it twice, or at once with an answer, changes nothing more: the cycle's lock decides who was first.
    """
    cycle = lock_cycle(cycle_id)
    lapsed = list(
        PlaceOffer.objects.filter(enrolment__cycle=cycle, outcome=OPEN, expires_at__lte=now)
        .select_related("enrolment__participant__profile")
        .order_by("expires_at", "pk")
    )
    with audit.act("place.lapse", by=None):
        for offer in lapsed:
            offer.enrolment.cycle = cycle
            leave(offer.enrolment, by=None, because="lapsed", now=now, outcome=PlaceOffer.Outcome.LAPSED)
        return len(lapsed) + len(offer_places(cycle, now=now))


def tend_waiting_lists(*, now: datetime) -> int:
    """Tend the list of every running cycle that has somebody waiting; each cycle is its own transaction.

    A cycle that is over keeps its list as a record, and is looked at only while an offer is open in it.
    """
    waits = Q(enrolments__status=Enrolment.Status.WAITLISTED)
    runs = Q(status=Cycle.Status.PUBLISHED, ends_on__gte=timezone.localdate(now))
    cycles = (
        Cycle.objects.filter((waits & runs) | Q(enrolments__offers__outcome=OPEN))
        .order_by("pk")
        .values_list("pk", flat=True)
        .distinct()
    )
    return sum(tend_waiting_list(cycle_id=cycle_id, now=now) for cycle_id in cycles)


def _locked(enrolment_id: int) -> tuple[Cycle, Enrolment]:
    cycle = lock_cycle(Enrolment.objects.values_list("cycle_id", flat=True).get(pk=enrolment_id))
    return cycle, lock_enrolment(enrolment_id, cycle)
