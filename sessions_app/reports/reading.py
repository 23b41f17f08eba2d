"""From the cells of a report to connections and problems."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from sessions_app.reports import columns as headers
from sessions_app.reports.columns import Columns
from sessions_app.reports.files import MAX_ROWS, Record, records, separator_of, text_of
from sessions_app.reports.names import MAX_NAME, cleaned, exact, is_formula
from sessions_app.reports.sections import sections_joined
from sessions_app.reports.times import (
    TORONTO,
    Order,
    Written,
    date_of,
    moment_of,
    order_of,
    read_minutes,
    read_time,
)
from sessions_app.reports.values import Connection, Interval, Report, ReportError, ReportProblem

MAX_EMAIL = 254
MAX_SHOWN = 100
ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,180}\.[^@\s.,;<>\"]{2,63}")
MEETING_ID = re.compile(r"[0-9](?:[ \u00a0-]?[0-9]){7,14}")
FRENCH = re.compile(r"\b(?:nom|courriel|duree|heure|adresse|reunion|horodatage|prenom)\b")
YES = frozenset({"yes", "y", "oui", "o", "true", "vrai", "1"})
NO = frozenset({"no", "n", "non", "false", "faux", "0"})
NOTHING = frozenset({"", "-", "--", "—", "n/a", "s/o"})
CAME = re.compile(r"joined(?: before)?|(?:a )?rejoint(?: .*)?|entree?|s est joint.*")
WENT = re.compile(r"left|(?:a )?quitte(?: .*)?|sorti|parti|depart")


@dataclass(slots=True)
class _Line:
    """One line about a person, its times not yet placed on a day."""

    line: int
    name: str
    email: str
    other_email: str
    times: tuple[Written | None, Written | None] = (None, None)
    on: Written | None = None
    minutes: float | None = None
    action: Literal["", "came", "went"] = ""
    is_span: bool = False


@dataclass(slots=True)
class _Draft:
    """What has been read so far."""

    lines: list[_Line] = field(default_factory=list)
    problems: list[ReportProblem] = field(default_factory=list)
    headers: list[list[str]] = field(default_factory=list)
    meeting_id: str = ""
    meeting_times: list[Written] = field(default_factory=list)
    rows: int = 0
    is_timed: bool = False

    def refuse(self, line: int, code: str, value: str = "") -> None:
        """Note what is wrong with a line."""
        self.problems.append(ReportProblem(line, code, cleaned(value[:MAX_SHOWN])))


def read_report(content: bytes, *, starts_at: datetime, ends_at: datetime) -> Report:
    """What a report of Zoom or Teams, or a table of addresses and minutes, says of the session from `starts_at`.

    Where a date can be read two ways, the one that fits the session's day is taken. Lines about the waiting room give
    nothing; lines that cannot be used stand among the problems. Raises ReportError, and nothing else, for a file that
    is no report, whose end is missing, or that is of another day.
    """
    text = text_of(content)
    separator = separator_of(text)
    try:
        draft = _drafted(text, separator)
    except csv.Error as error:
        raise ReportError("not_csv") from error
    if not draft.rows:
        raise ReportError("empty")
    day = starts_at.astimezone(TORONTO).date()
    order = order_of((*_all_times(draft), *draft.meeting_times), day=day, is_french=_is_french(draft.headers))
    meeting_dates = [on for each in draft.meeting_times if (on := date_of(each, order))]
    connections, dates = _placed(draft, order, meeting_dates[0] if meeting_dates else day)
    held_on = _held_on(dates, meeting_dates, day, ends_at)
    spans = {line.line: line.minutes for line in draft.lines if line.is_span}
    if spans:
        connections = sections_joined(connections, spans, starts_at=starts_at, ends_at=ends_at)
    return Report(
        kind=_kind(draft),
        connections=tuple(connections),
        problems=tuple(sorted(draft.problems, key=lambda problem: problem.line)),
        is_timed=draft.is_timed,
        meeting_id=draft.meeting_id,
        held_on=held_on,
    )


# --- from cells to lines --------------------------------------------------------------------------------------------


def _drafted(text: str, separator: str) -> _Draft:
    draft = _Draft()
    columns: Columns | None = None
    block: list[str] | None = None
    widths: list[int] = []
    rows_of_table = 0
    is_cut = not text.endswith(("\n", "\r"))
    for (line, cells), is_last in _with_last(records(text, separator)):
        if header := _header_of(cells):
            columns, block, rows_of_table, widths = header, None, 0, []
            draft.headers.append(cells)
            draft.is_timed = draft.is_timed or header.is_timed or header.is_events
        elif headers.is_section(cells):
            columns = None
        elif columns is None:
            block = _meeting_line(draft, cells, block)
        else:
            draft.rows += 1
            rows_of_table += 1
            if rows_of_table > MAX_ROWS:
                raise ReportError("too_long")
            if is_last and is_cut:
                _require_whole(draft, cells, columns, min(widths, default=columns.needed))
            if len(widths) < 1000:
                widths.append(len(cells))
            _read_line(draft, line, cells, columns)
    if is_cut and text.endswith("\ufffd"):
        raise ReportError("truncated")
    return draft


def _with_last(rows: Iterator[Record]) -> Iterator[tuple[Record, bool]]:
    """Each record, and whether it is the last."""
    before = next(rows, None)
    for row in rows:
        if before:
            yield before, False
        before = row
    if before:
        yield before, True


def _header_of(cells: list[str]) -> Columns | None:
    # Lines about people hold figures, and headers do not begin with one: this spares looking up every cell.
    return None if _has_figure(cells) else headers.columns_of(cells)


def _has_figure(cells: list[str]) -> bool:
    return any(cell[:1].isdigit() for cell in cells)


def _meeting_line(draft: _Draft, cells: list[str], block: list[str] | None) -> list[str] | None:
    """Take what a line above the people says of the meeting, and return the header that the next line is under."""
    if block is None and headers.is_meeting_block(cells) and not _has_figure(cells):
        return cells
    pairs = (
        [(cells[0], cells[1] if len(cells) > 1 else "")] if block is None else zip(block, cells, strict=False)
    )
    for header, value in pairs:
        kind = headers.kind_of(header)
        if kind == "meeting" and not draft.meeting_id:
            draft.meeting_id = re.sub(r"\D", "", value) if MEETING_ID.fullmatch(value.strip()) else ""
        elif kind in {"start", "end", "date"} and (written := read_time(value)) and written.parts:
            draft.meeting_times.append(written)
    return None


def _require_whole(draft: _Draft, cells: list[str], columns: Columns, width: int) -> None:
    """Raise ReportError for a last line that stops in the middle: too few cells, or a time that lost its end."""
    if len(cells) < max(width, columns.needed):
        raise ReportError("truncated")
    for at, before in ((columns.join, 0), (columns.leave, 1), (columns.stamp, 0)):
        if at is None or cells[at].strip() in NOTHING or not (columns.is_timed or columns.is_events):
            continue
        written = read_time(cells[at])
        model = draft.lines[0].times[before] if draft.lines else written
        if written is None or (
            model and (written.has_seconds, written.has_half) != (model.has_seconds, model.has_half)
        ):
            raise ReportError("truncated")


def _read_line(draft: _Draft, number: int, cells: list[str], columns: Columns) -> None:
    def cell(at: int | None) -> str:
        return cells[at].strip() if at is not None and at < len(cells) else ""

    if cell(columns.waiting).casefold() in YES or cell(columns.attended).casefold() in NO:
        return
    if len(cells) < columns.needed:
        draft.refuse(number, "short")
        return
    line = _who(draft, number, columns, cell)
    if line is None:
        return
    line.is_span = columns.is_span
    duration = cell(columns.duration)
    line.minutes = None if duration in NOTHING else read_minutes(duration)
    if columns.is_events:
        action = headers.plain(cell(columns.action))
        line.action = "came" if CAME.fullmatch(action) else "went" if WENT.fullmatch(action) else ""
        line.times = (read_time(cell(columns.stamp)), None)
        is_bad = line.times[0] is None or not line.action
        bad = cell(columns.stamp) if line.action else cell(columns.action)
    elif columns.is_timed:
        line.times = (read_time(cell(columns.join)), read_time(cell(columns.leave)))
        line.on = read_time(cell(columns.date))
        left_open = cell(columns.leave).casefold() in NOTHING and line.minutes is not None
        is_bad = line.times[0] is None or (line.times[1] is None and not left_open)
        bad = cell(columns.join) if line.times[0] is None else cell(columns.leave)
    else:
        is_bad, bad = line.minutes is None, duration
    if is_bad:
        draft.refuse(number, "time" if columns.is_timed or columns.is_events else "minutes", bad)
    else:
        draft.lines.append(line)


def _who(draft: _Draft, number: int, columns: Columns, cell: Callable[[int | None], str]) -> _Line | None:
    """The person of a line; None, and a problem, where it names nobody."""
    name = cleaned(_name(columns, cell))
    if len(name) > MAX_NAME:
        draft.refuse(number, "too_long", name)
        name = name[:MAX_NAME].strip()
    email, other = cell(columns.email).lower(), cell(columns.upn).lower()
    if not email and _is_address(name):
        email, name = name.lower(), ""
    if email in NOTHING:
        email = ""
    elif not _is_address(email):
        draft.refuse(number, "email", email)
        if not name:
            return None
        email = ""
    other = other if _is_address(other) else ""
    if not (name or email or other):
        draft.refuse(number, "short" if columns.name is not None or columns.first is not None else "email")
        return None
    if is_formula(name):
        draft.refuse(number, "formula", name)
    return _Line(number, name, email, other)


def _name(columns: Columns, cell: Callable[[int | None], str]) -> str:
    name, first, last = cell(columns.name), cell(columns.first), cell(columns.last)
    if columns.first is not None and columns.last is None:
        # "Prénom" beside "Nom", which is then the surname.
        return f"{first} {name}"
    return name or f"{first} {last}"


def _is_address(text: str) -> bool:
    return "@" in text and len(text) <= MAX_EMAIL and ADDRESS.fullmatch(text) is not None


# --- from lines to connections --------------------------------------------------------------------------------------


def _all_times(draft: _Draft) -> Iterator[Written]:
    for line in draft.lines:
        yield from (each for each in (*line.times, line.on) if each)


def _placed(draft: _Draft, order: Order, default: date) -> tuple[list[Connection], Counter[date]]:
    """The connections of all lines, in their order, and how many begin on which day of Toronto."""
    connections: list[Connection] = []
    dates: Counter[date] = Counter()
    moments = [_moments(line, order, default) for line in draft.lines]
    for line, (joined, _left) in zip(draft.lines, moments, strict=True):
        # Only what the report dates says of which day it is.
        if joined and any(each and each.parts for each in (line.times[0], line.on)):
            dates[joined.astimezone(TORONTO).date()] += 1
    last = max((moment for pair in moments for moment in pair if moment), default=None)
    for line, (joined, left) in _stays(draft, moments, last):
        if line.times[0] is None and line.minutes is not None:
            connections.append(_connection(line, None, int(line.minutes)))
        elif joined is None or left is None:
            draft.refuse(line.line, "time")
        elif left < joined:
            draft.refuse(line.line, "left_before_joined")
        else:
            connections.append(_connection(line, Interval(joined, left), None))
    return connections, dates


_Moments = tuple[datetime | None, datetime | None]


def _stays(draft: _Draft, moments: list[_Moments], last: datetime | None) -> Iterator[tuple[_Line, _Moments]]:
    """Lines with both their times; the comings and goings of the same person are put together."""
    here: dict[tuple[str, str], tuple[_Line, datetime]] = {}
    events = []
    for line, (joined, left) in zip(draft.lines, moments, strict=True):
        if line.action and joined:
            events.append((joined, line))
        else:
            yield line, (joined, left)
    for moment, line in sorted(events, key=lambda event: event[0]):
        who = (line.email, exact(line.name))
        if line.action == "came":
            here.setdefault(who, (line, moment))
        elif who in here:
            first, joined = here.pop(who)
            yield first, (joined, moment)
        else:
            draft.refuse(line.line, "time", line.name)
    # Whoever was still there when the report was saved has no departure.
    for line, joined in here.values():
        draft.refuse(line.line, "no_end", line.name)
        yield line, (joined, last)


def _moments(line: _Line, order: Order, default: date) -> _Moments:
    on = (date_of(line.on, order) if line.on else None) or default
    first, last = line.times
    joined = moment_of(first, order, day=on) if first else None
    left = moment_of(last, order, day=on) if last else None
    if joined and last is None and not line.action and line.minutes is not None:
        left = datetime.fromtimestamp(joined.timestamp() + line.minutes * 60, joined.tzinfo)
    return joined, left


def _connection(line: _Line, interval: Interval | None, minutes: int | None) -> Connection:
    return Connection(line.line, line.name, line.email, line.other_email, interval, minutes)


def _held_on(dates: Counter[date], meeting_dates: list[date], day: date, ends_at: datetime) -> date | None:
    """The day of the report. Raises ReportError where neither its lines nor its head know the session's day."""
    known = [*dates, *meeting_dates]
    if not known:
        return None
    if days := {day, ends_at.astimezone(TORONTO).date()}.intersection(known):
        return min(days)
    raise ReportError("wrong_date", (dates.most_common(1)[0][0] if dates else known[0]).isoformat())


def _kind(draft: _Draft) -> Literal["zoom", "teams", "generic"]:
    kinds = {headers.kind_of(cell) for cells in draft.headers for cell in cells}
    if kinds & {"upn", "first_join", "last_leave"} or {"action", "stamp"} <= kinds:
        return "teams"
    if draft.meeting_id or any(map(headers.says_zoom, draft.headers)):
        return "zoom"
    return "generic"


def _is_french(found: list[list[str]]) -> bool:
    return any(FRENCH.search(headers.plain(cell)) for cells in found for cell in cells)
