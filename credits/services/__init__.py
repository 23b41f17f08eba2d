"""Every write to certificates and audit packs: closing a cycle, issuing, rendering, revoking, packing, purging."""

from credits.services.audit_packs import ask_for_audit_pack, download_audit_pack, make_due_audit_packs
from credits.services.closing import close_cycle, close_due_cycles, issue_late_finishers, make_dry_run
from credits.services.issuing import issue_certificates
from credits.services.lifecycle import correct_certificate, retry_certificate, revoke_certificate
from credits.services.mailing import resend_certificate
from credits.services.purging import purge_cycle
from credits.services.reconciliation import reconcile
from credits.services.rendering import render_due_certificates
from credits.services.waiving import ask_waiver, decide_waiver

__all__ = [
    "ask_for_audit_pack",
    "ask_waiver",
    "close_cycle",
    "close_due_cycles",
    "correct_certificate",
    "decide_waiver",
    "download_audit_pack",
    "issue_certificates",
    "issue_late_finishers",
    "make_dry_run",
    "make_due_audit_packs",
    "purge_cycle",
    "reconcile",
    "render_due_certificates",
    "resend_certificate",
    "retry_certificate",
    "revoke_certificate",
]
