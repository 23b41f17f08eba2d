"""The life of a certificate. It is never deleted: what is wrong is superseded or revoked (product rule 16)."""

from enum import StrEnum


class CertificateStatus(StrEnum):
    """Where a certificate stands."""

    PENDING = "pending"
    ISSUED = "issued"
    FAILED = "failed"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


_C = CertificateStatus

ALLOWED: frozenset[tuple[CertificateStatus, CertificateStatus]] = frozenset(
    {
        (_C.PENDING, _C.ISSUED),
        (_C.PENDING, _C.FAILED),
        (_C.FAILED, _C.PENDING),
        (_C.ISSUED, _C.SUPERSEDED),
        (_C.ISSUED, _C.REVOKED),
        # One that could never be rendered may be given up; its number stays explained.
        (_C.FAILED, _C.REVOKED),
    }
)

LIVE: frozenset[CertificateStatus] = frozenset({_C.PENDING, _C.ISSUED, _C.FAILED})
"""The states of which a person may have one for each enrolment and accreditation (product rule 17)."""


def may_move(old: CertificateStatus, new: CertificateStatus) -> bool:
    """Whether a certificate may go from `old` to `new`."""
    return (old, new) in ALLOWED
