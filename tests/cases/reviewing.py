"""What the tests of reviewing, scheduling and reporting share: texts that the screen minds, mails, a lost session."""

from __future__ import annotations

from cases.models import CaseSubmission
from outbox.models import OutgoingMail

STOP = "The health card was HCN 1234567897 on the referral."
ASK = "She was seen in Sudbury last year."
"""The screen stops a health number, and asks about a place."""


def let_go(case: CaseSubmission) -> CaseSubmission:
    """The scheduled case, after its presenter has let its session go."""
    case.presenter.slots.filter(session=case.session).update(enrolment=None, taken_at=None)
    return case


def mails() -> list[tuple[str, str]]:
    """(recipient, subject) of the mails about cases that were queued, oldest first."""
    return list(OutgoingMail.objects.filter(kind="case").order_by("pk").values_list("recipient", "subject"))


def mail_texts() -> str:
    """All that any mail says."""
    return "\n".join(
        f"{mail.subject}\n{mail.body_text}\n{mail.body_html}" for mail in OutgoingMail.objects.all()
    )
