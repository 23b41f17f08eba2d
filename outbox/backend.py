"""Django's own way of sending, made to queue: nothing in the portal sends around the outbox."""

from collections.abc import Sequence
from email.message import Message
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.html import strip_tags
from django.utils.translation import get_language

from core.models import StoredFile, store_file
from outbox.rendering import one_line
from outbox.services import queue_rendered_mail


class QueueingBackend(BaseEmailBackend):
    """Queues each message once for each of its recipients.

    Who sends this way is a library, and its mail may hold a token: the text is erased once it is sent. The
    sender is always the portal's own; other headers of the message are not kept.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Queue the messages; how many there were. Raises BadInputError for one that cannot be mailed."""
        queued = 0
        for message in email_messages:
            text, html = _words(message)
            attachments = [_stored(attachment) for attachment in message.attachments]
            for recipient in message.recipients():
                queue_rendered_mail(
                    key=f"django:{uuid4()}",
                    kind="django",
                    to=recipient,
                    subject=one_line(str(message.subject)) or "-",
                    body_text=text,
                    body_html=html,
                    language=(get_language() or settings.LANGUAGE_CODE)[:2],
                    attachments=attachments,
                    is_secret=True,
                )
            queued += bool(message.recipients())
        return queued


def _words(message: EmailMessage) -> tuple[str, str]:
    body = str(message.body)
    if message.content_subtype == "html":
        return strip_tags(body), body
    if isinstance(message, EmailMultiAlternatives):
        for alternative in message.alternatives:
            content, kind = alternative
            if kind == "text/html":
                return body, str(content)
    return body, ""


def _stored(attachment: Any) -> tuple[StoredFile, str]:
    if isinstance(attachment, Message):
        content = attachment.get_payload(decode=True)
        name, kind = attachment.get_filename(), attachment.get_content_type()
    else:
        name, content, kind = attachment
    raw = content if isinstance(content, bytes) else str(content or "").encode()
    return store_file(raw, content_type=kind or "application/octet-stream"), name or "attachment"
