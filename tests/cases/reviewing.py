"""What the tests of reviewing, scheduling and reporting share: two texts that the screen minds, and the mails."""

from __future__ import annotations

from outbox.models import OutgoingMail

STOP = "The health card was HCN 1234567897 on the referral."
ASK = "She was seen in Sudbury last year."
"""The screen stops a health number, and asks about a place."""


def mails() -> list[tuple[str, str]]:
    """(recipient, subject) of the mails about cases that were queued, oldest first."""
    return list(OutgoingMail.objects.filter(kind="case").order_by("pk").values_list("recipient", "subject"))


def mail_texts() -> str:
    """All that any mail says."""
    return "\n".join(
        f"{mail.subject}\n{mail.body_text}\n{mail.body_html}" for mail in OutgoingMail.objects.all()
    )
