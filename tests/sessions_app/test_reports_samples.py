"""The sample reports that stand beside the checkout, against what they say must come out."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import pytest

from sessions_app.reports import (
    Connection,
    Person,
    ReportError,
    fold_name,
    match_people,
    minutes_of,
    read_report,
)
from sessions_app.reports.times import TORONTO

SAMPLES = Path(__file__).parents[2] / ".." / "shared" / "data" / "attendance"
EXPECTED = SAMPLES / "expected.json"
FILES = json.loads(EXPECTED.read_text())["files"] if EXPECTED.exists() else {}
CODES = {"not_attendance_report": "not_attendance"}

pytestmark = pytest.mark.skipif(not FILES, reason="the sample reports are not beside this checkout")


def of_kind(kind: str) -> list[str]:
    return [name for name, expected in FILES.items() if expected["kind"] == kind]


def session_of(name: str) -> dict[str, datetime]:
    day = FILES[name]["date"]
    return {
        field: datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=TORONTO)
        for field, time in (("starts_at", "12:30"), ("ends_at", "14:00"))
    }


def roster() -> tuple[list[Person], dict[int, str]]:
    people, emails = [], {}
    with (SAMPLES / "roster.csv").open(encoding="utf-8") as file:
        for key, row in enumerate(csv.DictReader(file)):
            aliases = [alias for alias in row["aliases"].split(";") if alias]
            addresses = frozenset([row["email"], *(alias for alias in aliases if "@" in alias)])
            names = frozenset(fold_name(alias) for alias in aliases if "@" not in alias)
            people.append(Person(key, addresses, f"{row['first']} {row['last']}", (), names))
            emails[key] = row["email"]
    return people, emails


@pytest.mark.parametrize("name", of_kind("report"))
def test_every_sample_gives_its_minutes_and_leaves_its_names(name):
    expected, session = FILES[name], session_of(name)
    people, emails = roster()
    found = match_people(read_report((SAMPLES / name).read_bytes(), **session), people)

    certain: dict[str, list[Connection]] = {}
    for match in found.matched:
        certain.setdefault(emails[match.person], []).extend(match.group.connections)
    # A name with one suggestion is one click.
    proposed: dict[str, list[Connection]] = {email: list(lines) for email, lines in certain.items()}
    undecided = {each["name"] for each in expected["must_reconcile"]}
    for each in found.unmatched:
        if len(each.suggestions) == 1 and each.group.name not in undecided:
            proposed.setdefault(emails[each.suggestions[0].person], []).extend(each.group.connections)

    assert set(certain) <= set(expected["matched"])
    assert set(proposed) <= set(expected["matched"])
    for email, wanted in expected["matched"].items():
        assert wanted["auto"] == "may" or email in certain
        whole = minutes_of(proposed[email], **session)
        assert whole in {int(wanted["minutes"]), round(wanted["minutes"])}, email

    suggestions = {
        each.group.name: {emails[one.person] for one in each.suggestions} for each in found.unmatched
    }
    lines = {each.group.name: each.group.connections for each in found.unmatched}
    for each in expected["must_reconcile"]:
        assert set(each["candidates"]) == suggestions[each["name"]], each["name"]
        assert minutes_of(lines[each["name"]], **session) == int(each["minutes"])
        for email, total in each["if_assigned_person_total"].items():
            together = [*certain.get(email, ()), *lines[each["name"]]]
            assert minutes_of(together, **session) in {int(total["minutes"]), round(total["minutes"])}
    for each in expected["ignorable"]:
        assert suggestions[each["name"]] == set()


@pytest.mark.parametrize("name", of_kind("error"))
def test_every_sample_that_is_no_report_is_refused_with_its_reason(name):
    with pytest.raises(ReportError) as caught:
        read_report((SAMPLES / name).read_bytes(), **session_of(name))

    assert caught.value.code == CODES.get(FILES[name]["error"], FILES[name]["error"])
