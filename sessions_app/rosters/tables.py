"""A table out of the bytes of a file: CSV or an Excel workbook, told apart by what is in it, never by its name."""

import contextlib
import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from typing import Any, Literal

import openpyxl

from sessions_app.decoding import UTF_8, decoded
from sessions_app.rosters.columns import MAX_HEADER, names_email
from sessions_app.rosters.problems import RosterError, RosterProblem

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 10_000
MAX_COLUMNS = 50
MAX_UNPACKED = 60 * 1024 * 1024
MAX_TAGS = 4_000_000
"""As many as the cells and words of a full workbook need; more only cost time."""
MAX_OTHER_TAGS = 100_000
"""In a part of a workbook that is neither a sheet nor its words, such as the styles: each of these costs a lot."""
MAX_CELL = 131_072
"""The csv module's own limit; a spreadsheet's cell holds a quarter of it."""
LAST_SHEET_ROW = 1_048_576
HEADER_WITHIN = 10
"""So many rows are searched for the header: titles often stand above it."""

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
DELIMITERS = (",", ";", "\t")
OTHER_FORMATS = ("<html", "<!doctype", "<?xml", "<table", "%pdf", "{\\rtf", "begin:vcard")
SHEET_OR_WORDS = re.compile(rb"<(?:\w+:)?(?:worksheet|sst)\b")
SEPARATOR_LINE = re.compile(r'"?sep=([,;\t])"?\r?\n', re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
ESCAPED = re.compile(r"_x(00[01][0-9A-Fa-f])_")

Record = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row that holds something.

    `number` is the row's as the spreadsheet shows it; in a CSV file, the line, counted from 1, on which it begins,
    which is the same number as long as no cell holds a line break.
    """

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Headers and rows as they were typed; a row can have fewer cells than there are headers, or (CSV) more."""

    headers: tuple[str, ...]
    rows: tuple[TableRow, ...]
    encoding: str
    kind: Literal["csv", "xlsx"]


def read_table(content: bytes) -> Table:
    """The table of a file: its header (titles above it are passed over) and the rows below that hold something.

    CSV in UTF-8, UTF-16 with its mark or Windows-1252, with commas, semicolons or tabs; of a workbook, the first
    visible sheet that holds something. A formula comes through as its text, beginning with "=".

    Raises RosterError, and nothing else, for whatever cannot be used.
    """
    if len(content) > MAX_BYTES:
        raise RosterError(RosterProblem.TOO_LARGE, MAX_BYTES)
    if content.startswith(ZIP_MAGIC):
        return _read_workbook(content)
    if content.startswith(OLE_MAGIC):
        # A workbook with a password is packed like the Excel files of before 2007.
        locked = ENCRYPTED_STREAM in content
        raise RosterError(RosterProblem.PASSWORD if locked else RosterProblem.OLD_EXCEL)
    text, encoding = _text(content)
    if not text.strip(" \t\r\n,;"):
        raise RosterError(RosterProblem.EMPTY)
    announced = SEPARATOR_LINE.match(text)
    delimiter = announced[1] if announced else _delimiter(text)
    records = islice(_csv_records(text, delimiter), 1 if announced else 0, None)
    table = _table(records, encoding, "csv")
    if any(CONTROL.search(header) for header in table.headers):
        raise RosterError(RosterProblem.NOT_A_TABLE)
    return table


def _table(records: Iterable[Record], encoding: str, kind: Literal["csv", "xlsx"]) -> Table:
    filled = _filled(records)
    top = list(islice(filled, HEADER_WITHIN))
    if not top:
        raise RosterError(RosterProblem.EMPTY)
    header_at = _header_at(top)
    header = [" ".join(cell[:MAX_HEADER].split()) for cell in top[header_at][1]]
    if any(header[MAX_COLUMNS:]):
        raise RosterError(RosterProblem.TOO_MANY_COLUMNS, MAX_COLUMNS)
    width = (
        len(header[:MAX_COLUMNS]) if kind == "csv" else max(at for at, name in enumerate(header, 1) if name)
    )
    # Beside a sheet's table stand remarks; in CSV, a cell beyond the header is a separator that was not quoted.
    kept = None if kind == "csv" else width
    rows: list[TableRow] = []
    for number, cells in chain(top[header_at + 1 :], filled):
        if kind == "xlsx" and _is_blank(cells[:width]):
            continue
        if len(rows) >= MAX_ROWS:
            raise RosterError(RosterProblem.TOO_MANY_ROWS, MAX_ROWS)
        rows.append(TableRow(number, cells[:kept]))
    if not rows:
        raise RosterError(RosterProblem.NO_ROWS)
    return Table(tuple(header[:width]), tuple(rows), encoding, kind)


def _header_at(top: list[Record]) -> int:
    """Which of the first rows names the columns: the one with an e-mail column, else the first."""
    for at, (_number, cells) in enumerate(top):
        if any(map(names_email, cells)) and not any("@" in cell for cell in cells):
            return at
    number, cells = top[0]
    if any("@" in cell for cell in cells):
        raise RosterError(RosterProblem.NO_HEADER, number)
    return 0


def _filled(records: Iterable[Record]) -> Iterator[Record]:
    return ((number, cells) for number, cells in records if not _is_blank(cells))


def _is_blank(cells: tuple[str, ...]) -> bool:
    together = "".join(cells)
    return not together or together.isspace()


# --- CSV ------------------------------------------------------------------------------------------------------------


def _text(content: bytes) -> tuple[str, str]:
    try:
        if content.startswith(UTF_16_MARKS):
            text, encoding = content.decode("utf-16"), "utf-16"
        elif b"\x00" in content:
            raise RosterError(RosterProblem.NOT_A_TABLE)
        else:
            text, encoding = decoded(content)
    except UnicodeDecodeError as error:
        raise RosterError(RosterProblem.ENCODING, error.start) from error
    if "\x00" in text or text[:100].lstrip().lower().startswith(OTHER_FORMATS):
        raise RosterError(RosterProblem.NOT_A_TABLE)
    return text, encoding


def _delimiter(text: str) -> str:
    """The separator that makes the header name an e-mail column, and of those the one that gives most columns.

    csv.Sniffer guesses from the cells too, and takes the apostrophe of a name for a quotation mark.
    """
    best, best_score = DELIMITERS[0], (False, 0)
    for delimiter in DELIMITERS:
        top: list[tuple[str, ...]] = []
        # A quotation mark that is out of place under this separator can be right under another; if it is under
        # none, reading the table says so.
        with contextlib.suppress(RosterError):
            filled = _filled(_csv_records(text, delimiter))
            top.extend(cells for _number, cells in islice(filled, HEADER_WITHIN))
        score = max(((any(map(names_email, cells)), len(cells)) for cells in top), default=(False, 0))
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _csv_records(text: str, delimiter: str) -> Iterator[Record]:
    """The records with the lines they begin on. Strict: a lone quotation mark would swallow the people after it."""
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    first_line = 1
    try:
        for cells in reader:
            if cells:
                yield first_line, tuple(cells[: MAX_COLUMNS + 1])
            first_line = reader.line_num + 1
    except csv.Error as error:
        is_long = "field limit" in str(error) and reader.line_num <= first_line
        problem = RosterProblem.CELL_TOO_LONG if is_long else RosterProblem.LONE_QUOTE
        raise RosterError(problem, first_line) from error


# --- Excel ----------------------------------------------------------------------------------------------------------


def _read_workbook(content: bytes) -> Table:
    try:
        _check_archive(content)
        workbook = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        try:
            return _first_filled_sheet(workbook)
        finally:
            workbook.close()
    except RosterError:
        raise
    except Exception as error:  # A damaged workbook makes openpyxl fail in any way at all.
        raise RosterError(RosterProblem.NOT_A_TABLE) from error


def _check_archive(content: bytes) -> None:
    """Unpack everything once, without keeping it: a small archive can hold more than the memory.

    What the directory says is checked first, and what comes out as it comes.
    """
    unpacked = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        if sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise RosterError(RosterProblem.TOO_LARGE, MAX_UNPACKED)
        if any(part.flag_bits & 0x1 for part in parts):
            raise RosterError(RosterProblem.PASSWORD)
        if any(part.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED} for part in parts):
            raise RosterError(RosterProblem.NOT_A_TABLE)
        for part in parts:
            tags, most = 0, 0
            with archive.open(part) as stream:
                while chunk := stream.read(65_536):
                    most = most or (MAX_TAGS if SHEET_OR_WORDS.search(chunk) else MAX_OTHER_TAGS)
                    unpacked += len(chunk)
                    tags += chunk.count(b"<")
                    if unpacked > MAX_UNPACKED or tags > most:
                        raise RosterError(RosterProblem.TOO_LARGE, MAX_UNPACKED)


