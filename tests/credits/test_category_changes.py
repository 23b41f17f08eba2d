"""A category that changes after the certificate: the hours are certified once, whatever grant they fall under now."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from credits.models import Certificate
from credits.reconciling import reconciliations
from credits.services import close_cycle, revoke_certificate
from participants.enums import Category
from participants.models import User
from sessions_app.models import Cycle, Enrolment
from tests.clock import toronto
from tests.credits.ledgers import ledger_of
from tests.credits.test_reconciliation import issue
from tests.database import write
from tests.factories import THREE_LINES, make_accreditation, make_graduate, make_season

CLOSED_AT = toronto(2025, 10, 2, 9)
LATER = CLOSED_AT + timedelta(hours=3)


@pytest.fixture
def cycle(db) -> Cycle:
    """Each category has a grant of its own, as in the demonstration."""
    cycle = make_season(sessions=2)
    write(cycle.program.accreditations.get(), valid_from=date(2024, 9, 1), valid_to=date(2025, 8, 31))
    for line in THREE_LINES:
        make_accreditation(cycle.program, lines=[line])
    return cycle


@pytest.fixture
def enrolment(cycle, family_physician) -> Enrolment:
    """A family physician with a valid certificate, who is a specialist by now."""
    enrolment = make_graduate(cycle, family_physician)
    (certificate,) = close(cycle)
    issue(certificate)
    write(family_physician.profile, category=Category.SPECIALIST)
    return enrolment


def close(cycle: Cycle) -> list[Certificate]:
    return close_cycle(cycle_id=cycle.pk, by=None, now=CLOSED_AT)


def revoke(by: User) -> None:
    revoke_certificate(
        certificate_id=Certificate.objects.get().pk, by=by, reason="Is a specialist.", now=LATER
    )


def test_hours_that_are_certified_are_not_due_under_another_grant(cycle, enrolment):
    ledger = ledger_of(enrolment)

    assert (ledger.missing, ledger.to_issue) == ((), [])
    assert ledger.amount == 3
    assert close(cycle) == []
    call_command("close_cycle", str(cycle.pk), stdout=StringIO())
    assert Certificate.objects.count() == 1


def test_reconciliation_asks_for_no_second_certificate(cycle, enrolment):
    (row,) = reconciliations(now=LATER)

    assert (row.eligible, row.open.not_issued) == (1, 0)


def test_closing_page_offers_to_revoke_and_not_to_issue(cycle, enrolment, coordinator, client):
    client.force_login(coordinator)

    page = client.get(reverse("admin:credits_cycleclosing_close", args=[cycle.pk]))

    assert page.context["due"] == []
    (difference,) = page.context["differences"]
    assert (difference.amount, difference.amount_now) == (6, 0)
    revoking = reverse("admin:credits_certificate_revoke", args=[difference.certificate_id])
    assert revoking in page.content.decode()


def test_once_the_old_certificate_is_revoked_the_new_one_is_due(cycle, enrolment, coordinator):
    revoke(coordinator)
    (row,) = reconciliations(now=LATER)
    assert (row.eligible, row.open.not_issued) == (1, 1)

    (certificate,) = close(cycle)

    assert (certificate.line.category, certificate.amount) == (Category.SPECIALIST, Decimal(3))
    assert close(cycle) == []
    assert [row.open.not_issued for row in reconciliations(now=LATER)] == [0]


@pytest.mark.parametrize("status", ["pending", "failed"])
def test_certificate_that_is_not_made_yet_stands_in_the_way_as_well(cycle, family_physician, status):
    make_graduate(cycle, family_physician)
    (certificate,) = close(cycle)
    if status == "failed":
        write(certificate, status=status)
    write(family_physician.profile, category=Category.SPECIALIST)

    assert close(cycle) == []


def test_cycle_that_straddles_two_grants_gets_both_certificates(cycle, family_physician):
    first = cycle.program.accreditations.get(
        valid_to=date(2026, 8, 31), lines__category=Category.FAMILY_PHYSICIAN
    )
    held = cycle.sessions.all()[0].held_on.date()
    write(first, valid_to=held)
    make_graduate(cycle, family_physician)
    (one,) = close(cycle)
    make_accreditation(cycle.program, lines=THREE_LINES[:1], valid_from=held + timedelta(days=1))

    (other,) = close(cycle)

    assert one.accreditation == first
    assert one.amount == other.amount == 3
