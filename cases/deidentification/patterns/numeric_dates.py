"""Dates written in numbers, told from scores, doses and pressures by their shape and by what stands before."""

import re
from collections.abc import Iterator

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.patterns.calendar_words import WEEKDAYS
from cases.deidentification.patterns.reading import UNIT, Reading

_GROUPS = re.compile(
    r"(?<![\w.,/:$€£-])\d{1,8}(?:[ ]?[-/.][ ]?\d{1,4}){1,2}(?![\d%])|(?<!\d)(?:19|20)\d{6}(?!\d)"
)
_SPACED = re.compile(r"(?<![\w.,/-])(?:(?:19|20)\d\d ?(\d\d) ?(\d\d)|(\d\d) (\d\d) (?:19|20)\d\d)(?![\d/.])")
_PARTS = re.compile(r"\d+")
# What announces a date: prepositions and the words of a chart.
_CONTEXT = re.compile(
    r"""(?:\b(?:on|since|until|till|from|through|thru|dated?|seen|admitted|admission|discharged?|appt
      |appointment|visit|dob|doa|doi|dol|dod
      |d/c|collected|lmp|lnmp|updated|week of|wk of|injury|accident|surgery|sx|born|birth|birthdate|birthday
        |expires|expiry|exp|due|started|start|starting
      |stopped|reviewed|signed|faxed|received|ordered|booked|scheduled|done|performed|given|called|last dose
        |last seen|effective|as of|before|after|by
      |f/u|fu|follow[ -]?up|between|in|early|late|mid|le|du|au|depuis|nee?|ddn|vu|vue|date|rdv|rendez-vous
        |jusqu'au|des le|avant le|apres le|recu|signe|opere|operee
      |naissance|encounter|entered|printed)[ ]?[:.=]?[ ]{0,4}(?:the[ ]|le[ ]|on[ ])?)$""",
    re.VERBOSE,
)
_BORN = re.compile(
    r"\b(?:d[./ ]?o[./ ]?b|dofb|birth(?:date|day)?|date of birth|born|bday|b-day|ddn|dn|nee?"
    r"|date de naissance|naissance)\b[^\w\n]{0,6}(?:on |le |is |was |of )?$"
)
_SCORE = re.compile(
    r"""\b(?:peg|esas|phq|gad|ort|pain|painad|score[ds]?|strength|power|reflex(?:es)?|grade|mrc|bp|ta|nrs
      |vas|eva|dn4|rated?|rates|ratings?|ratio
      |douleur|force|tension|dose[ds]?|split|bup|nx|suboxone|percocet|tramacet|oxycocet|sinemet|murmur
        |souffle|va|visual acuity|acuity|beighton|waddell
      |vs|vitals|bps?|at)\b[^a-z\n]{0,14}$""",
    re.VERBOSE,
)
_COURSE = re.compile(
    r"(?:\bx|\bfor|\bin|\bevery|\bq|\bover|\bafter|\babout|\blast|\bpast|\bwithin|\brecheck|\bf/u|\bfu"
    r"|\bfollow[ -]?up|\breview|\brtc|\brevoir|\bsuivi|~|×)[.:=]?[ ]{0,2}$"
)
_FILM = re.compile(
    r"\b(?:bup|nx|suboxone|subox|film|sl|zubsolv|tramacet|percocet|endocet|sinemet|targin|mg|oxycocet)\b"
)
_WEEKDAY = re.compile(r"\b([a-z]{3,9})\.?,?[ ]{1,2}(?:the |le )?$")
# A date that follows another: "Jan 4 and 2/11", "03/04/21 - 05/06/21".
_THIS_CENTURY = range(1900, 2100)


def find(reading: Reading) -> Iterator[Finding]:
    """Numeric dates; two numbers with a slash only where the words before say that a date follows."""
    for groups in reading.at_digits(_GROUPS):
        tier = _tier(reading, groups)
        if tier is not None:
            start = _with_weekday(reading, groups.start())
            yield Finding(start, groups.end(), Kind.DATE, tier, Reason.FINER_THAN_YEAR)
    for spaced in reading.at_digits(_SPACED):
        month, day = (int(part) for part in spaced.groups() if part)
        born = bool(_BORN.search(reading.before(spaced.start())))
        if (1 <= month <= 12 and 1 <= day <= 31) or (
            1 <= day <= 12 and 1 <= month <= 31 and (born or spaced[3])
        ):
            yield Finding(*spaced.span(), Kind.DATE, Tier.STOP, Reason.FINER_THAN_YEAR)


