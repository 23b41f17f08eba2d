"""Text as it is printed: composed, without what is invisible, and running its own way."""

import re
import unicodedata

# Invisible controls that could reorder or hide the words around a name; ZWJ and ZWNJ stay, scripts need them.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


def clean(text: str) -> str:
    """The text in composed form, which fonts draw well, without invisible controls; line breaks stay."""
    return _CONTROLS.sub("", unicodedata.normalize("NFC", text)).strip()


def direction(text: str) -> str:
    """The way the text runs, "rtl" or "ltr", by its first strong character, as dir=auto has it."""
    for character in text:
        match unicodedata.bidirectional(character):
            case "R" | "AL":
                return "rtl"
            case "L":
                return "ltr"
    return "ltr"
