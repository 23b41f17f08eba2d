"""Middleware: staff have a second factor before anything else; each signed-in device notes when it was last used."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
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


class LastSeenMiddleware:
    """Notes when a signed-in device was last used, for the list on which its owner can end it.

    allauth's own middleware does that in five queries of every request; nobody reads the list to the second.
    """

    NOTED_EVERY_SECONDS = 15 * 60

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Note it where the last note is old, and answer."""
        if request.user.is_authenticated:
            now = int(time.time())
            if now - request.session.get("noted_at", 0) >= self.NOTED_EVERY_SECONDS:
                request.session["noted_at"] = now
                UserSession.objects.create_from_request(request)
        return self.get_response(request)
