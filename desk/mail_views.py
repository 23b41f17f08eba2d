"""A program's mails: which words each has, changing them, looking at them with real data, a test to oneself."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from allauth.core.internal.ratelimit import consume
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.templatetags.portal import localized_text
from desk.mail_forms import WordingForm
from desk.mail_samples import default_words, preview, sample, wordings
from desk.mail_texts import BY_KEY, MAILS, MailText
from outbox.services import queue_rendered_mail
from participants.requests import current_user
from sessions_app.models import Program
from sessions_app.scope import limited
from sessions_app.services.wording import reset_mail, word_mail
from sessions_app.wordings import PLACES

Context = dict[str, Any]
TESTS = "20/h/user"
"""Tests that somebody may send to themselves."""


def mail_list(request: HttpRequest, pk: int, *, site_context: Context) -> HttpResponse:
    """Every mail that goes out in the program's name, in both languages, with whose words it has."""
    program = _program(request, pk)
    own = wordings(program)
    context = {
        **site_context,
        "title": _("Emails"),
        "subtitle": localized_text(program, "name"),
        "program": program,
        "rows": [
            (mail, [(code, name, (mail.mail, code) in own) for code, name in settings.LANGUAGES])
            for mail in MAILS
        ],
    }
    return TemplateResponse(request, "desk/mail_list.html", context)


def mail_edit(
    request: HttpRequest, pk: int, key: str, language: str, *, site_context: Context
) -> HttpResponse:
    """The words of one mail in one language: keep them, look at them, test them, or go back to the portal's."""
    program, mail = _program(request, pk), _mail(key, language)
    user = current_user(request)
    own = wordings(program).get((mail.mail, language))
    filled = sample(program, language=language, reader=user.get_short_name())
    start = (own.subject, own.text) if own else default_words(mail, filled.context, language=language)
    form = WordingForm(request.POST or None, initial={"subject": start[0], "text": start[1]})
    if request.method == "POST" and "reset" in request.POST:
        if reset_mail(program_id=program.pk, mail=mail.mail, language=language, by=user):
            messages.success(request, _("The portal’s wording applies again."))
        return redirect("admin:mail-edit", pk=program.pk, key=key, language=language)
    words = start
    if form.is_bound and form.is_valid():
        words = (form.cleaned_data["subject"], form.cleaned_data["text"])
        try:
            if "save" in request.POST:
                word_mail(
                    program_id=program.pk,
                    mail=mail.mail,
                    language=language,
                    subject=words[0],
                    text=words[1],
                    known=mail.places,
                    needed=mail.needed,
                    by=user,
                )
                messages.success(request, _("Saved. From now on, this email uses this text."))
                return redirect("admin:mail-edit", pk=program.pk, key=key, language=language)
            if "test" in request.POST:
                _send_test(request, mail, words, filled.context, language=language)
        except DomainError as error:
            form.add_error("text", str(error))
    context = {
        **site_context,
        "title": str(mail.title),
        "program": program,
        "mail": mail,
        "language": language,
        "language_name": dict(settings.LANGUAGES)[language],
        "own": own,
        "form": form,
        "places": [(f"{{{{ {name} }}}}", PLACES[name][0], name in mail.needed) for name in mail.places],
        "shown": preview(mail, words, filled.context, language=language),
        "is_real": filled.is_real,
    }
    return TemplateResponse(request, "desk/mail_edit.html", context)


def _send_test(
    request: HttpRequest, mail: MailText, words: tuple[str, str], context: Any, *, language: str
) -> None:
    """The mail to who is logged in, marked as a test; a few an hour."""
    user = current_user(request)
    action = "test-mail"
    if consume(request, app="desk", action=action, config={action: TESTS}, user=user) is None:
        messages.error(request, _("That is a lot of tests. Wait a while before sending another."))
        return
    shown = preview(mail, words, context, language=language)
    queue_rendered_mail(
        key=f"test:{user.pk}:{uuid4().hex}",
        kind="test",
        to=user.email,
        subject=f"[Test] {shown.subject}",
        body_text=shown.text,
        body_html=shown.html,
        language=language,
    )
    messages.success(request, _("A test is on its way to %(address)s.") % {"address": user.email})


def _program(request: HttpRequest, pk: int) -> Program:
    if not request.user.has_perm("sessions_app.change_program"):
        raise PermissionDenied
    return get_object_or_404(limited(Program.objects.all(), current_user(request), "pk"), pk=pk)


def _mail(key: str, language: str) -> MailText:
    if key not in BY_KEY or language not in dict(settings.LANGUAGES):
        raise Http404
    return BY_KEY[key]
