"""Instruments in versions, the windows in which a cycle asks them, and what each participant answered."""

from datetime import datetime
from typing import ClassVar

import pghistory
import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.retention import keep_for_six_years
from sessions_app.models import Cycle, Enrolment, Program

FROZEN_WITH_RESPONSES = """
    IF EXISTS (
        SELECT 1 FROM surveys_response response JOIN surveys_surveywindow survey_window
        ON survey_window.id = response.window_id WHERE survey_window.instrument_id IN ({instruments})
    ) THEN
        RAISE EXCEPTION 'This instrument has answers: make its next version instead.'
            USING ERRCODE = 'restrict_violation';
    END IF;
"""


@pghistory.track()
class Instrument(models.Model):
    """A questionnaire in one version. With answers it is frozen (rule 28); a change makes the next version."""

    class Kind(models.TextChoices):
        """What an instrument is for. The first three are the gate of the certificate (rule 13)."""

        PRE = "pre", _("Pre-survey")
        POST = "post", _("Post-survey")
        REFLECTION = "reflection", _("Reflection question")

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="instruments", verbose_name=_("program")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    version = models.PositiveSmallIntegerField(_("version"), default=1)
    title = models.CharField(_("title"), max_length=200)
    title_fr = models.CharField(_("title in French"), max_length=200, blank=True)
    introduction = models.TextField(_("introduction"), blank=True)
    introduction_fr = models.TextField(_("introduction in French"), blank=True)

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
                condition=Q(kind__in=["pre", "post", "reflection"]), name="surveys_instrument_kind_known"
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
                condition=pgtrigger.AnyChange("kind", "program"),
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


@pghistory.track()
class Question(models.Model):
    """One question of an instrument. Its key pairs the pre-survey's question with the post-survey's."""

    class Kind(models.TextChoices):
        """How a question is answered."""

        SCALE = "scale", _("Scale from 1 to 5")
        TEXT = "text", _("Text")

    instrument = models.ForeignKey(
        Instrument, on_delete=models.CASCADE, related_name="questions", verbose_name=_("instrument")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    key = models.SlugField(_("key"), max_length=50, help_text=_("Pairs this question between pre and post."))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    text = models.TextField(_("question"))
    text_fr = models.TextField(_("question in French"), blank=True)
    low_label = models.CharField(_("label of 1"), max_length=60, blank=True)
    low_label_fr = models.CharField(_("label of 1 in French"), max_length=60, blank=True)
    high_label = models.CharField(_("label of 5"), max_length=60, blank=True)
    high_label_fr = models.CharField(_("label of 5 in French"), max_length=60, blank=True)
    is_required = models.BooleanField(_("required"), default=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["instrument", "position"], name="surveys_question_position_once"),
            models.UniqueConstraint(fields=["instrument", "key"], name="surveys_question_key_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["scale", "text"]), name="surveys_question_kind_known"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="question_frozen_with_responses",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=FROZEN_WITH_RESPONSES.format(instruments="NEW.instrument_id, OLD.instrument_id")
                + "RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="question_stays_with_responses",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                func=FROZEN_WITH_RESPONSES.format(instruments="OLD.instrument_id") + "RETURN OLD;",
            ),
        ]

    def __str__(self) -> str:
        return self.text


@pghistory.track()
class SurveyWindow(models.Model):
    """When a cycle asks an instrument."""

    cycle = models.ForeignKey(
        Cycle, on_delete=models.PROTECT, related_name="survey_windows", verbose_name=_("cycle")
    )
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="windows", verbose_name=_("instrument")
    )
    opens_at = models.DateTimeField(_("opens"), help_text=_("Toronto time."))
    closes_at = models.DateTimeField(
        _("closes"), null=True, blank=True, help_text=_("Toronto time. Empty: stays open for late finishers.")
    )

    class Meta:
        verbose_name = _("survey of the cycle")
        verbose_name_plural = _("surveys of the cycle")
        ordering = ["opens_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "instrument"], name="surveys_surveywindow_once"),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="surveys_surveywindow_closes_after_opening",
                violation_error_message=_("The survey closes before it opens."),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="survey_window_keeps_its_instrument", fields=["cycle", "instrument"]),
            pgtrigger.Trigger(
                name="survey_window_asks_its_own_program",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM surveys_instrument instrument JOIN sessions_app_cycle cycle
                        ON cycle.program_id = instrument.program_id
                        WHERE instrument.id = NEW.instrument_id AND cycle.id = NEW.cycle_id
                    ) THEN
                        RAISE EXCEPTION 'An instrument of another program.' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="survey_window_one_per_kind",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    PERFORM 1 FROM sessions_app_cycle WHERE id = NEW.cycle_id FOR NO KEY UPDATE;
                    IF EXISTS (
                        SELECT 1 FROM surveys_surveywindow other
                        JOIN surveys_instrument theirs ON theirs.id = other.instrument_id
                        JOIN surveys_instrument ours ON ours.id = NEW.instrument_id
                        WHERE other.cycle_id = NEW.cycle_id AND other.id <> NEW.id AND theirs.kind = ours.kind
                    ) THEN
                        RAISE EXCEPTION 'This cycle already asks an instrument of that kind.'
                            USING ERRCODE = 'unique_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} – {self.cycle}"

    def clean(self) -> None:
        """Say in words what the triggers would refuse."""
        if self.cycle_id is None or self.instrument_id is None:
            return
        if self.instrument.program_id != self.cycle.program_id:
            raise ValidationError(_("This instrument belongs to another program than the cycle."))
        rivals = SurveyWindow.objects.filter(cycle=self.cycle, instrument__kind=self.instrument.kind)
        if rivals.exclude(pk=self.pk).exists():
            raise ValidationError(_("This cycle already asks an instrument of this kind."))

    def is_open(self, *, now: datetime) -> bool:
        """Whether answers are taken at `now`."""
        return self.opens_at <= now and (self.closes_at is None or now < self.closes_at)


