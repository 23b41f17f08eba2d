"""Letting somebody off a condition of the certificate: one person asks with a reason, another decides (rule 13)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError, MoveRefusedError
from credits.models import Waiver
from credits.queries import enrolment_ledger
from credits.rules import Missing
from participants.models import User
from sessions_app.models import Enrolment


class NotYoursError(MoveRefusedError):
    """Somebody wants to decide about what they asked for, or what is for themselves."""


@transaction.atomic
def ask_waiver(*, enrolment_id: int, condition: str, reason: str, by: User, now: datetime) -> Waiver:
    """Ask that an enrolment be let off a survey it has not answered. It counts when a second person has granted it.

    Raises BadInputError without a reason or for a condition that cannot be waived, and MoveRefusedError for one that
    is met, waived or asked for already, or for one's own enrolment.
    """
    enrolment = Enrolment.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=enrolment_id)
    if condition not in Waiver.Condition.values:
        raise BadInputError(_("Only the surveys and the reflection question can be waived."))
    if not reason.strip():
        raise BadInputError(_("Give the reason: an auditor will ask."))
    if enrolment.participant_id == by.pk:
        raise NotYoursError(_("Nobody asks for a waiver for themselves."))
    if enrolment.waivers.filter(condition=condition, status=Waiver.Status.ASKED).exists():
        raise MoveRefusedError(_("This waiver is asked for already, and waits for a second person."))
    if Missing(condition) not in enrolment_ledger(enrolment).missing:
        raise MoveRefusedError(_("This condition is met already: nothing is to be waived."))
    with audit.act("waiver.ask", by=by, reason=reason.strip()):
        return Waiver.objects.create(
            enrolment=enrolment,
            condition=condition,
            reason=reason.strip()[:300],
            asked_by=by,
            asked_at=now,
        )


@transaction.atomic
def decide_waiver(*, waiver_id: int, grant: bool, by: User, now: datetime) -> Waiver:
    """Grant or refuse a waiver. Granting takes a second person; who asked may take the request back by refusing it.

    Raises NotYoursError for who asked and wants to grant, or is the participant, and MoveRefusedError for a waiver that
    is decided. In a cycle that is closed the certificate follows by itself (rule 19).
    """
    waiver = Waiver.objects.select_for_update(of=("self",)).select_related("enrolment").get(pk=waiver_id)
    if waiver.status != Waiver.Status.ASKED:
        raise MoveRefusedError(_("This waiver is decided already."))
    if grant and waiver.asked_by_id == by.pk:
        raise NotYoursError(_("You asked for this waiver: somebody else has to grant it."))
    if waiver.enrolment.participant_id == by.pk:
        raise NotYoursError(_("Nobody decides about a waiver for themselves."))
    with audit.act("waiver.grant" if grant else "waiver.refuse", by=by):
        waiver.status = Waiver.Status.GRANTED if grant else Waiver.Status.REFUSED
        waiver.decided_by, waiver.decided_at = by, now
        waiver.save(update_fields=["status", "decided_by", "decided_at"])
    return waiver
