"""What looks like a name or a place and is none: medicines, signs and scales named after people, bodies, countries.

It holds back findings of the models, the lists and the gazetteer. It never overrules what a label, a title or a
check digit says: "Dr. Murphy" is a person though "Murphy's sign" is none.
"""

import re
from collections.abc import Sequence
from enum import IntEnum
from functools import cache, lru_cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from cases.deidentification import name_lists
from cases.deidentification.name_lists import Listed, fold
from cases.deidentification.word_sets import word_set


class Allowed(IntEnum):
    """How surely a word is no name."""

    NO = 0
    PERHAPS = 1
    """A clinical eponym that many people bear as well (Murphy, Wilson), where nothing near it says which."""
    YES = 2
    PHRASE = 3
    """Part of a phrase on our lists ("MS Contin"): not even a title before it makes it a name."""


_CLINICAL_ENDINGS: Final = re.compile(
    r"[a-z]{2,}(?:azepam|azolam|azepine|barbital|caine|cillin|cycline|codone|conazole|coxib|dipine|dronate|fenac|floxacin|"
    r"gabalin|gliptin|gliflozin|glutide|lukast|metacin|mycin|morphone|oxetine|oxicam|parin|prazole|profen|sartan|setron|"
    r"statin|steride|triptan|triptyline|tyline|zosin|[iu]mab|tinib|citinib|itis|osis|algia|ectomy|otomy|oplasty|opathy|"
    r"emia|uria|plegia|paresis|esthesia|esthesias|graphy|ologist|ologue|ostomy|ectomie|algie|pathie)"
)
_MAYBE_ENDINGS: Final = re.compile(
    r"[a-z]{3,}(?:ine|ase|ose|ite|olol|pril|one|ide|oma|ology|zole|phine|amine|ol)"
)
"""How medicines and diseases end, surely and perhaps; a word that ends so and is on no list of names is likely one."""
_SIGN: Final = word_set("sign")
_SIGN_BEFORE: Final = word_set("sign_before")
_SIDES: Final = frozenset({"r", "l", "g", "d", "right", "left", "bilat", "bilateral", "droit", "gauche"})
_FOUND: Final = frozenset({"pos", "neg", "positive", "negative", "tight", "positif", "negatif", "normal"})
_GRADES: Final = frozenset({"ii", "iii", "iv", "iia", "iib", "iiia", "iiib"})
_SIGN_OF: Final = word_set("sign_of")
_DISEASES: Final = word_set("diseases")
_POSSESSIVE_ENDS: Final = re.compile(r"['’]s?\s{0,2}(?:[.,;:)/+\n]|$|(?:and|on|since|dx|x)\s)", re.IGNORECASE)
_SMALLEST_TYPO: Final = 6


def allowed(folded: Sequence[str], index: int, after: str) -> Allowed:
    """How surely the word at `index` of these folded words is no name; `after` is the text that follows it.

    A phrase of our lists ("bath ankylosing", "trillium drug program") is read as a whole.
    """
    if _in_phrase(folded, index):
        return Allowed.PHRASE
    word = _bare(folded[index])
    if word in _single():
        return Allowed.YES if not _borne(word) or clinical_use(folded, index, after) else Allowed.PERHAPS
    if "-" in word and all(part in _single() for part in word.split("-")):
        return Allowed.YES
    if name_lists.given(word) or name_lists.surname(word):
        return Allowed.NO
    if _CLINICAL_ENDINGS.fullmatch(word):
        return Allowed.YES
    return Allowed.PERHAPS if _MAYBE_ENDINGS.fullmatch(word) else Allowed.NO


def held(word: str) -> bool:
    """Whether the folded word by itself is on our lists, or ends as medicines and diseases do."""
    return word in _single() or _CLINICAL_ENDINGS.fullmatch(word) is not None


def is_sign(folded: Sequence[str], index: int) -> bool:
    """Whether the word that follows makes this one a sign, a test or a device: "Thomas positive", "Jobst stockings"."""
    following = folded[index + 1 : index + 3]
    if not following or following[0] in {"present", "knee", "hip", "point"}:
        return False
    sided = len(following) > 1 and following[0] in _SIDES and following[1] in _FOUND
    return following[0] in _SIGN or following[0] in _GRADES or sided


def follows_sign(folded: Sequence[str], index: int) -> bool:
    """Whether French words before it make it the name of a sign or a scale: "signe de Neri", "indice de Charlson"."""
    return index > 1 and folded[index - 1] in {"de", "d"} and folded[index - 2] in _SIGN_OF


def eponym_only(folded: Sequence[str], index: int, after: str) -> bool:
    """Whether a word is on our list of eponyms, and neither a phrase nor what stands beside it makes it one here."""
    word = folded[index]
    return word in _eponyms() and not _in_phrase(folded, index) and not clinical_use(folded, index, after)


