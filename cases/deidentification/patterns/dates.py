"""Dates finer than a year that are written with the name of a month, or as a holiday of a year."""

import re
from collections.abc import Iterator

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.patterns.calendar_words import (
    AMBIGUOUS_MONTHS,
    DAY_NUMBERS,
    HOLIDAYS,
    MONTHS,
    ORDINALS,
    SHORT_MONTHS,
    WEEKDAYS,
)
from cases.deidentification.patterns.reading import UNIT, Reading, vocabulary, words

_YEAR = r"(?:(?:19|20)\d\d(?!\d)|['’]\d\d(?!\d))"
_DAY = r"(?:[0-2]?\d|3[01])"
_NTH = r"(?:st|nd|rd|th|er|ere|e|re|ième|ieme)"

# After a month: a day, a second day, a year. The day must not be the beginning of a longer number.
_DAY_AFTER = re.compile(
    rf"[ \t]{{0,2}}\.?[ \t\n-]{{0,2}}(?:the[ ])?({_DAY})(?![\d:]|[.,]\d(?!\d{{3}})|/\d{{3,}})"
    rf"(?:[ ]?{_NTH})?\b"
    rf"(?:[ ]?(?:-|–|to|and|&|through|thru)[ ]?{_DAY}(?:[ ]?{_NTH})?(?![\d/:]|[ ]?[A-Za-z%]))?",
    re.IGNORECASE,
)
_YEAR_AFTER = re.compile(
    rf"[ \t]{{0,2}}\.?(?:[ ]?[,./-][ ]?|[ \t\n]{{1,3}}|[ ](?:of|in|de)[ ])?({_YEAR})|\.?[ ]?[/,-][ ]?"
    rf"(\d\d)(?![\d/:]|\.\d|[ ]?%)"
    r"|[ ](?:of[ ])(?:this|last|next|that|the[ ](?:same|following|previous))[ ]year\b|[ ](?:dernier"
    r"|prochain)\b"
    r"|[ ]de[ ](?:cette|l')[ ]?ann[eé]e\b",
    re.IGNORECASE,
)
_TIGHT_YEAR_AFTER = re.compile(rf"\.?[-/. ]?({_YEAR}|\d\d(?![\d/:]|\.\d))")
# Before a month: a day with or without ordinal and "of", perhaps a first day or a year in front.
_DAY_BEFORE = re.compile(
    rf"(?<![\d.,/:%$-])(?:(?:(?:19|20)\d\d)[ ./-]{{1,2}})?(?:{_DAY}(?:[ ]?{_NTH})?[ ]?(?:-|–|to|and|&|/|au"
    rf"|et)[ ]?)?{_DAY}(?:[ ]?{_NTH})?"
    r"[ \t]{0,2}(?:[-./][ ]?|(?:day[ ])?of[ ](?:the[ ])?|\n)?$",
    re.IGNORECASE,
)
_YEAR_BEFORE = re.compile(r"(?<![\d.,/-])(?:19|20)\d\d[ ]?[-/., ][ ]?$")
# Parts of a month that belong to the date.
_PART = re.compile(r"\b(?:mid|early|late|mi|debut|fin)[ -]{1,2}(?:de )?$")
# A bare number before a short name in small letters may be a count: "3 mar x", "7 sept".
_COUNTED = frozenset({"sept", "mar", "dec"})
_DATE_BEFORE_DAY = re.compile(
    r"\b(?:le|on|du|au|since|depuis|the|until|seen|dated|by|from|to|[a-z]{2,6}day|lundi|mardi|mercredi"
    r"|jeudi|vendredi|samedi|dimanche)\.?,?[ ]$"
)
# Prepositions that stand before a month alone; "every May" is a habit, "may" after "she" a verb.
_IN = re.compile(
    r"\b(?:in|since|until|till|by|last|this past|past|next|this coming|from|through|thru|of|during|before"
    r"|after|around|about|circa|approx|approximately|back in"
    r"|early|mid|late|mid-|end of|start of|beginning of|month of|between|to|en|depuis|avant|apres|des"
    r"|mois de|mois d'|jusqu'en|jusqu'a"
    r"|debut|fin|mi|mi-|vers|courant|de|d'|seen|starting|started|dated|ending|expires|due|booked|scheduled"
    r"|follow-up|surgery|appointment|since about"
    r"|depuis le mois de|for)\s{1,2}(?:the (?:month|end|start|beginning) of )?$|(?:mid|mi|d'|d’|early"
    r"|late)-?$"
)
_IN_SURELY = re.compile(
    r"(?:in|since|until|till|last|of|mid|early|late|between|en|depuis|mois de|fin|debut|mi|by)[ -]$"
)
_NEVER = re.compile(r"\b(?:every|each|chaque|tous les ans en|les)\s$")
# What happens in a month of each year has no date.
_HABIT_BEFORE = re.compile(
    r"\b(?:usually|typically|always|generally|often|seasonal(?:ly)?|tends? to|d'habitude|souvent|toujours"
    r"|(?:every|each) (?:year|winter|summer|spring|fall)|chaque (?:annee|hiver|ete|printemps|automne))"
    r"\b[^.;\n]{0,36}$"
)
_HABIT_AFTER = re.compile(
    r"[^.;\n]{0,36}\b(?:(?:each|every) (?:year|winter|summer|spring|fall|autumn|season)|yearly|annually"
    r"|chaque (?:annee|hiver|ete|printemps|automne|saison)|tous les (?:ans|hivers|etes|printemps|automnes))\b"
)
_SINCE = re.compile(r"\b(?:since|last|depuis)\s{1,2}$")
_WEEKDAY_BEFORE = re.compile(r"\b([a-z]{3,9})\.?,?[ \t]{1,2}(?:the |le |l')?$")
_HOLIDAY_YEAR = re.compile(r",?[ ](?:of[ ]|in[ ]|de[ ]|en[ ])?(?:(?:19|20)\d\d(?!\d)|['’]\d\d\b)")
_HOLIDAYS = vocabulary([HOLIDAYS])
_WORDS_BEFORE = re.compile(r"(?:\b([a-z]+)[ -])?\b([a-z]+)[ ](?:(?:day )?of )?$")
_SPOKEN_YEAR = re.compile(
    r",?[ ](?:of[ ])?(?:two thousand(?: and)?|twenty|nineteen|deux mille|mil neuf cent)(?:[ -](?:hundred"
    r"|oh|and|one|two|three|four|five|six"
    r"|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
    r"|twenty|thirty|forty|fifty|sixty"
    r"|seventy|eighty|ninety|un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix|onze|douze|treize|quatorze"
    r"|quinze|seize|vingt|trente"
    r"|quarante|cinquante|soixante|vingts|et)){0,5}\b",
    re.IGNORECASE,
)
_SPOKEN_DAY_AFTER = re.compile(r"[ ](?:the[ ])?([a-z]{3,12})(?:[ -]([a-z]{3,12}))?", re.IGNORECASE)


