"""Telephone and fax numbers, with and without area code, and extensions."""

import re
from collections.abc import Iterator

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.patterns.reading import UNIT, Reading, words

_EXTENSION = r"(?:[ ,]{0,3}(?:\(?[ ]?(?:(?:ext|extn|extension|poste|local)\b\.?|x)[ ]?(?:no\.?|#|:)?|#)[ ]?\d{1,6}\)?)?"
_NORTH_AMERICAN = re.compile(
    r"(?<![\w.+/-])(?<!\d[ ])(?:\+?1[ ]?[-./ ]?[ ]?)?"
    r"(?:\([ ]?[2-9]\d\d[ ]?\)[ ]?[-./]?[ ]?\d{3}[ ]?[-./ ]?[ ]?\d{4}"
    r"|[2-9]\d\d[ ]?[-./–][ ]?\d{3}[ ]?[-./–][ ]?\d{4}"
    r"|[2-9]\d\d[-./ ]\n?[2-9]\d\d[-./ ]\n?\d{4}|[2-9]\d\d[ ][2-9]\d{6}|1[- .]?[2-9]\d\d[2-9]\d{6})"
    rf"(?![\d]|[./-]\d){_EXTENSION}",
    re.IGNORECASE,
)
_INTERNATIONAL = re.compile(
    rf"(?<![\w.+])(?:\+|00[ -]|011[ -])[ ]?\d{{1,3}}(?:[ .-]?\(?\d{{1,5}}\)?){{2,6}}(?![\d]){_EXTENSION}",
    re.IGNORECASE,
)
_NATIONAL = re.compile(
    r"(?<![\w.,/+-])0[1-9](?:[ .-]\d\d){4}(?![\d.,/-])|(?<![\w.,/+-])(?:0\d{3,4}[ -]\d{3}[ -]?\d{3,4}"
    r"|0\d\d[ -]\d{4}[ -]\d{4})(?![\d/-])"
)
_LOCAL = re.compile(
    r"(?<![\w.,/$-])([2-9]\d\d)[ ]?[-–.][ ]?(\d{4})(?![\d/%]|[.,-]\d)" + _EXTENSION, re.IGNORECASE
)
# Words that announce a number; a single letter does with a colon or a full stop after it.
_LABELS = words(
    """tel telephone phone phones ph cell cellular cellulaire cel mobile mob fax faxed telec telecopieur
    pager page tty pagette text texts texting sms call calls called calling reach reached reachable
    appeler appelle appelez joindre rejoindre contact hotline ring voicemail switchboard toll landline bur
    bureau res dom domicile maison travail urgence office whatsapp numero number home work mobil dial no h
    t c w b f m p"""
)
_LABELLED = re.compile(
    r"[ ]?[^\d\n]{0,24}?(?<![\d])(\(?\d{3}\)?[ .-]{0,3}\d{3}[ .-]{0,3}\d{4}|[2-9]\d\d(?:[ .-]{1,2}|"
    r"(?=\d{4}(?!\d)))\d{4})(?![\d/]|[.,-]\d)"
)
_EXTENSIONS = frozenset({"ext", "extn", "extension", "poste", "local", "pager", "pagette", "x"})
_HANGING = re.compile(r"\.?[ ]?(?:no\.?|#|:|is|est)?[ ]?(?:le[ ])?#?(\d{3,6})(?![\d/%°.-]|[ ]?\w{0,2}mg)")
_CALLING = re.compile(
    r"(?:tel|phone|call|reach|ring|switch|clinic|nurse|ward|unit|office|desk|poste|page|contact|joindre"
    r"|appel|hopital|hospital|bureau|reception|line|dial)"
)
_TOLL = re.compile(r"(?<![\w-])1[-. ]?8(?:00|33|44|55|66|77|88)[-. ][A-Za-z0-9-]{7,12}(?![\w-])")


def find(reading: Reading) -> Iterator[Finding]:
    """Numbers by shape; seven digits and extensions alone only where a word says what they are, or to confirm."""
    text = reading.text
    for pattern, steps in ((_NORTH_AMERICAN, (3, 2, 1, 0)), (_INTERNATIONAL, (2, 1, 0))):
        for number in reading.at_digits(pattern, *steps):
            digits = sum(map(str.isdigit, number[0]))
            if digits >= 8 and not UNIT.match(text, number.end()):
                yield _finding(number)
    for number in reading.at_digits(_NATIONAL):
        yield _finding(number)
    for number in reading.at_digits(_TOLL):
        yield _finding(number)
    for number in reading.at_digits(_LOCAL):
        doses = int(number[1]) % 10 == 0 and int(number[2]) % 10 == 0
        if not doses and not UNIT.match(text, number.end()):
            yield _finding(number, Tier.CONFIRM)
    yield from _labelled(reading)


def _labelled(reading: Reading) -> Iterator[Finding]:
    """Numbers and extensions after a word that says so."""
    text = reading.text
    for word in reading.words:
        if word.key in _LABELS and (
            len(word.key) > 1 or text[word.end : word.end + 2].strip()[:1] in {":", ".", ")"}
        ):
            number = _LABELLED.match(text, word.end)
            if number and not UNIT.match(text, number.end()):
                yield Finding(*number.span(1), Kind.PHONE, Tier.STOP, Reason.LABELLED)
        if word.key in _EXTENSIONS and (number := _HANGING.match(reading.bare_text, word.end)):
            spoken = len(number[1]) >= 4 or _CALLING.search(
                reading.bare_text, max(0, word.start - 40), word.end
            )
            if spoken and not UNIT.match(text, number.end()):
                yield Finding(*number.span(1), Kind.PHONE, Tier.STOP, Reason.LABELLED)


def _finding(number: re.Match[str], tier: Tier = Tier.STOP) -> Finding:
    return Finding(*number.span(), Kind.PHONE, tier, Reason.SHAPE)
