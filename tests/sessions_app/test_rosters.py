from __future__ import annotations

import contextlib
import csv
import io
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sessions_app.rosters import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    RosterError,
    RosterProblem,
    Table,
    check_rows,
    guess_mapping,
    read_table,
)
from sessions_app.rosters.tables import HEADER_WITHIN, MAX_CELL

ROSTER = "Name,Email\nÉlise Côté,elise@x.example\nZoë Müller,zoe@x.example\n"


def refused(content: bytes | str) -> tuple[RosterProblem, str]:
    with pytest.raises(RosterError) as caught:
        read_table(content.encode() if isinstance(content, str) else content)
    return caught.value.problem, caught.value.detail


def cells(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


# --- CSV that can be read -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (ROSTER.encode(), "utf-8"),
        (ROSTER.encode("utf-8-sig"), "utf-8"),
        (ROSTER.encode("windows-1252"), "windows-1252"),
        (ROSTER.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + ROSTER.encode("utf-16-be"), "utf-16"),
    ],
)
def test_every_encoding_of_a_spreadsheet_gives_the_same_names(content, encoding):
    table = read_table(content)

    assert table.headers == ("Name", "Email")
    assert cells(table) == [("Élise Côté", "elise@x.example"), ("Zoë Müller", "zoe@x.example")]
    assert (table.encoding, table.kind) == (encoding, "csv")


@pytest.mark.parametrize(
    "content",
    [
        "Name,Email\nAnn,ann@x.example\nBo,bo@x.example\n",
        "Name;Email\nAnn;ann@x.example\nBo;bo@x.example\n",
        "Name\tEmail\nAnn\tann@x.example\nBo\tbo@x.example\n",
        "Name,Email\r\nAnn,ann@x.example\r\nBo,bo@x.example",
        "Name,Email\rAnn,ann@x.example\rBo,bo@x.example\r",
        '"Name","Email"\n"Ann","ann@x.example"\n"Bo","bo@x.example"\n',
        "Name, Email\nAnn, ann@x.example\nBo, bo@x.example\n",
        "sep=;\r\nName;Email\r\nAnn;ann@x.example\r\nBo;bo@x.example\r\n",
        '"sep=\t"\nName\tEmail\nAnn\tann@x.example\nBo\tbo@x.example\n',
        "\n\nName,Email\n,\nAnn,ann@x.example\n \t\nBo,bo@x.example\n,,,\n",
        # Titles above the header, with separators of every kind.
        "Pain program; spring, 2026\nask coordinator@x.example\n\nName,Email\nAnn,ann@x.example\nBo,bo@x.example",
    ],
)
def test_every_shape_of_csv_gives_the_same_rows(content):
    table = read_table(content.encode())

    assert table.headers == ("Name", "Email")
    assert [row[:2] for row in cells(table)] == [("Ann", "ann@x.example"), ("Bo", "bo@x.example")]


@pytest.mark.parametrize(
    "content",
    [
        # The separator of the header is the file's, whatever the cells hold more of.
        "Email;Name;Note\nann@x.example;Ann;a, b, c, d\nbo@x.example;Bo;e, f, g, h\n",
        'Email,Name,Note\nann@x.example,Ann,"a; b; c; d"\nbo@x.example,Bo,\'e; f\n',
        # Apostrophes and quotation marks within a cell mean themselves.
        "Email,Name\nann@x.example,Ann 'Nan' O'Neil\nbo@x.example,'t Hart\n",
        'Email,Name\nann@x.example,Ann "Nan" Lee\nbo@x.example,"Bo ""B"" Lee"\n',
    ],
)
def test_the_header_and_not_the_cells_decides_on_the_separator(content):
    table = read_table(content.encode())

    assert [row[0] for row in cells(table)] == ["ann@x.example", "bo@x.example"]
    assert {len(row) for row in cells(table)} == {len(table.headers)}


def test_a_column_of_addresses_alone_is_a_roster():
    assert cells(read_table(b"courriel\nann@x.example\nbo@x.example")) == [
        ("ann@x.example",),
        ("bo@x.example",),
    ]


def test_rows_carry_the_line_that_an_editor_shows():
    table = read_table(b'Title\n\nEmail,Name\na@x.example,Ann\n\n"b@x.example","Bo\nLee"\nc@x.example,Cy\n')

    assert [(row.number, row.cells[0]) for row in table.rows] == [
        (4, "a@x.example"),
        (6, "b@x.example"),
        (8, "c@x.example"),
    ]
    assert table.rows[1].cells[1] == "Bo\nLee"


def test_cells_stay_as_they_were_typed():
    table = read_table('Email,Name\n a@x.example ," 王 秀英 "\n'.encode())

    assert cells(table) == [("a@x.example ", " 王 秀英 ")]


def test_headers_of_several_lines_become_one():
    assert read_table(b'"Email\naddress",Name\na@x.example,Ann\n').headers == ("Email address", "Name")


