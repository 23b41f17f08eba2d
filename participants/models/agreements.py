"""What participants agree to: texts in versions, and each person's answer with its date. No address is kept."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


@pghistory.track()
class Agreement(models.Model):
    """One text in one version. Published it is frozen: what somebody agreed to can be shown years later."""

    class Kind(models.TextChoices):
        """The participation agreement is a condition; the consents are free, and can be taken back."""

        PARTICIPATION = "participation", _("Participation agreement")
        RESEARCH = "research", _("Consent to evaluation research")
        RECORDING = "recording", _("Consent to recording")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    title = models.CharField(_("title"), max_length=200)
    title_fr = models.CharField(_("title in French"), max_length=200, blank=True)
    text = models.TextField(_("text"), help_text=_("One paragraph a line."))
    text_fr = models.TextField(_("text in French"), blank=True)
    published_at = models.DateTimeField(
        _("published"), null=True, editable=False, help_text=_("From then on everybody is asked for it.")
    )

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["kind", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="participants_agreement_version_once"),
            models.CheckConstraint(
                condition=Q(version__gte=1), name="participants_agreement_version_positive"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["participation", "research", "recording"]),
                name="participants_agreement_kind_known",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="agreement_published_is_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} (v{self.version})"

    @property
    def is_required(self) -> bool:
        """Whether taking part depends on it."""
        return self.kind == self.Kind.PARTICIPATION


@pghistory.track()
class AgreementAnswer(models.Model):
    """Somebody's answer to one version, with its date. Changing one's mind changes the row; the trail keeps both."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="agreement_answers",
        verbose_name=_("account"),
    )
    agreement = models.ForeignKey(
        Agreement, on_delete=models.PROTECT, related_name="answers", verbose_name=_("agreement")
    )
    is_given = models.BooleanField(_("agreed"))
    answered_at = models.DateTimeField(_("answered"))

    class Meta:
        verbose_name = _("answer to an agreement")
        verbose_name_plural = _("answers to agreements")
        ordering = ["-answered_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["user", "agreement"], name="participants_agreementanswer_once")
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.agreement}"
