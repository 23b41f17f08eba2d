"""What the workers do for cases. Each is one call of a service."""

from celery import shared_task
from django.utils import timezone


@shared_task(name="cases.remind_presenters", ignore_result=True)
def remind_presenters() -> None:
    """Remind presenters whose case is not there yet."""
    from cases import services

    services.remind_presenters(now=timezone.now())


@shared_task(name="cases.present_held_cases", ignore_result=True)
def present_held_cases() -> None:
    """Write of cases whose session is over that they were presented."""
    from cases import services

    services.present_held_cases(now=timezone.now())


@shared_task(name="cases.ask_for_follow_ups", ignore_result=True)
def ask_for_follow_ups() -> None:
    """Ask presenters what became of the cases that were answered three months ago."""
    from cases import services

    services.ask_for_follow_ups(now=timezone.now())
