from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.conf import settings
from django.utils import timezone

from core.errors import MoveRefusedError
from credits.facts import CertificateFacts, FactsError
from credits.models import Certificate, CreditLine, NumberSeries, SessionIdentifier
from credits.services import close_cycle, close_due_cycles, issue_late_finishers, revoke_certificate
from credits.services.closing import TooEarlyError
from participants.enums import Category
from sessions_app.models import Cycle, EchoSession, Enrolment
from surveys.models import Instrument, SurveyWindow
from surveys.services import submit_response
from tests.clock import toronto
from tests.database import write
from tests.factories import (
    REFLECTION,
    answer_surveys,
    make_attendance,
    make_certificate,
    make_enrolment,
    make_graduate,
    make_hub,
    make_program,
    make_season,
    make_session,
    make_user,
)
from tests.history import audit_row

Status = Certificate.Status
CLOSED_AT = toronto(2025, 10, 2, 9)


@pytest.fixture
def cycle(db) -> Cycle:
    """Two sessions, on September 11 and 18, 2025."""
    return make_season(sessions=2)


# --- closing by hand ------------------------------------------------------------------------------------------------


def test_close_cycle_creates_one_waiting_certificate_for_each_who_is_due(cycle, coordinator):
    due = [make_graduate(cycle, make_user(category=category)) for category in Category]
    absent = make_enrolment(cycle)
    answer_surveys(absent)
    unanswered = make_enrolment(cycle)
    make_attendance(unanswered, cycle.sessions.all()[0])
    write(make_graduate(cycle), status=Enrolment.Status.WITHDRAWN)

    certificates = close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)

    assert {certificate.enrolment for certificate in certificates} == set(due)
    assert {(row.status, row.attempts, row.next_attempt_at) for row in Certificate.objects.all()} == {
        (Status.PENDING, 0, CLOSED_AT)
    }
    assert {row.enrolment.participant.profile.category: row.amount for row in certificates} == {
        Category.FAMILY_PHYSICIAN: Decimal(6),
        Category.SPECIALIST: Decimal(3),
        Category.OTHER: Decimal(3),
    }
    cycle.refresh_from_db()
    assert (cycle.status, cycle.closed_at, cycle.closed_by) == ("closed", CLOSED_AT, coordinator)


def test_close_cycle_is_one_deed_in_the_audit_trail(cycle, coordinator):
    make_graduate(cycle)

    (certificate,) = close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)

    assert audit_row(cycle, "update") == ("cycle.close", coordinator.pk, "")
    assert audit_row(certificate, "insert") == ("cycle.close", coordinator.pk, "")


def test_close_cycle_twice_issues_nothing_twice(cycle, coordinator):
    make_graduate(cycle)
    close = partial(close_cycle, cycle_id=cycle.pk, by=coordinator)
    close(now=CLOSED_AT)

    assert close(now=CLOSED_AT + timedelta(days=1)) == []

    assert Certificate.objects.count() == 1
    cycle.refresh_from_db()
    assert cycle.closed_at == CLOSED_AT


def test_close_cycle_again_issues_what_has_become_due_since(cycle, coordinator):
    make_graduate(cycle)
    close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)
    late = make_graduate(cycle)

    (certificate,) = close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)

    assert (certificate.enrolment, certificate.serial) == (late, 2)


def test_close_cycle_refuses_until_the_last_session_has_ended(cycle, coordinator):
    last = cycle.sessions.all()[1]
    make_graduate(cycle)
    close = partial(close_cycle, cycle_id=cycle.pk, by=coordinator)

    with pytest.raises(TooEarlyError, match="sessions to come"):
        close(now=last.ends_at - timedelta(seconds=1))
    cycle.refresh_from_db()
    assert cycle.status == "published"
    assert not Certificate.objects.exists()

    assert len(close(now=last.ends_at)) == 1


def test_close_cycle_does_not_wait_for_a_cancelled_session(cycle, coordinator):
    make_session(cycle, week=30, status=EchoSession.Status.CANCELLED)
    make_graduate(cycle)

    assert len(close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)) == 1


def test_close_cycle_refuses_one_that_was_never_public(coordinator):
    cycle = make_season(status=Cycle.Status.PLANNED)

    with pytest.raises(MoveRefusedError, match="Publish the cycle"):
        close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)


def test_close_cycle_does_all_or_nothing(cycle, coordinator):
    for _person in range(2):
        make_graduate(cycle)
    # The last certificate of the list cannot be worded: its line has no title.
    make_graduate(cycle, make_user(name="Zz", category=Category.OTHER))
    CreditLine.objects.filter(category=Category.OTHER).update(document_title=" ")

    with pytest.raises(FactsError, match="document_title"):
        close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)

    cycle.refresh_from_db()
    assert cycle.status == "published"
    assert not Certificate.objects.exists()
    assert not NumberSeries.objects.exists()


# --- rule 15: what is promised with the number ----------------------------------------------------------------------


