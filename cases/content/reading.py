"""A case's content as it is read: its answers in words; what the screen reads of it; what it still lacks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cases.clinical.med import OPIOIDS
from cases.clinical_texts import UNITS
from cases.content.sections import FIELDS, MEDICATION, SECTIONS, CaseField, Kind


@dataclass(frozen=True, slots=True)
class ReadItem:
    """One answer. `path` is its place in the content, "pain_history" or "medications.0.effect".

    `text` is the answer in words; where `is_free_text`, it is exactly what was typed, to which findings count their
    characters.
    """

    path: str
    label: str
    text: str
    is_free_text: bool


@dataclass(frozen=True, slots=True)
class ReadSection:
    """The answers of a section; at least one."""

    key: str
    title: str
    items: tuple[ReadItem, ...]


def readable(content: Mapping[str, Any]) -> list[ReadSection]:
    """The case to be read, in the active language; what is not answered is left out."""
    sections = (
        ReadSection(
            section.key,
            str(section.title),
            tuple(item for field in section.fields for item in _items(field, content.get(field.key))),
        )
        for section in SECTIONS
    )
    return [section for section in sections if section.items]


def free_texts(content: Mapping[str, Any]) -> dict[str, str]:
    """Everything that somebody typed, by its path in the content, exactly as it was typed."""
    return {path: value for path, field, value in _written(content) if field.kind.is_written and value}


def missing(content: Mapping[str, Any]) -> list[str]:
    """The keys of the fields that must be answered before the case is handed in, and are not."""
    gaps = []
    for key, field in FIELDS.items():
        if not field.is_required or content.get(key):
            continue
        if key == "medications" and content.get("no_medications"):
            continue
        gaps.append(key)
    return gaps


def _written(content: Mapping[str, Any]) -> Iterator[tuple[str, CaseField, Any]]:
    for key, field in FIELDS.items():
        if field.kind != Kind.MEDICATIONS:
            yield key, field, content.get(key)
            continue
        for number, row in enumerate(content.get(key, [])):
            for part in MEDICATION:
                yield f"{key}.{number}.{part.key}", part, row.get(part.key)


def _items(field: CaseField, value: Any) -> Iterator[ReadItem]:
    if field.kind == Kind.MEDICATIONS:
        for number, row in enumerate(value or []):
            yield from _medication(number, row)
    elif text := _words(field, value):
        yield ReadItem(field.key, str(field.label), text, field.kind.is_written)


def _medication(number: int, row: Mapping[str, str]) -> Iterator[ReadItem]:
    heading = _("Medication %(number)d") % {"number": number + 1}
    for part in MEDICATION:
        # An opioid is said with its amount, in the drug's own unit.
        if part.key == "amount":
            continue
        text = _opioid(part, row) if part.key == "opioid" else _words(part, row.get(part.key))
        if not text:
            continue
        label = (
            heading
            if part.key == "name"
            else _("%(medication)s: %(part)s") % {"medication": heading, "part": SHORT_LABELS[part.key]()}
        )
        yield ReadItem(f"medications.{number}.{part.key}", label, text, part.kind.is_written)


def _opioid(part: CaseField, row: Mapping[str, str]) -> str:
    opioid, amount = row.get("opioid"), row.get("amount")
    if not opioid:
        return ""
    name = _words(part, opioid)
    return f"{name}, {amount} {UNITS[OPIOIDS[opioid].unit]}" if amount else name


SHORT_LABELS = {
    "when": lambda: _("when"),
    "dose": lambda: _("dose"),
    "opioid": lambda: _("opioid"),
    "effect": lambda: _("effect"),
    "side_effects": lambda: _("side effects"),
}
"""What a part of a medication is called after "Medication 1:"."""


def _words(field: CaseField, value: Any) -> str:
    if value is None or value is False or value == "":
        return ""
    words = {code: str(label) for code, label in field.choices}
    match field.kind:
        case Kind.CODES:
            return "; ".join(words.get(code, code) for code in value)
        case Kind.CHOICE:
            return words.get(value, str(value))
        case Kind.SCALE:
            return _("%(number)d of 10") % {"number": value}
        case Kind.FLAG:
            return _("Yes")
    return str(value)
