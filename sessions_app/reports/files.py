"""From bytes to the cells of a report."""

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice

from sessions_app.decoding import decoded_any
from sessions_app.reports.columns import is_other_report, is_other_title, is_participants
from sessions_app.reports.values import ReportError

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
MAX_RECORDS = 4 * MAX_ROWS
"""Lines of all tables of a report together: people, and their comings and goings."""
MAX_LINES = 300_000
"""Empty ones, and those within quotation marks, included."""
HEADER_WITHIN = 300
TITLE_WITHIN = 3
SEPARATORS = "\t;,"

MAGICS = (
    b"PK\x03\x04", b"PK\x05\x06", b"%PDF", b"\xd0\xcf\x11\xe0", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"GIF8",
    b"7z\xbc\xaf", b"Rar!", b"{\\rtf",
)  # fmt: skip
MARKUP = re.compile(r"\s*<(?:!doctype|html|\?xml|table|body)", re.IGNORECASE)
ANNOUNCED = re.compile(r'"?sep=([,;\t])"?[,;\t]*(?:\r\n?|\n)', re.IGNORECASE)
LONG_RUN = re.compile(r'[^,;\t\r\n"]{10000,}')
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
END = "\ue000end of the report\ue000"
"""A line put behind the last: read back as part of a cell, it tells that a quotation mark was never closed."""

Record = tuple[int, list[str]]


def text_of(content: bytes) -> str:
    """The text of a report. Raises ReportError for a file that is too large, empty or no text."""
    if len(content) > MAX_BYTES:
        raise ReportError("too_large")
    if content.startswith(MAGICS):
        raise ReportError("not_csv")
    text = decoded_any(content)
    if not text.strip(" \t\r\n,;\x00"):
        raise ReportError("empty")
    if CONTROL.search(text) or MARKUP.match(text):
        raise ReportError("not_csv")
    if text.count("\n") + text.count("\r") > 2 * MAX_LINES:
        raise ReportError("too_long")
    # The csv module refuses a cell of more than 128 KB, and with it the file. No name or time is that long.
    return LONG_RUN.sub(lambda run: run[0][:1000], text)


def separator_of(text: str) -> str:
    """The separator that makes some line name people and times. Raises ReportError where none does.

    csv.Sniffer guesses from the cells too, and takes the apostrophe of a name for a quotation mark.
    """
    announced = ANNOUNCED.match(text)
    separators = announced[1] if announced else SEPARATORS
    found: list[str] = []
    for separator in separators:
        try:
            found.append(_searched(text, separator))
        except csv.Error:
            found.append("not_csv")
        except ReportError as error:
            # With another separator, a quotation mark within a cell may look like one that is never closed.
            found.append("not_csv" if error.code == "truncated" else error.code)
        if found[-1] == "found":
            return separator
    for code in ("too_long", "not_attendance", "no_columns"):
        if code in found:
            raise ReportError(code)
    raise ReportError("not_csv")


def _searched(text: str, separator: str) -> str:
    """Whether the top of a file has a header of people and times, of another report, or no header at all."""
    found = "no_columns"
    for at, (_line, cells) in enumerate(islice(records(text, separator), HEADER_WITHIN)):
        if at < TITLE_WITHIN and is_other_title(cells[0]):
            return "not_attendance"
        if len(cells) > 1 and is_participants(cells):
            return "found"
        if len(cells) > 1 and is_other_report(cells):
            found = "not_attendance"
    return found


def records(text: str, separator: str) -> Iterator[Record]:
    """Each line that holds something, with the number of its last line in the file.

    Raises ReportError where a quotation mark is never closed, and csv.Error for a cell without end.
    """
    announced = ANNOUNCED.match(text)
    reader = csv.reader(
        io.StringIO(f"{text}\n{END}\n", newline=""), delimiter=separator, skipinitialspace=True
    )
    found = 0
    if announced:
        next(reader)
    for cells in reader:
        if cells == [END]:
            return
        if END in "".join(cells[-1:]):
            raise ReportError("truncated")
        if any(map(str.strip, cells)):
            found += 1
            if found > MAX_RECORDS:
                raise ReportError("too_long")
            yield reader.line_num, cells
