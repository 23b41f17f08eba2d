"""The full screen: patterns, people, places and facilities of a text, and of all the texts of a case together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cases.deidentification import facilities, models, names, places
from cases.deidentification.findings import Finding, Kind, Reason
from cases.deidentification.models import Reading
from cases.deidentification.normalise import Normalised, joined_up, normalise
from cases.deidentification.patterns import find_patterns, settled
from cases.deidentification.words import Word, languages, words_of

_BARE_NAME: Final = 2


@dataclass(frozen=True, slots=True)
class _Read:
    """A text as the layers see it, and what they found, in places of the text as it was written."""

    normalised: Normalised
    words: list[Word]
    reading: Reading
    french: bool
    findings: list[Finding]

    def parts(self, text: str) -> set[str]:
        """The words of the names found, folded: given and family names by themselves."""
        return {
            part
            for finding in self.findings
            if finding.kind is Kind.NAME
            for word in words_of(text[finding.start : finding.end])
            for part in (word.folded, *word.folded.split("-"))
            if len(part) > _BARE_NAME
        }


def screen(text: str) -> list[Finding]:
    """Everything found in a text, in order and without overlaps. Reads all of it, however long; never raises."""
    return screen_case({"text": text})["text"]


def screen_case(texts: Mapping[str, str]) -> dict[str, list[Finding]]:
    """What is found in each text of a case; a name found in one is found in all, its parts by themselves included."""
    read = {key: _read(text) for key, text in texts.items()}
    parts = set().union(*(one.parts(texts[key]) for key, one in read.items())) if read else set()
    result = {}
    for key, one in read.items():
        repeated = names.repeats(
            one.normalised.text, one.words, parts, french=one.french, reading=one.reading
        )
        result[key] = settled([*one.findings, *_uncovered(_placed(repeated, one.normalised), one.findings)])
    return result


def warm_up() -> None:
    """Load models and lists now, so that the first case waits for nothing."""
    models.warm_up()
    screen("Mrs. Jane Doe of Thunder Bay; Mme Tremblay habite à Sudbury avec sa fille depuis un an.")


def _read(text: str) -> _Read:
    normalised = normalise(text)
    found = find_patterns(normalised)
    words, reading, french, people = _people_and_places(normalised)
    found += people
    joined = joined_up(normalised)
    if joined is not None:
        found += _uncovered(_people_and_places(joined)[3], found)
    return _Read(normalised, words, reading, french, settled(found))


def _people_and_places(normalised: Normalised) -> tuple[list[Word], Reading, bool, list[Finding]]:
    text = normalised.text
    words = words_of(text)
    english, french = languages(words)
    cased = names.recased(words, text, french=french)
    reading = models.read(text, cased=cased, french=french, english=english)
    found = [
        *names.find_names(text, words, reading, cased=cased, french=french),
        *places.find_places(text, words, reading, french=french),
        *facilities.find_facilities(text, words, reading, french=french),
    ]
    return words, reading, french, _placed(_sorted_out(found), normalised)


def _sorted_out(found: Sequence[Finding]) -> list[Finding]:
    """A name or a place inside a facility's name ("Michael Garron Hospital") is part of that."""
    facilities_found = [finding for finding in found if finding.kind is Kind.FACILITY]
    return [
        finding
        for finding in found
        if finding.kind is Kind.FACILITY
        or not any(one.start <= finding.start and finding.end <= one.end for one in facilities_found)
    ]


def _placed(found: Sequence[Finding], normalised: Normalised) -> list[Finding]:
    """The findings in places of the text as it was written; what was hidden there is said."""
    result = []
    for finding in found:
        start, end = normalised.origin(finding.start, finding.end)
        veiled = bool(normalised.hidden) and any(start <= place < end for place in normalised.hidden)
        result.append(
            replace(
                finding, start=start, end=end, reason=Reason.HIDDEN_CHARACTERS if veiled else finding.reason
            )
        )
    return result


def _uncovered(found: Sequence[Finding], others: Sequence[Finding]) -> list[Finding]:
    return [
        one for one in found if not any(other.start <= one.start and one.end <= other.end for other in others)
    ]
