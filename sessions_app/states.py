"""The moves an enrolment, a cycle and a session may make. Everything not listed is refused."""

from enum import StrEnum


class EnrolmentStatus(StrEnum):
    """Where a person stands with a cycle."""

    APPLIED = "applied"
    APPROVED = "approved"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class CycleStatus(StrEnum):
    """Where a cycle stands: being prepared, public, or closed with its certificates issued."""

    PLANNED = "planned"
    PUBLISHED = "published"
    CLOSED = "closed"


class SessionStatus(StrEnum):
    """Where a session stands."""

    PLANNED = "planned"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    HELD = "held"


_E, _C, _S = EnrolmentStatus, CycleStatus, SessionStatus

ENROLMENT_MOVES: frozenset[tuple[str, str]] = frozenset(
    {
        (_E.APPLIED, _E.APPROVED),
        (_E.APPLIED, _E.WAITLISTED),
        (_E.APPLIED, _E.DECLINED),
        (_E.APPLIED, _E.WITHDRAWN),
        (_E.WAITLISTED, _E.APPROVED),
        (_E.WAITLISTED, _E.DECLINED),
        (_E.WAITLISTED, _E.WITHDRAWN),
        (_E.APPROVED, _E.WITHDRAWN),
        # Somebody who withdrew may apply again.
        (_E.WITHDRAWN, _E.APPLIED),
    }
)
CYCLE_MOVES: frozenset[tuple[str, str]] = frozenset(
    {(_C.PLANNED, _C.PUBLISHED), (_C.PUBLISHED, _C.PLANNED), (_C.PUBLISHED, _C.CLOSED)}
)
SESSION_MOVES: frozenset[tuple[str, str]] = frozenset(
    {
        (_S.PLANNED, _S.CONFIRMED),
        (_S.PLANNED, _S.CANCELLED),
        (_S.PLANNED, _S.HELD),
        (_S.CONFIRMED, _S.CANCELLED),
        (_S.CONFIRMED, _S.HELD),
        # Cancelled by mistake, or taking place after all.
        (_S.CANCELLED, _S.PLANNED),
    }
)


def may_move(moves: frozenset[tuple[str, str]], old: str, new: str) -> bool:
    """Whether `moves` lets something go from `old` to `new`."""
    return (old, new) in moves
