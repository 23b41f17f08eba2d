from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import partial

import pytest

from core.errors import BadInputError, MoveRefusedError
from credits.facts import CertificateFacts
from credits.models import Certificate
from credits.services import correct_certificate, retry_certificate, revoke_certificate
from participants.enums import Category
from participants.models import User
from sessions_app.models import Enrolment
from tests.clock import toronto
from tests.credits.ledgers import ledger_of
from tests.database import write
from tests.factories import make_certificate, make_enrolment, make_graduate, make_season, make_user
from tests.history import audit_row, event_model
from tests.races import THREADS, at_once

NOW = toronto(2026, 5, 4, 10)
Status = Certificate.Status


@pytest.fixture
def enrolment(family_physician: User) -> Enrolment:
    """Two sessions of 1.5 hours: 6 credits."""
    return make_graduate(make_season(sessions=2), family_physician)


@pytest.fixture
def certify(enrolment: Enrolment):
    """Makes the enrolment's certificate in any state."""

    def make(status: str = Status.ISSUED, **values) -> Certificate:
        values = {"hours": Decimal(3), "amount": Decimal(6)} | values
        return make_certificate(
            enrolment, enrolment.cycle.program.accreditations.get(), status=status, **values
        )

    return make


# --- trying again ---------------------------------------------------------------------------------------------------


def test_retry_certificate_puts_it_back_in_the_queue(certify, coordinator):
    failed = certify(
        Status.FAILED, attempts=8, last_error="SignatureError", next_attempt_at=toronto(2027, 1, 1)
    )

    retry_certificate(certificate_id=failed.pk, by=coordinator, now=NOW)

    failed.refresh_from_db()
    assert (failed.status, failed.attempts, failed.next_attempt_at) == ("pending", 0, NOW)
    assert audit_row(failed, "update") == ("certificate.retry", coordinator.pk, "")


@pytest.mark.parametrize("status", [Status.PENDING, Status.ISSUED, Status.SUPERSEDED, Status.REVOKED])
def test_retry_certificate_refuses_any_that_did_not_fail(certify, coordinator, status):
    certificate = certify(status)

    with pytest.raises(MoveRefusedError):
        retry_certificate(certificate_id=certificate.pk, by=coordinator, now=NOW)


# --- revoking -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.ISSUED, Status.FAILED])
def test_revoke_certificate_keeps_the_row_with_who_when_and_why(certify, coordinator, status):
    certificate = certify(status)

    revoke_certificate(certificate_id=certificate.pk, by=coordinator, reason=" Not his. ", now=NOW)

    certificate.refresh_from_db()
    assert (certificate.status, certificate.ended_at, certificate.ended_by, certificate.end_reason) == (
        "revoked",
        NOW,
        coordinator,
        "Not his.",
    )
    assert audit_row(certificate, "update") == ("certificate.revoke", coordinator.pk, "Not his.")


@pytest.mark.parametrize("status", [Status.PENDING, Status.SUPERSEDED, Status.REVOKED])
def test_revoke_certificate_refuses_any_that_is_not_valid(certify, coordinator, status):
    certificate = certify(status)

    with pytest.raises(MoveRefusedError):
        revoke_certificate(certificate_id=certificate.pk, by=coordinator, reason="Not his.", now=NOW)


@pytest.mark.parametrize("verb", [revoke_certificate, correct_certificate])
@pytest.mark.parametrize("reason", ["", "  \n"])
def test_ending_a_certificate_needs_a_reason(certify, coordinator, verb, reason):
    certificate = certify()

    with pytest.raises(BadInputError, match="Give the reason"):
        verb(certificate_id=certificate.pk, by=coordinator, reason=reason, now=NOW)

    certificate.refresh_from_db()
    assert certificate.status == Status.ISSUED
    assert Certificate.objects.count() == 1


# --- correcting -----------------------------------------------------------------------------------------------------


def test_correct_certificate_issues_a_new_one_that_supersedes_the_old(
    certify, coordinator, enrolment, family_physician
):
    old = certify()
    before = old.facts
    write(family_physician.profile, legal_name="Fatima Al-Sayed-Roy, MD")
    write(enrolment.attendances.all()[0], minutes=10)

    new = correct_certificate(certificate_id=old.pk, by=coordinator, reason="New name.", now=NOW)

    old.refresh_from_db()
    assert (old.status, old.ended_at, old.ended_by, old.end_reason) == (
        "superseded",
        NOW,
        coordinator,
        "New name.",
    )
    assert old.facts == before
    assert (new.status, new.supersedes, new.amount) == ("pending", old, Decimal(3))
    facts = CertificateFacts.from_json(new.facts)
    assert (facts.participant_name, facts.supersedes) == ("Fatima Al-Sayed-Roy, MD", old.number)
    assert new.number == facts.number != old.number
    assert audit_row(old, "update") == ("certificate.correct", coordinator.pk, "New name.")
    assert audit_row(new, "insert") == ("certificate.correct", coordinator.pk, "New name.")


