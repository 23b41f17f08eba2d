from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from core.errors import BadInputError, MoveRefusedError
from outbox.models import OutgoingMail
from participants.models import User
from sessions_app import tasks
from sessions_app.models import Cycle, Enrolment, PlaceOffer
from sessions_app.queries import places_taken
from sessions_app.services import (
    accept_place,
    add_questions,
    apply_to_cycle,
    decide_enrolment,
    let_place_go,
    tend_waiting_list,
    tend_waiting_lists,
    withdraw,
)
from tests.clock import toronto
from tests.database import refused_by, write
from tests.factories import make_cycle, make_enrolment, make_offer, make_program, make_question, make_user
from tests.history import audit_row
from tests.races import THREADS, at_once

NOW = toronto(2025, 9, 20, 10)
LATER = NOW + timedelta(hours=49)
Status = Enrolment.Status
Outcome = PlaceOffer.Outcome


@pytest.fixture
def full(db: None) -> Cycle:
    """One place, taken, and time until December."""
    cycle = make_cycle(capacity=1, sessions=12)
    make_enrolment(cycle)
    return cycle


def waiting(cycle: Cycle, *, minutes: int = 0, **person: Any) -> Enrolment:
    """Somebody who has waited since `minutes` after the others began to."""
    return make_enrolment(
        cycle,
        make_user(**person),
        status=Status.WAITLISTED,
        waitlisted_at=toronto(2025, 9, 1, 9) + timedelta(minutes=minutes),
    )


def holder(cycle: Cycle) -> Enrolment:
    return cycle.enrolments.get(status=Status.APPROVED)


def letters(enrolment: Enrolment) -> list[str]:
    """The steps that the participant was told of, in order."""
    mails = OutgoingMail.objects.filter(recipient=enrolment.participant.email).order_by("pk")
    return [mail.key.split(":")[0].removeprefix("enrolment-") for mail in mails]


# --- admission ------------------------------------------------------------------------------------------------------


def test_apply_to_a_cycle_that_admits_at_once_gives_places_then_the_waiting_list(db):
    cycle = make_cycle(capacity=2, admission=Cycle.Admission.AUTOMATIC, sessions=12)
    people = [make_user() for _place in range(4)]

    enrolments = [apply_to_cycle(cycle_id=cycle.pk, by=person, now=NOW) for person in people]

    assert [enrolment.status for enrolment in enrolments] == ["approved"] * 2 + ["waitlisted"] * 2
    assert [letters(enrolment) for enrolment in enrolments] == [["approved"]] * 2 + [["waitlisted"]] * 2
    assert (enrolments[0].decided_by, enrolments[0].enrolled_on) == (None, NOW.date())
    assert audit_row(enrolments[0], "update") == ("enrolment.apply", people[0].pk, "")


def test_apply_does_not_pass_those_who_wait(db):
    cycle = make_cycle(capacity=3, admission=Cycle.Admission.AUTOMATIC, sessions=12)
    first = waiting(cycle)

    second = apply_to_cycle(cycle_id=cycle.pk, by=make_user(), now=NOW)

    # Places are free: both are asked, in their turn.
    assert second.status == "waitlisted"
    assert [offer.enrolment for offer in PlaceOffer.objects.order_by("pk")] == [first, second]


def test_apply_keeps_the_answers(db, family_physician):
    cycle = make_cycle()
    why, prescribes = make_question(cycle, is_required=True), make_question(cycle, "rx", kind="yes_no")

    enrolment = apply_to_cycle(
        cycle_id=cycle.pk, by=family_physician, now=NOW, answers={why.pk: " To learn.\n", prescribes.pk: "no"}
    )

    assert dict(enrolment.application_answers.values_list("question__key", "text")) == {
        "why": "To learn.",
        "rx": "no",
    }
    assert audit_row(enrolment.application_answers.all()[0], "insert")[0] == "enrolment.apply"
    assert letters(enrolment) == ["received"]


@pytest.mark.parametrize(
    "answers", [{}, {"why": "  "}, {"why": "x" * 2001}, {"why": "Yes.", "rx": "perhaps"}]
)
def test_apply_refuses_answers_that_are_missing_too_long_or_unknown(db, family_physician, answers):
    cycle = make_cycle()
    ids = {
        "why": make_question(cycle, is_required=True).pk,
        "rx": make_question(cycle, "rx", kind="yes_no").pk,
    }

    with pytest.raises(BadInputError):
        apply_to_cycle(
            cycle_id=cycle.pk,
            by=family_physician,
            now=NOW,
            answers={ids[key]: text for key, text in answers.items()},
        )

    assert not Enrolment.objects.exists()


