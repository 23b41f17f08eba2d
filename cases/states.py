"""The way of a case (product rule 22). Every move that is not listed is refused."""

from enum import StrEnum


class CaseStatus(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    RETURNED = "returned"
    SCHEDULED = "scheduled"
    PRESENTED = "presented"
    RECOMMENDATIONS_SENT = "recommendations_sent"


_C = CaseStatus

ALLOWED: frozenset[tuple[CaseStatus, CaseStatus]] = frozenset(
    {
        (_C.DRAFT, _C.SUBMITTED),
        (_C.SUBMITTED, _C.IN_REVIEW),
        (_C.IN_REVIEW, _C.APPROVED),
        (_C.IN_REVIEW, _C.RETURNED),
        # A returned case is mended by its author and handed in again.
        (_C.RETURNED, _C.SUBMITTED),
        (_C.APPROVED, _C.SCHEDULED),
        (_C.SCHEDULED, _C.PRESENTED),
        (_C.PRESENTED, _C.RECOMMENDATIONS_SENT),
    }
)


def may_move(old: CaseStatus, new: CaseStatus) -> bool:
    """Whether a case may go from `old` to `new`."""
    return (old, new) in ALLOWED
