"""What happens to a session: confirmed, cancelled, brought back, moved alone or with all that follow, and held."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from core import audit
from core.errors import MoveRefusedError
from core.templatetags.portal import clock, localized_text, long_day
from participants.models import User
from sessions_app.models import Attendance, Cycle, EchoSession
from sessions_app.seasons import moved_by_days, on_clock
from sessions_app.services.notices import notify_change
from sessions_app.services.timetable import (
    Slot,
    lock_open_cycle,
    remarks,
    require_open,
    require_times,
    stretch_cycle,
)
from sessions_app.states import SESSION_MOVES, may_move

Status = EchoSession.Status


@dataclass(frozen=True, slots=True)
class Move:
    """A session, the time it would have, and what there is to know of that time."""

    session: EchoSession
    to: Slot
    remarks: list[str]


@transaction.atomic
def confirm_session(*, session_id: int, by: User) -> EchoSession:
    """Say that a planned session takes place as it stands; one that is confirmed stays so.

    Raises MoveRefusedError for a cancelled or held session, and in a closed cycle.
    """
    _cycle, session = _lock(session_id)
    if session.status != Status.CONFIRMED:
        with audit.act("session.confirm", by=by):
            _set_status(session, Status.CONFIRMED)
    return session


@transaction.atomic
def cancel_session(*, session_id: int, by: User, now: datetime, reason: str = "") -> EchoSession:
    """Cancel a session that was not held and tell its people; the record keeps the reason. A cancelled one stays so.

    Raises MoveRefusedError for a session that was held or has attendance on record, and in a closed cycle.
    """
    _cycle, session = _lock(session_id)
    if session.status == Status.CANCELLED:
        return session
    # Who checked in before the start said that they were there, not that it took place.
    if session.attendances.exclude(source=Attendance.Source.CHECK_IN).exists():
        raise MoveRefusedError(
            _("Attendance of this session is on record: it took place, and cannot be cancelled.")
        )
    before = copy.copy(session)
    with audit.act("session.cancel", by=by, reason=reason.strip()):
        _set_status(session, Status.CANCELLED)
        notify_change(before=before, now=now)
    return session


@transaction.atomic
def reinstate_session(*, session_id: int, by: User, now: datetime) -> EchoSession:
    """Bring a cancelled session back as planned and tell its people. One that is planned stays so.

    Raises MoveRefusedError for a session that is not cancelled, and in a closed cycle.
    """
    _cycle, session = _lock(session_id)
    if session.status == Status.PLANNED:
        return session
    before = copy.copy(session)
    with audit.act("session.reinstate", by=by):
        _set_status(session, Status.PLANNED)
        notify_change(before=before, now=now)
    return session


def mark_held(*, session: EchoSession, by: User | None) -> EchoSession:
    """Write that a session took place: somebody was in it. One that is held stays so, without a word.

    Called inside the transaction that writes the attendance, with the session's row locked there. Raises
    MoveRefusedError for a cancelled session.
    """
    if session.status == Status.HELD:
        return session
    if session.status == Status.CANCELLED:
        raise MoveRefusedError(_("This session is cancelled. Reinstate it first if it took place after all."))
    with audit.act("session.hold", by=by):
        _set_status(session, Status.HELD)
    return session


@transaction.atomic
def move_session(
    *,
    session_id: int,
    to: Slot,
    by: User,
    now: datetime,
    with_rest: bool = False,
    extends_cycle: bool = False,
    seen_at: datetime | None = None,
) -> list[EchoSession]:
    """Give a session another time and tell its people; with `with_rest` every later one goes as many days with it.

    Later sessions keep their times of day across a change to or from daylight saving; cancelled ones stay where
    they are. With `extends_cycle` the cycle's first and last day follow. `seen_at` is the start that whoever asks
    saw: somebody else's move meanwhile is not built upon. A session that stands at `to` already is left alone, and
    so are the later ones. Returns the sessions that moved.

    Raises BadInputError for an end before the start or after more than half a day; MoveRefusedError when one of
    them is held, cancelled or has attendance, when another session of the cycle starts at that time, when the
    session is no longer where it was seen, and in a closed cycle.
    """
    cycle, session = _lock(session_id)
    if (session.starts_at, session.ends_at) == (to.starts_at, to.ends_at):
        return []
    if seen_at is not None and session.starts_at.replace(microsecond=0) != seen_at:
        raise MoveRefusedError(_("Somebody has moved this session meanwhile. Look at its new time first."))
    moves = _moves(session, to, with_rest=with_rest)
    for moved, _to in moves:
        moved.cycle = cycle
    before = [copy.copy(moved) for moved, _to in moves]
    with audit.act("session.move", by=by):
        for moved, slot in moves:
            moved.starts_at, moved.ends_at = slot.starts_at, slot.ends_at
        # One statement: no session meets the next one's old start on its way.
        EchoSession.objects.bulk_update([moved for moved, _to in moves], ["starts_at", "ends_at"])
        if extends_cycle:
            stretch_cycle(cycle, [slot.day for _moved, slot in moves])
        for old in before:
            notify_change(before=old, now=now)
    return list(EchoSession.objects.filter(pk__in=[old.pk for old in before]))


def preview_move(session: EchoSession, to: Slot, *, with_rest: bool) -> list[Move]:
    """What `move_session` would do, the session first; nothing is written. Raises as it does."""
    require_open(session.cycle)
    moves = _moves(session, to, with_rest=with_rest)
    slots = [slot for _moved, slot in moves]
    words = remarks(session.cycle, slots, moving={moved.pk for moved, _to in moves})
    return [Move(moved, slot, said) for (moved, slot), said in zip(moves, words, strict=True)]


def _moves(session: EchoSession, to: Slot, *, with_rest: bool) -> list[tuple[EchoSession, Slot]]:
    """Which sessions go where; refuses what may not go."""
    require_times(to)
    days = (to.day - on_clock(session.starts_at)[0]).days
    moves = [(session, Slot(to.starts_at, to.ends_at, session.hub_id))]
    others = list(
        EchoSession.objects.filter(cycle_id=session.cycle_id)
        .exclude(pk=session.pk)
        .annotate(is_attended=Exists(Attendance.objects.filter(session=OuterRef("pk"))))
        .order_by("starts_at", "pk")
    )
    later = [other for other in others if other.starts_at > session.starts_at] if with_rest and days else []
    for other in later:
        if other.status != Status.CANCELLED:
            slot = Slot(
                moved_by_days(other.starts_at, days), moved_by_days(other.ends_at, days), other.hub_id
            )
            moves.append((other, slot))
    if session.status == Status.CANCELLED:
        raise MoveRefusedError(_("This session is cancelled. Reinstate it before you move it."))
    for moved, _slot in moves:
        is_attended = moved.attendances.exists() if moved is session else moved.is_attended  # type: ignore[attr-defined]  # annotated above
        if moved.status == Status.HELD or is_attended:
            raise MoveRefusedError(
                _("“%(topic)s” of %(day)s was held, or has attendance on record: it stays where it is.")
                % {"topic": localized_text(moved, "topic"), "day": long_day(on_clock(moved.starts_at)[0])}
            )
    _require_free_starts(moves, others)
    return moves


def _require_free_starts(moves: list[tuple[EchoSession, Slot]], others: Sequence[EchoSession]) -> None:
    """Say in words what the constraint sessions_app_echosession_start_once would refuse."""
    moving = {moved.pk for moved, _slot in moves}
    taken = {other.starts_at: other for other in others if other.pk not in moving}
    for _moved, slot in moves:
        if other := taken.get(slot.starts_at):
            day, time = on_clock(other.starts_at)
            raise MoveRefusedError(
                _(
                    "“%(topic)s” (%(status)s) is already on %(day)s at %(time)s, and would stay there. Choose "
                    "another time."
                )
                % {
                    "topic": localized_text(other, "topic"),
                    "status": other.get_status_display().lower(),
                    "day": long_day(day),
                    "time": clock(time),
                }
            )


def _lock(session_id: int) -> tuple[Cycle, EchoSession]:
    """The cycle, and the session in it, locked in this order together with its other sessions."""
    cycle_id = EchoSession.objects.values_list("cycle_id", flat=True).get(pk=session_id)
    cycle = lock_open_cycle(cycle_id)
    sessions = {row.pk: row for row in cycle.sessions.select_for_update().order_by("pk")}
    session = sessions[session_id]
    session.cycle = cycle
    return cycle, session


def _set_status(session: EchoSession, to: Status) -> None:
    if not may_move(SESSION_MOVES, session.status, to):
        raise MoveRefusedError(
            _("A session that is “%(old)s” cannot become “%(new)s”.")
            % {"old": session.get_status_display(), "new": to.label}
        )
    session.status = to
    session.save(update_fields=["status"])
    session.refresh_from_db(fields=["sequence"])