def test_apply_answers_a_question_that_is_asked_once_from_an_earlier_cycle(db, family_physician):
    program = make_program()
    cycles = [make_cycle(program), make_cycle(program), make_cycle()]
    questions = [make_question(cycle, is_required=True, is_asked_once=True) for cycle in cycles]
    apply = partial(apply_to_cycle, by=family_physician, now=NOW)
    apply(cycle_id=cycles[0].pk, answers={questions[0].pk: "To learn."})

    again = apply(cycle_id=cycles[1].pk)

    assert again.application_answers.get().text == "To learn."
    # Another program asks for itself.
    with pytest.raises(BadInputError):
        apply(cycle_id=cycles[2].pk)


def test_apply_needs_the_participation_agreement(db):
    person = make_user(has_agreed=False)

    with pytest.raises(BadInputError, match="participation agreement"):
        apply_to_cycle(cycle_id=make_cycle().pk, by=person, now=NOW)


def test_add_questions_gives_the_programs_latest_or_the_standard_ones_once(db, coordinator):
    program = make_program()
    first, second = make_cycle(program), make_cycle(program, starts_on=toronto(2026, 1, 8).date())
    add = partial(add_questions, by=coordinator)

    assert [question.key for question in add(cycle_id=first.pk)] == ["why", "learn", "prescribes"]
    first.questions.filter(key="learn").delete()
    assert [question.key for question in add(cycle_id=second.pk)] == ["why", "prescribes"]
    assert [question.key for question in add(cycle_id=second.pk)] == ["why", "prescribes"]
    assert second.questions.count() == 2


# --- offering -------------------------------------------------------------------------------------------------------


def test_a_freed_place_is_held_for_the_first_on_the_list(full):
    second, first = waiting(full, minutes=5), waiting(full)

    withdraw(enrolment_id=holder(full).pk, by=holder(full).participant, now=NOW)

    offer = PlaceOffer.objects.get()
    assert (offer.enrolment, offer.expires_at) == (first, NOW + timedelta(hours=48))
    assert audit_row(offer, "insert")[0] == "enrolment.withdraw"
    assert letters(first) == ["offered"]
    assert letters(second) == []
    assert "12:00" not in OutgoingMail.objects.get(recipient=first.participant.email).body_text
    assert (
        "September 22, 2025, 10:00" in OutgoingMail.objects.get(recipient=first.participant.email).body_text
    )


def test_a_held_place_is_nobody_elses(full, coordinator):
    first, applied = waiting(full), make_enrolment(full, status=Status.APPLIED)
    withdraw(enrolment_id=holder(full).pk, by=holder(full).participant, now=NOW)

    with pytest.raises(Exception, match="places of this cycle are taken"):
        decide_enrolment(enrolment_id=applied.pk, to=Status.APPROVED, by=coordinator, now=NOW)

    assert decide_enrolment(enrolment_id=first.pk, to=Status.APPROVED, by=coordinator, now=NOW)
    assert PlaceOffer.objects.get().outcome == "accepted"


def test_accept_place_takes_it_once(full):
    first = waiting(full)
    withdraw(enrolment_id=holder(full).pk, by=holder(full).participant, now=NOW)
    accept = partial(accept_place, enrolment_id=first.pk, by=first.participant)

    accept(now=NOW + timedelta(hours=47))
    again = accept(now=NOW + timedelta(hours=47))

    assert (again.status, again.enrolled_on) == ("approved", LATER.date())
    assert PlaceOffer.objects.get().outcome == "accepted"
    assert letters(first) == ["offered", "approved"]
    assert audit_row(again, "update") == ("place.accept", first.participant_id, "")


def test_let_place_go_asks_the_next(full):
    first, second = waiting(full), waiting(full, minutes=5)
    withdraw(enrolment_id=holder(full).pk, by=holder(full).participant, now=NOW)

    let_place_go(enrolment_id=first.pk, by=first.participant, now=NOW)

    first.refresh_from_db()
    assert (first.status, first.offers.get().outcome) == ("withdrawn", "declined")
    assert second.offers.get().outcome == "open"
    assert letters(first) == ["offered", "withdrawn"]
    with pytest.raises(MoveRefusedError):
        let_place_go(enrolment_id=first.pk, by=first.participant, now=NOW)


