"""Ages of 90 and over: so few people are that old that the number alone may tell who it is."""

import re
from collections.abc import Iterator

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.patterns.reading import UNIT, Reading, vocabulary

_NUMBER = re.compile(
    r"(?<![\w.,/$€£:+<>=~-])(?<!<[ ])(?<!>[ ])(9\d|1[01]\d|12[0-5])(?![\d:%°]|[.,]\d|[ ]?/[ ]?\d|/"
    r"(?![MFHmfh]\b)|\+)"
)
_AFTER_SEX = re.compile(r"(?<![A-Za-z0-9])(?:[MFH][ ]?/?-?|[mf]/?)(9\d|1[01]\d)(?![\w/%°-]|\.\w)")
# Right after the number.
_YEARS = re.compile(
    r"[ -]{0,2}(?:(?:years?|yrs?|yr)[ -]?(?:old|of age|young)\b|y\.?[/ ]?o\.?\b|y/o|yo[mf]?\b|yrs?\b|y\b"
    r"|ans\b|(?<=\d)a\b|a\.n\.s\b|anos\b|year[- ]olds?\b)",
    re.IGNORECASE,
)
_PLAIN_YEARS = re.compile(r"[ ]{0,2}(?:years?|yrs?|ans)\b(?![ -]?(?:old|of age|young))", re.IGNORECASE)
_BORN_AGO = re.compile(r"\b(?:born|nee?s?[ ]il[ ]y[ ]a)(?:[ ](?:about|over|some|environ|plus de))?[ ]$")
_SPAN_OF_YEARS = re.compile(
    r"\b(?:for|over|past|last|about|il y a|depuis|pendant|x|in|within|after|every|next)\s$"
)
_SEX = re.compile(
    r"[ ]?/?[MFHmfh](?![\w/°]|[ ]?\d|[ ]?(?:walk|run|per|dash|sprint))|[ ](?:male|female|man|woman|lady"
    r"|gentleman|homme|femme)\b",
    re.IGNORECASE,
)
# Where a description of a patient begins, and how it goes on after "94 F".
_OPENING = re.compile(
    r"(?:^|[\n.;:(*•>|-][ ]{0,3}|\b(?:a|an|this|pt|patient|is|re|our|my|nice|pleasant|frail|old|elderly)[ ])$"
)
_GOING_ON = re.compile(
    r",|\.?[ ](?:with|w/|who|c/o|presents|presenting|lives|from|pt|patient|living|admitted|post|s/p|hx"
    r"|known|here|seen|referred)\b|[ ]?\)"
)
# Right before the number.
_AGED = re.compile(
    r"""(?:\b(?:aged?|agee?|ages|turned|turns|turning|turn|(?:will|'ll|to)[ ]be|reached|nearly|almost|a(?:t
      |ge)[ ]the[ ]age[ ]of|(?:lady|woman|man|gentleman|mother|father|patient|person
      |grandmother|grandfather|veteran|widow|widower|resident|female|male|dame|homme|femme|monsieur|mere
        |pere|patiente|veuve|veuf)(?:[ ]of|[ ]de|,|,?[ ]now|[ ]is|[ ]who[ ]is)?)
      [ ]?[:=]?[ ]{0,3}(?:(?:de|of|is|to|the[ ]age[ ]of|a)[ ])?$)
    | (?:^|[\n.;•(*|-][ ]{0,3})(?:f|m|h|male|female|man|woman|femme|homme)[ ]?[,/-]?[ ]?$
    | \b(?:she|he|who|they|patient|pt|mother|father|mom|mum|dad|wife|husband|brother|sister|aunt|uncle
      |spouse|elle|il|qui|grandma|grandpa)
      [ ]?(?:'?s|is|was|are|were|a|has[ ]turned|is[ ]now|is[ ]almost|aura|avait|vient[ ]d'avoir|now
        |just[ ]turned)[ ](?:now[ ]|about[ ]|only[ ]|already[ ])?$
    | (?:died|passed[ ]away|dead|lived|deceased|decede|decedee|mort|morte|dcd)[ ](?:at|a|to(?:[ ]be)?
      |l'age[ ]de)[ ]$
    | \bage[ ]?(?:/sex|\(yrs?\))?[ \t.:=|_]{0,20}$""",
    re.VERBOSE,
)
_NOT_AFTER = re.compile(
    r"[ ]?(?:%|°|degr|deg\b|mmhg|kg|lbs?\b|pounds|mg|mcg|g\b|ml|units?|bpm|percent|on (?:room|ra|\d)|sat"
    r"|systolic|/|\bx\b|months?|days?|weeks?|minutes?|hours?|times)",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    r"\b(?:hr|bp|ta|p|pulse|pouls|rr|t|temp|temperature|wt|weight|poids|kg|spo2|sats?|o2|o2sat|saturation"
    r"|med|dme|flexion|rom|abduction|egfr|dfg|creat"
    r"|creatinine|hb|hgb|hemoglobin|glucose|bmi|imc|rate|score|moca|gaf|mg|dose|qtc|alt|ast|plt|na|cl"
    r"|height|room|bed|ldl|map|rated?)[ ]?[:=]?[ ]?(?:of |is |was |to |~)?$"
)
_WORDS = vocabulary(
    [
        """ninety, ninety one, ninety two, ninety three, ninety four, ninety five, ninety six, ninety
        seven, ninety eight, ninety nine, one hundred, one hundred one, one hundred and one, one hundred
        two, one hundred and two, one hundred and three, one hundred three, one hundred four, one
        hundred and four, one hundred and five, one hundred five, a hundred, a hundred and one, a
        hundred and two, a hundred and three, a hundred and four, hundred and one, hundred and two,
        quatre vingt dix, quatre vingt onze, quatre vingt douze, quatre vingt treize, quatre vingt
        quatorze, quatre vingt quinze, quatre vingt seize, quatre vingt dix sept, quatre vingt dix huit,
        quatre vingt dix neuf, quatre vingts dix, quatre vingts onze, quatre vingts douze, nonante,
        nonante et un, nonante deux, nonante trois, nonante quatre, nonante cinq, nonante six, nonante
        sept, nonante huit, nonante neuf, cent, cent un, cent deux, cent trois, cent quatre, cent cinq""",
        """ninety something, ninety odd, nonagenarian, nonagenarians, nonagenaire, centenarian,
        centenarians, centenaire, centenaires, supercentenarian, supercentenaire, ninetysomething""",
    ]
)
_BIRTHDAY = re.compile(
    r"(?<![\w.,/-])((?:9\d|1[01]\d)(?:st|nd|rd|th|e|ième)?)[ ](?:birthday|anniversaire|anniv|b-?day|year\b)",
    re.IGNORECASE,
)
_NINETIES = re.compile(
    r"\b(?:in|into|of)[ ](?:his|her|their|the patient's|my|early|mid|late|very late|(?:his|her|their) "
    r"(?:early|mid|late|very late))[ -]"
    r"(?:early |mid[ -]?|late )?(nineties|90['’]?s)\b|\b(?:early|mid|late)[ -](nineties|90['’]?s)\b",
    re.IGNORECASE,
)
_SOMETHING = re.compile(r"(?<![\w.,/-])(90[ -]?(?:something|odd))\b", re.IGNORECASE)


