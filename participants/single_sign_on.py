"""Single sign-on with the one provider of the settings (OpenID Connect): whom it lets in, and as whom.

The provider is trusted to say who somebody is. It is not trusted with the accounts that work in the administration:
those still need the second factor that only the portal knows.
"""

import logging
from typing import Any, ClassVar

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from participants import invited
from participants.models import User
from participants.second_factor import needs_second_factor

logger = logging.getLogger(__name__)


class SingleSignOnAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's hooks."""

    error_messages: ClassVar[dict[str, Any]] = DefaultSocialAccountAdapter.error_messages | {
        "no_password": _("Set a password first. Without one, single sign-on is the way into your account."),
        "no_verified_email": _(
            "Confirm your email address first. Without it, single sign-on is your way in."
        ),
    }

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> Any:
        """The provider of the settings. One that somebody adds to the database is trusted with no account."""
        apps: list[SocialApp] = super().list_apps(request, provider=provider, client_id=client_id)
        return [app for app in apps if app.pk is None]

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """A new account as the provider describes it: its address. Nothing else is kept of what the provider sent."""
        _check_answer(request, sociallogin.account.extra_data)
        user: User = super().populate_user(request, sociallogin, data)
        for address in sociallogin.email_addresses:
            # Some providers send words, and "false" is true in Python.
            address.verified = address.verified in (True, "true")
        sociallogin.account.extra_data = {"email": user.email}
        return user

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """The account that has an address the provider has verified.

        None where that account is joined to somebody else at the provider: organizations give addresses of people
        who left to people who come.
        """
        found: tuple[User, str] | None = super().authenticate_by_email(sociallogin)
        provider = sociallogin.account.provider
        if found and SocialAccount.objects.filter(user=found[0], provider=provider).exists():
            return None
        return found

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse what the provider alone must not open."""
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            # Asked for by somebody who is logged in and has just confirmed it.
            return
        if sociallogin.is_existing:
            if needs_second_factor(sociallogin.user):
                raise _refused(
                    request,
                    gettext(
                        "Your account has access to the administration and has no second factor yet. Log in with "
                        "your password or a code by email, set one up, and then use single sign-on."
                    ),
                )
        elif not any(address.verified for address in sociallogin.email_addresses):
            raise _refused(
                request,
                gettext(
                    "Your organization has not confirmed your email address, so we cannot tell which account is yours. "
                    "Log in or sign up with your address instead."
                ),
            )

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """The new account, without a password; an invited address is its own only if it is the same."""
        invited.keep_for_sign_up(request, sociallogin.user.email)
        saved: User = super().save_user(request, sociallogin, form)
        return saved

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Leave a line for whoever looks after the portal; what was sent may hold a key, so only its kind."""
        logger.warning("Single sign-on failed: %s %s", error, type(exception).__name__ if exception else "")


def join_once_inside(request: HttpRequest, user: User, sociallogin: SocialLogin | None) -> None:
    """Join somebody who got in by a verified address to their account, after every stage of the log-in.

    allauth would do so before the second factor is asked. The account's owner is told by mail.
    """
    if sociallogin is not None and sociallogin.account.pk is None:
        sociallogin.connect(request, user)


def nonce_of(state: str) -> str:
    """What the provider repeats in its signed answer to the request with this state; nobody else can tell it."""
    return salted_hmac("participants.single_sign_on", state, algorithm="sha256").hexdigest()


def _check_answer(request: HttpRequest, said: dict[str, Any]) -> None:
    """The answer is to our question, and speaks of one person throughout (OpenID Connect Core 3.1.3.7 and 5.3.2).

    allauth checks the issuer, the audience and the time; it leaves out these two.
    """
    token, person = said.get("id_token") or {}, said.get("userinfo") or {}
    if not constant_time_compare(str(token.get("nonce", "")), nonce_of(request.GET.get("state", ""))):
        raise OAuth2Error("The answer is to another question.")
    if person and person.get("sub") != token.get("sub"):
        raise OAuth2Error("The answer speaks of two people.")


def _refused(request: HttpRequest, reason: str) -> ImmediateHttpResponse:
    page: HttpResponse = render(
        request, "socialaccount/authentication_error.html", {"reason": reason}, status=403
    )
    return ImmediateHttpResponse(page)
