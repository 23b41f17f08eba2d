from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from core.errors import BadInputError, MoveRefusedError
from outbox.models import OutgoingMail
from participants.models import User
from sessions_app.models import Cycle, EchoSession, Enrolment
from sessions_app.services import (
    apply_to_cycle,
    decide_enrolment,
    move_cycle,
    withdraw,
)
from sessions_app.services.enrolments import CycleFullError
from tests.clock import toronto
from tests.factories import make_attendance, make_cycle, make_enrolment, make_user
from tests.history import audit_row
from tests.races import THREADS, at_once

NOW = toronto(2025, 9, 20, 10)
Status = Enrolment.Status


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle(sessions=2)


@pytest.fixture
def session(cycle: Cycle) -> EchoSession:
    return cycle.sessions.all()[0]


# --- applying -------------------------------------------------------------------------------------------------------


def test_apply_to_cycle_leaves_an_application(cycle, family_physician):
    enrolment = apply_to_cycle(cycle_id=cycle.pk, by=family_physician, now=NOW)

    assert (enrolment.status, enrolment.applied_at, enrolment.enrolled_on) == ("applied", NOW, None)
    assert audit_row(enrolment, "insert") == ("enrolment.apply", family_physician.pk, "")


@pytest.mark.parametrize("status", [Status.APPLIED, Status.APPROVED, Status.WAITLISTED])
def test_apply_to_cycle_twice_leaves_one_application_as_it_is(cycle, family_physician, status):
    before = make_enrolment(cycle, family_physician, status=status)

    # Long after registration closed: what is there is shown all the same.
    again = apply_to_cycle(cycle_id=cycle.pk, by=family_physician, now=toronto(2027, 1, 1))

    assert again == before
    assert (again.status, again.applied_at) == (status, before.applied_at)


def test_apply_to_cycle_again_after_withdrawing(cycle, family_physician):
    make_enrolment(cycle, family_physician, status=Status.WITHDRAWN)

    enrolment = apply_to_cycle(cycle_id=cycle.pk, by=family_physician, now=NOW)

    assert (enrolment.status, enrolment.applied_at) == ("applied", NOW)
    assert Enrolment.objects.count() == 1


def test_apply_to_cycle_refuses_whom_it_declined(cycle, family_physician):
    make_enrolment(cycle, family_physician, status=Status.DECLINED)

    with pytest.raises(MoveRefusedError, match="Declined"):
        apply_to_cycle(cycle_id=cycle.pk, by=family_physician, now=NOW)


@pytest.mark.parametrize("moment", [toronto(2025, 7, 31, 23, 59), toronto(2026, 6, 30)])
def test_apply_to_cycle_refuses_outside_registration(cycle, family_physician, moment):
    with pytest.raises(BadInputError, match="not open"):
        apply_to_cycle(cycle_id=cycle.pk, by=family_physician, now=moment)

    assert not Enrolment.objects.exists()


@pytest.mark.parametrize("status", [Cycle.Status.PLANNED, Cycle.Status.CLOSED])
def test_apply_to_cycle_refuses_a_cycle_that_is_not_public(family_physician, status):
    with pytest.raises(BadInputError, match="not open"):
        apply_to_cycle(cycle_id=make_cycle(status=status).pk, by=family_physician, now=NOW)


def test_apply_to_cycle_needs_a_profile(cycle):
    stranger = User.objects.create_user("new@clinic.example")

    with pytest.raises(BadInputError, match="profile"):
        apply_to_cycle(cycle_id=cycle.pk, by=stranger, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_applying_in_twenty_windows_at_once_leaves_one_application():
    for _round in range(3):
        cycle, person = make_cycle(), make_user()

        results = at_once([partial(apply_to_cycle, cycle_id=cycle.pk, by=person, now=NOW)] * THREADS)

        assert len({enrolment.pk for enrolment in results}) == 1
        assert cycle.enrolments.count() == 1


# --- deciding -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "enrolled_on", "expected"),
    [
        (toronto(2025, 9, 20, 10), None, date(2025, 9, 20)),
        # Before the cycle begins: its first day. Late in the evening: Toronto's day, not Greenwich's.
        (toronto(2025, 8, 15), None, date(2025, 9, 11)),
        (toronto(2025, 9, 20, 23, 30), None, date(2025, 9, 20)),
        (toronto(2025, 9, 20, 10), date(2025, 9, 11), date(2025, 9, 11)),
    ],
)
def test_decide_enrolment_says_from_when_it_counts(cycle, coordinator, now, enrolled_on, expected):
    applied = make_enrolment(cycle, status=Status.APPLIED)

    enrolment = decide_enrolment(
        enrolment_id=applied.pk, to=Status.APPROVED, by=coordinator, now=now, enrolled_on=enrolled_on
    )

    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.enrolled_on) == ("approved", expected)
    assert (enrolment.decided_at, enrolment.decided_by) == (now, coordinator)
    assert audit_row(enrolment, "update") == ("enrolment.approved", coordinator.pk, "")


def test_decide_enrolment_tells_the_approved_once_in_their_language(cycle, nurse_practitioner, coordinator):
    applied = make_enrolment(cycle, nurse_practitioner, status=Status.APPLIED)
    approve = partial(decide_enrolment, enrolment_id=applied.pk, to=Status.APPROVED, by=coordinator, now=NOW)

    approve()
    with pytest.raises(MoveRefusedError):
        approve()

    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.language, mail.kind) == (nurse_practitioner.email, "fr", "enrolment")
    assert f"/my/cycles/{cycle.pk}/" in mail.body_text


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        (Status.WAITLISTED, "You are on the waiting list for"),
        (Status.DECLINED, "Your application for"),
    ],
)
def test_decide_enrolment_without_a_place_says_so(family_physician, coordinator, to, subject):
    cycle = make_cycle(capacity=1)
    make_enrolment(cycle)
    applied = make_enrolment(cycle, family_physician, status=Status.APPLIED)

    enrolment = decide_enrolment(enrolment_id=applied.pk, to=to, by=coordinator, now=NOW)

    assert (enrolment.status, enrolment.enrolled_on) == (to, None)
    assert OutgoingMail.objects.get().subject.startswith(subject)
    assert audit_row(enrolment, "update") == (f"enrolment.{to.value}", coordinator.pk, "")


