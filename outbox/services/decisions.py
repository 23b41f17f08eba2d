"""What is decided about a mail that did not arrive, or may not have, or that came back."""

import logging
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat, Left
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import MoveRefusedError
from core.personal import NOBODYS
from outbox.models import CALLED_OFF, OutgoingMail
from outbox.notices import one_safe_line
from outbox.rendering import sender_domain
from outbox.services.queueing import checked_address, nudge
from outbox.states import UNDELIVERED, WAITING, MailStatus, may_move

if TYPE_CHECKING:
    from collections.abc import Collection

    from django.contrib.auth.base_user import AbstractBaseUser

logger = logging.getLogger(__name__)


class StillBeingSentError(MoveRefusedError):
    """A worker has not yet written down that this mail was accepted: ask again in a moment."""


@transaction.atomic
def resend(*, mail_id: int, by: "AbstractBaseUser", to: str | None = None) -> OutgoingMail:
    """Queue a mail again that failed, may have arrived or came back, with all its tries; `to` mends its address.

    The Message-ID stays, so that a server that did get it can tell the copy. A mail that came back gets a new one:
    a server that remembers the first would drop the second, and a late second notice is about the first alone.
    Raises MoveRefusedError for a mail in another state, that was called off, or whose text was erased because it held
    a code; BadInputError for a bad address.
    """
    mail = OutgoingMail.objects.select_for_update().get(pk=mail_id)
    _require_move(mail, MailStatus.QUEUED)
    if mail.is_secret:
        raise MoveRefusedError(
            _("This email held a code, and its text is erased. The person can ask for a new code.")
        )
    if mail.is_called_off:
        raise MoveRefusedError(_("What this email carries no longer holds. It is not sent any more."))
    with audit.act("mail.resend", by=by):
        if mail.status == MailStatus.BOUNCED:
            mail.message_id = f"<{uuid4().hex}@{sender_domain()}>"
        mail.status = OutgoingMail.Status.QUEUED
        mail.sent_at = mail.bounced_at = None
        if to is not None:
            mail.recipient = checked_address(to)
        mail.attempts = 0
        mail.ambiguous_tries = 0
        mail.next_attempt_at = timezone.now()
        mail.last_error = ""
        mail.save(
            update_fields=[
                "status",
                "message_id",
                "sent_at",
                "bounced_at",
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
        raise MoveRefusedError(_("Only an email that may have arrived can be marked as arrived."))
    with audit.act("mail.confirm_arrival", by=by):
        mail.status = OutgoingMail.Status.SENT
        mail.sent_at = timezone.now()
        mail.save(update_fields=["status", "sent_at"])
    return mail


@transaction.atomic
def note_bounce(
    *,
    message_id: str | None = None,
    mail_id: int | None = None,
    diagnostic: str,
    by: "AbstractBaseUser | None",
    now: datetime,
) -> OutgoingMail | None:
    """Note that a mail which a server had accepted came back, and why (RFC 3464); `by` is None for a notification.

    The mail is named by its Message-ID, which nobody knows who never had the mail (122 random bits), or by its row.
    None for a Message-ID that no mail bears, and for a mail whose recipient is forgotten: the notice names them.
    Raises MoveRefusedError for a mail that no server has accepted or that is noted already, StillBeingSentError
    where that may change in a moment.
    """
    which = {"pk": mail_id} if mail_id is not None else {"message_id": message_id}
    mail = OutgoingMail.objects.select_for_update().filter(**which).first()
    if mail is None or mail.recipient.endswith(NOBODYS):
        return None
    if mail.status == MailStatus.SENDING:
        raise StillBeingSentError(_("This email is being sent at this moment. Look again in a minute."))
    if not may_move(MailStatus(mail.status), MailStatus.BOUNCED):
        raise MoveRefusedError(
            _("Only an email that was sent or may have arrived can have come back. This one is: %(state)s.")
            % {"state": mail.get_status_display()}
        )
    with audit.act("mail.bounce", by=by):
        mail.status = OutgoingMail.Status.BOUNCED
        # Where the answer was lost, a server had taken the mail all the same: else it could not have come back.
        mail.sent_at = mail.sent_at or _last_transmitted(mail) or now
        mail.bounced_at = now
        # What was called off stays so, and is not sent again.
        mark = f"{mail.last_error}; " if mail.is_called_off else ""
        mail.last_error = one_safe_line(f"{mark}returned: {diagnostic}")
        mail.save(update_fields=["status", "sent_at", "bounced_at", "last_error"])
    logger.warning("Mail %d came back.", mail.pk)
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


@transaction.atomic
def call_off_mails(*, mail_ids: "Collection[int]", why: str) -> int:
    """Give up mails that wait while what they carry no longer holds; returns how many. They stay on record as failed.

    One that is being sent this moment is left to its worker, and is not tried again if no server takes it. One that did
    not arrive is not sent again either. Codes end by themselves. Waits for claims that are being made: none of these
    mails is begun after this has committed.
    """
    unsent = OutgoingMail.objects.select_for_update().filter(
        pk__in=mail_ids, status__in=sorted(WAITING | UNDELIVERED), is_secret=False
    )
    mails = OutgoingMail.objects.filter(pk__in=list(unsent.order_by("pk").values_list("pk", flat=True)))
    said = one_safe_line(CALLED_OFF + why)
    mails.filter(last_error="").update(last_error=said)
    # What a server said before stays behind it.
    mails.exclude(last_error__startswith=CALLED_OFF).update(
        last_error=Left(Concat(Value(f"{said} Before: "), "last_error"), 500)
    )
    return mails.filter(status__in=sorted(WAITING - {MailStatus.SENDING})).update(status=MailStatus.FAILED)


def _last_transmitted(mail: OutgoingMail) -> datetime | None:
    transmitted = mail.tries.filter(transmitted_at__isnull=False).order_by("-number")
    return transmitted.values_list("transmitted_at", flat=True).first()


def _require_move(mail: OutgoingMail, new: MailStatus) -> None:
    if not may_move(MailStatus(mail.status), new):
        raise MoveRefusedError(
            _(
                "Only an email that failed, that may have arrived or that was returned can be sent again. "
                "This one is: %(state)s."
            )
            % {"state": mail.get_status_display()}
        )
