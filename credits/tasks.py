"""What the workers do for certificates. Each is one call of a service; beat repeats what a lost nudge missed."""

from celery import shared_task
from django.utils import timezone

from core.leases import nudge

BATCH = 10
"""Certificates of one round, a few seconds' work. A full round asks for another, so that mail, and with it every
log-in code, gets its turn in between."""


@shared_task(name="credits.render_due")
def render_due() -> int:
    """Render certificates that wait, and queue their mails."""
    from credits.services import render_due_certificates

    issued = render_due_certificates(now=timezone.now, limit=BATCH)
    if issued >= BATCH:
        nudge(render_due)
    return issued


@shared_task(name="credits.close_due_cycles")
def close_due_cycles() -> int:
    """Close the cycles whose grace period is over."""
    from credits.services import close_due_cycles as close

    return close(now=timezone.now())


@shared_task(name="credits.issue_late_finishers")
def issue_late_finishers() -> int:
    """Give a certificate to those who completed after their cycle was closed."""
    from credits.services import issue_late_finishers as issue

    return issue(now=timezone.now())


@shared_task(name="credits.make_audit_packs")
def make_audit_packs() -> int:
    """Make one audit pack that waits; the next round makes the next, so that other work gets its turn."""
    from credits.services import make_due_audit_packs

    made = make_due_audit_packs(now=timezone.now, limit=1)
    if made:
        nudge(make_audit_packs)
    return made


@shared_task(name="credits.reconcile")
def reconcile() -> int:
    """Count what closed cycles owe against what went out, and tell the coordinators of a difference."""
    from credits.services import reconcile as count_up

    return sum(row.total for row in count_up(now=timezone.now()))
