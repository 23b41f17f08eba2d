"""How people join a cycle and leave it."""

from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError, DomainError, MoveRefusedError
from outbox.services import queue_mail
from participants.models import Profile, User
from sessions_app.models import Cycle, Enrolment
from sessions_app.queries import approved_enrolments
from sessions_app.states import ENROLMENT_MOVES, may_move


class CycleFullError(DomainError):
    """The cycle has no free place."""


@transaction.atomic
def apply_to_cycle(*, cycle_id: int, by: User, now: datetime) -> Enrolment:
    """Apply for a place. Applying twice, at once even, leaves one application.

    Raises BadInputError when registration is closed or the profile is not filled in, and MoveRefusedError for
    somebody whose application was declined.
    """
    cycle = Cycle.objects.select_for_update().get(pk=cycle_id)
    if not Profile.objects.filter(user=by).exists():
        raise BadInputError(_("Fill in your profile first: it decides which credits you earn."))
    enrolment = Enrolment.objects.filter(cycle=cycle, participant=by).first()
    if enrolment is not None and enrolment.status in {
        Enrolment.Status.APPLIED,
        Enrolment.Status.APPROVED,
        Enrolment.Status.WAITLISTED,
    }:
        return enrolment
    if not cycle.is_open_for_registration(now=now):
        raise BadInputError(_("Registration for this cycle is not open."))
    with audit.act("enrolment.apply", by=by):
        if enrolment is None:
            return Enrolment.objects.create(cycle=cycle, participant=by, applied_at=now)
        _require_move(enrolment, Enrolment.Status.APPLIED)
        enrolment.status = Enrolment.Status.APPLIED
        enrolment.applied_at = now
        enrolment.save(update_fields=["status", "applied_at"])
        return enrolment


@transaction.atomic
def decide_enrolment(
    *, enrolment_id: int, to: Enrolment.Status, by: User, now: datetime, enrolled_on: date | None = None
) -> Enrolment:
    """Approve, put on the waiting list or decline an application.

    `enrolled_on` is the first day that counts (rule 12): the day of the approval, or the cycle's first day when
    somebody is approved before it; a coordinator may name an earlier one. The approved get a mail, once.
    Raises MoveRefusedError for a move that is not allowed, and CycleFullError when no place is free.
    """
    cycle_id = Enrolment.objects.values_list("cycle_id", flat=True).get(pk=enrolment_id)
    # Locked before the enrolment and by everybody, so that two approvals at once cannot share the last place.
    cycle = Cycle.objects.select_for_update(of=("self",)).select_related("program").get(pk=cycle_id)
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("participant__profile")
        .get(pk=enrolment_id)
    )
    _require_move(enrolment, to)
    if to == Enrolment.Status.APPROVED:
        if cycle.capacity is not None and approved_enrolments(cycle).count() >= cycle.capacity:
            raise CycleFullError(
                _("All %(places)d places of this cycle are taken. Put the application on the waiting list.")
                % {"places": cycle.capacity}
            )
        enrolment.enrolled_on = enrolled_on or max(timezone.localdate(now), cycle.starts_on)
    with audit.act(f"enrolment.{to.value}", by=by):
        enrolment.status = to
        enrolment.decided_at, enrolment.decided_by = now, by
        enrolment.save(update_fields=["status", "enrolled_on", "decided_at", "decided_by"])
        if to == Enrolment.Status.APPROVED:
            _tell_approved(enrolment, cycle)
    return enrolment


@transaction.atomic
def withdraw(*, enrolment_id: int, by: User, now: datetime) -> Enrolment:
    """Leave a cycle, or take an application back. What was attended stays on record.

    Raises MoveRefusedError for somebody who is not in it.
    """
    enrolment = Enrolment.objects.select_for_update(of=("self",)).get(pk=enrolment_id)
    _require_move(enrolment, Enrolment.Status.WITHDRAWN)
    with audit.act("enrolment.withdraw", by=by):
        enrolment.status = Enrolment.Status.WITHDRAWN
        enrolment.decided_at, enrolment.decided_by = now, by
        enrolment.save(update_fields=["status", "decided_at", "decided_by"])
    return enrolment


def _require_move(enrolment: Enrolment, to: Enrolment.Status) -> None:
    if not may_move(ENROLMENT_MOVES, enrolment.status, to):
        raise MoveRefusedError(
            _("An enrolment that is “%(old)s” cannot become “%(new)s”.")
            % {"old": enrolment.get_status_display(), "new": to.label}
        )


def _tell_approved(enrolment: Enrolment, cycle: Cycle) -> None:
    profile = enrolment.participant.profile
    queue_mail(
        key=f"enrolment-approved:{enrolment.pk}:{enrolment.applied_at.isoformat()}",
        kind="enrolment",
        to=enrolment.participant.email,
        template="sessions_app/mail/approved",
        context={
            "name": profile.preferred_name or profile.legal_name,
            "cycle": cycle,
            "program": cycle.program,
            "url": settings.PORTAL_URL + reverse("credits:cycle-detail", args=[cycle.pk]),
        },
        language=profile.language,
    )
