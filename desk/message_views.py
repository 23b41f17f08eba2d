"""Writing to a group: write, look at it with who gets it, confirm, and see how far it is."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.templatetags.portal import localized_text
from desk.audiences import fingerprint, recipients
from desk.message_forms import MessageForm
from desk.message_progress import progress_of, undelivered_mails_of
from desk.models import GroupMessage
from desk.services import PLACES, send_group_message, words_for
from participants.requests import current_user
from sessions_app.models import Cycle
from sessions_app.scope import limited

Context = dict[str, Any]
NAMED = 200
"""Recipients who are listed by name before sending."""


def message_write(request: HttpRequest, pk: int, *, site_context: Context) -> HttpResponse:
    """Write to a group of the cycle; nothing is sent before the preview is confirmed."""
    _require(request)
    cycle = _cycle(request, pk)
    if request.method != "POST":
        form = MessageForm(initial={"audience": request.GET.get("to", "")})
        return _form_page(request, cycle, form, site_context)
    form = MessageForm(request.POST)
    if not form.is_valid() or "edit" in request.POST:
        if form.is_valid():
            form = MessageForm(initial=form.cleaned_data)
        return _form_page(request, cycle, form, site_context)
    values = form.cleaned_data
    if "send" in request.POST:
        try:
            message = send_group_message(
                cycle_id=cycle.pk,
                key=_key(request.POST.get("key", "")),
                seen=request.POST.get("seen", ""),
                by=current_user(request),
                now=timezone.now(),
                **values,
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return redirect("admin:message-detail", pk=message.pk)
    people = recipients(cycle, values["audience"], now=timezone.now())
    texts = {name: values[name] for name in ("subject", "text", "subject_fr", "text_fr")}
    samples = []
    for language in ("en", "fr"):
        reader = next((one for one in people if one.language == language), None)
        if reader is not None and (language == "en" or texts["subject_fr"]):
            samples.append((language, reader, words_for(reader, cycle, **texts)))
    if people and not samples:
        samples = [("en", people[0], words_for(people[0], cycle, **texts))]
    context = {
        **site_context,
        "title": _("Look at it before it is sent"),
        "cycle": cycle,
        "form": form,
        "audience": GroupMessage.Audience(values["audience"]).label,
        "people": people[:NAMED],
        "number": len(people),
        "more": max(len(people) - NAMED, 0),
        "samples": samples,
        "without_french": 0 if texts["subject_fr"] else sum(one.language == "fr" for one in people),
        "seen": fingerprint(people),
        "key": request.POST.get("key") or uuid4(),
    }
    return TemplateResponse(request, "desk/message_preview.html", context)


def message_detail(request: HttpRequest, pk: int, *, site_context: Context) -> HttpResponse:
    """How far a message is: who has it, who waits, and what did not arrive."""
    message = _message(request, pk)
    context = {
        **site_context,
        "title": message.subject,
        "message": message,
        "cycle": message.cycle,
        "progress": progress_of(message),
        "undelivered": undelivered_mails_of(message),
    }
    return TemplateResponse(request, "desk/message_detail.html", context)


def message_progress(request: HttpRequest, pk: int, *, site_context: Context) -> HttpResponse:
    """The progress alone, for the page to fetch; 286 tells htmx to stop asking."""
    message = _message(request, pk)
    progress = progress_of(message)
    return TemplateResponse(
        request,
        "desk/_message_progress.html",
        {"message": message, "progress": progress},
        status=286 if progress.is_over else 200,
    )


def _form_page(request: HttpRequest, cycle: Cycle, form: MessageForm, site_context: Context) -> HttpResponse:
    context = {
        **site_context,
        "title": _("Write to a group"),
        "subtitle": localized_text(cycle, "name"),
        "cycle": cycle,
        "form": form,
        "places": [(f"{{{{ {name} }}}}", meaning) for name, meaning in PLACES.items()],
    }
    return TemplateResponse(request, "desk/message_form.html", context)


def _require(request: HttpRequest, permission: str = "desk.send_groupmessage") -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _cycle(request: HttpRequest, pk: int) -> Cycle:
    cycles = limited(Cycle.objects.select_related("program"), current_user(request), "program")
    return get_object_or_404(cycles, pk=pk)


def _message(request: HttpRequest, pk: int) -> GroupMessage:
    _require(request, "desk.view_groupmessage")
    sent = GroupMessage.objects.select_related("cycle__program", "sent_by__profile")
    return get_object_or_404(limited(sent, current_user(request), "cycle__program"), pk=pk)


def _key(text: str) -> UUID:
    """The key that the preview gave; one that was tampered with is another message."""
    try:
        return UUID(text)
    except ValueError:
        return uuid4()
