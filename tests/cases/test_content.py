"""What may be kept of a case, how it is read, and what is computed from it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import body_map
from cases.clinical.med import OPIOIDS
from cases.clinical.ort import ITEMS
from cases.content import (
    FIELDS,
    MEDICATION,
    SECTIONS,
    Kind,
    clean_text,
    free_texts,
    missing,
    readable,
    readings,
    tidy,
)
from cases.content.choices import SITE, SITES
from cases.content.tidying import age_of
from core.errors import BadInputError
from tests.factories import CASE_CONTENT

EVERYTHING: dict[str, Any] = {
    **CASE_CONTENT,
    "age": "90+",
    "gender": "woman",
    "onset": "After a fall, six years ago.",
    "site_notes": "Down to the toes.",
    "function": "Sits for ten minutes.",
    "comorbidities": "Diabetes.",
    "ort": ["family_alcohol", "depression"],
    "urine_drug_screens": "As expected.",
    "mental_health": "PHQ-9 of 12.",
    "substance_use": "None.",
    "sleep": "Five hours.",
    "social": "Lives with a partner.",
    "investigations": "MRI, 2023: disc bulge at L4-L5.",
    "treatments": "Physiotherapy for a year.",
    "goals": "To walk the dog.",
    "question_2": "Is an injection worth it?",
    "question_3": "Which sleep treatment first?",
}


def words(content: dict[str, Any]) -> dict[str, str]:
    return {item.path: item.text for section in readable(content) for item in section.items}


def test_every_field_has_its_words_and_is_in_one_section() -> None:
    keys = [field.key for section in SECTIONS for field in section.fields]
    assert len(keys) == len(set(keys)) == len(FIELDS)
    for section in SECTIONS:
        assert section.title
        assert section.why
        for field in section.fields:
            assert field.label, field.key
            assert bool(field.choices) == (field.kind in {Kind.CHOICE, Kind.CODES}), field.key
    assert [field.key for field in FIELDS.values() if field.is_required] == [
        "age",
        "sex",
        "pain_history",
        "medications",
        "question_1",
    ]


def test_no_field_asks_for_a_direct_identifier() -> None:
    fields = {*FIELDS, *(field.key for field in MEDICATION)}
    for word in ("birth", "address", "health_number", "chart", "city", "patient_name"):
        assert not [key for key in fields if word in key]


def test_codes_of_the_clinical_tools_are_those_of_the_form() -> None:
    assert [code for code, _label in FIELDS["ort"].choices] == list(ITEMS)
    opioid = next(field for field in MEDICATION if field.key == "opioid")
    assert [code for code, _label in opioid.choices] == list(OPIOIDS)


def test_body_map_draws_every_site_and_no_other() -> None:
    drawn = {region.code for region in (*body_map.FRONT, *body_map.BACK)}
    assert drawn == {code for code, _label in SITE}
    assert len(SITE) == len({code for code, _label in SITE}) == sum(len(choices) for _name, choices in SITES)
    for figure in (body_map.FRONT, body_map.BACK):
        assert len({region.code for region in figure}) == len(figure)
    sides = {region.code: region.is_mirrored for region in body_map.FRONT}
    # The patient faces the reader in front, and turns away at the back.
    assert not sides["knee_right"]
    assert sides["knee_left"]
    assert not {region.code: region.is_mirrored for region in body_map.BACK}["knee_left"]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("plain", "plain"),
        ("  two  spaces ", "  two  spaces "),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\x00b\x07c\x1b[31md\x7f\x85", "abc[31md"),
        ("tab\there", "tab\there"),
        ("half a pair \ud800", "half a pair "),
        # The screen reads through these and says so; taken out, it could not.
        ("ze\u200bro and \u202ertl", "ze\u200bro and \u202ertl"),
        ("dose 5 µg – ½, né(e) 👩🏽‍⚕️", "dose 5 µg – ½, né(e) 👩🏽‍⚕️"),
    ],
)
def test_clean_text_takes_out_controls_and_nothing_else(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


@given(st.text())
def test_clean_text_is_done_once(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)


@pytest.mark.parametrize(("years", "kept"), [(0, "0"), (57, "57"), (89, "89"), (90, "90+"), (104, "90+")])
def test_age_above_89_is_90_plus(years: int, kept: str) -> None:
    assert age_of(years) == kept


def test_tidy_keeps_a_whole_case_as_it_is_and_again() -> None:
    assert tidy(EVERYTHING) == EVERYTHING
    assert tidy(tidy(EVERYTHING)) == EVERYTHING


def test_tidy_leaves_out_what_is_not_answered() -> None:
    row = {"name": " ", "when": "now", "dose": "", "opioid": "", "amount": ""}
    blank = {
        "age": "",
        "sex": "",
        "pain_history": " \n",
        "sites": [],
        "peg_pain": None,
        "no_medications": False,
        "medications": [row],
    }
    assert tidy(blank) == {}
    assert tidy({"peg_pain": 0, "no_medications": True}) == {"peg_pain": 0, "no_medications": True}


def test_tidy_orders_codes_and_counts_each_once() -> None:
    assert tidy({"sites": ["lower_back", "neck", "lower_back"]}) == {"sites": ["neck", "lower_back"]}


@pytest.mark.parametrize(
    "content",
    [
        {"name": "Somebody"},
        {"age": "90"},
        {"age": "-1"},
        {"age": "057"},
        {"age": "57.5"},
        {"age": 57},
        {"age": "٥٧"},
        {"sex": "F"},
        {"sites": ["moon"]},
        {"sites": "neck"},
        {"peg_pain": 11},
        {"peg_pain": -1},
        {"peg_pain": True},
        {"peg_pain": "7"},
        {"no_medications": "yes"},
        {"pain_history": ["a"]},
        {"pain_history": "x" * 20_001},
        {"gender": "x" * 501},
        {"medications": "oxycodone"},
        {"medications": ["oxycodone"]},
        {"medications": [{"brand": "x"}]},
        {"medications": [{"name": "x", "opioid": "heroin"}]},
        {"medications": [{"name": "x", "amount": "60 mg"}]},
        {"medications": [{"name": "x", "amount": "-60"}]},
        {"medications": [{"name": "x", "amount": "1e9999999"}]},
        {"medications": [{"name": "x", "amount": "NaN"}]},
        {"medications": [{"name": "x", "amount": "6٠"}]},
        {"medications": [{"name": "x"}] * 41},
        {"onset": "x" * 20_000, "function": "x" * 20_000, "sleep": "x" * 20_000, "social": "x"},
    ],
)
def test_tidy_refuses_what_no_form_sends(content: dict[str, Any]) -> None:
    with pytest.raises(BadInputError) as refused:
        tidy(content)
    # What is refused is never quoted.
    assert "Somebody" not in str(refused.value)
    assert "xxx" not in str(refused.value)


def test_tidy_takes_the_longest_case_and_the_longest_field() -> None:
    whole = {"onset": "x" * 20_000, "function": "x" * 20_000, "sleep": "x" * 20_000}
    assert tidy(whole) == whole


def test_missing_names_the_required_gaps_in_the_order_of_the_form() -> None:
    assert missing({}) == ["age", "sex", "pain_history", "medications", "question_1"]
    assert missing(EVERYTHING) == []
    without = {key: value for key, value in EVERYTHING.items() if key != "medications"}
    assert missing(without) == ["medications"]
    assert missing({**without, "no_medications": True}) == []


def test_readable_says_every_answer_in_words() -> None:
    said = words(EVERYTHING)
    assert said["age"] == "90+"
    assert said["sex"] == "Female"
    assert said["sites"] == "Lower back"
    assert said["peg_activity"] == "9 of 10"
    assert said["medications.0.opioid"] == "Oxycodone, 60 mg a day"
    assert said["medications.0.when"] == "Taken now"
    assert "medications.0.dose" not in said
    assert {path.partition(".")[0] for path in said} == set(EVERYTHING)
    assert readable({}) == []


def test_readable_says_the_unit_of_a_patch() -> None:
    patch = {"medications": [{"name": "fentanyl", "opioid": "fentanyl_patch", "amount": "25"}]}
    assert words(patch)["medications.0.opioid"] == "Fentanyl patch, 25 mcg an hour"


def test_free_texts_are_all_that_was_typed_exactly() -> None:
    texts = free_texts(EVERYTHING)
    typed = {key for key, field in FIELDS.items() if field.kind.is_written and key in EVERYTHING}
    assert set(texts) == typed | {"medications.0.name", "medications.0.effect"}
    assert texts["gender"] == "woman"
    shown = {
        item.path: item.text
        for section in readable(EVERYTHING)
        for item in section.items
        if item.is_free_text
    }
    assert shown == texts


def test_readings_name_source_and_limits() -> None:
    found = {reading.key: reading for reading in readings(EVERYTHING)}
    assert set(found) == {"med", "ort", "peg"}
    assert all(reading.source and reading.limits for reading in found.values())
    assert found["med"].value == "90 mg of morphine a day"
    assert found["ort"].value == "2: low risk"
    assert found["peg"].value == "8 of 10"
    assert readings({}) == []


@pytest.mark.parametrize(
    ("amount", "tone"), [("33", ""), ("34", "attention"), ("59.9", "attention"), ("60", "problem")]
)
def test_readings_flag_med_at_50_and_90(amount: str, tone: str) -> None:
    (med,) = readings({"medications": [{"opioid": "oxycodone", "amount": amount, "when": "now"}]})
    assert med.tone == tone
    assert bool(med.flag) == bool(tone)


def test_readings_count_what_is_taken_now_only() -> None:
    rows = [
        {"opioid": "oxycodone", "amount": "60", "when": "tried"},
        {"opioid": "codeine", "amount": "240", "when": "now"},
        {"opioid": "tramadol", "amount": "200"},
    ]
    (med,) = readings({"medications": rows})
    assert med.value == "At least 36 mg of morphine a day"
    assert len(med.lines) == 2
    assert med.lines[0] == "Codeine: 36 mg a day"
    assert med.lines[1].startswith("Tramadol: Not calculated")
    assert readings({"medications": rows[:1]}) == []


@pytest.mark.parametrize(
    ("sex", "items", "value", "tone"),
    [
        ("female", ["family_alcohol"], "1: low risk", ""),
        ("male", ["family_alcohol", "depression"], "4: moderate risk", "attention"),
        ("male", ["personal_illegal", "family_prescription"], "8: high risk", "problem"),
        ("unknown", ["sexual_abuse", "depression"], "1 to 4: low to moderate risk", "attention"),
    ],
)
def test_readings_say_the_risk_of_the_ort(sex: str, items: list[str], value: str, tone: str) -> None:
    (ort,) = readings({"sex": sex, "ort": items})
    assert (ort.value, ort.tone) == (value, tone)


def test_readings_need_all_three_answers_of_the_peg() -> None:
    assert readings({"peg_pain": 7, "peg_enjoyment": 8}) == []
    (peg,) = readings({"peg_pain": 0, "peg_enjoyment": 0, "peg_activity": 1})
    assert peg.value == "0.3 of 10"
