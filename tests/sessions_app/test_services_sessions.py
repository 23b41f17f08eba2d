from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest

from core.errors import BadInputError, MoveRefusedError
from participants.models import User
from sessions_app.models import Cycle, EchoSession, SessionNotice
from sessions_app.seasons import at_clock, on_clock
from sessions_app.services import (
    cancel_session,
    confirm_session,
    mark_held,
    move_session,
    reinstate_session,
)
from sessions_app.services.sessions import preview_move
from sessions_app.services.timetable import Slot, people_told
from tests.clock import toronto
from tests.factories import make_attendance, make_cycle, make_enrolment, make_session
from tests.history import audit_row, events
from tests.races import at_once

NOW = toronto(2026, 2, 1, 9)
FIRST = date(2026, 2, 26)
Status = EchoSession.Status


@pytest.fixture
def cycle(db: None) -> Cycle:
    """Four planned Thursdays from February 26, 2026: the clocks change after the second."""
    return season()


def season(weeks: int = 4, **values: Any) -> Cycle:
    cycle = make_cycle(starts_on=FIRST, ends_on=date(2026, 6, 30), **values)
    for week in range(weeks):
        make_session(cycle, week=week, status=Status.PLANNED)
    return cycle


def slot(day: date, start: time = time(12, 30), end: time = time(14)) -> Slot:
    return Slot(at_clock(day, start), at_clock(day, end))


def days_of(cycle: Cycle) -> list[str]:
    return [on_clock(session.starts_at)[0].isoformat()[5:] for session in cycle.sessions.all()]


def move(session: EchoSession, to: Slot, by: User, **values: Any) -> list[EchoSession]:
    return move_session(session_id=session.pk, to=to, by=by, now=NOW, **values)


def notices(session: EchoSession) -> list[tuple[str, datetime]]:
    return list(SessionNotice.objects.filter(session=session).values_list("was_status", "was_starts_at"))


# --- states ---------------------------------------------------------------------------------------------------------

DEEDS: dict[str, Any] = {
    "confirm": lambda session, by: confirm_session(session_id=session.pk, by=by),
    "cancel": lambda session, by: cancel_session(session_id=session.pk, by=by, now=NOW),
    "reinstate": lambda session, by: reinstate_session(session_id=session.pk, by=by, now=NOW),
    "hold": lambda session, by: mark_held(session=EchoSession.objects.get(pk=session.pk), by=by),
    "move": lambda session, by: move(session, slot(date(2026, 4, 7)), by),
}
# What becomes of a session that stands in the first state; None is refused.
BECOMES: dict[tuple[str, str], str | None] = {
    ("planned", "confirm"): "confirmed",
    ("planned", "cancel"): "cancelled",
    ("planned", "reinstate"): "planned",
    ("planned", "hold"): "held",
    ("planned", "move"): "planned",
    ("confirmed", "confirm"): "confirmed",
    ("confirmed", "cancel"): "cancelled",
    ("confirmed", "reinstate"): None,
    ("confirmed", "hold"): "held",
    ("confirmed", "move"): "confirmed",
    ("cancelled", "confirm"): None,
    ("cancelled", "cancel"): "cancelled",
    ("cancelled", "reinstate"): "planned",
    ("cancelled", "hold"): None,
    ("cancelled", "move"): None,
    ("held", "confirm"): None,
    ("held", "cancel"): None,
    ("held", "reinstate"): None,
    ("held", "hold"): "held",
    ("held", "move"): None,
}


@pytest.mark.parametrize(("old", "deed"), list(product(Status.values, DEEDS)))
def test_session_becomes_what_the_table_says(cycle, coordinator, old, deed):
    session = make_session(cycle, week=6, status=old)
    expected = BECOMES[old, deed]

    if expected is None:
        with pytest.raises(MoveRefusedError):
            DEEDS[deed](session, coordinator)
    else:
        DEEDS[deed](session, coordinator)

    session.refresh_from_db()
    assert session.status == (expected or old)