def test_an_offer_lapses_and_the_next_is_asked(full):
    first, second = waiting(full), waiting(full, minutes=5)
    withdraw(enrolment_id=holder(full).pk, by=holder(full).participant, now=NOW)

    assert tend_waiting_lists(now=NOW + timedelta(hours=47)) == 0
    assert tend_waiting_lists(now=LATER) == 2
    assert tend_waiting_lists(now=LATER) == 0

    first.refresh_from_db()
    assert (first.status, first.offers.get().outcome) == ("withdrawn", "lapsed")
    assert second.offers.get().outcome == "open"
    mail = OutgoingMail.objects.filter(recipient=first.participant.email).latest("pk")
    assert "has passed" in mail.body_text
    with pytest.raises(MoveRefusedError, match="No place is held"):
        accept_place(enrolment_id=first.pk, by=first.participant, now=LATER)


def test_accept_place_refuses_when_the_time_is_up(full):
    first = waiting(full)
    withdraw(enrolment_id=holder(full).pk, by=holder(full).participant, now=NOW)

    with pytest.raises(MoveRefusedError):
        accept_place(enrolment_id=first.pk, by=first.participant, now=NOW + timedelta(hours=48))


def test_more_places_are_offered_when_the_list_is_tended(full):
    people = [waiting(full, minutes=minute) for minute in range(3)]
    full.capacity = 3
    full.save()

    assert tend_waiting_list(cycle_id=full.pk, now=NOW) == 2

    assert [enrolment.offers.count() for enrolment in people] == [1, 1, 0]
    assert places_taken(full) == 3


@pytest.mark.parametrize("values", [{"status": "planned"}, {"ends_on": toronto(2025, 9, 19).date()}])
def test_nothing_is_offered_in_a_cycle_that_is_hidden_or_over(full, values):
    waiting(full)
    Cycle.objects.filter(pk=full.pk).update(capacity=2, **values)

    assert tend_waiting_list(cycle_id=full.pk, now=NOW) == 0


def test_declining_somebody_who_was_offered_a_place_offers_it_on(full, coordinator):
    first, second = waiting(full), waiting(full, minutes=5)
    withdraw(enrolment_id=holder(full).pk, by=holder(full).participant, now=NOW)

    decide_enrolment(enrolment_id=first.pk, to=Status.DECLINED, by=coordinator, now=NOW)

    assert first.offers.get().outcome == "declined"
    assert second.offers.get().outcome == "open"
    assert letters(first) == ["offered", "declined"]


def test_withdraw_refuses_in_a_closed_cycle(db, family_physician):
    enrolment = make_enrolment(make_cycle(status=Cycle.Status.CLOSED), family_physician)

    with pytest.raises(MoveRefusedError, match="closed"):
        withdraw(enrolment_id=enrolment.pk, by=family_physician, now=NOW)


def test_withdraw_by_a_coordinator_says_so(full, coordinator):
    enrolment = holder(full)

    withdraw(enrolment_id=enrolment.pk, by=coordinator, now=NOW)

    assert "A coordinator has taken you out" in OutgoingMail.objects.get().body_text


def test_task_tends_the_lists(full):
    first = waiting(full)
    Cycle.objects.filter(pk=full.pk).update(capacity=None, ends_on=toronto(2099, 1, 1).date())

    tasks.tend_waiting_lists()

    assert first.offers.get().outcome == "open"


# --- what the database refuses --------------------------------------------------------------------------------------


def test_database_refuses_an_approval_without_a_place(full):
    applied = make_enrolment(full, status=Status.APPLIED)

    with refused_by("enrolment_gets_a_place"):
        write(applied, status="approved", enrolled_on=full.starts_on)
    with refused_by("enrolment_has_a_place"):
        make_enrolment(full)


def test_database_counts_every_row_of_one_statement(db):
    cycle = make_cycle(capacity=2)
    for _person in range(3):
        make_enrolment(cycle, status=Status.APPLIED)

    with refused_by("enrolment_gets_a_place"):
        cycle.enrolments.update(status="approved", enrolled_on=cycle.starts_on)
    with refused_by("enrolment_has_a_place"):
        Enrolment.objects.bulk_create(
            Enrolment(cycle=cycle, participant=make_user(), status="approved", enrolled_on=cycle.starts_on)
            for _person in range(3)
        )


def test_database_refuses_an_offer_without_a_place(full):
    with refused_by("placeoffer_has_a_place"):
        make_offer(waiting(full), offered_at=NOW)


def test_database_refuses_fewer_places_than_are_taken(full):
    first = waiting(full)
    write(full, capacity=2)
    make_offer(first, offered_at=NOW)

    with refused_by("cycle_has_room_for_its_people"):
        write(full, capacity=1)


