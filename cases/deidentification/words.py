"""The words of a text, each with what its writing says: capitals, what they mean there, the start of a sentence."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from cases.deidentification.name_lists import fold
from cases.deidentification.word_sets import word_set

_WORD: Final = re.compile(
    r"(?!(?<=[^\W\d_]['’])[sS](?![^\W\d_]))(?:(?<![^\W\d_])(?:[ldjnsct]|[JNSC]|[Qq][Uu])(?=['’][^\W\d_]{2})|[^\W\d_]+(?:(?!['’][sS](?![^\W\d_]))['’‑-][^\W\d_]+)*)"
)
"""A word; French elisions ("l'", "qu'") stand by themselves, and a possessive "'s" is none of it."""
_PIECE: Final = re.compile(r"[^\n]+")
_ENDS_SENTENCE: Final = re.compile(
    r"(?:^|[.!?…:;•*\n\t|>\])]|(?:^|\n)\s*(?:[-–—·]|\d{1,2}[.)]))\s*[\"'“‘(\[]*$"
)
_TITLED: Final = re.compile(r"[A-ZÀ-ÖØ-Þ][a-zà-öø-ÿ]+")
_STARTS: Final = re.compile(r"(?:^\s*|[.!?]\s+|\n\s*|\|[ ]{0,3})(?:[-–—•*]\s*|\d{1,2}[.)]\s*)?([^\W\d_])")
_PRONOUNS: Final = frozenset(
    {"vous", "je", "tu", "il", "elle", "on", "nous", "ils", "elles", "ce", "moi", "t"}
)
_LOOK_BACK: Final = 12
_SHORTEST_ABBREVIATION: Final = 3
_LONGEST_ABBREVIATION: Final = 5
_FEW: Final = 0.34
_FRENCH: Final = word_set("french_small_words")
_ENGLISH: Final = word_set("english_small_words")


class Zone(Enum):
    """What capitals mean where a word stands."""

    CASED = "cased"
    UPPER = "upper"
    """Everything is in capitals."""
    LOWER = "lower"
    """Nothing is."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text: `text[start:end]`, hyphens and apostrophes within it included."""

    text: str
    start: int
    end: int
    folded: str
    zone: Zone
    opens: bool
    """Whether it opens a sentence, a line or a list item, where everything is capitalised."""

    @property
    def capital(self) -> bool:
        """Whether it begins with a capital."""
        return self.text[0].isupper()

    @property
    def shouted(self) -> bool:
        """Whether it is all capitals, and more than an initial."""
        return len(self.text) > 1 and self.text.isupper()

    @property
    def abbreviated(self) -> bool:
        """Whether it is a few letters of which the last is a capital, as illnesses are shortened: "OUD", "EtOH"."""
        return (
            self.zone is Zone.CASED
            and _SHORTEST_ABBREVIATION <= len(self.text) <= _LONGEST_ABBREVIATION
            and self.text.isalpha()
            and self.capital
            and self.text[-1].isupper()
        )

    @property
    def asks(self) -> bool:
        """Whether a French verb and its pronoun are one word: "avez-vous"."""
        return "-" in self.folded and self.folded.rsplit("-", 1)[1] in _PRONOUNS

    @property
    def initial(self) -> bool:
        """Whether it is a single letter."""
        return len(self.text) == 1


def words_of(text: str) -> list[Word]:
    """The words of a text in their order."""
    lower_text = _written_low(text)
    words: list[Word] = []
    for line in _PIECE.finditer(text):
        zone = _zone(line[0], lower_text=lower_text)
        for match in _WORD.finditer(text, line.start(), line.end()):
            before = text[max(0, match.start() - _LOOK_BACK) : match.start()]
            opens = match.start() == line.start() or _ENDS_SENTENCE.search(before) is not None
            words.append(Word(match[0], match.start(), match.end(), fold(match[0]), zone, opens))
    return words


def glued(text: str, word: Word) -> bool:
    """Whether digits stand against the word ("Hea1th", "L4"): it is part of something else."""
    return text[word.end : word.end + 1].isdigit() or (word.start > 0 and text[word.start - 1].isdigit())


def languages(words: list[Word]) -> tuple[bool, bool]:
    """Whether the text holds English, and whether it holds French; a text of a few words holds both."""
    english = sum(word.folded in _ENGLISH for word in words)
    french = sum(word.folded in _FRENCH or word.folded in {"l", "d", "qu", "j"} for word in words)
    accents = sum(any(letter in "éèêàçùôîœÉÈÊÀÇ" for letter in word.text) for word in words)
    return english * 4 >= french, french > english / 4 or accents * 25 > len(words)


def _written_low(text: str) -> bool:
    """Whether the writer uses no capitals: sentences begin small."""
    if text == text.lower():
        return True
    starts = [match[1] for match in _STARTS.finditer(text)]
    lower = sum(letter.islower() for letter in starts)
    return (
        bool(starts)
        and lower > len(starts) * 0.6
        and len(_TITLED.findall(text)) < max(2, text.count(" ") * 0.04)
    )


def _zone(line: str, *, lower_text: bool) -> Zone:
    titled, letters = _TITLED.findall(line), [letter for letter in line if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    if len(letters) > 3 and capitals >= len(letters) * 0.75 and len(line.split()) > 1:
        return Zone.UPPER
    if lower_text and len(titled) < max(2, len(line.split()) * _FEW / 4):
        return Zone.LOWER
    return Zone.CASED
