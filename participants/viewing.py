"""While support looks through a participant's eyes: which pages there are, and that nothing is written."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from participants.services.viewing import note_page, open_view
from participants.view_as_admin import SESSION_KEY

SHOWN = frozenset(
    {
        "credits:home",
        "credits:cycle-detail",
        "credits:ledger-detail",
        "credits:certificate-list",
        "sessions_app:my-schedule",
        "sessions_app:cycle-slots",
        "surveys:survey-list",
    }
)
"""What is shown as the participant sees it. Never: cases, answers, own data, keys, the account's own pages."""
AS_ONESELF = frozenset(
    {
        "participants:view-end",
        "account_logout",
        "account_login",
        "set_language",
        "core:healthz",
        "core:privacy",
        "core:accessibility",
        "sessions_app:program-list",
        "sessions_app:program-detail",
        "sessions_app:cycle-schedule",
    }
)
"""Pages that are the same for everybody, or end the look."""


class ViewAsMiddleware:
    """Answers the pages of SHOWN as the participant who is looked at; refuses the rest, and every write."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Nothing to do before the address is resolved."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """The page as the participant sees it, with its banner; the administration stays one's own."""
        if SESSION_KEY not in request.session or not request.user.is_authenticated:
            return None
        match = request.resolver_match
        name = match.view_name if match else ""
        if match and match.app_names[:1] == ["admin"]:
            return None
        now = timezone.now()
        viewer: Any = request.user
        look = open_view(viewer=viewer, now=now)
        if look is None or not viewer.has_perm("participants.view_as_participant"):
            del request.session[SESSION_KEY]
            return None
        request.participant_view = look  # type: ignore[attr-defined]  # base.html shows the banner
        if name in AS_ONESELF:
            return None
        if name not in SHOWN or request.method not in {"GET", "HEAD"}:
            return render(request, "participants/view_refused.html", status=HTTPStatus.FORBIDDEN)
        note_page(look, name, now=now)
        request.user = look.participant
        return None
