"""Words as the library compares them: standard library only."""

import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae"})
_QUOTES = str.maketrans(dict.fromkeys("“”„«»＂", '"'))


def searchable(text: str) -> str:
    """The text in small letters, with a space for each sign beyond ASCII that is no letter and no digit.

    Where a database has no locale, PostgreSQL takes such a sign for a letter ("l’œil" is one word then) and knows no
    small letters but those of ASCII.
    """
    return "".join(
        char if char.isascii() or unicodedata.category(char)[0] in "LMN" else " " for char in text.lower()
    )


def searched(words: str) -> str:
    """The same of what is looked for; quotation marks of any kind keep words together."""
    return searchable(words.translate(_QUOTES))


def plain(text: str) -> str:
    """A searchable text without accents and ligatures: "névralgie" and "nevralgie" are one word."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(char for char in decomposed if not unicodedata.combining(char))
