"""The account one logs in with, and the audit trail of what hangs on it."""

from typing import Any, ClassVar

import pghistory
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    """Makes accounts; the e-mail address is kept in lower case, as it is compared."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new account; without a password it can log in by a code sent by mail only."""
        if not email:
            raise ValueError("An account needs an email address.")
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

    email = models.EmailField(_("email address"), max_length=254, unique=True)
    is_staff = models.BooleanField(
        _("has access to the administration"),
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
                violation_error_message=_("Write the email address in lower case."),
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


@pghistory.track(obj_field=None)
class AccountRole(User.groups.through):  # type: ignore[name-defined,misc]  # made by Django
    """A role of an account: tracked, since a role opens every record of a program."""

    class Meta:
        proxy = True
        verbose_name = _("role of an account")
        verbose_name_plural = _("roles of accounts")


@pghistory.track(obj_field=None)
class AccountEmail(EmailAddress):  # type: ignore[misc]  # allauth ships no types
    """An address that opens an account: tracked, since whoever holds it can get in."""

    class Meta:
        proxy = True
        verbose_name = _("address of an account")
        verbose_name_plural = _("addresses of accounts")


@pghistory.track(obj_field=None, exclude=["data", "last_used_at"])
class SecondFactor(Authenticator):  # type: ignore[misc]  # allauth ships no types
    """A second factor of an account: that it came and went is tracked, its secret is not."""

    class Meta:
        proxy = True
        verbose_name = _("second factor")
        verbose_name_plural = _("second factors")


@pghistory.track(obj_field=None, exclude=["extra_data", "last_login"])
class LinkedAccount(SocialAccount):  # type: ignore[misc]  # allauth ships no types
    """An account elsewhere that opens one here: tracked, since whoever holds it can get in."""

    class Meta:
        proxy = True
        verbose_name = _("link with an account elsewhere")
        verbose_name_plural = _("links with accounts elsewhere")
