"""What the workers do for certificates. Each is one call of a service; beat repeats what a lost nudge missed."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="credits.render_due")
def render_due() -> int:
    """Render the certificates that wait, and queue their mails."""
    from credits.services import render_due_certificates

    return render_due_certificates(now=timezone.now)


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
