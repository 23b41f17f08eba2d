from __future__ import annotations

import contextlib
import io
import zipfile
from time import perf_counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sessions_app.reports import MAX_ROWS, RefusedRow, ReportError, ReportRow, read_report


def read(content: bytes | str, *, session_minutes: int = 90) -> tuple[list[ReportRow], list[RefusedRow]]:
    return read_report(
        content.encode() if isinstance(content, str) else content, session_minutes=session_minutes
    )


def people(content: bytes | str) -> dict[str, int]:
    rows, _refused = read(content)
    return {row.email: row.minutes for row in rows}


# --- what can be read -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "email,minutes\nann@x.example,90\nbo@x.example,45\n",
        "email,minutes\r\nann@x.example,90\r\nbo@x.example,45\r\n",
        "email;minutes\nann@x.example;90\nbo@x.example;45\n",
        "email\tminutes\nann@x.example\t90\nbo@x.example\t45\n",
        "\ufeffemail,minutes\nann@x.example,90\nbo@x.example,45\n",
        '"email","minutes"\n"ann@x.example","90"\n"bo@x.example","45"\n',
        "Name,Email Address,Duration (Minutes)\nAnn,ann@x.example,90\nBo,bo@x.example,45\n",
        "Minutes,E-mail\n90,ann@x.example\n45,bo@x.example\n",
        "Courriel;Durée (minutes)\nann@x.example;90\nbo@x.example;45\n",
        # The case of letters and blanks around do not matter; lines that hold nothing are passed over.
        " EMAIL , MINUTES \n\n Ann@X.Example , 90 \n,\nbo@x.example,45",
        # Names with commas, semicolons and apostrophes, as spreadsheets quote them.
        "name,email,minutes\n\"O'Neil, Ann; RN\",ann@x.example,90\n't Hart,bo@x.example,45\n",
        "name,email,minutes\nAnn 'Nan' O'Neil,ann@x.example,90\nBo D'Arcy,bo@x.example,45\n",
        "name,email,minutes\n'Ann',ann@x.example,90\n'Bo,bo@x.example,45\n",
        # The separator of the header is the separator of the file, whatever the cells hold more of.
        "email;minutes;note\nann@x.example;90;a, b, c, d\nbo@x.example;45;e, f, g, h\n",
        'email,minutes,note\nann@x.example,90,"said ""hello"";\nleft"\nbo@x.example,45,\n',
    ],
)
def test_reports_of_every_usual_shape_are_read(content):
    assert people(content) == {"ann@x.example": 90, "bo@x.example": 45}


def test_a_report_in_the_old_windows_encoding_is_read():
    content = "nom;courriel;durée\nHélène Côté;helene@x.example;90\n".encode("cp1252")

    assert people(content) == {"helene@x.example": 90}


def test_minutes_beyond_the_session_are_clipped_to_it():
    rows, refused = read("email,minutes\nann@x.example,135\nbo@x.example,0\n", session_minutes=90)

    assert [row.minutes for row in rows] == [90, 0]
    assert refused == []


# --- what is refused line by line -----------------------------------------------------------------------------------


def test_bad_lines_are_refused_by_number_and_the_good_ones_stay():
    rows, refused = read(
        "email,minutes\n"
        "ann@x.example,90\n"
        "not an address,90\n"
        "bo@x.example,ninety\n"
        "\n"
        "cy@x.example\n"
        "ANN@x.example,60\n"
        "di@x.example,45\n"
    )

    assert rows == [ReportRow(2, "ann@x.example", 90), ReportRow(8, "di@x.example", 45)]
    assert refused == [
        RefusedRow(3, "email", "not an address"),
        RefusedRow(4, "minutes", "ninety"),
        RefusedRow(6, "short", ""),
        RefusedRow(7, "twice", "ann@x.example"),
    ]


def test_a_refused_line_does_not_make_the_next_one_a_repetition():
    rows, refused = read("email,minutes\nann@x.example,?\nann@x.example,60\n")

    assert rows == [ReportRow(3, "ann@x.example", 60)]
    assert [row.line for row in refused] == [2]


