"""What an instrument as JSON looks like, and how data that is none is refused."""

import re
from typing import Any

from core.errors import BadInputError
from surveys.rules import QuestionKind

SCHEMA = 1
"""The form of the data; another one is refused."""
MAX_BYTES = 1_000_000
MAX_SECTIONS, MAX_QUESTIONS, MAX_CHOICES = 50, 500, 100
MAX_PROBLEMS = 20
"""So many are told; the rest after those are mended."""
KEY = re.compile(r"[a-z][a-z0-9_-]*\Z")
ASKED_KINDS = sorted(kind.value for kind in QuestionKind if kind != QuestionKind.ITEM)
TITLED = ("title", "title_fr", "introduction", "introduction_fr")
WORDED = ("text", "text_fr", "help", "help_fr")
SCALED = ("unit", "unit_fr", "low_label", "low_label_fr", "high_label", "high_label_fr")

Data = dict[str, Any]


class UnfitDataError(BadInputError):
    """The data is no instrument. `problems` say where and why, each in a sentence with its path."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def short(name: str) -> str:
    """A name from the file as it may be shown: no more of it than it takes to find it."""
    kept = "".join(character for character in name[:40] if character.isprintable())
    return kept if len(name) <= 40 else f"{kept}…"
