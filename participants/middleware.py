"""Middleware: whoever works in the administration has a second factor before anything else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from participants.second_factor import needs_second_factor

SET_UP_PAGE = "mfa_index"
OPEN_PAGES = frozenset(
    {
        SET_UP_PAGE,
        "mfa_activate_totp",
        "mfa_add_webauthn",
        # Setting up asks who one is, and for an address that is confirmed.
        "account_reauthenticate",
        "mfa_reauthenticate",
        "account_email",
        "account_email_verification_sent",
        # What stays open to everybody.
        "account_logout",
        "set_language",
        "core:healthz",
        "core:privacy",
        "core:accessibility",
    }
)


class SecondFactorMiddleware:
    """Leads staff without a second factor from every page to the one where it is set up; nothing else is done."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do before the address is resolved."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """The page asked for, or the way to the set-up, whose page says why (`request.must_set_up`)."""
        if not needs_second_factor(request.user):
            return None
        request.must_set_up = True  # type: ignore[attr-defined]  # templates read it
        match = request.resolver_match
        if match is not None and match.view_name in OPEN_PAGES:
            return None
        return redirect(SET_UP_PAGE)
