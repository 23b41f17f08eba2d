"""Presenter slots: one slot, one presenter. They are taken, given and let go here, and nowhere else."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.errors import MoveRefusedError, NotAllowedError
from outbox.services import queue_mail
from participants.models import User
from sessions_app.models import Cycle, EchoSession, Enrolment, PresenterSlot
from sessions_app.services.standing import lock_cycle, lock_enrolment

NOT_IN_CYCLE = gettext_lazy("Only somebody who is in this cycle can present a case in it.")


@transaction.atomic
def take_slot(*, slot_id: int, by: User, now: datetime) -> PresenterSlot:
    """Take a free slot of one's own cycle; taking it twice takes it once. The presenter gets a letter.

    Raises NotAllowedError for somebody who is not in the cycle, and MoveRefusedError when the slot is somebody
    else's, the session is cancelled or has begun, or the person has a coming slot already.
    """
    cycle = _lock_cycle_of(slot_id)
    found = Enrolment.objects.filter(cycle=cycle, participant=by).values_list("pk", flat=True).first()
    if found is None:
        raise NotAllowedError(NOT_IN_CYCLE)
    enrolment = lock_enrolment(found, cycle)
    slot = _lock_slot(slot_id, cycle)
    if slot.enrolment_id == enrolment.pk:
        return slot
    others = enrolment.slots.filter(session__starts_at__gt=now)
    if others.exclude(session__status=EchoSession.Status.CANCELLED).exists():
        raise MoveRefusedError(
            _(
                "You have a coming session already. Let it go first, or write to the coordinator to present twice."
            )
        )
    with audit.act("slot.take", by=by):
        _give(slot, enrolment, now=now, is_assigned=False)
    return slot


@transaction.atomic
def assign_slot(
    *, slot_id: int, enrolment_id: int, by: User, now: datetime, tells: bool = True
) -> PresenterSlot:
    """Give a free slot to somebody in its cycle, a second one even; assigning it twice assigns it once.

    Without `tells` there is no letter: the caller's own says it.

    Raises MoveRefusedError when the slot is somebody else's, the person is not in the cycle, presents in this session
    already, or the session is cancelled or has begun.
    """
    cycle = _lock_cycle_of(slot_id)
    if not cycle.enrolments.filter(pk=enrolment_id).exists():
        raise MoveRefusedError(NOT_IN_CYCLE)
    enrolment = lock_enrolment(enrolment_id, cycle)
    slot = _lock_slot(slot_id, cycle)
    if slot.enrolment_id == enrolment.pk:
        return slot
    if enrolment.slots.filter(session=slot.session).exists():
        raise MoveRefusedError(_("This person presents in this session already. Choose another session."))
    with audit.act("slot.assign", by=by):
        _give(slot, enrolment, now=now, is_assigned=True, tells=tells)
    return slot


@transaction.atomic
def release_slot(*, slot_id: int, by: User, now: datetime, tells: bool = True) -> PresenterSlot:
    """Let a slot go, for oneself or, as a coordinator, for somebody; a free slot stays as it is.

    Without `tells` there is no letter: the caller's own says it.

    Raises MoveRefusedError once the session has begun: who presented stays on record.
    """
    cycle = _lock_cycle_of(slot_id)
    slot = _lock_slot(slot_id, cycle)
    enrolment = slot.enrolment
    if enrolment is None:
        return slot
    if slot.session.starts_at <= now:
        raise MoveRefusedError(_("This session has begun: who presented in it stays on record."))
    enrolment.cycle = cycle
    with audit.act("slot.release", by=by):
        taken_at = _free(slot)
    if tells:
        _tell(
            enrolment,
            slot,
            "slot_released",
            key=f"slot-released:{slot.pk}:{enrolment.pk}:{taken_at.isoformat()}",
            is_own=by.pk == enrolment.participant_id,
        )
    return slot


def release_slots_of(enrolment: Enrolment, *, by: User, now: datetime) -> int:
    """Free the coming slots of somebody who leaves the cycle, whose rows the caller has locked; returns how many.

    What was presented stays on record. No letter: the one about leaving says it all.
    """
    coming = list(_locked().filter(enrolment=enrolment, session__starts_at__gt=now).order_by("pk"))
    with audit.act("slot.release", by=by):
        for slot in coming:
            _free(slot)
    return len(coming)


def hand_over_slots(*, to: Enrolment, source: Enrolment) -> int:
    """Move every slot of `source`, past and coming, to `to` in the same cycle; returns how many moved.

    The caller has locked both. Where both present in one session, the slot of `source` becomes free.
    """
    own = set(to.slots.values_list("session_id", flat=True))
    moved = 0
    for slot in _locked().filter(enrolment=source).order_by("pk"):
        taken_at = _free(slot)
        if slot.session_id in own:
            continue
        slot.enrolment, slot.taken_at = to, taken_at
        slot.save(update_fields=["enrolment", "taken_at"])
        moved += 1
    return moved


def _lock_cycle_of(slot_id: int) -> Cycle:
    """The cycle's row first, as whatever gives or frees a place: a withdrawal cannot pass by a taking."""
    return lock_cycle(PresenterSlot.objects.values_list("session__cycle_id", flat=True).get(pk=slot_id))


