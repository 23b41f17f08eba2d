"""Reports of the video platform: kept, looked at, written, and written again."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import permutations

import pytest
from allauth.account.models import EmailAddress

from core.errors import BadInputError, MoveRefusedError
from participants.models import User
from sessions_app.models import Attendance, AttendanceReport, Cycle, EchoSession, Enrolment, UnmatchedName
from sessions_app.reports import MAX_BYTES
from sessions_app.services import apply_report, preview_report, record_attendance
from sessions_app.services.attendance import OtherMeetingError, read_preview
from tests.clock import toronto
from tests.factories import make_attendance, make_cycle, make_enrolment, make_session, make_user
from tests.history import audit_row, event_model
from tests.races import THREADS, at_once
from tests.sessions_app.attendance import remember, zoom

NOW = toronto(2025, 9, 20, 10)
Status = Enrolment.Status


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle(sessions=2)


@pytest.fixture
def session(cycle: Cycle) -> EchoSession:
    return cycle.sessions.all()[0]


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


def upload(session: EchoSession, by: User, text: str) -> AttendanceReport:
    return preview_report(session_id=session.pk, filename="report.csv", content=text.encode(), by=by, now=NOW)


def import_it(session: EchoSession, by: User, text: str) -> int:
    return apply_report(report_id=upload(session, by, text).pk, by=by, now=NOW)


def minutes_on_record(session: EchoSession) -> dict[str, int]:
    return {row.enrolment.participant.email.split("@")[0]: row.minutes for row in session.attendances.all()}


REPORT = (
    "email,minutes\n"
    "Ann@x.example,90\n"
    "bo@x.example,120\n"
    "elsewhere@x.example,90\n"
    "declined@x.example,90\n"
    "applied@x.example,30\n"
    "nobody@x.example,90\n"
    "cy@x.example,an hour\n"
)


# --- kept and looked at ---------------------------------------------------------------------------------------------


def test_preview_report_shows_and_writes_nothing(session, people, coordinator):
    report = upload(session, coordinator, REPORT)

    preview = read_preview(report)

    assert [
        (row.member.enrolment_id, row.minutes, row.minutes_before, row.counts) for row in preview.rows
    ] == [
        (people["ann"].pk, 90, None, True),
        (people["bo"].pk, 90, None, True),
        (people["applied"].pk, 30, None, False),
    ]
    assert {row.how for row in preview.rows} == {"by the address"}
    assert [(name.email, name.minutes) for name in preview.open_names] == [
        ("elsewhere@x.example", 90),
        ("declined@x.example", 90),
        ("nobody@x.example", 90),
    ]
    assert [(problem.line, problem.value, problem.reason) for problem in preview.problems] == [
        (8, "an hour", "This is not a number of minutes.")
    ]
    assert preview.changes == 3
    assert not Attendance.objects.exists()
    assert not UnmatchedName.objects.exists()
    assert (report.applied_at, report.uploaded_by) == (None, coordinator)
    assert audit_row(report, "insert") == ("attendance.upload", coordinator.pk, "")


@pytest.mark.parametrize(
    ("policy", "threshold", "counted"),
    [
        ("threshold", 60, [54]),
        ("threshold", 100, []),
        ("pro_rata", 60, [15, 53, 54]),
        ("threshold", 1, [1, 14, 15, 53, 54]),
    ],
)
def test_preview_says_who_is_credited_by_the_programs_policy(
    session, coordinator, policy, threshold, counted
):
    program = session.cycle.program
    program.attendance_policy, program.attendance_threshold = policy, threshold
    program.save()
    lines = []
    for minutes in (0, 1, 14, 15, 53, 54):
        email = make_enrolment(session.cycle, make_user()).participant.email
        lines.append(f"{email},{minutes}")

    preview = read_preview(
        upload(EchoSession.objects.get(pk=session.pk), coordinator, "\n".join(["email,minutes", *lines, ""]))
    )

    assert sorted(row.minutes for row in preview.rows if row.counts) == counted
    assert len(preview.rows) == 6


def test_preview_report_keeps_the_same_file_once(session, people, coordinator):
    assert upload(session, coordinator, REPORT) == upload(session, coordinator, REPORT)
    assert bytes(AttendanceReport.objects.get().file.content) == REPORT.encode()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "file is empty"),
        (b"PK\x03\x04spreadsheet", "not a CSV file"),
        (b"name,hours\nAnn,2\n", "No line of this file names its columns"),
        (b"email,minutes\n" + b"x" * MAX_BYTES, "larger than 10 MB"),
        (zoom(("Ann", "", "12:30", "14:00"), day="2025-09-18").encode(), "of Thursday, September 18, 2025"),
    ],
    ids=["empty", "workbook", "columns", "too large", "another day"],
)
def test_preview_report_refuses_what_cannot_be_used_and_keeps_nothing(session, coordinator, content, message):
    with pytest.raises(BadInputError, match=message):
        preview_report(session_id=session.pk, filename="report.csv", content=content, by=coordinator, now=NOW)

    assert not AttendanceReport.objects.exists()


def test_preview_report_refuses_a_cancelled_session(session, coordinator):
    cancelled = session.cycle.sessions.create(
        topic="Off",
        starts_at=toronto(2025, 9, 25, 12, 30),
        ends_at=toronto(2025, 9, 25, 14),
        status="cancelled",
    )

    with pytest.raises(MoveRefusedError, match="cancelled"):
        upload(cancelled, coordinator, REPORT)

    assert not AttendanceReport.objects.exists()


@pytest.mark.parametrize(
    ("link", "meeting", "is_other"),
    [
        ("https://zoom.example/j/82455550102?pwd=1", "824 5555 0102", False),
        ("https://zoom.example/j/82455550102", "99955550102", True),
        ("https://zoom.example/w/82455550102", "99955550102", True),
        ("https://zoom.example/j/82455550102", "", False),
        ("https://zoom.example/my/room", "99955550102", False),
        ("", "99955550102", False),
    ],
)
def test_report_of_another_meeting_is_refused_unless_it_is_meant(
    session, coordinator, link, meeting, is_other
):
    EchoSession.objects.filter(pk=session.pk).update(meeting_url=link)
    content = zoom(("Ann", "ann@x.example", "12:30", "14:00"), meeting=meeting).encode()
    hand_in = partial(
        preview_report, session_id=session.pk, filename="r.csv", content=content, by=coordinator, now=NOW
    )

    if is_other:
        with pytest.raises(OtherMeetingError, match=r"99955550102.*82455550102"):
            hand_in()
        assert not AttendanceReport.objects.exists()
    report = hand_in(any_meeting=True) if is_other else hand_in()

    said = "a different meeting" in " ".join(
        read_preview(AttendanceReport.objects.get(pk=report.pk)).warnings
    )
    assert said is is_other


def test_preview_warns_where_most_have_no_time_in_the_session(session, people, coordinator):
    stays = [("Ann", "ann@x.example", "08:00", "09:30"), ("Bo", "bo@x.example", "08:00", "09:30")]
    report = upload(session, coordinator, zoom(*stays, ("Cy", "cy@x.example", "12:30", "14:00")))

    assert [warning for warning in read_preview(report).warnings if "2 of 3 people have no time" in warning]


# --- written --------------------------------------------------------------------------------------------------------


def test_apply_report_writes_the_matched_with_their_evidence_and_lets_others_wait(
    session, people, coordinator
):
    report = upload(session, coordinator, REPORT)

    assert apply_report(report_id=report.pk, by=coordinator, now=NOW) == 3

    assert minutes_on_record(session) == {"ann": 90, "bo": 90, "applied": 30}
    attendance = session.attendances.first()
    assert (attendance.source, attendance.report, attendance.recorded_by) == ("report", report, coordinator)
    assert audit_row(attendance, "insert") == ("attendance.import", coordinator.pk, "")
    report.refresh_from_db()
    assert (report.applied_at, report.applied_by) == (NOW, coordinator)
    waiting = UnmatchedName.objects.values_list("report", "email", "minutes", "outcome")
    assert sorted(waiting) == [
        (report.pk, email, 90, "open")
        for email in ("declined@x.example", "elsewhere@x.example", "nobody@x.example")
    ]


def test_minutes_are_the_union_clipped_to_the_session(session, people, coordinator):
    stays = [
        ("Ann", "ann@x.example", "12:25", "13:00"),
        ("Ann's phone", "ann@x.example", "12:50", "13:20"),
        ("Ann", "", "13:40", "14:10"),
    ]

    import_it(session, coordinator, zoom(*stays))

    assert minutes_on_record(session) == {"ann": 70}


def test_apply_report_finds_people_by_every_address_and_name_of_theirs(session, people, coordinator):
    ann, bo = people["ann"].participant, people["bo"].participant
    EmailAddress.objects.create(user=ann, email="Ann.Private@home.example", verified=True)
    EmailAddress.objects.create(user=bo, email="unproven@home.example", verified=False)
    robert = make_user("rob@x.example", name="Robert El Amrani, MD", preferred_name="Bobby")
    make_enrolment(session.cycle, robert)
    remember(people["cy"].participant, "The Clinic's PC", by=coordinator)
    remember(bo, "bo@home.example", by=coordinator)
    stays = [
        ("A", "ann.private@home.example", "12:30", "13:00"),
        ("Whoever", "unproven@home.example", "12:30", "13:10"),
        ("B", "BO@home.example", "12:30", "13:20"),
        ("the clinics pc", "", "12:30", "13:30"),
        ("Bobby El Amrani", "", "12:30", "13:40"),
    ]

    import_it(session, coordinator, zoom(*stays))

    assert minutes_on_record(session) == {"ann": 30, "bo": 50, "cy": 60, "rob": 70}
    assert list(UnmatchedName.objects.values_list("email", flat=True)) == ["unproven@home.example"]


def test_apply_report_twice_changes_nothing_the_second_time(session, people, coordinator):
    report = upload(session, coordinator, REPORT)
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    models = (Attendance, AttendanceReport, UnmatchedName)
    before = [list(model.objects.order_by("pk").values()) for model in models]
    written = [event_model(model).objects.count() for model in models]

    assert apply_report(report_id=report.pk, by=make_user(is_staff=True), now=toronto(2025, 10, 1)) == 0

    assert [list(model.objects.order_by("pk").values()) for model in models] == before
    assert [event_model(model).objects.count() for model in models] == written


def test_apply_report_again_finds_who_joined_since(session, people, coordinator):
    report = upload(session, coordinator, REPORT)
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    make_enrolment(session.cycle, make_user("nobody@x.example"))

    assert apply_report(report_id=report.pk, by=coordinator, now=NOW) == 1

    assert minutes_on_record(session)["nobody"] == 90
    assert not UnmatchedName.objects.filter(email="nobody@x.example").exists()


def test_nobody_loses_minutes_because_a_namesake_joins(session, people, coordinator):
    report = upload(session, coordinator, zoom(("Ann", "", "12:30", "13:30"), ("Bo", "", "12:30", "13:00")))
    apply_report(report_id=report.pk, by=coordinator, now=NOW)
    make_enrolment(session.cycle, make_user("ann2@x.example", name="Ann"))

    assert apply_report(report_id=report.pk, by=coordinator, now=NOW) == 0

    assert minutes_on_record(session) == {"ann": 60, "bo": 30}
    assert UnmatchedName.objects.get().name == "Ann"


PARTS = (
    zoom(("Ann", "ann@x.example", "12:30", "13:00"), ("Bo", "bo@x.example", "12:30", "14:00")),
    zoom(("Ann", "ann@x.example", "12:50", "13:20"), ("Cy", "", "12:00", "12:40")),
    "email,minutes\nann@x.example,40\ncy@x.example,25\n",
)


@pytest.mark.parametrize(
    "order", list(permutations(PARTS)), ids=lambda order: "".join(str(PARTS.index(p)) for p in order)
)
def test_overlapping_reports_come_to_the_same_minutes_in_every_order(session, people, coordinator, order):
    changed = [import_it(session, coordinator, text) for text in order]

    assert minutes_on_record(session) == {"ann": 50, "bo": 90, "cy": 25}
    assert [import_it(session, coordinator, text) for text in order] == [0, 0, 0]
    assert changed[0] == 2


def test_preview_shows_what_all_reports_together_come_to(session, people, coordinator):
    import_it(session, coordinator, PARTS[0])

    rows = read_preview(upload(session, coordinator, PARTS[1])).rows

    assert [(row.member.name, row.minutes_before, row.minutes, row.is_change) for row in rows] == [
        ("Ann", 30, 50, True),
        ("Cy", None, 10, True),
    ]


def test_apply_report_leaves_what_a_person_entered_and_says_so_before(session, people, coordinator):
    make_attendance(people["ann"], session, minutes=90, reason="Was on the telephone line.")
    report = upload(session, coordinator, "email,minutes\nann@x.example,10\n")

    assert [(row.is_by_hand, row.is_change) for row in read_preview(report).rows] == [(True, False)]
    assert apply_report(report_id=report.pk, by=coordinator, now=NOW) == 0
    assert minutes_on_record(session) == {"ann": 90}


def test_a_report_takes_the_place_of_a_check_in_and_keeps_the_guest(session, people, coordinator):
    for name, is_guest in (("ann", True), ("bo", False)):
        make_attendance(people[name], session, minutes=90, source="check_in", reason="", is_guest=is_guest)

    assert import_it(session, coordinator, "email,minutes\nann@x.example,40\n") == 1

    rows = session.attendances.order_by("enrolment").values_list("minutes", "source", "is_guest")
    assert list(rows) == [(40, "report", True), (90, "check_in", False)]


def test_first_report_of_a_session_that_has_begun_says_that_it_was_held(people, coordinator):
    session = people["ann"].cycle.sessions.create(
        topic="New", starts_at=toronto(2025, 9, 18, 17), ends_at=toronto(2025, 9, 18, 18), status="confirmed"
    )

    import_it(session, coordinator, "email,minutes\nann@x.example,40\n")

    session.refresh_from_db()
    assert session.status == "held"


# --- at once --------------------------------------------------------------------------------------------------------

ROUNDS = 50


@pytest.mark.django_db(transaction=True)
def test_one_report_and_one_that_overlaps_imported_twenty_times_at_once_leave_one_result():
    coordinator = make_user(is_staff=True)
    cycle = make_cycle(sessions=0)
    for name in ("ann", "bo", "cy"):
        make_enrolment(cycle, make_user(f"{name}@x.example", name=name.title()))
    for at in range(ROUNDS):
        day = toronto(2025, 9, 11) + timedelta(days=at)
        session = make_session(cycle, starts_at=day.replace(hour=12, minute=30))
        texts = [part.replace("2025-09-11", f"{day:%Y-%m-%d}") for part in PARTS[:2]]

        results = at_once([partial(import_it, session, coordinator, text) for text in texts * (THREADS // 2)])

        failures = [result for result in results if not isinstance(result, int)]
        assert not failures, failures[0]
        # The first report writes two people; the second lengthens Ann's stay, and writes the third.
        assert sorted(results) == [0] * (THREADS - 2) + [2, 2]
        assert minutes_on_record(session) == {"ann": 50, "bo": 90, "cy": 10}
        assert session.attendance_reports.count() == 2


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