_MORE = re.compile(r"[ ]?(?:-|–|to|or|à)[ ]?\d{1,3}")
_DATED_BEFORE = re.compile(
    r"(?:\bborn|\bd\.?o\.?b\.?|birth|\bon|\bseen|\blmp|\bsince|\bdated?|\bappt|\blast)[^a-z\n]{0,4}(?:on )?$"
)
_ON_THE = re.compile(
    r"\b(?:on|until|till|by|since) the (\d{1,2}(?:st|nd|rd|th))(?=[.,;)\n]|[ ](?:at|and|to|she|he|for|with"
    r"|but)\b|$)"
)


def find(reading: Reading) -> Iterator[Finding]:
    """Days, months of a year, months alone where they are a date, and holidays with their year."""
    for word in reading.words:
        if word.key in MONTHS and (found := _around(reading, word.key, word.start, word.end)):
            first, last, sure = found
            tier = Tier.STOP if sure else Tier.CONFIRM
            yield Finding(first, last, Kind.DATE, tier, Reason.FINER_THAN_YEAR)
    for day in _ON_THE.finditer(reading.bare_text) if "the" in reading.keys else ():
        yield Finding(*day.span(1), Kind.DATE, Tier.CONFIRM, Reason.FINER_THAN_YEAR)
    for _, start, end, _ in reading.phrases(_HOLIDAYS):
        if year := _HOLIDAY_YEAR.match(reading.text, end):
            yield Finding(start, year.end(), Kind.DATE, Tier.STOP, Reason.FINER_THAN_YEAR)


def _around(reading: Reading, key: str, start: int, end: int) -> tuple[int, int, bool] | None:
    """The date around the name of a month, and whether a day or a year makes it sure; None where it is no date."""
    text = reading.text
    before, first, last = reading.before(start, 48), start, end
    day = _DAY_BEFORE.search(before)
    if day and not _is_count(text[start:end], key, before, day, followed=_dated(text, end)):
        first = start - (len(before) - day.start())
    elif not day and (spoken := _spoken_day(before, key)):
        first = start - spoken
    if first != start:
        last = _year_after(text, end, tight=True)
    else:
        last = _after_month(text, key, start, end, before)
        if year := _YEAR_BEFORE.search(before):
            first = start - len(before) + year.start()
    sure = first != start or last != end
    if not sure and not _alone(reading, key, start, end, before):
        return None
    if part := _PART.search(reading.before(first, 12)):
        first -= len(part[0])
    return _with_weekday(reading, first), last, sure


