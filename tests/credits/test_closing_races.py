from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from credits.models import Certificate
from credits.services import close_cycle, close_due_cycles, issue_late_finishers
from participants.enums import Category
from participants.models import User
from sessions_app.models import Cycle
from tests.clock import toronto
from tests.factories import (
    make_accreditation,
    make_graduate,
    make_program,
    make_season,
    make_user,
)
from tests.races import THREADS, at_once

CLOSED_AT = toronto(2025, 10, 2, 9)


@pytest.mark.django_db(transaction=True)
def test_cycle_closed_twenty_times_at_once_issues_one_certificate_each():
    coordinator = make_user(is_staff=True)
    cycle = make_season(sessions=1)
    for _person in range(4):
        make_graduate(cycle)

    results = at_once([partial(close_cycle, cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)] * THREADS)

    assert sorted(len(result) for result in results) == [0] * (THREADS - 1) + [4]
    assert Certificate.objects.filter(enrolment__cycle=cycle).count() == 4


@pytest.mark.django_db(transaction=True)
def test_many_cycles_closed_at_once_number_without_gap_or_double():
    coordinator = make_user(is_staff=True)
    cycles = [make_season(sessions=1) for _cycle in range(10)]
    for cycle in cycles:
        for _person in range(2):
            make_graduate(cycle)

    results = at_once(
        [partial(close_cycle, cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT) for cycle in cycles * 2]
    )

    assert not any(isinstance(result, Exception) for result in results)
    serials = sorted(Certificate.objects.values_list("serial", flat=True))
    assert serials == list(range(1, 21))
    assert Certificate.objects.values("number").distinct().count() == 20


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("category", [Category.FAMILY_PHYSICIAN, Category.SPECIALIST])
def test_cap_holds_when_cycles_of_one_grant_close_at_once(category):
    coordinator = make_user(is_staff=True)
    program = make_program()
    lines = [
        {"category": Category.FAMILY_PHYSICIAN, "cap": Decimal(8)},
        {"category": Category.SPECIALIST, "unit": "hours", "per_hour": Decimal(1), "cap": Decimal(4)},
    ]
    make_accreditation(program, lines=lines)
    people = [make_user(category=category) for _person in range(3)]
    cycles: list[Cycle] = []
    for month in (9, 10, 11, 12):
        cycle = make_season(program, sessions=1, starts_on=date(2025, month, 2))
        for person in people:
            make_graduate(cycle, person)
        cycles.append(cycle)

    results = at_once(
        [
            partial(close_cycle, cycle_id=cycle.pk, by=coordinator, now=toronto(2026, 1, 15))
            for cycle in cycles
        ]
    )

    assert not any(isinstance(result, Exception) for result in results)
    cap = Decimal(8) if category == Category.FAMILY_PHYSICIAN else Decimal(4)
    for person in people:
        amounts = sorted(
            certificate.amount for certificate in Certificate.objects.filter(enrolment__participant=person)
        )
        # Three whole sessions' worth would pass the cap: two are, the third is what is left, the fourth is none.
        assert amounts == ([2, 3, 3] if cap == 8 else [Decimal(1), Decimal("1.5"), Decimal("1.5")])
        assert sum(amounts) == cap


def close_by_hand(cycle: Cycle, coordinator: User) -> int:
    return len(close_cycle(cycle_id=cycle.pk, by=coordinator, now=toronto(2025, 12, 1)))


@pytest.mark.django_db(transaction=True)
def test_closing_by_hand_by_itself_and_for_late_finishers_at_once_issues_each_once():
    coordinator = make_user(is_staff=True)
    cycle = make_season(sessions=1)
    for _person in range(4):
        make_graduate(cycle)
    december = toronto(2025, 12, 1)

    results = at_once(
        [
            partial(close_by_hand, cycle, coordinator),
            partial(close_due_cycles, now=december),
            partial(issue_late_finishers, now=december),
        ]
        * 6
    )

    assert not any(isinstance(result, Exception) for result in results)
    assert Certificate.objects.count() == 4
