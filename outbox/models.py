"""Outgoing mail and the record of each try to deliver it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.leases import LeasedWork
from core.models import StoredFile
from core.retention import keep_for_six_years
from outbox import states
from outbox.states import ACCEPTED, ALLOWED, SETTLED, UNDELIVERED, WAITING, MailStatus

SUBJECT_LENGTH = 250

CALLED_OFF = "Called off: "
"""How the last error of a mail begins that is not sent any more, because what it carries no longer holds."""


def _values(members: Iterable[StrEnum]) -> list[str]:
    # Plain words in a fixed order: migrations then depend on no class of ours.
    return sorted(member.value for member in members)


def _one_line(field: str) -> Q:
    # A line break in a header is how further headers, and further recipients, are smuggled into a mail.
    return ~Q(**{f"{field}__regex": r"[[:cntrl:]]"})


# The tries below are the record of delivery. The audit trail keeps what they cannot show: a person's decision
# to send again, or to send elsewhere, and that a mail came back. It stores the row as it was; the row itself
# says what it became.
@pghistory.track(
    pghistory.UpdateEvent(
        label="decision",
        row=pghistory.Old,
        condition=pgtrigger.Q(old__recipient__df=pgtrigger.F("new__recipient"))
        | pgtrigger.Q(old__status__in=_values(UNDELIVERED))
        | pgtrigger.Q(new__status=MailStatus.BOUNCED.value),
    ),
    fields=["recipient", "status", "attempts", "last_error"],
    model_name="OutgoingMailEvent",
)
class OutgoingMail(LeasedWork):
    """A mail to one person. Its row is the promise that it is delivered, or that somebody is told why not."""

    class Status(models.TextChoices):
        """See states.ALLOWED."""

        QUEUED = MailStatus.QUEUED.value, _("Waiting")
        SENDING = MailStatus.SENDING.value, _("Being sent")
        RETRY = MailStatus.RETRY.value, _("Will be tried again")
        SENT = MailStatus.SENT.value, _("Sent")
        FAILED = MailStatus.FAILED.value, _("Failed")
        AMBIGUOUS = MailStatus.AMBIGUOUS.value, _("May have arrived")
        BOUNCED = MailStatus.BOUNCED.value, _("Returned")

    key = models.CharField(
        _("key"),
        max_length=200,
        unique=True,
        help_text=_("What the email is about: queued once for each key."),
    )
    kind = models.CharField(_("kind"), max_length=50)
    recipient = models.EmailField(_("recipient"), max_length=254)
    subject = models.CharField(_("subject"), max_length=SUBJECT_LENGTH)
    body_text = models.TextField(_("text"), blank=True)
    body_html = models.TextField(_("text as HTML"), blank=True)
    calendar = models.TextField(
        _("calendar message"),
        blank=True,
        help_text=_("An iTIP message (RFC 5546): calendars offer to take it over."),
    )
    language = models.CharField(_("language"), max_length=10)
    message_id = models.CharField(_("message ID"), max_length=255, unique=True)
    is_secret = models.BooleanField(
        _("secret"),
        default=False,
        help_text=_("Holds a code: its text is erased once it is sent or given up."),
    )
    status = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.QUEUED)
    ambiguous_tries = models.PositiveSmallIntegerField(_("answers lost"), default=0)
    queued_at = models.DateTimeField(_("queued"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent"), null=True)
    bounced_at = models.DateTimeField(_("returned"), null=True)
    smtp_reply = models.TextField(_("last reply of the mail server"), blank=True)

    class Meta:
        verbose_name = _("email")
        verbose_name_plural = _("emails")
        permissions: ClassVar = [("resend_mail", _("Can send an email again"))]
        indexes: ClassVar = [
            # What workers look for, codes before the rest; small, however many mails were ever sent.
            models.Index(
                fields=["is_secret", "next_attempt_at", "id"],
                name="outbox_mail_waiting",
                condition=Q(status__in=_values(WAITING)),
            ),
            models.Index(fields=["-queued_at"], name="outbox_mail_queued_at"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=_values(MailStatus)), name="outbox_outgoingmail_status_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=_values(ACCEPTED), sent_at__isnull=False)
                | (~Q(status__in=_values(ACCEPTED)) & Q(sent_at__isnull=True)),
                name="outbox_outgoingmail_sent_has_time",
            ),
            models.CheckConstraint(
                condition=Q(status=MailStatus.BOUNCED.value, bounced_at__isnull=False)
                | (~Q(status=MailStatus.BOUNCED.value) & Q(bounced_at__isnull=True)),
                name="outbox_outgoingmail_bounced_has_time",
            ),
            models.CheckConstraint(
                condition=Q(
                    status=MailStatus.SENDING.value, lease_token__isnull=False, leased_until__isnull=False
                )
                | (
                    ~Q(status=MailStatus.SENDING.value)
                    & Q(lease_token__isnull=True, leased_until__isnull=True)
                ),
                name="outbox_outgoingmail_sending_is_leased",
            ),
            models.CheckConstraint(
                condition=Q(is_secret=False)
                | ~Q(status__in=_values(SETTLED))
                | Q(body_text="", body_html=""),
                name="outbox_outgoingmail_secret_is_erased",
            ),
            models.CheckConstraint(
                condition=_one_line("recipient") & Q(recipient__contains="@"),
                name="outbox_outgoingmail_recipient_one_line",
            ),
            models.CheckConstraint(
                condition=_one_line("subject") & ~Q(subject=""),
                name="outbox_outgoingmail_subject_one_line",
            ),
            models.CheckConstraint(
                condition=Q(message_id__regex=r"^<[^<>[:space:][:cntrl:]]+@[^<>[:space:][:cntrl:]]+>$"),
                name="outbox_outgoingmail_message_id_form",
            ),
            models.CheckConstraint(
                condition=Q(language__in=[code for code, _name in settings.LANGUAGES]),
                name="outbox_outgoingmail_language_known",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(
                name="mail_moves",
                field="status",
                transitions=sorted((old.value, new.value) for old, new in ALLOWED if old != new),
            ),
            # That a certificate was mailed is part of its record; it is mailed after its cycle has ended.
            keep_for_six_years("certificate_mail", "OLD.queued_at::date", only_if="OLD.kind = 'certificate'"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.recipient}"

    @property
    def is_called_off(self) -> bool:
        """Whether what it carries no longer holds: it is not tried again, and nobody sends it again."""
        return self.last_error.startswith(CALLED_OFF)


class MailAttachment(models.Model):
    """A stored file that goes with a mail, under a name of its own."""

    mail = models.ForeignKey(
        OutgoingMail, on_delete=models.CASCADE, related_name="attachments", verbose_name=_("email")
    )
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, related_name="mail_attachments", verbose_name=_("file")
    )
    filename = models.CharField(_("file name"), max_length=200)

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mail", "filename"], name="outbox_mailattachment_name_once"),
            models.CheckConstraint(
                condition=_one_line("filename") & ~Q(filename__regex=r"[/\\]") & ~Q(filename=""),
                name="outbox_mailattachment_filename_plain",
            ),
        ]

    def __str__(self) -> str:
        return self.filename


class MailAttempt(models.Model):
    """One try to deliver a mail, opened when a worker claims it."""

    class Outcome(models.TextChoices):
        """See answers.judge."""

        ACCEPTED = states.Outcome.ACCEPTED.value, _("Accepted")
        TEMPORARY = states.Outcome.TEMPORARY.value, _("Refused for now")
        PERMANENT = states.Outcome.PERMANENT.value, _("Refused")
        UNREACHABLE = states.Outcome.UNREACHABLE.value, _("Mail server not reached")
        AMBIGUOUS = states.Outcome.AMBIGUOUS.value, _("Server reply lost")
        LOST = states.Outcome.LOST.value, _("Interrupted")

    mail = models.ForeignKey(
        OutgoingMail, on_delete=models.CASCADE, related_name="tries", verbose_name=_("email")
    )
    number = models.PositiveIntegerField(_("try"))
    started_at = models.DateTimeField(_("started"))
    transmitted_at = models.DateTimeField(
        _("message transmitted"),
        null=True,
        help_text=_("From this moment on the server may have accepted the email, whatever we heard of it."),
    )
    finished_at = models.DateTimeField(_("finished"), null=True)
    outcome = models.CharField(_("outcome"), max_length=11, choices=Outcome.choices, blank=True)
    reply = models.TextField(_("reply"), blank=True)

    class Meta:
        verbose_name = _("try")
        verbose_name_plural = _("tries")
        ordering: ClassVar = ["mail", "number"]
        indexes: ClassVar = [
            # Whether the server could be reached lately.
            models.Index(
                fields=["-finished_at"],
                name="outbox_attempt_finished",
                condition=Q(finished_at__isnull=False),
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mail", "number"], name="outbox_mailattempt_number_once"),
            models.UniqueConstraint(
                fields=["mail"], condition=Q(finished_at__isnull=True), name="outbox_mailattempt_one_open"
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True, outcome="")
                | Q(finished_at__isnull=False, outcome__in=_values(states.Outcome)),
                name="outbox_mailattempt_finished_has_outcome",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=_values([states.Outcome.ACCEPTED, states.Outcome.AMBIGUOUS]))
                | Q(transmitted_at__isnull=False),
                name="outbox_mailattempt_transmitted_before_accepted",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.mail_id}/{self.number}"


@pghistory.track()
class MailHold(models.Model):
    """A time in which no mail goes out but codes: a coordinator held it. At most one is open."""

    held_at = models.DateTimeField(_("held since"), default=timezone.now)
    held_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("held by")
    )
    reason = models.CharField(_("reason"), max_length=200)
    released_at = models.DateTimeField(pgettext_lazy("hold of email", "released"), null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("released by"),
    )

    class Meta:
        verbose_name = _("hold of all email")
        verbose_name_plural = _("holds of all email")
        ordering: ClassVar = ["-held_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(released_at__isnull=True), name="outbox_mailhold_one_open"
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by__isnull=True)
                | Q(released_at__isnull=False, released_by__isnull=False),
                name="outbox_mailhold_released_has_actor",
            ),
        ]
        permissions: ClassVar = [("hold_mail", _("Can hold all email and release it"))]

    def __str__(self) -> str:
        return f"{self.held_at:%Y-%m-%d %H:%M}"
