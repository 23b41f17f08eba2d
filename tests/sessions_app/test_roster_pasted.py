from __future__ import annotations

import contextlib
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sessions_app.rosters import MAX_BYTES, MAX_ROWS, RosterError, parse_pasted
from sessions_app.rosters.checks import is_email


def people(text: str) -> list[tuple[str, str]]:
    rows = parse_pasted(text)
    assert [row.problems for row in rows] == [()] * len(rows)
    return [(row.name, row.email) for row in rows]


@pytest.mark.parametrize(
    "text",
    [
        "ann@x.example\nbo@x.example",
        "ann@x.example\r\nbo@x.example\r\n",
        "ann@x.example\rbo@x.example",
        "\ufeffann@x.example\n\n\n  bo@x.example  \n",
        "ann@x.example, bo@x.example",
        "ann@x.example;bo@x.example;",
        "ann@x.example bo@x.example",
        "ann@x.example\tbo@x.example",
        "ANN@X.EXAMPLE,\nbo@x.example,\n",
        "<ann@x.example>, <bo@x.example>",
        "mailto:ann@x.example; mailto:bo@x.example",
        "\u200bann@x.example\u200b\n\xa0bo@x.example",
    ],
)
def test_addresses_are_taken_however_they_are_separated(text):
    assert people(text) == [("", "ann@x.example"), ("", "bo@x.example")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ann Lee <ann@x.example>", [("Ann Lee", "ann@x.example")]),
        ('"Lee, Ann" <ann@x.example>', [("Lee, Ann", "ann@x.example")]),
        ("Lee, Ann <ann@x.example>", [("Lee, Ann", "ann@x.example")]),
        ('"Ann ""Nan"" Lee" <ann@x.example>', [('Ann ""Nan"" Lee', "ann@x.example")]),
        ("Ann Lee ann@x.example", [("Ann Lee", "ann@x.example")]),
        ("Ann Lee: ann@x.example", [("Ann Lee", "ann@x.example")]),
        ("Ann Lee - ann@x.example", [("Ann Lee", "ann@x.example")]),
        ("Ann\tLee\tann@x.example\tKingston", [("Ann Lee", "ann@x.example")]),
        ("ann@x.example\tAnn Lee", [("", "ann@x.example")]),
        ("Élise Côté <elise@x.example>; 王秀英 <wang@x.example>", [
            ("Élise Côté", "elise@x.example"),
            ("王秀英", "wang@x.example"),
        ]),
        ("Lee, Ann <ann@x.example>; Roe, Jo <jo@x.example>", [
            ("Lee, Ann", "ann@x.example"),
            ("Roe, Jo", "jo@x.example"),
        ]),
        ("cy@x.example, Lee, Ann <ann@x.example>", [("", "cy@x.example"), ("Lee, Ann", "ann@x.example")]),
        ("ann@x.example <ann@x.example>", [("ann@x.example", "ann@x.example")]),
        ("  \n\t\n , ; \n", []),
        ("", []),
    ],
)  # fmt: skip
def test_names_beside_addresses_are_kept(text, expected):
    assert people(text) == expected


def test_duplicates_and_rubbish_are_told_by_their_lines():
    rows = parse_pasted(
        "ann@x.example\nDear all\n\nbo@x.example, ANN@x.example\ncy@@x.example; rubbish\n=x@y.example"
    )

    assert [(row.number, row.email, [(p.problem.value, p.detail) for p in row.problems]) for row in rows] == [
        (1, "ann@x.example", []),
        (2, "dear all", [("email_invalid", "dear all")]),
        (4, "bo@x.example", []),
        (4, "ann@x.example", [("duplicate_row", "1")]),
        (5, "cy@@x.example", [("email_invalid", "cy@@x.example")]),
        (5, "rubbish", [("email_invalid", "rubbish")]),
        (6, "", [("formula", "=x@y.example")]),
    ]
    assert [row.is_usable for row in rows] == [True, False, True, False, False, False, False]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('"Ann Lee <ann@x.example>', None),
        ("Ann <ann@x.example", "email_invalid"),
        ("Ann ann@x.example>", "email_invalid"),
        ("Ann <>", "email_missing"),
        ("<@>", "formula"),
        ("Ann\x07 <ann@x.example>", "control_character"),
        ("Ann \u202e <ann@x.example>", "control_character"),
        ("N" * 201 + " <ann@x.example>", "too_long"),
        ("a" * 300 + "@x.example", "too_long"),
        ("@" * 50, "formula"),
    ],
)
def test_odd_marks_never_pass_unseen(text, problem):
    rows = parse_pasted(text)

    assert [[found.problem for found in row.problems] for row in rows] == [[problem] if problem else []]


def test_texts_beyond_every_list_are_refused():
    most = "\n".join(f"a{number}@x.example" for number in range(MAX_ROWS))
    assert len(parse_pasted(most)) == MAX_ROWS

    for text, problem in ((most + "\nb@x.example", "too_many_rows"), ("a" * (MAX_BYTES + 1), "too_large")):
        with pytest.raises(RosterError) as caught:
            parse_pasted(text)
        assert caught.value.problem == problem


@pytest.mark.parametrize(
    "piece", ['"', "<", "a ", "a@", "@ ", "a@b ", '",', "\t", "a <", ", a", ":-", "x@y <"]
)
def test_no_text_takes_long(piece):
    start = process_time()
    with contextlib.suppress(RosterError):  # too many rows
        parse_pasted(piece * (1_000_000 // len(piece)))

    assert process_time() - start < 8


@given(st.text(alphabet='abé@.,;<>" \t\n\\=\u202e') | st.text())
@example('"')
@example("a@b.cd" * 2)
def test_no_text_is_too_strange(text):
    rows = parse_pasted(text)

    assert all(1 <= row.number <= len(text) + 1 for row in rows)
    assert [row.number for row in rows] == sorted(row.number for row in rows)
    usable = [row.email for row in rows if row.is_usable]
    assert len(usable) == len(set(usable))
    assert all(map(is_email, usable))


def test_long_nonsense_is_told_as_quickly_as_it_is_read():
    # Backtracking over this took minutes.
    rows = parse_pasted("a " + "@" * 200_000 + " b")

    assert [row.is_usable for row in rows] == [False]
