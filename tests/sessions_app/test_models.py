"""Every rule that the database keeps for programs, cycles, enrolments and attendance, broken by raw writes."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pgtrigger
import pytest
from django.utils import timezone

from sessions_app.models import Attendance, AttendanceReport, Cycle, Enrolment, Objective, ProgramHub
from tests.clock import toronto
from tests.database import delete, refused_by, write
from tests.factories import (
    make_attendance,
    make_cycle,
    make_enrolment,
    make_hub,
    make_program,
    make_report,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle(sessions=2)


# --- programs and hubs ----------------------------------------------------------------------------------------------


def test_hub_names_are_unique():
    make_hub("Queen’s University")

    with refused_by("sessions_app_hub_name_key"):
        make_hub("Queen’s University", "Kingston")


def test_program_address_is_unique():
    make_program(slug="chronic-pain")

    with refused_by("sessions_app_program_slug_key"):
        make_program(slug="chronic-pain")


@pytest.mark.parametrize("percent", [0, 101])
def test_program_threshold_is_a_share_of_the_session(percent):
    program = make_program()

    with refused_by("sessions_app_program_threshold_in_range"):
        write(program, attendance_threshold=percent)


def test_program_threshold_is_read_as_a_share_of_one():
    assert make_program(attendance_threshold=60).threshold_share == Decimal("0.6")


def test_program_policy_is_one_of_two():
    program = make_program()

    with refused_by("sessions_app_program_policy_known"):
        write(program, attendance_policy="generous")


def test_program_names_a_hub_once():
    hub = make_hub()
    program = make_program(hubs=[hub])

    with refused_by("sessions_app_programhub_once"):
        ProgramHub.objects.create(program=program, hub=hub, position=2)


def test_program_objectives_have_their_place_alone():
    program = make_program()
    Objective.objects.create(program=program, position=1, text="Diagnose.")

    with refused_by("sessions_app_objective_position_once"):
        Objective.objects.create(program=program, position=1, text="Treat.")


# --- cycles ---------------------------------------------------------------------------------------------------------


def test_cycle_name_is_unique_within_its_program(cycle):
    make_cycle(name=cycle.name)

    with refused_by("sessions_app_cycle_name_once"):
        make_cycle(cycle.program, name=cycle.name)


def test_cycle_does_not_end_before_it_starts(cycle):
    write(cycle, ends_on=cycle.starts_on)

    with refused_by("sessions_app_cycle_ends_after_start"):
        write(cycle, ends_on=cycle.starts_on - timedelta(days=1))


def test_cycle_registration_opens_before_it_closes(cycle):
    with refused_by("sessions_app_cycle_registration_window"):
        write(cycle, registration_closes_at=cycle.registration_opens_at)


def test_cycle_status_is_known(cycle):
    with refused_by("sessions_app_cycle_status_known"):
        write(cycle, status="paused")


def test_cycle_is_closed_at_a_time_and_only_then(cycle):
    with refused_by("sessions_app_cycle_closed_has_time"):
        write(cycle, status="closed")
    with refused_by("sessions_app_cycle_closed_has_time"):
        write(cycle, closed_at=timezone.now())
    with refused_by("sessions_app_cycle_closed_has_time"):
        write(cycle, closed_by=make_user())


def test_cycle_has_at_least_one_place_or_no_limit(cycle):
    write(cycle, capacity=1)
    write(cycle, capacity=None)

    with refused_by("sessions_app_cycle_capacity_positive"):
        write(cycle, capacity=0)


@pytest.mark.parametrize(
    ("ends_on", "grace_days", "moment"),
    [
        (date(2026, 2, 26), 14, toronto(2026, 3, 13)),
        (date(2026, 2, 26), 0, toronto(2026, 2, 27)),
        # The clocks go forward on 2026-03-08 and back on 2025-11-02: midnight stays midnight.
        (date(2026, 3, 7), 1, toronto(2026, 3, 9)),
        (date(2025, 11, 1), 14, toronto(2025, 11, 16)),
    ],
)
def test_cycle_closes_by_itself_at_midnight_in_toronto(ends_on, grace_days, moment):
    assert Cycle(ends_on=ends_on, grace_days=grace_days).closes_by_itself_on == moment


@pytest.mark.parametrize(
    ("status", "moment", "is_open"),
    [
        ("published", toronto(2025, 8, 1), True),
        ("published", toronto(2025, 7, 31, 23, 59), False),
        ("published", toronto(2025, 8, 31, 23, 59), True),
        ("published", toronto(2025, 9, 1), False),
        ("planned", toronto(2025, 8, 15), False),
        ("closed", toronto(2025, 8, 15), False),
    ],
)
def test_cycle_takes_applications_while_published_and_in_its_window(status, moment, is_open):
    cycle = Cycle(
        status=status,
        registration_opens_at=toronto(2025, 8, 1),
        registration_closes_at=toronto(2025, 9, 1),
    )

    assert cycle.is_open_for_registration(now=moment) is is_open


# --- sessions -------------------------------------------------------------------------------------------------------


def test_two_sessions_of_a_cycle_do_not_start_at_once(cycle):
    with refused_by("sessions_app_echosession_start_once"):
        make_session(cycle, week=0)


def test_session_ends_after_it_starts(cycle):
    session = cycle.sessions.first()

    with refused_by("sessions_app_echosession_ends_after_start"):
        write(session, ends_at=session.starts_at)


def test_session_lasts_half_a_day_at_most(cycle):
    session = cycle.sessions.first()
    write(session, ends_at=session.starts_at + timedelta(hours=12))

    with refused_by("sessions_app_echosession_half_a_day_at_most"):
        write(session, ends_at=session.starts_at + timedelta(hours=12, seconds=1))


def test_session_status_is_known(cycle):
    with refused_by("sessions_app_echosession_status_known"):
        make_session(cycle, week=5, status="missed")


def test_session_calendar_uid_is_unique(cycle):
    first = cycle.sessions.first()

    with refused_by("sessions_app_echosession_calendar_uid_key"):
        make_session(cycle, week=5, calendar_uid=first.calendar_uid)


def test_weekly_sessions_stay_at_half_past_twelve_when_the_clocks_change():
    cycle = make_cycle(sessions=9)

    last_of_summer, first_of_winter = cycle.sessions.all()[7:9]

    assert [f"{session.held_on:%d %b %H:%M %Z}" for session in (last_of_summer, first_of_winter)] == [
        "30 Oct 12:30 EDT",
        "06 Nov 12:30 EST",
    ]
    assert first_of_winter.minutes == 90


# --- enrolments -----------------------------------------------------------------------------------------------------


def test_person_is_enrolled_in_a_cycle_once(cycle, family_physician):
    make_enrolment(cycle, family_physician, status=Enrolment.Status.WITHDRAWN)

    with refused_by("sessions_app_enrolment_once"):
        make_enrolment(cycle, family_physician)


def test_enrolment_status_is_known(cycle):
    with refused_by("sessions_app_enrolment_status_known"):
        make_enrolment(cycle, status="invited")


def test_approved_enrolment_says_from_when_it_counts(cycle):
    with refused_by("sessions_app_enrolment_approved_has_date"):
        write(make_enrolment(cycle), enrolled_on=None)


# --- attendance -----------------------------------------------------------------------------------------------------


def test_attendance_is_recorded_once_a_person_and_session(cycle):
    enrolment, session = make_enrolment(cycle), cycle.sessions.first()
    make_attendance(enrolment, session)

    with refused_by("sessions_app_attendance_once"):
        make_attendance(enrolment, session, minutes=60)


def test_attendance_is_never_longer_than_the_session(cycle):
    enrolment, session = make_enrolment(cycle), cycle.sessions.first()

    with refused_by("attendance_belongs_to_the_session"):
        make_attendance(enrolment, session, minutes=91)
    attendance = make_attendance(enrolment, session, minutes=90)
    with refused_by("attendance_stays_with_the_session"):
        write(attendance, minutes=91)


def test_attendance_of_half_a_day_is_the_most_there_is(cycle):
    session = make_session(cycle, week=5, minutes=720)

    with (
        # Else the trigger that compares with the session refuses before the constraint is seen.
        pgtrigger.ignore("sessions_app.Attendance:attendance_belongs_to_the_session"),
        refused_by("sessions_app_attendance_minutes_in_range"),
    ):
        make_attendance(make_enrolment(cycle), session, minutes=721)


def test_attendance_of_another_cycles_session_is_refused(cycle):
    elsewhere = make_cycle(cycle.program, sessions=1)
    enrolment = make_enrolment(cycle)

    with refused_by("attendance_belongs_to_the_session"):
        make_attendance(enrolment, elsewhere.sessions.get())
    attendance = make_attendance(enrolment, cycle.sessions.first())
    with refused_by("attendance_stays_with_the_session"):
        write(attendance, session=elsewhere.sessions.get())
    with refused_by("attendance_stays_with_the_session"):
        write(attendance, enrolment=make_enrolment(elsewhere))


@pytest.mark.parametrize("reason", ["", "   ", "\t\n"])
def test_attendance_by_hand_needs_a_reason(cycle, reason):
    with refused_by("sessions_app_attendance_has_evidence"):
        make_attendance(make_enrolment(cycle), cycle.sessions.first(), reason=reason)


def test_attendance_from_a_report_names_the_report(cycle):
    with refused_by("sessions_app_attendance_has_evidence"):
        make_attendance(
            make_enrolment(cycle), cycle.sessions.first(), source=Attendance.Source.REPORT, reason="Trust me."
        )


def test_attendance_source_is_known(cycle):
    attendance = make_attendance(make_enrolment(cycle), cycle.sessions.first())

    with refused_by("sessions_app_attendance_has_evidence"):
        write(attendance, source="hearsay")


def test_report_is_kept_once_for_a_session(cycle):
    session = cycle.sessions.first()
    make_report(session, content=b"email,minutes\n")

    with refused_by("sessions_app_attendancereport_file_once"):
        make_report(session, content=b"email,minutes\n")


def test_report_is_applied_at_a_time_by_somebody(cycle):
    report = make_report(cycle.sessions.first())

    with refused_by("sessions_app_attendancereport_applied_has_actor"):
        write(report, applied_at=timezone.now())
    with refused_by("sessions_app_attendancereport_applied_has_actor"):
        write(report, applied_by=report.uploaded_by)


# --- rule 20: six years ---------------------------------------------------------------------------------------------


def cycle_that_ended(ended_on: date) -> Cycle:
    return make_cycle(starts_on=ended_on - timedelta(days=7), sessions=2)


def six_years_ago() -> date:
    today = timezone.now().date()  # the database's CURRENT_DATE: its sessions run in UTC
    return today.replace(year=today.year - 6, day=min(today.day, 28))


@pytest.fixture(params=["today", "six years ago to the day"])
def kept_cycle(request, db) -> Cycle:
    return cycle_that_ended(timezone.now().date() if request.param == "today" else six_years_ago())


@pytest.fixture
def old_cycle(db) -> Cycle:
    return cycle_that_ended(six_years_ago() - timedelta(days=3))


def records(cycle: Cycle) -> tuple[Attendance, Enrolment, AttendanceReport]:
    enrolment, session = make_enrolment(cycle), cycle.sessions.all()[0]
    return make_attendance(enrolment, session), enrolment, make_report(session)


def test_attendance_records_are_kept_for_six_years(kept_cycle):
    attendance, enrolment, report = records(kept_cycle)

    with refused_by("attendance_kept_six_years"):
        delete(attendance)
    with refused_by("enrolment_kept_six_years"):
        delete(enrolment)
    with refused_by("attendance_report_kept_six_years"):
        delete(report)


def test_attendance_records_may_go_after_six_years(old_cycle):
    attendance, enrolment, report = records(old_cycle)

    for row in (attendance, enrolment, report):
        row.delete()

    assert not Attendance.objects.exists()
    assert not Enrolment.objects.exists()
    assert not AttendanceReport.objects.exists()


def test_attendance_is_kept_when_its_cycle_is_deleted_first(kept_cycle):
    attendance, enrolment, report = records(kept_cycle)

    for rule, row in (
        ("attendance_kept_six_years", attendance),
        ("attendance_report_kept_six_years", report),
        ("enrolment_kept_six_years", enrolment),
    ):
        with refused_by(rule):
            # Foreign keys are checked at the end of a transaction: until then the parent may be gone.
            delete(kept_cycle)
            delete(row)
