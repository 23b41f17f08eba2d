"""A participant's own ledger: each session, how the total comes about, and what attending the rest would bring."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from sessions_app.models import EchoSession, Enrolment
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
    make_waiver,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def running(family_physician) -> Enrolment:
    """In a cycle with two sessions held, of which one was attended, and two to come."""
    now = timezone.now().replace(second=0, microsecond=0)
    today = timezone.localdate(now)
    cycle = make_cycle(starts_on=today - timedelta(days=20), ends_on=today + timedelta(days=30))
    make_accreditation(
        cycle.program, valid_from=today - timedelta(days=90), valid_to=today + timedelta(days=90)
    )
    make_surveys(cycle)
    for days, status in ((-14, "held"), (-7, "held"), (7, "confirmed"), (14, "confirmed"), (21, "cancelled")):
        make_session(cycle, starts_at=now + timedelta(days=days), status=status)
    enrolment = make_enrolment(cycle, family_physician)
    make_attendance(enrolment, cycle.sessions.earliest("starts_at"))
    return enrolment


def page(client, enrolment: Enrolment, name: str = "ledger-detail") -> str:
    client.force_login(enrolment.participant)
    response = client.get(reverse(f"credits:{name}", args=[enrolment.cycle_id]))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_ledger_tells_each_session_apart(client, running):
    content = page(client, running)

    assert content.count("Credited</td>") == 1
    assert content.count("Not there</td>") == 1
    assert content.count("To come</td>") == 2
    assert content.count("The session was cancelled</td>") == 1
    assert "3 credits of at most 160" in content


def test_ledger_says_what_attending_the_rest_would_bring(client, running):
    sentence = "If you attend the 2 sessions that are left, you reach 9 credits."
    assert sentence in page(client, running)
    assert sentence in page(client, running, "cycle-detail")


def test_what_can_still_be_reached_ends_at_the_cap(client, running):
    running.cycle.program.accreditations.get().lines.filter(category="family_physician").update(
        cap=Decimal(5)
    )

    assert "you reach 5 credits." in page(client, running)


def test_one_session_left_is_said_in_the_singular(client, running):
    running.cycle.sessions.order_by("starts_at")[3:4].get().delete()

    assert "If you attend the session that is left, you reach 6 credits." in page(client, running)


def test_what_other_cycles_certified_takes_of_the_cap(client, running):
    earlier = make_season(running.cycle.program, sessions=1)
    make_certificate(
        make_enrolment(earlier, running.participant),
        running.cycle.program.accreditations.get(),
        hours=Decimal(79),
        amount=Decimal(158),
    )

    content = page(client, running)

    assert "2 credits of at most 160" in content
    assert "158 credits: the accreditor’s maximum counts them too" in content
    assert "1 credit, earned but not claimable" in content


def test_nothing_left_promises_nothing(client):
    assert "If you attend" not in page(client, make_graduate(make_season(sessions=2)))


def test_waived_condition_says_so(client, running):
    make_waiver(running, "pre_survey", status="granted")

    assert "Waived by the coordination." in page(client, running)


def test_table_is_the_persons_own(client, running):
    content = page(client, running, "ledger-csv")

    assert content.count(",90,1.50,Credited") == 1
    assert "Claimable,Mainpro+,,,3.00,Credits" in content


@pytest.mark.parametrize("name", ["ledger-detail", "ledger-csv"])
def test_ledger_of_who_was_never_let_in_does_not_exist(client, running, name):
    applicant = make_enrolment(running.cycle, make_user(), status=Enrolment.Status.APPLIED)
    client.force_login(applicant.participant)

    assert client.get(reverse(f"credits:{name}", args=[running.cycle_id])).status_code == 404


@pytest.mark.parametrize("sessions", [1, 3])
def test_ledger_asks_the_same_questions_for_any_number_of_sessions(
    client, running, sessions, django_assert_num_queries
):
    for week in range(sessions):
        make_session(
            running.cycle,
            starts_at=timezone.now() + timedelta(days=2 + week),
            status=EchoSession.Status.CONFIRMED,
        )
    page(client, running)
    client.force_login(running.participant)

    with django_assert_num_queries(18):
        client.get(reverse("credits:ledger-detail", args=[running.cycle_id]))
