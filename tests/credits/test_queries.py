from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from credits.models import SessionIdentifier
from credits.queries import (
    cycle_ledgers,
)
from credits.rules import NotCredited
from participants.enums import Category
from sessions_app.models import Cycle, EchoSession
from tests.credits.ledgers import ledger_of, reasons
from tests.database import write
from tests.factories import (
    make_accreditation,
    make_attendance,
    make_certificate,
    make_cycle,
    make_enrolment,
    make_graduate,
    make_season,
    make_session,
    make_surveys,
    make_user,
)

pytestmark = pytest.mark.django_db

LEDGER_QUERIES = 9
"""People, sessions, lines, session IDs, attendance, surveys, certificates here, claims elsewhere, waivers."""


@pytest.fixture
def cycle(db) -> Cycle:
    return make_season(sessions=2)


# --- how many queries -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("people", [3, 30])
def test_ledgers_take_the_same_few_queries_for_any_number_of_people(cycle, people):
    earlier = make_season(cycle.program, sessions=1, starts_on=date(2025, 9, 2))
    accreditation = cycle.program.accreditations.get()
    for number in range(people):
        person = make_user(category=list(Category)[number % 3])
        make_certificate(make_enrolment(earlier, person), accreditation, hours=Decimal(3), amount=Decimal(6))
        make_graduate(cycle, person)
    cycle = Cycle.objects.select_related("program").get(pk=cycle.pk)

    with CaptureQueriesContext(connection) as queries:
        ledgers = cycle_ledgers(cycle)
        facts = [
            (ledger.amount, ledger.missing, total.line.accreditation.valid_to, total.taken_by_cap)
            for ledger in ledgers
            for total in ledger.totals
        ]

    assert len(facts) == people
    assert len(queries) == LEDGER_QUERIES


# --- what is earned -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "amount", "unit"),
    [
        (Category.FAMILY_PHYSICIAN, "6", "credits"),
        (Category.SPECIALIST, "3", "hours"),
        (Category.OTHER, "3", "hours"),
    ],
)
def test_ledger_counts_each_category_by_its_own_line(cycle, category, amount, unit):
    ledger = ledger_of(make_graduate(cycle, make_user(category=category)))

    (total,) = ledger.totals
    assert (total.hours, total.amount, total.line.unit) == (Decimal(3), Decimal(amount), unit)
    assert ledger.missing == ()
    assert ledger.to_issue == [total]


@pytest.mark.parametrize(("sessions", "amount"), [(1, "3"), (53, "159"), (54, "160"), (60, "160")])
def test_ledger_gives_the_programs_published_figures(sessions, amount):
    cycle = make_cycle(sessions=sessions)
    make_accreditation(cycle.program, valid_to=date(2027, 12, 31))
    enrolment = make_enrolment(cycle)
    for session in cycle.sessions.all():
        make_attendance(enrolment, session, minutes=54)

    assert ledger_of(enrolment).amount == Decimal(amount)


def test_ledger_names_why_each_session_earned_nothing():
    cycle = make_cycle(sessions=0)
    make_accreditation(cycle.program, valid_from=date(2025, 9, 25), valid_to=date(2025, 12, 31))
    before_grant, cancelled, guest, short, _absent, zero, good = (
        make_session(cycle, week=week, status=EchoSession.Status.PLANNED) for week in (1, 2, 3, 4, 5, 6, 7)
    )
    before_enrolment = make_session(cycle, week=0)
    enrolment = make_enrolment(cycle, enrolled_on=date(2025, 9, 18))
    for session in (before_enrolment, before_grant, cancelled, good):
        make_attendance(enrolment, session)
    # Somebody checked in before the start; then it was called off.
    write(cancelled, status=EchoSession.Status.CANCELLED)
    make_attendance(enrolment, guest, is_guest=True)
    make_attendance(enrolment, short, minutes=53)
    make_attendance(enrolment, zero, minutes=0)

    ledger = ledger_of(enrolment)

    assert reasons(ledger) == [
        NotCredited.BEFORE_ENROLMENT,
        NotCredited.NOT_ACCREDITED,
        NotCredited.CANCELLED,
        NotCredited.GUEST,
        NotCredited.BELOW_THRESHOLD,
        NotCredited.ABSENT,
        NotCredited.ABSENT,
        None,
    ]
    assert [row.hours for row in ledger.rows] == [0] * 7 + [Decimal("1.5")]
    assert [row.minutes for row in ledger.rows] == [90, 90, 90, 90, 53, None, 0, 90]
    assert ledger.amount == 3


