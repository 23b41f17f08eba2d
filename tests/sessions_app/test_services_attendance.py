from __future__ import annotations

from functools import partial

import pytest

from core.errors import BadInputError, MoveRefusedError
from sessions_app.models import Attendance, Cycle, EchoSession, Enrolment
from sessions_app.services import correct_attendance, record_attendance, record_roll_call
from sessions_app.services.attendance import Entry, StaleEntriesError
from tests.clock import toronto
from tests.factories import make_attendance, make_cycle, make_enrolment, make_session
from tests.history import audit_row, event_model, events
from tests.races import THREADS, at_once

NOW = toronto(2025, 9, 20, 10)
LATER = toronto(2025, 9, 30)


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


def test_first_attendance_of_a_session_that_has_begun_says_that_it_was_held(cycle, coordinator):
    begun = make_session(cycle, week=5, status=EchoSession.Status.CONFIRMED, starts_at=NOW)
    to_come = make_session(cycle, week=6, status=EchoSession.Status.CONFIRMED)
    cancelled = make_session(cycle, week=-1, status=EchoSession.Status.CANCELLED)
    record = partial(
        record_attendance,
        enrolment_id=make_enrolment(cycle).pk,
        minutes=60,
        reason="By telephone.",
        by=coordinator,
        now=NOW,
    )

    for session in (begun, to_come):
        record(session_id=session.pk)
        session.refresh_from_db()

    assert (begun.status, to_come.status) == ("held", "confirmed")
    with pytest.raises(MoveRefusedError, match="cancelled"):
        record(session_id=cancelled.pk)
    assert not cancelled.attendances.exists()


# --- the roll of a session ------------------------------------------------------------------------------------------


def entry(enrolment: Enrolment, session: EchoSession, minutes: int, seen: int | None = None) -> Entry:
    return Entry(
        enrolment.pk, session.pk, minutes, is_guest=False, seen=None if seen is None else (seen, False)
    )


def on_record(session: EchoSession) -> dict[int, int]:
    return dict(session.attendances.values_list("enrolment_id", "minutes"))


@pytest.fixture
def three(cycle) -> list[Enrolment]:
    return [make_enrolment(cycle) for _person in range(3)]


def call(session, coordinator, entries, reason="Roll call", now=NOW) -> int:
    return record_roll_call(session_id=session.pk, entries=entries, reason=reason, by=coordinator, now=now)


def test_roll_call_writes_what_differs_with_one_reason(session, three, coordinator):
    first, second, third = three
    make_attendance(first, session, minutes=50)
    make_attendance(second, session, minutes=90, is_guest=True)
    entries = [
        entry(first, session, 90, seen=50),
        Entry(second.pk, session.pk, 90, is_guest=True, seen=(90, True)),
        entry(third, session, 0),
    ]

    assert call(session, coordinator, entries, reason=" Roll call ") == 2

    assert on_record(session) == {first.pk: 90, second.pk: 90, third.pk: 0}
    changed = session.attendances.get(enrolment=first)
    assert (changed.source, changed.reason, changed.recorded_by, changed.recorded_at) == (
        "manual",
        "Roll call",
        coordinator,
        NOW,
    )
    assert audit_row(changed, "update") == ("attendance.roll_call", coordinator.pk, "Roll call")
    assert [event.minutes for event in events(changed)] == [50, 90]
    assert session.attendances.get(enrolment=second).is_guest


def test_roll_call_twice_changes_nothing_the_second_time(session, three, coordinator):
    entries = [entry(person, session, 90) for person in three]
    assert call(session, coordinator, entries) == 3
    written = event_model(Attendance).objects.count()

    assert call(session, coordinator, entries) == 0

    assert event_model(Attendance).objects.count() == written


