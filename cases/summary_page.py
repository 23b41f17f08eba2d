"""The one page of a case that is shared on the screen: the essentials, under its ECHO ID, without a presenter."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from cases.content import MEDICATION, Reading, ReadItem, readable, readings

PARTS = (
    ("pain", gettext_lazy("The pain"), ("pain_history", "sites", "character", "course")),
    ("function", gettext_lazy("Function"), ("function",)),
    ("diagnoses", gettext_lazy("Diagnoses"), ("diagnoses", "comorbidities")),
    ("medications", gettext_lazy("Medications"), ("now", "tried", "no_medications")),
    ("risk", gettext_lazy("Risk"), ("urine_drug_screens", "substance_use", "mental_health")),
    ("goals", gettext_lazy("The patient's goals"), ("goals",)),
)
"""The parts of the page, with the answers in each; "now" and "tried" are the medications."""
QUESTIONS = ("question_1", "question_2", "question_3")


@dataclass(frozen=True, slots=True)
class Line:
    """An answer on the page, under its label."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Block:
    """A part of the page."""

    key: str
    title: str
    items: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The page: the patient in a line, what the panel is asked, and what it needs to know for it."""

    patient: str
    questions: tuple[str, ...]
    numbers: tuple[Reading, ...]
    blocks: tuple[Block, ...]


def summary(content: Mapping[str, Any]) -> Summary:
    """The essentials of a case's content, in the active language; what is not answered is left out."""
    items = {item.path: item for section in readable(content) for item in section.items}
    lines = {path: Line(item.label, item.text) for path, item in items.items()}
    lines |= _medications(content, items)
    blocks = (
        Block(key, str(title), tuple(lines[path] for path in paths if path in lines))
        for key, title, paths in PARTS
    )
    return Summary(
        patient=_patient(content, items),
        questions=tuple(items[key].text for key in QUESTIONS if key in items),
        numbers=tuple(readings(content)),
        blocks=tuple(block for block in blocks if block.items),
    )


def _patient(content: Mapping[str, Any], items: Mapping[str, ReadItem]) -> str:
    age = content.get("age")
    years = _("%(age)s years") % {"age": age} if age else ""
    return " · ".join(
        part for part in (years, *(items[key].text for key in ("sex", "gender") if key in items)) if part
    )


def _medications(content: Mapping[str, Any], items: Mapping[str, ReadItem]) -> dict[str, Line]:
    """One medication a line: what is taken now under "now", what was tried before under "tried"."""
    labels = {"now": pgettext("medication", "Taken now"), "tried": pgettext("medication", "Tried before")}
    said: dict[str, list[str]] = {when: [] for when in labels}
    for number, row in enumerate(content.get("medications", [])):
        paths = [f"medications.{number}.{part.key}" for part in MEDICATION if part.key != "when"]
        words = " · ".join(items[path].text for path in paths if path in items)
        # What is not marked as tried before is taken now, as the doses are counted.
        said["tried" if row.get("when") == "tried" else "now"].append(words)
    return {when: Line(labels[when], "\n".join(rows)) for when, rows in said.items() if rows}
