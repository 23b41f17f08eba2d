"""What is kept of the screen's findings, how explanations follow their words, and what is refused elsewhere."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from cases.deidentification.findings import Kind, Reason, Tier
from cases.finding_texts import INSTEAD, LABELS, TIERS, WHY, finding_words
from cases.proof import field_anchor, proof
from cases.screening import (
    FindingRow,
    IdentifiersFoundError,
    explained,
    explanations,
    finding_key,
    refuse_identifiers,
    screen_content,
)

HEALTH_NUMBER = "1234-567-897"
WHY_NOT = "It is the name of a treatment protocol."


def row(text: str, words: str, *, path: str = "goals", tier: str = "confirm", **values: Any) -> FindingRow:
    """A finding of `words` in `text`."""
    start = text.index(words)
    found = FindingRow(
        path=path,
        start=start,
        end=start + len(words),
        kind="NAME",
        tier=tier,
        reason="name_list",
        explanation="",
    )
    return FindingRow(**{**found, **values})  # type: ignore[typeddict-item]  # a test's own changes


def test_screen_says_where_what_and_why_and_keeps_no_words() -> None:
    content = {
        "age": "57",
        "pain_history": f"She gave HCN {HEALTH_NUMBER} at the desk.",
        "medications": [{"name": "oxycodone", "effect": f"see {HEALTH_NUMBER}"}],
    }

    rows = screen_content(content)

    found = {found["path"]: found for found in rows}
    assert {"pain_history", "medications.0.effect"} <= set(found)
    first = found["pain_history"]
    assert (first["kind"], first["tier"], first["explanation"]) == ("HEALTH_NUMBER", "stop", "")
    assert str(content["pain_history"])[first["start"] : first["end"]].endswith(HEALTH_NUMBER)
    assert HEALTH_NUMBER not in str(rows)


def test_clean_content_has_no_findings_and_empty_content_neither() -> None:
    assert screen_content({"pain_history": "Low back pain for twelve years, worse with sitting."}) == []
    assert screen_content({}) == []


def test_explanation_follows_its_words_when_they_move() -> None:
    before, after = "The Marie protocol was tried.", "Last year the  marie protocol was tried."
    earlier = [row(before, "Marie", explanation=WHY_NOT)]

    given = explanations({"goals": before}, earlier)
    rows = explained(
        [row(after, "marie", path="treatments"), row(after, "protocol", path="treatments")],
        {"treatments": after},
        given,
    )

    assert [each["explanation"] for each in rows] == [WHY_NOT, ""]


def test_explanation_is_gone_with_its_words_and_belongs_to_their_kind() -> None:
    text = "The Marie protocol was tried."
    given = explanations({"goals": text}, [row(text, "Marie", explanation=WHY_NOT)])

    assert explained([], {"goals": "It was tried."}, given) == []
    assert explained([row(text, "Marie", kind="PLACE")], {"goals": text}, given)[0]["explanation"] == ""


def test_explanation_never_stays_with_what_must_be_changed() -> None:
    text = "The Marie protocol was tried."
    given = explanations({"goals": text}, [row(text, "Marie", explanation=WHY_NOT)])

    assert explained([row(text, "Marie", tier="stop")], {"goals": text}, given)[0]["explanation"] == ""


def test_key_says_nothing_of_the_words() -> None:
    text = f"HCN {HEALTH_NUMBER}"

    key = finding_key(row(text, HEALTH_NUMBER), {"goals": text})

    assert len(key) == 16
    assert not any(part in key for part in HEALTH_NUMBER.split("-"))


def test_other_texts_are_refused_without_being_quoted() -> None:
    with pytest.raises(IdentifiersFoundError) as refused:
        refuse_identifiers({"comments": f"Take out HCN {HEALTH_NUMBER}.", "note": "Ask about sleep."})

    assert set(refused.value.findings) == {"comments"}
    assert "Health number" in str(refused.value)
    assert HEALTH_NUMBER not in str(refused.value)


def test_other_texts_without_identifiers_pass() -> None:
    assert refuse_identifiers({"comments": "Please say what was tried before.", "note": ""}) == {}


def test_every_kind_and_reason_has_its_words() -> None:
    assert (set(LABELS), set(INSTEAD), set(WHY), set(TIERS)) == (set(Kind), set(Kind), set(Reason), set(Tier))
    for kind in Kind:
        for reason in Reason:
            words = finding_words(kind, reason)
            assert all(str(each).strip() for each in (words.label, words.why, words.instead))
    assert finding_words("GONE", "GONE").label == LABELS[Kind.OTHER_ID]


# --- the proof ------------------------------------------------------------------------------------------------------


def test_proof_underlines_what_was_found_and_numbers_the_same_words_once() -> None:
    text = "Marie went to Kenora; her friend Marie stayed."
    again = text.replace("Marie went", "Xxxxx went")
    rows = [
        row(text, "Marie"),
        row(text, "Kenora", kind="PLACE", reason="gazetteer"),
        row(again, "Marie"),
        row("Ask Marie", "Marie", path="question_1"),
    ]

    sheet = proof({"goals": text, "question_1": "Ask Marie"}, rows)

    items = {item.path: item for section in sheet.sections for item in section.items}
    marked = [(piece.text, piece.note.number) for piece in items["goals"].pieces if piece.note]
    assert marked == [("Marie", 1), ("Kenora", 2), ("Marie", 1)]
    assert "".join(piece.text for piece in items["goals"].pieces) == text
    assert [(note.number, note.is_repeat) for note in items["question_1"].notes] == [(1, True)]
    assert [note.number for note in sheet.notes] == [1, 2]
    assert (len(sheet.stops), len(sheet.confirms)) == (0, 2)


def test_proof_shows_overlapping_findings_and_loses_no_letter() -> None:
    text = "Marie Tremblay of Kenora"
    rows = [row(text, "Marie Tremblay"), row(text, "Tremblay of Kenora", kind="PLACE"), row(text, "Marie")]

    (item,) = proof({"goals": text}, rows).sections[0].items

    assert "".join(piece.text for piece in item.pieces) == text
    assert [piece.text for piece in item.pieces if piece.note] == ["Marie", " Tremblay", " of Kenora"]


def test_proof_keeps_a_stop_apart_from_the_same_words_to_confirm() -> None:
    text = "HCN 12 and 12"
    rows = [row(text, "12", tier="stop"), row("HCN xx and 12", "12")]

    sheet = proof({"goals": text}, rows)

    assert [(note.number, note.may_be_explained) for note in sheet.notes] == [(1, False), (2, True)]


def test_proof_without_findings_is_the_case_in_words() -> None:
    with translation.override("en"):
        sheet = proof({"sex": "female", "goals": "To sleep."})

    assert sheet.sections[0].items[0].label == "Sex"
    assert sheet.notes == []


def test_anchor_is_the_forms_field() -> None:
    assert field_anchor("goals") == "id_goals"
    assert field_anchor("medications.0.effect") == "id_medications-0-effect"
