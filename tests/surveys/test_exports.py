"""Exports: pseudonyms for people, labels for codes, nothing that names anybody, and the same in every format."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from core.errors import BadInputError, NotAllowedError
from participants.enums import Category
from sessions_app.models import Cycle, Enrolment
from surveys.exports import Dataset, Purpose, Table, as_csv, as_sav, as_xlsx, build_table, codebook_rows
from surveys.models import Choice, Construct, Pseudonym, PseudonymLookup, ScreenedAnswer, SurveyWindow
from surveys.services import look_up_pseudonym, screen_answers
from tests.clock import toronto
from tests.factories import (
    OPENED_AT,
    make_attendance,
    make_cycle,
    make_enrolment,
    make_instrument,
    make_program,
    make_response,
    make_survey_question,
    make_user,
    make_window,
)
from tests.surveys.test_results import answer

pytestmark = pytest.mark.django_db

NOW = toronto(2025, 9, 12, 15, 47)
ACCENTS = "Évaluer d’abord le sommeil – œuvrer ensuite. " * 12


def every_kind(cycle: Cycle) -> SurveyWindow:
    """A pre-survey with a question of every kind."""
    construct = Construct.objects.create(program=cycle.program, key="confidence", name="Confidence")
    instrument = make_instrument(cycle.program, "pre", questions=[])
    section = instrument.sections.get()
    make_survey_question(
        section,
        "scale",
        key="sure",
        construct=construct,
        low_label="Not at all",
        high_label="Very",
        text_fr="Sûr?",
    )
    one = make_survey_question(section, "single", key="one-of")
    Choice.objects.filter(question=one, key="b").update(is_correct=True)
    make_survey_question(section, "multiple", key="several")
    make_survey_question(section, "number", key="years", minimum=0, maximum=60, places=1, unit="years")
    make_survey_question(section, "text", key="words", is_required=False)
    matrix = make_survey_question(section, "matrix", key="tasks", low_label="Never", high_label="Always")
    make_survey_question(section, "item", key="taper", matrix=matrix, is_reversed=True)
    make_survey_question(section, "consent", key="research", is_research_consent=True)
    return make_window(cycle, "pre", instrument=instrument)


def full(consent: str = "yes", **changes: object) -> dict[str, object]:
    return {
        "sure": 4,
        "one-of": ["b"],
        "several": ["a", "c"],
        "years": Decimal("12.5"),
        "words": ACCENTS,
        "taper": 2,
        "research": [consent],
    } | changes


def people(cycle: Cycle, number: int = 6, category: str = Category.OTHER) -> list[Enrolment]:
    return [
        make_enrolment(
            cycle,
            make_user(
                f"zz{category}{at}.{cycle.pk}@zzclinic.example", name=f"Zzmary Zzsmith{at}", category=category
            ),
        )
        for at in range(number)
    ]


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle(sessions=2)


@pytest.fixture
def answered(cycle) -> list[Enrolment]:
    window = every_kind(cycle)
    enrolments = people(cycle)
    for at, enrolment in enumerate(enrolments):
        answer(enrolment, window, **full("no" if at == 5 else "yes"))
    make_attendance(enrolments[0], cycle.sessions.all()[0])
    screen_answers(now=NOW)
    return enrolments


def export(cycle: Cycle, dataset: Dataset = Dataset.PEOPLE, purpose: Purpose = Purpose.PROGRAM) -> Table:
    return build_table([cycle], dataset=dataset, purpose=purpose)


def records(table: Table) -> list[dict[str, Any]]:
    names = [variable.name for variable in table.variables]
    return [dict(zip(names, row, strict=True)) for row in table.rows]


def test_people_have_a_row_with_a_column_for_each_question(cycle, answered):
    table = export(cycle)

    assert [variable.name for variable in table.variables] == [
        "pseudonym",
        "cycle",
        "category",
        "sessions_attended",
        "pre_day",
        "pre_sure",
        "pre_one_of",
        "pre_several_a",
        "pre_several_b",
        "pre_several_c",
        "pre_years",
        "pre_words",
        "pre_taper",
        "pre_research",
    ]
    codes = {one.participant_id: one.code for one in Pseudonym.objects.all()}
    row = next(row for row in records(table) if row["pseudonym"] == codes[answered[0].participant_id])
    assert row | {"pseudonym": ""} == {
        "pseudonym": "",
        "cycle": cycle.name,
        "category": 3,
        "sessions_attended": 1,
        "pre_day": "2025-08-01",
        "pre_sure": 4,
        "pre_one_of": 2,
        "pre_several_a": 1,
        "pre_several_b": 0,
        "pre_several_c": 1,
        "pre_years": 12.5,
        "pre_words": ScreenedAnswer.objects.all()[0].text,
        "pre_taper": 2,
        "pre_research": 1,
    }
    # In the order of pseudonyms, which tells nothing.
    assert [row["pseudonym"] for row in records(table)] == sorted(codes.values())


def test_research_takes_those_who_consent_last_and_counts_the_others(cycle, answered):
    post = make_instrument(cycle.program, "post", questions=[])
    make_survey_question(post.sections.get(), "consent", key="research", is_research_consent=True)
    window = make_window(cycle, "post", instrument=post)
    answer(answered[0], window, research=["no"])
    never_asked = people(cycle, 1, Category.SPECIALIST)[0]
    other = make_instrument(cycle.program, "reflection", questions=["scale"])
    answer(never_asked, make_window(cycle, "reflection", instrument=other), q1=3)

    table = export(cycle, purpose=Purpose.RESEARCH)

    assert len(table.rows) == 4
    assert table.left_out == 3
    assert len(export(cycle).rows) == 7


def test_person_left_out_of_two_cycles_is_counted_once():
    program, person = make_program(), make_user()
    cycles = [make_cycle(program) for _ in range(2)]
    for each in cycles:
        make_response(make_enrolment(each, person), make_window(each), submitted_at=OPENED_AT)

    table = build_table(cycles, dataset=Dataset.PEOPLE, purpose=Purpose.RESEARCH)

    assert (table.rows, table.left_out) == ((), 1)


def test_pseudonym_is_the_same_in_a_program_and_another_elsewhere():
    program = make_program()
    person = make_user()
    codes = []
    for cycle in (make_cycle(program, name="One"), make_cycle(program, name="Two"), make_cycle()):
        window = make_window(cycle)
        answer(make_enrolment(cycle, person), window, q1=3)
        codes.append(records(export(cycle))[0]["pseudonym"])

    assert codes[0] == codes[1] != codes[2]
    together = build_table(list(program.cycles.all()), dataset=Dataset.PEOPLE, purpose=Purpose.PROGRAM)
    assert [row["cycle"] for row in records(together)] == ["One", "Two"]


def test_small_categories_are_not_named(cycle, answered):
    window = cycle.survey_windows.get()
    for enrolment in people(cycle, 2, Category.SPECIALIST) + people(cycle, 9, Category.FAMILY_PHYSICIAN):
        answer(enrolment, window, **full())

    categories = [row["category"] for row in records(export(cycle))]

    # Two specialists alone would be found by subtraction: the next smallest is not named either.
    assert sorted(categories) == [0] * 8 + [1] * 9


def test_words_that_nobody_has_screened_are_blank_and_counted(cycle):
    window = every_kind(cycle)
    answer(people(cycle, 1)[0], window, **full())

    table = export(cycle)

    assert records(table)[0]["pre_words"] is None
    assert table.unscreened == 1


def test_question_in_another_range_has_a_column_of_its_own():
    program = make_program()
    for at, maximum in enumerate((5, 5, 7), 1):
        cycle = make_cycle(program, name=f"Cycle {at}")
        instrument = make_instrument(program, "pre", version=at, questions=[])
        make_survey_question(instrument.sections.get(), "scale", key="sure", maximum=maximum)
        answer(make_enrolment(cycle), make_window(cycle, instrument=instrument), sure=4)

    table = build_table(list(program.cycles.all()), dataset=Dataset.PEOPLE, purpose=Purpose.PROGRAM)

    by_cycle = {row["cycle"]: (row["pre_sure"], row["pre_sure_v3"]) for row in records(table)}
    assert by_cycle == {"Cycle 1": (4, None), "Cycle 2": (4, None), "Cycle 3": (None, 4)}


def test_no_two_columns_are_called_the_same_whatever_the_keys(cycle):
    instrument = make_instrument(cycle.program, "pre", questions=[])
    section = instrument.sections.get()
    make_survey_question(section, "scale", key="day")
    make_survey_question(section, "multiple", key="several")
    make_survey_question(section, "scale", key="several_a")
    make_survey_question(section, "scale", key="several-a")
    window = make_window(cycle, instrument=instrument)
    answer(people(cycle, 1)[0], window, **{"day": 2, "several": ["a"], "several_a": 3, "several-a": 4})

    (row,) = records(export(cycle))

    values = [value for name, value in row.items() if name.startswith("pre_")]
    assert values == ["2025-08-01", 2, 1, 0, 0, 3, 4]


def test_category_is_counted_cycle_by_cycle():
    program = make_program()
    person = make_user(category=Category.SPECIALIST)
    for at in range(6):
        cycle = make_cycle(program, name=f"Cycle {at}")
        answer(make_enrolment(cycle, person), make_window(cycle), q1=3)

    table = build_table(list(program.cycles.all()), dataset=Dataset.PEOPLE, purpose=Purpose.PROGRAM)

    assert {row["category"] for row in records(table)} == {0}


def test_evaluations_have_a_row_for_each_session(cycle):
    instrument = make_instrument(cycle.program, "evaluation", questions=["scale"])
    person = people(cycle, 1)[0]
    for number, session in enumerate(cycle.sessions.order_by("starts_at"), 2):
        window = make_window(cycle, "evaluation", instrument=instrument, session=session)
        answer(person, window, q1=number)

    rows = records(export(cycle, Dataset.EVALUATIONS))

    assert [(row["session_day"], row["evaluation_q1"]) for row in rows] == [
        ("2025-09-11", 2),
        ("2025-09-18", 3),
    ]
    assert export(cycle).rows == ()


def test_codebook_says_what_each_variable_is(cycle, answered):
    heading, *lines = codebook_rows(export(cycle))
    book = {line[0]: dict(zip(heading, line, strict=True)) for line in lines}

    assert list(book) == [variable.name for variable in export(cycle).variables]
    assert book["pre_sure"]["Codes"] == "1 = Not at all; 5 = Very"
    assert book["pre_sure"]["Construct"] == "Confidence"
    assert book["pre_taper"]["Reverse-scored"] == "yes, not turned here"
    assert book["pre_taper"]["Codes"] == "1 = Never; 5 = Always"
    assert book["pre_one_of"]["Correct answer"] == "2"
    assert (book["pre_years"]["Range"], book["pre_years"]["Unit"]) == ("0–60", "years")
    assert book["pre_sure"]["Values"] == 6


def test_export_costs_the_same_queries_for_two_as_for_twenty():
    counts = []
    for number in (2, 20):
        cycle = make_cycle()
        window = every_kind(cycle)
        for enrolment in people(cycle, number):
            answer(enrolment, window, **full())
        with CaptureQueriesContext(connection) as queries:
            export(cycle)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 12


def test_cycle_without_answers_has_an_empty_export(cycle):
    assert export(cycle).rows == ()
    assert as_sav(export(cycle), file_label="Nothing")
    every_kind(cycle)
    assert as_xlsx(export(cycle), data_title="Data", codebook_title="Codebook")


# --- the files, read by other programs than those that wrote them -----------------------------------------------------


def files(table: Table) -> dict[str, bytes]:
    return {
        "csv": as_csv(table),
        "xlsx": as_xlsx(table, data_title="Data", codebook_title="Codebook"),
        "sav": as_sav(table, file_label="Pain: Fall 2025"),
    }


def test_nothing_in_any_file_names_anybody_or_tells_a_time(cycle, answered):
    window = cycle.survey_windows.get()
    talker = people(cycle, 1, Category.SPECIALIST)[0]
    answer(talker, window, **full(words="Ask Zzmary Zzsmith3, or Mr. Oluwaseun Zzadeyemi at 416-555-0199."))
    screen_answers(now=NOW)
    table = export(cycle)
    text = "\n".join(str(cell) for row in table.rows for cell in row)
    sheets = CalamineWorkbook.from_filelike(BytesIO(files(table)["xlsx"]))
    text += str([sheets.get_sheet_by_name(name).to_python() for name in sheets.sheet_names])
    text += as_csv(table).decode()
    sav = files(table)["sav"].decode("utf-8", errors="replace")

    for word in ("zz", "Zz", "@", "555-0199", "15:47", "09:00"):
        assert word not in text
    assert "Zzsmith" not in sav
    for one in answered:
        licence = one.participant.profile.licence_number
        assert not licence or licence not in text
    assert "[name]" in text
    assert not re.search(r"\d\d:\d\d", text)


def test_workbook_is_read_by_another_reader_cell_by_cell(cycle, answered):
    table = export(cycle)

    book = CalamineWorkbook.from_filelike(BytesIO(files(table)["xlsx"]))
    heading, *rows = book.get_sheet_by_name("Data").to_python()

    assert heading == [variable.name for variable in table.variables]
    assert [[cell if cell != "" else None for cell in row] for row in rows] == [
        list(row) for row in table.rows
    ]
    codebook = book.get_sheet_by_name("Codebook").to_python()
    assert [[str(cell) for cell in line] for line in codebook_rows(table)] == [
        [str(int(cell)) if isinstance(cell, float) else str(cell) for cell in line] for line in codebook
    ]


def test_no_file_holds_a_formula(cycle):
    window = every_kind(cycle)
    for formula, enrolment in zip(
        ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=HYPERLINK()"), people(cycle), strict=True
    ):
        kept = answer(enrolment, window, **full(words=f"x{formula}"))
        ScreenedAnswer.objects.create(answer=kept.answers.get(question__key="words"), text=formula)
    table = export(cycle)

    cells = [row["pre_words"] for row in csv.DictReader(StringIO(as_csv(table).decode("utf-8-sig")))]
    assert all(cell.startswith("'") for cell in cells)
    book = CalamineWorkbook.from_filelike(BytesIO(files(table)["xlsx"]))
    at = [variable.name for variable in table.variables].index("pre_words")
    assert all(str(row[at]).startswith("'") for row in book.get_sheet_by_name("Data").to_python()[1:])


def pspp(folder: Path, syntax: str) -> str:
    """What GNU PSPP, which shares nothing with the writer, says to a program."""
    if shutil.which("pspp") is None:
        # On a machine that decides whether a change lands, a reader that is missing is a failure.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(
            "no PSPP on this machine: install Debian's package pspp"
        )
    program = folder / "read.sps"
    program.write_text(syntax, encoding="utf-8")
    done = subprocess.run(
        ["pspp", "-o", str(folder / "out.csv"), "-o", str(folder / "out.txt"), str(program)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return (folder / "out.csv").read_text(encoding="utf-8")


def test_spss_file_is_read_by_another_program_cell_by_cell(cycle, answered, tmp_path):
    window = cycle.survey_windows.get()
    answer(people(cycle, 1, Category.SPECIALIST)[0], window, sure=1, taper=5, research=["no"])
    table = export(cycle)
    (tmp_path / "export.sav").write_bytes(files(table)["sav"])

    pspp(tmp_path, "GET FILE='export.sav'.\nSAVE TRANSLATE /OUTFILE='cells.csv' /TYPE=CSV /FIELDNAMES.\n")

    with (tmp_path / "cells.csv").open(encoding="utf-8", newline="") as cells:
        heading, *rows = csv.reader(cells)
    assert heading == [variable.name for variable in table.variables]
    assert len(rows) == len(table.rows)
    for read, kept in zip(rows, table.rows, strict=True):
        for cell, value in zip(read, kept, strict=True):
            if isinstance(value, int | float):
                assert float(cell) == value
            else:
                assert cell.strip() == (value or "").strip()


def test_spss_file_carries_labels_and_levels(cycle, answered, tmp_path):
    (tmp_path / "export.sav").write_bytes(files(export(cycle))["sav"])

    said = pspp(tmp_path, "GET FILE='export.sav'.\nDISPLAY DICTIONARY.\n")

    for words in (
        "Not at all",
        "Very",
        "Never",
        "Always",
        "not chosen",
        "chosen",
        "Choice b",
        "Ordinal",
        "Nominal",
        "Scale",
    ):
        assert words in said
    for variable in export(cycle).variables:
        assert variable.name in said
        assert variable.label[:40] in said


# --- the one way back -----------------------------------------------------------------------------------------------


def test_pseudonym_is_linked_by_those_with_the_role_and_on_record(cycle, answered):
    code = Pseudonym.objects.get(participant=answered[0].participant).code
    steward = make_user(is_staff=True)
    steward.groups.add(Group.objects.get(name="Pseudonym linkage"))
    coordinator = make_user(is_staff=True)
    coordinator.groups.add(Group.objects.get(name="Coordinators"))

    with pytest.raises(NotAllowedError):
        look_up_pseudonym(code=code, by=coordinator, reason="Curious.", now=NOW)
    for wrong, reason in ((code, " "), ("NOBODY22", "A withdrawal.")):
        with pytest.raises(BadInputError):
            look_up_pseudonym(code=wrong, by=steward, reason=reason, now=NOW)
    assert not PseudonymLookup.objects.exists()

    found = look_up_pseudonym(code=f" {code.lower()} ", by=steward, reason=" A withdrawal. ", now=NOW)

    assert found.participant == answered[0].participant
    kept = PseudonymLookup.objects.get()
    assert (kept.looked_up_by, kept.reason, kept.looked_up_at) == (steward, "A withdrawal.", NOW)
