"""People: the account one logs in with, and the professional profile that credits are counted for."""

from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from participants.enums import Category, Profession


class UserManager(BaseUserManager["User"]):
    """Makes accounts; the e-mail address is kept in lower case, as it is compared."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new account; without a password it can log in by a code sent by mail only."""
        if not email:
            raise ValueError("An account needs an e-mail address.")
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An account that may do everything in the administration."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The account with this address, whatever the letter case it was typed in."""
        return self.get(email=(username or "").strip().lower())


@pghistory.track(exclude=["password", "last_login"])
class User(AbstractBaseUser, PermissionsMixin):
    """An account: one person, one e-mail address."""

    email = models.EmailField(_("e-mail address"), max_length=254, unique=True)
    is_staff = models.BooleanField(
        _("works in the administration"),
        default=False,
        help_text=_("Coordinators and the hub team. Needs a role as well."),
    )
    is_active = models.BooleanField(
        _("active"), default=True, help_text=_("Switch this off instead of deleting an account.")
    )
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="participants_user_email_is_lower_case",
                violation_error_message=_("Write the e-mail address in lower case."),
            )
        ]

    def __str__(self) -> str:
        return self.email

    def clean(self) -> None:
        """Bring the address into the one form it is kept in."""
        self.email = self.email.strip().lower()

    def get_full_name(self) -> str:
        """The name as licensed where the profile is filled in, else the address."""
        profile = getattr(self, "profile", None)
        return profile.legal_name if profile else self.email

    def get_short_name(self) -> str:
        """The name one is greeted with."""
        profile = getattr(self, "profile", None)
        return (profile.preferred_name or profile.legal_name) if profile else self.email


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
    licence_number = models.CharField(
        _("licence number"),
        max_length=30,
        blank=True,
        help_text=_("Your number with your college, so that it can match your credits."),
    )
    practice_name = models.CharField(_("practice"), max_length=200, blank=True)
    practice_city = models.CharField(_("city or town"), max_length=100, blank=True)
    language = models.CharField(
        _("language"),
        max_length=2,
        choices=settings.LANGUAGES,
        default="en",
        help_text=_("For mails and certificates."),
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
        ]

    def __str__(self) -> str:
        return self.legal_name
