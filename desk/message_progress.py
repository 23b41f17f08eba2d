"""How far a message to a group is, from the states of its mails."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet

from desk.models import GroupMessage
from outbox.models import OutgoingMail
from outbox.states import ACCEPTED, UNDELIVERED

LISTED = 100
"""Mails that did not arrive and are listed; the outbox has all of them."""


@dataclass(frozen=True, slots=True)
class Progress:
    """People by what became of their mail."""

    people: int
    sent: int
    waiting: int
    undelivered: int
    unqueued: int

    @property
    def is_over(self) -> bool:
        """Whether nothing moves any more by itself."""
        return not self.waiting


def progress_of(message: GroupMessage) -> Progress:
    """How far it is (1 query)."""
    counts = Counter(_mails(message).values_list("status", flat=True))
    undelivered = sum(counts[status] for status in UNDELIVERED)
    sent = sum(counts[status] for status in ACCEPTED if status not in UNDELIVERED)
    return Progress(
        people=message.people,
        sent=sent,
        waiting=counts.total() - sent - undelivered,
        undelivered=undelivered,
        unqueued=max(message.people - counts.total(), 0),
    )


def undelivered_mails_of(message: GroupMessage) -> list[OutgoingMail]:
    """The mails that did not arrive or may not have, each with the reason, the first hundred (1 query)."""
    mails = _mails(message).filter(status__in=sorted(UNDELIVERED))
    return list(mails.defer("body_text", "body_html", "calendar").order_by("recipient")[:LISTED])


def _mails(message: GroupMessage) -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(key__startswith=f"message:{message.pk}:").order_by()
