"""A case as a form: what is typed becomes content, and content becomes what is typed."""

from __future__ import annotations

from typing import Any

import pytest

from cases.case_forms import CaseForm
from cases.content import tidy
from cases.draft_page import differences, notes_by_path, progress
from tests.cases.drafting import typed
from tests.cases.test_content import EVERYTHING


def sent(form: CaseForm) -> dict[str, Any]:
    assert form.is_valid(), form.errors
    return tidy(form.content())


def test_a_whole_case_goes_through_the_form_unchanged() -> None:
    assert sent(CaseForm(typed(EVERYTHING), content={})) == EVERYTHING


def test_an_empty_form_is_an_empty_case() -> None:
    assert sent(CaseForm(typed({}), content={})) == {}


@pytest.mark.parametrize(
    ("age", "kept"), [("57", "57"), ("89", "89"), ("90", "90+"), ("103", "90+"), ("0", "0")]
)
def test_age_above_89_is_kept_as_90_plus(age: str, kept: str) -> None:
    assert sent(CaseForm(typed({}, age=age), content={})) == {"age": kept}


def test_age_of_90_plus_is_shown_as_90_and_stays() -> None:
    form = CaseForm(content={"age": "90+"})
    assert 'value="90"' in str(form["age"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("age", "fifty"),
        ("age", "-1"),
        ("age", "131"),
        ("sex", "F"),
        ("peg_pain", "11"),
        ("pain_history", "x" * 20_001),
        ("pain_history", "x" * 100_000),
        ("gender", "x" * 501),
        ("medications-0-amount", "60 mg"),
        ("medications-0-amount", "1e999999999"),
        ("medications-0-opioid", "heroin"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_the_rest_is_kept(name: str, value: str) -> None:
    kept = {"age": "40", "pain_history": "Before."}
    form = CaseForm(
        typed({}, **{"sleep": "Five hours.", "medications-0-name": "x", name: value}), content=kept
    )
    assert not form.is_valid()
    assert list(form.errors) == [name]
    content = tidy(form.content())
    assert content["sleep"] == "Five hours."
    assert content["medications"][0]["name"] == "x"
    if name in kept:
        assert content[name] == kept[name]


@pytest.mark.parametrize(("amount", "kept"), [("60", "60"), (" 7,5 ", "7.5"), ("1 000", "1000"), ("", None)])
def test_amounts_may_have_a_comma_and_spaces(amount: str, kept: str | None) -> None:
    form = CaseForm(typed({}, **{"medications-0-name": "x", "medications-0-amount": amount}), content={})
    assert sent(form)["medications"][0].get("amount") == kept


def test_text_loses_controls_and_keeps_everything_else() -> None:
    form = CaseForm(typed({}, onset="  a\x00b\r\nc\u200b <b>bold</b> "), content={})
    assert sent(form) == {"onset": "  ab\nc\u200b <b>bold</b> "}


def test_empty_rows_of_medications_are_left_out_and_fields_are_still_found() -> None:
    rows = {"medications-0-name": "", "medications-1-name": "codeine", "medications-2-effect": "None."}
    form = CaseForm(typed({}, medication_rows="3", **rows), content={})
    assert [row.get("name", "") for row in sent(form)["medications"]] == ["codeine", ""]
    assert form.field_of("medications.0.name") == "medications-1-name"
    assert form.field_of("medications.1.effect") == "medications-2-effect"
    assert form.field_of("pain_history") == "pain_history"


@pytest.mark.parametrize(
    ("rows", "shown"), [("0", 0), ("3", 3), ("41", 40), ("999999999", 40), ("-1", 0), ("²", 0)]
)
def test_rows_that_were_sent_are_never_more_than_a_case_has(rows: str, shown: int) -> None:
    assert CaseForm(typed({}, medication_rows=rows), content={}).rows == shown


def test_a_page_offers_one_row_at_first_and_another_one_when_asked() -> None:
    assert CaseForm(content={}).rows == 1
    assert CaseForm(content=EVERYTHING).rows == 1
    assert CaseForm(content=EVERYTHING, more=1).rows == 2


def test_long_text_is_not_cut_by_the_browser() -> None:
    # A maxlength cuts what is pasted without a word.
    assert "maxlength" not in str(CaseForm(content={})["pain_history"])


def test_only_what_is_needed_is_marked() -> None:
    html = str(CaseForm(content={})["age"].as_field_group())
    assert "needed to hand in" in html
    html = str(CaseForm(content={})["gender"].as_field_group())
    assert "needed" not in html
    assert "optional" not in html


def test_notes_quote_the_words_and_are_tied_to_the_field() -> None:
    content = {"onset": "HCN 1234567897."}
    row = {
        "path": "onset",
        "start": 4,
        "end": 14,
        "kind": "HEALTH_NUMBER",
        "tier": "stop",
        "reason": "check_digit",
        "explanation": "",
    }
    form = CaseForm(content=content)
    form.notes = notes_by_path(content, [row, row])
    html = str(form["onset"].as_field_group())
    assert html.count("<q>1234567897</q>") == 1
    assert 'aria-describedby="id_onset_helptext id_onset_notes"' in html
    # What the author has explained is not said again.
    assert notes_by_path(content, [row | {"explanation": "The number of a study."}]) == {}


def test_progress_says_what_is_needed_and_what_must_be_changed() -> None:
    row = {"path": "medications.0.name", "tier": "stop"}
    said = {part.key: part.tone for part in progress(EVERYTHING, [row])}
    assert said["medications"] == "problem"
    assert said["patient"] == "done"
    said = {part.key: part.tone for part in progress({"onset": "Long ago."}, [])}
    assert said["pain"] == "attention"
    assert said["mind"] == ""


def test_differences_say_what_the_other_has() -> None:
    mine = {"onset": "A", "sleep": "Same.", "goals": "Walk."}
    theirs = {"onset": "B", "sleep": "Same.", "medications": [{"name": "codeine", "effect": "None."}]}
    assert differences(mine, theirs) == {
        "onset": "B",
        "medications": "Medication 1: codeine\nMedication 1: effect: None.",
        "goals": "",
    }
    assert differences(mine, mine) == {}
