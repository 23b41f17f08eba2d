"""A case gets its session with a slot for its presenter, another one where need be, and is presented there."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from cases.models import CaseSubmission
from cases.queries import is_to_reschedule, session_cases, sessions_for
from cases.services import mark_presented, present_held_cases, schedule_case
from cases.states import CaseStatus
from cases.tasks import present_held_cases as present_task
from core.errors import BadInputError, MoveRefusedError
from outbox.models import OutgoingMail
from sessions_app.models import EchoSession
from sessions_app.services import release_slot, take_slot, withdraw
from tests.cases.reviewing import mails
from tests.clock import toronto
from tests.database import write
from tests.factories import (
    make_case,
    make_cycle,
    make_enrolment,
    make_hub_member,
    make_session,
    make_slot,
    make_user,
)
from tests.history import audit_row, events
from tests.races import THREADS, at_once

pytestmark = pytest.mark.django_db

NOW = toronto(2025, 9, 21, 10)
Status = EchoSession.Status


def coming(case: CaseSubmission, *, week: int = 4, slots: int = 1, **values: Any) -> EchoSession:
    """A session of the case's cycle, `week` weeks after its first day, with free slots."""
    session = make_session(case.presenter.cycle, week=week, **{"status": Status.CONFIRMED} | values)
    for _number in range(slots):
        make_slot(session)
    return session


@pytest.fixture
def case(db: None) -> CaseSubmission:
    return make_case(status="approved")


def schedule(case: CaseSubmission, session: EchoSession, by: Any, *, now: datetime = NOW) -> CaseSubmission:
    return schedule_case(case_id=case.pk, session_id=session.pk, by=by, now=now)


def test_case_gets_its_session_and_its_presenter_a_free_slot(case, coordinator):
    member = make_hub_member(case.presenter.cycle.program)
    session = coming(case)

    schedule(case, session, coordinator)

    case.refresh_from_db()
    assert (case.status, case.session, case.moved_at) == ("scheduled", session, NOW)
    slot = session.slots.get()
    assert (slot.enrolment, slot.taken_at) == (case.presenter, NOW)
    assert audit_row(case, "update") == ("case.schedule", coordinator.pk, "")
    assert audit_row(slot, "update") == ("case.schedule", coordinator.pk, "")
    day = "Thursday, October 9, 2025"
    assert mails() == [
        (case.presenter.participant.email, f"Your case {case.echo_id} is presented on {day}"),
        (member.user.email, f"Case {case.echo_id} is presented on {day}"),
    ]
    assert not OutgoingMail.objects.filter(kind="presenter").exists(), "one letter says it all"


def test_presenters_own_slot_is_used(case, coordinator):
    session = coming(case, slots=1)
    own = make_slot(session, case.presenter)

    schedule(case, session, coordinator)

    assert session.slots.filter(enrolment=None).count() == 1
    assert events(own, "update").count() == 0


def test_case_is_scheduled_once(case, coordinator):
    session = coming(case)
    schedule(case, session, coordinator)
    count = events(case).count()

    schedule(case, session, coordinator, now=NOW + timedelta(days=1))

    assert events(case).count() == count
    assert len(mails()) == 1


def test_case_is_rescheduled_with_its_slot(case, coordinator):
    first, second = coming(case), coming(case, week=5)
    schedule(case, first, coordinator)

    schedule(case, second, coordinator, now=NOW + timedelta(days=1))

    case.refresh_from_db()
    assert (case.status, case.session) == ("scheduled", second)
    assert first.slots.get().enrolment is None
    assert second.slots.get().enrolment == case.presenter
    assert audit_row(case, "update") == ("case.reschedule", coordinator.pk, "")
    mail = OutgoingMail.objects.filter(kind="case").latest("pk")
    assert "has another session" in mail.body_text


def test_slot_stays_where_another_case_of_the_presenter_is(case, coordinator):
    first, second = coming(case), coming(case, week=5)
    schedule(case, first, coordinator)
    make_case(case.presenter, status="scheduled", session=first)

    schedule(case, second, coordinator)

    assert first.slots.get().enrolment == case.presenter


