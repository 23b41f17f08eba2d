"""Initials that stand for a person: "H.B.W.", "Mrs. G", "J.-P. L."."""

import re
from collections.abc import Sequence
from typing import Final

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.word_sets import word_set

_INITIALS: Final = re.compile(
    r"(?<![\w.])(?:[A-Z]\.[ ]?-?){1,3}[A-Z](?![\w])|(?<![\w.])[A-Z]{2,3}(?![\w])|(?<![\w.])[A-Z](?=\.|[ ,;)]|$)"
)
_OTHERS: Final = word_set("no_initials")
"""Letters that stand for something else."""
_LABEL: Final = re.compile(
    r"(?:initials?|initiales|pt|patiente?|client|re|appellerai|appelle|named|(?:call|called)(?:\s(?:him|her|them))?|known\sas)\.?"
    r"\s*(?:are|is|sont|est)?\s*[:=,-]?\s*$",
    re.IGNORECASE,
)
_TITLE: Final = re.compile(r"(?<![\w])(?:mr|mrs|ms|miss|mx|mme|mlle|m|dr|dre)(?:\.\s?|\s)$", re.IGNORECASE)
_CALLED: Final = re.compile(r"initial|appell|call|named|known", re.IGNORECASE)
_AGE: Final = re.compile(
    r"\.?\s?(?:,|\(|is an?|is)\s?\d{1,3}(?:\s?-?(?:y|yo|yr|ans|[MF])\b|[\s,)])", re.IGNORECASE
)


def find_initials(text: str, taken: Sequence[tuple[int, int]]) -> list[Finding]:
    """Initials after a label or a title, or before an age, outside the stretches that are names already."""
    found = []
    for match in _INITIALS.finditer(text):
        letters = re.sub(r"[^A-Z]", "", match[0])
        if letters in _OTHERS or any(start <= match.start() < end for start, end in taken):
            continue
        before, after = text[max(0, match.start() - 24) : match.start()], text[match.end() : match.end() + 24]
        dotted = "." in match[0]
        label = _LABEL.search(before)
        aged = _AGE.match(after) is not None
        if len(letters) == 1:
            meant = _TITLE.search(before) is not None and not re.match(r"\.?\d|/", after)
        else:
            called = label is not None and _CALLED.search(label[0]) is not None
            meant = (label is not None and (dotted or aged or called)) or (aged and dotted)
        if meant:
            found.append(Finding(match.start(), match.end(), Kind.NAME, Tier.CONFIRM, Reason.SHAPE))
    return found
