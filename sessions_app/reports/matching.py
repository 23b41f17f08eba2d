"""Whose each name in a report is: certain where nobody needs to decide, else suggestions (product.md, rule 6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from sessions_app.reports.names import (
    display_and_original,
    exact,
    fold_name,
    is_formula,
    without_platform_suffix,
)
from sessions_app.reports.people import Directory, Person
from sessions_app.reports.suggestions import Suggestion, suggested
from sessions_app.reports.values import Connection, Report

MAX_KEY = 300
DIGEST = 64


@dataclass(frozen=True, slots=True)
class Group:
    """All lines of a report under one name and address. `key` is the same whenever the report is read."""

    key: str
    name: str
    email: str
    connections: tuple[Connection, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A group that needs nobody's decision, and how it is known whose it is."""

    group: Group
    person: int
    how: Literal["email", "alias", "name"]


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A group that waits for a person; the best suggestion comes first, and there may be none."""

    group: Group
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """Every group of a report, in the order of its lines, on one side or the other."""

    matched: tuple[Match, ...]
    unmatched: tuple[Unmatched, ...]


def match_people(report: Report, people: Iterable[Person]) -> Matches:
    """Give each name of the report to the one person whose address, remembered name or exact name it is.

    Exact means the same letters with their accents, no matter the case; what the platform itself puts behind a name
    is left aside. An address weighs more than a name. What belongs to nobody, or to more than one, is unmatched.
    """
    directory = Directory(people)
    matched: list[Match] = []
    unmatched: list[Unmatched] = []
    for group in groups_of(report):
        how, owners = _owners(report, group, directory)
        if how and len(owners) == 1:
            matched.append(Match(group, owners[0], how))
        elif owners:
            why: Literal["same_email", "same_name"] = "same_email" if how == "email" else "same_name"
            unmatched.append(Unmatched(group, tuple(Suggestion(key, why) for key in owners[:5])))
        elif is_formula(group.name):
            unmatched.append(Unmatched(group, ()))
        else:
            name = group.name or group.email.partition("@")[0].replace(".", " ")
            unmatched.append(Unmatched(group, suggested(name, directory)))
    return Matches(tuple(matched), tuple(unmatched))


def groups_of(report: Report) -> list[Group]:
    """The connections of the report by name and address."""
    written: dict[tuple[str, str, str], list[Connection]] = {}
    for each in report.connections:
        written.setdefault((each.email, each.other_email, each.name), []).append(each)
    groups: dict[str, list[Connection]] = {}
    for (email, other_email, name), connections in written.items():
        groups.setdefault(_key(email or other_email, name), []).extend(connections)
    return [
        Group(key, found[0].name, found[0].email or found[0].other_email, tuple(found))
        for key, found in groups.items()
    ]


def _key(email: str, name: str) -> str:
    key = f"{email}|{exact(name)}"
    if len(key) <= MAX_KEY:
        return key
    return key[: MAX_KEY - DIGEST] + sha256(key.encode(errors="replace")).hexdigest()


def _owners(
    report: Report, group: Group, directory: Directory
) -> tuple[Literal["", "email", "alias", "name"], list[int]]:
    """How it is known whose the group is, and all to whom it could belong by that."""
    names, original = _platform_names(report, group.name)
    by_alias = _all(directory.by_alias.get(fold_name(name), ()) for name in names)
    by_name = _all(directory.by_name.get(exact(name), ()) for name in names)
    by_either = _all((by_alias, by_name))
    addresses = {each.email for each in group.connections} | {each.other_email for each in group.connections}
    for address in (group.email, *sorted(addresses - {group.email, ""})):
        if owners := directory.by_email.get(address):
            # Of several who share an address, the name may tell which one it is.
            named = [key for key in owners if key in by_either]
            return "email", named if len(named) == 1 else list(owners)
    if by_either and original:
        # Somebody at the account of somebody else: which of the two it was is for a person to say.
        by_either = _all((by_either, directory.by_name.get(exact(original), ())))
    return ("alias" if by_alias else "name") if by_either else "", by_either


def _platform_names(report: Report, name: str) -> tuple[list[str], str]:
    """The name, and what it is without what the platform put behind it; and Zoom's original name."""
    if not name:
        return [], ""
    bare = without_platform_suffix(name)
    display, original = display_and_original(bare) if report.kind == "zoom" else (bare, "")
    return list(dict.fromkeys((name, bare, display))), original


def _all(owners: Iterable[Iterable[int]]) -> list[int]:
    return list(dict.fromkeys(key for keys in owners for key in keys))