def find(reading: Reading) -> Iterator[Finding]:
    """Numbers and words for ages of 90 and over; "90+" and "over 90" say no more than the form itself asks."""
    for pattern in (_NUMBER, _AFTER_SEX):
        for number in reading.at_digits(pattern, *((0,) if pattern is _NUMBER else (1, 2, 3))):
            if pattern is _AFTER_SEX or _is_age(reading, number.start(), number.end()):
                yield _finding(*number.span(1))
    for phrase, start, end, _ in reading.phrases(_WORDS):
        if phrase.meaning or _is_age(reading, start, end):
            yield _finding(start, end)
    if "nineties" in reading.keys or "90" in reading.text:
        for nineties in _NINETIES.finditer(reading.text):
            yield _finding(*nineties.span(nineties.lastindex or 0))
    for birthday in reading.at_digits(_BIRTHDAY):
        yield _finding(*birthday.span(1))
    for something in reading.at_digits(_SOMETHING):
        yield _finding(*something.span(1))


def _finding(start: int, end: int) -> Finding:
    return Finding(start, end, Kind.AGE_OVER_89, Tier.STOP, Reason.SHAPE)


def _is_age(reading: Reading, start: int, end: int) -> bool:
    """Whether a number is somebody's age by what stands around it."""
    before = reading.before(start, 36)
    if re.search(r"\b(?:over|above|under|plus de|moins de|than|>=?|≥)[ ]$", before):
        return False
    if _PLAIN_YEARS.match(reading.text, end):
        return _BORN_AGO.search(before) is not None or not _SPAN_OF_YEARS.search(before)
    if _YEARS.match(reading.text, end):
        return True
    if _MEASURED.search(before):
        return False
    sex = _SEX.match(reading.text, end)
    if sex and not UNIT.match(reading.text, sex.end()):
        written = sex[0].strip()
        if len(written) > 2 or _OPENING.search(before):
            return True
        if written.isupper() and end - start == 2 and _GOING_ON.match(reading.text, sex.end()):
            return True
    return (
        bool(_AGED.search(before))
        and not _NOT_AFTER.match(reading.text, end)
        and not UNIT.match(reading.text, end)
    )
