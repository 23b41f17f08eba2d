"""Instruments in versions, and the constructs their questions measure."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sessions_app.models import Program

FROZEN_WITH_RESPONSES = """
    IF EXISTS (
        SELECT 1 FROM surveys_response response JOIN surveys_surveywindow survey_window
        ON survey_window.id = response.window_id WHERE survey_window.instrument_id IN ({instruments})
    ) THEN
        RAISE EXCEPTION 'This instrument has answers: make its next version instead.'
            USING ERRCODE = 'restrict_violation';
    END IF;
"""

KEY = RegexValidator(
    r"^[a-z][a-z0-9_-]*$", _("Use small letters, digits, hyphens and underscores; begin with a letter.")
)


def frozen_with_responses(name: str, *, write: str, delete: str) -> list[pgtrigger.Trigger]:
    """Refuse a part of an instrument to be added, changed or removed once the instrument has answers (rule 28).

    `write` and `delete` are SQL lists of the instruments a row belongs to.
    """
    return [
        pgtrigger.Trigger(
            name=f"{name}_frozen_with_responses",
            when=pgtrigger.Before,
            operation=pgtrigger.Insert | pgtrigger.Update,
            func=FROZEN_WITH_RESPONSES.format(instruments=write) + "RETURN NEW;",
        ),
        pgtrigger.Trigger(
            name=f"{name}_stays_with_responses",
            when=pgtrigger.Before,
            operation=pgtrigger.Delete,
            func=FROZEN_WITH_RESPONSES.format(instruments=delete) + "RETURN OLD;",
        ),
    ]


@pghistory.track()
class Construct(models.Model):
    """What several questions measure together, e.g. self-efficacy: their mean is a result of its own."""

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="constructs", verbose_name=_("program")
    )
    key = models.CharField(_("key"), max_length=50, validators=[KEY])
    name = models.CharField(_("name"), max_length=100)
    name_fr = models.CharField(_("name in French"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("construct")
        verbose_name_plural = _("constructs")
        ordering = ["program", "name"]
        constraints = [models.UniqueConstraint(fields=["program", "key"], name="surveys_construct_key_once")]

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class Instrument(models.Model):
    """A questionnaire in one version. With answers it is frozen (rule 28); a change makes the next version."""

    class Kind(models.TextChoices):
        """What an instrument is for. The first three are the gate of the certificate (rule 13)."""

        PRE = "pre", _("Pre-survey")
        POST = "post", _("Post-survey")
        REFLECTION = "reflection", _("Reflection question")
        EVALUATION = "evaluation", _("Session evaluation")
        FOLLOW_UP = "follow_up", _("Follow-up survey")

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="instruments", verbose_name=_("program")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    title = models.CharField(_("title"), max_length=200)
    title_fr = models.CharField(_("title in French"), max_length=200, blank=True)
    introduction = models.TextField(_("introduction"), blank=True)
    introduction_fr = models.TextField(_("introduction in French"), blank=True)
    is_released = models.BooleanField(
        _("released"),
        default=False,
        editable=False,
        help_text=_("Cycles use released versions only; the newest one unless somebody chooses."),
    )

    class Meta:
        verbose_name = _("instrument")
        verbose_name_plural = _("instruments")
        ordering = ["program", "kind", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "kind", "version"], name="surveys_instrument_version_once"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="surveys_instrument_version_positive"),
            models.CheckConstraint(
                condition=Q(kind__in=["pre", "post", "reflection", "evaluation", "follow_up"]),
                name="surveys_instrument_kind_known",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="instrument_frozen_with_responses",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func=FROZEN_WITH_RESPONSES.format(instruments="OLD.id") + "RETURN NEW;",
            ),
            # A cycle asks one instrument of a kind: it must not become two by renaming.
            pgtrigger.Trigger(
                name="instrument_in_use_keeps_its_kind",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("kind", "program", "is_released"),
                func="""
                    IF EXISTS (SELECT 1 FROM surveys_surveywindow WHERE instrument_id = OLD.id) THEN
                        RAISE EXCEPTION 'A cycle asks this instrument: it keeps its kind and its program.'
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (v{self.version})"

    def clean(self) -> None:
        """Say in words what the trigger would refuse."""
        was = Instrument.objects.filter(pk=self.pk, windows__isnull=False).first()
        if was is not None and (was.kind, was.program_id) != (self.kind, self.program_id):
            raise ValidationError(_("A cycle asks this instrument: it keeps its kind and its program."))
