"""Every write to outgoing mail."""

from outbox.services.decisions import confirm_arrival, resend
from outbox.services.delivery import Delivered, deliver_due
from outbox.services.queueing import nudge, queue_mail, queue_rendered_mail

__all__ = [
    "Delivered",
    "confirm_arrival",
    "deliver_due",
    "nudge",
    "queue_mail",
    "queue_rendered_mail",
    "resend",
]
