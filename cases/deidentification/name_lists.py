"""Who is on a list of names, and which words are everyday words: for one word at a time, read at first use.

The lists are those of the United States census (with how common a family name is), of some fifty peoples (Faker), and
our own for the peoples of Ontario. What counts as an everyday word is read from the word tables of the pipelines.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from enum import IntEnum
from functools import cache, lru_cache
from importlib import import_module
from importlib.resources import files
from pkgutil import iter_modules
from typing import Final

from cases.deidentification import models

_COMMON_SURNAMES: Final = 3_000
_FIRST_LETTERS: Final = re.compile(r"[^\W\d_]")
_ENDINGS: Final = (
    ("ies", "y"), ("ied", "y"), ("ves", "f"), ("ing", "e"), ("ing", ""), ("es", ""), ("ed", "e"), ("ed", ""), ("s", ""),
    ("er", ""), ("er", "e"), ("est", ""), ("ly", ""), ("ness", ""),
)  # fmt: skip


class Listed(IntEnum):
    """How surely a list says that a word is a name."""

    NO = 0
    RARE = 1
    """A family name few people bear."""
    YES = 2
    COMMON = 3
    """One of the most common family names."""


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """The word in lower case, without accents, with plain apostrophes: how words are looked up."""
    decomposed = unicodedata.normalize("NFKD", word.replace("’", "'").lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def given(word: str) -> bool:
    """Whether the folded word is a given name; of a hyphenated one, each part."""
    return _each(word, given_names())


def surname(word: str) -> Listed:
    """How surely the folded word is a family name; of a hyphenated one, the best of its parts."""
    ranks = surnames()
    return max(
        (ranks.get(part, Listed.NO) for part in (word, word.replace("'", ""), *word.split("-"))),
        default=Listed.NO,
    )


def everyday_name(word: str) -> bool:
    """Whether the folded word is a given name that is also an everyday word (Will, May, Hope)."""
    return word in _terms("given_words.txt")


@lru_cache(maxsize=20_000)
def function_word(word: str) -> bool:
    """Whether the folded word is one of the small words of English or French that are nobody's name."""
    return word in _stop_words("en") | _stop_words("fr") and not everyday_name(word)


@lru_cache(maxsize=50_000)
def ordinary(word: str, *, french: bool) -> bool:
    """Whether the folded word is an everyday word of English (or, where asked, French) rather than a name.

    Dictionaries hold names as well ("john", "london"): a given name is an everyday word only if our own list says so.
    """
    if word in _familiar_names() and not everyday_name(word):
        return word in _english_verbs_and_modifiers() and word not in _terms("names.txt")
    return _known(word, english_words()) or (french and _known(word, french_words()))


@cache
def given_names() -> frozenset[str]:
    """Given names, folded."""
    names = {fold(name) for name in _faker(("first_name", "given"))}
    for part in ("female", "male"):
        names.update(line.split(maxsplit=1)[0].lower() for line in _census(f"dist.{part}.first"))
    names.update(_terms("names.txt"), _terms("given_words.txt"))
    return frozenset(name for name in names if len(name) > 1)


@cache
def _familiar_names() -> frozenset[str]:
    """Given names of the English and the French: what a dictionary says of these is mostly that they are names."""
    census = (
        line.split(maxsplit=1)[0].lower()
        for part in ("female", "male")
        for line in _census(f"dist.{part}.first")
    )
    return frozenset(
        {*census, *(fold(name) for name in _faker(("first_name",), ("fr_FR", "fr_QC"))), *_terms("names.txt")}
    )


@cache
def surnames() -> dict[str, Listed]:
    """Family names, folded, and how surely each is one."""
    ranks: dict[str, Listed] = {}
    for position, line in enumerate(_census("dist.all.last")):
        level = (
            Listed.COMMON if position < _COMMON_SURNAMES else Listed.YES if position < 20_000 else Listed.RARE
        )
        ranks[line.split(maxsplit=1)[0].lower()] = level
    for name in (*(fold(name) for name in _faker(("last_name", "surname", "family"))), *_terms("names.txt")):
        if len(name) > 1:
            ranks[name] = max(ranks.get(name, Listed.NO), Listed.YES)
    return ranks


@cache
def english_words() -> frozenset[str]:
    """The everyday words of English, folded; names are among them."""
    tables = models.tables(models.ENGLISH)
    words = {
        word for part in ("lemma_index", "lemma_exc") for group in tables[part].values() for word in group
    }
    return frozenset(fold(word) for word in words if _FIRST_LETTERS.match(word)) | _stop_words("en")


@cache
def french_words() -> frozenset[str]:
    """The everyday words of French, folded."""
    tables = models.tables(models.FRENCH)
    words = {
        word for part in ("lemma_index", "lemma_exc") for group in tables[part].values() for word in group
    }
    return frozenset(fold(word) for word in words if _FIRST_LETTERS.match(word)) | _stop_words("fr")


def terms(file: str) -> Iterator[str]:
    """The entries of one of our own lists, as written: separated by commas and line ends, with comments."""
    text = (files("cases.deidentification") / "data" / file).read_text("utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            yield from (entry.strip() for entry in line.split(",") if entry.strip())


@cache
def _terms(file: str) -> frozenset[str]:
    return frozenset(map(fold, terms(file)))


@cache
def _english_verbs_and_modifiers() -> frozenset[str]:
    """English words that are more than a noun; a given name among the nouns is mostly just that name."""
    groups = list(models.tables(models.ENGLISH)["lemma_index"].values())
    nouns = max(groups, key=len)
    return frozenset(fold(word) for group in groups if group is not nouns for word in group)


@cache
def _stop_words(language: str) -> frozenset[str]:
    words: Iterable[str] = import_module(f"spacy.lang.{language}.stop_words").STOP_WORDS
    return frozenset(map(fold, words))


def _known(word: str, words: frozenset[str]) -> bool:
    if word in words:
        return True
    if any(
        word.endswith(end) and word[: -len(end)] + back in words
        for end, back in _ENDINGS
        if len(word) >= len(end) + 2
    ):
        return True
    doubled = re.fullmatch(r"(\w{2,})(\w)\2(?:ing|ed)", word)
    return bool(doubled and doubled[1] + doubled[2] in words)


def _each(word: str, names: frozenset[str]) -> bool:
    return word in names or ("-" in word and all(part in names for part in word.split("-")))


def _census(file: str) -> list[str]:
    return (files("names") / file).read_text("ascii").splitlines()


def _faker(kinds: tuple[str, ...], peoples: tuple[str, ...] = ()) -> Iterator[str]:
    """The names of every people in Faker's lists; those not in Latin letters help nobody here."""
    package = import_module("faker.providers.person")
    for module in iter_modules(package.__path__):
        if peoples and module.name not in peoples:
            continue
        provider = import_module(f"{package.__name__}.{module.name}").Provider
        for attribute in dir(provider):
            values = getattr(provider, attribute)
            if attribute.startswith(kinds) and isinstance(values, list | tuple | dict):
                for value in values:
                    if isinstance(value, str) and value[:1].isalpha() and fold(value)[:1].isascii():
                        yield from value.split()
