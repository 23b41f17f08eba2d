"""What the workers do for cases. Each is one call of a service."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="cases.remind_presenters", ignore_result=True)
def remind_presenters() -> None:
    """Remind presenters whose case is not there yet."""
    from cases import services

    services.remind_presenters(now=timezone.now())
