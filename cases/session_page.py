"""What the page of a session says before, during and after it: plain values for the template."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from cases.models import CaseSubmission
from cases.my_cases import CaseLine, case_line
from cases.queries import ids_to_reschedule, own_cases_of, session_cases
from sessions_app.models import EchoSession, Enrolment, Material, Objective, PresenterSlot, Speaker
from sessions_app.queries import next_session
from sessions_app.rules import JOIN_MINUTES, Phase, phase


@dataclass(frozen=True, slots=True)
class SessionPage:
    """All that the page shows; `presenters` counts the slots that are taken by others, without saying by whom."""

    session: EchoSession
    phase: Phase
    has_agreed: bool
    join_minutes: int
    speakers: list[Speaker]
    objectives: list[Objective]
    materials: list[Material]
    own_slot: PresenterSlot | None
    presenters: int
    free_slots: int
    cases: list[CaseSubmission]
    own_cases: list[CaseLine]
    minutes: int | None
    is_enrolled: bool
    next_session: EchoSession | None

    @property
    def is_open(self) -> bool:
        """Whether it can be joined."""
        return self.phase == Phase.OPEN

    @property
    def may_begin_case(self) -> bool:
        """Whether the reader presents here and has not begun a case yet."""
        return self.own_slot is not None and self.phase == Phase.AHEAD and not self.own_cases

    @property
    def may_take_slot(self) -> bool:
        """Whether the way to the free slots is worth showing."""
        return (
            self.is_enrolled and self.phase == Phase.AHEAD and bool(self.free_slots) and self.own_slot is None
        )


def session_page(
    *, session: EchoSession, enrolment: Enrolment | None, has_agreed: bool, now: datetime
) -> SessionPage:
    """Put together what one person sees of a session at `now`; `enrolment` is None for staff who look.

    `has_agreed` is whether the participation agreement in force is given: without it no link and no case is shown.
    """
    state = phase(starts_at=session.starts_at, ends_at=session.ends_at, status=session.status, now=now)
    slots = list(session.slots.all())
    own = [slot for slot in slots if enrolment is not None and slot.enrolment_id == enrolment.pk]
    taken = sum(slot.enrolment_id is not None for slot in slots)
    # Rule 22: the group sees a case from the session's day on.
    is_day = timezone.localdate(now) >= timezone.localdate(session.starts_at)
    shows_cases = is_day and has_agreed and state != Phase.CANCELLED
    is_ahead = state in {Phase.AHEAD, Phase.OPEN}
    own_cases = _own_cases(session, enrolment, brings_one=bool(own) and is_ahead)
    known = {line.case.pk for line in own_cases}
    attendance = enrolment.attendances.filter(session=session).first() if enrolment is not None else None
    return SessionPage(
        session=session,
        phase=state,
        has_agreed=has_agreed,
        join_minutes=JOIN_MINUTES,
        speakers=list(session.speakers.all()),
        objectives=[row.objective for row in session.session_objectives.select_related("objective")],
        materials=list(session.materials.all()),
        own_slot=own[0] if own else None,
        presenters=taken - len(own),
        free_slots=len(slots) - taken,
        cases=[case for case in session_cases(session, now=now) if case.pk not in known]
        if shows_cases
        else [],
        own_cases=own_cases,
        minutes=attendance.minutes if attendance is not None else None,
        is_enrolled=enrolment is not None,
        next_session=next_session(session.cycle, now=now) if state == Phase.CANCELLED else None,
    )


def _own_cases(session: EchoSession, enrolment: Enrolment | None, *, brings_one: bool) -> list[CaseLine]:
    """The cases that the reader presents in this session.

    Who is still to bring one (`brings_one`) sees the case of theirs that has no session yet, or has lost it.
    """
    if enrolment is None:
        return []
    cases = list(own_cases_of(enrolment))
    lost = ids_to_reschedule(cases)
    is_cancelled = session.status == EchoSession.Status.CANCELLED
    found = [
        case for case in cases if case.session_id == session.pk and (is_cancelled or case.pk not in lost)
    ]
    if not found and brings_one:
        found = [case for case in cases if case.session_id is None or case.pk in lost][:1]
    return [case_line(case, has_slot=brings_one, is_lost=case.pk in lost) for case in found]
