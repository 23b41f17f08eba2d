"""A participant's case: where it stands, its text while it is written, the versions handed in, and who read them.

The text of a draft is in a table of its own, so that nothing shows it by default, and its history is kept without it:
what was typed by mistake and removed is gone (rule 24).
"""

import secrets
from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cases.states import ALLOWED, CaseStatus
from core.templatetags.portal import labelled
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
    version = models.ForeignKey(
        "cases.CaseVersion",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("version"),
        help_text=_("What was handed in last. Nothing can be handed in after the approval."),
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
            models.CheckConstraint(
                condition=Q(status="draft", version__isnull=True)
                | (~Q(status="draft") & Q(version__isnull=False)),
                name="cases_casesubmission_handed_in_has_version",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.FSM(
                name="case_moves",
                field="status",
                transitions=sorted((str(old), str(new)) for old, new in ALLOWED),
            ),
            pgtrigger.ReadOnly(name="case_keeps_its_name", fields=["echo_id"]),
        ]
        permissions = [("review_casesubmission", "Can review cases and schedule them")]

    def __str__(self) -> str:
        return self.echo_id


@pghistory.track(exclude=["content", "findings"])
class CaseText(models.Model):
    """The text of a case as its author writes it, and what the screen found in it.

    Only the author reads it. The history tells that it changed and when, never what it said.
    """

    case = models.OneToOneField(
        CaseSubmission, on_delete=models.CASCADE, related_name="text", verbose_name=_("case")
    )
    content = models.JSONField(_("content"), default=dict, encoder=DjangoJSONEncoder)
    findings = models.JSONField(
        _("findings"),
        default=list,
        help_text=_("Where in which field, what kind, how serious, why, and the author's explanation."),
    )
    revision = models.PositiveIntegerField(
        _("revision"), default=0, help_text=_("Raised at each save: a second tab that writes is told.")
    )
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)

    class Meta:
        verbose_name = _("text of a case")
        verbose_name_plural = _("texts of cases")

    def __str__(self) -> str:
        return f"{self.case} ({self.revision})"


@pghistory.track(exclude=["content", "findings"])
class CaseVersion(models.Model):
    """A case as it was handed in, with its author's attestation. It never changes, but can be struck out."""

    case = models.ForeignKey(
        CaseSubmission, on_delete=models.CASCADE, related_name="versions", verbose_name=_("case")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    content = models.JSONField(_("content"), encoder=DjangoJSONEncoder)
    findings = models.JSONField(_("findings"), default=list)
    attestation = models.TextField(_("attestation"), help_text=_("The words that were signed."))
    signed_name = models.CharField(
        _("signed"), max_length=200, help_text=_("As typed under the attestation.")
    )
    submitted_at = models.DateTimeField(pgettext_lazy("case", "handed in"))
    struck_at = models.DateTimeField(_("struck out"), null=True, blank=True)
    struck_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("struck out by"),
    )

    class Meta:
        verbose_name = _("version of a case")
        verbose_name_plural = _("versions of cases")
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="cases_caseversion_number_once"),
            models.CheckConstraint(
                condition=Q(struck_at__isnull=True, struck_by__isnull=True)
                | Q(struck_at__isnull=False, struck_by__isnull=False, content={}, findings=[]),
                name="cases_caseversion_struck_is_empty",
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="version_never_changes",
                operation=pgtrigger.Update,
                # Striking out is the one change: it leaves nothing of the text, and happens once.
                condition=pgtrigger.Q(old__struck_at__isnull=False)
                | pgtrigger.Q(new__struck_at__isnull=True),
            ),
            pgtrigger.ReadOnly(
                name="version_keeps_its_signature",
                fields=["case", "number", "attestation", "signed_name", "submitted_at"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case} / {self.number}"


@pghistory.track(exclude=["comments"])
class CaseReview(models.Model):
    """What a coordinator decided about one version, and what they asked for."""

    class Decision(models.TextChoices):
        """How a review ends (rule 22)."""

        APPROVED = "approved", pgettext_lazy("case", "Approved")
        RETURNED = "returned", _("Returned")

    version = models.OneToOneField(
        CaseVersion, on_delete=models.CASCADE, related_name="review", verbose_name=_("version")
    )
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices)
    comments = models.TextField(_("comments"), max_length=4000, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("reviewed by")
    )
    reviewed_at = models.DateTimeField(_("reviewed"))

    class Meta:
        verbose_name = _("review of a case")
        verbose_name_plural = _("reviews of cases")
        ordering = ["-reviewed_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decision="approved") | (Q(decision="returned") & ~Q(comments__regex=r"^\s*$")),
                name="cases_casereview_returned_says_why",
                violation_error_message=_("Write what the author is to change."),
            )
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="review_never_changes", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return labelled(self.version, self.get_decision_display())


class CaseReading(models.Model):
    """That somebody read a case, or what belongs to it: who read what, and when. Rows are only ever added."""

    class What(models.TextChoices):
        """Which page."""

        CASE = "case", _("The case")
        SUMMARY = "summary", _("The one-page summary")
        REVIEW = "review", _("The review")
        RECOMMENDATIONS = "recommendations", _("The recommendations being written")
        LETTER = "letter", _("The letter")

    case = models.ForeignKey(
        CaseSubmission, on_delete=models.CASCADE, related_name="readings", verbose_name=_("case")
    )
    version = models.ForeignKey(
        CaseVersion,
        on_delete=models.CASCADE,
        null=True,
        related_name="+",
        verbose_name=_("version"),
        help_text=_("Empty for the author's own draft."),
    )
    what = models.CharField(_("what"), max_length=20, choices=What.choices)
    reader = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="case_readings",
        verbose_name=_("reader"),
    )
    read_at = models.DateTimeField(_("read"), default=timezone.now)

    class Meta:
        verbose_name = _("reading of a case")
        verbose_name_plural = _("readings of cases")
        ordering = ["-read_at", "-pk"]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="reading_keeps_what_was_read",
                operation=pgtrigger.Update,
                # A merge of two accounts gives the reading to the one that stays.
                condition=pgtrigger.AnyChange("case", "version", "what", "read_at"),
            )
        ]

    def __str__(self) -> str:
        return labelled(self.case, self.get_what_display())


@pghistory.track(exclude=["text"])
class CaseFollowUp(models.Model):
    """What became of it: the presenter's report, asked for three months after the letter (rule 27)."""

    class Outcome(models.TextChoices):
        """How the patient is, in a word."""

        BETTER = "better", pgettext_lazy("patient", "Better")
        SAME = "same", pgettext_lazy("patient", "About the same")
        WORSE = "worse", pgettext_lazy("patient", "Worse")
        UNKNOWN = "unknown", pgettext_lazy("patient", "I do not know")

    case = models.OneToOneField(
        CaseSubmission, on_delete=models.CASCADE, related_name="follow_up", verbose_name=_("case")
    )
    outcome = models.CharField(_("how the patient is"), max_length=10, choices=Outcome.choices)
    text = models.TextField(_("what happened"), max_length=5000)
    reported_at = models.DateTimeField(_("reported"))

    class Meta:
        verbose_name = _("follow-up of a case")
        verbose_name_plural = _("follow-ups of cases")
        constraints = [
            models.CheckConstraint(
                condition=~Q(text__regex=r"^\s*$"),
                name="cases_casefollowup_says_something",
                violation_error_message=_("Write what happened."),
            )
        ]

    def __str__(self) -> str:
        return labelled(self.case, self.get_outcome_display())
