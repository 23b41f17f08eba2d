"""Reading a roster of people to invite, as a coordinator's spreadsheet or mail program gives it.

Bytes become a table (`read_table`), its columns are matched with fields (`guess_mapping`), and each row becomes a
person with what is wrong about it (`check_rows`). Addresses can be pasted as text too (`parse_pasted`). Pure: nothing
is written here, and the problems are codes whose words are chosen above.
"""

from sessions_app.rosters.checks import CheckedRow, check_rows
from sessions_app.rosters.columns import FIELDS, guess_mapping, unmapped
from sessions_app.rosters.pasted import parse_pasted
from sessions_app.rosters.problems import (
    BLOCKING,
    FILE_PROBLEMS,
    WARNINGS,
    RosterError,
    RosterProblem,
    RowProblem,
)
from sessions_app.rosters.tables import MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Table, TableRow, read_table

__all__ = [
    "BLOCKING",
    "FIELDS",
    "FILE_PROBLEMS",
    "MAX_BYTES",
    "MAX_COLUMNS",
    "MAX_ROWS",
    "WARNINGS",
    "CheckedRow",
    "RosterError",
    "RosterProblem",
    "RowProblem",
    "Table",
    "TableRow",
    "check_rows",
    "guess_mapping",
    "parse_pasted",
    "read_table",
    "unmapped",
]