def test_case_of_a_cancelled_session_gets_another(case, coordinator):
    first, second = coming(case), coming(case, week=5)
    schedule(case, first, coordinator)
    write(first, status=Status.CANCELLED)

    schedule(case, second, coordinator)

    case.refresh_from_db()
    assert case.session == second


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"status": Status.CANCELLED}, "cancelled or over"),
        ({"status": Status.HELD}, "cancelled or over"),
        ({"week": 1}, "cancelled or over"),
        ({"slots": 0}, "Every slot of this session is taken"),
    ],
)
def test_case_is_not_scheduled_where_it_cannot_be_presented(case, coordinator, values, message):
    session = coming(case, **values)

    with pytest.raises(MoveRefusedError, match=message):
        schedule(case, session, coordinator)

    case.refresh_from_db()
    assert (case.status, case.session) == ("approved", None)
    assert mails() == []


def test_session_is_of_the_presenters_own_cycle(case, coordinator):
    elsewhere = make_session(make_cycle(case.presenter.cycle.program), week=4, status=Status.CONFIRMED)
    make_slot(elsewhere)

    with pytest.raises(BadInputError, match="own cycle"):
        schedule(case, elsewhere, coordinator)


def test_presenter_who_has_left_the_cycle_gets_no_slot(case, coordinator):
    write(case.presenter, status="withdrawn")

    with pytest.raises(MoveRefusedError, match="in this cycle"):
        schedule(case, coming(case), coordinator)


@pytest.mark.parametrize("status", sorted(set(CaseStatus) - {CaseStatus.APPROVED, CaseStatus.SCHEDULED}))
def test_only_an_approved_case_is_scheduled(coordinator, status):
    case = make_case(status=status.value)

    with pytest.raises(MoveRefusedError):
        schedule(case, coming(case), coordinator)

    assert mails() == []


@pytest.mark.django_db(transaction=True)
def test_two_cases_at_once_share_no_slot():
    coordinator, cycle = make_user(is_staff=True), make_cycle(sessions=1)
    cases = [make_case(make_enrolment(cycle), status="approved") for _number in range(6)]
    session = coming(cases[0], slots=2)

    results = at_once([partial(schedule, case, session, coordinator) for case in cases])

    assert sum(isinstance(result, CaseSubmission) for result in results) == 2
    assert sum(isinstance(result, MoveRefusedError) for result in results) == 4
    assert CaseSubmission.objects.filter(status="scheduled", session=session).count() == 2


@pytest.mark.django_db(transaction=True)
def test_case_scheduled_twenty_times_at_once_is_scheduled_once():
    coordinator, case = make_user(is_staff=True), make_case(status="approved")
    session = coming(case, slots=2)

    results = at_once([partial(schedule, case, session, coordinator)] * THREADS)

    assert all(isinstance(result, CaseSubmission) for result in results)
    assert session.slots.filter(enrolment=None).count() == 1
    assert len(mails()) == 1


# --- presented ------------------------------------------------------------------------------------------------------


def scheduled(*, ends: datetime, status: str = Status.CONFIRMED, **presenter: Any) -> CaseSubmission:
    enrolment = make_enrolment(make_cycle(**presenter))
    session = make_session(enrolment.cycle, starts_at=ends - timedelta(minutes=90), status=status)
    return make_case(enrolment, status="scheduled", session=session)


def test_case_is_presented_from_the_start_of_its_session_on(coordinator):
    case = scheduled(ends=NOW + timedelta(minutes=60))

    with pytest.raises(MoveRefusedError, match="not begun yet"):
        mark_presented(case_id=case.pk, by=coordinator, now=NOW - timedelta(minutes=31))
    mark_presented(case_id=case.pk, by=coordinator, now=NOW)

    case.refresh_from_db()
    assert (case.status, case.moved_at) == ("presented", NOW)
    assert audit_row(case, "update") == ("case.present", coordinator.pk, "")
    with pytest.raises(MoveRefusedError):
        mark_presented(case_id=case.pk, by=coordinator, now=NOW)


