"""What a person decides about a mail that did not arrive, or may not have."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import MoveRefusedError
from outbox.models import OutgoingMail
from outbox.services.queueing import checked_address, nudge
from outbox.states import MailStatus, may_move

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.base_user import AbstractBaseUser


@transaction.atomic
def resend(*, mail_id: int, by: "AbstractBaseUser", to: str | None = None) -> OutgoingMail:
    """Queue a mail again that failed or may have arrived, with all its tries; `to` mends its address.

    The Message-ID stays, so that a server that did get it can tell the copy. Raises MoveRefusedError for a
    mail in another state, or whose text was erased because it held a code; BadInputError for a bad address.
    """
    mail = OutgoingMail.objects.select_for_update().get(pk=mail_id)
    _require_move(mail, MailStatus.QUEUED)
    if mail.is_secret:
        raise MoveRefusedError(
            _("This mail held a code, and its text is erased. The person can ask for a new code.")
        )
    with audit.act("mail.resend", by=by):
        mail.status = OutgoingMail.Status.QUEUED
        if to is not None:
            mail.recipient = checked_address(to)
        mail.attempts = 0
        mail.ambiguous_tries = 0
        mail.next_attempt_at = timezone.now()
        mail.last_error = ""
        mail.save(
            update_fields=[
                "status",
                "recipient",
                "attempts",
                "ambiguous_tries",
                "next_attempt_at",
                "last_error",
            ]
        )
    transaction.on_commit(nudge, robust=True)
    return mail


@transaction.atomic
def confirm_arrival(*, mail_id: int, by: "AbstractBaseUser") -> OutgoingMail:
    """Close a mail whose answer was lost: it did arrive. Raises MoveRefusedError for any other mail."""
    mail = OutgoingMail.objects.select_for_update().get(pk=mail_id)
    if mail.status != MailStatus.AMBIGUOUS:
        raise MoveRefusedError(_("Only a mail that may have arrived can be marked as arrived."))
    with audit.act("mail.confirm_arrival", by=by):
        mail.status = OutgoingMail.Status.SENT
        mail.sent_at = timezone.now()
        mail.save(update_fields=["status", "sent_at"])
    return mail


@transaction.atomic
def withdraw_mails(*, mail_ids: "Collection[int]") -> int:
    """Take back mails that have become pointless and that no server has accepted yet; returns how many.

    Their rows go, with what was tried. One that is being sent this moment, or is sent, stays as it is.
    """
    waiting = OutgoingMail.objects.select_for_update(skip_locked=True).filter(
        pk__in=mail_ids, status__in=[MailStatus.QUEUED, MailStatus.RETRY]
    )
    found = list(waiting.values_list("pk", flat=True))
    OutgoingMail.objects.filter(pk__in=found).delete()
    return len(found)


def _require_move(mail: OutgoingMail, new: MailStatus) -> None:
    if not may_move(MailStatus(mail.status), new):
        raise MoveRefusedError(
            _("Only a mail that failed or that may have arrived can be sent again. This one is: %(state)s.")
            % {"state": mail.get_status_display()}
        )
