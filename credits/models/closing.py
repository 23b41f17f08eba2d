"""What precedes a closing: dry runs, kept so that the next can say what changed, and waivers by two people."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.retention import keep_for_six_years, refuse_truncation
from credits.rules import Missing
from sessions_app.models import Cycle, Enrolment


class DryRun(models.Model):
    """Who would have got what from a closing, and who nothing and why, at one moment. It never changes."""

    cycle = models.ForeignKey(
        Cycle, on_delete=models.PROTECT, related_name="dry_runs", verbose_name=_("cycle")
    )
    made_at = models.DateTimeField(_("made"), default=timezone.now)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("by"),
    )
    outcomes = models.JSONField(
        _("outcomes"),
        help_text=_("For each enrolment what is claimable, under which line, and what is missing."),
    )

    class Meta:
        verbose_name = _("dry run")
        verbose_name_plural = _("dry runs")
        ordering = ["-made_at", "-pk"]
        triggers: ClassVar = [pgtrigger.Protect(name="dry_run_is_kept", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.cycle} · {timezone.localtime(self.made_at):%Y-%m-%d %H:%M}"


@pghistory.track()
class Waiver(models.Model):
    """A condition of the certificate that one enrolment is let off: asked for by one person, granted by another."""

    class Condition(models.TextChoices):
        """What can be waived: the surveys of rule 13. Enrolment, profile and credit cannot."""

        PRE_SURVEY = Missing.PRE_SURVEY.value, _("The pre-survey")
        POST_SURVEY = Missing.POST_SURVEY.value, _("The post-survey")
        REFLECTION = Missing.REFLECTION.value, _("The reflection question")

    class Status(models.TextChoices):
        """Decided once, and for good."""

        ASKED = "asked", _("Waits for a second person")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", pgettext_lazy("request", "Refused")

    enrolment = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="waivers", verbose_name=_("enrolment")
    )
    condition = models.CharField(_("condition"), max_length=20, choices=Condition.choices)
    reason = models.CharField(
        _("reason"), max_length=300, help_text=_("Kept on record; an auditor will ask.")
    )
    status = models.CharField(_("state"), max_length=10, choices=Status.choices, default=Status.ASKED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True)

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        ordering = ["-asked_at", "-pk"]
        permissions: ClassVar = [
            ("decide_waiver", _("Can decide about a waiver that somebody else asked for"))
        ]
        constraints: ClassVar = [
            # A refused one may be asked for again, with a better reason.
            models.UniqueConstraint(
                fields=["enrolment", "condition"],
                condition=Q(status__in=["asked", "granted"]),
                name="credits_waiver_condition_once",
            ),
            models.CheckConstraint(
                condition=Q(condition__in=["pre_survey", "post_survey", "reflection"]),
                name="credits_waiver_condition_known",
            ),
            models.CheckConstraint(
                condition=Q(status="asked", decided_by__isnull=True, decided_at__isnull=True)
                | Q(status__in=["granted", "refused"], decided_by__isnull=False, decided_at__isnull=False),
                name="credits_waiver_decision_has_who_and_when",
            ),
            # Nobody lets somebody off alone.
            models.CheckConstraint(
                condition=~Q(status="granted") | ~Q(decided_by=F("asked_by")),
                name="credits_waiver_granted_by_a_second_person",
            ),
            models.CheckConstraint(condition=~Q(reason__regex=r"^\s*$"), name="credits_waiver_has_reason"),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(
                name="waiver_request_is_frozen",
                fields=["condition", "reason", "asked_by", "asked_at"],
            ),
            pgtrigger.Protect(
                name="waiver_decision_is_final",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__status__in=["granted", "refused"])
                & (
                    pgtrigger.Q(old__status__df=pgtrigger.F("new__status"))
                    | pgtrigger.Q(old__decided_by__df=pgtrigger.F("new__decided_by"))
                    | pgtrigger.Q(old__decided_at__df=pgtrigger.F("new__decided_at"))
                ),
            ),
            keep_for_six_years(
                "waiver",
                "(SELECT cycle.ends_on FROM sessions_app_cycle cycle JOIN sessions_app_enrolment enrolment"
                " ON enrolment.cycle_id = cycle.id WHERE enrolment.id = OLD.enrolment_id)",
            ),
            refuse_truncation("waiver"),
        ]

    def __str__(self) -> str:
        return f"{self.get_condition_display()} · {self.get_status_display()}"
