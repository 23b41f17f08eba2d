from __future__ import annotations

from functools import partial

import pytest

from core.errors import BadInputError
from participants.models import User
from sessions_app.models import Attendance, AttendanceReport, Cycle, EchoSession, Enrolment
from sessions_app.services import (
    apply_report,
    preview_report,
    record_attendance,
)
from sessions_app.services.attendance import MAX_REPORT_BYTES, read_preview
from tests.clock import toronto
from tests.factories import make_attendance, make_cycle, make_enrolment, make_user
from tests.history import audit_row, event_model, events
from tests.races import THREADS, at_once

NOW = toronto(2025, 9, 20, 10)
Status = Enrolment.Status


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle(sessions=2)


@pytest.fixture
def session(cycle: Cycle) -> EchoSession:
    return cycle.sessions.all()[0]


# --- attendance by hand (rule 7) ------------------------------------------------------------------------------------


def test_record_attendance_keeps_who_when_why_old_and_new(cycle, session, coordinator):
    enrolment = make_enrolment(cycle)
    record = partial(
        record_attendance, enrolment_id=enrolment.pk, session_id=session.pk, by=coordinator, now=NOW
    )

    record(minutes=30, reason=" Came late. ")
    attendance = record(minutes=90, reason="The platform lost an hour.")

    assert Attendance.objects.get() == attendance
    assert (attendance.minutes, attendance.source, attendance.recorded_by) == (90, "manual", coordinator)
    assert [event.minutes for event in events(attendance)] == [30, 90]
    assert audit_row(attendance, "insert") == ("attendance.record", coordinator.pk, "Came late.")
    assert audit_row(attendance, "update") == (
        "attendance.record",
        coordinator.pk,
        "The platform lost an hour.",
    )


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_record_attendance_needs_a_reason(cycle, session, coordinator, reason):
    with pytest.raises(BadInputError, match="Say why"):
        record_attendance(
            enrolment_id=make_enrolment(cycle).pk,
            session_id=session.pk,
            minutes=60,
            reason=reason,
            by=coordinator,
            now=NOW,
        )


@pytest.mark.parametrize(("minutes", "is_fine"), [(-1, False), (0, True), (90, True), (91, False)])
def test_record_attendance_takes_minutes_of_the_session_only(cycle, session, coordinator, minutes, is_fine):
    record = partial(
        record_attendance,
        enrolment_id=make_enrolment(cycle).pk,
        session_id=session.pk,
        minutes=minutes,
        reason="By telephone.",
        by=coordinator,
        now=NOW,
    )

    if is_fine:
        assert record().minutes == minutes
    else:
        with pytest.raises(BadInputError, match="0 to 90"):
            record()


def test_record_attendance_refuses_somebody_of_another_cycle(cycle, session, coordinator):
    elsewhere = make_enrolment(make_cycle(cycle.program))

    with pytest.raises(BadInputError, match="not in the cycle"):
        record_attendance(
            enrolment_id=elsewhere.pk,
            session_id=session.pk,
            minutes=60,
            reason="By telephone.",
            by=coordinator,
            now=NOW,
        )


def test_record_attendance_marks_a_guest(cycle, session, coordinator):
    attendance = record_attendance(
        enrolment_id=make_enrolment(cycle).pk,
        session_id=session.pk,
        minutes=60,
        reason="Visited.",
        by=coordinator,
        now=NOW,
        is_guest=True,
    )

    assert attendance.is_guest


# --- attendance from a report (rule 5) ------------------------------------------------------------------------------


def upload(session: EchoSession, by: User, text: str) -> AttendanceReport:
    return preview_report(session_id=session.pk, filename="report.csv", content=text.encode(), by=by, now=NOW)


@pytest.fixture
def people(cycle) -> dict[str, Enrolment]:
    """Three approved, one who applied, one who was declined; and one of another cycle."""
    enrolments = {
        name: make_enrolment(cycle, make_user(f"{name}@x.example", name=name.title()))
        for name in ("ann", "bo", "cy")
    }
    enrolments["applied"] = make_enrolment(cycle, make_user("applied@x.example"), status=Status.APPLIED)
    enrolments["declined"] = make_enrolment(cycle, make_user("declined@x.example"), status=Status.DECLINED)
    enrolments["elsewhere"] = make_enrolment(make_cycle(cycle.program), make_user("elsewhere@x.example"))
    return enrolments