def test_case_of_a_cancelled_session_is_not_presented(coordinator):
    case = scheduled(ends=NOW, status=Status.CANCELLED)

    with pytest.raises(MoveRefusedError, match="Choose another session first"):
        mark_presented(case_id=case.pk, by=coordinator, now=NOW)


@pytest.mark.parametrize(
    ("ends", "status", "is_presented"),
    [
        (NOW, Status.HELD, True),
        (NOW - timedelta(days=30), Status.HELD, True),
        # Somebody has checked in, but it is still on.
        (NOW + timedelta(minutes=1), Status.HELD, False),
        (NOW - timedelta(days=1), Status.CONFIRMED, False),
        (NOW - timedelta(days=1), Status.CANCELLED, False),
    ],
)
def test_case_of_a_session_that_was_held_is_presented_by_itself(ends, status, is_presented):
    case = scheduled(ends=ends, status=status)
    make_case(status="approved")

    assert present_held_cases(now=NOW) == is_presented
    assert present_held_cases(now=NOW) == 0

    case.refresh_from_db()
    assert (case.status == "presented") == is_presented
    if is_presented:
        assert audit_row(case, "update") == ("case.present", None, "")


def release(case: CaseSubmission, *, now: datetime) -> None:
    slot = case.presenter.slots.get(session=case.session)
    release_slot(slot_id=slot.pk, by=case.presenter.participant, now=now)


def leave(case: CaseSubmission, *, now: datetime) -> None:
    withdraw(enrolment_id=case.presenter_id, by=case.presenter.participant, now=now)


@pytest.mark.parametrize("go", [release, leave])
def test_case_whose_presenter_went_before_the_session_is_to_be_rescheduled(coordinator, go):
    case = scheduled(ends=NOW, status=Status.HELD)
    assert not is_to_reschedule(case)

    go(case, now=NOW - timedelta(days=2))

    assert is_to_reschedule(CaseSubmission.objects.get(pk=case.pk))
    assert case.session is not None
    assert not session_cases(case.session, now=NOW).exists()
    assert present_held_cases(now=NOW) == 0
    with pytest.raises(MoveRefusedError, match="has let this session go"):
        mark_presented(case_id=case.pk, by=None, now=NOW)
    # Who was there may know better.
    assert mark_presented(case_id=case.pk, by=coordinator, now=NOW).status == "presented"


def test_case_of_who_left_the_cycle_after_the_session_was_presented():
    case = scheduled(ends=NOW, status=Status.HELD)
    leave(case, now=NOW + timedelta(minutes=1))

    assert not is_to_reschedule(case)
    assert present_held_cases(now=NOW + timedelta(minutes=2)) == 1


def test_presenter_who_takes_the_session_back_presents_there(case, coordinator):
    session = coming(case, slots=1)
    schedule(case, session, coordinator)
    case.refresh_from_db()
    release(case, now=NOW)

    take_slot(slot_id=session.slots.get().pk, by=case.presenter.participant, now=NOW)

    assert not is_to_reschedule(case)


def test_case_is_given_the_session_again_that_was_let_go(case, coordinator):
    session = coming(case, slots=1)
    schedule(case, session, coordinator)
    case.refresh_from_db()
    release(case, now=NOW)
    assert session in sessions_for(case, now=NOW)

    schedule(case, session, coordinator, now=NOW + timedelta(days=1))

    assert session.slots.get().enrolment == case.presenter
    assert session not in sessions_for(case, now=NOW)
    mail = OutgoingMail.objects.filter(kind="case").latest("pk")
    assert "has another session" not in mail.body_text


def test_task_asks_the_service():
    case = scheduled(ends=NOW, status=Status.HELD)

    present_task()

    case.refresh_from_db()
    assert case.status == "presented"
