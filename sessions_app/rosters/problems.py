"""What can be wrong with a roster: codes only."""

import re
from dataclasses import dataclass
from enum import StrEnum

EXCERPT_LENGTH = 60
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]+")


class RosterProblem(StrEnum):
    """Why a file or a row cannot be used, or what of a row is lost."""

    # The whole file.
    EMPTY = "empty"
    NO_ROWS = "no_rows"
    NOT_A_TABLE = "not_a_table"
    OLD_EXCEL = "old_excel"
    PASSWORD = "password"  # noqa: S105  # a code: the workbook is locked by one
    ENCODING = "encoding"
    TOO_LARGE = "too_large"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    CELL_TOO_LONG = "cell_too_long"
    LONE_QUOTE = "lone_quote"
    NO_HEADER = "no_header"
    NO_EMAIL_COLUMN = "no_email_column"
    COLUMN_TWICE = "column_twice"

    # One row: nobody can be invited by it.
    EMAIL_MISSING = "email_missing"
    EMAIL_INVALID = "email_invalid"
    DUPLICATE_ROW = "duplicate_row"
    EXTRA_CELLS = "extra_cells"
    FORMULA = "formula"
    LINE_BREAK = "line_break"
    CONTROL_CHARACTER = "control_character"
    TOO_LONG = "too_long"

    # One row: the person can be invited, and the field is left open.
    CATEGORY_UNKNOWN = "category_unknown"
    PROFESSION_UNKNOWN = "profession_unknown"
    PROFESSION_MISMATCH = "profession_mismatch"
    LANGUAGE_UNKNOWN = "language_unknown"


WARNINGS = frozenset(
    {
        RosterProblem.CATEGORY_UNKNOWN,
        RosterProblem.PROFESSION_UNKNOWN,
        RosterProblem.PROFESSION_MISMATCH,
        RosterProblem.LANGUAGE_UNKNOWN,
    }
)
BLOCKING = frozenset(
    {
        RosterProblem.EMAIL_MISSING,
        RosterProblem.EMAIL_INVALID,
        RosterProblem.DUPLICATE_ROW,
        RosterProblem.EXTRA_CELLS,
        RosterProblem.FORMULA,
        RosterProblem.LINE_BREAK,
        RosterProblem.CONTROL_CHARACTER,
        RosterProblem.TOO_LONG,
    }
)
FILE_PROBLEMS = frozenset(RosterProblem) - WARNINGS - BLOCKING


class RosterError(Exception):
    """A file that cannot be used at all; `detail` is a number or a short piece of it that is safe to show."""

    def __init__(self, problem: RosterProblem, detail: object = "") -> None:
        super().__init__(problem, detail)
        self.problem = problem
        self.detail = excerpt(str(detail))


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with a row: in which field, and a short piece of the cell that is safe to show.

    The detail of DUPLICATE_ROW is the number of the earlier row; of TOO_LONG, the length that is allowed.
    """

    problem: RosterProblem
    field: str
    detail: str = ""


def excerpt(value: str) -> str:
    """The beginning of a cell, on one line and without characters that cannot be shown."""
    shown = UNPRINTABLE.sub(" ", value[: EXCERPT_LENGTH + 1])
    return shown if len(value) <= EXCERPT_LENGTH else shown[: EXCERPT_LENGTH - 1] + "…"