def test_ledger_counts_the_grants_first_and_last_day():
    cycle = make_cycle(sessions=3)
    make_accreditation(cycle.program, valid_from=date(2025, 9, 18), valid_to=date(2025, 9, 18))
    enrolment = make_enrolment(cycle)
    for session in cycle.sessions.all():
        make_attendance(enrolment, session)

    assert reasons(ledger_of(enrolment)) == [NotCredited.NOT_ACCREDITED, None, NotCredited.NOT_ACCREDITED]


def test_ledger_takes_a_late_sessions_day_as_toronto_counts_it():
    # 21:00 in Toronto is tomorrow in Greenwich: it still falls on the grant's last day, and on the day of enrolment.
    cycle = make_cycle()
    session = make_session(cycle)
    write(
        session,
        starts_at=session.starts_at + timedelta(hours=8.5),
        ends_at=session.ends_at + timedelta(hours=8.5),
    )
    make_accreditation(cycle.program, valid_from=cycle.starts_on, valid_to=cycle.starts_on)
    enrolment = make_enrolment(cycle, enrolled_on=cycle.starts_on)
    make_attendance(enrolment, session)

    assert reasons(ledger_of(enrolment)) == [None]


def test_ledger_follows_the_programs_policy(cycle):
    write(cycle.program, attendance_policy="pro_rata")
    enrolment = make_enrolment(cycle)
    first, second = cycle.sessions.all()
    make_attendance(enrolment, first, minutes=53)
    make_attendance(enrolment, second, minutes=14)

    ledger = ledger_of(enrolment)

    assert [row.hours for row in ledger.rows] == [Decimal("0.75"), Decimal(0)]
    assert reasons(ledger)[1] is NotCredited.BELOW_THRESHOLD


def test_ledger_follows_the_programs_threshold(cycle):
    write(cycle.program, attendance_threshold=80)
    enrolment = make_enrolment(cycle)
    first, second = cycle.sessions.all()
    make_attendance(enrolment, first, minutes=71)
    make_attendance(enrolment, second, minutes=72)

    assert reasons(ledger_of(enrolment)) == [NotCredited.BELOW_THRESHOLD, None]


def test_ledger_splits_a_cycle_over_two_grants():
    cycle = make_cycle(sessions=3)
    make_surveys(cycle)
    old = make_accreditation(cycle.program, valid_to=date(2025, 9, 11))
    new = make_accreditation(
        cycle.program, valid_from=date(2025, 9, 12), lines=[{"per_hour": Decimal(1), "cap": Decimal(50)}]
    )

    ledger = ledger_of(make_graduate(cycle))

    assert [(total.line.accreditation, total.amount) for total in ledger.totals] == [
        (old, Decimal(3)),
        (new, Decimal(3)),
    ]
    assert len(ledger.to_issue) == 2
    assert ledger.amount == 6


def test_ledger_knows_the_accreditors_session_ids(cycle):
    first = cycle.sessions.all()[0]
    accreditation = cycle.program.accreditations.get()
    SessionIdentifier.objects.create(accreditation=accreditation, session=first, identifier="CERT-1")

    ledger = ledger_of(make_graduate(cycle))

    assert [row.identifier for row in ledger.rows] == ["CERT-1", ""]


def test_ledger_tells_what_is_over(cycle):
    ahead = make_session(cycle, week=2, starts_at=timezone.now() + timedelta(days=1))

    ledger = ledger_of(make_graduate(cycle))

    assert [row.session for row in ledger.rows if not row.is_over] == [ahead]