def _lock_slot(slot_id: int, cycle: Cycle) -> PresenterSlot:
    slot = _locked().get(pk=slot_id)
    slot.session.cycle = cycle
    return slot


def _locked() -> QuerySet[PresenterSlot]:
    return PresenterSlot.objects.select_for_update(of=("self",)).select_related(
        "session__hub", "enrolment__participant__profile"
    )


def _give(
    slot: PresenterSlot, enrolment: Enrolment, *, now: datetime, is_assigned: bool, tells: bool = True
) -> None:
    """Write the presenter into the locked slot, and tell them."""
    if slot.session.cycle.status != Cycle.Status.PUBLISHED:
        raise MoveRefusedError(_("Slots are taken while the cycle is published."))
    if slot.session.status == EchoSession.Status.CANCELLED:
        raise MoveRefusedError(_("This session is cancelled. Choose another one."))
    if slot.session.starts_at <= now:
        raise MoveRefusedError(_("This session has begun. Choose a later one."))
    if slot.enrolment_id is not None:
        raise MoveRefusedError(_("Somebody else has taken this session. Choose another one."))
    if enrolment.status != Enrolment.Status.APPROVED:
        raise MoveRefusedError(NOT_IN_CYCLE)
    slot.enrolment, slot.taken_at = enrolment, now
    slot.save(update_fields=["enrolment", "taken_at"])
    if tells:
        _tell(
            enrolment,
            slot,
            "slot_taken",
            key=f"slot-taken:{slot.pk}:{enrolment.pk}:{now.isoformat()}",
            is_assigned=is_assigned,
        )


def _free(slot: PresenterSlot) -> datetime:
    """Take the presenter out of the locked, taken slot; returns since when they had it."""
    taken_at = slot.taken_at
    assert taken_at is not None  # constraint sessions_app_presenterslot_taken_has_time
    slot.enrolment = slot.taken_at = None
    slot.save(update_fields=["enrolment", "taken_at"])
    return taken_at


def _tell(enrolment: Enrolment, slot: PresenterSlot, step: str, *, key: str, **context: Any) -> None:
    """Queue the letter `step` in the presenter's language, once for each `key`."""
    profile, session = enrolment.participant.profile, slot.session
    queue_mail(
        key=key,
        kind="presenter",
        to=enrolment.participant.email,
        template=f"sessions_app/mail/{step}",
        context={
            "name": profile.preferred_name or profile.legal_name,
            "session": session,
            "cycle": session.cycle,
            "program": session.cycle.program,
            "url": settings.PORTAL_URL + reverse("cases:session-detail", args=[session.pk]),
            "cases_url": settings.PORTAL_URL + reverse("cases:case-list"),
            "slots_url": settings.PORTAL_URL + reverse("sessions_app:cycle-slots", args=[session.cycle_id]),
            **context,
        },
        language=profile.language,
    )