# --- what is refused as a whole -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\xff\xfe", "empty"),
        (b",,,\n;;;\n", "empty"),
        (b"sep=;\n", "empty"),
        (b"Email,Name\n", "no_rows"),
        (b"Email,Name\n,\n\n", "no_rows"),
        (b"ann@x.example,Ann\nbo@x.example,Bo\n", "no_header"),
        (b"ann@x.example\n", "no_header"),
        (b"\x00" * 100, "not_a_table"),
        (b"Email,Name\nann@x.example,A\x00nn\n", "not_a_table"),
        ("Email,Name\nann@x.example,A\x00nn\n".encode("utf-16"), "not_a_table"),
        ("Email,Name\nann@x.example,Ann\n".encode("utf-16-le"), "not_a_table"),
        ("Email,Name\nann@x.example,Ann\n".encode("utf-32"), "not_a_table"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "not_a_table"),
        (b"<html><table><tr><td>Email</td></tr></table>", "not_a_table"),
        (b"\n<!DOCTYPE html><p>Log in", "not_a_table"),
        (b"{\\rtf1 Email}", "not_a_table"),
        (b"BEGIN:VCARD\nEMAIL:ann@x.example\n", "not_a_table"),
        (b"\x01\x02\x03\x04 rubbish\nmore\n", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "not_a_table"),
        (b"PK\x03\x04 no archive", "not_a_table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "old_excel"),
        (
            b"\xd0\xcf\x11\xe0" + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 9,
            "password",
        ),
        (b"Email,Name\nann@x.example,\x81\x8d\n", "encoding"),
        ("Email\nann@x.example\n".encode("utf-16")[:-1], "encoding"),
        (b"a" * (MAX_BYTES + 1), "too_large"),
        ((",".join(f"column {at}" for at in range(300)) + "\n1,2\n").encode(), "too_many_columns"),
        (b'Email,Name\nann@x.example,"Ann\nbo@x.example,Bo\n', "lone_quote"),
        (b'Email,Name\nann@x.example,"Ann\nbo@x.example,"Bo"\n', "lone_quote"),
        (b'"Email,Name\nann@x.example,Ann\n', "lone_quote"),
        (b'"', "lone_quote"),
        (b"Email,Name\nann@x.example," + b"A" * (MAX_CELL + 1) + b"\n", "cell_too_long"),
    ],
)
def test_files_that_are_no_roster_are_refused(content, problem):
    assert refused(content)[0] == problem


def test_a_refusal_says_where_to_look():
    opened = 'Email,Name\nann@x.example,Ann\nbo@x.example,"Bo\n' + "cy@x.example,Cy\n" * 20_000

    assert refused(opened) == ("lone_quote", "3")
    assert refused("\n\nann@x.example\n") == ("no_header", "3")
    assert refused("Email,Name\na@x.example,Ann\nb@x.example," + "B" * 200_000) == ("cell_too_long", "3")


def test_as_many_rows_as_allowed_are_read_and_one_more_is_too_many():
    lines = "".join(f"a{number}@x.example,Ann\n\n" for number in range(MAX_ROWS))

    assert len(read_table(f"Email,Name\n{lines}".encode()).rows) == 10_000
    assert refused(f"Email,Name\n{lines}one@x.example,More\n") == ("too_many_rows", "10000")


def test_as_many_columns_as_allowed_are_read_and_empty_ones_do_not_count():
    names = ",".join(["Email", *(f"c{at}" for at in range(1, MAX_COLUMNS))])

    assert len(read_table(f"{names}\nann@x.example\n".encode()).headers) == MAX_COLUMNS
    assert len(read_table(f"{names},,,,\nann@x.example\n".encode()).headers) == MAX_COLUMNS
    assert refused(f"{names},one more\nann@x.example\n") == ("too_many_columns", "50")


def test_ten_thousand_rows_are_read_and_checked_in_a_moment():
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["Email", "Name", "Profession", "Practice", "City", "Language"])
    writer.writerows(
        [f"a{number}@x.example", f"Ann Lee {number}", "Nurse practitioner", "Clinic", "Kingston", "English"]
        for number in range(MAX_ROWS)
    )
    start = process_time()

    table = read_table(file.getvalue().encode())
    rows = check_rows(table, guess_mapping(table.headers))

    assert process_time() - start < 8  # far under a second on a quiet machine
    assert len(rows) == MAX_ROWS
    assert all(row.is_usable and row.profession == "nurse_practitioner" for row in rows)


@pytest.mark.parametrize("piece", [b"\n", b",", b", \n", b"\r", b'""\n', b'""', b"a,", b"a\n", b"@"])
def test_no_file_takes_long(piece):
    content = b"Email,Name\n" + piece * ((MAX_BYTES - 20) // len(piece))
    start = process_time()
    with contextlib.suppress(RosterError):
        read_table(content)

    assert process_time() - start < 20  # a second or two on a quiet machine


# --- laws -----------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=400))
@example(b"")
@example(b"PK\x03\x04")
@example(b"\xff\xfe\x00\xd8")
@settings(deadline=None)
def test_no_bytes_raise_anything_but_a_refusal(content):
    for start in (b"", b"Email,Name\n", b"PK\x03\x04", b"\xff\xfe", b"\xd0\xcf\x11\xe0"):
        with contextlib.suppress(RosterError):
            table = read_table(start + content)
            assert table.rows
            with contextlib.suppress(RosterError):
                check_rows(table, guess_mapping(table.headers))


@given(
    st.lists(
        st.lists(
            st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"]), max_size=20),
            min_size=2,
            max_size=2,
        ),
        min_size=1,
        max_size=20,
    )
)
@settings(deadline=None)
def test_what_a_csv_writer_writes_is_read_back(rows):
    file = io.StringIO()
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow(["Email", "Name"])
    writer.writerows(rows)
    expected = [tuple(row) for row in rows if any(cell.strip() for cell in row)]

    if expected:
        assert cells(read_table(file.getvalue().encode())) == expected
    else:
        assert refused(file.getvalue()) == ("no_rows", "")


def test_titles_are_looked_over_only_near_the_top():
    titles = "Title\n" * (HEADER_WITHIN - 1)

    assert read_table(f"{titles}Email,Name\nann@x.example,Ann\n".encode()).headers == ("Email", "Name")
    assert read_table(f"{titles}Title\nEmail,Name\nann@x.example,Ann\n".encode()).headers == ("Title",)
