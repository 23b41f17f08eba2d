"""What a session is about, where it meets, which objectives it serves, and how many cases are presented in it."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import audit
from core.errors import BadInputError, MoveRefusedError
from participants.models import User
from sessions_app.models import EchoSession, Objective, PresenterSlot, SessionObjective
from sessions_app.services.notices import notify_change
from sessions_app.services.seasons import MAX_SLOTS
from sessions_app.services.standing import lock_cycle


@transaction.atomic
def change_session(*, session: EchoSession, fields: Collection[str], by: User, now: datetime) -> EchoSession:
    """Write these fields of the session as they stand on it, and tell its people of another meeting link.

    Nothing else of the row is written: what was moved or cancelled meanwhile stays so.
    """
    lock_cycle(session.cycle_id)
    before = EchoSession.objects.select_for_update().get(pk=session.pk)
    with audit.act("session.change", by=by):
        session.save(update_fields=list(fields))
        if "meeting_url" in fields and session.meeting_url != before.meeting_url:
            notify_change(before=before, now=now)
    session.refresh_from_db(fields=["status", "starts_at", "ends_at", "sequence"])
    return session


@transaction.atomic
def set_objectives(*, session_id: int, objective_ids: Collection[int], by: User) -> None:
    """Make these the objectives that the session serves. Raises BadInputError for one of another program."""
    session = EchoSession.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=session_id)
    wanted = set(objective_ids)
    own = Objective.objects.filter(program=session.cycle.program_id, pk__in=wanted)
    if own.count() < len(wanted):
        raise BadInputError(_("Choose among the objectives of the session's own program."))
    present = set(session.session_objectives.values_list("objective_id", flat=True))
    with audit.act("session.objectives", by=by):
        session.session_objectives.exclude(objective__in=wanted).delete()
        SessionObjective.objects.bulk_create(
            SessionObjective(session=session, objective_id=pk) for pk in sorted(wanted - present)
        )


@transaction.atomic
def set_slots(*, session_id: int, count: int, by: User) -> None:
    """Give the session `count` presenter slots: free ones are added behind the last, or taken away from there.

    Raises BadInputError outside 0 to MAX_SLOTS, and MoveRefusedError for fewer than are taken.
    """
    if not 0 <= count <= MAX_SLOTS:
        raise BadInputError(_("A session has up to %(most)d presenter slots.") % {"most": MAX_SLOTS})
    lock_cycle(EchoSession.objects.values_list("cycle_id", flat=True).get(pk=session_id))
    EchoSession.objects.select_for_update().get(pk=session_id)
    slots = list(PresenterSlot.objects.select_for_update().filter(session=session_id).order_by("position"))
    surplus = len(slots) - count
    free = [slot.pk for slot in slots if slot.enrolment_id is None]
    if surplus > len(free):
        raise MoveRefusedError(slots_taken(len(slots) - len(free)))
    last = slots[-1].position if slots else 0
    with audit.act("session.slots", by=by):
        if surplus > 0:
            PresenterSlot.objects.filter(pk__in=free[-surplus:]).delete()
        PresenterSlot.objects.bulk_create(
            PresenterSlot(session_id=session_id, position=last + step) for step in range(1, -surplus + 1)
        )


def slots_taken(count: int) -> str:
    """Why there cannot be fewer slots."""
    return ngettext(
        "%(count)d slot is taken. Free it before you remove it.",
        "%(count)d slots are taken. Free some before you remove them.",
        count,
    ) % {"count": count}
