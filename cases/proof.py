"""A case as an editor's proof: its text in pieces, the found words among them, and the notes in the margin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField

from cases.content import ReadItem, free_texts, readable
from cases.deidentification.findings import Tier
from cases.finding_texts import TIERS, finding_words
from cases.screening import FindingRow, finding_key


@dataclass(slots=True)
class Note:
    """What the margin says about found words; the same words of the same kind share their number.

    `is_repeat` is a later place of them: what is to be said stands at the first. `input` is the control for the
    explanation, where one may be given on this page.
    """

    number: int
    key: str
    tier: str
    tone: str
    tier_label: str
    label: str
    why: str
    instead: str
    explanation: str
    is_repeat: bool
    input: BoundField | None = None

    @property
    def may_be_explained(self) -> bool:
        """Whether the author may say why it identifies nobody, in place of changing it."""
        return self.tier == Tier.CONFIRM


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text, found (`note`) or plain; `place` numbers the found ones of the case."""

    text: str
    note: Note | None = None
    place: int = 0


@dataclass(frozen=True, slots=True)
class ProofItem:
    """One answer, in pieces; `notes` are those of its found words, each once, in their order."""

    path: str
    label: str
    pieces: tuple[Piece, ...]
    notes: tuple[Note, ...]

    @property
    def anchor(self) -> str:
        """The id of the field in the form."""
        return field_anchor(self.path)


@dataclass(frozen=True, slots=True)
class ProofSection:
    """The answers of a section."""

    key: str
    title: str
    items: tuple[ProofItem, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """The whole case, and its notes, each once, in the order of their numbers."""

    sections: list[ProofSection]
    notes: list[Note]

    @property
    def stops(self) -> list[Note]:
        """What must be changed."""
        return [note for note in self.notes if not note.may_be_explained]

    @property
    def confirms(self) -> list[Note]:
        """What is to be changed or explained."""
        return [note for note in self.notes if note.may_be_explained]


def proof(content: Mapping[str, Any], findings: Sequence[FindingRow] = ()) -> Proof:
    """The case with its findings marked, in the active language; without findings, the case to be read."""
    editor = _Editor(findings, free_texts(content))
    sections = [
        ProofSection(section.key, section.title, tuple(editor.marked(item) for item in section.items))
        for section in readable(content)
    ]
    return Proof(sections, list(editor.notes.values()))


def field_anchor(path: str) -> str:
    """The id of the control of a case's form in which the text at `path` is typed."""
    return f"id_{path.replace('.', '-')}"


class _Editor:
    """Goes through a case from top to bottom and numbers what was found."""

    def __init__(self, findings: Sequence[FindingRow], texts: Mapping[str, str]) -> None:
        self.findings = findings
        self.texts = texts
        self.notes: dict[tuple[str, str], Note] = {}
        self.places = 0

    def marked(self, item: ReadItem) -> ProofItem:
        """One answer cut into pieces."""
        rows = [row for row in self.findings if row["path"] == item.path and item.is_free_text]
        pieces: list[Piece] = []
        own: dict[tuple[str, str], Note] = {}
        at = 0
        for row in sorted(rows, key=lambda row: (row["start"], row["end"])):
            # The same words may be certain in one place, after a label, and less so in another.
            key = (row["tier"], finding_key(row, self.texts))
            if key not in own:
                own[key] = self._noted(row, key)
            # Where two overlap, the second is underlined from where the first ends.
            start, end = max(row["start"], at), row["end"]
            if start >= end:
                continue
            self.places += 1
            pieces += [Piece(item.text[at:start]), Piece(item.text[start:end], own[key], self.places)]
            at = end
        pieces.append(Piece(item.text[at:]))
        return ProofItem(
            item.path, item.label, tuple(piece for piece in pieces if piece.text), tuple(own.values())
        )

    def _noted(self, row: FindingRow, key: tuple[str, str]) -> Note:
        first = self.notes.get(key)
        note = _note(
            row, key[1], number=first.number if first else len(self.notes) + 1, is_repeat=bool(first)
        )
        return self.notes.setdefault(key, note) if first is None else note


def _note(row: FindingRow, key: str, *, number: int, is_repeat: bool) -> Note:
    words = finding_words(row["kind"], row["reason"])
    tier = Tier(row["tier"])
    return Note(
        number=number,
        key=key,
        tier=tier,
        tone="problem" if tier == Tier.STOP else "attention",
        tier_label=str(TIERS[tier]),
        label=str(words.label),
        why=str(words.why),
        instead=str(words.instead),
        explanation=row["explanation"],
        is_repeat=is_repeat,
    )
