"""The hub's answer to a case: who writes it, under which headings, and the signed letter it becomes (rule 27)."""

from typing import ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.models.case import CaseSubmission
from core.templatetags.portal import labelled
from sessions_app.models import Program


class Heading(models.TextChoices):
    """The six headings, in the order of the letter (rule 27)."""

    ASSESSMENT = "assessment", _("Assessment and diagnosis")
    PHARMACOLOGICAL = "pharmacological", _("Pharmacological")
    NON_PHARMACOLOGICAL = "non_pharmacological", _("Non-pharmacological")
    INTERVENTIONAL = "interventional", _("Interventional")
    BIOPSYCHOSOCIAL = "biopsychosocial", _("Biopsychosocial")
    REFERRAL = "referral", _("Referral and community resources")


@pghistory.track()
class HubMember(models.Model):
    """Somebody who answers the cases of a program: a specialist, or a partner from the community."""

    class Role(models.TextChoices):
        """What they answer as."""

        SPECIALIST = "specialist", _("Specialist")
        PARTNER = "partner", _("Community partner")

    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="hub_members", verbose_name=_("program")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="hub_memberships",
        verbose_name=_("person"),
        help_text=_("An account that has access to the administration, so that a second factor protects it."),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.SPECIALIST)
    title = models.CharField(
        _("title in letters"),
        max_length=200,
        blank=True,
        help_text=_("For example “Pain physician, Toronto”."),
    )
    title_fr = models.CharField(_("title in letters, in French"), max_length=200, blank=True)
    may_sign = models.BooleanField(
        _("may sign letters"), default=False, help_text=_("Signs for the hub what several have written.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("member of the hub team")
        verbose_name_plural = _("hub team")
        ordering = ["program", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "user"],
                name="cases_hubmember_once_a_program",
                violation_error_message=_("This person is in the program's hub team already."),
            )
        ]

    def __str__(self) -> str:
        return labelled(self.user, self.get_role_display())


@pghistory.track(exclude=["text"])
class Recommendation(models.Model):
    """What one person recommends under one heading, while the letter is being written."""

    case = models.ForeignKey(
        CaseSubmission, on_delete=models.CASCADE, related_name="recommendations", verbose_name=_("case")
    )
    heading = models.CharField(_("heading"), max_length=20, choices=Heading.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="recommendations",
        verbose_name=_("author"),
    )
    text = models.TextField(_("text"), max_length=5000, blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=0)
    saved_at = models.DateTimeField(_("saved"), default=timezone.now)

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        ordering = ["case", "heading", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "heading", "author"], name="cases_recommendation_one_a_heading"
            ),
            models.CheckConstraint(
                condition=Q(heading__in=Heading.values), name="cases_recommendation_heading_known"
            ),
        ]

    def __str__(self) -> str:
        return labelled(self.case, self.get_heading_display())


@pghistory.track()
class SuggestedRecommendation(models.Model):
    """A recommendation of the program's library, to be taken over into a case and fitted to it."""

    program = models.ForeignKey(
        Program, on_delete=models.CASCADE, related_name="suggestions", verbose_name=_("program")
    )
    heading = models.CharField(_("heading"), max_length=20, choices=Heading.choices)
    text = models.TextField(_("text"), max_length=2000)
    text_fr = models.TextField(_("text in French"), max_length=2000, blank=True)
    is_active = models.BooleanField(_("offered"), default=True)
    added_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("suggested recommendation")
        verbose_name_plural = _("suggested recommendations")
        ordering = ["program", "heading", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(heading__in=Heading.values), name="cases_suggestedrecommendation_heading_known"
            ),
            # By their hash: a B-tree takes no text of 2,000 characters.
            models.UniqueConstraint(
                "program",
                "heading",
                MD5("text"),
                name="cases_suggestedrecommendation_once",
                violation_error_message=_("The program's library has this text under this heading already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_heading_display()} ({self.pk})"


@pghistory.track(exclude=["items", "opening"])
class RecommendationLetter(models.Model):
    """The signed answer. It never changes: a corrected one takes its place, and says so."""

    case = models.ForeignKey(
        CaseSubmission, on_delete=models.PROTECT, related_name="letters", verbose_name=_("case")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    opening = models.TextField(_("opening words"), max_length=2000, blank=True)
    items = models.JSONField(
        _("recommendations"),
        help_text=_("In the order of the letter: heading, text, author, and the author's title."),
    )
    correction = models.CharField(
        _("what is corrected"), max_length=500, blank=True, help_text=_("Empty in the first letter.")
    )
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("signed by")
    )
    signed_name = models.CharField(_("signed"), max_length=200)
    signed_title = models.CharField(_("title"), max_length=200, blank=True)
    signed_at = models.DateTimeField(_("signed"))
    visible_to_cycle_at = models.DateTimeField(
        _("visible to the cycle"), help_text=_("The presenter has it from its signature on.")
    )

    class Meta:
        verbose_name = _("letter of recommendations")
        verbose_name_plural = _("letters of recommendations")
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="cases_recommendationletter_number_once"),
            models.CheckConstraint(
                condition=Q(number=1, correction="") | (Q(number__gt=1) & ~Q(correction__regex=r"^\s*$")),
                name="cases_recommendationletter_correction_says_what",
                violation_error_message=_("Write what is corrected."),
            ),
            models.CheckConstraint(
                condition=Q(visible_to_cycle_at__gte=F("signed_at")),
                name="cases_recommendationletter_presenter_first",
            ),
            models.CheckConstraint(
                condition=~Q(items=[]), name="cases_recommendationletter_recommends_something"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="letter_never_changes",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(exclude=["visible_to_cycle_at"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.case} / {self.number}"


class LibraryEntry(models.Model):
    """A case as the library's search finds it: words only, made anew whenever a letter is signed."""

    case = models.OneToOneField(
        CaseSubmission, on_delete=models.CASCADE, related_name="library_entry", verbose_name=_("case")
    )
    search = SearchVectorField(_("words"), help_text=_("In English and in French."))
    indexed_at = models.DateTimeField(_("indexed"))

    class Meta:
        verbose_name = _("entry of the library")
        verbose_name_plural = _("library")
        indexes = [GinIndex(fields=["search"], name="cases_libraryentry_search")]

    def __str__(self) -> str:
        return str(self.case)
