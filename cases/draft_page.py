"""What the form of a case shows beside its fields: margin notes, how far each section is, and what differs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cases.content import FIELDS, SECTIONS, ReadItem, free_texts, missing, readable
from cases.deidentification.findings import Tier
from cases.finding_texts import TIERS, finding_words
from core.templatetags.portal import labelled

LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True)
class Note:
    """What the margin says of words that were found in a field."""

    quote: str
    tone: str
    tier: str
    label: str
    why: str
    instead: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a section is, in a word and the tone of its shape."""

    key: str
    title: str
    word: str
    tone: str


def note(text: str, *, start: int, end: int, kind: str, tier: str, reason: str) -> Note:
    """The note about `text[start:end]`, in the active language."""
    words = finding_words(kind, reason)
    quote = " ".join(text[start:end].split())
    return Note(
        quote=quote if len(quote) <= LONGEST_QUOTE else f"{quote[:LONGEST_QUOTE]}…",
        tone="problem" if tier == Tier.STOP else "attention",
        tier=str(TIERS[Tier(tier)]),
        label=str(words.label),
        why=str(words.why),
        instead=str(words.instead),
    )


def once(notes: Iterable[Note]) -> list[Note]:
    """The notes without those that quote the same words as the same kind of thing: it is one thing to change."""
    kept: dict[tuple[str, str], Note] = {}
    for each in notes:
        kept.setdefault((each.quote, each.label), each)
    return list(kept.values())


def notes_by_path(content: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]) -> dict[str, list[Note]]:
    """The notes of a kept text, by path; what its author has explained needs none."""
    texts = free_texts(content)
    notes: dict[str, list[Note]] = {}
    for row in findings:
        if row["explanation"] or row["path"] not in texts:
            continue
        found = note(
            texts[row["path"]],
            start=row["start"],
            end=row["end"],
            kind=row["kind"],
            tier=row["tier"],
            reason=row["reason"],
        )
        notes.setdefault(row["path"], []).append(found)
    return {path: once(found) for path, found in notes.items()}


def progress(content: Mapping[str, Any], findings: Iterable[Mapping[str, Any]]) -> list[Progress]:
    """How far each section is: what must be changed comes before what is still needed."""
    lacks = set(missing(content))
    stopped = {row["path"].partition(".")[0] for row in findings if row["tier"] == Tier.STOP}
    rows = []
    for section in SECTIONS:
        keys = {field.key for field in section.fields}
        if keys & stopped:
            word, tone = _("Something must be changed"), "problem"
        elif keys & lacks:
            word, tone = _("Needed to hand in"), "attention"
        elif any(key in content for key in keys):
            word, tone = _("Filled in"), "done"
        else:
            word, tone = _("Empty"), ""
        rows.append(Progress(section.key, str(section.title), word, tone))
    return rows


def differences(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, str]:
    """Where two contents differ: the field's key with the words of `theirs`, "" where it has none there."""
    words = _by_key(theirs)
    return {
        key: words.get(key, "")
        for key in FIELDS
        if mine.get(key) != theirs.get(key) and (key in mine or key in theirs)
    }


def _by_key(content: Mapping[str, Any]) -> dict[str, str]:
    """Each answered field in words; medications one a line."""
    words: dict[str, list[ReadItem]] = {}
    for section in readable(content):
        for item in section.items:
            words.setdefault(item.path.partition(".")[0], []).append(item)
    return {
        key: "\n".join(labelled(item.label, item.text) for item in items)
        if key == "medications"
        else items[0].text
        for key, items in words.items()
    }
