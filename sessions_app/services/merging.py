"""Two enrolments of one person in one cycle: which survives, and what the other hands over."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _

from core.personal import Moved
from participants.models import User
from sessions_app.models import Attendance, Cycle, Enrolment, PlaceOffer
from sessions_app.services.places import offer_places
from sessions_app.services.slots import hand_over_slots
from sessions_app.services.standing import close_offer, decide
from sessions_app.states import ENROLMENT_MOVES, may_move

Status = Enrolment.Status
STANDING = (Status.DECLINED, Status.WITHDRAWN, Status.APPLIED, Status.WAITLISTED, Status.APPROVED)
"""From the weakest to the strongest: of two enrolments in a cycle, the stronger survives."""


def shared_enrolments(*, kept: AbstractBaseUser, gone: AbstractBaseUser) -> list[tuple[Enrolment, Enrolment]]:
    """The cycles that both accounts are in, each as (enrolment of `kept`, enrolment of `gone`), in a fixed order."""
    theirs = {enrolment.cycle_id: enrolment for enrolment in Enrolment.objects.filter(participant=gone.pk)}
    own = Enrolment.objects.filter(participant=kept.pk, cycle__in=theirs).select_related("cycle__program")
    return [(enrolment, theirs[enrolment.cycle_id]) for enrolment in own.order_by("cycle_id")]


def lock_enrolments(accounts: Sequence[AbstractBaseUser]) -> None:
    """Lock the cycles that the accounts are in, then the enrolments: the order in which every service takes them."""
    ids = [account.pk for account in accounts]
    list(
        Cycle.objects.select_for_update(of=("self",))
        .filter(pk__in=Enrolment.objects.filter(participant__in=ids).values("cycle"))
        .order_by("pk")
        .values_list("pk")
    )
    list(
        Enrolment.objects.select_for_update(of=("self",))
        .filter(participant__in=ids)
        .order_by("pk")
        .values_list("pk")
    )


def is_stronger(one: Enrolment, other: Enrolment) -> bool:
    """Whether `one` gets further in its cycle than `other`: a place beats the waiting list, and so on."""
    order = [status.value for status in STANDING]
    return order.index(one.status) > order.index(other.status)


def exchange(one: Enrolment, other: Enrolment) -> None:
    """Give each enrolment the other's participant; what hangs on an enrolment stays with it."""
    first, second = one.participant_id, other.participant_id
    # Nobody has two enrolments in a cycle, not even for a moment: one of them is nobody's meanwhile. The foreign key
    # is checked when the transaction ends.
    Enrolment.objects.filter(pk=one.pk).update(participant_id=-first)
    Enrolment.objects.filter(pk=other.pk).update(participant_id=first)
    Enrolment.objects.filter(pk=one.pk).update(participant_id=second)


def hand_over(*, to: Enrolment, source: Enrolment, by: User, now: datetime, moved: Moved) -> None:
    """Move what `source` has to `to` in the same cycle, and leave `source` as an empty, withdrawn record."""
    moved.add("attendances", _hand_over_attendance(to=to, source=source, by=by, now=now))
    moved.add("slots", hand_over_slots(to=to, source=source))
    known_names = to.names_given.values("unmatched")
    source.names_given.filter(unmatched__in=known_names).delete()
    moved.add("names_on_reports", source.names_given.update(enrolment=to))
    known = to.application_answers.values("question")
    moved.add(
        "application_answers",
        source.application_answers.exclude(question__in=known).update(enrolment=to),
    )
    # Who was let in earlier, or waits longer, is the same person.
    to.enrolled_on = min(filter(None, (to.enrolled_on, source.enrolled_on)), default=None)
    if to.waitlisted_at and source.waitlisted_at:
        to.waitlisted_at = min(to.waitlisted_at, source.waitlisted_at)
    to.save(update_fields=["enrolled_on", "waitlisted_at"])
    if may_move(ENROLMENT_MOVES, source.status, Status.WITHDRAWN):
        close_offer(source, outcome=PlaceOffer.Outcome.DECLINED, now=now)
        decide(source, Status.WITHDRAWN, by=by, now=now)
        offer_places(to.cycle, now=now)
    moved.add("enrolments_joined", 1)


def _hand_over_attendance(*, to: Enrolment, source: Enrolment, by: User, now: datetime) -> int:
    """Minutes move where there are none; where there are, the greater stay, with their reason (rule 7)."""
    own = {attendance.session_id: attendance for attendance in to.attendances.all()}
    count = 0
    for theirs in source.attendances.order_by("session_id"):
        mine = own.get(theirs.session_id)
        if mine is None:
            theirs.enrolment = to
            theirs.save(update_fields=["enrolment"])
        elif (not theirs.is_guest, theirs.minutes) > (not mine.is_guest, mine.minutes):
            mine.minutes, mine.is_guest = theirs.minutes, theirs.is_guest
            mine.source = Attendance.Source.MANUAL
            mine.reason = _("Two accounts of one person were merged: the longer presence counts.")
            mine.recorded_at, mine.recorded_by = now, by
            mine.save(update_fields=["minutes", "is_guest", "source", "reason", "recorded_at", "recorded_by"])
        else:
            continue
        count += 1
    return count
