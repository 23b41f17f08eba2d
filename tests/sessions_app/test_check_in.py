"""The code on the slide, and what a check-in writes."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from core.errors import MoveRefusedError, NotAllowedError
from participants.models import Agreement, AgreementAnswer, User
from sessions_app.check_in import code_at, is_code, seconds_left, typed
from sessions_app.models import Attendance, AttendanceReport, Cycle, EchoSession, Enrolment
from sessions_app.services import apply_report, check_in
from tests.clock import toronto
from tests.factories import make_attendance, make_cycle, make_enrolment, make_report, make_session, make_user
from tests.history import audit_row, events
from tests.races import THREADS, at_once

STARTS_AT = toronto(2025, 9, 11, 12, 30)
ENDS_AT = toronto(2025, 9, 11, 14)
NOW = toronto(2025, 9, 11, 12, 34)


# --- the code ---------------------------------------------------------------------------------------------------------


def test_code_is_six_digits_and_stays_for_half_a_minute():
    codes = [code_at(7, now=NOW + timedelta(seconds=second)) for second in range(60)]

    assert all(len(code) == 6 and code.isascii() and code.isdigit() for code in codes)
    assert len(set(codes[:30])) == len(set(codes[30:])) == 1
    assert codes[0] != codes[30]


def test_codes_of_two_sessions_differ():
    moments = [NOW + timedelta(seconds=30 * window) for window in range(5)]

    assert [code_at(7, now=at) for at in moments] != [code_at(8, now=at) for at in moments]


def test_code_depends_on_the_portals_key(settings):
    before = [code_at(7, now=NOW + timedelta(seconds=30 * window)) for window in range(3)]
    settings.SECRET_KEY = "another key, of another portal"

    assert [code_at(7, now=NOW + timedelta(seconds=30 * window)) for window in range(3)] != before


@pytest.mark.parametrize(("seconds", "counts"), [(-1, False), (0, True), (29, True), (59, True), (60, False)])
def test_code_counts_while_it_is_shown_and_in_the_window_after(seconds, counts):
    # 12:34:00 begins a window.
    code = code_at(7, now=NOW)

    assert is_code(7, code, now=NOW + timedelta(seconds=seconds)) is counts


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\N{GRINNING FACE}"])
def test_code_that_is_none_never_counts(code):
    assert not is_code(7, code, now=NOW)


def test_code_is_typed_with_or_without_gaps():
    assert typed(" 123 456\t") == typed("123-456") == typed("123\N{NO-BREAK SPACE}456") == "123456"


@pytest.mark.parametrize(("second", "left"), [(0, 30), (1, 29), (29, 1), (30, 30)])
def test_slide_counts_down_to_the_next_code(second, left):
    assert seconds_left(NOW + timedelta(seconds=second)) == left


# --- checking in ------------------------------------------------------------------------------------------------------


@pytest.fixture
def session(db: None) -> EchoSession:
    cycle = make_cycle(ends_on=toronto(2025, 12, 1).date())
    return make_session(cycle, starts_at=STARTS_AT, status=EchoSession.Status.CONFIRMED)


@pytest.fixture
def ann(session: EchoSession) -> User:
    user = make_user("ann@clinic.example", name="Ann Lee")
    make_enrolment(session.cycle, user)
    return user


@pytest.mark.parametrize(
    ("now", "minutes"),
    [
        (STARTS_AT - timedelta(minutes=15), 90),
        (STARTS_AT, 90),
        (STARTS_AT + timedelta(seconds=1), 89),
        (NOW, 86),
        (ENDS_AT - timedelta(minutes=1), 1),
        (ENDS_AT - timedelta(seconds=1), 0),
    ],
)
def test_check_in_counts_whole_minutes_from_now_or_the_start_to_the_end(session, ann, now, minutes):
    attendance = check_in(session_id=session.pk, by=ann, now=now)

    attendance.refresh_from_db()
    assert attendance.minutes == minutes
    assert (attendance.source, attendance.recorded_by, attendance.recorded_at) == ("check_in", ann, now)
    assert (attendance.report, attendance.reason, attendance.is_guest) == (None, "", False)


def test_check_in_stands_in_the_audit_trail_under_the_persons_name(session, ann):
    attendance = check_in(session_id=session.pk, by=ann, now=NOW)

    assert audit_row(attendance, "insert") == ("attendance.check-in", ann.pk, "")


def test_second_check_in_changes_nothing(session, ann):
    first = check_in(session_id=session.pk, by=ann, now=NOW)
    again = check_in(session_id=session.pk, by=ann, now=NOW + timedelta(minutes=30))

    assert again == first
    assert Attendance.objects.get().minutes == 86
    assert events(first).count() == 1
    # Afterwards as well: it is on record, there is nothing to refuse.
    assert check_in(session_id=session.pk, by=ann, now=ENDS_AT + timedelta(days=1)) == first


@pytest.mark.parametrize("minutes", [0, 40])
def test_check_in_leaves_what_a_person_or_a_report_says(session, ann, minutes):
    enrolment = Enrolment.objects.get(participant=ann)
    by_hand = make_attendance(enrolment, session, minutes=minutes)
    bo = make_enrolment(session.cycle)
    reported = make_attendance(bo, session, minutes=minutes, report=make_report(session))

    check_in(session_id=session.pk, by=ann, now=NOW)
    check_in(session_id=session.pk, by=bo.participant, now=NOW)

    assert [events(row).count() for row in (by_hand, reported)] == [1, 1]
    assert set(Attendance.objects.values_list("source", "minutes")) == {
        ("manual", minutes),
        ("report", minutes),
    }


def test_report_that_comes_later_counts_instead_of_the_check_in(session, ann, coordinator):
    check_in(session_id=session.pk, by=ann, now=NOW)
    report: AttendanceReport = make_report(session, content=b"email,minutes\nann@clinic.example,41\n")

    apply_report(report_id=report.pk, decisions=[], by=coordinator, now=ENDS_AT)

    row = Attendance.objects.get()
    assert (row.source, row.minutes, row.report) == ("report", 41, report)


def test_check_in_before_the_start_does_not_say_that_the_session_was_held(session, ann):
    check_in(session_id=session.pk, by=ann, now=STARTS_AT - timedelta(minutes=1))

    session.refresh_from_db()
    assert session.status == EchoSession.Status.CONFIRMED


def test_check_in_after_the_start_says_that_the_session_was_held(session, ann):
    check_in(session_id=session.pk, by=ann, now=STARTS_AT)

    session.refresh_from_db()
    assert session.status == EchoSession.Status.HELD


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (STARTS_AT - timedelta(minutes=15, seconds=1), "not open yet"),
        (ENDS_AT, "is over"),
    ],
)
def test_check_in_is_refused_outside_its_time(session, ann, now, words):
    with pytest.raises(MoveRefusedError, match=words):
        check_in(session_id=session.pk, by=ann, now=now)
    assert not Attendance.objects.exists()


def test_check_in_to_a_cancelled_session_is_refused(ann, session):
    cancelled = make_session(session.cycle, week=1, status=EchoSession.Status.CANCELLED)

    with pytest.raises(MoveRefusedError, match="cancelled"):
        check_in(session_id=cancelled.pk, by=ann, now=cancelled.starts_at)
    assert not Attendance.objects.exists()


@pytest.mark.parametrize(
    "status", [status for status in Enrolment.Status.values if status != Enrolment.Status.APPROVED]
)
def test_check_in_is_for_who_is_in_the_cycle(session, status):
    enrolment = make_enrolment(session.cycle, status=status)

    with pytest.raises(NotAllowedError):
        check_in(session_id=session.pk, by=enrolment.participant, now=NOW)
    assert not Attendance.objects.exists()


def test_check_in_is_for_this_cycle_and_a_published_one(session, ann, outsider):
    other = make_session(make_cycle(), starts_at=STARTS_AT)
    Cycle.objects.filter(pk=session.cycle_id).update(status=Cycle.Status.PLANNED)

    for session_id in (session.pk, other.pk):
        with pytest.raises(NotAllowedError):
            check_in(session_id=session_id, by=ann, now=NOW)
    assert not Attendance.objects.exists()


def test_check_in_waits_for_the_participation_agreement(session, ann):
    assert Agreement.objects.filter(kind=Agreement.Kind.PARTICIPATION).exists()
    AgreementAnswer.objects.filter(user=ann).delete()

    with pytest.raises(NotAllowedError, match="agreement"):
        check_in(session_id=session.pk, by=ann, now=NOW)
    assert not Attendance.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_check_ins_of_one_person_at_once_leave_one_row():
    cycle = make_cycle(ends_on=toronto(2025, 12, 1).date())
    session = make_session(cycle, starts_at=STARTS_AT, status=EchoSession.Status.CONFIRMED)
    enrolment = make_enrolment(cycle)
    moments = [NOW + timedelta(minutes=minute) for minute in range(THREADS)]

    results = at_once(
        [partial(check_in, session_id=session.pk, by=enrolment.participant, now=now) for now in moments]
    )

    row = Attendance.objects.get()
    assert set(results) == {row}
    assert events(row).count() == 1
    assert events(session, "update").count() == 1
