"""That the records of a cycle were deleted when their time was over."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions_app.models import Cycle

COUNTS = (
    "attendances",
    "attendance_reports",
    "names_on_reports",
    "responses",
    "answers",
    "audit_packs",
)
"""The columns that say how many rows of each kind went."""


@pghistory.track()
class Purge(models.Model):
    """A cycle whose records were purged: when, by whom and how many of each kind. Numbers alone, never a name."""

    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="purges", verbose_name=_("cycle"))
    purged_at = models.DateTimeField(_("purged"), default=timezone.now)
    purged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("purged by")
    )
    attendances = models.PositiveIntegerField(_("attendances"), default=0)
    attendance_reports = models.PositiveIntegerField(_("attendance reports"), default=0)
    names_on_reports = models.PositiveIntegerField(_("names on reports"), default=0)
    responses = models.PositiveIntegerField(_("responses"), default=0)
    answers = models.PositiveIntegerField(_("answers"), default=0)
    audit_packs = models.PositiveIntegerField(_("audit packs"), default=0)

    class Meta:
        verbose_name = _("purge of a cycle")
        verbose_name_plural = _("purges of cycles")
        ordering = ["-purged_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(attendances__gt=0)
                | Q(attendance_reports__gt=0)
                | Q(names_on_reports__gt=0)
                | Q(responses__gt=0)
                | Q(answers__gt=0)
                | Q(audit_packs__gt=0),
                name="credits_purge_removed_something",
            )
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="purge_never_changes", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="purge_only_after_six_years",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT 1 FROM sessions_app_cycle cycle
                        WHERE cycle.id = NEW.cycle_id AND cycle.status = 'closed'
                        AND cycle.ends_on + INTERVAL '6 years' < CURRENT_DATE
                    ) THEN
                        RAISE EXCEPTION 'The records of this cycle are still kept.'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cycle} – {timezone.localtime(self.purged_at):%Y-%m-%d}"
