from __future__ import annotations

import contextlib
import datetime as dt
import io
import re
import zipfile
from time import process_time

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.formula import ArrayFormula

from sessions_app.rosters import MAX_COLUMNS, RosterError, RosterProblem, Table, read_table
from sessions_app.rosters.tables import MAX_CELL, MAX_OTHER_TAGS, MAX_TAGS, MAX_UNPACKED
from tests.workbooks import repacked, saved, sheet_xml, workbook


def refused(content: bytes) -> tuple[RosterProblem, str]:
    with pytest.raises(RosterError) as caught:
        read_table(content)
    return caught.value.problem, caught.value.detail


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


def bzipped(content: bytes) -> bytes:
    """The workbook packed in a way that no spreadsheet program packs one."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_BZIP2) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return file.getvalue()


# --- what is read ---------------------------------------------------------------------------------------------------


def test_a_workbook_is_read_whatever_its_file_is_called():
    # Nothing asks for a name: an XLSX renamed .csv is known by its first bytes.
    table = read_table(
        workbook(["Name", "Email"], ["Élise Côté", "elise@x.example"], ["王秀英", "wang@x.example"])
    )

    assert table.headers == ("Name", "Email")
    assert cells(table) == [("Élise Côté", "elise@x.example"), ("王秀英", "wang@x.example")]
    assert (table.encoding, table.kind) == ("utf-8", "xlsx")


def test_the_values_of_a_workbook_are_read_as_a_person_reads_them():
    values: list[object] = [
        "ann@x.example", 12345, 12345.0, 1.5, 1e20, True, None,
        dt.date(2026, 1, 2), dt.datetime.fromisoformat("2026-01-02 03:04:05"), dt.time(9, 30), "00123", " Ann ",
    ]  # fmt: skip
    table = read_table(workbook(["Email", *(f"c{at}" for at in range(1, len(values)))], values))

    assert cells(table) == [
        (
            "ann@x.example", "12345", "12345", "1.5", "1e+20", "TRUE", "",
            "2026-01-02", "2026-01-02 03:04:05", "09:30:00", "00123", " Ann ",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "text"),
    [("12345.0", "12345"), ("1.2345E4", "12345"), ("0", "0"), ("-3.50", "-3.5"), ("1E30", "1e+30")],
)
def test_numbers_that_other_programs_wrote_are_read_without_their_point(typed, text):
    rows = (
        '<row><c t="inlineStr"><is><t>Email</t></is></c><c t="inlineStr"><is><t>CPSO #</t></is></c></row>'
        f'<row><c t="inlineStr"><is><t>ann@x.example</t></is></c><c><v>{typed}</v></c></row>'
    )

    assert cells(read_table(repacked(workbook(["Email"]), xl__worksheets__sheet1_xml=sheet_xml(rows)))) == [
        ("ann@x.example", text)
    ]


def test_formulas_of_a_workbook_come_through_as_their_text():
    book = openpyxl.Workbook()
    book.active.append(["Email", "Name", "Note"])
    book.active.append(['=HYPERLINK("mailto:ann@x.example")', "=A1", "plain"])
    book.active["C2"] = ArrayFormula("C2:C2", "=SUM(1,2)")
    table = read_table(saved(book))

    assert cells(table) == [('=HYPERLINK("mailto:ann@x.example")', "=A1", "=SUM(1,2)")]


def test_rows_of_a_workbook_keep_the_numbers_that_the_spreadsheet_shows():
    book = openpyxl.Workbook()
    book.active["B3"] = "Spring roster"
    book.active["B5"], book.active["C5"] = "Email", "Name"
    book.active["B9"], book.active["C9"] = "ann@x.example", "Ann"
    book.active["C12"] = "Bo"
    # Remarks beside the table belong to nobody.
    book.active["H9"], book.active["H10"] = "call her", "and him"
    table = read_table(saved(book))

    assert table.headers == ("", "Email", "Name")
    assert [(row.number, row.cells) for row in table.rows] == [
        (9, ("", "ann@x.example", "Ann")),
        (12, ("", "", "Bo")),
    ]


def test_the_first_visible_sheet_that_holds_something_is_read():
    book = openpyxl.Workbook()
    book.active.sheet_state = "hidden"
    book.active.append(["Email"])
    book.active.append(["hidden@x.example"])
    book.create_sheet("empty")
    book.create_sheet("roster").append(["Email"])
    book["roster"].append(["ann@x.example"])
    book.create_sheet("later").append(["Email"])

    assert cells(read_table(saved(book))) == [("ann@x.example",)]


def test_carriage_returns_that_excel_escapes_are_found():
    rows = (
        '<row r="1"><c t="inlineStr"><is><t>Email</t></is></c></row>'
        '<row r="2"><c t="inlineStr"><is><t>ann@x.example_x000D_</t></is></c></row>'
    )
    content = repacked(workbook(["Email"]), xl__worksheets__sheet1_xml=sheet_xml(rows))

    assert cells(read_table(content)) == [("ann@x.example\r",)]


def test_a_sheet_that_lies_about_its_size_is_read_as_it_is():
    content = workbook(["Email"], ["ann@x.example"])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml")
    lying = re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1:XFD1048576"', xml)
    assert lying != xml

    assert cells(read_table(repacked(content, xl__worksheets__sheet1_xml=lying))) == [("ann@x.example",)]


# --- what is refused ------------------------------------------------------------------------------------------------


def bomb(size: int) -> bytes:
    return repacked(workbook(["Email"], ["ann@x.example"]), xl__media__image1_png=b"\x00" * size)


def test_a_workbook_that_unpacks_to_more_than_the_memory_is_refused_at_once():
    content = bomb(MAX_UNPACKED + 1)
    assert len(content) < 100_000
    start = process_time()

    assert refused(content) == ("too_large", str(MAX_UNPACKED))
    assert process_time() - start < 2


def test_a_workbook_that_understates_its_parts_is_refused():
    content = bomb(1_000_000)
    honest, lie = (1_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little")
    assert content.count(honest) == 2

    assert refused(content.replace(honest, lie))[0] == "not_a_table"


@pytest.mark.parametrize(
    ("part", "body"),
    [
        ("xl__worksheets__sheet1_xml", sheet_xml("<row/>" * (MAX_TAGS + 1))),
        ("xl__sharedStrings_xml", b"<sst>" + b"<si/>" * (MAX_TAGS + 1)),
        # The styles are parsed as a whole: a minute and gigabytes for what unpacks to a tenth of the limit.
        ("xl__styles_xml", b"<styleSheet><cellXfs>" + b"<xf/>" * (MAX_OTHER_TAGS + 1)),
        ("xl__workbook_xml", b"<workbook>" + b"<x/>" * (MAX_OTHER_TAGS + 1)),
    ],
)
def test_a_workbook_of_endless_tags_is_refused_at_once(part, body):
    content = repacked(workbook(["Email"], ["ann@x.example"]), **{part: body})
    start = process_time()

    assert refused(content) == ("too_large", str(MAX_UNPACKED))
    assert process_time() - start < 5


def test_cells_far_to_the_right_cost_no_time():
    rows = (
        '<row><c t="inlineStr"><is><t>Email</t></is></c></row>'
        + '<row><c r="ZZZ1"><v>1</v></c></row>' * 20_000
    )
    start = process_time()

    assert refused(repacked(workbook(["Email"]), xl__worksheets__sheet1_xml=sheet_xml(rows)))[0] == "no_rows"
    assert process_time() - start < 8


@pytest.mark.parametrize("part", ["xl__workbook_xml", "xl__worksheets__sheet1_xml", "xl__styles_xml"])
@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">',
        '<!ENTITY c SYSTEM "file:///etc/hostname">',
    ],
)
def test_entities_in_a_workbook_are_never_expanded(part, entities):
    bad = f"<?xml version='1.0'?><!DOCTYPE x [{entities}]><x>&c;</x>".encode()

    assert refused(repacked(workbook(["Email"], ["ann@x.example"]), **{part: bad})) == ("not_a_table", "")


def test_row_numbers_beyond_any_spreadsheet_are_refused():
    rows = '<row r="1"><c t="inlineStr"><is><t>Email</t></is></c></row><row r="99999999999999"><c><v>1</v></c></row>'
    start = process_time()

    assert (
        refused(repacked(workbook(["Email"]), xl__worksheets__sheet1_xml=sheet_xml(rows)))[0] == "not_a_table"
    )
    assert process_time() - start < 20


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "empty"),
        ([["Email"]], "no_rows"),
        ([["Email"], [None], [" "]], "no_rows"),
        ([["ann@x.example"]], "no_header"),
        ([["Email", *range(MAX_COLUMNS)], ["ann@x.example"]], "too_many_columns"),
    ],
)
def test_workbooks_without_people_are_refused(rows, problem):
    assert refused(workbook(*rows))[0] == problem


def test_what_stands_far_to_the_right_of_the_table_does_not_matter():
    content = workbook(["Email", *[None] * 300, "far"], ["ann@x.example", *[None] * 300, "away"])

    assert cells(read_table(content)) == [("ann@x.example",)]


def test_a_workbook_of_hidden_sheets_holds_nothing_to_read():
    book = openpyxl.Workbook()
    book.create_sheet("roster").append(["Email"])
    book["roster"].append(["ann@x.example"])
    book["roster"].sheet_state = "hidden"

    assert refused(saved(book)) == ("empty", "")


def test_a_giant_cell_of_a_workbook_is_refused_by_its_row():
    rows = (
        '<row r="1"><c t="inlineStr"><is><t>Email</t></is></c></row>'
        f'<row r="7"><c t="inlineStr"><is><t>{"a" * (MAX_CELL + 1)}</t></is></c></row>'
    )

    assert refused(repacked(workbook(["Email"]), xl__worksheets__sheet1_xml=sheet_xml(rows))) == (
        "cell_too_long",
        "7",
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b"sheet1", b"sheetX"),
        lambda content: repacked(content, xl__workbook_xml=None),
        lambda content: repacked(content, xl__worksheets__sheet1_xml=b"<worksheet"),
        lambda content: repacked(content, xl__worksheets__sheet1_xml=sheet_xml('<row r="x"/>')),
        lambda content: repacked(
            content, xl__worksheets__sheet1_xml=sheet_xml('<row><c t="s"><v>99</v></c></row>')
        ),
        lambda content: repacked(
            content, xl__worksheets__sheet1_xml=sheet_xml(f"<row><c><v>{'9' * 9000}</v></c></row>")
        ),
        bzipped,
    ],
)
def test_a_damaged_workbook_is_refused(spoil):
    # A sheet that is missing is a sheet that holds nothing.
    assert refused(spoil(workbook(["Email"], ["ann@x.example"])))[0] in {"not_a_table", "empty"}


def test_an_encrypted_part_is_refused_as_locked():
    content = bytearray(workbook(["Email"], ["ann@x.example"]))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(mark, at + 4)

    assert refused(bytes(content))[0] == "password"


def test_an_archive_of_another_kind_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office:document/>")

    assert refused(file.getvalue()) == ("not_a_table", "")


# --- laws -----------------------------------------------------------------------------------------------------------

GOOD_BOOK = workbook(["Email", "Name"], ["ann@x.example", "Ann"], [1, 2.5])


@given(st.data())
@settings(deadline=None, max_examples=60)
def test_no_damage_to_a_workbook_raises_anything_but_a_refusal(data):
    content = bytearray(GOOD_BOOK)
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(RosterError):
        read_table(bytes(content))


XML = st.text(alphabet="<>/=\"& rcvtis019AZ'\n", max_size=120)


@given(XML)
@settings(deadline=None, max_examples=60)
def test_no_sheet_raises_anything_but_a_refusal(rows):
    with contextlib.suppress(RosterError):
        read_table(repacked(GOOD_BOOK, xl__worksheets__sheet1_xml=sheet_xml(rows)))
