"""Numbers without a label that are identifiers by their shape or check digit, and long ones that measure nothing."""

import re
from collections.abc import Iterator

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.patterns import check_digits
from cases.deidentification.patterns.reading import UNIT, Reading

_SEPARATOR = r"(?:[ ]?[-–./][ ]?|[ ]{1,2}|[ ]?\n[ ]?)"
_HEALTH = re.compile(
    rf"(?<![\w.,$+/-])(?<!\d[ ])(\d{{4}}{_SEPARATOR}?\d{{3}}{_SEPARATOR}?\d{{3}}|\d{{10}})(?:[ ]?[-/]?[ ]?([A-Z]{{2}})(?![\w]))?(?![\d%]|[ ]\d{{3}}|[.,/-]\d)"
)
_SOCIAL = re.compile(
    rf"(?<![\w.,$+/-])(?<!\d[ ])\d{{3}}({_SEPARATOR}?)\d{{3}}(?:\1)\d{{3}}(?![\w%]|[ ]\d|[.,/-]\d)"
)
_AMERICAN = re.compile(
    r"(?<![\w.,$+/-])(?!000|666|9\d\d)\d{3}([- ])(?!00)\d\d\1(?!0000)\d{4}(?![\w%]|[.,/-]\d)"
)
_QUEBEC = re.compile(r"(?<![\w])([A-Z]{3,4})[ -]?(\d{4})[ -]?(\d{4})(?![\w]|[ -]\d)", re.IGNORECASE)
_CARD = re.compile(
    rf"(?<![\w.,$+/-])(?:\d{{4}}{_SEPARATOR}){{3}}\d{{1,7}}(?![\w%]|[.,/-]\d)|(?<![\w.,$+/-])\d{{4}}[ -]\d{{6}}[ -]\d{{5}}(?!\w)"
)
_DRIVER = re.compile(r"(?<![\w])[A-Z]\d{4}[ -]?\d{5}[ -]?\d{5}(?![\w])", re.IGNORECASE)
_VEHICLE = re.compile(r"(?<![\w])(?=[A-Z0-9]{0,16}\d)[A-HJ-NPR-Z0-9]{17}(?![\w])", re.IGNORECASE)
# Letters and digits run together, with dashes, dots or slashes inside.
_RUN = re.compile(
    r"(?<![\w@#.,/-])#?(?:[A-Za-z]{1,6}[-_/]?)?\d[A-Za-z0-9]{0,40}(?:[-_/.][A-Za-z0-9]{1,40}){0,8}(?![\w@])"
)
_PUBLIC = re.compile(
    r"\b(?:din|dins|ndc|npn|nct|pmid|doi|isbn|issn|icd|icd-10|icd-9|snomed|loinc|lu|code|codes|atc|cpt|pin|gtin|upc|hcpcs|rs|grant|trial|isrctn|din-hm)\b[ ]?[:#.]?[ ]?(?:no\.?[ ]?)?"
    r"(?:[\d-]{5,14}[ ]?(?:,|and|et|&|/|or)?[ ]?){0,4}$"
)
_TRIAL = re.compile(r"(?:NCT|PMC|PMID|ISRCTN|DIN|NPN|RS|CAS|ISO|GSE)[-_]?\d+", re.IGNORECASE)
_RESULT = re.compile(
    r"\b(?:plt|platelets?|wbc|rbc|neutrophils?|plaquettes|ferritin|ck|nt-?pro-?bnp|bnp|trop|viral load|charge virale|cost|costs|price|copies|income|salary|iu|dose of|steps)\b[ ]?[:=]?[ ]?(?:of |was |is )?$"
)
_YEARS = re.compile(r"(?:(?:19|20)\d\d[-/ ]?){2,}")


# Two letters in small print after a health number that are a word rather than its version code.
_WORDS_OF_TWO = frozenset(
    """is on or to at as in of it he an by if no so we my up us be do go me am ok pt rx hx dx tx ph dr mr ms mg kg bp yo et le la un du de au
    il en ou ne se ce sa ma wt bw fu""".split()
)
_VERSION = re.compile(r"[ \t]{0,2}[-/]?[ \t]{0,2}([A-Za-z]{2})(?![A-Za-z0-9])")


def with_version(text: str, end: int) -> int:
    """Where a health number ends that digits end at `end` of: after its version code, if there is one."""
    version = _VERSION.match(text, end)
    if version is None or version[1] == "VC":
        return end
    written = version[1]
    return version.end() if written.isupper() or (written.islower() and written not in _WORDS_OF_TWO | {"vc"}) else end


