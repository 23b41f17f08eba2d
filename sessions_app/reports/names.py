"""Names as people and platforms write them, made comparable."""

import re
import unicodedata
from functools import lru_cache

MAX_NAME = 300

# Letters that have no accent to take off, and are still written with plain ones where those fail.
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
APOSTROPHES = str.maketrans(dict.fromkeys("’‘‛`´ʼʹ′＇", "'"))
NOT_WORD = re.compile(r"[\W_]+")
PLATFORM_SUFFIX = re.compile(
    r"\s*\((?:guest|external|unverified|host|co-?host|me|invit[ée]e?|externe|non v[ée]rifi[ée]e?|h[ôo]te|co-?h[ôo]te)"
    r"(?:, ?(?:guest|me|host))?\)\s*$",
    re.IGNORECASE,
)
LAST_PARENTHESIS = re.compile(r"^(?P<name>[^()]*[^()\s])\s*\((?P<original>[^()]*)\)\s*$")
PRONOUNS = re.compile(
    r"(?:she|he|they|ze|xe|elle|il|iel|ella|el)"
    r"(?:[/,| ]+(?:hers?|him|his|them|theirs|they|he|she|zir|xem|la|le|lui|elle|eux|iel|il|ella|el))*",
    re.IGNORECASE,
)
FORMULA = re.compile(r"[=@\t\r]|[+-](?=.*[A-Za-z])(?=.*[(|!=])")


def cleaned(name: str) -> str:
    """A name as text: no control or invisible characters, single spaces, composed accents."""
    if not name.isprintable():
        name = "".join(
            letter
            if letter.isprintable()
            else "" if unicodedata.category(letter) == "Cf" else " "
            for letter in name
        )  # fmt: skip
    return " ".join(unicodedata.normalize("NFC", name).split())


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would execute this text; a phone number with its plus is none."""
    return FORMULA.match(text) is not None


@lru_cache(maxsize=65536)
def exact(name: str) -> str:
    """What two spellings of the same name share: composed letters, one kind of apostrophe, no matter the case.

    Accents stay: the same name without them may be somebody else's.
    """
    return cleaned(name.translate(APOSTROPHES)).casefold()


@lru_cache(maxsize=65536)
def fold_name(name: str) -> str:
    """A name to be remembered and compared: without accents, case, apostrophes and punctuation. No word is dropped."""
    name = name.translate(APOSTROPHES).replace("'", "").casefold()
    if not name.isascii():
        decomposed = unicodedata.normalize("NFKD", name)
        name = "".join(letter for letter in decomposed if not unicodedata.combining(letter)).translate(
            LETTERS
        )
    return NOT_WORD.sub(" ", name.casefold()).strip()[:MAX_NAME]


def without_platform_suffix(name: str) -> str:
    """The name without what Teams puts behind it: (Guest), (External), (Unverified)."""
    return PLATFORM_SUFFIX.sub("", name)


def display_and_original(name: str) -> tuple[str, str]:
    """The two names that Zoom writes as "Display (Original)"; the second is "" where there is none.

    Pronouns in parentheses are no name: they stay with the first.
    """
    found = LAST_PARENTHESIS.match(name)
    if found is None or PRONOUNS.fullmatch(found["original"].strip()):
        return name, ""
    return found["name"], found["original"].strip()
