"""What the workers do for registration and sessions. Each is one call of a service."""

from celery import shared_task
from django.utils import timezone

from core.leases import nudge

BATCH = 200
"""Invitations of one round, about a second's work. A full round asks for another, so that other work gets its turn."""


@shared_task(name="sessions_app.tend_waiting_lists", ignore_result=True)
def tend_waiting_lists() -> None:
    """Let offers lapse, and offer what is free."""
    from sessions_app import services

    services.tend_waiting_lists(now=timezone.now())


@shared_task(name="sessions_app.send_invitations", ignore_result=True)
def send_invitations() -> None:
    """Queue the mails of invitations, and of reminders, that wait for one."""
    from sessions_app import services

    if services.send_invitations(now=timezone.now(), limit=BATCH) >= BATCH:
        nudge(send_invitations)


@shared_task(name="sessions_app.remind_invited", ignore_result=True)
def remind_invited() -> None:
    """Remind those of the invited whose turn it is."""
    from sessions_app import services

    services.remind_due(now=timezone.now())


@shared_task(name="sessions_app.tell_changes", ignore_result=True)
def tell_changes() -> None:
    """Tell the enrolled what has changed about their sessions."""
    from sessions_app import services

    services.tell_changes(now=timezone.now())


@shared_task(name="sessions_app.remind_of_sessions", ignore_result=True)
def remind_of_sessions() -> None:
    """Remind the enrolled of the sessions that are near."""
    from sessions_app import services

    services.remind_of_sessions(now=timezone.now())