@pghistory.track()
class Response(models.Model):
    """One participant's answers to one survey: a draft until it is submitted, once (rule 29)."""

    class Status(models.TextChoices):
        """A draft can be changed; what is submitted cannot."""

        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")

    window = models.ForeignKey(
        SurveyWindow, on_delete=models.PROTECT, related_name="responses", verbose_name=_("survey")
    )
    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="responses", verbose_name=_("enrolment")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.DRAFT)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    submitted_at = models.DateTimeField(_("submitted"), null=True)

    class Meta:
        verbose_name = _("response")
        verbose_name_plural = _("responses")
        ordering = ["window", "enrolment"]
        constraints = [
            models.UniqueConstraint(fields=["window", "enrolment"], name="surveys_response_once"),
            models.CheckConstraint(
                condition=Q(status="draft", submitted_at__isnull=True)
                | Q(status="submitted", submitted_at__isnull=False),
                name="surveys_response_submitted_has_time",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="response_submitted_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status="submitted"),
            ),
            pgtrigger.Trigger(
                name="response_belongs_to_the_cycle",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM sessions_app_enrolment enrolment
                        JOIN surveys_surveywindow survey_window ON survey_window.cycle_id = enrolment.cycle_id
                        WHERE enrolment.id = NEW.enrolment_id AND survey_window.id = NEW.window_id
                    ) THEN
                        RAISE EXCEPTION 'A survey of another cycle.' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            keep_for_six_years(
                "response",
                "(SELECT cycle.ends_on FROM sessions_app_cycle cycle JOIN sessions_app_enrolment enrolment"
                " ON enrolment.cycle_id = cycle.id WHERE enrolment.id = OLD.enrolment_id)",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.window} – {self.enrolment}"


class Answer(models.Model):
    """One answer. It exists only where something was answered: blank text is no answer (rule 13).

    Not in the audit trail: what somebody typed into a draft and took back is nobody's business.
    """

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    number = models.SmallIntegerField(pgettext_lazy("answer", "number"), null=True, blank=True)
    text = models.TextField(_("text"), blank=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["response", "question__position"]
        constraints = [
            models.UniqueConstraint(fields=["response", "question"], name="surveys_answer_once"),
            models.CheckConstraint(
                # NULL between 1 and 5 is unknown, and what is unknown a check lets pass.
                condition=Q(number__isnull=False, number__range=(1, 5), text="")
                | (Q(number__isnull=True) & ~Q(text__regex=r"^\s*$")),
                name="surveys_answer_is_one_answer",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="answer_final_once_submitted",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                # Both the row as it was and as it becomes: an answer is not carried away from what is submitted.
                # After six years the records of a cycle may go, and the answers with them.
                func="""
                    IF EXISTS (
                        SELECT 1 FROM surveys_response response
                        LEFT JOIN sessions_app_enrolment enrolment ON enrolment.id = response.enrolment_id
                        LEFT JOIN sessions_app_cycle cycle ON cycle.id = enrolment.cycle_id
                        WHERE response.id IN (NEW.response_id, OLD.response_id) AND response.status = 'submitted'
                        AND NOT (
                            TG_OP = 'DELETE'
                            AND COALESCE(cycle.ends_on + INTERVAL '6 years' < CURRENT_DATE, FALSE)
                        )
                    ) THEN
                        RAISE EXCEPTION 'A submitted response cannot be changed.'
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN COALESCE(NEW, OLD);
                """,
            ),
            pgtrigger.Trigger(
                name="answer_is_to_a_question_of_the_survey",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM surveys_response response
                        JOIN surveys_surveywindow survey_window ON survey_window.id = response.window_id
                        JOIN surveys_question question
                        ON question.instrument_id = survey_window.instrument_id
                        WHERE response.id = NEW.response_id AND question.id = NEW.question_id
                    ) THEN
                        RAISE EXCEPTION 'An answer to a question of another survey.'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