@pytest.mark.parametrize(
    ("old", "deed", "verb"),
    [
        ("planned", "confirm", "session.confirm"),
        ("confirmed", "cancel", "session.cancel"),
        ("cancelled", "reinstate", "session.reinstate"),
        ("planned", "hold", "session.hold"),
        ("planned", "move", "session.move"),
    ],
)
def test_each_deed_is_on_record_once_however_often_it_is_done(cycle, coordinator, old, deed, verb):
    session = make_session(cycle, week=6, status=old)
    uid = session.calendar_uid

    for _time in range(2):
        DEEDS[deed](session, coordinator)

    session.refresh_from_db()
    assert audit_row(session, "update") == (verb, coordinator.pk, "")
    assert events(session, "update").count() == 1
    # Calendars know it as the same session, changed once.
    assert (session.calendar_uid, session.sequence) == (uid, 1)


@pytest.mark.parametrize("deed", ["confirm", "cancel", "reinstate", "move"])
def test_sessions_of_a_closed_cycle_stay_as_they_are(db, coordinator, deed):
    cycle = season(1, status=Cycle.Status.CLOSED)
    session = cycle.sessions.get()

    with pytest.raises(MoveRefusedError, match="This cycle is closed"):
        DEEDS[deed](session, coordinator)


def test_cancel_keeps_the_reason(cycle, coordinator):
    session = cycle.sessions.first()

    cancel_session(session_id=session.pk, by=coordinator, now=NOW, reason=" A snow storm. ")

    assert audit_row(session, "update") == ("session.cancel", coordinator.pk, "A snow storm.")


def test_session_that_people_only_checked_in_to_is_cancelled(cycle, coordinator):
    session = cycle.sessions.first()
    make_attendance(make_enrolment(cycle), session, source="check_in", reason="")

    assert cancel_session(session_id=session.pk, by=coordinator, now=NOW).status == Status.CANCELLED


@pytest.mark.parametrize("deed", ["cancel", "move"])
def test_session_with_attendance_is_neither_cancelled_nor_moved(cycle, coordinator, deed):
    session = cycle.sessions.first()
    make_attendance(make_enrolment(cycle), session, minutes=0)

    with pytest.raises(MoveRefusedError, match=r"on record"):
        DEEDS[deed](session, coordinator)


# --- telling --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "deed", "is_told"),
    [
        ("planned", "move", True),
        ("planned", "cancel", True),
        ("confirmed", "cancel", True),
        ("cancelled", "reinstate", True),
        ("planned", "confirm", False),
        ("planned", "hold", False),
    ],
)
def test_changes_of_time_and_cancellations_are_told(cycle, coordinator, old, deed, is_told):
    session = make_session(cycle, week=6, status=old)
    make_enrolment(cycle)

    DEEDS[deed](session, coordinator)

    assert notices(session) == ([(old, session.starts_at)] if is_told else [])


def test_moving_the_rest_tells_of_each_session(cycle, coordinator):
    make_enrolment(cycle)
    old = list(cycle.sessions.all())

    move(old[1], slot(date(2026, 3, 12)), coordinator, with_rest=True)

    assert [notices(session) for session in old] == [
        [],
        *([("planned", session.starts_at)] for session in old[1:]),
    ]


def test_people_told_are_those_of_a_public_cycle_before_the_session_ends(cycle):
    make_enrolment(cycle)
    make_enrolment(cycle, status="applied")
    session = cycle.sessions.first()

    assert people_told(session, now=NOW) == 1
    assert people_told(session, now=session.ends_at) == 0
    cycle.status = Cycle.Status.PLANNED
    cycle.save()
    assert people_told(EchoSession.objects.get(pk=session.pk), now=NOW) == 0


# --- moving ---------------------------------------------------------------------------------------------------------


def test_move_changes_one_session(cycle, coordinator):
    session = cycle.sessions.first()

    moved = move(session, slot(date(2026, 2, 27), time(9), time(10)), coordinator)

    assert moved == [session]
    assert days_of(cycle) == ["02-27", "03-05", "03-12", "03-19"]
    assert (on_clock(moved[0].starts_at)[1], moved[0].minutes) == (time(9), 60)


