"""What workers ask before they call the mail server."""

from datetime import datetime

from django.db.models import Q, QuerySet

from outbox import answers
from outbox.models import MailAttempt, MailHold, OutgoingMail
from outbox.states import WAITING, Outcome


def waiting() -> QuerySet[OutgoingMail]:
    """Mails that the portal has still to deal with, held by a worker or not."""
    return OutgoingMail.objects.filter(status__in=WAITING)


def current_hold() -> MailHold | None:
    """Who holds all mail, since when and why; None while it goes out (1 query)."""
    return MailHold.objects.filter(released_at=None).select_related("held_by").first()


def is_something_due(*, now: datetime) -> bool:
    """Whether a worker would find a mail to claim; while mail is held, a code."""
    free = Q(leased_until__isnull=True) | Q(leased_until__lt=now)
    due = waiting().filter(free, next_attempt_at__lte=now)
    if MailHold.objects.filter(released_at=None).exists():
        due = due.filter(is_secret=True)
    # In the order of the index: else the planner may read through every mail ever sent to find the first one due.
    return due.order_by("is_secret", "next_attempt_at", "pk").values_list("pk").first() is not None


def server_resting_until(*, now: datetime) -> datetime | None:
    """Until when nobody should call the mail server, which could not be reached lately; None to go ahead."""
    latest = list(
        MailAttempt.objects.filter(finished_at__isnull=False)
        .order_by("-finished_at")
        .values_list("outcome", "finished_at")[: answers.LONGEST_RUN]
    )
    failures = 0
    for outcome, _finished_at in latest:
        if outcome != Outcome.UNREACHABLE:
            break
        failures += 1
    if not failures or latest[0][1] is None:
        return None
    until = latest[0][1] + answers.server_pause(failures)
    return until if until > now else None
