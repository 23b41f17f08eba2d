"""From templates to text, and from a queued mail to the bytes that go over the wire."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.utils import format_datetime, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.message import utf8_charset_qp
from django.template import Context, TemplateDoesNotExist, loader
from django.utils import timezone, translation
from django.utils.encoding import punycode

from outbox.models import OutgoingMail
from outbox.placeholders import fill
from outbox.smtp import Envelope
from outbox.wording import Words

CALENDAR_METHODS = frozenset({"REQUEST", "CANCEL"})


@dataclass(frozen=True)
class Rendered:
    """A mail's words: a subject of one line, plain text, and HTML where the mail has it."""

    subject: str
    text: str
    html: str


def render(
    template: str, context: Mapping[str, Any], *, language: str, words: Words | None = None
) -> Rendered:
    """The mail in the program's own words, where it has some (outbox.wording), else from its templates.

    `words` keeps what was looked up, for who renders many.
    """
    own = (words or Words()).of(template, context, language=language)
    if own is None:
        return render_default(template, context, language=language)
    wording, values = own
    with translation.override(language):
        found = values(f"{wording.subject}\n{wording.text}", context)
    return render_words(wording.subject, wording.text, found, language=language)


def render_default(template: str, context: Mapping[str, Any], *, language: str) -> Rendered:
    """Render "<template>.subject.txt", "<template>.txt" and, where it exists, "<template>.html".

    Every template also gets `portal_url` and `language`. Line breaks in a subject become spaces: a name that
    holds one cannot add a header.
    """
    values = {"portal_url": settings.PORTAL_URL, "language": language, **context}
    with translation.override(language):
        subject = one_line(_plain(f"{template}.subject.txt", values))
        text = _plain(f"{template}.txt", values).strip() + "\n"
        try:
            html = loader.get_template(f"{template}.html").render(values)
        except TemplateDoesNotExist as error:
            if error.args[:1] != (f"{template}.html",):
                raise
            html = ""
    return Rendered(subject=subject, text=text, html=html)


def render_words(subject: str, text: str, values: Mapping[str, str], *, language: str) -> Rendered:
    """Words that a person wrote, with their places filled in (outbox.placeholders); the HTML says the same.

    What fills a place is text: line breaks in a subject become spaces, and no tag of HTML works.
    """
    filled = fill(text, values).replace("\r\n", "\n").strip()
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", filled) if part.strip()]
    context = {"portal_url": settings.PORTAL_URL, "language": language, "paragraphs": paragraphs}
    with translation.override(language):
        html = loader.get_template("outbox/mail/worded.html").render(context)
    return Rendered(subject=one_line(fill(subject, values)), text=f"{filled}\n", html=html)


def _plain(name: str, values: dict[str, Any]) -> str:
    # Plain text is not HTML: Django would write O&#x27;Brien.
    compiled = loader.get_template(name).template  # type: ignore[attr-defined]  # the Django engine's wrapper
    return str(compiled.render(Context(values, autoescape=False)))


def one_line(text: str) -> str:
    """`text` with every line break, tab and run of spaces made one space."""
    return " ".join(text.split())


def sender_domain() -> str:
    """The domain that the portal's mail comes from."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return punycode(domain) if domain else "localhost"


def calendar_method(calendar: str) -> str | None:
    """What an iTIP text asks of a calendar, REQUEST or CANCEL; None where that is not said once and plainly.

    The word goes into a header, so nothing else is taken.
    """
    # A folded line goes on after a space: what somebody wrote into a description never begins a line.
    methods = re.findall(r"^METHOD:(.*)$", calendar.replace("\r\n", "\n"), re.MULTILINE | re.IGNORECASE)
    return methods[0] if len(methods) == 1 and methods[0] in CALENDAR_METHODS else None


def build(mail: OutgoingMail) -> Envelope:
    """The message of `mail`: the same date and Message-ID at every try, so that a copy can be told.

    Raises whatever Django or the email package raises for a mail that cannot be made.
    """
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.body_text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[mail.recipient],
        headers={
            "Message-ID": mail.message_id,
            "Date": format_datetime(timezone.localtime(mail.queued_at)),
            # RFC 3834: no out-of-office answers to this one.
            "Auto-Submitted": "auto-generated",
            "Content-Language": mail.language,
        },
    )
    # Quoted-printable is ASCII: it passes servers that know no 8-bit text.
    message.encoding = utf8_charset_qp
    if mail.body_html:
        message.attach_alternative(mail.body_html, "text/html")
    if method := calendar_method(mail.calendar):
        # As the big calendars do: some programs act on the alternative, some on the file alone (RFC 6047).
        message.attach_alternative(mail.calendar, f"text/calendar; method={method}")
        lines = mail.calendar.replace("\n", "\r\n")
        message.attach("invite.ics", lines.encode(), "application/ics")
    for attachment in mail.attachments.select_related("file").order_by("pk"):
        message.attach(attachment.filename, bytes(attachment.file.content), attachment.file.content_type)
    content = message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # Django's own messages

    sender = _wire_form(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    recipient = _wire_form(mail.recipient)
    if not recipient.isascii():
        # Django writes such an address as an encoded word, which is no address; RFC 6532 wants it as it is.
        parsed = message_from_bytes(content, policy=policy.SMTPUTF8)
        parsed.replace_header("To", recipient)
        content = parsed.as_bytes()
    return Envelope(sender=sender, recipient=recipient, content=content)


def _wire_form(address: str) -> str:
    local, _at, domain = address.rpartition("@")
    return f"{local}@{punycode(domain)}"
