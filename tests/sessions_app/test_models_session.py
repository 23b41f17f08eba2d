"""What the database keeps true of sessions, speakers, materials, presenters, notices and names on reports."""

from __future__ import annotations

from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.utils import timezone

from core.models import store_file
from sessions_app.models import (
    Cycle,
    EchoSession,
    Objective,
    SessionNotice,
    SessionObjective,
    SessionReminder,
)
from sessions_app.states import SESSION_MOVES
from tests.database import refused_by, write
from tests.factories import (
    OPENED_AT,
    give_name,
    make_alias,
    make_cycle,
    make_enrolment,
    make_hub,
    make_material,
    make_program,
    make_report,
    make_session,
    make_slot,
    make_speaker,
    make_unmatched,
    make_user,
)

pytestmark = pytest.mark.django_db

Status = EchoSession.Status


@pytest.fixture
def cycle() -> Cycle:
    return make_cycle(sessions=2)


@pytest.fixture
def session(cycle: Cycle) -> EchoSession:
    return cycle.sessions.earliest("starts_at")


# --- cycles ---------------------------------------------------------------------------------------------------------


def test_new_cycle_reminds_the_day_and_the_hour_before(cycle):
    assert (cycle.reminder_hours, cycle.presenter_days) == ([1, 24], [7, 14])


def test_cycle_reminds_at_hours_that_are_offered(cycle):
    write(cycle, reminder_hours=[])

    with refused_by("sessions_app_cycle_reminder_hours_known"):
        write(cycle, reminder_hours=[1, 5])


def test_cycle_reminds_presenters_on_days_that_are_offered(cycle):
    write(cycle, presenter_days=[])

    with refused_by("sessions_app_cycle_presenter_days_known"):
        write(cycle, presenter_days=[400])


# --- sessions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("old", "new"), [(old, new) for old, new in product(Status, repeat=2) if old != new])
def test_database_makes_exactly_the_moves_listed(cycle, old, new):
    moved = make_session(cycle, week=5, status=old)

    if (old.value, new.value) in SESSION_MOVES:
        write(moved, status=new)
    else:
        with refused_by("session_moves"):
            write(moved, status=new)


def test_session_keeps_its_calendar_uid(session):
    with refused_by("session_keeps_its_uid"):
        write(session, calendar_uid=uuid4())


@pytest.mark.parametrize(
    "change",
    [
        {"topic": "Another topic"},
        {"topic_fr": "Un autre sujet"},
        {"meeting_url": "https://video.example/other"},
        {"ends_at": OPENED_AT + timedelta(days=600)},
    ],
)
def test_change_that_calendars_show_raises_the_sequence(session, change):
    if "ends_at" in change:
        change = {"ends_at": session.ends_at + timedelta(minutes=5)}

    write(session, **change)

    session.refresh_from_db()
    assert session.sequence == 1


def test_change_of_time_status_and_hub_raises_the_sequence(cycle):
    session = make_session(cycle, week=5, status=Status.PLANNED)

    write(session, starts_at=session.starts_at - timedelta(minutes=5))
    write(session, status=Status.CANCELLED)
    write(session, hub=make_hub())

    session.refresh_from_db()
    assert session.sequence == 3


def test_change_that_calendars_do_not_show_leaves_the_sequence(session):
    write(session, summary="What it is about.", topic=session.topic)

    session.refresh_from_db()
    assert session.sequence == 0


def test_whole_season_moves_by_a_week_in_one_statement(cycle):
    first, second = cycle.sessions.all()
    first.starts_at, first.ends_at = second.starts_at, second.ends_at
    second.starts_at += timedelta(weeks=1)
    second.ends_at += timedelta(weeks=1)

    EchoSession.objects.bulk_update([first, second], ["starts_at", "ends_at"])

    assert cycle.sessions.count() == 2


def test_objective_is_served_once(session):
    objective = Objective.objects.create(program=session.cycle.program, position=1, text="Assess pain.")
    SessionObjective.objects.create(session=session, objective=objective)

    with refused_by("sessions_app_sessionobjective_once"):
        SessionObjective.objects.create(session=session, objective=objective)


def test_session_serves_objectives_of_its_own_program(session):
    foreign = Objective.objects.create(program=make_program(), position=1, text="Something else.")

    with refused_by("session_serves_its_own_program"):
        SessionObjective.objects.create(session=session, objective=foreign)


# --- speakers and materials -----------------------------------------------------------------------------------------


def test_speaker_comes_without_a_disclosure(session):
    assert make_speaker(session).disclosure == "missing"


@pytest.mark.parametrize(
    "values", [{"disclosure": "declared", "disclosure_text": " "}, {"disclosure": "perhaps"}]
)
def test_declared_relationships_are_written_down(session, values):
    with refused_by("sessions_app_speaker_declared_has_text"):
        make_speaker(session, **values)


