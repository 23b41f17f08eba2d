"""Sections, questions and choices of an instrument."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sessions_app.models import Objective
from surveys import rules
from surveys.models.instrument import KEY, Construct, Instrument, frozen_with_responses
from surveys.rules import HIGHEST, LOWEST, QuestionKind


@pghistory.track()
class Section(models.Model):
    """One page of an instrument."""

    instrument = models.ForeignKey(
        Instrument, on_delete=models.CASCADE, related_name="sections", verbose_name=_("instrument")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    title = models.CharField(_("title"), max_length=200)
    title_fr = models.CharField(_("title in French"), max_length=200, blank=True)
    introduction = models.TextField(_("introduction"), blank=True)
    introduction_fr = models.TextField(_("introduction in French"), blank=True)

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["position", "pk"]
        triggers: ClassVar = [
            *frozen_with_responses(
                "section", write="NEW.instrument_id, OLD.instrument_id", delete="OLD.instrument_id"
            ),
            pgtrigger.ReadOnly(name="section_keeps_its_instrument", fields=["instrument"]),
        ]

    def __str__(self) -> str:
        return self.title


@pghistory.track()
class Question(models.Model):
    """One question of an instrument. Its key pairs it with the question of another kind or version.

    A matrix is the scale of its items; each item is a question of its own, with its own key.
    """

    class Kind(models.TextChoices):
        """How a question is answered; see rules.QuestionKind."""

        SCALE = QuestionKind.SCALE.value, _("Scale with labelled ends")
        SINGLE = QuestionKind.SINGLE.value, _("One choice")
        MULTIPLE = QuestionKind.MULTIPLE.value, _("Several choices")
        NUMBER = QuestionKind.NUMBER.value, pgettext_lazy("kind of question", "Number")
        SHORT = QuestionKind.SHORT.value, _("Short text")
        TEXT = QuestionKind.TEXT.value, _("Text")
        MATRIX = QuestionKind.MATRIX.value, _("Matrix: one scale over many items")
        ITEM = QuestionKind.ITEM.value, _("Item of a matrix")
        CONSENT = QuestionKind.CONSENT.value, _("Consent: yes or no")

    instrument = models.ForeignKey(
        Instrument, on_delete=models.CASCADE, related_name="questions", verbose_name=_("instrument")
    )
    section = models.ForeignKey(
        Section, on_delete=models.CASCADE, related_name="questions", verbose_name=_("section")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    key = models.CharField(
        _("key"),
        max_length=50,
        validators=[KEY],
        help_text=_("Pairs this question between surveys and versions."),
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    text = models.TextField(_("question"))
    text_fr = models.TextField(_("question in French"), blank=True)
    help = models.TextField(_("help"), blank=True)
    help_fr = models.TextField(_("help in French"), blank=True)
    is_required = models.BooleanField(_("required"), default=True)
    matrix = models.ForeignKey(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="items",
        verbose_name=_("matrix"),
    )
    minimum = models.DecimalField(_("lowest number"), max_digits=10, decimal_places=2, null=True, blank=True)
    maximum = models.DecimalField(_("highest number"), max_digits=10, decimal_places=2, null=True, blank=True)
    places = models.PositiveSmallIntegerField(
        _("decimal places"), default=0, validators=[MinValueValidator(0), MaxValueValidator(2)]
    )
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    unit_fr = models.CharField(_("unit in French"), max_length=30, blank=True)
    low_label = models.CharField(_("label of the lowest"), max_length=60, blank=True)
    low_label_fr = models.CharField(_("label of the lowest in French"), max_length=60, blank=True)
    high_label = models.CharField(_("label of the highest"), max_length=60, blank=True)
    high_label_fr = models.CharField(_("label of the highest in French"), max_length=60, blank=True)
    shown_if = models.ForeignKey(
        "self",
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="conditions",
        verbose_name=_("shown only if this question"),
    )
    shown_if_answers = ArrayField(
        models.CharField(max_length=50),
        verbose_name=_("is answered with one of"),
        default=list,
        blank=True,
        help_text=_("Keys of its choices, or numbers of its scale; yes or no for a consent."),
    )
    construct = models.ForeignKey(
        Construct,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="questions",
        verbose_name=_("construct"),
    )
    objective = models.ForeignKey(
        Objective,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="questions",
        verbose_name=_("objective"),
    )
    is_reversed = models.BooleanField(
        _("reverse-scored"), default=False, help_text=_("A high number says little of the construct.")
    )
    is_research_consent = models.BooleanField(
        _("consent to research"),
        default=False,
        help_text=_("A “yes” lets the answers into research exports."),
    )

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["section__position", "section", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "key"], name="surveys_question_key_once"),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(kind.value for kind in QuestionKind)),
                name="surveys_question_kind_known",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["scale", "matrix", "item"])
                | Q(
                    minimum__isnull=False,
                    maximum__isnull=False,
                    minimum__gte=LOWEST,
                    maximum__lte=HIGHEST,
                    minimum__lt=F("maximum"),
                    places=0,
                ),
                name="surveys_question_scale_has_range",
                violation_error_message=_("A scale needs a lowest and a highest number, from 0 to 10."),
            ),
            models.CheckConstraint(
                condition=Q(minimum__isnull=True) | Q(maximum__isnull=True) | Q(minimum__lt=F("maximum")),
                name="surveys_question_range_in_order",
                violation_error_message=_("The lowest number is not below the highest."),
            ),
            models.CheckConstraint(
                condition=Q(places__range=(0, 2)), name="surveys_question_places_in_range"
            ),
            models.CheckConstraint(
                condition=Q(kind="item", matrix__isnull=False) | (~Q(kind="item") & Q(matrix__isnull=True)),
                name="surveys_question_item_has_matrix",
                violation_error_message=_("An item belongs to a matrix, and nothing else does."),
            ),
            models.CheckConstraint(
                condition=Q(shown_if__isnull=True, shown_if_answers=[])
                | (Q(shown_if__isnull=False) & ~Q(shown_if_answers=[])),
                name="surveys_question_condition_is_whole",
                violation_error_message=_("A condition needs a question and the answers that fulfil it."),
            ),
            models.CheckConstraint(
                condition=Q(is_research_consent=False) | Q(kind="consent"),
                name="surveys_question_research_asks_consent",
                violation_error_message=_("Only a consent can be the consent to research."),
            ),
        ]
        triggers: ClassVar = [
            *frozen_with_responses(
                "question", write="NEW.instrument_id, OLD.instrument_id", delete="OLD.instrument_id"
            ),
            pgtrigger.Trigger(
                name="question_stays_in_its_instrument",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM surveys_section section
                        WHERE section.id = NEW.section_id AND section.instrument_id = NEW.instrument_id
                    ) OR (NEW.matrix_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM surveys_question matrix WHERE matrix.id = NEW.matrix_id
                        AND matrix.kind = 'matrix' AND matrix.section_id = NEW.section_id
                    )) OR (NEW.shown_if_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM surveys_question other WHERE other.id = NEW.shown_if_id
                        AND other.instrument_id = NEW.instrument_id AND other.id <> NEW.id
                    )) OR (NEW.construct_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM surveys_construct construct JOIN surveys_instrument instrument
                        ON instrument.program_id = construct.program_id
                        WHERE construct.id = NEW.construct_id AND instrument.id = NEW.instrument_id
                    )) OR (NEW.objective_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM sessions_app_objective objective JOIN surveys_instrument instrument
                        ON instrument.program_id = objective.program_id
                        WHERE objective.id = NEW.objective_id AND instrument.id = NEW.instrument_id
                    )) THEN
                        RAISE EXCEPTION 'A question refers to another instrument or program.'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def asked(self) -> rules.Asked:
        """This question for the rules, under its own key; its choices are to be prefetched."""
        choices = list(self.choices.all())
        return rules.Asked(
            id=self.pk,
            kind=QuestionKind(self.kind),
            is_required=self.is_required,
            minimum=self.minimum,
            maximum=self.maximum,
            places=self.places,
            choices=tuple(choice.key for choice in choices),
            exclusive=frozenset(choice.key for choice in choices if choice.is_exclusive),
            shown_if=self.shown_if_id,
            shown_if_answers=frozenset(self.shown_if_answers),
        )


@pghistory.track()
class Choice(models.Model):
    """A choice of a question."""

    question = models.ForeignKey(
        Question, on_delete=models.CASCADE, related_name="choices", verbose_name=_("question")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    key = models.CharField(_("key"), max_length=50, validators=[KEY])
    text = models.CharField(_("choice"), max_length=300)
    text_fr = models.CharField(_("choice in French"), max_length=300, blank=True)
    is_correct = models.BooleanField(
        _("correct"), default=False, help_text=_("For a knowledge question; participants do not see it.")
    )
    is_exclusive = models.BooleanField(
        _("excludes the others"), default=False, help_text=_("For example: none of these.")
    )

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["question", "key"], name="surveys_choice_key_once")]
        triggers: ClassVar = [
            *frozen_with_responses(
                "choice",
                write="(SELECT q.instrument_id FROM surveys_question q WHERE q.id = NEW.question_id),"
                " (SELECT q.instrument_id FROM surveys_question q WHERE q.id = OLD.question_id)",
                delete="(SELECT q.instrument_id FROM surveys_question q WHERE q.id = OLD.question_id)",
            ),
            pgtrigger.Trigger(
                name="choice_of_a_question_with_choices",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM surveys_question question
                        WHERE question.id = NEW.question_id AND question.kind IN ('single', 'multiple')
                    ) THEN
                        RAISE EXCEPTION 'Only a question of one or several choices has choices.'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.text
