"""Whoever leaves a cycle and comes back keeps what they earned before, whichever way leads back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from participants.models import User
from participants.services import merge_accounts
from sessions_app.models import Cycle, Enrolment
from sessions_app.services import (
    accept_place,
    apply_to_cycle,
    decide_enrolment,
    invite_pasted,
    withdraw,
)
from tests.clock import toronto
from tests.credits.ledgers import ledger_of, reasons
from tests.database import write
from tests.factories import (
    make_accreditation,
    make_attendance,
    make_cycle,
    make_enrolment,
    make_session,
    make_user,
)

NOW = toronto(2025, 10, 6, 10)
Status = Enrolment.Status
Way = Callable[[Enrolment, User], None]


@pytest.fixture
def cycle(db: None) -> Cycle:
    """Four sessions held, eight to come; one place."""
    cycle = make_cycle(ends_on=date(2025, 11, 27), capacity=1)
    for week in range(4):
        make_session(cycle, week=week)
    make_accreditation(cycle.program)
    return cycle


@pytest.fixture
def left(cycle: Cycle) -> Enrolment:
    """Somebody who was in all four sessions and has left since."""
    enrolment = make_enrolment(cycle)
    for session in cycle.sessions.all():
        make_attendance(enrolment, session)
    withdraw(enrolment_id=enrolment.pk, by=enrolment.participant, now=NOW)
    return enrolment


def by_approval(left: Enrolment, coordinator: User) -> None:
    apply_to_cycle(cycle_id=left.cycle_id, by=left.participant, now=NOW)
    decide_enrolment(enrolment_id=left.pk, to=Status.APPROVED, by=coordinator, now=NOW)


def by_an_offered_place(left: Enrolment, coordinator: User) -> None:
    apply_to_cycle(cycle_id=left.cycle_id, by=left.participant, now=NOW)
    decide_enrolment(enrolment_id=left.pk, to=Status.WAITLISTED, by=coordinator, now=NOW)
    accept_place(enrolment_id=left.pk, by=left.participant, now=NOW)


def by_admission_at_once(left: Enrolment, coordinator: User) -> None:
    write(left.cycle, admission=Cycle.Admission.AUTOMATIC)
    apply_to_cycle(cycle_id=left.cycle_id, by=left.participant, now=NOW)


def by_invitation(left: Enrolment, coordinator: User) -> None:
    invite_pasted(
        cycle_id=left.cycle_id, text=left.participant.email, by=coordinator, now=NOW, is_preapproved=True
    )
    apply_to_cycle(cycle_id=left.cycle_id, by=left.participant, now=NOW)


@pytest.mark.parametrize("way", [by_approval, by_an_offered_place, by_admission_at_once, by_invitation])
def test_who_comes_back_keeps_what_they_earned(left: Enrolment, coordinator: User, way: Way) -> None:
    assert ledger_of(left).amount == Decimal(12)

    way(left, coordinator)

    left.refresh_from_db()
    assert (left.status, left.enrolled_on) == ("approved", date(2025, 9, 11))
    assert reasons(ledger_of(left)) == [None] * 4
    assert ledger_of(left).amount == Decimal(12)


def test_who_was_never_in_earns_from_the_day_of_their_place_only(cycle: Cycle, coordinator: User) -> None:
    enrolment = make_enrolment(cycle, status=Status.APPLIED)
    withdraw(enrolment_id=enrolment.pk, by=enrolment.participant, now=NOW - timedelta(days=20))

    by_approval(enrolment, coordinator)

    enrolment.refresh_from_db()
    assert enrolment.enrolled_on == NOW.date()


@pytest.mark.parametrize("named", [date(2025, 9, 18), date(2025, 9, 4)])
def test_day_that_a_coordinator_names_counts(left: Enrolment, coordinator: User, named: date) -> None:
    apply_to_cycle(cycle_id=left.cycle_id, by=left.participant, now=NOW)

    decide_enrolment(enrolment_id=left.pk, to=Status.APPROVED, by=coordinator, now=NOW, enrolled_on=named)

    left.refresh_from_db()
    assert left.enrolled_on == named


def test_who_came_back_with_another_account_keeps_it_once_the_accounts_are_merged(
    left: Enrolment, coordinator: User
) -> None:
    again = apply_to_cycle(cycle_id=left.cycle_id, by=make_user(), now=NOW)
    merge_accounts(
        kept_id=again.participant_id,
        gone_id=left.participant_id,
        by=make_user(is_staff=True),
        reason="Told us by phone.",
        now=NOW,
    )

    decide_enrolment(enrolment_id=again.pk, to=Status.APPROVED, by=coordinator, now=NOW)

    assert ledger_of(again).amount == Decimal(12)
