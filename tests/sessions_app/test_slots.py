"""One slot, one presenter: taking, giving and letting go, and what happens when everybody wants the same."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from core.errors import MoveRefusedError, NotAllowedError
from core.personal import Moved
from outbox.models import OutgoingMail
from participants.models import User
from sessions_app.models import Cycle, EchoSession, Enrolment, PresenterSlot
from sessions_app.queries import presenters, turns
from sessions_app.services import assign_slot, release_slot, take_slot, withdraw
from sessions_app.services.merging import hand_over
from tests.clock import toronto
from tests.database import write
from tests.factories import make_cycle, make_enrolment, make_session, make_user
from tests.history import audit_row, events
from tests.races import THREADS, at_once

NOW = toronto(2025, 9, 20, 10)
"""Two sessions of the cycle are over then."""
LATER = NOW + timedelta(hours=1)
ROUNDS = 50


def make_slot(session: EchoSession, enrolment: Enrolment | None = None, **values: Any) -> PresenterSlot:
    if enrolment is not None:
        values.setdefault("taken_at", NOW - timedelta(days=20))
    return PresenterSlot.objects.create(session=session, enrolment=enrolment, **values)


def make_slots(cycle: Cycle) -> list[PresenterSlot]:
    return [make_slot(session) for session in cycle.sessions.order_by("starts_at")]


@pytest.fixture
def slots(db: None) -> list[PresenterSlot]:
    """A free slot in each of five sessions, two of which are over."""
    return make_slots(make_cycle(sessions=5))


@pytest.fixture
def cycle(slots: list[PresenterSlot]) -> Cycle:
    return slots[0].session.cycle


@pytest.fixture
def ann(cycle: Cycle) -> Enrolment:
    return make_enrolment(cycle, make_user("ann@clinic.example", name="Ann Lee"))


@pytest.fixture
def bo(cycle: Cycle) -> Enrolment:
    return make_enrolment(cycle, make_user("bo@clinic.example", name="Bo Chan"))


def letters(enrolment: Enrolment) -> list[str]:
    mails = OutgoingMail.objects.filter(recipient=enrolment.participant.email).order_by("pk")
    return [mail.key.split(":")[0] for mail in mails]


def holder(slot: PresenterSlot) -> Enrolment | None:
    return PresenterSlot.objects.get(pk=slot.pk).enrolment


# --- taking -----------------------------------------------------------------------------------------------------------


def test_take_slot_makes_one_the_presenter_and_says_so(slots, ann):
    person = ann.participant

    for _time in range(2):
        taken = take_slot(slot_id=slots[3].pk, by=person, now=NOW)
        assert (taken.enrolment, taken.taken_at) == (ann, NOW)

    assert letters(ann) == ["slot-taken"]
    assert audit_row(slots[3], "update") == ("slot.take", person.pk, "")
    assert events(slots[3], "update").count() == 1
    mail = OutgoingMail.objects.get()
    assert "You present a case on Thursday, October 2, 2025" in mail.subject
    assert f"/sessions/{slots[3].session_id}/" in mail.body_text


def test_take_slot_refuses_who_is_not_in_the_cycle(slots, outsider, cycle):
    gone = make_enrolment(cycle, status=Enrolment.Status.WITHDRAWN)
    waiting = make_enrolment(cycle, status=Enrolment.Status.WAITLISTED)

    with pytest.raises(NotAllowedError):
        take_slot(slot_id=slots[3].pk, by=outsider, now=NOW)
    for enrolment in (gone, waiting):
        with pytest.raises(MoveRefusedError, match="in this cycle"):
            take_slot(slot_id=slots[3].pk, by=enrolment.participant, now=NOW)

    assert holder(slots[3]) is None
    assert not OutgoingMail.objects.exists()


def test_take_slot_refuses_what_is_somebody_elses(slots, ann, bo):
    take_slot(slot_id=slots[3].pk, by=ann.participant, now=NOW)

    with pytest.raises(MoveRefusedError, match="Somebody else"):
        take_slot(slot_id=slots[3].pk, by=bo.participant, now=LATER)

    assert holder(slots[3]) == ann
    assert letters(bo) == []


@pytest.mark.parametrize("minutes", [0, 1, 24 * 60])
def test_take_slot_refuses_a_session_that_has_begun(slots, ann, minutes):
    begun = slots[3].session.starts_at + timedelta(minutes=minutes)

    with pytest.raises(MoveRefusedError, match="has begun"):
        take_slot(slot_id=slots[3].pk, by=ann.participant, now=begun)
    take_slot(slot_id=slots[3].pk, by=ann.participant, now=slots[3].session.starts_at - timedelta(minutes=1))


def test_take_slot_refuses_a_cancelled_session(slots, ann):
    session = make_session(ann.cycle, week=9, status=EchoSession.Status.CANCELLED)

    with pytest.raises(MoveRefusedError, match="is cancelled"):
        take_slot(slot_id=make_slot(session).pk, by=ann.participant, now=NOW)


@pytest.mark.parametrize("status", [Cycle.Status.PLANNED, Cycle.Status.CLOSED])
def test_slots_are_given_only_while_the_cycle_is_published(slots, ann, coordinator, status):
    write(ann.cycle, status=status, closed_at=NOW if status == "closed" else None)

    with pytest.raises(MoveRefusedError, match="published"):
        take_slot(slot_id=slots[3].pk, by=ann.participant, now=NOW)
    with pytest.raises(MoveRefusedError, match="published"):
        assign_slot(slot_id=slots[3].pk, enrolment_id=ann.pk, by=coordinator, now=NOW)


def test_take_slot_gives_one_coming_session_a_person(slots, ann, coordinator):
    make_slot(slots[0].session, ann, position=2)  # presented already: that is no hindrance
    take_slot(slot_id=slots[3].pk, by=ann.participant, now=NOW)

    with pytest.raises(MoveRefusedError, match="Let it go first"):
        take_slot(slot_id=slots[4].pk, by=ann.participant, now=NOW)
    assign_slot(slot_id=slots[4].pk, enrolment_id=ann.pk, by=coordinator, now=NOW)

    assert holder(slots[4]) == ann


def test_take_slot_after_ones_session_was_cancelled(slots, ann):
    cancelled = make_session(ann.cycle, week=9, status=EchoSession.Status.CANCELLED)
    make_slot(cancelled, ann)

    take_slot(slot_id=slots[4].pk, by=ann.participant, now=NOW)

    assert holder(slots[4]) == ann


# --- giving -----------------------------------------------------------------------------------------------------------


def test_assign_slot_gives_it_and_says_by_whom(slots, ann, coordinator):
    for _time in range(2):
        assign_slot(slot_id=slots[2].pk, enrolment_id=ann.pk, by=coordinator, now=NOW)

    assert holder(slots[2]) == ann
    assert audit_row(slots[2], "update") == ("slot.assign", coordinator.pk, "")
    assert "The coordinator has given you" in OutgoingMail.objects.get().body_text


def test_assign_slot_refuses_what_is_taken_and_who_presents_there_already(slots, ann, bo, coordinator):
    second = make_slot(slots[2].session, position=2)
    assign_slot(slot_id=slots[2].pk, enrolment_id=ann.pk, by=coordinator, now=NOW)

    with pytest.raises(MoveRefusedError, match="Somebody else"):
        assign_slot(slot_id=slots[2].pk, enrolment_id=bo.pk, by=coordinator, now=NOW)
    with pytest.raises(MoveRefusedError, match="in this session already"):
        assign_slot(slot_id=second.pk, enrolment_id=ann.pk, by=coordinator, now=NOW)

    assert (holder(slots[2]), holder(second)) == (ann, None)


def test_assign_slot_to_somebody_of_another_cycle_is_refused(slots, coordinator):
    stranger = make_enrolment(make_cycle())

    with pytest.raises(MoveRefusedError, match="in this cycle"):
        assign_slot(slot_id=slots[2].pk, enrolment_id=stranger.pk, by=coordinator, now=NOW)

    assert holder(slots[2]) is None


# --- letting go -------------------------------------------------------------------------------------------------------


def test_release_slot_frees_it_once(slots, ann):
    take_slot(slot_id=slots[3].pk, by=ann.participant, now=NOW)

    for _time in range(2):
        free = release_slot(slot_id=slots[3].pk, by=ann.participant, now=LATER)
        assert (free.enrolment, free.taken_at) == (None, None)

    assert letters(ann) == ["slot-taken", "slot-released"]
    assert audit_row(slots[3], "update") == ("slot.release", ann.participant_id, "")
    assert "You have let go" in OutgoingMail.objects.latest("pk").body_text


def test_slot_that_is_let_go_can_be_taken_again_and_each_time_is_told(slots, ann, bo):
    for hours, enrolment in enumerate([ann, bo, ann]):
        now = NOW + timedelta(hours=hours)
        take_slot(slot_id=slots[3].pk, by=enrolment.participant, now=now)
        release_slot(slot_id=slots[3].pk, by=enrolment.participant, now=now + timedelta(minutes=5))

    assert letters(ann) == ["slot-taken", "slot-released"] * 2
    assert letters(bo) == ["slot-taken", "slot-released"]


def test_release_slot_by_a_coordinator_is_told_as_theirs(slots, ann, coordinator):
    take_slot(slot_id=slots[3].pk, by=ann.participant, now=NOW)
    release_slot(slot_id=slots[3].pk, by=coordinator, now=LATER)

    assert "The coordinator has freed" in OutgoingMail.objects.latest("pk").body_text


def test_release_slot_keeps_who_presented(slots, ann):
    take_slot(slot_id=slots[3].pk, by=ann.participant, now=NOW)

    with pytest.raises(MoveRefusedError, match="has begun"):
        release_slot(slot_id=slots[3].pk, by=ann.participant, now=slots[3].session.starts_at)

    assert holder(slots[3]) == ann


def test_withdrawing_frees_the_coming_slots_and_keeps_the_past_ones(slots, ann, bo):
    presented = make_slot(slots[0].session, ann, position=2)
    take_slot(slot_id=slots[3].pk, by=ann.participant, now=NOW)
    take_slot(slot_id=slots[4].pk, by=bo.participant, now=NOW)

    withdraw(enrolment_id=ann.pk, by=ann.participant, now=LATER)

    assert [holder(slot) for slot in (presented, slots[3], slots[4])] == [ann, None, bo]
    assert audit_row(slots[3], "update") == ("enrolment.withdraw", ann.participant_id, "")
    assert "slot-released" not in letters(ann)


def test_merging_hands_every_slot_over(slots, ann, bo, coordinator):
    presented = make_slot(slots[0].session, bo, position=2)
    coming = make_slot(slots[3].session, bo, position=2)
    both = make_slot(slots[4].session, bo, position=2), make_slot(slots[4].session, ann, position=3)
    moved = Moved()

    hand_over(to=ann, source=bo, by=coordinator, now=NOW, moved=moved)

    assert [holder(slot) for slot in (presented, coming, *both)] == [ann, ann, None, ann]
    assert moved.counts["slots"] == 2
    coming.refresh_from_db()
    assert coming.taken_at == NOW - timedelta(days=20)


# --- whose turn it is -------------------------------------------------------------------------------------------------


def test_presenters_are_in_the_order_of_their_turn(slots, ann, bo):
    cycle = ann.cycle
    late = make_enrolment(cycle, enrolled_on=cycle.starts_on + timedelta(days=3))
    make_enrolment(cycle, status=Enrolment.Status.WITHDRAWN)
    make_slot(slots[0].session, ann, position=2)
    make_slot(slots[1].session, ann, position=2)
    make_slot(slots[3].session, bo, position=2)
    cancelled = make_session(cycle, week=9, status=EchoSession.Status.CANCELLED)
    make_slot(cancelled, late)
    early = make_enrolment(cycle)

    found = [
        (person, vars(person)["presented"], vars(person)["coming"]) for person in presenters(cycle, now=NOW)
    ]

    assert found == [(early, 0, 0), (late, 0, 0), (bo, 0, 1), (ann, 2, 0)]
    assert (turns(cycle).people, turns(cycle).with_slot) == (4, 2)


# --- races ------------------------------------------------------------------------------------------------------------


def participant_of(slot: PresenterSlot) -> User:
    assert slot.enrolment is not None
    return slot.enrolment.participant


@pytest.mark.django_db(transaction=True)
def test_one_slot_wanted_by_twenty_at_once_has_one_presenter():
    cycle = make_cycle(sessions=5)
    people = [make_enrolment(cycle).participant for _person in range(THREADS)]
    session = cycle.sessions.latest("starts_at")

    for number in range(1, ROUNDS + 1):
        slot = make_slot(session, position=number)
        results = at_once([partial(take_slot, slot_id=slot.pk, by=person, now=NOW) for person in people])

        winners = [result for result in results if isinstance(result, PresenterSlot)]
        losers = [result for result in results if isinstance(result, MoveRefusedError)]
        assert (len(winners), len(losers)) == (1, THREADS - 1), results
        assert holder(slot) == winners[0].enrolment
        assert events(slot, "update").count() == 1
        # Free the winner for the next round.
        release_slot(slot_id=slot.pk, by=participant_of(winners[0]), now=NOW)


@pytest.mark.django_db(transaction=True)
def test_one_person_in_twenty_windows_at_once_takes_one_session():
    cycle = make_cycle(sessions=0)
    person = make_enrolment(cycle).participant
    free = [make_slot(make_session(cycle, week=3 + week)) for week in range(THREADS)]

    results = at_once([partial(take_slot, slot_id=slot.pk, by=person, now=NOW) for slot in free])

    assert sum(isinstance(result, PresenterSlot) for result in results) == 1, results
    assert PresenterSlot.objects.filter(enrolment__participant=person).count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(5))
def test_taking_and_leaving_at_once_leaves_no_slot_with_somebody_who_left(_round):
    cycle = make_cycle(sessions=5)
    enrolment = make_enrolment(cycle)
    slot = make_slot(cycle.sessions.latest("starts_at"))

    at_once(
        [
            partial(take_slot, slot_id=slot.pk, by=enrolment.participant, now=NOW),
            partial(withdraw, enrolment_id=enrolment.pk, by=enrolment.participant, now=NOW),
        ]
    )

    enrolment.refresh_from_db()
    assert (enrolment.status, holder(slot)) == ("withdrawn", None)
