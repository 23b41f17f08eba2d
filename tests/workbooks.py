"""Excel workbooks for tests, sound and spoilt."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl


def workbook(*rows: list[object], **sheets: list[list[object]]) -> bytes:
    """An Excel workbook of one sheet, and more sheets by their names."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for name, more in sheets.items():
        sheet = book.create_sheet(name)
        for row in more:
            sheet.append(row)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(content: bytes, **parts: bytes | None) -> bytes:
    """The workbook with some of its parts replaced or left out (`xl__workbook_xml` is xl/workbook.xml)."""
    names = {re.sub(r"[/.\[\]]", "_", name.replace("/", "__")): name for name in names_in(content)}
    changed = {names.get(name, name): body for name, body in parts.items()}
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            body = changed.pop(name, old.read(name))
            if body is not None:
                new.writestr(name, body)
        for name, body in changed.items():
            assert body is not None
            new.writestr(name, body)
    return file.getvalue()


def names_in(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.namelist()


def sheet_xml(rows: str) -> bytes:
    return (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"<sheetData>{rows}</sheetData></worksheet>"
    ).encode()
