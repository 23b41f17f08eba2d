from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import BadInputError
from outbox.services.queueing import checked_address
from participants.enums import Category, Profession
from participants.models import Profile, User
from sessions_app.rosters import (
    BLOCKING,
    FIELDS,
    FILE_PROBLEMS,
    WARNINGS,
    CheckedRow,
    RosterError,
    RosterProblem,
    check_rows,
    guess_mapping,
    read_table,
)
from sessions_app.rosters.checks import LENGTHS, is_email
from tests.rosters import check_cells, problems


def check(content: str) -> tuple[CheckedRow, ...]:
    table = read_table(content.encode())
    return check_rows(table, guess_mapping(table.headers))


# --- rows -----------------------------------------------------------------------------------------------------------


def test_a_good_row_becomes_a_person():
    (row,) = check(
        "E-mail,First name,Last name,Profession,CPSO #,Clinic,City,Language\n"
        " Ann.Lee@X.Example , Ann ,Lee,Family Medicine,123456,Elm Clinic,Kingston,English\n"
    )

    assert row == CheckedRow(
        number=2,
        email="ann.lee@x.example",
        name="Ann Lee",
        category="family_physician",
        licence_number="123456",
        practice_name="Elm Clinic",
        practice_city="Kingston",
        language="en",
    )
    assert row.is_usable


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Zoë Müller-O’Neil", "Zoë Müller-O’Neil"),
        ("王秀英", "王秀英"),
        ("محمد علی\u200cزاده", "محمد علی\u200cزاده"),
        ("Ірина  Шевченко", "Ірина  Шевченко"),
        ("  Ann  Lee \t", "Ann  Lee"),
        ("McDONALD, ann", "McDONALD, ann"),
        ("N" * 200, "N" * 200),
        ("-", ""),
        (" — ", ""),
        ("", ""),
    ],
)
def test_names_are_kept_as_typed(typed, kept):
    row = check_cells(name=typed)

    assert (row.name, row.problems) == (kept, ())


@pytest.mark.parametrize(
    ("cells", "name"),
    [
        ({"name": "Ann Lee", "first_name": "Anna", "last_name": "Leigh"}, "Ann Lee"),
        ({"name": " ", "first_name": "Anna", "last_name": "Leigh"}, "Anna Leigh"),
        ({"first_name": "Anna"}, "Anna"),
        ({"last_name": "Leigh", "first_name": "-"}, "Leigh"),
    ],
)
def test_a_name_is_the_full_one_or_made_of_its_parts(cells, name):
    assert check_cells(**cells).name == name


@pytest.mark.parametrize(
    ("field", "typed", "problem"),
    [
        ("name", "=1+1", "formula"),
        ("name", "@SUM(A1)", "formula"),
        ("name", "+1+cmd|' /C calc'!A0", "formula"),
        ("name", "-2+3*(1)", "formula"),
        ("email", "=HYPERLINK(A1)", "formula"),
        ("licence_number", "=A2", "formula"),
        ("practice_city", "=A2", "formula"),
        ("category", "=A2", "formula"),
        ("language", "=A2", "formula"),
        ("name", "Ann\nLee", "line_break"),
        ("name", "Ann\r\nLee", "line_break"),
        ("name", "Ann\rLee", "line_break"),
        ("name", "Ann\u2028Lee", "line_break"),
        ("first_name", "Ann\nBo", "line_break"),
        ("email", "ann@x.example\nbcc: all@x.example", "line_break"),
        ("practice_name", "Elm\x0bClinic", "line_break"),
        ("name", "Ann\x00Lee", "control_character"),
        ("name", "Ann\tLee", "control_character"),
        ("name", "Ann\x1b[31mLee", "control_character"),
        ("name", "Ann \u202eeeL", "control_character"),
        ("name", "Ann \ud83d", "control_character"),
        ("email", "ann\x07@x.example", "control_character"),
        ("name", "N" * 201, "too_long"),
        ("first_name", "N" * 201, "too_long"),
        ("licence_number", "1" * 31, "too_long"),
        ("practice_name", "P" * 201, "too_long"),
        ("practice_city", "C" * 101, "too_long"),
        ("email", "a" * 243 + "@x.example.ca", "too_long"),
        ("name", "N" * 100_000, "too_long"),
    ],
)
def test_cells_that_do_not_belong_make_the_row_unusable(field, typed, problem):
    row = check_cells(**{field: typed})
    shown = "name" if (field, problem) == ("first_name", "too_long") else field

    assert problems(row) == [(problem, shown)]
    assert not row.is_usable
    assert getattr(row, shown if shown != "first_name" else "name") == ""
    assert len(row.problems[0].detail) <= 60
    assert row.problems[0].detail.isprintable()


def test_every_problem_of_a_row_is_told_at_once():
    row = check_cells(email="", name="=A1", licence_number="1" * 40, profession="wizard", language="Klingon")

    assert problems(row) == [
        ("formula", "name"),
        ("too_long", "licence_number"),
        ("email_missing", "email"),
        ("profession_unknown", "profession"),
        ("language_unknown", "language"),
    ]
    assert [found.detail for found in row.problems] == ["=A1", "30", "", "wizard", "Klingon"]


