"""Every write to certificates: closing a cycle, issuing, rendering, revoking."""

from credits.services.closing import close_cycle, close_due_cycles, issue_late_finishers
from credits.services.issuing import issue_certificates
from credits.services.lifecycle import correct_certificate, retry_certificate, revoke_certificate
from credits.services.rendering import render_due_certificates

__all__ = [
    "close_cycle",
    "close_due_cycles",
    "correct_certificate",
    "issue_certificates",
    "issue_late_finishers",
    "render_due_certificates",
    "retry_certificate",
    "revoke_certificate",
]
