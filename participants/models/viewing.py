"""That somebody of support looked at the pages of a participant, as the participant sees them."""

from datetime import timedelta

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LASTS = timedelta(minutes=30)
"""How long somebody may look before they have to say again why."""


@pghistory.track()
class ParticipantView(models.Model):
    """A look through a participant's eyes: read-only, with a reason, for half an hour at most."""

    viewer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("who looked")
    )
    participant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("whose pages"),
    )
    reason = models.CharField(_("reason"), max_length=200)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    ended_at = models.DateTimeField(_("ended"), null=True)

    class Meta:
        verbose_name = _("look at a participant's pages")
        verbose_name_plural = _("looks at participants' pages")
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["viewer"],
                condition=Q(ended_at__isnull=True),
                name="participants_participantview_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(viewer=F("participant")), name="participants_participantview_of_another"
            ),
        ]
        permissions = [("view_as_participant", _("Can look at the portal as a participant sees it"))]

    def __str__(self) -> str:
        return f"{self.viewer} → {self.participant}"


class ViewedPage(models.Model):
    """A page that was looked at, by its name: a record, and never changes."""

    view = models.ForeignKey(ParticipantView, on_delete=models.PROTECT, related_name="pages")
    page = models.CharField(_("page"), max_length=100)
    viewed_at = models.DateTimeField(_("looked at"), default=timezone.now)

    class Meta:
        verbose_name = _("page that was looked at")
        verbose_name_plural = _("pages that were looked at")
        ordering = ["viewed_at", "pk"]

    def __str__(self) -> str:
        return self.page