def _is_count(written: str, key: str, before: str, day: re.Match[str], *, followed: bool) -> bool:
    """Whether a number before a short name counts something else: "7 sept", "3 mar x"."""
    if key not in _COUNTED or not written.isascii() or not written.islower():
        return False
    bare_number = day[0].strip().isdigit() and before.endswith(" ")
    return bare_number and not followed and not _DATE_BEFORE_DAY.search(before[: day.start()])


def _dated(text: str, end: int) -> bool:
    return bool(_TIGHT_YEAR_AFTER.match(text, end)) or text[end : end + 1] in {",", ".", ";", ")", "\n", ""}


_FRENCH_MONTHS = words("janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre")


def _spoken_day(before: str, key: str) -> int:
    """How many characters before a month hold a day in words ("the third of", "vingt-deux "); 0 for none."""
    words = _WORDS_BEFORE.search(before)
    if words is None:
        return 0
    one, two = words[1], words[2]
    english = two in ORDINALS and (before.endswith("of ") or key not in AMBIGUOUS_MONTHS)
    french = two in DAY_NUMBERS and key in _FRENCH_MONTHS
    if not (english or french):
        return 0
    return len(before) - (
        words.start(1) if one in {"twenty", "thirty", "vingt", "trente", "dix"} else words.start(2)
    )


def _after_month(text: str, key: str, start: int, end: int, before: str) -> int:
    """Where a date that begins with the name of a month ends; `end` where nothing of a date follows."""
    day = _DAY_AFTER.match(text, end)
    if day and int(day[1]) and not _measures(text, day.end(), key, text[start:end], before):
        return _year_after(text, day.end(), tight=False)
    year = _YEAR_AFTER.match(text, end)
    if year and not UNIT.match(text, year.end()) and (year[2] is None or "," not in year[0]):
        return year.end()
    if not (spoken := _SPOKEN_DAY_AFTER.match(text, end)):
        return end
    tens, units = spoken[1].lower(), (spoken[2] or "").lower()
    if tens not in ORDINALS and not (tens in {"twenty", "thirty"} and units in ORDINALS):
        return end
    if (
        text[start] == "m"
        and key in {"may", "march"}
        and not (_IN.search(before) or _DATED_BEFORE.search(before))
    ):
        return end
    finish = spoken.end() if units in ORDINALS else spoken.end(1)
    year = _SPOKEN_YEAR.match(text, finish) or _YEAR_AFTER.match(text, finish)
    return year.end() if year else finish


def _year_after(text: str, end: int, *, tight: bool) -> int:
    year = _YEAR_AFTER.match(text, end) or (_TIGHT_YEAR_AFTER.match(text, end) if tight else None)
    if year and not UNIT.match(text, year.end()):
        return year.end()
    spoken = _SPOKEN_YEAR.match(text, end)
    return spoken.end() if spoken else end


def _measures(text: str, end: int, key: str, written: str, before: str) -> bool:
    """Whether the number after a month is a dose or a count, as after "may", "dec" (decrease) or "mar"."""
    if UNIT.match(text, end) or ((more := _MORE.match(text, end)) and UNIT.match(text, more.end())):
        return True
    if not written.islower() or key not in {"dec", "mar"}:
        return False
    return not (_YEAR_AFTER.match(text, end) or _DATED_BEFORE.search(before) or _YEAR_BEFORE.search(before))


def _alone(reading: Reading, key: str, start: int, end: int, before: str) -> bool:
    """Whether the name of a month without day or year is a date: "in October", "depuis mars"; no habit of each year."""
    text = reading.text
    habit = _HABIT_BEFORE.search(before) or _HABIT_AFTER.match(reading.bare_text, end)
    if habit and not _SINCE.search(before):
        return False
    if _NEVER.search(before) or not _IN.search(before) or text[end : end + 1] in {"'", "-", "’"}:
        return False
    if key in SHORT_MONTHS:
        return text[start].isupper() and not (key in {"sept", "mar", "jan"} and text[end : end + 2] == " ")
    if key in AMBIGUOUS_MONTHS:
        return bool(_IN_SURELY.search(before))
    return True


def _with_weekday(reading: Reading, first: int) -> int:
    before = reading.before(first, 16)
    weekday = _WEEKDAY_BEFORE.search(before)
    if weekday and weekday[1] in WEEKDAYS:
        return first - len(before) + weekday.start(1)
    return first