def test_certificate_is_numbered_and_says_all_it_will_print(coordinator, family_physician):
    program = make_program(
        name="ECHO Ontario Chronic Pain",
        hubs=[make_hub("University Health Network"), make_hub("Queen’s University", "Kingston")],
    )
    cycle = make_season(program, name="Fall 2025")
    first, second = cycle.sessions.all()
    accreditation = program.accreditations.get()
    SessionIdentifier.objects.create(accreditation=accreditation, session=first, identifier="CERT-1")
    missed = make_session(cycle, week=2)
    enrolment = make_graduate(cycle, family_physician)
    write(enrolment.attendances.get(session=missed), minutes=20)

    (certificate,) = close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)

    facts = CertificateFacts.from_json(Certificate.objects.get().facts)
    assert (facts.number, facts.issued_on, facts.supersedes) == ("ECHO-2025-000001", date(2025, 10, 2), "")
    assert facts.hubs == ("University Health Network, Toronto", "Queen’s University, Kingston")
    assert (facts.program_name, facts.cycle_name) == ("ECHO Ontario Chronic Pain", "Fall 2025")
    assert (facts.cycle_starts_on, facts.cycle_ends_on) == (date(2025, 9, 11), date(2025, 9, 18))
    assert (facts.participant_name, facts.place) == ("Fatima Al-Sayed, MD", "Web conference")
    assert [(row.held_on, row.title, row.session_id, row.hours) for row in facts.sessions] == [
        (date(2025, 9, 11), "Topic 1", "CERT-1", Decimal("1.50")),
        (date(2025, 9, 18), "Topic 2", "", Decimal("1.50")),
    ]
    assert (facts.total_hours, facts.amount, facts.unit, facts.maximum) == (
        Decimal(3),
        Decimal(6),
        "credits",
        Decimal(160),
    )
    assert (facts.credit_name, facts.accredited_title) == ("Mainpro+", "Chronic Pain Rounds")
    assert facts.statement == "This program is certified by the College."
    assert facts.physician_name == "Dr. Ada Okonkwo"
    assert facts.verification_url == f"{settings.PORTAL_URL}/verify/{certificate.token}/"
    assert second.topic == "Topic 2"


def test_certificate_of_a_specialist_shows_hours(cycle, coordinator, specialist):
    make_graduate(cycle, specialist)

    (certificate,) = close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)

    facts = CertificateFacts.from_json(certificate.facts)
    assert (facts.unit, facts.amount, facts.total_hours, facts.maximum) == (
        "hours",
        Decimal(3),
        Decimal(3),
        Decimal(80),
    )


def test_certificate_speaks_the_participants_language(cycle, coordinator, nurse_practitioner):
    write(cycle.program, name_fr="ECHO Ontario Douleur chronique")
    cycle.program.accreditations.get().lines.update(document_title_fr="Attestation de présence")
    make_graduate(cycle, nurse_practitioner)

    (certificate,) = close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)

    facts = CertificateFacts.from_json(certificate.facts)
    assert (facts.language, facts.document_title) == ("fr", "Attestation de présence")
    assert (facts.program_name, facts.place) == ("ECHO Ontario Douleur chronique", "Conférence Web")
    # What has no French yet is said in English rather than left out.
    assert facts.statement == "This program is certified by the College."


def test_certificate_keeps_what_it_said_when_everything_changes(cycle, coordinator, family_physician):
    make_graduate(cycle, family_physician)
    (certificate,) = close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)
    before = Certificate.objects.values().get()

    write(family_physician.profile, legal_name="Fatima Married", category=Category.SPECIALIST)
    write(certificate.line, per_hour=1, statement="Reworded.", cap=50)
    write(certificate.accreditation, physician_name="Somebody else")
    write(cycle.program, name="Renamed")
    close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)

    assert Certificate.objects.values().get() == before


# --- numbers --------------------------------------------------------------------------------------------------------


def test_numbers_are_gapless_within_the_year_that_toronto_counts(coordinator):
    new_years_eve, new_year = toronto(2025, 12, 31, 23, 59), toronto(2026, 1, 1)
    numbers = []
    for now in (new_years_eve, new_years_eve, new_year):
        cycle = make_season()
        for _person in range(2):
            make_graduate(cycle)
        certificates = close_cycle(cycle_id=cycle.pk, by=coordinator, now=now)
        numbers += [certificate.number for certificate in certificates]

    assert numbers == [
        "ECHO-2025-000001",
        "ECHO-2025-000002",
        "ECHO-2025-000003",
        "ECHO-2025-000004",
        "ECHO-2026-000001",
        "ECHO-2026-000002",
    ]


