"""The audit pack of a cycle, kept in parts, and who took it away."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.leases import LeasedWork
from core.retention import keep_for_six_years
from sessions_app.models import Cycle

PART_SIZE = 4 * 1024 * 1024
"""Bytes of a part: all that making or downloading a pack holds at once."""


@pghistory.track(
    exclude=[
        "steps_done",
        "steps_total",
        "attempts",
        "next_attempt_at",
        "lease_token",
        "leased_until",
        "last_error",
    ]
)
class AuditPack(LeasedWork):
    """One ZIP with everything an accreditor may ask for about a cycle. Its row stays when its content is given up."""

    class Status(models.TextChoices):
        """Pending, then made or failed; what is made is discarded when newer packs or a purge take its place."""

        PENDING = "pending", pgettext_lazy("audit pack", "Being made")
        MADE = "made", pgettext_lazy("audit pack", "Ready")
        FAILED = "failed", pgettext_lazy("audit pack", "Could not be made")
        DISCARDED = "discarded", pgettext_lazy("audit pack", "No longer kept")

    cycle = models.ForeignKey(
        Cycle, on_delete=models.PROTECT, related_name="audit_packs", verbose_name=_("cycle")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default=Status.PENDING)
    asked_at = models.DateTimeField(_("asked for"), default=timezone.now)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("asked for by")
    )
    steps_done = models.PositiveIntegerField(default=0, editable=False)
    steps_total = models.PositiveIntegerField(default=0, editable=False)
    made_at = models.DateTimeField(_("made"), null=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    size = models.PositiveBigIntegerField(_("bytes"), default=0)

    class Meta:
        verbose_name = _("audit pack")
        verbose_name_plural = _("audit packs")
        ordering = ["-asked_at", "-pk"]
        permissions: ClassVar = [("make_auditpack", _("Can make and download audit packs"))]
        constraints = [
            models.UniqueConstraint(
                fields=["cycle"], condition=Q(status="pending"), name="credits_auditpack_one_pending"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["made", "discarded"],
                    made_at__isnull=False,
                    sha256__regex=r"^[0-9a-f]{64}$",
                    size__gt=0,
                )
                | Q(status__in=["pending", "failed"], made_at__isnull=True, sha256="", size=0),
                name="credits_auditpack_made_has_hash",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=Q(status="pending"), name="credits_auditpack_waiting"
            )
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(
                name="auditpack_moves",
                field="status",
                transitions=[("pending", "made"), ("pending", "failed"), ("made", "discarded")],
            ),
            # Half a pack is none: what is offered for download adds up to what was hashed.
            pgtrigger.Trigger(
                name="auditpack_is_whole",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__status="made") & ~pgtrigger.Q(old__status="made"),
                func="""
                    IF NEW.size <> (
                        SELECT COALESCE(SUM(OCTET_LENGTH(content)), 0)
                        FROM credits_auditpackpart WHERE pack_id = NEW.id
                    ) THEN
                        RAISE EXCEPTION 'The parts of this pack are not all there.'
                            USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cycle} – {timezone.localtime(self.asked_at):%Y-%m-%d %H:%M}"

    @property
    def filename(self) -> str:
        """What the download is called: nothing in it needs quoting, whatever the cycle is called."""
        return f"audit-pack-cycle-{self.cycle_id}-{timezone.localtime(self.asked_at):%Y-%m-%d}.zip"


class AuditPackPart(models.Model):
    """A few megabytes of a pack. Not in the audit trail: its content is, by the pack's hash."""

    pack = models.ForeignKey(AuditPack, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField(_("position"))
    content = models.BinaryField()

    class Meta:
        verbose_name = _("part of an audit pack")
        verbose_name_plural = _("parts of audit packs")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["pack", "position"], name="credits_auditpackpart_position_once")
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="auditpackpart_frozen_once_made",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF EXISTS (
                        SELECT 1 FROM credits_auditpack
                        WHERE id IN (NEW.pack_id, OLD.pack_id) AND status = 'made'
                    ) THEN
                        RAISE EXCEPTION 'This pack is made: its parts do not change.'
                            USING ERRCODE = 'restrict_violation';
                    END IF;
                    RETURN COALESCE(NEW, OLD);
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.pack_id}/{self.position}"


@pghistory.track()
class AuditPackDownload(models.Model):
    """That somebody took a pack away: it holds names, licence numbers and certificates."""

    pack = models.ForeignKey(
        AuditPack, on_delete=models.PROTECT, related_name="downloads", verbose_name=_("audit pack")
    )
    downloaded_at = models.DateTimeField(_("downloaded"), default=timezone.now)
    downloaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("downloaded by")
    )

    class Meta:
        verbose_name = _("download of an audit pack")
        verbose_name_plural = _("downloads of audit packs")
        ordering = ["-downloaded_at", "-pk"]
        triggers: ClassVar = [
            pgtrigger.Protect(name="auditpackdownload_never_changes", operation=pgtrigger.Update),
            keep_for_six_years(
                "auditpackdownload",
                "(SELECT cycle.ends_on FROM sessions_app_cycle cycle JOIN credits_auditpack pack"
                " ON pack.cycle_id = cycle.id WHERE pack.id = OLD.pack_id)",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pack} – {self.downloaded_by}"
