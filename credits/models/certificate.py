"""Certificates: numbered without gaps, frozen when issued, never deleted (rules 15 to 20)."""

import secrets
from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.leases import LeasedWork
from core.models import StoredFile
from core.retention import keep_for_six_years, refuse_truncation
from credits.models.accreditation import Accreditation, CreditLine
from credits.states import ALLOWED, LIVE, CertificateStatus
from sessions_app.models import Cycle, Enrolment

TOKEN_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # noqa: S105  # an alphabet, not a secret
TOKEN_LENGTH = 26
"""26 of 31 characters: 128 bits, and nothing that is misread from paper."""


def new_token() -> str:
    """An unguessable address for the verification page."""
    return "".join(secrets.choice(TOKEN_ALPHABET) for _position in range(TOKEN_LENGTH))


class NumberSeries(models.Model):
    """The counter of certificate numbers of one year. Taken under a lock, in the transaction of the certificate."""

    year = models.PositiveSmallIntegerField(_("year"), unique=True)
    last = models.PositiveIntegerField(_("last number given"), default=0)

    class Meta:
        verbose_name = _("number series")
        verbose_name_plural = _("number series")

    def __str__(self) -> str:
        return str(self.year)


@pghistory.track(
    exclude=["facts", "attempts", "next_attempt_at", "lease_token", "leased_until", "last_error"]
)
class Certificate(LeasedWork):
    """The numbered result of one enrolment under one accreditation: its facts, its PDF and the PDF's hash."""

    class Status(models.TextChoices):
        """See states.ALLOWED."""

        PENDING = CertificateStatus.PENDING.value, _("Being made")
        ISSUED = CertificateStatus.ISSUED.value, _("Valid")
        FAILED = CertificateStatus.FAILED.value, _("Could not be made")
        SUPERSEDED = CertificateStatus.SUPERSEDED.value, _("Superseded")
        REVOKED = CertificateStatus.REVOKED.value, _("Revoked")

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="certificates", verbose_name=_("enrolment")
    )
    accreditation = models.ForeignKey(
        Accreditation, on_delete=models.PROTECT, related_name="certificates", verbose_name=_("accreditation")
    )
    line = models.ForeignKey(
        CreditLine, on_delete=models.PROTECT, related_name="certificates", verbose_name=_("credit line")
    )
    year = models.PositiveSmallIntegerField(_("year of the number"))
    serial = models.PositiveIntegerField(_("serial of the number"))
    number = models.CharField(_("number"), max_length=20, unique=True)
    token = models.CharField(max_length=TOKEN_LENGTH, unique=True, default=new_token, editable=False)
    hours = models.DecimalField(_("hours"), max_digits=6, decimal_places=2)
    amount = models.DecimalField(
        _("claimable"), max_digits=6, decimal_places=2, help_text=_("Credits or hours, as the line counts.")
    )
    facts = models.JSONField(
        _("facts"), help_text=_("All that is printed, frozen when the number was given.")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    document = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        related_name="certificates",
        verbose_name=_("document"),
    )
    sha256 = models.CharField(_("SHA-256 of the document"), max_length=64, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    issued_at = models.DateTimeField(_("issued"), null=True)
    supersedes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        related_name="superseded_by",
        verbose_name=_("supersedes"),
    )
    ended_at = models.DateTimeField(_("superseded or revoked"), null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    end_reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["-year", "-serial"]
        constraints = [
            # Rule 17: the database refuses a second valid certificate, whoever asks and however many at once.
            models.UniqueConstraint(
                fields=["enrolment", "accreditation"],
                condition=Q(status__in=sorted(status.value for status in LIVE)),
                name="credits_certificate_one_valid",
            ),
            models.UniqueConstraint(fields=["year", "serial"], name="credits_certificate_serial_once"),
            models.CheckConstraint(condition=Q(serial__gte=1), name="credits_certificate_serial_positive"),
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in CertificateStatus]),
                name="credits_certificate_status_known",
            ),
            models.CheckConstraint(
                condition=Q(hours__gt=0, amount__gt=0), name="credits_certificate_amount_positive"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["issued", "superseded"])
                | Q(document__isnull=False, issued_at__isnull=False, sha256__regex=r"^[0-9a-f]{64}$"),
                name="credits_certificate_issued_has_document",
            ),
            models.CheckConstraint(
                condition=(Q(status__in=["superseded", "revoked"]) & Q(ended_at__isnull=False))
                | (
                    ~Q(status__in=["superseded", "revoked"])
                    & Q(ended_at__isnull=True, ended_by__isnull=True, end_reason="")
                ),
                name="credits_certificate_end_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="revoked") | ~Q(end_reason__regex=r"^\s*$"),
                name="credits_certificate_revoked_has_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(status="pending"), name="credits_certificate_waiting"
            )
        ]
        triggers: ClassVar = [
            # Rule 16: what was promised when the number was given does not change, and neither does the document.
            pgtrigger.ReadOnly(
                name="certificate_facts_are_frozen",
                fields=[
                    "enrolment",
                    "accreditation",
                    "line",
                    "year",
                    "serial",
                    "number",
                    "token",
                    "hours",
                    "amount",
                    "facts",
                    "created_at",
                    "supersedes",
                ],
            ),
            pgtrigger.Protect(
                name="certificate_document_is_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__document__isnull=False)
                & (
                    pgtrigger.Q(old__document__df=pgtrigger.F("new__document"))
                    | pgtrigger.Q(old__sha256__df=pgtrigger.F("new__sha256"))
                    | pgtrigger.Q(old__issued_at__df=pgtrigger.F("new__issued_at"))
                ),
            ),
            pgtrigger.FSM(
                name="certificate_moves",
                field="status",
                transitions=sorted((old.value, new.value) for old, new in ALLOWED),
            ),
            pgtrigger.Protect(
                name="certificate_end_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status__in=["superseded", "revoked"]),
            ),
            keep_for_six_years(
                "certificate",
                "(SELECT cycle.ends_on FROM sessions_app_cycle cycle JOIN sessions_app_enrolment enrolment"
                " ON enrolment.cycle_id = cycle.id WHERE enrolment.id = OLD.enrolment_id)",
            ),
            refuse_truncation("certificate"),
        ]

    def __str__(self) -> str:
        return self.number


class CycleClosing(Cycle):
    """A cycle as the closing screens of the administration show it."""

    class Meta:
        proxy = True
        verbose_name = _("closing of a cycle")
        verbose_name_plural = _("closing of cycles")
        permissions = [("close_cycle", _("Can close a cycle and issue certificates"))]