def test_moving_the_rest_by_a_week_keeps_half_past_noon_across_the_clocks(cycle, coordinator):
    first, second, *_rest = cycle.sessions.all()
    uids = dict(cycle.sessions.values_list("pk", "calendar_uid"))

    moved = move(second, slot(date(2026, 3, 12)), coordinator, with_rest=True)

    # Each lands on the old start of the next: one statement, so none is in another's way.
    assert len(moved) == 3
    assert days_of(cycle) == ["02-26", "03-12", "03-19", "03-26"]
    assert {on_clock(session.starts_at)[1] for session in cycle.sessions.all()} == {time(12, 30)}
    assert [session.starts_at.hour for session in cycle.sessions.all()] == [17, 16, 16, 16]
    assert {session.minutes for session in cycle.sessions.all()} == {90}
    assert dict(cycle.sessions.values_list("pk", "calendar_uid")) == uids
    assert list(cycle.sessions.values_list("sequence", flat=True)) == [0, 1, 1, 1]
    first.refresh_from_db()
    assert first.sequence == 0


def test_moving_the_rest_back_closes_a_gap(cycle, coordinator):
    second = cycle.sessions.all()[1]
    move(second, slot(date(2026, 3, 12)), coordinator, with_rest=True)

    move(second, slot(date(2026, 3, 5)), coordinator, with_rest=True)

    assert days_of(cycle) == ["02-26", "03-05", "03-12", "03-19"]


def test_another_time_on_the_same_day_leaves_later_sessions_alone(cycle, coordinator):
    first = cycle.sessions.first()

    moved = move(first, slot(FIRST, time(17), time(18, 30)), coordinator, with_rest=True)

    assert moved == [first]
    assert [on_clock(session.starts_at)[1].hour for session in cycle.sessions.all()] == [17, 12, 12, 12]


def test_moving_twice_moves_once(cycle, coordinator):
    first = cycle.sessions.first()
    seen = first.starts_at

    for expected in (4, 0):
        moved = move(first, slot(date(2026, 3, 5)), coordinator, with_rest=True, seen_at=seen)
        assert len(moved) == expected

    assert days_of(cycle) == ["03-05", "03-12", "03-19", "03-26"]


def test_move_does_not_build_upon_a_move_that_was_not_seen(cycle, coordinator):
    first = cycle.sessions.first()
    move(first, slot(date(2026, 2, 27)), coordinator)

    with pytest.raises(MoveRefusedError, match="moved this session meanwhile"):
        move(first, slot(date(2026, 3, 6)), coordinator, with_rest=True, seen_at=first.starts_at)

    assert days_of(cycle)[0] == "02-27"


def test_cancelled_sessions_stay_where_they_are_when_the_rest_moves(cycle, coordinator):
    first, _second, third, _fourth = cycle.sessions.all()
    cancel_session(session_id=third.pk, by=coordinator, now=NOW)

    moved = move(first, slot(date(2026, 2, 27)), coordinator, with_rest=True)

    assert len(moved) == 3
    assert days_of(cycle) == ["02-27", "03-06", "03-12", "03-20"]


@pytest.mark.parametrize("blocker", ["held", "attended"])
def test_moving_the_rest_is_refused_when_a_later_one_took_place(cycle, coordinator, blocker):
    first, _second, third, _fourth = cycle.sessions.all()
    if blocker == "held":
        mark_held(session=third, by=coordinator)
    else:
        make_attendance(make_enrolment(cycle), third)

    with pytest.raises(MoveRefusedError, match=r"“Topic 3” of Thursday, March 12, 2026 was held"):
        move(first, slot(date(2026, 3, 5)), coordinator, with_rest=True)

    assert days_of(cycle) == ["02-26", "03-05", "03-12", "03-19"]