def test_material_is_a_link_or_a_file(session):
    file = store_file(b"%PDF-1.7 slides", content_type="application/pdf")
    make_material(session)
    make_material(session, file=file, filename="slides.pdf")

    for values in (
        {"url": ""},
        {"file": file, "filename": ""},
        {"file": file, "filename": "slides.pdf", "url": "https://library.example/"},
    ):
        with refused_by("sessions_app_material_link_or_file"):
            make_material(session, **values)


@pytest.mark.parametrize("filename", ["../slides.pdf", "a\\b.pdf", "a\nb.pdf"])
def test_file_name_of_a_material_is_plain(session, filename):
    file = store_file(b"%PDF-1.7 slides", content_type="application/pdf")

    with refused_by("sessions_app_material_filename_plain"):
        make_material(session, file=file, filename=filename)


# --- presenters -----------------------------------------------------------------------------------------------------


def test_slot_stands_once_at_its_place(session):
    make_slot(session)

    with refused_by("sessions_app_presenterslot_position_once"):
        make_slot(session, position=1)


def test_person_presents_once_in_a_session(session):
    enrolment = make_enrolment(session.cycle)
    make_slot(session, enrolment)

    with refused_by("sessions_app_presenterslot_one_a_person"):
        make_slot(session, enrolment)


def test_taken_slot_has_a_time(session):
    slot = make_slot(session)

    with refused_by("sessions_app_presenterslot_taken_has_time"):
        write(slot, enrolment=make_enrolment(session.cycle))


def test_taken_slot_is_not_overwritten(session):
    slot = make_slot(session, make_enrolment(session.cycle))
    other = make_enrolment(session.cycle)

    with refused_by("slot_is_let_go_before_it_is_taken"):
        write(slot, enrolment=other)

    write(slot, enrolment=None, taken_at=None)
    write(slot, enrolment=other, taken_at=OPENED_AT)
    slot.refresh_from_db()
    assert slot.enrolment == other


def test_presenter_is_in_the_cycle(session):
    with refused_by("presenter_is_in_the_cycle"):
        make_slot(session, make_enrolment(make_cycle()))


# --- what people are told -------------------------------------------------------------------------------------------


def test_one_notice_of_a_session_waits_at_a_time(session):
    was = {
        "session": session,
        "was_status": session.status,
        "was_starts_at": session.starts_at,
        "was_ends_at": session.ends_at,
        "due_at": timezone.now(),
    }
    SessionNotice.objects.create(**was, told_at=timezone.now())
    SessionNotice.objects.create(**was)

    with refused_by("sessions_app_sessionnotice_one_pending"):
        SessionNotice.objects.create(**was)


def test_session_is_reminded_of_once_for_each_start(session):
    def remind(starts_at):
        SessionReminder.objects.create(
            session=session, hours_before=24, starts_at=starts_at, reminded_at=timezone.now(), count=3
        )

    remind(session.starts_at)
    remind(session.starts_at + timedelta(days=7))

    with refused_by("sessions_app_sessionreminder_once"):
        remind(session.starts_at)


# --- names on reports -----------------------------------------------------------------------------------------------


def test_name_stands_once_in_the_queue_of_a_report(session):
    report = make_report(session)
    make_unmatched(report, "Marie et Paul")

    with refused_by("sessions_app_unmatchedname_once"):
        make_unmatched(report, "Marie et Paul")


def test_decision_about_a_name_has_an_actor(session):
    unmatched = make_unmatched(make_report(session))

    for values in (
        {"outcome": "nobody"},
        {"outcome": "given", "decided_at": OPENED_AT},
        {"decided_by": make_user()},
        {"outcome": "perhaps", "decided_at": OPENED_AT, "decided_by": make_user()},
    ):
        with refused_by("sessions_app_unmatchedname_decided_has_actor"):
            write(unmatched, **values)


def test_name_is_given_to_somebody_once_and_to_several_people(session):
    unmatched = make_unmatched(make_report(session))
    enrolment = make_enrolment(session.cycle)
    give_name(unmatched, enrolment)
    give_name(unmatched, make_enrolment(session.cycle))

    with refused_by("sessions_app_namegiven_once"):
        give_name(unmatched, enrolment)


def test_name_is_given_within_the_cycle(session):
    with refused_by("name_is_given_within_the_cycle"):
        give_name(make_unmatched(make_report(session)), make_enrolment(make_cycle()))


def test_alias_is_remembered_once_for_a_person():
    user = make_user()
    make_alias(user, "Bob Mac")
    make_alias(make_user(), "Bob Mac")

    with refused_by("sessions_app_attendancealias_once"):
        make_alias(user, "Bob Mac")


@pytest.mark.parametrize("values", [{"value": " "}, {"kind": "phone"}])
def test_alias_says_something(values):
    with refused_by("sessions_app_attendancealias_says_something"):
        make_alias(make_user(), "Bob Mac", **values)
