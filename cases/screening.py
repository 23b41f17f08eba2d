"""The screen for identifiers, as cases and what is written about them use it.

A finding is kept as plain values beside the text it was found in (`FindingRow`), and says where, never what: the words
are read out of the text when they are shown.
"""

from collections.abc import Mapping, Sequence
from hashlib import blake2s
from typing import Any, TypedDict

from django.utils.translation import gettext as _

from cases.content import free_texts
from cases.deidentification import screen_case
from cases.deidentification.findings import Finding, Tier
from cases.finding_texts import LABELS
from core.errors import BadInputError

MIN_EXPLANATION = 10
MAX_EXPLANATION = 500


class FindingRow(TypedDict):
    """A finding in the field `path` of a case: `text[start:end]`; `explanation` is "" where there is none."""

    path: str
    start: int
    end: int
    kind: str
    tier: str
    reason: str
    explanation: str


class IdentifiersFoundError(BadInputError):
    """A text holds what must not be kept; `findings` says where, by the text's key."""

    def __init__(self, findings: dict[str, list[Finding]]) -> None:
        kinds = sorted({str(LABELS[found.kind]) for each in findings.values() for found in each})
        super().__init__(
            _("This holds what can identify somebody: %(kinds)s. Take it out, then save again.")
            % {"kinds": ", ".join(kinds)}
        )
        self.findings = findings


def screen_content(
    content: Mapping[str, Any],
    *,
    earlier_content: Mapping[str, Any] | None = None,
    earlier_findings: Sequence[Mapping[str, Any]] = (),
) -> list[FindingRow]:
    """What the full screen finds in a case's content, in the order of its fields.

    An explanation given before stays with the same words of the same kind, wherever they have moved; where the words
    are gone, it is gone.
    """
    texts = free_texts(content)
    found = screen_case(texts)
    rows = [
        FindingRow(
            path=path,
            start=finding.start,
            end=finding.end,
            kind=finding.kind.value,
            tier=finding.tier.value,
            reason=finding.reason.value,
            explanation="",
        )
        for path in texts
        for finding in sorted(found.get(path, []))
    ]
    given = explanations(earlier_content or {}, earlier_findings)
    return explained(rows, content, given)


def explanations(content: Mapping[str, Any], findings: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The explanations that were given, by `finding_key`."""
    texts = free_texts(content)
    return {finding_key(row, texts): row["explanation"] for row in findings if row["explanation"]}


def explained(
    rows: Sequence[FindingRow], content: Mapping[str, Any], given: Mapping[str, str]
) -> list[FindingRow]:
    """The findings in `content` with the explanations of `given`, by `finding_key`: only what may be explained."""
    texts = free_texts(content)
    return [
        FindingRow(
            **{
                **row,
                "explanation": given.get(finding_key(row, texts), "") if row["tier"] == Tier.CONFIRM else "",
            }
        )
        for row in rows
    ]


def finding_key(row: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    """What the same words of the same kind share, wherever they stand in `texts`: they are explained once.

    Neither their case nor the space between them matters. The key itself says nothing of them.
    """
    words = " ".join(texts.get(row["path"], "")[row["start"] : row["end"]].casefold().split())
    return blake2s(f"{row['kind']} {words}".encode(), digest_size=8).hexdigest()


def refuse_identifiers(texts: Mapping[str, str]) -> dict[str, list[Finding]]:
    """Screen other texts than a case's: comments, recommendations, explanations, reports of what happened.

    Returns the findings to be confirmed, by the texts' keys; their writer is shown them. Raises IdentifiersFoundError
    where something must be changed.
    """
    found = screen_case(texts)
    stops = {
        key: [each for each in findings if each.tier == Tier.STOP]
        for key, findings in found.items()
        if any(each.tier == Tier.STOP for each in findings)
    }
    if stops:
        raise IdentifiersFoundError(stops)
    return {key: list(findings) for key, findings in found.items() if findings}
