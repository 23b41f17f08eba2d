"""Every write to outgoing mail."""

from outbox.services.decisions import (
    StillBeingSentError,
    call_off_mails,
    confirm_arrival,
    note_bounce,
    resend,
    withdraw_mails,
)
from outbox.services.delivery import Delivered, deliver_due
from outbox.services.holding import hold_mail, release_mail
from outbox.services.queueing import Letter, nudge, queue_mail, queue_mails, queue_rendered_mail

__all__ = [
    "Delivered",
    "Letter",
    "StillBeingSentError",
    "call_off_mails",
    "confirm_arrival",
    "deliver_due",
    "hold_mail",
    "note_bounce",
    "nudge",
    "queue_mail",
    "queue_mails",
    "queue_rendered_mail",
    "release_mail",
    "resend",
    "withdraw_mails",
]
