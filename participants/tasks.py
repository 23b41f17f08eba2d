"""What the workers do for accounts. Each is one call of a service."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="participants.finish_erasures", ignore_result=True)
def finish_erasures() -> None:
    """Blank what was kept of people who were erased, once its time is over."""
    from participants import services

    services.finish_erasures(now=timezone.now())
