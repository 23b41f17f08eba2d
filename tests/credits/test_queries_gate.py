from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from credits.issued import IssuingProgress, issuing_progress, late_finishers
from credits.models import Certificate
from credits.queries import cycle_ledgers, enrolment_ledger, line_for
from credits.rules import Missing
from participants.enums import Category
from participants.models import Profile
from sessions_app.models import Cycle, Enrolment
from surveys.models import Instrument
from tests.credits.ledgers import ledger_of
from tests.database import write
from tests.factories import (
    answer_surveys,
    make_accreditation,
    make_attendance,
    make_certificate,
    make_cycle,
    make_enrolment,
    make_graduate,
    make_line,
    make_season,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle(db) -> Cycle:
    return make_season(sessions=2)


# --- rule 10: the cap, across cycles --------------------------------------------------------------------------------


def spring(cycle: Cycle) -> Cycle:
    """The next cycle of the same program, under the same grant."""
    return make_season(cycle.program, sessions=2, starts_on=date(2026, 1, 8))


@pytest.mark.parametrize(
    ("claimed", "amount", "taken"),
    [("0.5", "6", "0"), ("154", "6", "0"), ("155", "5", "1"), ("159.5", "0.5", "5.5")],
)
def test_ledger_counts_what_earlier_cycles_claimed(cycle, family_physician, claimed, amount, taken):
    make_certificate(
        make_enrolment(cycle, family_physician), cycle.program.accreditations.get(), amount=Decimal(claimed)
    )

    (total,) = ledger_of(make_graduate(spring(cycle), family_physician)).totals

    assert (total.amount, total.taken_by_cap) == (Decimal(amount), Decimal(taken))


def test_ledger_names_credit_as_missing_when_the_cap_is_used_up(cycle, family_physician):
    make_certificate(
        make_enrolment(cycle, family_physician), cycle.program.accreditations.get(), amount=Decimal(160)
    )

    ledger = ledger_of(make_graduate(spring(cycle), family_physician))

    assert ledger.missing == (Missing.CREDIT,)
    assert ledger.to_issue == []


@pytest.mark.parametrize("status", [Certificate.Status.SUPERSEDED, Certificate.Status.REVOKED])
def test_ledger_does_not_count_certificates_that_ended(cycle, family_physician, status):
    make_certificate(
        make_enrolment(cycle, family_physician),
        cycle.program.accreditations.get(),
        status=status,
        amount=Decimal(160),
    )

    assert ledger_of(make_graduate(spring(cycle), family_physician)).amount == 6


def test_ledger_counts_nobody_elses_and_no_other_grants_certificates(cycle, family_physician, specialist):
    accreditation = cycle.program.accreditations.get()
    make_certificate(make_enrolment(cycle, specialist), accreditation, amount=Decimal(80))
    other = make_season(sessions=1)
    make_certificate(
        make_enrolment(other, family_physician), other.program.accreditations.get(), amount=Decimal(160)
    )
    expired = make_accreditation(cycle.program, valid_from=date(2024, 9, 1), valid_to=date(2025, 8, 31))
    make_certificate(make_enrolment(cycle, family_physician), expired, amount=Decimal(160))

    assert ledger_of(make_graduate(spring(cycle), family_physician)).amount == 6


def test_ledger_counts_hours_certified_in_another_category(cycle, family_physician):
    # 78 of 80 hours were certified in credits; as a specialist two hours are left, not three.
    make_certificate(
        make_enrolment(cycle, family_physician),
        cycle.program.accreditations.get(),
        hours=Decimal(78),
        amount=Decimal(156),
    )
    write(family_physician.profile, category=Category.SPECIALIST)

    assert ledger_of(make_graduate(spring(cycle), family_physician)).amount == 2


def test_a_lower_rate_since_does_not_open_the_cap_again(cycle, family_physician):
    accreditation = cycle.program.accreditations.get()
    make_certificate(
        make_enrolment(cycle, family_physician), accreditation, hours=Decimal(79), amount=Decimal(158)
    )
    write(accreditation.lines.get(category=Category.FAMILY_PHYSICIAN), per_hour=1)

    assert ledger_of(make_graduate(spring(cycle), family_physician)).amount == 2


# --- rule 13: the gate ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        (Instrument.Kind.PRE, Missing.PRE_SURVEY),
        (Instrument.Kind.POST, Missing.POST_SURVEY),
        (Instrument.Kind.REFLECTION, Missing.REFLECTION),
    ],
)
def test_ledger_names_the_survey_that_is_missing(cycle, kind, named):
    enrolment = make_enrolment(cycle)
    for session in cycle.sessions.all():
        make_attendance(enrolment, session)
    answer_surveys(enrolment, *({"pre", "post", "reflection"} - {kind.value}))

    ledger = ledger_of(enrolment)

    assert ledger.missing == (named,)
    assert ledger.amount == 6  # earned, and not yet claimable
    assert ledger.to_issue == []