def test_move_onto_another_session_of_the_cycle_is_refused_in_words(cycle, coordinator):
    first, second, *_rest = cycle.sessions.all()
    words = r"“Topic 2” \(planned\) is already on Thursday, March 5, 2026 at 12:30"

    with pytest.raises(MoveRefusedError, match=words):
        move(first, slot(date(2026, 3, 5)), coordinator)
    with pytest.raises(MoveRefusedError, match=words):
        preview_move(first, slot(date(2026, 3, 5)), with_rest=False)

    cancel_session(session_id=second.pk, by=coordinator, now=NOW)
    with pytest.raises(MoveRefusedError, match=r"“Topic 2” \(cancelled\)"):
        move(first, slot(date(2026, 3, 5)), coordinator, with_rest=True)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (time(14), time(12, 30), "ends before it starts"),
        (time(14), time(14), "ends before it starts"),
        (time(8), time(20, 1), "half a day at most"),
    ],
)
def test_move_to_times_that_cannot_be_is_refused(cycle, coordinator, start, end, words):
    with pytest.raises(BadInputError, match=words):
        move(cycle.sessions.first(), slot(FIRST, start, end), coordinator)


def test_cycle_lasts_longer_with_its_sessions_where_that_is_wanted(cycle, coordinator):
    last = cycle.sessions.last()

    move(last, slot(date(2026, 7, 9)), coordinator)
    cycle.refresh_from_db()
    assert cycle.ends_on == date(2026, 6, 30)

    move(last, slot(date(2026, 7, 16)), coordinator, extends_cycle=True)
    cycle.refresh_from_db()
    assert (cycle.starts_on, cycle.ends_on) == (FIRST, date(2026, 7, 16))


def test_preview_says_from_when_to_when_and_writes_nothing(cycle):
    first, *_rest = cycle.sessions.all()

    moves = preview_move(first, slot(FIRST + timedelta(weeks=5)), with_rest=True)

    # April 2 is the Thursday before Good Friday; nobody is in the way of those who move along.
    assert [(row.session.topic, row.to.day.isoformat()[5:], row.remarks) for row in moves] == [
        ("Topic 1", "04-02", []),
        ("Topic 2", "04-09", []),
        ("Topic 3", "04-16", []),
        ("Topic 4", "04-23", []),
    ]
    friday = preview_move(first, slot(date(2026, 4, 3)), with_rest=False)
    assert friday[0].remarks == ["Statutory holiday: Good Friday."]
    overlap = preview_move(first, slot(date(2026, 3, 5), time(13), time(15)), with_rest=False)
    assert overlap[0].remarks == ["At the same time as “Topic 2” of this cycle (12:30)."]
    assert days_of(cycle) == ["02-26", "03-05", "03-12", "03-19"]


@pytest.mark.django_db(transaction=True)
def test_two_shifts_at_once_shift_once(coordinator):
    cycle = season()
    first = cycle.sessions.earliest("starts_at")
    deed = partial(
        move_session,
        session_id=first.pk,
        to=slot(date(2026, 3, 5)),
        with_rest=True,
        seen_at=first.starts_at,
        by=coordinator,
        now=NOW,
    )

    results = at_once([deed] * 4)

    assert sorted(len(moved) for moved in results) == [0, 0, 0, 4]
    assert days_of(cycle) == ["03-05", "03-12", "03-19", "03-26"]


@pytest.mark.django_db(transaction=True)
def test_a_shift_and_a_cancellation_at_once_both_hold(coordinator):
    cycle = season()
    first, *_rest, last = cycle.sessions.all()
    shift = partial(
        move_session, session_id=first.pk, to=slot(date(2026, 2, 27)), with_rest=True, by=coordinator, now=NOW
    )
    cancel = partial(cancel_session, session_id=last.pk, by=coordinator, now=NOW)

    moved, cancelled = at_once([shift, cancel])

    assert isinstance(cancelled, EchoSession)
    # Whoever came first: the cancelled one stayed, or moved before it was cancelled.
    assert len(moved) in {3, 4}
    last.refresh_from_db()
    assert (last.status, days_of(cycle)[:3]) == ("cancelled", ["02-27", "03-06", "03-13"])
