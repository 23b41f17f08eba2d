"""A text cut into words once, so that each detector looks up words instead of searching the text again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

# Letters, or an abbreviation with its full stops ("D.O.B.", "p.o."), which counts as one word without them.
_WORD = re.compile(r"(?:[^\W\d_]\.){2,6}(?![^\W\d_])|[^\W\d_]+")
_DIGITS = re.compile(r"\d+")
_BARE = str.maketrans("àâäáãåçéèêëíìîïñóòôöõúùûüýÿ", "aaaaaaceeeeiiiinooooouuuuyy")

# What follows a number that measures something: it is no age, no identifier and no day of a month.
UNIT = re.compile(
    r"""\s{0,2}[-–]?(?:
        [%°]|percent\b|per\ cent\b|pour\ ?cent\b|degr|deg\b
      | (?:mg|mcg|[uµμ]g|g|gm|gms|grams?|grammes?|kg|kgs|kilos?|lbs?|pounds?|livres?|oz|ml|cc|dl|l|litres?
        |liters?
          |mmol|umol|µmol|nmol|pmol|mol|meq|mm|mmhg|cm|cms|m|km|metres?|m[eè]tres?|feet|foot|ft|inch(?:es)?
            |units?|unit[eé]s?
          |iu|ui|u|joules?|hz|ma|mv|v|kcal|cal|calories|bpm|beats|msec|ms|sec|secs|seconds?|secondes?
          |min|mins|minutes?|h|hr|hrs|hours?|heures?|days?|jours?|nights?|nuits?|wks?|weeks?|semaines?|sem
            |mos?|months?|mois
          |tabs?|tablets?|caps?|capsules?|comprim[eé]s?|co|pills?|pilules?|patch(?:es)?|timbres?|puffs?
            |drops?|gouttes?|sprays?
          |bid|tid|qid|od|qd|qhs|hs|prn|po|sl|im|iv|sc|daily|q\d{1,2}h?|x|fois|times|reps?|steps?|pas
            |points?|pts?
          |dollars?|cents?|people|patients?|visits?|sessions?|s[eé]ances?|med|mme|dem)\b
      | [$€£]
    )(?!\.?[\w-]{0,3}@)""",
    re.VERBOSE | re.IGNORECASE,
)

# What stands between the groups of one number.
SEPARATOR = r"(?:[ ]?[-–./][ ]?|[ ]{1,2}|[ ]?\n[ ]?)"


class Word(NamedTuple):
    """A word: its letters in lower case without accents, and its place."""

    key: str
    start: int
    end: int


@dataclass(frozen=True)
class Reading:
    """A plain text and its words."""

    text: str

    @cached_property
    def words(self) -> list[Word]:
        """All words in order."""
        return [
            Word(found[0] if found[0].isalpha() else found[0].replace(".", ""), found.start(), found.end())
            for found in _WORD.finditer(self.bare_text)
        ]

    @cached_property
    def keys(self) -> frozenset[str]:
        """The words, each once: whether a pattern can match at all is asked here first."""
        return frozenset(word.key for word in self.words)

    @cached_property
    def digit_runs(self) -> list[int]:
        """Where digits begin."""
        return [found.start() for found in _DIGITS.finditer(self.text)]

    def mentions(self, words: frozenset[str]) -> bool:
        """Whether any of these words is in the text."""
        return not self.keys.isdisjoint(words)

    def at_digits(self, pattern: re.Pattern[str], *steps: int) -> Iterator[re.Match[str]]:
        """Matches, without overlaps, that begin where digits do, or as many characters before as the steps say."""
        done = 0
        for run in self.digit_runs:
            for step in steps or (0,):
                place = run - step
                if place >= done and (found := pattern.match(self.text, place)):
                    yield found
                    done = found.end()
                    break

    @cached_property
    def bare_text(self) -> str:
        """The whole text in lower case without accents; each character keeps its place."""
        return bare(self.text)

    def before(self, place: int, size: int = 40) -> str:
        """What stands before a place, at most `size` characters, in lower case without accents."""
        return self.bare_text[max(0, place - size) : place]

    def after(self, place: int, size: int = 40) -> str:
        """What stands after a place, at most `size` characters."""
        return self.text[place : place + size]

    def phrases(self, starts: "dict[str, list[Phrase]]") -> Iterator[tuple["Phrase", int, int, int]]:
        """Phrases of a vocabulary in the text, longest first at each place: the phrase, its place and its last word."""
        index = 0
        words = self.words
        while index < len(words):
            for phrase in starts.get(words[index].key, ()):
                last = self._end_of(phrase, index)
                if last is not None:
                    yield phrase, words[index].start, words[last].end, last
                    index = last
                    break
            index += 1

    def _end_of(self, phrase: "Phrase", index: int) -> int | None:
        words = self.words
        for offset, key in enumerate(phrase.keys):
            here = index + offset
            if here >= len(words) or words[here].key != key:
                return None
            if offset and not _JOINT.fullmatch(self.text, words[here - 1].end, words[here].start):
                return None
        return index + len(phrase.keys) - 1


_JOINT = re.compile(r"[ \t\n._/'&-]{0,3}")


class Phrase(NamedTuple):
    """Words that stand together in a vocabulary, and what they mean there."""

    keys: tuple[str, ...]
    meaning: int


def bare(text: str) -> str:
    """A text in lower case without accents."""
    # Only the dotted capital I grows when it is made small; places must not shift.
    return text.replace("İ", "I").lower().translate(_BARE)


def words(text: str) -> frozenset[str]:
    """A list of words as a set."""
    return frozenset(text.split())


def vocabulary(meanings: list[str]) -> dict[str, list[Phrase]]:
    """Phrases by their first word, longest first; each string holds phrases between commas, its index their meaning."""
    starts: dict[str, list[Phrase]] = {}
    for meaning, phrases in enumerate(meanings):
        for phrase in phrases.split(","):
            keys = tuple(bare(word).replace(".", "") for word in _WORD.findall(phrase))
            if keys:
                starts.setdefault(keys[0], []).append(Phrase(keys, meaning))
    for choices in starts.values():
        choices.sort(key=lambda phrase: -len(phrase.keys))
    return starts