def _tier(reading: Reading, groups: re.Match[str]) -> Tier | None:
    """How sure it is that these groups of digits are a date; None where they are not one."""
    parts = _PARTS.findall(groups[0])
    before = reading.before(groups.start())
    if _BORN.search(before):
        return Tier.STOP if len(parts) > 1 or len(parts[0]) >= 6 else None
    if len(parts) == 1 or (len(parts[-1]) < 4 and UNIT.match(reading.text, groups.end())):
        return None
    if len(parts) == 3:
        return _whole(parts, groups[0], before)
    return _half(parts, groups[0], before, reading.after(groups.end()))


def _whole(parts: list[str], written: str, before: str) -> Tier | None:
    """A day, a month and a year in any order."""
    first, second, third = map(int, parts)
    separators = re.sub(r"[\d ]", "", written)
    if separators[0] != separators[1]:
        return None
    if len(parts[0]) == 4:
        return Tier.STOP if first in _THIS_CENTURY and _day_and_month(second, third) else None
    if not _day_and_month(first, second):
        return None
    if len(parts[2]) == 4:
        return Tier.STOP if third in _THIS_CENTURY else None
    if len(parts[2]) != 2 or _SCORE.search(before):
        # Two digits may lead: 57-09-12.
        return None
    sure = bool(_CONTEXT.search(before) or _ends_in_weekday(before))
    if separators[0] == "." or separators[0] == "-":
        padded = all(len(part) == 2 for part in parts)
        return Tier.STOP if sure else (Tier.CONFIRM if padded and not _rounded(parts) else None)
    if _rounded(parts) or (max(map(len, parts[:2])) == 1 and third <= 10):
        return Tier.STOP if sure else None
    return Tier.STOP


def _half(parts: list[str], written: str, before: str, after: str) -> Tier | None:
    """A month and a year, or a day and a month, where the text says so."""
    first, second = map(int, parts)
    separator = re.sub(r"[\d ]", "", written)
    if len(parts[0]) == 4:
        return (
            Tier.STOP
            if first in _THIS_CENTURY and len(parts[1]) == 2 and 1 <= second <= 12 and separator in "-/"
            else None
        )
    if len(parts[1]) == 4:
        return Tier.STOP if second in _THIS_CENTURY and 1 <= first <= 12 else None
    if (
        separator != "/"
        or " " in written
        or len(parts[1]) > 2
        or _SCORE.search(before)
        or _SCALE.match(after)
    ):
        return None
    weekday = _ends_in_weekday(before)
    if not (weekday or _CONTEXT.search(before)):
        return None
    if second in {7, 10, 12, 52} and first <= 24 and not weekday and _COURSE.search(before):
        return None
    if first == 4 * second and (_FILM.search(before) or _FILM.search(after.lower())):
        return None
    if weekday:
        fits = _day_and_month(first, second)
    elif _LOOSE.search(before):
        fits = 1 <= first <= 12 and (
            second > 12 or second == 11 or written.startswith("0") or "/0" in written
        )
    else:
        fits = _day_and_month(first, second) or (1 <= first <= 12 and len(parts[1]) == 2)
    if not fits or (first == second and not weekday):
        return None
    return Tier.STOP


# Prepositions that stand before scores too: only what can be no score counts after them.
_LOOSE = re.compile(r"\b(?:in|by|at|early|late|mid|given|before|after|from|between)\s+$")
_SCALE = re.compile(
    r"\s?(?:ago\b|il y a|power|strength|pain|nrs|vas|on the|scale|out|bilat|left|right|reps|sites|criteria"
    r"|positive|tender|times|force|tab|of\b|mmhg)",
    re.IGNORECASE,
)


def _day_and_month(first: int, second: int) -> bool:
    return (1 <= first <= 12 and 1 <= second <= 31) or (1 <= second <= 12 and 1 <= first <= 31)


def _rounded(parts: list[str]) -> bool:
    """Whether all are multiples of five, as doses through a day are."""
    return all(int(part) % 5 == 0 for part in parts)


def _ends_in_weekday(before: str) -> bool:
    weekday = _WEEKDAY.search(before)
    return bool(weekday and weekday[1] in WEEKDAYS)


def _with_weekday(reading: Reading, start: int) -> int:
    before = reading.before(start, 16)
    weekday = _WEEKDAY.search(before)
    if weekday and weekday[1] in WEEKDAYS:
        return start - len(before) + weekday.start(1)
    return start
