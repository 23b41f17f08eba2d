"""When surveys are asked: a program's plan, a cycle's windows, one person's extension, and each mail that asked."""

from datetime import datetime
from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from outbox.models import OutgoingMail
from sessions_app.models import Cycle, EchoSession, Enrolment, Program
from surveys.models.instrument import Instrument
from surveys.rules import Anchor

REMINDER_DAYS = (1, 2, 3, 5, 7, 10, 12, 14, 21, 28, 42, 56)
"""Days after the invitation at which a survey may remind."""


def usual_reminder_days() -> list[int]:
    """Three reminders in a fortnight."""
    return [3, 7, 12]


def of_one_cycle(name: str) -> pgtrigger.Trigger:
    """Refuse a row whose enrolment is in another cycle than its survey."""
    return pgtrigger.Trigger(
        name=name,
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
    )


@pghistory.track()
class SurveyPlan(models.Model):
    """When the cycles of a program ask each kind of survey, relative to their dates: windows are made by it."""

    class Anchor(models.TextChoices):
        """What days are counted from; see rules.Anchor."""

        REGISTRATION = Anchor.REGISTRATION.value, _("the opening of registration")
        FIRST_DAY = Anchor.FIRST_DAY.value, _("the first day of the cycle")
        LAST_SESSION = Anchor.LAST_SESSION.value, _("the end of the last session")
        LAST_DAY = Anchor.LAST_DAY.value, _("the last day of the cycle")
        SESSION = Anchor.SESSION.value, _("the end of the session")

    program = models.ForeignKey(
        Program, on_delete=models.PROTECT, related_name="survey_plans", verbose_name=_("program")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Instrument.Kind.choices)
    opens_from = models.CharField(_("opens, counted from"), max_length=20, choices=Anchor.choices)
    opens_days = models.SmallIntegerField(
        _("days after it"),
        default=0,
        validators=[MinValueValidator(-365), MaxValueValidator(730)],
        help_text=_("Before it, if negative."),
    )
    closes_from = models.CharField(
        _("closes, counted from"),
        max_length=20,
        choices=Anchor.choices,
        blank=True,
        help_text=_("Empty: stays open for late finishers."),
    )
    closes_days = models.SmallIntegerField(
        _("days after that"),
        default=0,
        validators=[MinValueValidator(-365), MaxValueValidator(730)],
        help_text=_("Before it, if negative."),
    )
    reminder_days = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("reminders"),
        default=usual_reminder_days,
        blank=True,
        help_text=_("Days after the invitation; emailed only to those who have not answered."),
    )
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("survey plan")
        verbose_name_plural = _("survey plans")
        ordering = ["program", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["program", "kind"], name="surveys_surveyplan_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["pre", "post", "reflection", "evaluation", "follow_up"]),
                name="surveys_surveyplan_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(opens_from__in=sorted(anchor.value for anchor in Anchor)),
                name="surveys_surveyplan_opens_from_known",
            ),
            models.CheckConstraint(
                condition=Q(closes_from__in=["", *sorted(anchor.value for anchor in Anchor)]),
                name="surveys_surveyplan_closes_from_known",
            ),
            # Only an evaluation is of one session, and it is counted from nothing else.
            models.CheckConstraint(
                condition=Q(kind="evaluation", opens_from="session", closes_from__in=["", "session"])
                | (~Q(kind="evaluation") & ~Q(opens_from="session") & ~Q(closes_from="session")),
                name="surveys_surveyplan_session_for_evaluation",
                violation_error_message=_(
                    "A session evaluation is counted from the end of the session, and no other survey is."
                ),
            ),
            models.CheckConstraint(
                condition=Q(reminder_days__contained_by=list(REMINDER_DAYS)),
                name="surveys_surveyplan_reminder_days_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} – {self.program}"


@pghistory.track()
class SurveyWindow(models.Model):
    """When a cycle asks an instrument; an evaluation is asked of one session."""

    cycle = models.ForeignKey(
        Cycle, on_delete=models.PROTECT, related_name="survey_windows", verbose_name=_("cycle")
    )
    instrument = models.ForeignKey(
        Instrument, on_delete=models.PROTECT, related_name="windows", verbose_name=_("instrument")
    )
    session = models.ForeignKey(
        EchoSession,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="survey_windows",
        verbose_name=_("session"),
        help_text=_("Of a session evaluation; empty for every other survey."),
    )
    opens_at = models.DateTimeField(_("opens"), help_text=_("Toronto time."))
    closes_at = models.DateTimeField(
        _("closes"), null=True, blank=True, help_text=_("Toronto time. Empty: stays open for late finishers.")
    )

    reminder_days = ArrayField(
        models.PositiveSmallIntegerField(),
        verbose_name=_("reminders"),
        default=usual_reminder_days,
        blank=True,
        help_text=_("Days after the invitation; emailed only to those who have not answered."),
    )
    is_adjusted = models.BooleanField(
        _("dates set by hand"),
        default=False,
        help_text=_("Its dates no longer follow the cycle's."),
    )

    class Meta:
        verbose_name = _("survey of the cycle")
        verbose_name_plural = _("surveys of the cycle")
        ordering = ["opens_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle", "instrument", "session"],
                name="surveys_surveywindow_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(reminder_days__contained_by=list(REMINDER_DAYS)),
                name="surveys_surveywindow_reminder_days_known",
            ),
            models.CheckConstraint(
                condition=Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="surveys_surveywindow_closes_after_opening",
                violation_error_message=_("The survey closes before it opens."),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="survey_window_keeps_its_cycle", fields=["cycle", "session"]),
            # Until somebody answers, a newer version may take the place of the one that was to be asked.
            pgtrigger.Trigger(
                name="survey_window_keeps_its_instrument",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("instrument"),
                func="""
                    IF EXISTS (SELECT 1 FROM surveys_response WHERE window_id = OLD.id) THEN
                        RAISE EXCEPTION 'This survey has answers: it keeps its instrument.'
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    IF NOT EXISTS (
                        SELECT 1 FROM surveys_instrument was JOIN surveys_instrument becomes ON becomes.kind = was.kind
                        WHERE was.id = OLD.instrument_id AND becomes.id = NEW.instrument_id
                    ) THEN
                        RAISE EXCEPTION 'An instrument of another kind.' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="survey_window_asks_its_own_program",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                # The lock: a release that is taken back at the same moment waits, and sees this window then.
                func="""
                    PERFORM 1 FROM surveys_instrument WHERE id = NEW.instrument_id FOR SHARE;
                    IF NOT EXISTS (
                        SELECT 1 FROM surveys_instrument instrument JOIN sessions_app_cycle cycle
                        ON cycle.program_id = instrument.program_id
                        WHERE instrument.id = NEW.instrument_id AND cycle.id = NEW.cycle_id
                        AND instrument.is_released
                        AND (instrument.kind = 'evaluation') = (NEW.session_id IS NOT NULL)
                    ) OR (NEW.session_id IS NOT NULL AND NOT EXISTS (
                        SELECT 1 FROM sessions_app_echosession session
                        WHERE session.id = NEW.session_id AND session.cycle_id = NEW.cycle_id
                    )) THEN
                        RAISE EXCEPTION 'A survey asks a released instrument of its program, about its own session.'
                            USING ERRCODE = 'check_violation';
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
                        AND other.session_id IS NOT DISTINCT FROM NEW.session_id
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
        if not self.instrument.is_released:
            raise ValidationError(_("This instrument is not released yet."))
        if self.session is not None and self.session.cycle_id != self.cycle_id:
            raise ValidationError(_("This session belongs to another cycle."))
        if (self.instrument.kind == Instrument.Kind.EVALUATION) != (self.session_id is not None):
            raise ValidationError(_("A session evaluation has its session; no other survey has one."))
        rivals = SurveyWindow.objects.filter(
            cycle=self.cycle, instrument__kind=self.instrument.kind, session=self.session_id
        )
        if rivals.exclude(pk=self.pk).exists():
            raise ValidationError(_("This cycle already uses an instrument of this kind."))

    def is_open(self, *, now: datetime) -> bool:
        """Whether answers are taken at `now`."""
        return self.opens_at <= now and (self.closes_at is None or now < self.closes_at)


@pghistory.track()
class WindowExtension(models.Model):
    """More time for one person, with the reason."""

    window = models.ForeignKey(
        SurveyWindow, on_delete=models.PROTECT, related_name="extensions", verbose_name=_("survey")
    )
    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="survey_extensions", verbose_name=_("enrolment")
    )
    closes_at = models.DateTimeField(_("open until"), help_text=_("Toronto time."))
    reason = models.TextField(_("reason"))
    granted_at = models.DateTimeField(_("granted"), default=timezone.now)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("granted by")
    )

    class Meta:
        verbose_name = _("extension of a survey")
        verbose_name_plural = _("extensions of surveys")
        ordering = ["window", "enrolment"]
        constraints = [
            models.UniqueConstraint(fields=["window", "enrolment"], name="surveys_windowextension_once"),
            models.CheckConstraint(
                condition=~Q(reason__regex=r"^\s*$"), name="surveys_windowextension_has_reason"
            ),
        ]
        triggers: ClassVar = [of_one_cycle("window_extension_belongs_to_the_cycle")]

    def __str__(self) -> str:
        return f"{self.window} – {self.enrolment}"


