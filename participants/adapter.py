"""How allauth does its work in this portal: its mails go through the outbox, its addresses are kept in one form."""

from typing import Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.utils.translation import get_language

from outbox.services import queue_rendered_mail

SECRET_MAILS = {
    "account/email/email_confirmation",
    "account/email/email_confirmation_signup",
    "account/email/login_code",
    "account/email/password_reset_code",
    "account/email/password_reset_key",
}
"""Mails that hold a code or a key: their text is erased once they are sent."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """allauth's hooks."""

    def clean_email(self, email: str) -> str:
        """The address in lower case, as it is stored and compared."""
        cleaned: str = super().clean_email(email)
        return cleaned.strip().lower()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the mail; a worker delivers it. Its words are in templates/account/email."""
        context = {"email": email, "portal_url": settings.PORTAL_URL, **context}
        message = self.render_mail(template_prefix, email, context)
        queue_rendered_mail(
            key=f"account:{uuid4()}",
            kind="account",
            to=email,
            subject=message.subject,
            body_text=str(message.body),
            language=(get_language() or "en")[:2],
            is_secret=template_prefix in SECRET_MAILS,
        )
