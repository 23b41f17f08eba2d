"""Postal codes of Canada as written, scanned or typed in a hurry, and those of other countries with a label."""

import re
from collections.abc import Iterator

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.patterns.reading import Reading, words

# Product rule 33, with what a scan makes of digits (O, I, l, S, B) and letters (0 for O is no letter of a code).
_DIGIT = "[0-9OoIl|SB]"
_FIRST = "[ABCEGHJKLMNPRSTVXYabceghjklmnprstvxy]"
_LETTER = "[ABCEGHJKLMNPRSTVWXYZabceghjklmnprstvwxyz]"
_CODE = re.compile(
    rf"(?<![\w/.-])({_FIRST})({_DIGIT})({_LETTER})([ \t]{{0,3}}[-–.]?[ \t]{{0,3}}\n?)({_DIGIT})({_LETTER})"
    rf"({_DIGIT})(?![\w/]|-\w|[.,]\d)"
)
_APART = re.compile(
    rf"(?<![\w/.-])({_FIRST}) ?(\d) ?({_LETTER})( {{0,3}})(\d) ?({_LETTER}) ?(\d)(?![\w/]|[.,]\d)"
)
# Levels of the spine, stages of tumours, coma scales, pregnancies and vitamins written in the same six signs.
_CLINICAL = re.compile(
    r"(?:[CTLS]\d){3}|T\dN\dM\d|[PC]T\dN\d|E\dV\dM\d|G\d[PTMA]\d[ALSPVC]\d|B\dB\d+B\d"
    r"|[ABCH]\d[ABCH]\d[ABCH]\d|(?:[VK]\d){3}|[KP]\dG\dP\d|A\dB\dC\d|A\dV\dH\d",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"\b(?:postal(?:[ _]?code)?|code[ _]postal|postcode|post[ ]code|zip(?:[ ]?code)?|zipcode|cp|pc|fsa"
    r"|plz)\b[ _]{0,2}(?:[:=#.]|is\b|est\b|no\b)?[ ]{0,4}"
    r"([a-z]\d[a-z](?:[ -]{0,2}\d[a-z]\d)?|\d{5,6}(?:-\d{4})?|[a-z]{1,2}\d[a-z\d]?[ ]?\d[a-z]{2})(?![\w])"
)
_LABELS = words("postal postcode post zip zipcode cp pc fsa plz")
_UNITED_STATES = re.compile(
    r"[,.][ ]{1,2}(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI"
    r"|S[CD]|T[NX]|UT|V[AT]|W[AIVY])[ ]{1,2}"
    r"(\d{5}(?:-\d{4})?)(?![\w-])"
)
_BRITISH = re.compile(r"(?<![\w/.-])[A-Z]{1,2}\d[A-Z\d]? \d[A-BD-HJLNP-UW-Z]{2}(?![\w/])")


def find(reading: Reading) -> Iterator[Finding]:
    """Codes by shape, other countries' codes and first halves by their label."""
    text = reading.text
    for code in reading.at_digits(_CODE, 5, 4, 3, 1):
        together = "".join(code.group(1, 2, 3, 5, 6, 7))
        if not code[4] and _CLINICAL.fullmatch(together) and not _near_label(reading, code.start()):
            continue
        if sum(map(str.isdigit, together)) >= 2:
            yield Finding(*code.span(), Kind.POSTAL_CODE, Tier.STOP, Reason.SHAPE)
    for code in reading.at_digits(_APART, 2, 1):
        together = "".join(code.group(1, 2, 3, 5, 6, 7))
        if not _CLINICAL.fullmatch(together) and (
            together.isupper() or len(code[0]) >= 11 or _near_label(reading, code.start())
        ):
            yield Finding(*code.span(), Kind.POSTAL_CODE, Tier.STOP, Reason.SHAPE)
    if reading.mentions(_LABELS):
        for code in _LABELLED.finditer(reading.bare_text):
            yield Finding(*code.span(1), Kind.POSTAL_CODE, Tier.STOP, Reason.LABELLED)
    for code in _UNITED_STATES.finditer(text):
        yield Finding(*code.span(1), Kind.POSTAL_CODE, Tier.STOP, Reason.SHAPE)
    for code in reading.at_digits(_BRITISH, 1, 2):
        yield Finding(*code.span(), Kind.POSTAL_CODE, Tier.CONFIRM, Reason.SHAPE)


def _near_label(reading: Reading, start: int) -> bool:
    return bool(
        re.search(r"\b(?:postal|code|cp|pc|on|ont|ontario|qc|quebec)\b[^\w]{0,4}$", reading.before(start, 20))
    )
