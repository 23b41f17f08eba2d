"""A table as a file: CSV, Excel with its codebook, and SPSS with labels."""

import csv
from io import BytesIO, StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from core.csv_safe import safe_cell
from surveys.exports.codebook import codebook_rows
from surveys.exports.tables import Cell, Table

TEXT_WIDTH = 32_000
"""Bytes that SPSS keeps of a text."""


def as_csv(table: Table) -> bytes:
    """The table as CSV with the mark by which spreadsheets know UTF-8; nothing in it runs as a formula."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow([variable.name for variable in table.variables])
    writer.writerows([_csv(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def _csv(cell: Cell) -> object:
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return "" if cell is None else safe_cell(cell)


def as_xlsx(table: Table, *, data_title: str, codebook_title: str) -> bytes:
    """The table and its codebook as two sheets of a workbook; text stays text, whatever it begins with."""
    book = Workbook(write_only=True)
    data = book.create_sheet(data_title)
    data.append([variable.name for variable in table.variables])
    for row in table.rows:
        data.append([_xlsx(data, cell) for cell in row])
    codebook = book.create_sheet(codebook_title)
    for line in codebook_rows(table):
        codebook.append([_xlsx(codebook, cell) for cell in line])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _xlsx(sheet: WriteOnlyWorksheet, cell: Cell) -> object:
    if not isinstance(cell, str):
        return cell
    # What Excel refuses in a text is dropped; a cell that says it is text is never a formula.
    made = WriteOnlyCell(sheet, value="".join(one for one in safe_cell(cell) if one >= " " or one in "\n\t"))
    made.data_type = "s"
    return made


def as_sav(table: Table, *, file_label: str) -> bytes:
    """The table for SPSS: variable labels, value labels and levels of measurement; an empty cell is system-missing."""
    # Heavy, and needed here alone.
    import pandas as pd  # noqa: PLC0415
    import pyreadstat  # noqa: PLC0415

    columns = {}
    for at, variable in enumerate(table.variables):
        cells = [row[at] for row in table.rows]
        if variable.is_text:
            columns[variable.name] = pd.Series([_text(cell) for cell in cells], dtype="object")
        else:
            columns[variable.name] = pd.Series(cells, dtype="float64")
    frame = pd.DataFrame(columns, columns=[variable.name for variable in table.variables])
    with TemporaryDirectory() as folder:
        path = Path(folder, "export.sav")
        pyreadstat.write_sav(
            frame,
            str(path),
            file_label=file_label[:64],
            column_labels={variable.name: variable.label[:255] for variable in table.variables},
            variable_value_labels={
                variable.name: {code: words[:120] for code, words in variable.values}
                for variable in table.variables
                if variable.values
            },
            variable_measure={variable.name: variable.measure.value for variable in table.variables},
        )
        return path.read_bytes()


def _text(cell: Cell) -> str:
    return "" if cell is None else str(cell).encode()[:TEXT_WIDTH].decode(errors="ignore")
