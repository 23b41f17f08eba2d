"""What an accreditor granted: rates, caps, wording, session IDs and dates are data, never constants (rule 11)."""

from decimal import Decimal
from typing import ClassVar

import pghistory
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import StoredFile
from credits.rules import LineTerms
from participants.enums import Category
from sessions_app.models import EchoSession, Program


@pghistory.track()
class Accreditation(models.Model):
    """One accreditor's dated grant to a program. Its cap counts across cycles (rule 10)."""

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="accreditations", verbose_name=_("program")
    )
    accreditor = models.CharField(_("accreditor"), max_length=200)
    accreditor_fr = models.CharField(_("accreditor in French"), max_length=200, blank=True)
    accredited_title = models.CharField(_("title as accredited"), max_length=300)
    accredited_title_fr = models.CharField(_("title as accredited, in French"), max_length=300, blank=True)
    activity_id = models.CharField(_("activity ID"), max_length=60, blank=True)
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"))
    physician_name = models.CharField(_("accountable physician"), max_length=200)
    physician_title = models.CharField(_("their title"), max_length=200, blank=True)
    physician_title_fr = models.CharField(_("their title in French"), max_length=200, blank=True)
    signature = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("signature image"),
    )

    class Meta:
        verbose_name = _("accreditation")
        verbose_name_plural = _("accreditations")
        ordering = ["program", "accreditor", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__gte=F("valid_from")),
                name="credits_accreditation_ends_after_start",
                violation_error_message=_("The accreditation ends before it starts."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.accreditor} ({self.valid_from} – {self.valid_to})"


@pghistory.track()
class CreditLine(models.Model):
    """An accreditation's rule for one professional category (rule 9)."""

    class Unit(models.TextChoices):
        """What a line counts."""

        CREDITS = "credits", _("Credits")
        HOURS = "hours", _("Hours")

    accreditation = models.ForeignKey(
        Accreditation, on_delete=models.PROTECT, related_name="lines", verbose_name=_("accreditation")
    )
    category = models.CharField(_("professional category"), max_length=20, choices=Category.choices)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit.choices)
    per_hour = models.DecimalField(
        _("per hour"),
        max_digits=4,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.25")), MaxValueValidator(Decimal(10))],
        help_text=_("Credits for an hour; 1 where hours are counted."),
    )
    cap = models.DecimalField(
        _("at most"), max_digits=6, decimal_places=2, validators=[MinValueValidator(Decimal("0.25"))]
    )
    credit_name = models.CharField(
        _("name of the credit"), max_length=100, help_text=_("Without its unit. For example: Mainpro+.")
    )
    credit_name_fr = models.CharField(_("name of the credit in French"), max_length=100, blank=True)
    document_title = models.CharField(
        _("title of the document"),
        max_length=100,
        default="Certificate of Attendance",
        help_text=_("Some colleges forbid the word “certificate” (rule 21)."),
    )
    document_title_fr = models.CharField(_("title of the document in French"), max_length=100, blank=True)
    statement = models.TextField(_("statement, verbatim"))
    statement_fr = models.TextField(_("statement in French, verbatim"), blank=True)

    class Meta:
        verbose_name = _("credit line")
        verbose_name_plural = _("credit lines")
        ordering = ["accreditation", "category"]
        constraints = [
            models.UniqueConstraint(
                fields=["accreditation", "category"], name="credits_creditline_category_once"
            ),
            models.CheckConstraint(
                condition=Q(category__in=Category.values), name="credits_creditline_category_known"
            ),
            models.CheckConstraint(
                condition=Q(per_hour__gte=Decimal("0.25"), per_hour__lte=10),
                name="credits_creditline_rate_in_range",
            ),
            models.CheckConstraint(condition=Q(cap__gt=0), name="credits_creditline_cap_positive"),
            models.CheckConstraint(
                condition=Q(unit="credits") | Q(unit="hours", per_hour=1),
                name="credits_creditline_hours_count_once",
                violation_error_message=_("Where hours are counted, an hour is one hour."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()}: {self.credit_name}"

    @property
    def terms(self) -> LineTerms:
        """The numbers the rules calculate with."""
        return LineTerms(per_hour=self.per_hour, cap=self.cap)

    def clean(self) -> None:
        """Refuse a line that would cover one person and day twice: a certificate shows one line (rule 14)."""
        if self.accreditation_id is None:
            return
        rival = (
            CreditLine.objects.filter(
                category=self.category,
                accreditation__program=self.accreditation.program,
                accreditation__valid_from__lte=self.accreditation.valid_to,
                accreditation__valid_to__gte=self.accreditation.valid_from,
            )
            .exclude(pk=self.pk)
            .exclude(accreditation=self.accreditation)
            .first()
        )
        if rival:
            raise ValidationError(
                _("“%(rival)s” of %(accreditation)s already covers this category on some of these days.")
                % {"rival": rival.credit_name, "accreditation": rival.accreditation}
            )


@pghistory.track()
class SessionIdentifier(models.Model):
    """The ID an accreditor gave to one session."""

    accreditation = models.ForeignKey(
        Accreditation,
        on_delete=models.PROTECT,
        related_name="session_identifiers",
        verbose_name=_("accreditation"),
    )
    session = models.ForeignKey(
        EchoSession, on_delete=models.PROTECT, related_name="identifiers", verbose_name=_("session")
    )
    identifier = models.CharField(_("session ID"), max_length=60)

    class Meta:
        verbose_name = _("session ID")
        verbose_name_plural = _("session IDs")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["accreditation", "session"], name="credits_sessionidentifier_session_once"
            ),
            models.CheckConstraint(
                condition=~Q(identifier__regex=r"^\s*$"), name="credits_sessionidentifier_not_blank"
            ),
        ]

    def __str__(self) -> str:
        return self.identifier
