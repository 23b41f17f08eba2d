"""How allauth does its work in this portal: its mails go through the outbox, its addresses are kept in one form."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import get_language

from outbox.services import queue_rendered_mail
from participants import invited
from participants.models import Profile, User
from participants.queries import unanswered_agreements
from participants.single_sign_on import join_once_inside

SECRET_MAILS = {
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
    "account/email/login_code",
    "account/email/password_reset_code",
    "account/email/password_reset_key",
}
"""Mails that hold a code or a key: their text is erased once they are sent."""

CONFIRMED = "account/messages/email_confirmed.txt"
"""What allauth says, and says only then, when an address is confirmed."""

SIGNATURE = "\n\n-- \n"


@dataclass(frozen=True)
class Line:
    """A line of a mail's text."""

    text: str

    @property
    def is_link(self) -> bool:
        """Whether it is an address of a page and nothing else.

        Addresses inside a sentence are not made links: a browser's name, which a stranger chooses, could hold one.
        """
        return re.fullmatch(r"https?://\S+", self.text) is not None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's hooks."""

    def clean_email(self, email: str) -> str:
        """The address in lower case, as it is stored and compared."""
        cleaned: str = super().clean_email(email)
        return cleaned.strip().lower()

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """The new account; an invited address is its own only if it is the one that was typed."""
        invited.keep_for_sign_up(request, form.cleaned_data.get("email") or "")
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Allauth's message; that an address was confirmed in this very request is noted for `pre_login`."""
        if message_template == CONFIRMED:
            request.confirmed_now = True  # type: ignore[attr-defined]
        super().add_message(request, level, message_template, *args, **kwargs)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Before somebody is in. Whoever confirms an address by a log-in code need not be who chose the password.

        A stranger may have signed up with the address and never confirmed it: their password opens nothing any more.
        """
        if (
            getattr(request, "confirmed_now", False)
            and not kwargs.get("signup")
            and user.has_usable_password()
        ):
            user.set_unusable_password()
            user.save(update_fields=["password"])
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        """Log in; what an invitation left for somebody else is forgotten."""
        super().login(request, user)
        invited.keep_for(request, user)

    def send_account_already_exists_mail(self, email: str) -> None:
        """Answers a sign-up with an address that has an account; as a real one does, it hashes a password."""
        make_password(get_random_string(16))
        super().send_account_already_exists_mail(email)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Where to go once logged in, whichever way: over the agreements, if one of them has no answer yet.

        Whoever has no profile is asked when they apply; staff need none for their work.
        """
        join_once_inside(request, user, (kwargs.get("signal_kwargs") or {}).get("sociallogin"))
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if user.is_staff or not Profile.objects.filter(user=user).exists() or not unanswered_agreements(user):
            return response
        return redirect(f"{reverse('participants:agreements')}?{urlencode({'next': response['Location']})}")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the mail; a worker delivers it. Its words are in templates/account/email."""
        language = (get_language() or "en")[:2]
        context = {"email": email, "portal_url": settings.PORTAL_URL, **context}
        message = self.render_mail(template_prefix, email, context)
        text = str(message.body)
        queue_rendered_mail(
            key=f"account:{uuid4()}",
            kind="account",
            to=email,
            subject=message.subject,
            body_text=text,
            body_html=_as_html(
                text, title=message.subject, code=str(context.get("code", "")), language=language
            ),
            language=language,
            is_secret=template_prefix in SECRET_MAILS,
        )


def _as_html(text: str, *, title: str, code: str, language: str) -> str:
    """The same words as paragraphs, with addresses to follow and the code set apart."""
    words = text.removesuffix(f"{SIGNATURE}ECHO Portal\n{settings.PORTAL_URL}")
    paragraphs = [[Line(line) for line in block.splitlines()] for block in re.split(r"\n{2,}", words.strip())]
    return render_to_string(
        "account/email/base.html",
        {
            "title": title,
            "paragraphs": paragraphs,
            "code": code,
            "language": language,
            "portal_url": settings.PORTAL_URL,
        },
    )