def test_correct_certificate_that_could_not_be_made_gives_it_up_and_makes_another(
    certify, coordinator, enrolment, family_physician
):
    failed = certify(Status.FAILED, last_error="UnprintableTextError")
    write(family_physician.profile, legal_name="Fatima Al-Sayed")

    new = correct_certificate(certificate_id=failed.pk, by=coordinator, reason="Name.", now=NOW)

    failed.refresh_from_db()
    assert (failed.status, failed.end_reason) == ("revoked", "Name.")
    facts = CertificateFacts.from_json(new.facts)
    assert (new.status, new.supersedes, facts.supersedes) == ("pending", None, "")
    assert facts.participant_name == "Fatima Al-Sayed"


@pytest.mark.parametrize("status", [Status.PENDING, Status.SUPERSEDED, Status.REVOKED])
def test_correct_certificate_refuses_any_that_is_not_valid(certify, coordinator, status):
    certificate = certify(status)

    with pytest.raises(MoveRefusedError):
        correct_certificate(certificate_id=certificate.pk, by=coordinator, reason="New name.", now=NOW)

    assert Certificate.objects.count() == 1


def test_correct_certificate_twice_corrects_once(certify, coordinator):
    old = certify()
    correct = partial(correct_certificate, certificate_id=old.pk, by=coordinator, reason="New name.", now=NOW)
    correct()

    with pytest.raises(MoveRefusedError):
        correct()

    assert Certificate.objects.count() == 2


def test_correct_certificate_refuses_when_nothing_is_left_to_claim(certify, coordinator, enrolment):
    old = certify()
    enrolment.attendances.update(minutes=0)

    with pytest.raises(BadInputError, match="revoke it instead"):
        correct_certificate(certificate_id=old.pk, by=coordinator, reason="Was never there.", now=NOW)

    old.refresh_from_db()
    assert old.status == Status.ISSUED


def test_correct_certificate_follows_a_changed_category(certify, coordinator, enrolment, family_physician):
    old = certify()
    write(family_physician.profile, category=Category.SPECIALIST)

    new = correct_certificate(certificate_id=old.pk, by=coordinator, reason="Is a specialist.", now=NOW)

    assert (new.line.category, new.amount) == (Category.SPECIALIST, Decimal(3))


def test_correcting_an_earlier_cycle_takes_nothing_from_it(certify, coordinator, enrolment, family_physician):
    # The cap of 160 was reached by the cycle after this one: both together claim what both together may.
    old = certify()
    later = make_season(enrolment.cycle.program, sessions=1, starts_on=date(2026, 1, 8))
    make_certificate(
        make_enrolment(later, family_physician), old.accreditation, hours=Decimal(80), amount=Decimal(154)
    )

    new = correct_certificate(certificate_id=old.pk, by=coordinator, reason="New name.", now=NOW)

    assert new.amount == 6


def test_corrected_certificate_is_what_counts(certify, coordinator, enrolment):
    old = certify(amount=Decimal(100))
    enrolment.attendances.filter(session__topic="Topic 1").update(minutes=0)

    new = correct_certificate(certificate_id=old.pk, by=coordinator, reason="Absent once.", now=NOW)

    assert new.amount == 3
    assert ledger_of(enrolment).to_issue == []


def test_every_state_of_a_certificate_is_on_record(certify, coordinator):
    certificate = certify(Status.FAILED)
    retry_certificate(certificate_id=certificate.pk, by=coordinator, now=NOW)
    write(certificate, status=Status.FAILED)
    revoke_certificate(certificate_id=certificate.pk, by=coordinator, reason="Given up.", now=NOW)

    states = event_model(Certificate).objects.order_by("pgh_id").values_list("status", flat=True)

    assert list(states) == ["failed", "pending", "failed", "revoked"]


@pytest.mark.django_db(transaction=True)
def test_twenty_corrections_at_once_leave_one_valid_certificate():
    coordinator = make_user(is_staff=True)
    enrolment = make_graduate(make_season(sessions=1))
    old = make_certificate(enrolment, enrolment.cycle.program.accreditations.get())

    results = at_once(
        [
            partial(correct_certificate, certificate_id=old.pk, by=coordinator, reason="New name.", now=NOW),
            partial(revoke_certificate, certificate_id=old.pk, by=coordinator, reason="Not hers.", now=NOW),
        ]
        * (THREADS // 2)
    )

    assert sum(isinstance(result, Certificate) for result in results) == 1
    assert sum(isinstance(result, MoveRefusedError) for result in results) == THREADS - 1
    assert Certificate.objects.exclude(status__in=["superseded", "revoked"]).count() <= 1
