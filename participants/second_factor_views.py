"""Three of allauth's pages, with what they leave open: the first factor ends other sessions, the last one stays."""

from typing import Any

from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from allauth.usersessions.internal.flows.sessions import end_other_sessions
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from participants.requests import current_user
from participants.second_factor import has_second_factor
from participants.second_factor_forms import RemovePasskeyForm


class FirstFactorMixin:
    """With the first second factor, sessions that were begun without one end, whoever began them."""

    request: HttpRequest

    def form_valid(self, form: forms.Form) -> HttpResponse:
        """Set it up as allauth does."""
        user = current_user(self.request)
        is_first = not has_second_factor(user)
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]  # of the view it is mixed into
        if is_first:
            before = UserSession.objects.filter(user=user).count()
            end_other_sessions(self.request, user)
            if UserSession.objects.filter(user=user).count() < before:
                messages.info(self.request, _("On every other device you are logged out."))
        return response


class ActivateApp(FirstFactorMixin, ActivateTOTPView):  # type: ignore[misc]  # allauth ships no types
    """Set up an app that shows codes."""


class AddPasskey(FirstFactorMixin, AddWebAuthnView):  # type: ignore[misc]  # as above
    """Add a passkey or a security key."""


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]  # as above
    """Take a passkey away, unless it is the last second factor of somebody who must have one."""

    form_class = RemovePasskeyForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form decides about this passkey."""
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return kwargs | {"authenticator": self.object}
