"""What a cycle leaves behind, held against each other: rows, PDFs and the mails that an SMTP server received."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

from sessions_app.models import Cycle, Enrolment


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate as its row has it."""

    number: str
    recipient: str
    sha256: str
    pdf: bytes


@dataclass(frozen=True, slots=True)
class Caught:
    """A mail as the server received it; the attachments by name, each as the SHA-256 of its content."""

    recipient: str
    attachments: tuple[tuple[str, str], ...]


def read_mail(path: Path) -> Caught:
    """Read a message that the mail catcher kept."""
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    return Caught(
        recipient=str(message["X-Envelope-To"]),
        attachments=tuple(
            (part.get_filename() or "", hashlib.sha256(_payload(part.get_payload(decode=True))).hexdigest())
            for part in message.walk()
            if part.get_content_disposition() == "attachment"
        ),
    )


def find_problems(
    *, eligible: Iterable[str], letters: Iterable[str], issued: Sequence[Issued], caught: Sequence[Caught]
) -> list[str]:
    """Everything that is missing, doubled or altered, one sentence each; empty when all is well.

    `eligible` and `letters` are email addresses: each of the first must have a certificate and its mail; the second
    names a person once for each letter that a step of their application asks for.
    """
    problems = [
        *_differences("the certificate", eligible, [row.recipient for row in issued]),
        *_differences(
            "a letter about the application",
            letters,
            [mail.recipient for mail in caught if not mail.attachments],
        ),
    ]
    by_name: dict[str, list[tuple[Caught, str]]] = {}
    for mail in caught:
        for name, digest in mail.attachments:
            by_name.setdefault(name, []).append((mail, digest))
    for row in issued:
        problems += _problems_of(row, by_name.pop(f"{row.number}.pdf", []))
    problems += [f"A mail carries {name}, which no certificate is." for name in sorted(by_name)]
    return problems


def letters_due(cycle: Cycle) -> list[str]:
    """The address of each participant, once for each step of their application, as the rows tell it."""
    return [
        enrolment.participant.email
        for enrolment in cycle.enrolments.select_related("participant").prefetch_related("offers")
        for is_told in (
            True,  # that the application is in
            enrolment.enrolled_on is not None,
            enrolment.waitlisted_at is not None,
            enrolment.status in {Enrolment.Status.DECLINED, Enrolment.Status.WITHDRAWN},
            *(True for _offer in enrolment.offers.all()),
        )
        if is_told
    ]


def _problems_of(row: Issued, mails: list[tuple[Caught, str]]) -> list[str]:
    problems = []
    if not row.pdf.startswith(b"%PDF-") or hashlib.sha256(row.pdf).hexdigest() != row.sha256:
        problems.append(f"{row.number}: the stored PDF is not the one whose SHA-256 the row has.")
    if len(mails) != 1:
        problems.append(f"{row.number}: {len(mails)} mails carry it; there must be one.")
    for mail, digest in mails:
        if mail.recipient != row.recipient:
            problems.append(f"{row.number}: mailed to {mail.recipient}, not to {row.recipient}.")
        if digest != row.sha256:
            problems.append(f"{row.number}: the attachment is not the PDF whose SHA-256 the row has.")
    return problems


def _differences(what: str, wanted: Iterable[str], found: Iterable[str]) -> list[str]:
    missing, found_by = Counter(wanted), Counter(found)
    missing.subtract(found_by)
    return [
        f"{address}: {what} is missing."
        if count > 0
        else f"{address}: {what} came {-count} time(s) too often."
        for address, count in sorted(missing.items())
        if count
    ]


def _payload(content: object) -> bytes:
    return content if isinstance(content, bytes) else b""
