"""What the workers do for registration. Each is one call of a service."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="sessions_app.tend_waiting_lists", ignore_result=True)
def tend_waiting_lists() -> None:
    """Let offers lapse, and offer what is free."""
    from sessions_app import services

    services.tend_waiting_lists(now=timezone.now())
