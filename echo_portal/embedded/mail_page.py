"""The development-only page of the mail that the catcher has kept: only where MAIL_CATCHER_DIR is set."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

app_name = "mail"
PAGE_SIZE = 50


@dataclass(frozen=True)
class Attachment:
    """A file of a message; `number` is its place among the message's files."""

    number: int
    name: str
    size: int


@dataclass(frozen=True)
class CaughtMail:
    """What the page shows of one message."""

    name: str
    sender: str
    recipients: list[str]
    subject: str
    sent_at: datetime | None
    text: str
    attachments: list[Attachment]


def caught_files() -> dict[str, Path]:
    """The kept messages by name, newest first."""
    files = sorted(Path(settings.MAIL_CATCHER_DIR).glob("*.eml"), reverse=True)
    return {file.stem: file for file in files}


def require_file(name: str) -> Path:
    """The file of this name; a name that is not in the folder's own listing, a path among them, is a 404."""
    try:
        return caught_files()[name]
    except KeyError:
        raise Http404("There is no message of this name.") from None


def read_message(file: Path) -> EmailMessage:
    """The message in this file."""
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def describe(name: str, message: EmailMessage) -> CaughtMail:
    """The message as the page shows it: its plain text, never its HTML."""
    body = message.get_body(("plain",))
    try:
        sent_at = parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        sent_at = None
    return CaughtMail(
        name=name,
        sender=str(message.get("From", "")),
        recipients=[str(address) for address in message.get_all("X-Envelope-To", [])],
        subject=str(message.get("Subject", "")) or gettext("(no subject)"),
        sent_at=sent_at,
        text=body.get_content() if body else "",
        attachments=[
            Attachment(number, part.get_filename() or f"{number}", len(payload_of(part)))
            for number, part in enumerate(message.iter_attachments(), start=1)
        ],
    )


def payload_of(part: EmailMessage) -> bytes:
    """The decoded bytes of one part."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else part.as_bytes()


@require_safe
def mail_list(request: HttpRequest) -> HttpResponse:
    """All kept messages, newest first."""
    page: Page[tuple[str, Path]] = Paginator(list(caught_files().items()), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    mails = [describe(name, read_message(file)) for name, file in page.object_list]
    return render(request, "embedded/mail_list.html", {"page": page, "mails": mails})


@require_safe
def mail_detail(request: HttpRequest, name: str) -> HttpResponse:
    """One message: its envelope, its plain text, its files."""
    mail = describe(name, read_message(require_file(name)))
    context = {"mail": mail, "back_url": reverse("mail:list")}
    return render(request, "embedded/mail_detail.html", context)


@require_safe
def mail_source(_request: HttpRequest, name: str) -> HttpResponse:
    """The message as it was received, as a file."""
    return _download(require_file(name).read_bytes(), "message/rfc822", f"{name}.eml")


@require_safe
def mail_attachment(_request: HttpRequest, name: str, number: int) -> HttpResponse:
    """One file of a message; always a download, so that nothing of it runs on the portal's own address."""
    parts = list(read_message(require_file(name)).iter_attachments())
    if not 1 <= number <= len(parts):
        raise Http404("The message has no such file.")
    part = parts[number - 1]
    return _download(payload_of(part), part.get_content_type(), part.get_filename() or f"{name}-{number}")


def _download(content: bytes, content_type: str, filename: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=filename) or "attachment"
    )
    return response


urlpatterns = [
    path("", mail_list, name="list"),
    path("<str:name>/", mail_detail, name="detail"),
    path("<str:name>/source/", mail_source, name="source"),
    path("<str:name>/files/<int:number>/", mail_attachment, name="attachment"),
]
