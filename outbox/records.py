"""What this app keeps about a person: the mails that were sent to their addresses."""

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.personal import PersonalRecords, Section, addresses_of, choice
from core.trail import blank_history
from outbox.models import MailAttachment, MailAttempt, OutgoingMail
from outbox.states import SETTLED, WAITING

LAST_MAIL = "erasure"
"""The kind of every mail that was still to be sent when its recipient was erased; `forget_sent_mails` sees to them."""
NOBODY = "erased@erased.invalid"
"""Stands for a recipient that is forgotten. The ending .invalid is never anybody's (RFC 2606)."""


class MailRecords(PersonalRecords):
    """Mails. They hang on addresses, not on accounts: when an address moves in a merge, its mails have moved."""

    def sections(self, user: AbstractBaseUser) -> Iterable[Section]:
        """Every mail, without its text: that is in the person's own mailbox."""
        mails = OutgoingMail.objects.filter(recipient__in=addresses_of(user)).order_by("queued_at", "pk")
        yield Section(
            key="mails",
            title=_("Emails to you"),
            labels={
                "recipient": pgettext("mail", "To"),
                "kind": _("Kind"),
                "subject": _("Subject"),
                "queued_at": _("Written"),
                "sent_at": pgettext("mail", "Sent"),
                "state": _("State"),
            },
            rows=[
                {
                    "recipient": mail.recipient,
                    "kind": mail.kind,
                    "subject": mail.subject,
                    "queued_at": mail.queued_at,
                    "sent_at": mail.sent_at,
                    "state": choice(mail, "status"),
                }
                for mail in mails.defer("body_text", "body_html", "calendar")
            ],
        )

    def removed(self, user: AbstractBaseUser) -> Iterable[str]:
        """How many mails."""
        count = OutgoingMail.objects.filter(recipient__in=addresses_of(user, ever=True)).count()
        if count:
            yield ngettext(
                "the record of %(count)d email to you", "the record of %(count)d emails to you", count
            ) % {"count": count}

    def erase(self, *, user: AbstractBaseUser, now: datetime, is_kept: bool) -> None:
        """Forget the mails; one that is still to be sent, the last letter itself, is forgotten once it is."""
        mails = OutgoingMail.objects.filter(recipient__in=addresses_of(user, ever=True))
        mails.filter(status__in=WAITING).update(kind=LAST_MAIL)
        _forget(Q(pk__in=list(mails.filter(status__in=SETTLED).values_list("pk", flat=True))))


def forget_sent_mails() -> int:
    """Forget the last mails to people who were erased, once they are sent or given up; returns how many."""
    done = Q(kind=LAST_MAIL, status__in=SETTLED) & ~Q(recipient=NOBODY)
    ids = list(OutgoingMail.objects.filter(done).values_list("pk", flat=True))
    _forget(Q(pk__in=ids))
    return len(ids)


def _forget(which: Q) -> None:
    """Take recipient, words and what the mail server said of them out of mails, their tries and their history."""
    ids = list(OutgoingMail.objects.filter(which).values_list("pk", flat=True))
    OutgoingMail.objects.filter(pk__in=ids).update(
        kind=LAST_MAIL,
        recipient=NOBODY,
        subject="–",
        body_text="",
        body_html="",
        calendar="",
        smtp_reply="",
        last_error="",
    )
    MailAttempt.objects.filter(mail__in=ids).update(reply="")
    MailAttachment.objects.filter(mail__in=ids).delete()
    blank_history(OutgoingMail, Q(pgh_obj__in=ids), recipient=NOBODY, last_error="")
