"""What an invitation's link leaves in the session of whoever followed it, until they have logged in."""

from collections.abc import Mapping

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.http import HttpRequest

from participants.models import User

EMAIL = "invited_email"
PROFILE = "invited_profile"
VERIFIED_EMAIL = "account_verified_email"
"""allauth's: an address that needs no code by mail when somebody signs up with it."""


def remember(request: HttpRequest, *, email: str, profile: Mapping[str, str], is_proven: bool) -> None:
    """Fill in the address at log-in and sign-up, and what is known in the first profile.

    `is_proven`: the link came by mail to this address, so signing up with it asks for no code.
    """
    forget(request)
    request.session[EMAIL] = email
    request.session[PROFILE] = dict(profile)
    if is_proven:
        get_adapter().stash_verified_email(request, email)


def invited_email(request: HttpRequest | None) -> str:
    """The address the link was sent to, or ""."""
    return str(request.session.get(EMAIL) or "") if request is not None else ""


def keep_for_sign_up(request: HttpRequest, email: str) -> None:
    """Forget all of it unless `email`, which signs up now, is the invited one.

    allauth would give the invited address to the new account besides the one that was typed: on a shared computer,
    somebody else's.
    """
    if email.lower() != (request.session.get(VERIFIED_EMAIL) or email).lower():
        forget(request)


def keep_for(request: HttpRequest, user: User) -> None:
    """Forget all of it unless `user`, who logs in now, is the person that was invited."""
    email = invited_email(request)
    if not email:
        return
    request.session.pop(EMAIL, None)
    request.session.pop(VERIFIED_EMAIL, None)
    if (
        user.email != email
        and not EmailAddress.objects.filter(user=user, email=email, verified=True).exists()
    ):
        request.session.pop(PROFILE, None)


def forget(request: HttpRequest) -> None:
    """As if no link had been followed."""
    for key in (EMAIL, PROFILE, VERIFIED_EMAIL):
        request.session.pop(key, None)
