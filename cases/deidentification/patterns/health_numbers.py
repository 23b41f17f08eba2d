"""Health and social insurance numbers without a label, known by their shape and check digit."""

import re
from collections.abc import Iterator

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.patterns import check_digits
from cases.deidentification.patterns.reading import SEPARATOR, UNIT, Reading, words

_HEALTH = re.compile(
    rf"(?<![\w.,$+/-])(?<!\d[ ])(\d{{4}}{SEPARATOR}?\d{{3}}{SEPARATOR}?\d{{3}}|\d{{10}})(?:[ ]?[-/]?[ ]?"
    rf"([A-Z]{{2}})(?![\w]))?(?![\d%]|[ ]\d{{3}}|[.,/-]\d)"
)
_SOCIAL = re.compile(
    rf"(?<![\w.,$+/-])(?<!\d[ ])\d{{3}}({SEPARATOR}?)\d{{3}}(?:\1)\d{{3}}(?![\w%]|[ ]\d|[.,/-]\d)"
)
_AMERICAN = re.compile(
    r"(?<![\w.,$+/-])(?!000|666|9\d\d)\d{3}([- ])(?!00)\d\d\1(?!0000)\d{4}(?![\w%]|[.,/-]\d)"
)
_QUEBEC = re.compile(r"(?<![\w])([A-Z]{3,4})[ -]?(\d{4})[ -]?(\d{4})(?![\w]|[ -]\d)", re.IGNORECASE)
_CARD = re.compile(
    rf"(?<![\w.,$+/-])(?:\d{{4}}{SEPARATOR}){{3}}\d{{1,7}}(?![\w%]|[.,/-]\d)|"
    rf"(?<![\w.,$+/-])\d{{4}}[ -]\d{{6}}[ -]\d{{5}}(?!\w)"
)
# Numbers that anybody can look up: of drugs, trials, articles, codes.
_PUBLIC = re.compile(
    r"\b(?:din|dins|ndc|npn|nct|pmid|doi|isbn|issn|icd|icd-10|icd-9|snomed|loinc|lu|code|codes|atc|cpt|pin"
    r"|gtin|upc|hcpcs|rs|grant|trial|isrctn|din-hm)\b[ ]?[:#.]?[ ]?(?:no\.?[ ]?)?"
    r"(?:[\d-]{5,14}[ ]?(?:,|and|et|&|/|or)?[ ]?){0,4}$"
)
# Two letters in small print after a health number that are a word rather than its version code.
_WORDS_OF_TWO = words(
    """is on or to at as in of it he an by if no so we my up us be do go me am pt vc et le la un du de au
    il en ou ne se ce sa ma"""
)
_VERSION = re.compile(r"[ \t]{0,2}[-/]?[ \t]{0,2}([A-Za-z]{2})(?![A-Za-z0-9])")

# The same with its name: "VC QX", "version code QX".
_NAMED_VERSION = re.compile(
    r"[ \t]{0,2},?[ ](?:VC|vc|[Vv]\.[Cc]\.|[Vv]ersion[ ][Cc]ode)[ ]([A-Z]{2})(?![A-Za-z0-9])"
)


def with_version(text: str, end: int) -> int:
    """Where a health number ends that has digits up to `end`: after its version code, if there is one."""
    if named := _NAMED_VERSION.match(text, end):
        return named.end()
    version = _VERSION.match(text, end)
    if (
        version is None
        or version[1] == "VC"
        or (version[1].lower() in _WORDS_OF_TWO and not version[1].isupper())
    ):
        return end
    return version.end()


def find(reading: Reading) -> Iterator[Finding]:
    """Those with a right check digit, and to be confirmed those that are merely grouped like one."""
    text = reading.text
    for health in reading.at_digits(_HEALTH):
        yield from _health(reading, health)
    for social in reading.at_digits(_SOCIAL):
        yield from _social(reading, social)
    for social in reading.at_digits(_AMERICAN):
        if not UNIT.match(text, social.end()):
            yield Finding(*social.span(), Kind.SIN, Tier.STOP, Reason.SHAPE)
    for quebec in reading.at_digits(_QUEBEC, 4, 5, 3):
        if check_digits.quebec(quebec[1], quebec[2] + quebec[3]):
            yield Finding(*quebec.span(), Kind.HEALTH_NUMBER, Tier.STOP, Reason.SHAPE)


def is_public(reading: Reading, start: int) -> bool:
    """Whether the number at `start` is one that anybody can look up."""
    return bool(_PUBLIC.search(reading.before(start, 60)))


def _health(reading: Reading, health: re.Match[str]) -> Iterator[Finding]:
    digits = re.sub(r"\D", "", health[1])
    if (UNIT.match(reading.text, health.end(1)) and not health[2]) or is_public(reading, health.start()):
        return
    if check_digits.luhn(digits) or check_digits.british_columbia(digits) or check_digits.british(digits):
        end = with_version(reading.text, health.end(1))
        yield Finding(health.start(), end, Kind.HEALTH_NUMBER, Tier.STOP, Reason.CHECK_DIGIT)
    elif len(health[1]) > 10 or health[2]:
        yield Finding(*health.span(), Kind.HEALTH_NUMBER, Tier.CONFIRM, Reason.SHAPE)


def _social(reading: Reading, social: re.Match[str]) -> Iterator[Finding]:
    """A social insurance number, unless the three groups are doses through a day or results over time."""
    groups = re.findall(r"\d{3}", social[0])
    if UNIT.match(reading.text, social.end()) or is_public(reading, social.start()):
        return
    doses = all(int(group) % 25 == 0 for group in groups) and len(social[0]) > 9
    if check_digits.luhn("".join(groups)) and not doses and len(set("".join(groups))) > 1:
        yield Finding(*social.span(), Kind.SIN, Tier.STOP, Reason.CHECK_DIGIT)
    elif social[1].strip() == "-" and not doses and not all(group.endswith("0") for group in groups):
        yield Finding(*social.span(), Kind.SIN, Tier.CONFIRM, Reason.SHAPE)