def medicine(word: str) -> bool:
    """Whether the folded word is a medicine that nobody is named after: not even after "MM." is it a name."""
    return (
        (word in _drugs() or _CLINICAL_ENDINGS.fullmatch(word) is not None)
        and not name_lists.given(word)
        and name_lists.surname(word) is Listed.NO
    )


def everyday(word: str) -> bool:
    """Whether the folded word is on our list of peoples, countries and bodies."""
    return word in _everyday_terms()


@lru_cache(maxsize=5_000)
def mistyped(word: str) -> bool:
    """Whether the folded word is one slip of the finger from a medicine or a clinical word, or from an everyday one."""
    if len(word) < _SMALLEST_TYPO or not word.isalpha():
        return False
    slips = 1 if len(word) < _SMALLEST_TYPO + 2 else 2
    if process.extractOne(word, _long_terms(), scorer=OSA.distance, score_cutoff=slips) is not None:
        return True
    return process.extractOne(word, _everyday_words(), scorer=OSA.distance, score_cutoff=1) is not None


def _bare(word: str) -> str:
    return word[:-2] if word.endswith("'s") else word.rstrip("'")


def _borne(word: str) -> bool:
    """Whether people bear this entry of our lists as a name too: an eponym (Murphy), a month (April), a state."""
    if "-" in word:
        return False
    if name_lists.surname(word) is Listed.COMMON and word not in _drugs():
        return True
    if word in _eponyms():
        return name_lists.given(word) or name_lists.surname(word) >= Listed.YES
    return name_lists.everyday_name(word) and word not in _clinical_words()


def clinical_use(folded: Sequence[str], index: int, after: str) -> bool:
    """Whether what stands beside an eponym makes it one: "murphy sign", "neer +", "signe de tinel", "waddell 2/5"."""
    following = [word for word in folded[index + 1 : index + 3] if word]
    if any(word in _SIGN for word in following[:1]) or (len(following) > 1 and following[1] in _SIGN):
        return True
    if _bare(folded[index]) in _DISEASES and _POSSESSIVE_ENDS.match(after):
        return True
    if _listed_with_another(folded, index):
        return True
    if any(word in _SIGN_BEFORE for word in folded[max(0, index - 3) : index]):
        return True
    return (
        re.match(
            r"(?:'s)?\s{0,2}(?:[+±–-]|\(?[+-]|\d{1,3}\s?(?:/|%|°)|:\s?\d|\d{1,2}(?:[-–]\d)?(?![\w]|\.\d))",
            after,
        )
        is not None
    )


def _listed_with_another(folded: Sequence[str], index: int) -> bool:
    """Whether "and" joins it to an eponym that nobody bears: "Bowen and Reiki", "Thomas et Lasègue"."""
    return any(
        0 <= index + 2 * step < len(folded)
        and folded[index + step] in {"and", "or", "et", "ou"}
        and folded[index + 2 * step] in _eponyms()
        and not _borne(folded[index + 2 * step])
        for step in (-1, 1)
    )


def _in_phrase(folded: Sequence[str], index: int) -> bool:
    phrases = _phrases()
    for start in range(max(0, index - 3), index + 1):
        for length in phrases.get(folded[start], ()):
            if start + len(length) > index and tuple(folded[start : start + len(length)]) == length:
                return True
    return False


@cache
def _single() -> frozenset[str]:
    return frozenset(term for term in _all_terms() if " " not in term)


@cache
def _phrases() -> dict[str, list[tuple[str, ...]]]:
    by_first: dict[str, list[tuple[str, ...]]] = {}
    for term in _all_terms():
        if " " in term:
            words = tuple(term.split())
            by_first.setdefault(words[0], []).append(words)
    return by_first


@cache
def _all_terms() -> frozenset[str]:
    return frozenset(
        fold(term).replace("'s ", " ").removesuffix("'s")
        for file in ("drugs.txt", "eponyms.txt", "clinical.txt", "everyday.txt")
        for term in name_lists.terms(file)
    )


@cache
def _eponyms() -> frozenset[str]:
    return frozenset(fold(term) for term in name_lists.terms("eponyms.txt"))


@cache
def _everyday_terms() -> frozenset[str]:
    return frozenset(map(fold, name_lists.terms("everyday.txt")))


@cache
def _drugs() -> frozenset[str]:
    return frozenset(map(fold, name_lists.terms("drugs.txt")))


@cache
def _clinical_words() -> frozenset[str]:
    return frozenset(fold(term) for file in ("drugs.txt", "clinical.txt") for term in name_lists.terms(file))


@cache
def _long_terms() -> list[str]:
    return [
        term for term in _single() if len(term) >= _SMALLEST_TYPO and term not in name_lists.given_names()
    ]


@cache
def _everyday_words() -> list[str]:
    known = name_lists.given_names()
    return [
        word
        for word in name_lists.english_words()
        if len(word) >= _SMALLEST_TYPO - 1 and word.isalpha() and word not in known
    ]
