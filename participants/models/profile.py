"""The professional profile that credits are counted for, and a change of category that a coordinator decides."""

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from participants.enums import Category, College, PracticeSetting, PracticeType, Profession

POSTAL_PREFIX = r"^[ABCEGHJKLMNPRSTVXY][0-9][ABCEGHJKLMNPRSTVWXYZ]$"
"""The first half of a Canadian postal code (rule 33)."""


@pghistory.track()
class Profile(models.Model):
    """Who a participant is professionally: decides the credit line and the name on the certificate."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="profile")
    legal_name = models.CharField(
        _("name as licensed"),
        max_length=200,
        help_text=_("As your college has it: this name is printed on your certificate."),
    )
    preferred_name = models.CharField(
        _("preferred name"),
        max_length=100,
        blank=True,
        help_text=_("What colleagues call you, if it differs."),
    )
    category = models.CharField(
        _("professional category"),
        max_length=20,
        choices=Category.choices,
        help_text=_("Decides which credits you earn."),
    )
    profession = models.CharField(
        _("profession"),
        max_length=30,
        choices=Profession.choices,
        blank=True,
        help_text=_("For other health professionals."),
    )
    college = models.CharField(
        _("college"),
        max_length=20,
        choices=College.choices,
        blank=True,
        help_text=_("The regulator that licenses you."),
    )
    licence_number = models.CharField(
        _("licence number"),
        max_length=30,
        blank=True,
        help_text=_("Your number with your college, so that it can match your credits."),
    )
    specialty = models.CharField(
        _("specialty or focus"),
        max_length=100,
        blank=True,
        help_text=_("Tells the hub who is in the room, for example “anesthesiology” or “wound care”."),
    )
    practising_since = models.PositiveSmallIntegerField(
        _("in practice since"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1940), MaxValueValidator(2100)],
        help_text=_("A year, for example 2012. The program's reports count experience in groups."),
    )
    practice_name = models.CharField(
        _("practice"), max_length=200, blank=True, help_text=_("Where you see patients.")
    )
    practice_type = models.CharField(
        _("kind of practice"),
        max_length=30,
        choices=PracticeType.choices,
        blank=True,
        help_text=_("The funder asks whom the program reaches."),
    )
    practice_setting = models.CharField(
        _("setting"), max_length=10, choices=PracticeSetting.choices, blank=True
    )
    practice_city = models.CharField(_("city or town"), max_length=100, blank=True)
    postal_prefix = models.CharField(
        _("first three characters of the postal code"),
        max_length=3,
        blank=True,
        help_text=_("Of your practice, for example K7L: shows which regions the program reaches."),
    )
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=settings.LANGUAGES,
        default="en",
        help_text=_("For emails and certificates."),
    )
    accessibility_needs = models.TextField(
        _("accessibility needs"),
        max_length=1000,
        blank=True,
        help_text=_("What would help you take part, for example captions. Only coordinators read this."),
    )

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        constraints = [
            models.CheckConstraint(
                condition=Q(category__in=Category.values), name="participants_profile_category_known"
            ),
            models.CheckConstraint(
                condition=(Q(category=Category.OTHER) & Q(profession__in=Profession.values))
                | (~Q(category=Category.OTHER) & Q(profession="")),
                name="participants_profile_profession_only_for_other",
                violation_error_message=_(
                    "Choose a profession for other health professionals, and only for them."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(legal_name__regex=r"^\s*$") & ~Q(legal_name__regex=r"[\r\n]"),
                name="participants_profile_name_one_line",
                violation_error_message=_("Write the name on one line."),
            ),
            models.CheckConstraint(
                condition=Q(language__in=["en", "fr"]), name="participants_profile_language_known"
            ),
            # Rule 33, its first half: a whole postal code can point to a street, three characters cannot.
            models.CheckConstraint(
                condition=Q(postal_prefix="") | Q(postal_prefix__regex=POSTAL_PREFIX),
                name="participants_profile_postal_prefix",
                violation_error_message=_("Write the first three characters, for example K7L."),
            ),
            models.CheckConstraint(
                condition=Q(practising_since__isnull=True) | Q(practising_since__range=(1940, 2100)),
                name="participants_profile_practising_since",
                violation_error_message=_("Write a year, for example 2012."),
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name


@pghistory.track()
class CategoryRequest(models.Model):
    """Somebody who has earned credit asks to be counted in another category: a coordinator decides.

    The category decides the credit line, so it does not change by itself once something was earned under it.
    """

    class Status(models.TextChoices):
        """Open until decided, once."""

        OPEN = "open", pgettext_lazy("request", "Open")
        GRANTED = "granted", pgettext_lazy("request", "Granted")
        REFUSED = "refused", pgettext_lazy("request", "Refused")

    profile = models.ForeignKey(
        Profile, on_delete=models.PROTECT, related_name="category_requests", verbose_name=_("profile")
    )
    category = models.CharField(_("professional category"), max_length=20, choices=Category.choices)
    profession = models.CharField(_("profession"), max_length=30, choices=Profession.choices, blank=True)
    reason = models.CharField(_("reason"), max_length=500)
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.OPEN, editable=False
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    decided_at = models.DateTimeField(_("decided"), null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("decided by"),
    )

    class Meta:
        verbose_name = _("request for another category")
        verbose_name_plural = _("requests for another category")
        ordering = ["-asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["profile"], condition=Q(status="open"), name="participants_categoryrequest_one_open"
            ),
            models.CheckConstraint(
                condition=(Q(category=Category.OTHER) & Q(profession__in=Profession.values))
                | (Q(category__in=[Category.FAMILY_PHYSICIAN, Category.SPECIALIST]) & Q(profession="")),
                name="participants_categoryrequest_profession_fits",
            ),
            models.CheckConstraint(
                condition=Q(status="open", decided_at__isnull=True, decided_by__isnull=True)
                | Q(status__in=["granted", "refused"], decided_at__isnull=False, decided_by__isnull=False),
                name="participants_categoryrequest_decided_has_actor",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile}: {self.get_category_display()}"
