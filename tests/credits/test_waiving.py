"""Waivers: asked for by one, granted by another, and what they open (rule 13)."""

from __future__ import annotations

from datetime import date
from functools import partial

import pytest

from core.errors import BadInputError, MoveRefusedError
from credits.models import Certificate, Waiver
from credits.queries import enrolment_ledger
from credits.rules import Missing
from credits.services import ask_waiver, close_cycle, decide_waiver, issue_late_finishers
from credits.services.waiving import NotYoursError
from sessions_app.models import Enrolment
from tests.clock import toronto
from tests.database import delete, refused_by, write
from tests.factories import (
    answer_surveys,
    make_attendance,
    make_enrolment,
    make_graduate,
    make_season,
    make_user,
    make_waiver,
)
from tests.history import audit_row
from tests.races import at_once

NOW = toronto(2026, 5, 4, 10)


@pytest.fixture
def enrolment(db) -> Enrolment:
    """In every session, with the pre-survey and the reflection; the post-survey is missing."""
    enrolment = make_enrolment(make_season(sessions=2))
    for session in enrolment.cycle.sessions.all():
        make_attendance(enrolment, session)
    answer_surveys(enrolment, "pre", "reflection")
    return enrolment


def ask(enrolment: Enrolment, by, condition: str = "post_survey", reason: str = "Was on leave.") -> Waiver:
    return ask_waiver(enrolment_id=enrolment.pk, condition=condition, reason=reason, by=by, now=NOW)


def test_waiver_counts_only_once_a_second_person_has_granted_it(enrolment, coordinator):
    waiver = ask(enrolment, coordinator)
    assert enrolment_ledger(enrolment).missing == (Missing.POST_SURVEY,)

    decide_waiver(waiver_id=waiver.pk, grant=True, by=make_user(is_staff=True), now=NOW)

    ledger = enrolment_ledger(enrolment)
    assert ledger.missing == ()
    assert ledger.waived == {Missing.POST_SURVEY}
    assert [total.amount for total in ledger.to_issue] == [6]


def test_waiver_that_is_refused_opens_nothing_and_can_be_asked_for_again(enrolment, coordinator):
    waiver = ask(enrolment, coordinator)
    decide_waiver(waiver_id=waiver.pk, grant=False, by=make_user(is_staff=True), now=NOW)

    assert enrolment_ledger(enrolment).missing == (Missing.POST_SURVEY,)
    ask(enrolment, coordinator, reason="A letter from the employer is on file.")
    assert enrolment.waivers.count() == 2


def test_who_asked_cannot_grant_but_can_take_back(enrolment, coordinator):
    waiver = ask(enrolment, coordinator)

    with pytest.raises(NotYoursError):
        decide_waiver(waiver_id=waiver.pk, grant=True, by=coordinator, now=NOW)
    decide_waiver(waiver_id=waiver.pk, grant=False, by=coordinator, now=NOW)
    waiver.refresh_from_db()
    assert waiver.status == Waiver.Status.REFUSED


def test_nobody_waives_for_themselves(enrolment, coordinator):
    own = enrolment.participant

    with pytest.raises(NotYoursError):
        ask(enrolment, own)
    waiver = ask(enrolment, coordinator)
    for grant in (True, False):
        with pytest.raises(NotYoursError):
            decide_waiver(waiver_id=waiver.pk, grant=grant, by=own, now=NOW)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_waiver_needs_a_reason(enrolment, coordinator, reason):
    with pytest.raises(BadInputError):
        ask(enrolment, coordinator, reason=reason)


@pytest.mark.parametrize("condition", ["enrolment", "profile", "credit", "nonsense"])
def test_other_conditions_cannot_be_waived(enrolment, coordinator, condition):
    with pytest.raises(BadInputError):
        ask(enrolment, coordinator, condition=condition)


def test_what_is_met_or_asked_for_already_is_not_asked_for(enrolment, coordinator):
    with pytest.raises(MoveRefusedError, match="met already"):
        ask(enrolment, coordinator, condition="pre_survey")
    ask(enrolment, coordinator)
    with pytest.raises(MoveRefusedError, match="asked for already"):
        ask(enrolment, coordinator)


