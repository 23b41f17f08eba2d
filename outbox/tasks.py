"""What Celery runs: the poll of the beat schedule, and the nudge of a mail just queued."""

from celery import shared_task
from django.utils import timezone

BATCH = 100
"""Mails of one round. A round that was full asks for another, so that other work gets its turn in between."""


@shared_task(name="outbox.deliver_due", ignore_result=True)
def deliver_due() -> None:
    """Deliver what is due."""
    from outbox import services

    if services.deliver_due(now=timezone.now(), limit=BATCH).total >= BATCH:
        services.nudge()
