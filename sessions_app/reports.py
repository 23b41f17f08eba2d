"""Reading an attendance report: text in, rows and refusals out. Pure; nothing is written here."""

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessions_app.decoding import decoded

if TYPE_CHECKING:
    import _csv

MAX_ROWS = 20_000
EMAIL_HEADERS = {"email", "e-mail", "email address", "e-mail address", "courriel", "adresse courriel"}
MINUTES_HEADERS = {
    "minutes",
    "minutes attended",
    "duration",
    "duration (minutes)",
    "durée",
    "durée (minutes)",
}


class ReportError(ValueError):
    """The file as a whole cannot be read; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One line of the report that can be read: `line` counts from 1 and includes the header."""

    line: int
    email: str
    minutes: int


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """One line that cannot be used, and why."""

    line: int
    code: str
    value: str


def read_report(content: bytes, *, session_minutes: int) -> tuple[list[ReportRow], list[RefusedRow]]:
    """Rows of a CSV file with an e-mail column and a minutes column, and the lines that cannot be used.

    Minutes are whole numbers; more than the session is clipped to it (rule 4). An address that stands twice is
    refused at its second line. Raises ReportError for a file that is empty, no text, too long or without the
    two columns.
    """
    text = _decode(content)
    if not text.strip():
        raise ReportError("empty")
    good: list[ReportRow] = []
    refused: list[RefusedRow] = []
    seen: set[str] = set()
    try:
        reader, email_at, minutes_at = _open(text)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(good) + len(refused) >= MAX_ROWS:
                raise ReportError("too_long")
            row = _read_row(reader.line_num, cells, email_at, minutes_at, session_minutes)
            if isinstance(row, ReportRow) and row.email in seen:
                row = RefusedRow(row.line, "twice", row.email)
            if isinstance(row, ReportRow):
                seen.add(row.email)
                good.append(row)
            else:
                refused.append(row)
    except csv.Error as error:
        raise ReportError("not_csv") from error
    return good, refused


def _open(text: str) -> tuple["_csv.Reader", int, int]:
    """A reader behind the header, and where the two columns are.

    The separator is the one that makes the header name both columns. csv.Sniffer guesses from the cells too, and
    takes the apostrophe of a name for a quotation mark that swallows the lines after it.
    """
    for separator in ",;\t":
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
        header = [name.strip().lower() for name in next(reader, [])]
        email_at = next((at for at, name in enumerate(header) if name in EMAIL_HEADERS), None)
        minutes_at = next((at for at, name in enumerate(header) if name in MINUTES_HEADERS), None)
        if email_at is not None and minutes_at is not None:
            return reader, email_at, minutes_at
    raise ReportError("columns")


def _decode(content: bytes) -> str:
    if content.startswith((b"PK\x03\x04", b"%PDF")) or b"\x00" in content[:1000]:
        raise ReportError("not_csv")
    return decoded(content, errors="replace")[0]


def _read_row(
    line: int, cells: list[str], email_at: int, minutes_at: int, session_minutes: int
) -> ReportRow | RefusedRow:
    if len(cells) <= max(email_at, minutes_at):
        return RefusedRow(line, "short", "")
    email, minutes = cells[email_at].strip().lower(), cells[minutes_at].strip()
    local, at, domain = email.partition("@")
    if not (local and at and "." in domain) or any(blank in email for blank in " \r\n\t"):
        return RefusedRow(line, "email", email)
    if not (minutes.isascii() and minutes.isdigit() and len(minutes) <= 4):
        return RefusedRow(line, "minutes", minutes)
    return ReportRow(line, email, min(int(minutes), session_minutes))
