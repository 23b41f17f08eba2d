"""What the workers do for surveys. Each is one call of a service."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="surveys.tend_windows", ignore_result=True)
def tend_windows() -> None:
    """Make and move the windows in which cycles ask their surveys."""
    from surveys import services

    services.tend_windows(now=timezone.now())


@shared_task(name="surveys.ask_due", ignore_result=True)
def ask_due() -> None:
    """Invite and remind."""
    from surveys import services

    services.ask_due(now=timezone.now())


@shared_task(name="surveys.screen_answers", ignore_result=True)
def screen_answers() -> None:
    """Take names out of what people wrote."""
    from surveys import services

    services.screen_answers(now=timezone.now())
