"""What a report says, as plain values."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

ERROR_CODES = frozenset(
    {
        "empty",  # nothing in it, or a header without a line below
        "too_large",
        "too_long",  # too many lines
        "not_csv",  # a workbook, a PDF, anything that is no table of text
        "no_columns",  # no line names a person and a time
        "not_attendance",  # polls, registrations, questions
        "truncated",  # the end is missing
        "wrong_date",  # a report of another day: `detail` is that day
    }
)
PROBLEM_CODES = frozenset(
    {
        "short",  # the line has too few cells, or names nobody
        "email",  # not an address; the line counts by its name, if it has one
        "minutes",  # no number of minutes
        "time",  # no time that can be read, or a departure without an arrival
        "left_before_joined",
        "no_end",  # an arrival without a departure: counted to the last moment of the report
        "formula",  # a name that a spreadsheet would execute: kept as text
        "too_long",  # a name or an address cut to its length
    }
)


class ReportError(ValueError):
    """The file as a whole cannot be used; `code` is one of ERROR_CODES, `detail` says more about it."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Interval:
    """One stay in the meeting, in aware time; the end is not before the beginning."""

    joined_at: datetime
    left_at: datetime


@dataclass(frozen=True, slots=True)
class Connection:
    """One line that says how long somebody was there: an interval, or whole minutes where no times are given.

    `line` counts from 1 and includes headers. Addresses are in lower case, "" where there is none.
    """

    line: int
    name: str
    email: str
    other_email: str
    interval: Interval | None
    minutes: int | None


@dataclass(frozen=True, slots=True)
class ReportProblem:
    """A line that is refused or remarkable; `code` is one of PROBLEM_CODES."""

    line: int
    code: str
    value: str


@dataclass(frozen=True, slots=True)
class Report:
    """A report of a video platform. `meeting_id` is digits only, or "" where the report does not say."""

    kind: Literal["zoom", "teams", "generic"]
    connections: tuple[Connection, ...]
    problems: tuple[ReportProblem, ...]
    is_timed: bool
    meeting_id: str
    held_on: date | None
