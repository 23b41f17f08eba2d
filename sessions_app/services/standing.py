"""What every step of an enrolment shares: the locks, the moves, and the two ends, getting in and leaving."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import MoveRefusedError
from participants.models import User
from sessions_app.models import Cycle, Enrolment, PlaceOffer
from sessions_app.queries import places_taken
from sessions_app.services import letters
from sessions_app.states import ENROLMENT_MOVES, may_move

OPEN = PlaceOffer.Outcome.OPEN
Status = Enrolment.Status


def lock_cycle(cycle_id: int) -> Cycle:
    """The cycle with its program, its row locked: taken first by whatever gives or frees a place."""
    return Cycle.objects.select_for_update(of=("self",)).select_related("program").get(pk=cycle_id)


def lock_enrolment(enrolment_id: int, cycle: Cycle) -> Enrolment:
    """The enrolment with the participant's profile and the locked cycle, its row locked."""
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("participant__profile")
        .get(pk=enrolment_id)
    )
    enrolment.cycle = cycle
    return enrolment


def has_free_place(cycle: Cycle, *, besides: Enrolment | None = None) -> bool:
    """Whether the locked cycle has a place that nobody has or is offered; an offer to `besides` is theirs to take."""
    return cycle.capacity is None or places_taken(cycle, besides=besides) < cycle.capacity


def admit(enrolment: Enrolment, *, by: User | None, now: datetime, enrolled_on: date | None = None) -> None:
    """Give the locked enrolment its place and its welcome. The caller has looked that one is free.

    Who had a place before and left keeps the earlier first day, so that what they earned then stays.
    """
    require_move(enrolment, Status.APPROVED)
    first_day = max(timezone.localdate(now), enrolment.cycle.starts_on)
    enrolment.enrolled_on = enrolled_on or min(enrolment.enrolled_on or first_day, first_day)
    decide(enrolment, Status.APPROVED, by=by, now=now)
    close_offer(enrolment, outcome=PlaceOffer.Outcome.ACCEPTED, now=now)
    letters.tell_approved(enrolment)


def leave(
    enrolment: Enrolment,
    *,
    by: User | None,
    because: str,
    now: datetime,
    outcome: PlaceOffer.Outcome = PlaceOffer.Outcome.DECLINED,
) -> None:
    """Take the locked enrolment out of the cycle, end its offer and say so. The caller offers the place on."""
    close_offer(enrolment, outcome=outcome, now=now)
    require_move(enrolment, Status.WITHDRAWN)
    decide(enrolment, Status.WITHDRAWN, by=by, now=now)
    letters.tell_withdrawn(enrolment, because=because, now=now)


def require_move(enrolment: Enrolment, to: Enrolment.Status) -> None:
    """Raise MoveRefusedError unless the enrolment may go to `to`."""
    if not may_move(ENROLMENT_MOVES, enrolment.status, to):
        raise MoveRefusedError(
            _("An enrolment that is “%(old)s” cannot become “%(new)s”.")
            % {"old": enrolment.get_status_display(), "new": to.label}
        )


def decide(enrolment: Enrolment, to: Enrolment.Status, *, by: User | None, now: datetime) -> None:
    """Write where the enrolment stands, since when and by whom."""
    enrolment.status = to
    enrolment.decided_at, enrolment.decided_by = now, by
    enrolment.save(update_fields=["status", "enrolled_on", "waitlisted_at", "decided_at", "decided_by"])


def close_offer(enrolment: Enrolment, *, outcome: PlaceOffer.Outcome, now: datetime) -> None:
    """End the open offer of an enrolment, where there is one."""
    for offer in enrolment.offers.filter(outcome=OPEN):
        offer.outcome, offer.answered_at = outcome, now
        offer.save(update_fields=["outcome", "answered_at"])
