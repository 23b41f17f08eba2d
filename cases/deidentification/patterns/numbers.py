"""Other numbers without a label: cards and vehicles by their check digit, and long runs that measure nothing."""

import re
from collections.abc import Iterator

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.patterns import check_digits
from cases.deidentification.patterns.health_numbers import is_public
from cases.deidentification.patterns.reading import SEPARATOR, UNIT, Reading, words

_CARD = re.compile(
    rf"(?<![\w.,$+/-])(?:\d{{4}}{SEPARATOR}){{3}}\d{{1,7}}(?![\w%]|[.,/-]\d)|"
    rf"(?<![\w.,$+/-])\d{{4}}[ -]\d{{6}}[ -]\d{{5}}(?!\w)"
)
_DRIVER = re.compile(r"(?<![\w])[A-Z]\d{4}[ -]?\d{5}[ -]?\d{5}(?![\w])", re.IGNORECASE)
_VEHICLE = re.compile(r"(?<![\w])(?=[A-Z0-9]{0,16}\d)[A-HJ-NPR-Z0-9]{17}(?![\w])", re.IGNORECASE)
# Letters and digits run together, with dashes, dots or slashes inside.
_RUN = re.compile(
    r"(?<![\w@#.,/-])#?(?:[A-Za-z]{1,6}[-_/]?)?\d[A-Za-z0-9]{0,40}(?:[-_/.][A-Za-z0-9]{1,40}){0,8}(?![\w@])"
)
_VEHICLE = re.compile(r"(?<![\w])(?=[A-Z0-9]{0,16}\d)[A-HJ-NPR-Z0-9]{17}(?![\w])", re.IGNORECASE)
# Letters and digits run together, with dashes, dots or slashes inside.
_RUN = re.compile(
    r"(?<![\w@#.,/-])#?(?:[A-Za-z]{1,6}[-_/]?)?\d[A-Za-z0-9]{0,40}(?:[-_/.][A-Za-z0-9]{1,40}){0,8}(?![\w@])"
)
# Letters and digits run together, with dashes, dots or slashes inside.
_RUN = re.compile(
    r"(?<![\w@#.,/-])#?(?:[A-Za-z]{1,6}[-_/]?)?\d[A-Za-z0-9]{0,40}(?:[-_/.][A-Za-z0-9]{1,40}){0,8}(?![\w@])"
)
_TRIAL = re.compile(r"(?:NCT|PMC|PMID|ISRCTN|DIN|NPN|RS|CAS|ISO|GSE)[-_]?\d+", re.IGNORECASE)
_RESULT = re.compile(
    r"\b(?:plt|platelets?|wbc|rbc|neutrophils?|plaquettes|ferritin|ck|nt-?pro-?bnp|bnp|trop|viral load"
    r"|charge virale|cost|costs|price|copies|income|salary|iu|dose of|steps)\b[ ]?[:=]?[ ]?(?:of |was "
    r"|is )?$"
)
_RESULT = re.compile(
    r"\b(?:plt|platelets?|wbc|rbc|neutrophils?|plaquettes|ferritin|ck|nt-?pro-?bnp|bnp|trop|viral load"
    r"|charge virale|cost|costs|price|copies|income|salary|iu|dose of|steps)\b[ ]?[:=]?[ ]?(?:of |was "
    r"|is )?$"
)
_YEARS = re.compile(r"(?:(?:19|20)\d\d[-/ ]?){2,}")


# Two letters in small print after a health number that are a word rather than its version code.
_WORDS_OF_TWO = words(
    """is on or to at as in of it he an by if no so we my up us be do go me am ok pt rx hx dx tx ph dr mr ms
    mg kg bp yo et le la un du de au il en ou ne se ce sa ma wt bw fu"""
)


def find(reading: Reading) -> Iterator[Finding]:
    """Numbers with a right check digit must go; shapes without one are to be confirmed."""
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


def _run(reading: Reading, run: re.Match[str]) -> Iterator[Finding]:
    """A long run of digits, or of digits and letters, that no measurement has."""
    text, written = reading.text, run[0].lstrip("#")
    start = run.end() - len(written)
    digits = re.sub(r"\D", "", written)
    if (
        len(digits) < 5
        or UNIT.match(text, run.end())
        or is_public(reading, start)
        or _TRIAL.fullmatch(written)
    ):
        return
    lettered = any(letter.isalpha() for letter in written)
    if _RESULT.search(reading.before(start)) or _YEARS.fullmatch(written) or _is_dosing(written):
        return
    if not lettered:
        if (
            len(digits) < 7
            or digits.endswith("0000")
            or "/" in written
            or ("." in written and len(digits) < 9)
        ):
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
    if re.fullmatch(r"[A-TV-Z]\d\d(?:\.\w{1,4})?", written.upper()):
        return False
    return letters >= 1 and len(digits) >= 5