def find(reading: Reading) -> Iterator[Finding]:
    """Numbers with a right check digit must go; shapes without one are to be confirmed."""
    text = reading.text
    for health in reading.at_digits(_HEALTH):
        digits = re.sub(r"\D", "", health[1])
        if (UNIT.match(text, health.end(1)) and not health[2]) or _public(reading, health.start()):
            continue
        if check_digits.luhn(digits) or check_digits.british_columbia(digits):
            end = with_version(text, health.end(1)) if health[2] else health.end(1)
            yield Finding(health.start(), end, Kind.HEALTH_NUMBER, Tier.STOP, Reason.CHECK_DIGIT)
        elif len(health[1]) > 10 or health[2]:
            yield Finding(*health.span(), Kind.HEALTH_NUMBER, Tier.CONFIRM, Reason.SHAPE)
    for social in reading.at_digits(_SOCIAL):
        yield from _social(reading, social)
    for social in reading.at_digits(_AMERICAN):
        if not UNIT.match(text, social.end()):
            yield Finding(*social.span(), Kind.SIN, Tier.STOP, Reason.SHAPE)
    for quebec in reading.at_digits(_QUEBEC, 4, 5, 3):
        if check_digits.quebec(quebec[1], quebec[2] + quebec[3]) and not _TRIAL.fullmatch(quebec[0]):
            yield Finding(*quebec.span(), Kind.HEALTH_NUMBER, Tier.STOP, Reason.SHAPE)
    for card in reading.at_digits(_CARD):
        passes = check_digits.luhn(re.sub(r"\D", "", card[0]))
        yield Finding(
            *card.span(),
            Kind.OTHER_ID,
            Tier.STOP if passes else Tier.CONFIRM,
            Reason.CHECK_DIGIT if passes else Reason.SHAPE,
        )
    for licence in reading.at_digits(_DRIVER, 1):
        yield Finding(*licence.span(), Kind.OTHER_ID, Tier.STOP, Reason.SHAPE)
    for vehicle in reading.at_digits(_VEHICLE, 0, 1, 2, 3, 4, 5):
        if check_digits.vehicle(vehicle[0]):
            yield Finding(*vehicle.span(), Kind.DEVICE_ID, Tier.STOP, Reason.CHECK_DIGIT)
    for run in reading.at_digits(_RUN, 8, 7, 6, 5, 4, 3, 2, 1, 0):
        yield from _run(reading, run)


def _social(reading: Reading, social: re.Match[str]) -> Iterator[Finding]:
    """A social insurance number, unless the three groups are doses through a day or results over time."""
    groups = re.findall(r"\d{3}", social[0])
    if UNIT.match(reading.text, social.end()) or _public(reading, social.start()):
        return
    doses = all(int(group) % 25 == 0 for group in groups) and len(social[0]) > 9
    if check_digits.luhn("".join(groups)) and not doses and len(set("".join(groups))) > 1:
        yield Finding(*social.span(), Kind.SIN, Tier.STOP, Reason.CHECK_DIGIT)
    elif social[1].strip() == "-" and not doses and not all(group.endswith("0") for group in groups):
        yield Finding(*social.span(), Kind.SIN, Tier.CONFIRM, Reason.SHAPE)


def _public(reading: Reading, start: int) -> bool:
    """Whether the number is one that anybody can look up: a drug's, a trial's, a code's."""
    return bool(_PUBLIC.search(reading.before(start, 60)))


def _run(reading: Reading, run: re.Match[str]) -> Iterator[Finding]:
    """A long run of digits, or of digits and letters, that no measurement has."""
    text, written = reading.text, run[0].lstrip("#")
    start = run.end() - len(written)
    digits = re.sub(r"\D", "", written)
    if len(digits) < 5 or UNIT.match(text, run.end()) or _public(reading, start) or _TRIAL.fullmatch(written):
        return
    lettered = any(letter.isalpha() for letter in written)
    if _RESULT.search(reading.before(start)) or _YEARS.fullmatch(written) or _is_dosing(written):
        return
    if not lettered:
        if len(digits) < 7 or digits.endswith("0000") or "/" in written or "." in written and len(digits) < 9:
            return
        passes, kind = _checked(digits)
        if passes:
            yield Finding(start, run.end(), kind, Tier.STOP, Reason.CHECK_DIGIT)
        else:
            yield Finding(start, run.end(), Kind.OTHER_ID, Tier.CONFIRM, Reason.SHAPE)
    elif _looks_coded(written, digits):
        yield Finding(start, run.end(), Kind.OTHER_ID, Tier.CONFIRM, Reason.SHAPE)


def _checked(digits: str) -> tuple[bool, Kind]:
    """Whether a plain run passes the check of a number of its length, and what it is then."""
    if len(digits) == 15 and check_digits.luhn(digits):
        return True, Kind.DEVICE_ID
    if len(digits) == 15 and check_digits.france(digits):
        return True, Kind.OTHER_ID
    if len(digits) in {13, 14, 16, 19} and check_digits.luhn(digits):
        return True, Kind.OTHER_ID
    if len(digits) == 12 and check_digits.aadhaar(digits):
        return True, Kind.OTHER_ID
    if len(digits) == 10 and check_digits.british(digits):
        return True, Kind.HEALTH_NUMBER
    return False, Kind.OTHER_ID


def _is_dosing(written: str) -> bool:
    """Whether groups are doses or counts through a day ("40-40-30", "600-600-900", "25000-50000")."""
    groups = re.split(r"[-/_]", written)
    return len(groups) > 1 and all(
        group.isdigit()
        and (len(group) <= 2 or int(group) % 25 == 0 or (len(groups) == 2 and len(group) <= 4))
        for group in groups
    )


def _looks_coded(written: str, digits: str) -> bool:
    """Whether letters and digits together are a code: enough of both, and not a number with its unit."""
    letters = sum(map(str.isalpha, written))
    if (
        re.fullmatch(r"\d+(?:[.,/-]\d+)*[A-Za-z]{1,12}(?:/[A-Za-z]+)?", written)
        and len(digits) < 8
        and not written[-1].isupper()
    ):
        return False
    if re.fullmatch(r"[A-TV-Z]\d\d(?:\.\w{1,4})?", written):
        return False
    return letters >= 1 and len(digits) >= 5
