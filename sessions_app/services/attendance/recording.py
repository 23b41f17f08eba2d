"""Attendance by hand, each time with its reason: one entry, a whole session, or one person across sessions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError
from participants.models import User
from sessions_app.models import Attendance, EchoSession, Enrolment
from sessions_app.services.attendance.counting import put
from sessions_app.services.attendance.importing import lock_session
from sessions_app.services.sessions import mark_held

Place = tuple[int, int]
"""(enrolment, session): where minutes stand."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a person writes for one place, and what stood there when they looked (None: nothing)."""

    enrolment_id: int
    session_id: int
    minutes: int
    is_guest: bool
    seen: tuple[int, bool] | None

    @property
    def place(self) -> Place:
        """Whose minutes of which session."""
        return (self.enrolment_id, self.session_id)


class StaleEntriesError(BadInputError):
    """Somebody else has written some of the minutes meanwhile; `places` says which, and what stands there now."""

    def __init__(self, places: Mapping[Place, tuple[int, bool] | None]) -> None:
        super().__init__(
            _("Somebody has changed what is marked below meanwhile. Look at it, then save again.")
        )
        self.places = places


@transaction.atomic
def record_attendance(
    *,
    enrolment_id: int,
    session_id: int,
    minutes: int,
    reason: str,
    by: User,
    now: datetime,
    is_guest: bool = False,
) -> Attendance:
    """Enter or correct minutes by hand. The audit trail keeps who, when, old and new value, and the reason (rule 7).

    Raises BadInputError without a reason, for minutes outside the session, or for a session of another cycle;
    MoveRefusedError for the first minutes of a cancelled session that should have begun.
    """
    session = lock_session(session_id)
    enrolment = Enrolment.objects.get(pk=enrolment_id)
    _require_reason(reason)
    _require_minutes(minutes, session)
    if enrolment.cycle_id != session.cycle_id:
        raise BadInputError(_("This person is not in the cycle of this session."))
    with audit.act("attendance.record", by=by, reason=reason.strip()):
        attendance, _created = Attendance.objects.update_or_create(
            enrolment=enrolment,
            session=session,
            defaults={
                "minutes": minutes,
                "is_guest": is_guest,
                "source": Attendance.Source.MANUAL,
                "reason": reason.strip(),
                "recorded_at": now,
                "recorded_by": by,
            },
        )
        if session.starts_at <= now:
            mark_held(session=session, by=by)
    return attendance


@transaction.atomic
def record_roll_call(
    *, session_id: int, entries: Sequence[Entry], reason: str, by: User, now: datetime
) -> int:
    """Write a session's roll call: what differs from what is on record. Returns how many minutes changed.

    Raises BadInputError without a reason, before the session has begun, and for minutes outside it;
    StaleEntriesError where somebody else has written meanwhile. Nothing is written then.
    """
    session = lock_session(session_id)
    _require_reason(reason)
    if now < session.starts_at:
        raise BadInputError(_("The session has not begun yet: who is there can be written once it has."))
    members = Enrolment.objects.filter(cycle_id=session.cycle_id).values_list("pk", flat=True)
    if not {entry.enrolment_id for entry in entries} <= set(members):
        raise BadInputError(_("Somebody on this page is not in the cycle any more. Open it again."))
    with audit.act("attendance.roll_call", by=by, reason=reason.strip()):
        return _write([session], entries, reason=reason.strip(), by=by, now=now)


@transaction.atomic
def correct_attendance(
    *, enrolment_id: int, entries: Sequence[Entry], reason: str, by: User, now: datetime
) -> int:
    """Correct one person's minutes across the sessions of their cycle. Returns how many changed.

    Raises BadInputError without a reason, for sessions of another cycle or that have not begun, and for minutes
    outside a session; StaleEntriesError where somebody else has written meanwhile. Nothing is written then.
    """
    enrolment = Enrolment.objects.get(pk=enrolment_id)
    _require_reason(reason)
    wanted = {entry.session_id for entry in entries}
    # In one order, so that two corrections at once do not wait for each other.
    sessions = list(
        EchoSession.objects.select_for_update(of=("self",))
        .filter(pk__in=wanted, cycle_id=enrolment.cycle_id, starts_at__lte=now)
        .order_by("pk")
    )
    if len(sessions) != len(wanted):
        raise BadInputError(_("One of these sessions has been moved. Open the page again."))
    with audit.act("attendance.correct", by=by, reason=reason.strip()):
        return _write(sessions, entries, reason=reason.strip(), by=by, now=now)


def _write(
    sessions: Iterable[EchoSession], entries: Iterable[Entry], *, reason: str, by: User, now: datetime
) -> int:
    """Write the entries that differ from what is on record; the sessions are locked."""
    by_id = {session.pk: session for session in sessions}
    entries = list(entries)
    on_record = {
        (row.enrolment_id, row.session_id): (row.minutes, row.is_guest)
        for row in Attendance.objects.filter(
            session__in=by_id, enrolment__in={entry.enrolment_id for entry in entries}
        )
    }
    changed, stale = [], {}
    for entry in entries:
        _require_minutes(entry.minutes, by_id[entry.session_id])
        old, new = on_record.get(entry.place), (entry.minutes, entry.is_guest)
        if new in {old, entry.seen}:
            continue
        if old == entry.seen:
            changed.append(entry)
        else:
            stale[entry.place] = old
    if stale:
        raise StaleEntriesError(stale)
    put(
        [
            Attendance(
                enrolment_id=entry.enrolment_id,
                session_id=entry.session_id,
                minutes=entry.minutes,
                is_guest=entry.is_guest,
                source=Attendance.Source.MANUAL,
                reason=reason,
                recorded_at=now,
                recorded_by=by,
            )
            for entry in changed
        ]
    )
    for session_id in sorted({entry.session_id for entry in changed}):
        mark_held(session=by_id[session_id], by=by)
    return len(changed)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise BadInputError(_("Say why this is entered by hand: an auditor will ask."))


def _require_minutes(minutes: int, session: EchoSession) -> None:
    if not 0 <= minutes <= session.minutes:
        raise BadInputError(
            _("This session has %(minutes)d minutes: enter 0 to %(minutes)d.") % {"minutes": session.minutes}
        )