# --- rule 19: without anyone pressing a button ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends_on", "grace_days", "due_at"),
    [
        # 14 whole days after the last one, from midnight in Toronto on.
        (date(2025, 10, 2), 14, toronto(2025, 10, 17)),
        (date(2025, 10, 2), 0, toronto(2025, 10, 3)),
        # The clocks go back on November 2, 2025, and forward on March 8, 2026.
        (date(2025, 10, 30), 14, toronto(2025, 11, 14)),
        (date(2025, 11, 1), 0, toronto(2025, 11, 2)),
        (date(2025, 11, 1), 1, toronto(2025, 11, 3)),
        (date(2026, 3, 7), 0, toronto(2026, 3, 8)),
        (date(2026, 3, 5), 14, toronto(2026, 3, 20)),
    ],
)
@pytest.mark.parametrize("in_utc", [True, False])
def test_cycle_closes_by_itself_when_its_grace_period_is_over(cycle, ends_on, grace_days, due_at, in_utc):
    write(cycle, ends_on=ends_on, grace_days=grace_days)
    make_graduate(cycle)
    # The same moments, as a worker's clock gives them.
    due_at = due_at.astimezone(timezone.get_fixed_timezone(0)) if in_utc else due_at

    assert close_due_cycles(now=due_at - timedelta(seconds=1)) == 0
    assert not Certificate.objects.exists()
    assert close_due_cycles(now=due_at) == 1
    assert close_due_cycles(now=due_at) == 0

    cycle.refresh_from_db()
    assert (cycle.status, cycle.closed_at, cycle.closed_by) == ("closed", due_at, None)
    assert audit_row(Certificate.objects.get(), "insert") == ("cycle.close", None, "")


def test_cycle_that_is_not_public_does_not_close_by_itself(cycle):
    write(cycle, status=Cycle.Status.PLANNED)

    assert close_due_cycles(now=toronto(2027, 1, 1)) == 0


def test_cycle_with_a_session_moved_past_its_end_closes_after_that_one(cycle):
    moved = make_session(cycle, week=8)

    assert close_due_cycles(now=moved.starts_at) == 0
    assert close_due_cycles(now=moved.ends_at) == 1


def test_cycle_that_cannot_be_closed_holds_up_no_other(cycle, caplog):
    make_graduate(cycle)
    CreditLine.objects.update(document_title=" ")
    healthy = [make_season(), make_season()]
    for other in healthy:
        make_graduate(other)

    assert close_due_cycles(now=toronto(2025, 12, 1)) == 2

    assert {row.enrolment.cycle for row in Certificate.objects.all()} == set(healthy)
    assert f"Cycle {cycle.pk}" in caplog.text
    cycle.refresh_from_db()
    assert cycle.status == "published"


# --- who completes late ---------------------------------------------------------------------------------------------


def test_late_finisher_gets_theirs_when_they_complete(cycle, coordinator, family_physician):
    enrolment = make_enrolment(cycle, family_physician)
    for session in cycle.sessions.all():
        make_attendance(enrolment, session)
    answer_surveys(enrolment, Instrument.Kind.PRE, Instrument.Kind.POST)
    assert close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT) == []
    late = toronto(2025, 11, 20, 8)
    assert issue_late_finishers(now=late) == 0

    reflection = SurveyWindow.objects.get(cycle=cycle, instrument__kind=Instrument.Kind.REFLECTION)
    submit_response(
        window_id=reflection.pk,
        by=family_physician,
        answers={reflection.instrument.questions.get().pk: REFLECTION},
        now=late,
    )

    assert issue_late_finishers(now=late) == 1
    assert issue_late_finishers(now=late) == 0
    certificate = Certificate.objects.get()
    assert (certificate.enrolment, certificate.amount, certificate.created_at) == (
        enrolment,
        Decimal(6),
        late,
    )
    assert audit_row(certificate, "insert") == ("certificate.issue_late", None, "")


def test_late_finisher_without_any_credit_gets_none(cycle, coordinator):
    close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)
    answer_surveys(make_enrolment(cycle))

    assert issue_late_finishers(now=CLOSED_AT) == 0
    assert not Certificate.objects.exists()


def test_revoked_certificate_does_not_come_back(cycle, coordinator):
    enrolment = make_graduate(cycle)
    certificate = make_certificate(enrolment, cycle.program.accreditations.get())
    revoke_certificate(
        certificate_id=certificate.pk, by=coordinator, reason="Issued in error.", now=CLOSED_AT
    )

    assert close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT) == []
    assert issue_late_finishers(now=CLOSED_AT) == 0
    assert close_due_cycles(now=toronto(2027, 1, 1)) == 0
    assert Certificate.objects.get().status == Status.REVOKED


def test_late_finisher_who_cannot_be_served_holds_up_no_other_cycle(coordinator):
    stuck, healthy = make_season(), make_season()
    for cycle in (stuck, healthy):
        close_cycle(cycle_id=cycle.pk, by=coordinator, now=CLOSED_AT)
        make_graduate(cycle)
    CreditLine.objects.filter(accreditation__program=stuck.program).update(document_title=" ")

    assert issue_late_finishers(now=CLOSED_AT) == 1
    assert Certificate.objects.get().enrolment.cycle == healthy
