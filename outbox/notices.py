"""What a delivery status notification says (RFC 3464): which mail came back, and why. Pure; its input is hostile."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, message_from_string, policy
from email.message import Message

MAX_BYTES = 512 * 1024
"""More of a notification is not read: what counts stands before the returned mail's attachments."""

MAX_PARTS = 40
"""Content-Type lines of a notification that is read. A returned mail of ours has six; thousands are an attack."""

DIAGNOSTIC_LENGTH = 500

HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that break lines, turn text round or cannot be stored."""

MESSAGE_ID = re.compile(r"<[^<>\s]{1,200}@[^<>\s]{1,200}>")
STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass(frozen=True, slots=True)
class Notice:
    """A mail that did not reach somebody, by the Message-ID it was sent under, and the last server's words."""

    message_id: str
    diagnostic: str


def read_notice(content: bytes) -> Notice | None:
    """The failure that `content`, a mail as it came in, reports of another mail; None for anything else.

    Only the action `failed` is a failure (RFC 3464, 2.3.3): a mail that is late or was passed on has not come back.
    Whatever is wrong with the mail, it is no notification and no error.
    """
    content = content[:MAX_BYTES]
    if content.lower().count(b"content-type") > MAX_PARTS:
        return None
    try:
        # The policy that parses no header's inside: broken ones make the others raise.
        mail = message_from_bytes(content, policy=policy.compat32)
        if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
            return None
        if str(mail.get_param("report-type", "")).lower() != "delivery-status":
            return None
        parts = [part for part in mail.get_payload() if isinstance(part, Message)]
        diagnostic = next((words for part in parts if (words := _failure(part)) is not None), None)
        message_id = next((found for part in parts if (found := _returned_id(part))), None)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # The parser's own ways to stumble over a mail that is none.
        return None
    return Notice(message_id, diagnostic) if message_id and diagnostic is not None else None


def one_safe_line(text: str) -> str:
    """`text` as one line of at most 500 characters, without what hides, turns or breaks a line."""
    shown = "".join(" " if unicodedata.category(character) in HIDDEN else character for character in text)
    line = " ".join(shown.split())
    return line if len(line) <= DIAGNOSTIC_LENGTH else line[: DIAGNOSTIC_LENGTH - 1] + "…"


def _failure(part: Message) -> str | None:
    """What the status part says of the first recipient that was not reached; None where it reports no failure."""
    for fields in _status_fields(part):
        action = str(fields.get("Action", "")).partition("(")[0].strip().lower()
        if action != "failed":
            continue
        status = STATUS.search(str(fields.get("Status", "")))
        # "smtp; 550 5.1.1 no such user": the type says nothing to a reader.
        words = str(fields.get("Diagnostic-Code", ""))
        kind, semicolon, rest = words.partition(";")
        words = one_safe_line(rest if semicolon and " " not in kind.strip() else words)
        code = status.group() if status else ""
        if not words:
            return code
        return words if not code or code in words else one_safe_line(f"{code} {words}")
    return None


def _status_fields(part: Message) -> Iterator[Message]:
    """The groups of fields of a status part: the first is about the mail, each other about one recipient."""
    kind = part.get_content_type()
    payload = part.get_payload()
    if kind == "message/delivery-status" and isinstance(payload, list):
        yield from (fields for fields in payload if isinstance(fields, Message))
    elif kind == "message/global-delivery-status":
        # RFC 6533. The parser takes it for a mail: its head is the first group, its body the others.
        for group in payload if isinstance(payload, list) else []:
            if isinstance(group, Message):
                yield group
                for block in re.split(r"\r?\n\r?\n", _text(group)):
                    yield message_from_string(block, policy=policy.compat32)


def _returned_id(part: Message) -> str | None:
    """The Message-ID of the mail that came back, from its headers or the whole of it."""
    kind = part.get_content_type()
    payload = part.get_payload()
    returned: Message | None = None
    if kind in {"message/rfc822", "message/global"} and isinstance(payload, list) and payload:
        returned = payload[0] if isinstance(payload[0], Message) else None
    elif kind in {"text/rfc822-headers", "message/global-headers"}:
        # The parser takes the latter for a mail, too.
        if isinstance(payload, list):
            returned = payload[0] if payload and isinstance(payload[0], Message) else None
        else:
            returned = message_from_string(_text(part), policy=policy.compat32)
    if returned is None:
        return None
    found = MESSAGE_ID.search(str(returned.get("Message-ID", "")))
    return found.group() if found else None


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
