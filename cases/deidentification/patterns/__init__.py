"""Identifiers with a shape: what can be found by how it is written and by the words that announce it."""

from bisect import bisect_right

from cases.deidentification.findings import Finding, Reason, Tier
from cases.deidentification.normalise import Normalised, joined_up, reread
from cases.deidentification.patterns import (
    addresses,
    ages,
    contacts,
    dates,
    health_numbers,
    labels,
    numbers,
    numeric_dates,
    phones,
    postal_codes,
)
from cases.deidentification.patterns.reading import Reading

__all__ = ["find_patterns"]

_DETECTORS = (
    contacts.find,
    labels.find,
    phones.find,
    numeric_dates.find,
    dates.find,
    postal_codes.find,
    addresses.find,
    ages.find,
    health_numbers.find,
    numbers.find,
)


def find_patterns(normalised: Normalised) -> list[Finding]:
    """Identifiers in a text, in order and without overlaps; places are those of the text as it was written."""
    found = _found(normalised)
    joined = joined_up(normalised)
    for view in (joined, reread(joined or normalised)):
        if view is not None:
            known = settled(found)
            found = known + [finding for finding in _found(view) if not _covered(finding, known)]
    return settled(found)


def settled(findings: list[Finding]) -> list[Finding]:
    """Findings in order, those that overlap made one: it covers both, and says what the more serious or longer says."""
    result: list[Finding] = []
    for finding in sorted(findings, key=lambda finding: (finding.start, -finding.end)):
        if result and finding.start < result[-1].end:
            result[-1] = _united(result[-1], finding)
        else:
            result.append(finding)
    return result


def _united(first: Finding, second: Finding) -> Finding:
    leading = min(
        first,
        second,
        key=lambda finding: (finding.tier is not Tier.STOP, finding.start - finding.end, finding.kind),
    )
    return Finding(
        min(first.start, second.start), max(first.end, second.end), leading.kind, leading.tier, leading.reason
    )


def _covered(finding: Finding, others: list[Finding]) -> bool:
    """Whether one of the others, in order and without overlaps, holds the finding whole."""
    index = bisect_right(others, finding.start, key=lambda other: other.start)
    return index > 0 and finding.end <= others[index - 1].end


def _found(normalised: Normalised) -> list[Finding]:
    """What the detectors find, in places of the text as it was written."""
    reading = Reading(normalised.text)
    hidden = normalised.hidden
    result = []
    for detector in _DETECTORS:
        for found in detector(reading):
            if not any(map(str.isalnum, normalised.text[found.start : found.end])):
                continue
            start, end = normalised.origin(found.start, found.end)
            veiled = bool(hidden) and any(start <= place < end for place in hidden)
            reason = Reason.HIDDEN_CHARACTERS if veiled else found.reason
            result.append(Finding(start, end, found.kind, found.tier, reason))
    return result
