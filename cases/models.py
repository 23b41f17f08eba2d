"""A participant's case. It has its states and its random name; the clinical form is not part of it yet."""

import secrets

import pghistory
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.states import CaseStatus
from sessions_app.models import EchoSession, Enrolment

ECHO_ID_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0/O and 1/I/L, which are misread aloud."""


def new_echo_id() -> str:
    """A random name for a case, never derived from the patient (rule 23): "ECHO-" and eight of 31 characters."""
    return "ECHO-" + "".join(secrets.choice(ECHO_ID_ALPHABET) for _position in range(8))


@pghistory.track()
class CaseSubmission(models.Model):
    """A de-identified case that a participant brings to a session."""

    class Status(models.TextChoices):
        """See states.ALLOWED."""

        DRAFT = CaseStatus.DRAFT.value, _("Draft")
        SUBMITTED = CaseStatus.SUBMITTED.value, pgettext_lazy("case", "Submitted")
        IN_REVIEW = CaseStatus.IN_REVIEW.value, _("In review")
        APPROVED = CaseStatus.APPROVED.value, pgettext_lazy("case", "Approved")
        RETURNED = CaseStatus.RETURNED.value, _("Returned")
        SCHEDULED = CaseStatus.SCHEDULED.value, _("Scheduled")
        PRESENTED = CaseStatus.PRESENTED.value, _("Presented")
        RECOMMENDATIONS_SENT = CaseStatus.RECOMMENDATIONS_SENT.value, _("Recommendations sent")

    echo_id = models.CharField(_("ECHO ID"), max_length=13, unique=True, default=new_echo_id, editable=False)
    presenter = models.ForeignKey(
        Enrolment, on_delete=models.PROTECT, related_name="cases", verbose_name=_("presenter")
    )
    session = models.ForeignKey(
        EchoSession,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("session"),
    )
    status = models.CharField(
        _("status"), max_length=25, choices=Status.choices, default=Status.DRAFT, editable=False
    )
    created_at = models.DateTimeField(_("begun"), default=timezone.now, editable=False)
    moved_at = models.DateTimeField(_("last moved"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["-created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=[status.value for status in CaseStatus]),
                name="cases_casesubmission_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["scheduled", "presented", "recommendations_sent"])
                | Q(session__isnull=False),
                name="cases_casesubmission_scheduled_has_session",
            ),
        ]

    def __str__(self) -> str:
        return self.echo_id