@pytest.mark.parametrize(
    "minutes", ["", "-1", "1.5", "90 min", "1:30", "NaN", "١٢", "²", "10000", "1e2", "+90"]
)
def test_minutes_are_whole_numbers(minutes):
    rows, refused = read(f"email;minutes\nann@x.example;{minutes}\n")

    assert rows == []
    assert [(row.line, row.code) for row in refused] == [(2, "minutes")]


@pytest.mark.parametrize("email", ["", "ann", "ann@", "@x.example", "ann@x", "ann neil@x.example", "a@b .c"])
def test_addresses_are_addresses(email):
    _rows, refused = read(f"email,minutes\n{email},90\n")

    assert [(row.line, row.code) for row in refused] == [(2, "email")]


def test_a_cell_of_several_lines_counts_as_the_lines_it_has():
    _rows, refused = read('email,minutes,note\nann@x.example,90,"one\ntwo\nthree"\nbad,90,\n')

    assert [row.line for row in refused] == [5]


# --- what is refused as a whole -------------------------------------------------------------------------------------


def spreadsheet() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (spreadsheet(), "not_csv"),
        (b"%PDF-1.7\nemail,minutes\n", "not_csv"),
        ("email,minutes\nann@x.example,90\n".encode("utf-16"), "not_csv"),
        (b"ann@x.example,90\nbo@x.example,45\n", "columns"),
        (b"email\nann@x.example\n", "columns"),
        (b"name,minutes\nAnn,90\n", "columns"),
        (b"<!DOCTYPE html><title>Report</title>", "columns"),
        (b"\n\nemail,minutes\nann@x.example,90\n", "columns"),
        (b"email,minutes," + b"x" * 200_000 + b"\nann@x.example,90\n", "not_csv"),
        (b"email,minutes\nann@x.example," + b"9" * 200_000 + b"\n", "not_csv"),
        (b'email,minutes\n"ann@x.example,90\n' + b"bo@x.example,45\n" * 10_000, "not_csv"),
    ],
)
def test_files_that_are_no_report_are_refused_with_the_reason(content, code):
    with pytest.raises(ReportError) as caught:
        read(content)

    assert caught.value.code == code


def test_a_report_of_as_many_lines_as_allowed_is_read_and_one_more_refused():
    lines = [f"person{number}@x.example,90\n" for number in range(MAX_ROWS)]

    rows, _refused = read("email,minutes\n" + "".join(lines))
    assert len(rows) == MAX_ROWS

    with pytest.raises(ReportError) as caught:
        read("email,minutes\n" + "".join(lines) + "one@more.example,90\n")
    assert caught.value.code == "too_long"


# --- whatever is handed in ------------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        *('"', "'", ",", ";", "\t", "\n", "\r", "\r\n", " ", "\\", "=", "@", "|"),
        *(
            "email",
            "minutes",
            "courriel",
            "durée",
            "ann@x.example",
            "90",
            "-1",
            "é",
            "\x00",
            "\ufeff",
            "\u2028",
        ),
    ]
)


@settings(max_examples=300, deadline=None)
@given(content=st.one_of(st.binary(max_size=400), st.lists(PIECES, max_size=60).map("".join).map(str.encode)))
@example(content=b'email,minutes\n"')
@example(content=b"email,minutes\r\rann@x.example,90")
@example(content=b'"email\n",minutes\n')
def test_no_file_does_anything_but_be_read_or_refused(content):
    rows: list[ReportRow] = []
    refused: list[RefusedRow] = []
    with contextlib.suppress(ReportError):
        rows, refused = read(content)

    assert all(0 <= row.minutes <= 90 and "@" in row.email for row in rows)
    assert len({row.email for row in rows}) == len(rows)
    assert {row.code for row in refused} <= {"short", "email", "minutes", "twice"}
    assert {row.line for row in rows}.isdisjoint(row.line for row in refused)


@pytest.mark.parametrize("piece", [',"', "\"',", ";'", '"\n', "'\n'", ', "'])
def test_a_file_made_to_be_slow_is_read_quickly(piece):
    content = "email,minutes\n" + piece * (1_000_000 // len(piece))

    began = perf_counter()
    with contextlib.suppress(ReportError):
        read(content)

    assert perf_counter() - began < 5