@pytest.mark.parametrize(
    ("old", "to"),
    [
        (Status.APPROVED, Status.DECLINED),
        (Status.APPROVED, Status.WAITLISTED),
        (Status.DECLINED, Status.APPROVED),
        (Status.WITHDRAWN, Status.APPROVED),
    ],
)
def test_decide_enrolment_refuses_other_moves(cycle, coordinator, old, to):
    enrolment = make_enrolment(cycle, status=old)

    with pytest.raises(MoveRefusedError):
        decide_enrolment(enrolment_id=enrolment.pk, to=to, by=coordinator, now=NOW)

    enrolment.refresh_from_db()
    assert enrolment.status == old


def test_decide_enrolment_refuses_when_every_place_is_taken(coordinator):
    cycle = make_cycle(capacity=2)
    applied = [make_enrolment(cycle, status=Status.APPLIED) for _person in range(3)]
    make_enrolment(cycle, status=Status.WITHDRAWN)
    approve = partial(decide_enrolment, to=Status.APPROVED, by=coordinator, now=NOW)
    for enrolment in applied[:2]:
        approve(enrolment_id=enrolment.pk)

    with pytest.raises(CycleFullError, match="All 2 places"):
        approve(enrolment_id=applied[2].pk)
    withdraw(enrolment_id=applied[0].pk, by=applied[0].participant, now=NOW)

    assert approve(enrolment_id=applied[2].pk).status == "approved"


@pytest.mark.django_db(transaction=True)
def test_twenty_approvals_at_once_never_pass_the_capacity():
    coordinator = make_user(is_staff=True)
    for places in (1, 3, 7):
        cycle = make_cycle(capacity=places)
        applied = [make_enrolment(cycle, status=Status.APPLIED) for _person in range(THREADS)]

        results = at_once(
            [
                partial(
                    decide_enrolment, enrolment_id=enrolment.pk, to=Status.APPROVED, by=coordinator, now=NOW
                )
                for enrolment in applied
            ]
        )

        assert sum(isinstance(result, Enrolment) for result in results) == places
        assert sum(isinstance(result, CycleFullError) for result in results) == THREADS - places
        assert cycle.enrolments.filter(status=Status.APPROVED).count() == places


@pytest.mark.django_db(transaction=True)
def test_one_application_approved_twice_at_once_is_approved_once():
    coordinator = make_user(is_staff=True)
    enrolment = make_enrolment(make_cycle(), status=Status.APPLIED)

    results = at_once(
        [partial(decide_enrolment, enrolment_id=enrolment.pk, to=Status.APPROVED, by=coordinator, now=NOW)]
        * THREADS
    )

    assert sum(isinstance(result, Enrolment) for result in results) == 1
    assert sum(isinstance(result, MoveRefusedError) for result in results) == THREADS - 1
    assert OutgoingMail.objects.count() == 1


# --- leaving --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.APPLIED, Status.WAITLISTED, Status.APPROVED])
def test_withdraw_leaves_the_cycle_and_keeps_what_was_attended(cycle, session, family_physician, status):
    enrolment = make_enrolment(cycle, family_physician, status=status)
    make_attendance(enrolment, session)

    withdraw(enrolment_id=enrolment.pk, by=family_physician, now=NOW)

    enrolment.refresh_from_db()
    assert (enrolment.status, enrolment.decided_at) == ("withdrawn", NOW)
    assert enrolment.attendances.count() == 1
    assert audit_row(enrolment, "update") == ("enrolment.withdraw", family_physician.pk, "")


@pytest.mark.parametrize("status", [Status.DECLINED, Status.WITHDRAWN])
def test_withdraw_refuses_who_is_not_in_the_cycle(cycle, family_physician, status):
    enrolment = make_enrolment(cycle, family_physician, status=status)

    with pytest.raises(MoveRefusedError):
        withdraw(enrolment_id=enrolment.pk, by=family_physician, now=NOW)


# --- cycles ---------------------------------------------------------------------------------------------------------


def test_move_cycle_publishes_takes_back_and_closes(coordinator):
    cycle = make_cycle(status=Cycle.Status.PLANNED)
    move = partial(move_cycle, cycle_id=cycle.pk, by=coordinator, now=NOW)

    assert move(to=Cycle.Status.PUBLISHED).closed_at is None
    assert audit_row(cycle, "update") == ("cycle.published", coordinator.pk, "")
    move(to=Cycle.Status.PLANNED)
    move(to=Cycle.Status.PUBLISHED)
    closed = move(to=Cycle.Status.CLOSED)

    closed.refresh_from_db()
    assert (closed.status, closed.closed_at, closed.closed_by) == ("closed", NOW, coordinator)


@pytest.mark.parametrize(
    ("old", "to"),
    [
        (Cycle.Status.PUBLISHED, Cycle.Status.PUBLISHED),
        (Cycle.Status.PLANNED, Cycle.Status.CLOSED),
        (Cycle.Status.CLOSED, Cycle.Status.PUBLISHED),
    ],
)
def test_move_cycle_refuses_other_moves(coordinator, old, to):
    cycle = make_cycle(status=old)

    with pytest.raises(MoveRefusedError):
        move_cycle(cycle_id=cycle.pk, to=to, by=coordinator, now=NOW)
