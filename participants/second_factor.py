"""The second factor of an account: who must have one, and how its secrets are kept."""

import base64
from functools import lru_cache
from typing import Any, ClassVar

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.utils.crypto import constant_time_compare
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from participants.models import User

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""What counts as a second factor; recovery codes stand in for one and are none of their own."""


class SecretUnreadableError(DomainError):
    """A secret was encrypted with a key that this portal no longer has."""


def has_second_factor(user: User) -> bool:
    """Whether a code or a passkey is asked of this account when it logs in."""
    return bool(Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists())


def must_have_second_factor(user: User) -> bool:
    """Whether this account works in the administration."""
    return user.is_staff or user.is_superuser


def needs_second_factor(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether this account works in the administration and has no second factor yet."""
    return isinstance(user, User) and must_have_second_factor(user) and not has_second_factor(user)


@transaction.atomic
def use_totp_code(authenticator: Authenticator, code: str) -> bool:
    """Use up a code that the app has shown: it, and every older one, is worth nothing from now on.

    False when it was used before. Kept in the row, not in a cache: each web process has a cache of its own.
    """
    row = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
    secret = SecondFactorAdapter().decrypt(row.data["secret"])
    typed = "".join(code.split())
    fresh = [
        step
        for step in yield_hotp_counters_from_time()
        if step > row.data.get("last_step", 0)
        and constant_time_compare(typed, format_hotp_value(hotp_value(secret, step)))
    ]
    if not fresh:
        return False
    row.data["last_step"] = fresh[0]
    row.save(update_fields=["data"])
    return True


def set_up_app(user: User) -> None:
    """Give the account an app with a new seed that nobody holds. For the demonstration, whose people have no phone."""
    TOTP.activate(user, generate_totp_secret())


def current_totp_code(user: User) -> str | None:
    """A code of the account's app that works now; None where it has none. For the demonstration as well."""
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if row is None:
        return None
    *_before, now, after = yield_hotp_counters_from_time()
    # Who has just used this half minute's code is given the next, which is let in early.
    step = after if row.data.get("last_step", 0) >= now else now
    return str(format_hotp_value(hotp_value(SecondFactorAdapter().decrypt(row.data["secret"]), step)))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's hooks."""

    error_messages: ClassVar[dict[str, Any]] = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _(
            "An account that has access to the administration needs a second factor. Set up another "
            "one, then remove this one."
        ),
        "incorrect_code": _(
            "This code is not right, is too old, or was used before. Type the one shown now."
        ),
        "unverified_email": _(
            "Confirm the email address of your account first, or remove the one that is not confirmed."
        ),
    }

    def encrypt(self, text: str) -> str:
        """What is stored of a secret: unreadable without the portal's key."""
        return _keyring((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again; keys of before are tried as well."""
        keyring = _keyring((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
        try:
            return keyring.decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise SecretUnreadableError(
                gettext(
                    "Your second factor cannot be checked, because the portal's key was changed. "
                    "Write to the address at the foot of the page."
                )
            ) from error

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whoever works in the administration keeps one second factor."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=SECOND_FACTORS)
        return not must_have_second_factor(authenticator.user) or others.exclude(pk=authenticator.pk).exists()

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002  # allauth's
        """What a new passkey is called until its owner names it."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey {number}").format(number=number)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Who asks for a passkey, as the device shows it."""
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": "ECHO Portal"}

    def build_totp_svg(self, url: str) -> str:
        """The QR code as markup for the page itself: the policy lets no image come from a data address."""
        # Black on white in the dark as well, because telephones read nothing else; it holds only what we wrote.
        code = segno.make(url, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff")
        return mark_safe(code)  # noqa: S308


@lru_cache(maxsize=4)
def _keyring(secrets: tuple[str, ...]) -> MultiFernet:
    """Encrypts with the first of the portal's keys and decrypts with any of them."""
    return MultiFernet([Fernet(_derived(secret)) for secret in secrets])


def _derived(secret: str) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"participants.second_factor").derive(
        secret.encode()
    )
    return base64.urlsafe_b64encode(key)
