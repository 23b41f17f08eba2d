"""Twenty threads, fifty rounds: the cap of a grant and the numbers of certificates."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import connection, transaction

from credits.models import Certificate
from credits.services import close_cycle
from credits.services.issuing import take_numbers
from sessions_app.models import Cycle
from tests.clock import toronto
from tests.factories import make_accreditation, make_graduate, make_program, make_season, make_user
from tests.races import THREADS, at_once

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ROUNDS = int(os.environ.get("ECHO_FAULT_ROUNDS", "50"))
CAP = Decimal(8)
CLOSED_AT = toronto(2026, 3, 1)


@contextmanager
def nobody_watching() -> Iterator[None]:
    """Certificates are never deleted, and closed cycles not reopened; a round begins as the one before it did."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield


def begin_again() -> None:
    with nobody_watching():
        Certificate.objects.all().delete()
        Cycle.objects.update(status="published", closed_at=None, closed_by=None)


@pytest.mark.timeout(300)
def test_cycles_of_one_grant_closed_at_once_pass_no_cap() -> None:
    program = make_program()
    make_accreditation(program, lines=[{"category": "family_physician", "cap": CAP}])
    busy = make_user()
    cycles = [
        make_season(program, sessions=1, starts_on=date(2025, 9, 2) + timedelta(weeks=week))
        for week in range(THREADS)
    ]
    for cycle in cycles:
        # Three credits in each of twenty cycles, of which eight can be claimed.
        make_graduate(cycle, busy)
    violations: list[tuple[int, object]] = []
    begun = time.monotonic()

    for round_number in range(ROUNDS):
        results = at_once(
            [partial(close_cycle, cycle_id=cycle.pk, by=None, now=CLOSED_AT) for cycle in cycles]
        )
        granted = sorted(Certificate.objects.values_list("amount", flat=True))
        serials = sorted(Certificate.objects.values_list("serial", flat=True))
        violations += [(round_number, result) for result in results if isinstance(result, Exception)]
        if granted != [2, 3, 3]:
            violations.append((round_number, granted))
        if serials != list(range(3 * round_number + 1, 3 * round_number + 4)):
            violations.append((round_number, serials))
        begin_again()

    print(
        f"\nCap: {THREADS} threads × {ROUNDS} rounds, {len(violations)} violations, "
        f"{time.monotonic() - begun:.0f} s"
    )
    assert violations == []


class GivenUpError(Exception):
    """An issuing that fails after it took its numbers."""


@transaction.atomic
def take(count: int, *, gives_up: bool) -> list[tuple[int, int]]:
    numbers = take_numbers(count, year=2026)
    if gives_up:
        raise GivenUpError
    return numbers


@pytest.mark.timeout(300)
def test_numbers_taken_at_once_have_no_gap_and_no_double_even_if_some_give_up() -> None:
    taken: list[tuple[int, int]] = []
    given_up = 0
    begun = time.monotonic()

    for round_number in range(ROUNDS):
        results = at_once(
            [
                partial(take, 1 + thread % 3, gives_up=(thread + round_number) % 5 == 0)
                for thread in range(THREADS)
            ]
        )
        given_up += sum(isinstance(result, GivenUpError) for result in results)
        taken += [number for result in results if isinstance(result, list) for number in result]

    violations = len(set(range(1, len(taken) + 1)) ^ {serial for _year, serial in taken})
    print(
        f"\nNumbers: {THREADS} threads × {ROUNDS} rounds, {len(taken)} taken, {given_up} issuings given up, "
        f"{violations} violations, {time.monotonic() - begun:.0f} s"
    )
    assert given_up == ROUNDS * THREADS // 5
    assert violations == 0
    assert len(set(taken)) == len(taken)
    assert len(taken) >= ROUNDS * THREADS
