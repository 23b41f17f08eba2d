"""Queue a mail in the transaction that causes it."""

import logging
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.utils.translation import gettext as _

from core import leases
from core.errors import BadInputError
from core.models import StoredFile
from outbox import tasks
from outbox.models import SUBJECT_LENGTH, MailAttachment, OutgoingMail
from outbox.rendering import Rendered, calendar_method, render, sender_domain
from outbox.wording import Words

logger = logging.getLogger(__name__)

NOT_ASCII = re.compile(r"[^\x00-\x7f]")

Attachments = Sequence[tuple[StoredFile, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail that is to be queued with many others: what `queue_mail` is given, without attachments and codes.

    `words` are ready words, and replace `template` and `context`.
    """

    key: str
    kind: str
    to: str
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)
    language: str
    calendar: str = ""
    words: Rendered | None = None


def queue_mail(
    *,
    key: str,
    kind: str,
    to: str,
    template: str,
    context: Mapping[str, Any],
    language: str,
    attachments: Attachments = (),
    calendar: str = "",
    is_secret: bool = False,
) -> OutgoingMail:
    """Render a mail and queue it once for each `key`; the second call returns the first's row, unchanged.

    `template` is the path without its ending, e.g. "credits/mail/certificate" (docs/outbox.md). The mail is
    delivered if and when the surrounding transaction commits. `calendar` is an iTIP text (RFC 5546) that goes with
    it; its METHOD is REQUEST or CANCEL.

    Raises BadInputError for an address, a file name, a calendar or a text that cannot be mailed.
    """
    queued = OutgoingMail.objects.filter(key=key).first()
    if queued is not None:
        return queued
    _check_language(language)
    words = render(template, context, language=language)
    return queue_rendered_mail(
        key=key,
        kind=kind,
        to=to,
        subject=words.subject,
        body_text=words.text,
        body_html=words.html,
        language=language,
        attachments=attachments,
        calendar=calendar,
        is_secret=is_secret,
    )


def queue_mails(letters: Sequence[Letter]) -> int:
    """Queue many mails as `queue_mail` does, in a few queries for all; returns how many are new.

    A letter that cannot be mailed is logged and left out: it keeps nobody else from theirs.
    """
    known = set(
        OutgoingMail.objects.filter(key__in=[letter.key for letter in letters]).values_list("key", flat=True)
    )
    words = Words()
    mails = [mail for letter in letters if letter.key not in known and (mail := _written(letter, words))]
    if mails:
        # Another worker may have queued one meanwhile: the key decides.
        OutgoingMail.objects.bulk_create(mails, ignore_conflicts=True, batch_size=500)
        _nudge_on_commit()
    return len(mails)


@transaction.atomic
def queue_rendered_mail(
    *,
    key: str,
    kind: str,
    to: str,
    subject: str,
    body_text: str,
    body_html: str = "",
    language: str,
    attachments: Attachments = (),
    calendar: str = "",
    is_secret: bool = False,
) -> OutgoingMail:
    """As `queue_mail`, with ready words. A subject of more than one line is refused, a long one is cut."""
    queued = OutgoingMail.objects.filter(key=key).first()
    if queued is not None:
        return queued
    _check_language(language)
    for _file, filename in attachments:
        _check_filename(filename)
    if is_secret and calendar:
        raise BadInputError(_("An email that holds a code carries no calendar message."))
    values = _checked_values(
        kind=kind,
        to=to,
        subject=subject,
        body_text=body_text,
        body_html=body_html,
        calendar=calendar,
        language=language,
    )
    mail, is_new = OutgoingMail.objects.get_or_create(key=key, defaults={**values, "is_secret": is_secret})
    if is_new:
        MailAttachment.objects.bulk_create(
            [MailAttachment(mail=mail, file=file, filename=filename) for file, filename in attachments]
        )
        _nudge_on_commit()
    return mail


def _written(letter: Letter, own: Words) -> OutgoingMail | None:
    """The letter as a row that is not saved yet; None, and a line in the log, where it cannot be mailed."""
    try:
        _check_language(letter.language)
        words = letter.words or render(letter.template, letter.context, language=letter.language, words=own)
        values = _checked_values(
            kind=letter.kind,
            to=letter.to,
            subject=words.subject,
            body_text=words.text,
            body_html=words.html,
            calendar=letter.calendar,
            language=letter.language,
        )
    except BadInputError as error:
        logger.warning("The mail %s cannot be queued: %s", letter.key, error)
        return None
    return OutgoingMail(key=letter.key, **values)


def _checked_values(
    *, kind: str, to: str, subject: str, body_text: str, body_html: str, calendar: str, language: str
) -> dict[str, Any]:
    """The columns of a new mail. Raises BadInputError for what cannot be mailed."""
    return {
        "kind": kind,
        "recipient": checked_address(to),
        "subject": _checked_subject(subject),
        "body_text": _checked_text(body_text),
        "body_html": _checked_text(body_html),
        "calendar": _checked_calendar(calendar),
        "language": language,
        "message_id": f"<{uuid4().hex}@{sender_domain()}>",
    }


def nudge() -> None:
    """Ask a worker to look at once. A broker that is away is no error: the poll finds what a nudge missed."""
    leases.nudge(tasks.deliver_due)


def checked_address(address: str) -> str:
    """`address` if mail can be sent there. Letters beyond ASCII are allowed before the @ (RFC 6531).

    Raises BadInputError.
    """
    local, _at, domain = address.rpartition("@")
    try:
        _refuse_control_characters(address)
        # Django's validator knows ASCII only; what else it checks holds for the other letters too.
        stand_in = NOT_ASCII.sub("x", local)
        validate_email(f"{stand_in}@{domain}")
    except (ValidationError, BadInputError):
        raise BadInputError(_("This is not an email address that email can be sent to.")) from None
    if len(address) > 254 or any(character.isspace() for character in address):
        raise BadInputError(_("This is not an email address that email can be sent to."))
    return address


def _check_language(language: str) -> None:
    if language not in dict(settings.LANGUAGES):
        raise BadInputError(_("The portal has no language “%(language)s”.") % {"language": language})


def _checked_subject(subject: str) -> str:
    subject = subject.strip(" ")
    _refuse_control_characters(subject)
    if not subject:
        raise BadInputError(_("An email needs a subject."))
    return subject if len(subject) <= SUBJECT_LENGTH else subject[: SUBJECT_LENGTH - 1] + "…"


def _check_filename(filename: str) -> None:
    _refuse_control_characters(filename)
    if not filename or len(filename) > 200 or "/" in filename or "\\" in filename:
        raise BadInputError(_("An attachment needs a plain file name."))


def _checked_text(text: str) -> str:
    # Neither PostgreSQL nor a mail can hold these two.
    if "\x00" in text or not _is_encodable(text):
        raise BadInputError(_("The text holds characters that cannot be emailed."))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _checked_calendar(calendar: str) -> str:
    # Kept with plain line breaks like the other texts; the mail has the CR LF that RFC 5545 wants.
    calendar = _checked_text(calendar)
    if calendar and calendar_method(calendar) is None:
        raise BadInputError(_("A calendar message has one METHOD, which is REQUEST or CANCEL."))
    return calendar


def _refuse_control_characters(line: str) -> None:
    # Cc holds CR, LF and NUL; Zl and Zp are line breaks to some programs; Cs cannot be written at all.
    if any(unicodedata.category(character) in {"Cc", "Zl", "Zp", "Cs"} for character in line):
        raise BadInputError(_("Addresses, subjects and file names are one line without control characters."))


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _nudge_on_commit() -> None:
    # A thousand mails of one transaction need one nudge. It is dropped only when a savepoint around the mail
    # that asked for it is rolled back; a mail queued after that asks for a nudge of its own.
    if not any(waiting[1] is nudge for waiting in connection.run_on_commit):
        transaction.on_commit(nudge, robust=True)