REPORT = (
    "email,minutes\n"
    "Ann@x.example,90\n"
    "bo@x.example,120\n"
    "elsewhere@x.example,90\n"
    "declined@x.example,90\n"
    "applied@x.example,70\n"
    "nobody@x.example,90\n"
    "cy@x.example,an hour\n"
)


def test_preview_report_shows_and_writes_nothing(session, people, coordinator):
    report = upload(session, coordinator, REPORT)

    preview = read_preview(report)

    assert [(row.line, row.enrolment, row.minutes, row.minutes_before) for row in preview.rows] == [
        (2, people["ann"], 90, None),
        (3, people["bo"], 90, None),
        (6, people["applied"], 70, None),
    ]
    assert [(problem.line, problem.value) for problem in preview.problems] == [
        (4, "elsewhere@x.example"),
        (5, "declined@x.example"),
        (7, "nobody@x.example"),
        (8, "an hour"),
    ]
    assert [problem.reason for problem in preview.problems][2:] == [
        "Nobody in this cycle has this address.",
        "Minutes must be a whole number, 0 or more.",
    ]
    assert preview.changes == 3
    assert not Attendance.objects.exists()
    assert (report.applied_at, report.uploaded_by) == (None, coordinator)
    assert audit_row(report, "insert") == ("attendance.upload", coordinator.pk, "")


def test_preview_report_keeps_the_same_file_once(session, people, coordinator):
    assert upload(session, coordinator, REPORT) == upload(session, coordinator, REPORT)
    assert bytes(AttendanceReport.objects.get().file.content) == REPORT.encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "file is empty"),
        (b"PK\x03\x04spreadsheet", "not a CSV file"),
        (b"name,hours\nAnn,2\n", "must name the columns"),
        (b"email,minutes\n" + b"x" * MAX_REPORT_BYTES, "larger than 2 MB"),
    ],
)
def test_preview_report_refuses_what_cannot_be_read_and_keeps_nothing(session, coordinator, content, message):
    with pytest.raises(BadInputError, match=message):
        preview_report(session_id=session.pk, filename="report.csv", content=content, by=coordinator, now=NOW)

    assert not AttendanceReport.objects.exists()


def minutes_on_record(session: EchoSession) -> dict[str, int]:
    return {row.enrolment.participant.email.split("@")[0]: row.minutes for row in session.attendances.all()}


def test_apply_report_writes_the_good_rows_with_their_evidence(session, people, coordinator):
    report = upload(session, coordinator, REPORT)

    assert apply_report(report_id=report.pk, by=coordinator, now=NOW) == 3

    assert minutes_on_record(session) == {"ann": 90, "bo": 90, "applied": 70}
    attendance = session.attendances.first()
    assert (attendance.source, attendance.report, attendance.recorded_by) == ("report", report, coordinator)
    assert audit_row(attendance, "insert") == ("attendance.import", coordinator.pk, "")
    report.refresh_from_db()
    assert (report.applied_at, report.applied_by) == (NOW, coordinator)


def test_apply_report_twice_changes_nothing_the_second_time(session, people, coordinator):
    report = upload(session, coordinator, REPORT)
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    before = list(session.attendances.values()) + list(AttendanceReport.objects.values())
    written = event_model(Attendance).objects.count()

    assert apply_report(report_id=report.pk, by=make_user(is_staff=True), now=toronto(2025, 10, 1)) == 0

    assert list(session.attendances.values()) + list(AttendanceReport.objects.values()) == before
    assert event_model(Attendance).objects.count() == written


def test_apply_report_again_finds_who_joined_since(session, people, coordinator):
    report = upload(session, coordinator, REPORT)
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    make_enrolment(session.cycle, make_user("nobody@x.example"))

    assert apply_report(report_id=report.pk, by=coordinator, now=NOW) == 1

    assert minutes_on_record(session)["nobody"] == 90


