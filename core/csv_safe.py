"""Tables as CSV that a spreadsheet shows and does not run."""

import csv
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a cell for a formula, or for more than one cell."""


def safe_cell(value: Any) -> Any:
    """The cell; text that a spreadsheet would run gets an apostrophe before it, and is shown as it stands.

    Blanks before such a sign do not help: some programs skip them. Numbers stay numbers.
    """
    if isinstance(value, str) and (
        value.startswith(BEGINS_FORMULA) or value.lstrip().startswith(BEGINS_FORMULA)
    ):
        return f"'{value}"
    return value


def csv_response(filename: str, rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """The rows as a file to download, with the mark by which spreadsheets know UTF-8; no cache keeps it."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "no-store, private"
    response.write("\N{BYTE ORDER MARK}")
    csv.writer(response).writerows([safe_cell(cell) for cell in row] for row in rows)
    return response