def test_database_refuses_moves_of_enrolments_and_offers_that_are_not_listed(full):
    with refused_by("enrolment_moves"):
        write(holder(full), status="declined")
    write(full, capacity=2)
    offer = make_offer(waiting(full), offered_at=NOW)
    write(offer, outcome="lapsed", answered_at=LATER)
    with refused_by("placeoffer_moves"):
        write(offer, outcome="accepted")


def test_database_keeps_offers_questions_and_answers_in_order(full):
    write(full, capacity=9)
    first = waiting(full)
    offer = make_offer(first, offered_at=NOW)
    with refused_by("sessions_app_placeoffer_one_open"):
        make_offer(first, offered_at=NOW)
    with refused_by("sessions_app_placeoffer_expires_later"):
        write(offer, expires_at=NOW)
    with refused_by("sessions_app_placeoffer_answered_has_time"):
        write(offer, outcome="lapsed")
    with refused_by("sessions_app_enrolment_waitlisted_has_time"):
        write(first, waitlisted_at=None)
    with refused_by("sessions_app_cycle_admission_known"):
        write(full, admission="lottery")
    with refused_by("sessions_app_cycle_offer_hours_in_range"):
        write(full, offer_hours=0)
    question = make_question(full)
    with refused_by("sessions_app_cyclequestion_key_once"):
        make_question(full)
    with refused_by("sessions_app_cyclequestion_kind_known"):
        write(question, kind="essay")
    first.application_answers.create(question=question, text="To learn.")
    with refused_by("sessions_app_applicationanswer_once"):
        first.application_answers.create(question=question, text="To teach.")


# --- races ----------------------------------------------------------------------------------------------------------

ROUNDS = 50


def race(rounds: int, deed: Callable[[Cycle, list[User]], list[Callable[[], Any]]], **cycle: Any) -> None:
    """`rounds` times, everybody does their deed at once on a cycle with one place; it is never taken twice."""
    people = [make_user() for _thread in range(THREADS)]
    for _round in range(rounds):
        contested = make_cycle(capacity=1, sessions=12, **cycle)
        results = at_once(deed(contested, people))
        wrong = [result for result in results if isinstance(result, Exception)]
        assert all(isinstance(error, MoveRefusedError) or "places" in str(error) for error in wrong), wrong
        assert contested.enrolments.filter(status=Status.APPROVED).count() == 1
        assert places_taken(contested) == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_applications_at_once_for_the_last_place_give_it_once():
    race(
        ROUNDS,
        lambda cycle, people: [
            partial(apply_to_cycle, cycle_id=cycle.pk, by=person, now=NOW) for person in people
        ],
        admission=Cycle.Admission.AUTOMATIC,
    )


@pytest.mark.django_db(transaction=True)
def test_twenty_approvals_at_once_of_the_last_place_give_it_once():
    coordinator = make_user(is_staff=True)

    def approvals(cycle: Cycle, people: list[User]) -> list[Callable[[], Any]]:
        applied = [make_enrolment(cycle, person, status=Status.APPLIED) for person in people]
        return [
            partial(decide_enrolment, enrolment_id=enrolment.pk, to=Status.APPROVED, by=coordinator, now=NOW)
            for enrolment in applied
        ]

    race(ROUNDS, approvals)


@pytest.mark.django_db(transaction=True)
def test_the_database_alone_gives_the_last_place_once():
    """No service, no lock: twenty plain updates at once, as somebody at a database prompt could send them."""

    def updates(cycle: Cycle, people: list[User]) -> list[Callable[[], Any]]:
        applied = [make_enrolment(cycle, person, status=Status.APPLIED) for person in people]
        return [
            partial(write, enrolment, status="approved", enrolled_on=cycle.starts_on) for enrolment in applied
        ]

    race(ROUNDS, updates)


@pytest.mark.django_db(transaction=True)
def test_a_place_freed_taken_and_lapsing_at_once_is_held_for_one():
    for _round in range(5):
        cycle = make_cycle(capacity=1, sessions=12)
        leaving = make_enrolment(cycle)
        people = [waiting(cycle, minutes=minute) for minute in range(THREADS - 2)]
        at_once(
            [
                partial(withdraw, enrolment_id=leaving.pk, by=leaving.participant, now=NOW),
                partial(tend_waiting_list, cycle_id=cycle.pk, now=NOW),
                *(
                    partial(accept_place, enrolment_id=person.pk, by=person.participant, now=NOW)
                    for person in people
                ),
            ]
        )
        assert places_taken(cycle) == 1
        assert PlaceOffer.objects.filter(enrolment__cycle=cycle).count() == 1