class SurveyAsk(models.Model):
    """That somebody was written to about a survey: an invitation, a reminder, or a reminder by hand.

    Not in the audit trail: the row is the record itself, and is never changed.
    """

    window = models.ForeignKey(
        SurveyWindow, on_delete=models.PROTECT, related_name="asks", verbose_name=_("survey")
    )
    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="survey_asks", verbose_name=_("enrolment")
    )
    step = models.CharField(
        _("step"), max_length=30, help_text=_("invitation, day-7, or by hand with the day: hand-2026-03-12.")
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked by"),
        help_text=_("Empty: the portal did it by itself."),
    )
    mail = models.ForeignKey(
        OutgoingMail,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="survey_asks",
        verbose_name=_("email"),
    )

    class Meta:
        verbose_name = _("request to answer")
        verbose_name_plural = _("requests to answer")
        ordering = ["window", "enrolment", "asked_at"]
        constraints = [
            # Whatever runs twice or at once: each step is asked once of each person.
            models.UniqueConstraint(fields=["window", "enrolment", "step"], name="surveys_surveyask_once"),
            models.CheckConstraint(
                condition=Q(step="invitation")
                | Q(step__regex=r"^day-\d+$")
                | Q(step__regex=r"^hand-\d{4}-\d\d-\d\d$"),
                name="surveys_surveyask_step_known",
            ),
        ]
        triggers: ClassVar = [
            of_one_cycle("survey_ask_belongs_to_the_cycle"),
            pgtrigger.Trigger(
                name="survey_ask_only_while_unanswered",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF EXISTS (
                        SELECT 1 FROM surveys_response response WHERE response.window_id = NEW.window_id
                        AND response.enrolment_id = NEW.enrolment_id AND response.status = 'submitted'
                    ) THEN
                        RAISE EXCEPTION 'Who has answered is not asked again.' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.window} – {self.enrolment} – {self.step}"
