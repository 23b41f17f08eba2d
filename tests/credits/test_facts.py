"""The frozen inputs of a certificate: their JSON, and what they refuse."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credits.facts import CertificateFacts, CreditedSession, FactsError
from tests.credits.certificates import certificate_facts, specialist_facts

TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)
NAME = TEXT.filter(str.strip)
HOURS = st.decimals(min_value=0, max_value=9, places=2)
SESSION = st.builds(CreditedSession, held_on=st.dates(), title=TEXT, session_id=TEXT, hours=HOURS)


@st.composite
def any_facts(draw: st.DrawFn) -> CertificateFacts:
    sessions = tuple(draw(st.lists(SESSION, max_size=4)))
    total = sum((session.hours for session in sessions), Decimal(0))
    unit = draw(st.sampled_from(["credits", "hours"]))
    starts_on, ends_on = sorted([draw(st.dates()), draw(st.dates())])
    return certificate_facts(
        sessions=sessions,
        unit=unit,
        amount=total * 2 if unit == "credits" else total,
        maximum=total * 2 + draw(HOURS),
        language=draw(st.sampled_from(["en", "fr"])),
        cycle_starts_on=starts_on,
        cycle_ends_on=ends_on,
        participant_name=draw(NAME),
        hubs=tuple(draw(st.lists(TEXT, max_size=3))),
        statement=draw(TEXT),
        supersedes=draw(TEXT),
        signature_sha256=draw(st.sampled_from(["", "0" * 64])),
    )


@given(any_facts())
def test_facts_survive_json(facts: CertificateFacts) -> None:
    stored = json.dumps(facts.to_json())

    restored = CertificateFacts.from_json(json.loads(stored))

    assert restored == facts
    assert json.dumps(restored.to_json()) == stored


def test_facts_json_is_plain_figures_and_dates() -> None:
    stored = certificate_facts(count=1, maximum=Decimal("1.6E+2")).to_json()

    assert stored["amount"] == "3.0"
    assert stored["maximum"] == "160"
    assert stored["issued_on"] == "2026-03-12"
    assert stored["sessions"][0]["held_on"] == "2025-09-11"
    assert stored["hubs"] == ["University Health Network, Toronto", "Queen’s University, Kingston"]


def test_facts_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        certificate_facts().amount = Decimal(160)  # type: ignore[misc]


@pytest.mark.parametrize("name", [field.name for field in fields(CertificateFacts)])
def test_facts_json_refuses_a_missing_key(name: str) -> None:
    stored = certificate_facts().to_json()
    del stored[name]

    with pytest.raises(FactsError, match=name):
        CertificateFacts.from_json(stored)


def test_facts_json_refuses_an_unknown_key() -> None:
    with pytest.raises(FactsError, match="colour"):
        CertificateFacts.from_json(certificate_facts().to_json() | {"colour": "green"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", 60),
        ("amount", 60.0),
        ("amount", "NaN"),
        ("amount", "-1"),
        ("amount", "6_0"),
        ("amount", "6E1"),
        ("amount", " 60"),
        ("amount", None),
        ("issued_on", "20260312"),
        ("issued_on", "2026-W11-4"),
        ("issued_on", "2026-02-30"),
        ("issued_on", "2026-03-12T00:00:00"),
        ("language", "de"),
        ("unit", "points"),
        ("number", 123),
        ("number", None),
        ("hubs", "University Health Network"),
        ("hubs", [1]),
        ("sessions", {}),
        ("sessions", [{"held_on": "2025-09-11"}]),
        ("sessions", ["2025-09-11"]),
        ("participant_name", "Zo\x00e"),
        ("participant_name", "\ud800"),
    ],
)
def test_facts_json_refuses_a_malformed_value(name: str, value: object) -> None:
    with pytest.raises(FactsError):
        CertificateFacts.from_json(certificate_facts().to_json() | {name: value})


@pytest.mark.parametrize("data", [None, [], "facts", 1])
def test_facts_json_refuses_what_is_no_object(data: object) -> None:
    with pytest.raises(FactsError, match="must be an object"):
        CertificateFacts.from_json(data)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"total_hours": Decimal("30.5")}, "not the sum"),
        ({"amount": Decimal("160.5")}, "above maximum"),
        ({"cycle_ends_on": date(2025, 9, 10)}, "before cycle_starts_on"),
        ({"participant_name": "  "}, "participant_name is blank"),
        ({"number": ""}, "number is blank"),
        ({"document_title": ""}, "document_title is blank"),
        ({"signature_sha256": "abc"}, "SHA-256"),
        ({"verification_url": "javascript:alert(1)"}, "not a web address"),
        ({"issued_on": datetime(2026, 3, 12, 12, 0)}, "must be a date"),  # noqa: DTZ001  # a wrong type, not a time
        ({"amount": 60}, "must be a Decimal"),
        ({"amount": Decimal("Infinity")}, "finite"),
        ({"amount": Decimal("-0")}, "zero or more"),
        ({"hubs": ["University Health Network"]}, "must be a tuple"),
        ({"sessions": ({"hours": "1.5"},), "total_hours": Decimal(0)}, "must be a CreditedSession"),
    ],
)
def test_facts_refuse_what_contradicts_itself(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(FactsError, match=reason):
        replace(certificate_facts(), **changes)


def test_facts_refuse_hours_times_three_for_a_specialist() -> None:
    assert specialist_facts().amount == 30

    with pytest.raises(FactsError, match="never multiplied"):
        specialist_facts(amount=Decimal(90), maximum=Decimal(240))
