"""How accounts end: merged into another account of the same person, or erased at its owner's wish."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


@pghistory.track()
class AccountMerge(models.Model):
    """The record that one account was merged into another: who did it, why, and what moved."""

    kept = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="merges",
        verbose_name=_("account that stays"),
    )
    gone = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="merged_by",
        verbose_name=_("account that went"),
    )
    gone_email = models.EmailField(_("its address"), max_length=254)
    reason = models.CharField(_("reason"), max_length=300)
    moved = models.JSONField(_("what moved"), default=dict)
    merged_at = models.DateTimeField(_("merged"))
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("merged by")
    )

    class Meta:
        verbose_name = _("merge of accounts")
        verbose_name_plural = _("merges of accounts")
        ordering = ["-merged_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(kept=F("gone")), name="participants_accountmerge_two_accounts"
            ),
            models.CheckConstraint(
                condition=~Q(reason__regex=r"^\s*$"), name="participants_accountmerge_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gone_email} → {self.kept}"


@pghistory.track()
class Erasure(models.Model):
    """The record that somebody asked to be erased; what must be kept goes when `kept_until` has passed."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="erasure",
        verbose_name=_("account"),
    )
    asked_at = models.DateTimeField(_("asked"))
    kept_until = models.DateField(
        _("records kept until"), null=True, help_text=_("Empty: nothing had to be kept.")
    )
    finished_at = models.DateTimeField(
        _("finished"), null=True, help_text=_("When the last personal detail was removed.")
    )

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-asked_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kept_until__isnull=False) | Q(finished_at__isnull=False),
                name="participants_erasure_ends",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id}"
