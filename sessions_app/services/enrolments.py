"""How people join a cycle and leave it."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError, DomainError, MoveRefusedError
from participants.models import Profile, User
from participants.queries import has_agreed_to_participate
from sessions_app.models import ApplicationAnswer, Cycle, Enrolment, PlaceOffer
from sessions_app.models.registration import MAX_ANSWER
from sessions_app.queries import earlier_answers, invitation_for, waiting_list
from sessions_app.services import letters
from sessions_app.services.places import offer_places
from sessions_app.services.slots import release_slots_of
from sessions_app.services.standing import (
    admit,
    close_offer,
    decide,
    has_free_place,
    leave,
    lock_cycle,
    lock_enrolment,
    require_move,
)

Status = Enrolment.Status
STANDING = frozenset({Status.APPLIED, Status.APPROVED, Status.WAITLISTED})
"""Whoever is in one of these has applied; applying again leaves it as it is."""


class CycleFullError(DomainError):
    """The cycle has no free place."""


@transaction.atomic
def apply_to_cycle(
    *, cycle_id: int, by: User, now: datetime, answers: Mapping[int, str] | None = None
) -> Enrolment:
    """Apply for a place. Applying twice, at once even, leaves one application as it is.

    `answers` maps a question's id to text, or to "yes" or "no". Where the cycle admits at once, or a coordinator
    invited the person as approved in advance, the application is decided here: a place while one is free and nobody
    waits for it, else the waiting list. A live invitation opens registration for the person it was sent to.

    Raises BadInputError when registration is closed, the profile is not filled in, the participation agreement is not
    accepted or a required answer is missing, and MoveRefusedError for somebody whose application was declined.
    """
    cycle = lock_cycle(cycle_id)
    if not Profile.objects.filter(user=by).exists():
        raise BadInputError(_("Fill in your profile first: it decides which credits you earn."))
    enrolment = Enrolment.objects.filter(cycle=cycle, participant=by).first()
    if enrolment is not None and enrolment.status in STANDING:
        return enrolment
    invitation = invitation_for(cycle_id=cycle.pk, user=by, now=now)
    is_open = cycle.is_open_for_registration(now=now) or (
        invitation is not None and cycle.status == Cycle.Status.PUBLISHED
    )
    if not is_open:
        raise BadInputError(_("Registration for this cycle is not open."))
    if not has_agreed_to_participate(by):
        raise BadInputError(_("Read the participation agreement and agree to it first."))
    with audit.act("enrolment.apply", by=by):
        if enrolment is None:
            enrolment = Enrolment.objects.create(cycle=cycle, participant=by, applied_at=now)
        else:
            require_move(enrolment, Status.APPLIED)
            enrolment.status, enrolment.applied_at = Status.APPLIED, now
            enrolment.save(update_fields=["status", "applied_at"])
        enrolment.cycle = cycle
        _keep_answers(enrolment, answers or {})
        if invitation is not None and invitation.account_id is None:
            invitation.account = by
            invitation.save(update_fields=["account"])
        is_preapproved = invitation is not None and invitation.is_preapproved
        if cycle.admission == Cycle.Admission.AUTOMATIC or is_preapproved:
            _decide_at_once(enrolment, now=now)
        else:
            letters.tell_received(enrolment)
    return enrolment


@transaction.atomic
def decide_enrolment(
    *, enrolment_id: int, to: Enrolment.Status, by: User, now: datetime, enrolled_on: date | None = None
) -> Enrolment:
    """Approve, put on the waiting list or decline an application; the participant is told by mail, once.

    `enrolled_on` is the first day that counts (rule 12): the day of the approval, or the cycle's first day when
    somebody is approved before it; a coordinator may name an earlier one. Who comes back keeps their first day.
    Raises MoveRefusedError for a move that is not allowed, and CycleFullError when no place is free.
    """
    # The cycle is locked before the enrolment and by everybody, so that two approvals at once cannot share the last
    # place. The database counts again (trigger enrolment_gets_a_place), whoever writes.
    cycle = lock_cycle(Enrolment.objects.values_list("cycle_id", flat=True).get(pk=enrolment_id))
    enrolment = lock_enrolment(enrolment_id, cycle)
    require_move(enrolment, to)
    with audit.act(f"enrolment.{to.value}", by=by):
        if to == Status.APPROVED:
            if not has_free_place(cycle, besides=enrolment):
                raise CycleFullError(
                    _(
                        "All %(places)d places of this cycle are taken. Put the application on the waiting list."
                    )
                    % {"places": cycle.capacity}
                )
            admit(enrolment, by=by, now=now, enrolled_on=enrolled_on)
        elif to == Status.WAITLISTED:
            _put_on_waiting_list(enrolment, by=by, now=now)
            # Somebody may be put on the list while places are free: they are asked at once.
            offer_places(cycle, now=now)
        else:
            close_offer(enrolment, outcome=PlaceOffer.Outcome.DECLINED, now=now)
            decide(enrolment, to, by=by, now=now)
            letters.tell_declined(enrolment)
            offer_places(cycle, now=now)
    return enrolment


@transaction.atomic
def withdraw(*, enrolment_id: int, by: User, now: datetime) -> Enrolment:
    """Leave a cycle, or take an application back. What was attended stays on record; a freed place is offered on.

    Coming sessions in which they were to present are free for somebody else.
    Raises MoveRefusedError for somebody who is not in it, and once the cycle is closed.
    """
    cycle = lock_cycle(Enrolment.objects.values_list("cycle_id", flat=True).get(pk=enrolment_id))
    enrolment = lock_enrolment(enrolment_id, cycle)
    if cycle.status == Cycle.Status.CLOSED:
        raise MoveRefusedError(_("This cycle is closed: what was attended and earned in it stays."))
    require_move(enrolment, Status.WITHDRAWN)
    with audit.act("enrolment.withdraw", by=by):
        leave(enrolment, by=by, because="wish" if by.pk == enrolment.participant_id else "office", now=now)
        release_slots_of(enrolment, by=by, now=now)
        offer_places(cycle, now=now)
    return enrolment


def _put_on_waiting_list(enrolment: Enrolment, *, by: User | None, now: datetime) -> None:
    enrolment.waitlisted_at = now
    decide(enrolment, Status.WAITLISTED, by=by, now=now)
    letters.tell_waitlisted(enrolment)


def _decide_at_once(enrolment: Enrolment, *, now: datetime) -> None:
    """A place if one is free and nobody waits for it: who waits was there first."""
    cycle = enrolment.cycle
    if has_free_place(cycle) and not waiting_list(cycle).exists():
        admit(enrolment, by=None, now=now)
    else:
        _put_on_waiting_list(enrolment, by=None, now=now)
        offer_places(cycle, now=now)


def _keep_answers(enrolment: Enrolment, answers: Mapping[int, str]) -> None:
    """Write the answers; a question asked once is answered with what the person said in an earlier cycle."""
    earlier = earlier_answers(enrolment.participant, enrolment.cycle)
    rows = []
    for question in enrolment.cycle.questions.all():
        text = answers.get(question.pk, "").replace("\x00", "").strip()
        if not text and question.is_asked_once:
            text = earlier.get(question.key, "")
        if len(text) > MAX_ANSWER:
            raise BadInputError(_("This answer is too long: keep it under 2,000 characters."))
        if question.kind == question.Kind.YES_NO and text not in {"", "yes", "no"}:
            raise BadInputError(_("Answer with yes or no."))
        if not text and question.is_required:
            raise BadInputError(_("Some questions still need an answer."))
        if text:
            rows.append(ApplicationAnswer(enrolment=enrolment, question=question, text=text))
    enrolment.application_answers.all().delete()
    ApplicationAnswer.objects.bulk_create(rows)
