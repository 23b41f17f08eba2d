"""What an accreditor granted: rates, caps, wording, session IDs and dates are data, never constants (rule 11)."""

from decimal import Decimal
from typing import ClassVar

import pghistory
import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import StoredFile
from core.retention import keep_for_six_years, refuse_truncation
from core.templatetags.portal import labelled
from credits.rules import LineTerms
from participants.enums import Category
from sessions_app.models import EchoSession, Program

CYCLE_OF_THE_SESSION = (
    "FROM sessions_app_cycle cycle JOIN sessions_app_echosession session"
    " ON session.cycle_id = cycle.id WHERE session.id = OLD.session_id"
)

_OF_LINE = "line.id = NEW.id"
_OF_ACCREDITATION = "line.accreditation_id = NEW.id"


def _covers_once(name: str, *, of: str, scope: str) -> pgtrigger.Trigger:
    """A trigger that refuses a second line for one category and day of a program, whoever writes it (rule 14).

    Two writes at once wait for each other on the program, so that the second sees what the first wrote.
    """
    operation = pgtrigger.Update if of == "Update" else pgtrigger.Insert | pgtrigger.Update
    program = (
        "NEW.program_id"
        if of == "Update"
        else "(SELECT program_id FROM credits_accreditation WHERE id = NEW.accreditation_id)"
    )
    return pgtrigger.Trigger(
        name=f"{name}_covers_once",
        when=pgtrigger.After,
        operation=operation,
        func=f"""
            PERFORM pg_advisory_xact_lock(hashtext('credits.lines'), {program}::int);
            IF EXISTS (
                SELECT FROM credits_creditline line
                JOIN credits_accreditation own ON own.id = line.accreditation_id
                JOIN credits_accreditation other
                    ON other.program_id = own.program_id AND other.id <> own.id
                    AND other.valid_from <= own.valid_to AND other.valid_to >= own.valid_from
                JOIN credits_creditline rival
                    ON rival.accreditation_id = other.id AND rival.category = line.category
                WHERE {scope}
            ) THEN
                RAISE EXCEPTION 'Another line covers this category on some of these days.'
                    USING ERRCODE = 'exclusion_violation';
            END IF;
            RETURN NULL;
        """,
    )


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
        triggers: ClassVar = [
            _covers_once("accreditation", of="Update", scope=_OF_ACCREDITATION),
            keep_for_six_years("accreditation", "OLD.valid_to"),
            refuse_truncation("accreditation"),
        ]

    def __str__(self) -> str:
        return f"{self.accreditor} ({self.valid_from} – {self.valid_to})"

    def clean(self) -> None:
        """Refuse dates on which another grant covers the same people: a certificate shows one line (rule 14)."""
        if self.pk is None or self.program_id is None or not (self.valid_from and self.valid_to):
            return
        for line in self.lines.all():
            line.accreditation = self
            line.clean()


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
        triggers: ClassVar = [
            _covers_once("creditline", of="Insert", scope=_OF_LINE),
            keep_for_six_years(
                "credit_line", "(SELECT valid_to FROM credits_accreditation WHERE id = OLD.accreditation_id)"
            ),
            refuse_truncation("credit_line"),
        ]

    def __str__(self) -> str:
        return labelled(self.get_category_display(), self.credit_name)

    @property
    def terms(self) -> LineTerms:
        """The numbers the rules calculate with."""
        return LineTerms(per_hour=self.per_hour, cap=self.cap)

    def clean(self) -> None:
        """Refuse a line that would cover one person and day twice: a certificate shows one line (rule 14)."""
        # A new grant is not saved yet, and its form may lack a program or a day.
        accreditation: Accreditation | None = getattr(self, "accreditation", None)
        if accreditation is None or accreditation.program_id is None:
            return
        if not (accreditation.valid_from and accreditation.valid_to):
            return
        rival = (
            CreditLine.objects.filter(
                category=self.category,
                accreditation__program=accreditation.program_id,
                accreditation__valid_from__lte=accreditation.valid_to,
                accreditation__valid_to__gte=accreditation.valid_from,
            )
            .exclude(pk=self.pk)
            .exclude(accreditation=accreditation.pk)
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
        triggers: ClassVar = [
            # One that was mistyped may go while nothing was printed from it.
            keep_for_six_years(
                "session_identifier",
                f"(SELECT cycle.ends_on {CYCLE_OF_THE_SESSION})",
                only_if=f"COALESCE((SELECT cycle.status = 'closed' {CYCLE_OF_THE_SESSION}), TRUE)",
            ),
            refuse_truncation("session_identifier"),
        ]

    def __str__(self) -> str:
        return self.identifier