def _first_filled_sheet(workbook: Any) -> Table:
    for sheet in workbook.worksheets:
        if sheet.sheet_state != "visible":
            continue
        # The size a sheet states can be wrong, and rows would be filled up to it.
        sheet.reset_dimensions()
        try:
            return _table(_sheet_records(sheet), UTF_8, "xlsx")
        except RosterError as error:
            if error.problem != RosterProblem.EMPTY:
                raise
    raise RosterError(RosterProblem.EMPTY)


def _sheet_records(sheet: Any) -> Iterator[Record]:
    rows = sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True)
    for number, values in enumerate(rows, start=1):
        if number > LAST_SHEET_ROW:
            raise RosterError(RosterProblem.NOT_A_TABLE)
        if values.count(None) == len(values):
            continue
        cells = tuple("" if value is None else _cell_text(value) for value in values)
        if max(map(len, cells)) > MAX_CELL:
            raise RosterError(RosterProblem.CELL_TOO_LONG, number)
        yield number, cells


def _cell_text(value: object) -> str:
    """What a person reads in the cell: 12345.0 is the number 12345, a date is written as ISO 8601 has it."""
    match value:
        case str():
            return ESCAPED.sub(lambda code: chr(int(code[1], 16)), value) if "_x00" in value else value
        case bool():
            return str(value).upper()
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case int() | float() | timedelta():
            return str(value)
        case datetime() if value.time() != time():
            return value.isoformat(" ", "seconds")
        case datetime():
            return value.date().isoformat()
        case date() | time():
            return value.isoformat()
    # Formulas over several cells.
    formula = str(getattr(value, "text", None) or "")
    return formula if formula.startswith("=") else f"={formula}"
