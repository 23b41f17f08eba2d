"""Numbers that a label announces: chart, card, claim, licence, serial and the many others."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.patterns.health_numbers import with_version
from cases.deidentification.patterns.label_words import LABELS, Grip, Label
from cases.deidentification.patterns.reading import UNIT, Reading, bare, vocabulary, words

_STARTS = vocabulary([label.phrases for label in LABELS])

_NUMBER_WORDS = frozenset(
    {"number", "numbers", "no", "nos", "nr", "nbr", "num", "numero", "numeros", "id", "n", "code"}
)
# Words that may stand between a label and its number without loosening the tie.
_FILLERS = _NUMBER_WORDS | words(
    """is was reads read as of on the for file card code est le la les de du d des sur au et and by at his
    her their its from my patient pt client claim case report says shows dans pour avec par given gave
    listed version vc md dr rn see new old au a lu ici called insurer group policy licence license plan"""
)
# Fillers that in capitals right before the digits are part of the value ("MD 44-2").
_MARKS = frozenset({"MD", "RN", "VC"})
_GAP = re.compile(r"[ \t]{1,60}|\n|[:=#.,|>*()\[\]{}\"'_/\\-]|[^\W\d_]{1,30}")
_CHUNK = re.compile(r"[A-Za-z0-9]{1,40}(?:[-/._–][A-Za-z0-9]{1,40}){0,8}")
_NEXT_CHUNK = re.compile(
    r"(?:[ \t]{1,2}|[ \t]?-[ \t]?|[ \t]{0,3}\n[ \t]{0,3})([A-Za-z0-9]{1,40}(?:[-/.][A-Za-z0-9]{1,40}){0,8})"
)
_ALSO = re.compile(
    r"\s{0,2}(?:,|;|/|&|\+|\band\b|\bet\b|\bor\b|\bou\b)\s{0,2}([A-Za-z0-9]{1,40}(?:-[A-Za-z0-9]{1,40}){0,8})"
)
# What looks like a value and is none: levels of the spine, pressures and doses, times, ages, years.
_CLINICAL = re.compile(
    r"(?:[CTLS]\d{1,2}(?:[-/][CTLS]?\d{1,2})?|\d{2,3}/\d{2,3}|\d{1,2}/\d{1,2}|\d{1,3}[MFHmfh]|\d{1,2}:\d\d"
    r"|\d{1,4}\.\d{1,3}"
    r"|(?:19|20)\d\d(?:[-/](?:19|20)?\d\d)?|\d{1,6}(?:mg|mcg|g|kg|ml|mm|cm|x|h|d|yo|y|st|nd|rd|th)(?:/\w+)?)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?:T.*)?|\d{1,2}[-/.]\d{1,2}[-/.](?:\d\d|\d{4})"
    r"|\d{1,2}-?[A-Za-z]{3,9}-?\d{2,4}"
)
_RANGE = re.compile(r"\d{1,4}(?:\.\d{1,3})?-\d{1,4}(?:\.\d{1,3})?")
_CODED = re.compile(r"[A-Z]{1,5}-?\d|\d{1,4}-[A-Z]|[A-Z]{1,5}-[A-Z0-9]+")
_PLATE = re.compile(r"[A-Z]{2,4}[ -]?\d{3,4}|\d{3}[ -]?[A-Z]{3}|[A-Z]\d\d[ -]?[A-Z]{3}")
# A letter that names no level of the spine, and a short number: "K 88".
_LETTERED = re.compile(r"[ABE-KM-RU-Z][ -]?\d{2,6}")
_PAIRS = re.compile(r"\d\d-\d\d-\d\d|(?:19|20)\d\d-\d{2,4}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_AGE = re.compile(r"\s?-?\s?(?:y\.?/?o\b|years?\b|yrs?\b|ans\b|[MFH]\b)")
_TAIL = re.compile(r"[ ][A-Z](?=[.,;)\n]|$)")
_VERSIONED = re.compile(r"\d{3,4}-?[A-Za-z]{2}")
_PLATE_TAIL = re.compile(r"[ ](?:[A-Z](?=[.,;)\n]|$)|(?:[A-Z]{3}|[b-df-hj-np-tv-z]{3})(?![\w-]))")


class _Gap(NamedTuple):
    """What lies between a label and the value after it."""

    value: int
    """Where the value begins, a short prefix in capitals included."""
    numbered: bool
    """A number sign, a number word or a colon."""
    strangers: int
    """Words that are no fillers."""


def find(reading: Reading) -> Iterator[Finding]:
    """Values after labels, whatever their check digit says."""
    for phrase, start, end, last in reading.phrases(_STARTS):
        label = LABELS[phrase.meaning]
        gap = _gap(reading, end)
        if gap is None:
            continue
        signed = _number_word_before(reading, start) or reading.words[last].key in _NUMBER_WORDS
        numbered = gap.numbered or signed
        if label.grip is Grip.NUMBERED and not (signed or _number_sign(reading.text[end : gap.value])):
            continue
        least = label.digits
        if gap.strangers:
            if label.grip is Grip.NUMBERED or gap.strangers > (6 if label.grip is Grip.SURE else 3):
                continue
            least = max(least, 6 if label.grip is Grip.WEAK else 5)
        elif numbered and label.grip is Grip.WEAK and label.kind is not Kind.HEALTH_NUMBER:
            least -= 1
        value = _value(reading.text, gap.value, least, label, firm=numbered and not gap.strangers)
        while value is not None:
            yield Finding(*value, label.kind, Tier.STOP, Reason.LABELLED)
            also = _ALSO.match(reading.text, value[1])
            if also is None or not any(map(str.isdigit, also[1])):
                break
            value = _value(reading.text, also.start(1), max(least, 5), label, firm=False)


def _number_sign(text: str) -> bool:
    return "#" in text or any(word in _NUMBER_WORDS for word in re.findall(r"[a-z]+", bare(text)))


def _number_word_before(reading: Reading, start: int) -> bool:
    """Whether "no de", "numéro d'" or "#" stands before the label."""
    words = re.findall(r"[a-z]+|#", reading.before(start, 14))
    while words and words[-1] in {"de", "d", "du", "la", "l"}:
        words.pop()
    return bool(words) and words[-1] in {"no", "numero", "n", "num", "#"}


def _gap(reading: Reading, end: int) -> _Gap | None:
    """Walk from a label to the first word with a digit in it; None when a sentence or a paragraph ends before."""
    text = reading.text
    place, strangers, numbered, lines = end, 0, False, 0
    prefix: int | None = None
    may_stop, counted = True, False
    for _ in range(24):
        chunk = _CHUNK.match(text, place)
        if chunk and any(map(str.isdigit, chunk[0])):
            return _Gap(
                place if prefix is None else prefix, numbered, strangers - (prefix is not None and counted)
            )
        piece = _GAP.match(text, place)
        if piece is None or (piece[0] == "." and not may_stop):
            return None
        place = piece.end()
        key = bare(piece[0])
        if key.isspace():
            lines += key == "\n"
        elif key.isalpha():
            numbered = numbered or key in _NUMBER_WORDS
            may_stop = key in _FILLERS
            strangers += not may_stop
            counted = not may_stop
            prefix = piece.start() if len(key) <= 4 and (counted or piece[0] in _MARKS) else None
        else:
            numbered = numbered or key in ":=#"
            prefix = prefix if key == "-" else None
        if lines > 1 or (lines and strangers) or (key not in _FILLERS and len(key) > 2 and key in _STARTS):
            return None
    return None


def _value(text: str, start: int, least: int, label: Label, *, firm: bool) -> tuple[int, int] | None:
    """The range of an identifier that begins at `start`, or None where something else does."""
    chunk = _CHUNK.match(text, start)
    if chunk and chunk[0].isalpha():
        chunk = _NEXT_CHUNK.match(text, chunk.end())
    last = (chunk[1] if chunk.lastindex else chunk[0]) if chunk else ""
    if chunk is None or not any(map(str.isdigit, last)) or _is_something_else(last, label, firm=firm):
        return None
    place = chunk.end()
    while (following := _NEXT_CHUNK.match(text, place)) and _continues(text, last, following, label.kind):
        place, last = following.end(), following[1]
    if tail := (_PLATE_TAIL if label.kind is Kind.DEVICE_ID and place - start <= 3 else _TAIL).match(
        text, place
    ):
        place = tail.end()
    value = text[start:place]
    if (len(value) < 9 and UNIT.match(text, place)) or (len(value) <= 3 and _AGE.match(text, place)):
        return None
    short = label.grip is Grip.SURE and _LETTERED.fullmatch(value)
    if not short and not _enough(value, least, firm=firm):
        return None
    return start, with_version(text, place) if label.kind is Kind.HEALTH_NUMBER else place


def _is_something_else(value: str, label: Label, *, firm: bool) -> bool:
    """Whether a value is a date, a level, a dose or a year; a firm label makes plain groups of digits its own."""
    if label.grip is Grip.WEAK and not firm and _RANGE.fullmatch(value):
        return True
    if _DATE.fullmatch(value):
        return not (label.grip is Grip.SURE and _PAIRS.fullmatch(value))
    return bool(_CLINICAL.fullmatch(value)) and not (firm and (value.isdigit() or _PAIRS.fullmatch(value)))


def _enough(value: str, least: int, *, firm: bool) -> bool:
    """Whether a value has the digits its label asks.

    Letters that a scan puts for digits count; capitals in front, or a dash between, make up for missing
    digits.
    """
    digits = sum(map(str.isdigit, value))
    letters = sum(map(str.isalpha, value))
    if digits * 2 > len(value):
        digits += sum(letter in "OoIlSBZ" for letter in value)
    if digits >= least or (digits >= 2 and _PLATE.fullmatch(value.upper())):
        return True
    coded = bool(_CODED.match(value))
    return digits + (letters >= 2) + coded >= max(least, 3) or (firm and coded and letters >= 2)


def _continues(text: str, last: str, following: re.Match[str], kind: Kind) -> bool:
    """Whether the next group belongs to the same number: groups are short, and what follows measures nothing."""
    group = following[1]
    digits = sum(map(str.isdigit, group))
    if (
        not digits
        or _DATE.fullmatch(group)
        or UNIT.match(text, following.end())
        or _AGE.match(text, following.end())
    ):
        return False
    if "\n" in following[0] and not (
        kind in {Kind.HEALTH_NUMBER, Kind.SIN} and group.isdigit() and len(last) <= 4
    ):
        return False
    if _YEAR.fullmatch(group) and len(last) > 4:
        return False
    if not group.isdigit():
        versioned = kind is Kind.HEALTH_NUMBER and _VERSIONED.fullmatch(group)
        upper = digits >= 2 and len(last) <= 4 and group.upper() == group
        return bool(versioned) or (upper and not _CLINICAL.fullmatch(group))
    if len(group) == 1:
        return len(last) <= 4 and text[following.end() : following.end() + 1] in {
            "",
            ".",
            ",",
            ";",
            ")",
            "\n",
        }
    return len(last) <= 4 or len(group) >= 4