def test_a_duplicate_names_the_first_row_that_can_be_used():
    rows = check(
        "Email,Name\n"
        'ann@x.example,"Ann\nLee"\n'  # cannot be used
        "ann@x.example,Ann\n"
        "bo@x.example,Bo\n"
        "ANN@x.example,Ann again\n"
        " Ann <ann@X.example>,Ann again\n"
    )

    assert [(row.number, row.is_usable) for row in rows] == [
        (2, False),
        (4, True),
        (5, True),
        (6, False),
        (7, False),
    ]
    assert problems(rows[3]) == [("duplicate_row", "email")]
    assert [row.problems[0].detail for row in rows[3:]] == ["4", "4"]
    assert rows[3].email == "ann@x.example"


def test_cells_beyond_the_header_make_the_row_unusable():
    rows = check("Email,Name\nann@x.example,Lee, Ann\nbo@x.example,Bo,,\ncy@x.example\n")

    assert [problems(row) for row in rows] == [[("extra_cells", "")], [], []]
    assert rows[0].problems[0].detail == "Ann"
    assert rows[2].name == ""


@pytest.mark.parametrize(
    ("mapping", "problem", "detail"),
    [
        ({"name": 1}, "no_email_column", ""),
        ({}, "no_email_column", ""),
        ({"email": 7}, "no_email_column", ""),
        ({"email": -1}, "no_email_column", ""),
        ({"email": 0, "name": 0}, "column_twice", "Email"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(mapping, problem, detail):
    table = read_table(b"Email,Name\nann@x.example,Ann\n")

    with pytest.raises(RosterError) as caught:
        check_rows(table, mapping)

    assert (caught.value.problem, caught.value.detail) == (problem, detail)


def test_a_field_that_no_roster_has_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="shoe"):
        check_rows(read_table(b"Email\nann@x.example\n"), {"email": 0, "shoe": 0})


def test_every_problem_is_of_one_kind():
    assert set(RosterProblem) == BLOCKING | WARNINGS | FILE_PROBLEMS
    assert not BLOCKING & WARNINGS


# --- addresses ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "ann@x.example",
        "Ann.Lee+echo@Mail.X.Example",
        "o'neil@x.example",
        "élise.côté@x.example",
        "王@x.example",
        "a@b.ca",
        "ann@xn--mller-kva.example",
        "  ann@x.example\u200b",
        "\ufeffann@x.example",
        "mailto:ann@x.example",
        "Ann Lee <ann@x.example>",
        '"Lee, Ann" < ann@x.example >',
        "-ann@x.example",
    ],
)
def test_addresses_that_mail_reaches_are_taken(typed):
    row = check_cells(email=typed)

    assert row.problems == ()
    assert row.email == row.email.lower()
    assert checked_address(row.email) == row.email


@pytest.mark.parametrize(
    "typed",
    [
        "ann",
        "ann@",
        "ann.example",
        "ann@x",
        "ann@x.",
        "ann@.example",
        "ann@@x.example",
        "ann@bo@x.example",
        "ann lee@x.example",
        "ann@x .example",
        "ann@x.example, bo@x.example",
        "ann@x.example bo@x.example",
        ".ann@x.example",
        "ann.@x.example",
        "a..n@x.example",
        "ann(work)@x.example",
        '"ann lee"@x.example',
        "ann@[127.0.0.1]",
        "ann@127.0.0.1",
        "ann@-x.example",
        "ann@x-.example",
        "ann@x_y.example",
        "ann@müller.example",
        "ann@x.e",
        "ann\u200b@x.example",
        "<ann@x.example",
        "Ann <ann@x.example> Lee",
        "<a@x.example><b@x.example>",
        "n/a",
        "-",
    ],
)
def test_addresses_that_mail_may_not_reach_are_refused(typed):
    assert problems(check_cells(email=typed)) == [("email_invalid", "email")]


@given(st.emails() | st.from_regex(r"[\w.+'-]{1,12}@[\w.-]{1,12}\.[a-z]{2,4}", fullmatch=True))
@example("ß@x.example")
def test_the_outbox_takes_every_address_that_a_roster_takes(address):
    address = address.lower()
    if is_email(address):
        try:
            assert checked_address(address) == address
        except BadInputError as error:
            raise AssertionError(address) from error


def test_the_lengths_are_those_that_the_portal_keeps():
    for field, length in LENGTHS.items():
        model, name = (
            (User, field) if field == "email" else (Profile, "legal_name" if field == "name" else field)
        )
        assert getattr(model._meta.get_field(name), "max_length", None) == length


# --- laws -----------------------------------------------------------------------------------------------------------


@given(st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=250)))
@example({"email": "ann@x.example", "name": "Ann\u2029Lee"})
def test_a_usable_person_holds_nothing_that_cannot_be_kept(cells):
    row = check_cells(**cells)

    for field, length in LENGTHS.items():
        value = getattr(row, field)
        assert len(value) <= length
        assert not any(character in value for character in "\r\n\x00\u2028\u2029\u202e")
    assert row.category in {"", *Category.values}
    assert row.profession in {"", *Profession.values}
    assert row.language in {"", "en", "fr"}
    assert all(len(found.detail) <= 60 and "\n" not in found.detail for found in row.problems)
    assert row.is_usable is not bool({found.problem for found in row.problems} & BLOCKING)
    if row.is_usable:
        assert is_email(row.email)