def test_waiver_is_decided_once(enrolment, coordinator):
    waiver, second = ask(enrolment, coordinator), make_user(is_staff=True)
    decide_waiver(waiver_id=waiver.pk, grant=True, by=second, now=NOW)

    for grant in (True, False):
        with pytest.raises(MoveRefusedError):
            decide_waiver(waiver_id=waiver.pk, grant=grant, by=second, now=NOW)


def test_waiver_stands_in_the_audit_trail_with_both_people(enrolment, coordinator):
    second = make_user(is_staff=True)
    waiver = ask(enrolment, coordinator)
    assert audit_row(waiver, "insert") == ("waiver.ask", coordinator.pk, "Was on leave.")
    decide_waiver(waiver_id=waiver.pk, grant=True, by=second, now=NOW)
    assert audit_row(waiver, "update") == ("waiver.grant", second.pk, "")


def test_waiver_in_a_closed_cycle_brings_the_certificate_by_itself(enrolment, coordinator):
    close_cycle(cycle_id=enrolment.cycle_id, by=coordinator, now=NOW)
    assert not Certificate.objects.exists()
    waiver = ask(enrolment, coordinator)
    assert issue_late_finishers(now=NOW) == 0

    decide_waiver(waiver_id=waiver.pk, grant=True, by=make_user(is_staff=True), now=NOW)

    assert issue_late_finishers(now=NOW) == 1
    assert issue_late_finishers(now=NOW) == 0


@pytest.mark.django_db(transaction=True)
def test_grant_and_refusal_at_once_leave_one_decision():
    for _round in range(10):
        waiver = make_waiver(make_enrolment(make_season(sessions=1)))
        people = [make_user(is_staff=True) for _person in range(6)]

        results = at_once(
            [
                partial(decide_waiver, waiver_id=waiver.pk, grant=number % 2 == 0, by=person, now=NOW)
                for number, person in enumerate(people)
            ]
        )

        assert sum(isinstance(result, Waiver) for result in results) == 1
        assert sum(isinstance(result, MoveRefusedError) for result in results) == 5


# --- what the database keeps ----------------------------------------------------------------------------------------


def test_condition_is_waived_once(enrolment):
    make_waiver(enrolment, status="refused")
    make_waiver(enrolment, status="granted")
    with refused_by("credits_waiver_condition_once"):
        make_waiver(enrolment)


def test_condition_is_known(enrolment):
    with refused_by("credits_waiver_condition_known"):
        make_waiver(enrolment, "credit")


def test_reason_is_not_blank(enrolment):
    with refused_by("credits_waiver_has_reason"):
        make_waiver(enrolment, reason=" \n")


def test_decision_has_who_and_when(enrolment):
    waiver = make_waiver(enrolment)
    with refused_by("credits_waiver_decision_has_who_and_when"):
        write(waiver, status="refused", decided_at=NOW)


def test_grant_is_another_persons(enrolment):
    waiver = make_waiver(enrolment)
    with refused_by("credits_waiver_granted_by_a_second_person"):
        write(waiver, status="granted", decided_by=waiver.asked_by, decided_at=NOW)
    write(waiver, status="refused", decided_by=waiver.asked_by, decided_at=NOW)


def test_decision_is_final(enrolment):
    waiver = make_waiver(enrolment, status="granted")
    with refused_by("waiver_decision_is_final"):
        write(waiver, status="asked", decided_by=None, decided_at=None)
    with refused_by("waiver_decision_is_final"):
        write(waiver, decided_by=make_user(is_staff=True))


def test_request_is_frozen(enrolment):
    waiver = make_waiver(enrolment)
    with refused_by("waiver_request_is_frozen"):
        write(waiver, reason="Another.")


def test_waiver_is_kept_six_years(enrolment):
    waiver = make_waiver(enrolment)
    with refused_by("waiver_kept_six_years"):
        delete(waiver)
    write(enrolment.cycle, starts_on=date(2012, 1, 5), ends_on=date(2012, 3, 1))
    delete(waiver)


def test_graduate_needs_no_waiver(coordinator):
    with pytest.raises(MoveRefusedError):
        ask(make_graduate(make_season(sessions=1)), coordinator)
