"""Every rule that the database keeps for accreditations and certificates, broken by raw writes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pgtrigger
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone

from core.models import StoredFile
from credits.models import Accreditation, Certificate, CreditLine, NumberSeries, SessionIdentifier
from credits.models.certificate import TOKEN_ALPHABET, TOKEN_LENGTH, new_token
from participants.enums import Category
from sessions_app.models import Enrolment, Program
from tests.clock import toronto
from tests.database import delete, refused_by, write
from tests.factories import (
    make_accreditation,
    make_certificate,
    make_cycle,
    make_document,
    make_enrolment,
    make_line,
    make_program,
    make_user,
)
from tests.races import at_once

pytestmark = pytest.mark.django_db

Status = Certificate.Status


@pytest.fixture
def enrolment(db) -> Enrolment:
    return make_enrolment(make_cycle(sessions=2))


@pytest.fixture
def accreditation(enrolment: Enrolment) -> Accreditation:
    return make_accreditation(enrolment.cycle.program)


@pytest.fixture
def issued(enrolment: Enrolment, accreditation: Accreditation) -> Certificate:
    return make_certificate(enrolment, accreditation)


def next_years(program: Program) -> Accreditation:
    """The grant that follows the usual one: its lines cover the same people on other days."""
    return make_accreditation(program, valid_from=date(2026, 9, 1), valid_to=date(2027, 8, 31))


# --- accreditations and their lines ---------------------------------------------------------------------------------


def test_accreditation_does_not_end_before_it_starts(accreditation):
    write(accreditation, valid_to=accreditation.valid_from)

    with refused_by("credits_accreditation_ends_after_start"):
        write(accreditation, valid_to=accreditation.valid_from - timedelta(days=1))


def test_accreditation_has_one_line_a_category(accreditation):
    with refused_by("credits_creditline_category_once"):
        make_line(accreditation, category=Category.SPECIALIST)


def test_line_category_is_known(accreditation):
    with refused_by("credits_creditline_category_known"):
        write(accreditation.lines.get(category=Category.OTHER), category="dentist")


@pytest.mark.parametrize("per_hour", [Decimal(0), Decimal("0.24"), Decimal("10.01"), Decimal(-1)])
def test_line_rate_is_in_range(accreditation, per_hour):
    with refused_by("credits_creditline_rate_in_range"):
        write(accreditation.lines.get(category=Category.FAMILY_PHYSICIAN), per_hour=per_hour)


@pytest.mark.parametrize("cap", [Decimal(0), Decimal(-1)])
def test_line_cap_is_positive(accreditation, cap):
    with refused_by("credits_creditline_cap_positive"):
        write(accreditation.lines.get(category=Category.OTHER), cap=cap)


def test_line_of_hours_counts_an_hour_once(accreditation):
    # Rule 14: a specialist's certificate shows hours, never hours × 3.
    with refused_by("credits_creditline_hours_count_once"):
        write(accreditation.lines.get(category=Category.SPECIALIST), per_hour=3)
    with refused_by("credits_creditline_hours_count_once"):
        write(accreditation.lines.get(category=Category.SPECIALIST), unit="points")


def test_line_refuses_a_rival_for_the_same_people_and_days(accreditation):
    # Rule 14: exactly one credit line on a certificate.
    overlapping = make_accreditation(
        accreditation.program, lines=(), valid_from=date(2026, 8, 31), valid_to=date(2027, 8, 31)
    )

    with pytest.raises(ValidationError, match="already covers this category"):
        CreditLine(accreditation=overlapping, category=Category.OTHER).clean()


def test_line_may_follow_on_the_day_after(accreditation):
    following = make_accreditation(
        accreditation.program, lines=(), valid_from=date(2026, 9, 1), valid_to=date(2027, 8, 31)
    )
    elsewhere = make_accreditation(make_program(), lines=())

    CreditLine(accreditation=following, category=Category.OTHER).clean()
    CreditLine(accreditation=elsewhere, category=Category.OTHER).clean()
    accreditation.lines.get(category=Category.OTHER).clean()


def test_session_has_one_identifier_an_accreditation(enrolment, accreditation):
    session = enrolment.cycle.sessions.all()[0]
    SessionIdentifier.objects.create(accreditation=accreditation, session=session, identifier="A-1")

    with refused_by("credits_sessionidentifier_session_once"):
        SessionIdentifier.objects.create(accreditation=accreditation, session=session, identifier="A-2")


@pytest.mark.parametrize("identifier", ["", "  "])
def test_session_identifier_is_not_blank(enrolment, accreditation, identifier):
    session = enrolment.cycle.sessions.all()[0]

    with refused_by("credits_sessionidentifier_not_blank"):
        SessionIdentifier.objects.create(accreditation=accreditation, session=session, identifier=identifier)


# --- rule 17: one valid certificate, numbers unique -----------------------------------------------------------------


@pytest.mark.parametrize("first", [Status.PENDING, Status.ISSUED, Status.FAILED])
@pytest.mark.parametrize("second", [Status.PENDING, Status.ISSUED, Status.FAILED])
def test_second_valid_certificate_is_refused(enrolment, accreditation, first, second):
    make_certificate(enrolment, accreditation, status=first)

    with refused_by("credits_certificate_one_valid"):
        make_certificate(enrolment, accreditation, status=second)


@pytest.mark.parametrize("ended", [Status.SUPERSEDED, Status.REVOKED])
def test_certificates_that_ended_leave_room_for_a_valid_one(enrolment, accreditation, ended):
    make_certificate(enrolment, accreditation, status=ended)
    make_certificate(enrolment, accreditation, status=ended)

    make_certificate(enrolment, accreditation)


def test_certificate_under_another_accreditation_is_another(enrolment, issued):
    make_certificate(enrolment, next_years(enrolment.cycle.program))


def test_certificate_numbers_are_unique(issued):
    other = make_enrolment(issued.enrolment.cycle)
    serial = issued.serial + 500

    with refused_by("credits_certificate_number_key"):
        make_certificate(other, issued.accreditation, serial=serial, number=issued.number)
    with refused_by("credits_certificate_serial_once"):
        make_certificate(other, issued.accreditation, serial=issued.serial, number="ECHO-2026-X")
    make_certificate(other, issued.accreditation, year=2027, serial=issued.serial, number="ECHO-2027-000001")


def test_certificate_serials_count_from_one(enrolment, accreditation):
    with refused_by("credits_certificate_serial_positive"):
        make_certificate(enrolment, accreditation, serial=0)


def test_verification_tokens_are_unique_and_unguessable(issued):
    tokens = {new_token() for _time in range(100)}

    assert len(tokens) == 100
    assert all(len(token) == TOKEN_LENGTH and set(token) <= set(TOKEN_ALPHABET) for token in tokens)
    with refused_by("credits_certificate_token_key"):
        make_certificate(make_enrolment(issued.enrolment.cycle), issued.accreditation, token=issued.token)


def test_number_series_is_one_a_year():
    NumberSeries.objects.create(year=2026)

    with refused_by("credits_numberseries_year_key"):
        NumberSeries.objects.create(year=2026)


def test_certificate_is_superseded_once(enrolment, accreditation):
    old = make_certificate(enrolment, accreditation, status=Status.SUPERSEDED)
    make_certificate(enrolment, accreditation, supersedes=old)

    with refused_by("credits_certificate_supersedes_id_key"):
        make_certificate(enrolment, accreditation, status=Status.REVOKED, supersedes=old)


# --- what each state asks for ---------------------------------------------------------------------------------------


def test_certificate_status_is_known(enrolment, accreditation):
    with refused_by("credits_certificate_status_known"):
        make_certificate(enrolment, accreditation, status="lost")


@pytest.mark.parametrize("changes", [{"hours": 0}, {"amount": 0}, {"hours": -1}, {"amount": Decimal("-0.5")}])
def test_certificate_grants_something(enrolment, accreditation, changes):
    with refused_by("credits_certificate_amount_positive"):
        make_certificate(enrolment, accreditation, **changes)


@pytest.mark.parametrize("missing", ["document", "issued_at", "sha256"])
@pytest.mark.parametrize("status", [Status.ISSUED, Status.SUPERSEDED])
def test_issued_certificate_has_its_document_hash_and_time(enrolment, accreditation, status, missing):
    nothing = "" if missing == "sha256" else None

    with refused_by("credits_certificate_issued_has_document"):
        make_certificate(enrolment, accreditation, status=status, **{"sha256": "a" * 64, missing: nothing})


@pytest.mark.parametrize("sha256", ["A" * 64, "a" * 63, "z" * 64, "a" * 32 + " " + "a" * 31])
def test_issued_certificate_has_a_real_hash(enrolment, accreditation, sha256):
    with refused_by("credits_certificate_issued_has_document"):
        make_certificate(enrolment, accreditation, sha256=sha256)


def test_certificate_ends_at_a_time_and_only_then(issued, pending_elsewhere):
    with refused_by("credits_certificate_end_has_time"):
        write(issued, status=Status.SUPERSEDED)
    for changes in ({"ended_at": timezone.now()}, {"ended_by": make_user()}, {"end_reason": "Wrong."}):
        with refused_by("credits_certificate_end_has_time"):
            write(issued, **changes)
        with refused_by("credits_certificate_end_has_time"):
            write(pending_elsewhere, **changes)


@pytest.fixture
def pending_elsewhere(issued: Certificate) -> Certificate:
    return make_certificate(
        make_enrolment(issued.enrolment.cycle), issued.accreditation, status=Status.PENDING
    )


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_revoked_certificate_says_why(issued, reason):
    with refused_by("credits_certificate_revoked_has_reason"):
        write(issued, status=Status.REVOKED, ended_at=timezone.now(), end_reason=reason)


# --- rule 16: frozen ------------------------------------------------------------------------------------------------

FROZEN = {
    "year": 2027,
    "serial": 9_999,
    "number": "ECHO-2026-999999",
    "token": "X" * TOKEN_LENGTH,
    "hours": Decimal(99),
    "amount": Decimal(99),
    "facts": {"participant_name": "Somebody Else"},
    "created_at": toronto(2020, 1, 1),
}


@pytest.mark.parametrize("field", FROZEN)
@pytest.mark.parametrize("status", [Status.PENDING, Status.ISSUED])
def test_what_a_certificate_says_is_frozen_with_its_number(enrolment, accreditation, status, field):
    certificate = make_certificate(enrolment, accreditation, status=status)

    with refused_by("certificate_facts_are_frozen"):
        write(certificate, **{field: FROZEN[field]})


def test_whose_certificate_it_is_is_frozen(issued):
    cycle = issued.enrolment.cycle
    other = next_years(cycle.program)

    for changes in (
        {"enrolment": make_enrolment(cycle)},
        {"accreditation": other},
        {"line": other.lines.all()[0]},
        {"supersedes": make_certificate(make_enrolment(cycle), issued.accreditation)},
    ):
        with refused_by("certificate_facts_are_frozen"):
            write(issued, **changes)


def test_every_field_of_a_certificate_is_frozen_or_meant_to_change():
    (trigger,) = (
        trigger
        for _model, trigger in pgtrigger.registered()
        if trigger.name == "certificate_facts_are_frozen"
    )
    assert isinstance(trigger, pgtrigger.ReadOnly)
    lives = {"status", "document", "sha256", "issued_at", "ended_at", "ended_by", "end_reason"}
    work = {"attempts", "next_attempt_at", "lease_token", "leased_until", "last_error"}

    fields = {field.name for field in Certificate._meta.concrete_fields} - {"id"}

    assert fields == set(trigger.fields or ()) | lives | work


def test_document_of_a_certificate_is_frozen(issued):
    for changes in (
        {"document": make_document()},
        {"document": None, "status": Status.PENDING},
        {"sha256": "0" * 64},
        {"issued_at": timezone.now()},
    ):
        with refused_by("certificate_document_is_frozen"):
            write(issued, **changes)


@pytest.mark.parametrize("status", [Status.SUPERSEDED, Status.REVOKED])
def test_what_ended_stays_ended(enrolment, accreditation, status):
    ended = make_certificate(enrolment, accreditation, status=status)

    for changes in (
        {"status": Status.ISSUED, "ended_at": None, "end_reason": ""},
        {"end_reason": "Another reason."},
        {"ended_at": timezone.now()},
    ):
        with refused_by("certificate_end_is_final"):
            write(ended, **changes)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Status.ISSUED, Status.PENDING),
        (Status.ISSUED, Status.FAILED),
        (Status.PENDING, Status.REVOKED),
        (Status.FAILED, Status.ISSUED),
    ],
)
def test_certificate_makes_no_move_that_is_not_listed(enrolment, accreditation, old, new):
    certificate = make_certificate(enrolment, accreditation, status=old)
    changes = {"ended_at": timezone.now(), "end_reason": "Wrong."} if new == Status.REVOKED else {}
    if new == Status.ISSUED:
        document = make_document()
        changes = {"document": document, "sha256": document.sha256, "issued_at": timezone.now()}

    with refused_by("certificate_moves"):
        write(certificate, status=new, **changes)


# --- rule 20 --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(Status))
def test_certificates_are_kept_for_six_years(enrolment, accreditation, status):
    certificate = make_certificate(enrolment, accreditation, status=status)

    with refused_by("certificate_kept_six_years"):
        delete(certificate)


def test_certificates_may_go_after_six_years(issued):
    write(issued.enrolment.cycle, starts_on="2012-01-12", ends_on="2012-03-01")

    issued.delete()

    assert not Certificate.objects.exists()


def test_certificate_is_kept_when_its_enrolment_is_deleted_first(issued):
    write(issued.enrolment.cycle, starts_on="2012-01-12", ends_on="2012-03-01")

    with refused_by("certificate_kept_six_years"):
        delete(issued.enrolment)
        delete(issued)


def test_document_of_a_certificate_cannot_be_changed_underneath(issued):
    with refused_by("stored_file_is_immutable"):
        StoredFile.objects.filter(pk=issued.document_id).update(content=b"%PDF forged")


# --- one line for one person and day, whoever writes it ---------------------------------------------------------------


def test_second_line_for_a_category_and_day_is_refused_whoever_writes_it(accreditation):
    overlapping = make_accreditation(
        accreditation.program, lines=(), valid_from=date(2026, 8, 31), valid_to=date(2027, 8, 31)
    )
    with refused_by("creditline_covers_once"):
        make_line(overlapping)
    later = next_years(accreditation.program)
    with refused_by("creditline_covers_once"):
        write(later.lines.all()[0], accreditation=overlapping)


def test_dates_that_would_overlap_are_refused_whoever_writes_them(accreditation):
    later = next_years(accreditation.program)
    elsewhere = make_accreditation(make_program())

    with refused_by("accreditation_covers_once"):
        write(later, valid_from=date(2026, 8, 31))
    with refused_by("accreditation_covers_once"):
        write(elsewhere, program=accreditation.program)
    later.valid_from = date(2026, 8, 31)
    with pytest.raises(ValidationError, match="already covers this category"):
        later.clean()
    write(later, valid_to=date(2030, 8, 31))


@pytest.mark.django_db(transaction=True)
def test_two_grants_made_to_overlap_at_once_leave_one():
    for _round in range(20):
        program = make_program()
        grants = [make_accreditation(program, lines=()) for _grant in range(5)]

        results = at_once([partial(make_line, grant) for grant in grants])

        assert sum(isinstance(result, CreditLine) for result in results) == 1
        assert sum(isinstance(result, IntegrityError) for result in results) == 4
