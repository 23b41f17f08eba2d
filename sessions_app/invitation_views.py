"""The page behind an invitation's personal link: what it invites to, and one button that leads on."""

from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from participants import invited
from participants.models import User
from participants.requests import current_user
from sessions_app.invitation_queries import accounts_of
from sessions_app.models import Invitation
from sessions_app.services.invitations import find_invitation, is_joinable, open_invitation


@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Say what the link invites to; the button leads to sign-up, to log-in, or straight to the application.

    Looking at the page changes nothing: mail programs and scanners open every link of a mail.
    """
    now = timezone.now()
    found = find_invitation(token)
    if found is None or not _is_live(found, now=now):
        response = render(
            request, "sessions_app/invitation_over.html", {"invitation": found}, status=410 if found else 404
        )
    elif request.user.is_authenticated and not _belongs_to(found, current_user(request)):
        response = _page(
            request, found, is_somebody_else=True, status=403 if request.method == "POST" else 200
        )
    elif request.method == "POST":
        open_invitation(invitation_id=found.pk, now=now)
        response = _lead_on(request, found)
    else:
        response = _page(request, found)
    # The address is a key: no cache keeps what it opens, no search engine lists it.
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _page(
    request: HttpRequest, found: Invitation, *, is_somebody_else: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        "invitation": found,
        "cycle": found.cycle,
        "program": found.cycle.program,
        # Staff without a profile have no name to show, only an address.
        "inviter": found.invited_by.get_full_name() if hasattr(found.invited_by, "profile") else "",
        "is_somebody_else": is_somebody_else,
    }
    return render(request, "sessions_app/invitation.html", context, status=status)


def _lead_on(request: HttpRequest, found: Invitation) -> HttpResponse:
    """To the application, by way of log-in or sign-up where that is needed."""
    target = reverse("sessions_app:cycle-apply", args=[found.cycle_id])
    if request.user.is_authenticated:
        return redirect(target)
    has_account = found.account_id is not None or found.email in accounts_of([found.email])
    # Nobody but the holder of the link gets here, so the two ways tell no stranger who has an account.
    invited.remember(request, email=found.email, profile=_known(found), is_proven=not has_account)
    entrance = reverse("account_login" if has_account else "account_signup")
    return redirect(f"{entrance}?{urlencode({'next': target})}")


def _known(found: Invitation) -> dict[str, str]:
    """What the roster told, by the names of the profile's fields."""
    names = ("category", "profession", "licence_number", "practice_name", "practice_city", "language")
    return {"legal_name": found.name, **{name: str(getattr(found, name)) for name in names}}


def _is_live(found: Invitation, *, now: datetime) -> bool:
    return found.revoked_at is None and found.expires_at > now and is_joinable(found.cycle, now=now)


def _belongs_to(found: Invitation, user: User) -> bool:
    if found.account_id is not None:
        return found.account_id == user.pk
    account = accounts_of([found.email]).get(found.email)
    return account is not None and account.pk == user.pk
