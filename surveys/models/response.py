"""What participants answered, and what they are called where nobody is to be named."""

import secrets
from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.retention import keep_for_six_years, refuse_truncation
from sessions_app.models import Enrolment, Program
from surveys.models.question import Question
from surveys.models.window import SurveyWindow, of_one_cycle
from surveys.rules import MAX_LENGTH, QuestionKind, Value


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
        permissions: ClassVar = [("export_response", _("Can export answers under pseudonyms"))]
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
            of_one_cycle("response_belongs_to_the_cycle"),
            keep_for_six_years(
                "response",
                "(SELECT cycle.ends_on FROM sessions_app_cycle cycle JOIN sessions_app_enrolment enrolment"
                " ON enrolment.cycle_id = cycle.id WHERE enrolment.id = OLD.enrolment_id)",
            ),
            refuse_truncation("response"),
        ]

    def __str__(self) -> str:
        return f"{self.window} – {self.enrolment}"


class Answer(models.Model):
    """One answer. It exists only where something was answered: blank text is no answer (rule 13).

    Not in the audit trail: what somebody typed into a draft and took back is nobody's business.
    """

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="answers")
    number = models.DecimalField(
        pgettext_lazy("answer", "number"), max_digits=10, decimal_places=2, null=True, blank=True
    )
    text = models.TextField(_("text"), blank=True)
    choices = ArrayField(models.CharField(max_length=50), verbose_name=_("choices"), default=list, blank=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["response", "question__position"]
        constraints = [
            models.UniqueConstraint(fields=["response", "question"], name="surveys_answer_once"),
            # A number, words or choices, one of them; what belongs to the question is the trigger's business.
            models.CheckConstraint(
                condition=Q(number__isnull=False, text="", choices=[])
                | (Q(number__isnull=True, choices=[]) & ~Q(text__regex=r"^\s*$"))
                | (Q(number__isnull=True, text="") & ~Q(choices=[])),
                name="surveys_answer_is_one_answer",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("text"), MAX_LENGTH[QuestionKind.TEXT]),
                name="surveys_answer_text_in_bounds",
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
                name="answer_fits_its_question",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                declare=[("asked", "surveys_question%ROWTYPE")],
                func="""
                    SELECT question.* INTO asked FROM surveys_response response
                    JOIN surveys_surveywindow survey_window ON survey_window.id = response.window_id
                    JOIN surveys_question question ON question.instrument_id = survey_window.instrument_id
                    WHERE response.id = NEW.response_id AND question.id = NEW.question_id;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'An answer to a question of another survey.'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    IF NOT (CASE
                        WHEN asked.kind IN ('scale', 'item', 'number') THEN COALESCE(
                            NEW.number >= COALESCE(asked.minimum, NEW.number)
                            AND NEW.number <= COALESCE(asked.maximum, NEW.number)
                            AND NEW.number = ROUND(NEW.number, asked.places::integer), FALSE)
                        WHEN asked.kind IN ('short', 'text') THEN NEW.text <> ''
                        WHEN asked.kind = 'consent' THEN NEW.choices::text[] IN (ARRAY['yes'], ARRAY['no'])
                        WHEN asked.kind IN ('single', 'multiple') THEN
                            CARDINALITY(NEW.choices) > 0
                            AND (asked.kind = 'multiple' OR CARDINALITY(NEW.choices) = 1)
                            AND NEW.choices::text[] <@ ARRAY(
                                SELECT choice.key::text FROM surveys_choice choice WHERE choice.question_id = asked.id
                            )
                        ELSE FALSE
                    END) THEN
                        RAISE EXCEPTION 'This is no answer to the question.' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            refuse_truncation("answer"),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def value(self) -> Value:
        """What was answered, as the rules take it."""
        if self.number is not None:
            return self.number
        return self.text or tuple(self.choices)


class ScreenedAnswer(models.Model):
    """An answer in words with whatever names somebody taken out: what lists and exports show (rule 32).

    Not in the audit trail, as the answer is not; it goes with the answer.
    """

    answer = models.OneToOneField(
        Answer, on_delete=models.CASCADE, related_name="screened", verbose_name=_("answer")
    )
    text = models.TextField(_("text without what was found"))
    findings = models.PositiveSmallIntegerField(_("found"), default=0)
    screened_at = models.DateTimeField(_("screened"), default=timezone.now)

    class Meta:
        verbose_name = _("screened answer")
        verbose_name_plural = _("screened answers")

    def __str__(self) -> str:
        return str(self.pk)


def new_code() -> str:
    """A code that says nothing about anybody: eight letters and digits of those that cannot be mistaken."""
    return "".join(secrets.choice("23456789ABCDEFGHJKMNPQRSTUVWXYZ") for _place in range(8))


@pghistory.track()
class Pseudonym(models.Model):
    """What a participant is called in the results and exports of one program; another program has another (rule 32)."""

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="pseudonyms", verbose_name=_("program")
    )
    participant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="pseudonyms",
        verbose_name=_("participant"),
    )
    code = models.CharField(_("pseudonym"), max_length=12, unique=True, default=new_code)

    class Meta:
        verbose_name = _("pseudonym")
        verbose_name_plural = _("pseudonyms")
        ordering = ["code"]
        permissions: ClassVar = [("link_pseudonym", _("Can see who a pseudonym belongs to"))]
        constraints = [
            models.UniqueConstraint(fields=["program", "participant"], name="surveys_pseudonym_once"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="pseudonym_keeps_its_code", fields=["program", "code"]),
        ]

    def __str__(self) -> str:
        return self.code


class PseudonymLookup(models.Model):
    """That somebody found out whom a pseudonym belongs to, and why. Kept as it was written.

    Not in the audit trail: it is a record itself.
    """

    pseudonym = models.ForeignKey(
        Pseudonym, on_delete=models.PROTECT, related_name="lookups", verbose_name=_("pseudonym")
    )
    looked_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("looked up by")
    )
    looked_up_at = models.DateTimeField(_("looked up"), default=timezone.now)
    reason = models.TextField(_("reason"))

    class Meta:
        verbose_name = _("lookup of a pseudonym")
        verbose_name_plural = _("lookups of pseudonyms")
        ordering = ["-looked_up_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(reason__regex=r"^\s*$"), name="surveys_pseudonymlookup_has_reason"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="pseudonym_lookup_is_kept", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.pseudonym} – {self.looked_up_at}"
