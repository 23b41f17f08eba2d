"""Every write to outgoing mail."""

from outbox.services.decisions import confirm_arrival, resend, withdraw_mails
from outbox.services.delivery import Delivered, deliver_due
from outbox.services.queueing import Letter, nudge, queue_mail, queue_mails, queue_rendered_mail

__all__ = [
    "Delivered",
    "Letter",
    "confirm_arrival",
    "deliver_due",
    "nudge",
    "queue_mail",
    "queue_mails",
    "queue_rendered_mail",
    "resend",
    "withdraw_mails",
]
