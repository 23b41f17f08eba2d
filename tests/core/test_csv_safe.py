"""What a spreadsheet must not run."""

from __future__ import annotations

import csv
import io

import pytest

from core.csv_safe import csv_response, safe_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\rx", " =1+1", "\n=1", '=HYPERLINK("https://x")']
)
def test_text_that_a_spreadsheet_would_run_gets_an_apostrophe(text):
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("value", ["", "Fall 2025", "1-2", "a@b.example", -3, 0, 2.5, None])
def test_other_cells_stay_as_they_are(value):
    assert safe_cell(value) == value


def test_response_is_read_back_cell_by_cell():
    response = csv_response("numbers.csv", [["Été", '=cmd|"x"'], ["a,b\nc", -3]])

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="numbers.csv"'
    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    assert rows == [["Été", '\'=cmd|"x"'], ["a,b\nc", "-3"]]
