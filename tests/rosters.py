"""A person of a roster, checked without a file."""

from __future__ import annotations

from sessions_app.rosters import CheckedRow, Table, TableRow, check_rows


def check_cells(**cells: str) -> CheckedRow:
    """One person of a table that was not read from a file."""
    cells = {"email": "ann@x.example"} | cells
    table = Table(tuple(cells), (TableRow(2, tuple(cells.values())),), "utf-8", "csv")
    return check_rows(table, {field: at for at, field in enumerate(cells)})[0]


def problems(row: CheckedRow) -> list[tuple[str, str]]:
    return [(found.problem.value, found.field) for found in row.problems]