def test_roll_call_writes_nothing_over_what_somebody_else_has_written_meanwhile(session, three, coordinator):
    first, second, third = three
    make_attendance(first, session, minutes=40)
    make_attendance(second, session, minutes=70)
    entries = [
        entry(first, session, 90),
        entry(second, session, 20, seen=20),
        entry(third, session, 90),
    ]

    with pytest.raises(StaleEntriesError, match="Somebody has changed") as refused:
        call(session, coordinator, entries)

    # What was not changed on the page is not written, so it does not stand in anybody's way either.
    assert refused.value.places == {(first.pk, session.pk): (40, False)}
    assert on_record(session) == {first.pk: 40, second.pk: 70}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"reason": " "}, "Say why"),
        ({"now": toronto(2025, 9, 11, 12, 29)}, "not begun"),
        ({"minutes": 91}, "0 to 90"),
        ({"minutes": -1}, "0 to 90"),
        ({"is_elsewhere": True}, "not in the cycle"),
    ],
)
def test_roll_call_refuses_what_cannot_be(session, three, coordinator, values, message):
    person = make_enrolment(make_cycle(session.cycle.program)) if values.get("is_elsewhere") else three[0]
    entries = [entry(three[1], session, 60), entry(person, session, values.get("minutes", 60))]

    with pytest.raises(BadInputError, match=message):
        call(session, coordinator, entries, values.get("reason", "Roll call"), values.get("now", NOW))

    assert not session.attendances.exists()


def test_roll_call_takes_as_many_queries_for_thirty_as_for_three(
    cycle, session, coordinator, django_assert_max_num_queries
):
    people = [make_enrolment(cycle) for _person in range(30)]

    with django_assert_max_num_queries(15):
        assert call(session, coordinator, [entry(person, session, 90) for person in people]) == 30


# --- one person across sessions -------------------------------------------------------------------------------------


def correct(enrolment, coordinator, entries, reason="The chair confirms.", now=LATER) -> int:
    return correct_attendance(
        enrolment_id=enrolment.pk, entries=entries, reason=reason, by=coordinator, now=now
    )


def test_corrections_across_sessions_have_one_reason_and_keep_old_and_new(cycle, three, coordinator):
    first, second = cycle.sessions.all()
    person = three[0]
    old = make_attendance(person, first, minutes=20, report=None, reason="Typed wrong.", source="manual")
    entries = [
        Entry(person.pk, first.pk, 90, is_guest=True, seen=(20, False)),
        entry(person, second, 45),
    ]

    assert correct(person, coordinator, entries) == 2
    assert correct(person, coordinator, entries) == 0

    old.refresh_from_db()
    assert (old.minutes, old.is_guest, old.reason) == (90, True, "The chair confirms.")
    assert on_record(second) == {person.pk: 45}
    assert audit_row(old, "update") == ("attendance.correct", coordinator.pk, "The chair confirms.")
    assert [event.minutes for event in events(old)] == [20, 90]


def test_corrections_refuse_other_cycles_sessions_to_come_and_what_is_stale(cycle, three, coordinator):
    first, _second = cycle.sessions.all()
    person = three[0]
    make_attendance(person, first, minutes=20)
    elsewhere = make_cycle(cycle.program, sessions=1).sessions.get()

    for entries, message, now in (
        ([entry(person, elsewhere, 60)], "moved", LATER),
        ([entry(person, first, 60, seen=20)], "moved", toronto(2025, 9, 1)),
        ([entry(person, first, 60, seen=30)], "meanwhile", LATER),
        ([entry(person, first, 91, seen=20)], "0 to 90", LATER),
    ):
        with pytest.raises(BadInputError, match=message):
            correct(person, coordinator, entries, now=now)
    with pytest.raises(BadInputError, match="Say why"):
        correct(person, coordinator, [entry(person, first, 60, seen=20)], reason="")

    assert list(Attendance.objects.values_list("minutes", flat=True)) == [20]


@pytest.mark.django_db(transaction=True)
def test_roll_calls_at_once_write_each_person_once(coordinator):
    session = make_cycle(sessions=1).sessions.get()
    people = [make_enrolment(session.cycle) for _person in range(5)]
    for value in range(1, 4):
        seen = value - 1 if value > 1 else None
        deeds = [
            partial(call, session, coordinator, [entry(person, session, value, seen) for person in people])
        ] * THREADS

        results = at_once(deeds)

        assert sorted(results) == [0] * (THREADS - 1) + [5]
    assert set(on_record(session).values()) == {3}