def test_ledger_names_everything_that_is_missing(cycle, outsider):
    write(outsider.profile, user=make_user_without_profile())
    enrolment = make_enrolment(cycle, outsider, status=Enrolment.Status.WITHDRAWN)

    ledger = ledger_of(Enrolment.objects.get(pk=enrolment.pk))

    assert ledger.missing == tuple(Missing)
    assert ledger.totals == []


def make_user_without_profile():
    user = make_user()
    Profile.objects.filter(user=user).delete()
    return user


def test_ledgers_are_of_the_approved_in_the_order_of_their_names(cycle):
    for name, status in (
        ("Zoë", "approved"),
        ("Ann", "approved"),
        ("Bo", "applied"),
        ("Cy", "waitlisted"),
        ("Di", "declined"),
        ("Ed", "withdrawn"),
    ):
        make_enrolment(cycle, make_user(name=name), status=status)
    make_enrolment(make_cycle(cycle.program), make_user(name="Flo"))

    assert [ledger.profile.legal_name for ledger in cycle_ledgers(cycle) if ledger.profile] == ["Ann", "Zoë"]


def test_ledger_of_one_enrolment_is_the_one_of_its_cycle(cycle):
    enrolment = make_graduate(cycle)
    make_graduate(cycle)

    ledger = enrolment_ledger(enrolment)

    assert (ledger.enrolment, ledger.amount) == (enrolment, Decimal(6))


@pytest.mark.parametrize("status", list(Certificate.Status))
def test_what_was_certified_once_is_not_due_again(cycle, status):
    # A revoked one included: what a person revoked does not come back by itself.
    enrolment = make_graduate(cycle)
    make_certificate(enrolment, cycle.program.accreditations.get(), status=status)

    ledger = ledger_of(enrolment)

    assert ledger.missing == ()
    assert ledger.to_issue == []


# --- which line applies ---------------------------------------------------------------------------------------------


def test_line_for_is_the_one_of_the_last_session_or_the_latest_there_is():
    cycle = make_cycle(sessions=2)
    profile = make_user(category=Category.SPECIALIST).profile
    assert line_for(cycle, profile) is None
    old = make_accreditation(cycle.program, valid_from=date(2024, 1, 1), valid_to=date(2024, 12, 31))
    assert line_for(cycle, profile) == old.lines.get(category=Category.SPECIALIST)

    new = make_accreditation(cycle.program, valid_from=date(2025, 9, 18), valid_to=date(2025, 9, 18))

    assert line_for(cycle, profile) == new.lines.get(category=Category.SPECIALIST)
    assert line_for(cycle, None) is None


def test_line_for_a_category_without_a_line_is_none(cycle):
    accreditation = make_accreditation(make_cycle().program, lines=())
    make_line(accreditation, category=Category.OTHER)
    other = make_cycle(accreditation.program, sessions=1)

    assert line_for(other, make_user(category=Category.SPECIALIST).profile) is None


# --- who completed late, and how far the certificates are -----------------------------------------------------------


def test_late_finishers_are_those_of_closed_cycles_with_everything_and_no_certificate():
    closed = make_season(status=Cycle.Status.CLOSED)
    late = make_graduate(closed)
    make_graduate(make_season(closed.program))  # still running
    unfinished = make_enrolment(closed)
    answer_surveys(unfinished, "pre", "post")
    withdrawn = make_graduate(closed)
    write(withdrawn, status=Enrolment.Status.WITHDRAWN)
    for status in (Certificate.Status.ISSUED, Certificate.Status.PENDING, Certificate.Status.REVOKED):
        make_certificate(make_graduate(closed), closed.program.accreditations.get(), status=status)

    assert list(late_finishers()) == [late]


def test_issuing_progress_counts_by_state(cycle):
    accreditation = cycle.program.accreditations.get()
    counts = {"pending": 3, "issued": 2, "failed": 1, "superseded": 1, "revoked": 1}
    for status, count in counts.items():
        for _person in range(count):
            make_certificate(make_enrolment(cycle), accreditation, status=status)
    elsewhere = make_season(cycle.program)
    make_certificate(make_enrolment(elsewhere), accreditation)

    progress = issuing_progress(cycle)

    assert progress == IssuingProgress(waiting=3, issued=2, failed=1)
    assert progress.total == 6
