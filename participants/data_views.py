"""One's own data: what the portal holds, to look at, to take along, and to have erased."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from core.personal import Section
from participants.data_forms import EraseForm
from participants.holdings import (
    accounts_of,
    for_machines,
    for_people,
    kept_of,
    removed_of,
    sections_of,
)
from participants.models import Profile, User
from participants.requests import current_user
from participants.services import erase_account
from participants.services.lifecycle import records_end

private = cache_control(private=True, no_store=True)


@login_required
@require_safe
@private
def own_data(request: HttpRequest) -> HttpResponse:
    """What is held, heading by heading with how much, and the ways to take it along or have it erased."""
    sections = sections_of(accounts_of(current_user(request)))
    return render(
        request,
        "participants/own_data.html",
        {
            "held": [(section.title, len(section.rows)) for section in sections if section.rows],
            # Whoever looks at this page was not erased.
            "empty": [section.title for section in sections if not section.rows and section.key != "erasure"],
        },
    )


@login_required
@require_safe
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
@private
def own_data_json(request: HttpRequest) -> HttpResponse:
    """Everything, for a program to read: keys and codes stay the same in every language."""
    user = current_user(request)
    with translation.override(_language(user)):
        sections = sections_of(accounts_of(user))
        content = {
            "portal": settings.PORTAL_URL,
            "account": user.email,
            "written_at": for_machines(timezone.now()),
            "language": get_language(),
            "sections": {
                section.key: [
                    {name: for_machines(value) for name, value in row.items()} for row in section.rows
                ]
                for section in sections
            },
        }
    response = JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="portal-data.json"'
    return response


@login_required
@require_safe
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth ships no types
@private
def own_data_html(request: HttpRequest) -> HttpResponse:
    """Everything, for a person to read: one page that needs nothing else, without styles or scripts."""
    user = current_user(request)
    with translation.override(_language(user)):
        content = render_to_string(
            "participants/own_data_file.html",
            {
                "email": user.email,
                "portal": settings.PORTAL_URL,
                "written_at": timezone.now(),
                "sections": [_readable(section) for section in sections_of(accounts_of(user))],
            },
        )
    response = HttpResponse(content)
    response["Content-Disposition"] = 'attachment; filename="portal-data.html"'
    return response


@login_required
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]  # as above
@private
def own_data_erase(request: HttpRequest) -> HttpResponse:
    """Say what goes, what is kept, why and until when; then, with the address typed, erase."""
    user = User.objects.get(pk=current_user(request).pk)
    is_staff = user.is_staff or user.is_superuser
    form = EraseForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and not is_staff and form.is_valid():
        erase_account(user=user, by=user, now=timezone.now())
        logout(request)
        return redirect("participants:own-data-erased")
    accounts = accounts_of(user)
    kept = kept_of(accounts)
    return render(
        request,
        "participants/erase.html",
        {
            "form": form,
            "is_staff": is_staff,
            "removed": removed_of(accounts),
            "kept": kept,
            "kept_until": records_end(kept),
        },
        status=422 if form.errors else 403 if request.method == "POST" else 200,
    )


@require_safe
def own_data_erased(request: HttpRequest) -> HttpResponse:
    """The end: what happened, for whoever is logged out now."""
    return render(request, "participants/erased.html")


def _language(user: User) -> str:
    """The person's own language; without a profile the page's."""
    chosen = Profile.objects.filter(user=user).values_list("language", flat=True).first()
    return chosen or (get_language() or "en")[:2]


def _readable(section: Section) -> dict[str, Any]:
    """A section in words; a single row reads as a list of terms, several as a table."""
    return {
        "title": section.title,
        "labels": list(section.labels.values()),
        "rows": [[for_people(row[name]) for name in section.labels] for row in section.rows],
        "is_one": section.key in {"account", "profile"} and len(section.rows) == 1,
        "terms": [(label, for_people(section.rows[0][name])) for name, label in section.labels.items()]
        if section.rows
        else [],
    }