def test_apply_report_takes_a_later_report_and_shows_what_was_before(session, people, coordinator):
    first = upload(session, coordinator, "email,minutes\nann@x.example,40\nbo@x.example,90\n")
    apply_report(report_id=first.pk, by=coordinator, now=NOW)
    later = upload(session, coordinator, "email,minutes\nann@x.example,85\nbo@x.example,90\n")

    assert [row.minutes_before for row in read_preview(later).rows] == [40, 90]
    assert read_preview(later).changes == 1
    assert apply_report(report_id=later.pk, by=coordinator, now=NOW) == 1
    assert minutes_on_record(session) == {"ann": 85, "bo": 90}


def test_apply_report_leaves_what_a_person_entered_and_says_so_before(session, people, coordinator):
    make_attendance(people["ann"], session, minutes=90, reason="Was on the telephone line.")
    report = upload(session, coordinator, "email,minutes\nann@x.example,10\n")

    assert read_preview(report).changes == 0
    assert apply_report(report_id=report.pk, by=coordinator, now=NOW) == 0
    assert minutes_on_record(session) == {"ann": 90}


def test_an_earlier_report_imported_again_does_not_undo_a_later_one(session, people, coordinator):
    early = upload(session, coordinator, "email,minutes\nann@x.example,40\n")
    apply_report(report_id=early.pk, by=coordinator, now=NOW)
    late = upload(session, coordinator, "email,minutes\nann@x.example,85\n")
    apply_report(report_id=late.pk, by=coordinator, now=NOW)

    again = upload(session, coordinator, "email,minutes\nann@x.example,40\n")

    assert read_preview(again).changes == 0
    assert apply_report(report_id=again.pk, by=coordinator, now=NOW) == 0
    assert minutes_on_record(session) == {"ann": 85}


@pytest.mark.django_db(transaction=True)
def test_one_report_imported_twenty_times_at_once_is_imported_once():
    coordinator = make_user(is_staff=True)
    for _round in range(3):
        session = make_cycle(sessions=1).sessions.get()
        people = [make_enrolment(session.cycle).participant.email for _person in range(5)]
        text = "email,minutes\n" + "".join(f"{email},60\n" for email in people)

        def import_it(session=session, text=text) -> int:
            report = upload(session, coordinator, text)
            return apply_report(report_id=report.pk, by=coordinator, now=NOW)

        results = at_once([import_it] * THREADS)

        assert sorted(results) == [0] * (THREADS - 1) + [5]
        assert AttendanceReport.objects.filter(session=session).count() == 1
        assert session.attendances.count() == 5


@pytest.mark.django_db(transaction=True)
def test_overlapping_reports_at_once_leave_each_person_once():
    coordinator = make_user(is_staff=True)
    session = make_cycle(sessions=1).sessions.get()
    people = [make_enrolment(session.cycle).participant.email for _person in range(6)]
    reports = [
        upload(
            session,
            coordinator,
            "email,minutes\n" + "".join(f"{email},60\n" for email in people[start : start + 3]),
        )
        for start in range(4)
    ]

    results = at_once(
        [partial(apply_report, report_id=report.pk, by=coordinator, now=NOW) for report in reports * 5]
    )

    assert sum(results) == 6
    assert session.attendances.count() == 6


@pytest.mark.django_db(transaction=True)
def test_minutes_by_hand_and_by_report_at_once_end_as_a_person_said():
    coordinator = make_user(is_staff=True)
    session = make_cycle(sessions=1).sessions.get()
    enrolment = make_enrolment(session.cycle)
    report = upload(session, coordinator, f"email,minutes\n{enrolment.participant.email},10\n")
    by_hand = partial(
        record_attendance,
        enrolment_id=enrolment.pk,
        session_id=session.pk,
        minutes=90,
        reason="Was on the telephone line.",
        by=coordinator,
        now=NOW,
    )

    results = at_once(
        [partial(apply_report, report_id=report.pk, by=coordinator, now=NOW), by_hand] * (THREADS // 2)
    )

    assert not any(isinstance(result, Exception) for result in results)
    assert Attendance.objects.get().minutes == 90
