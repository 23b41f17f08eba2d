"""Today's list: what waits in a cycle, in plain words, each with the one link that does it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from desk.duties.base import URGENCY, Duty, session_line
from desk.duties.certificates import certificates, mails
from desk.duties.general import general_duties
from desk.duties.people import cases, people, surveys
from desk.duties.sessions import sessions
from desk.work import CycleWork

__all__ = ["Duty", "duties", "general_duties", "permitted", "session_line"]


def duties(work: CycleWork, *, now: datetime) -> list[Duty]:
    """What waits in the cycle at `now`, the most urgent first."""
    found = [
        *people(work),
        *sessions(work, now=now),
        *cases(work),
        *surveys(work, now=now),
        *mails(work.cycle.undelivered),
        *certificates(work, now=now),
    ]
    return sorted(found, key=lambda duty: URGENCY.index(duty.tone))


def permitted(found: list[Duty], *, may: Callable[[str], bool]) -> list[Duty]:
    """Those of them that somebody may do."""
    return [duty for duty in found if may(duty.permission)]
