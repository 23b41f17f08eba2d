"""Hospitals, clinics, pharmacies, homes, shelters, schools and employers: by what such names end or begin with."""

import re
from collections.abc import Sequence
from typing import Final

from cases.deidentification import allow_list, gazetteer, name_lists
from cases.deidentification.allow_list import Allowed
from cases.deidentification.facility_shapes import find_shapes
from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.gazetteer import Known
from cases.deidentification.models import Reading
from cases.deidentification.name_lists import Listed
from cases.deidentification.word_sets import word_set
from cases.deidentification.words import Word, Zone

_HEADS: Final = word_set("heads")
"""What names of facilities and employers end with."""
_EVERYDAY_HEADS: Final = word_set("everyday_heads")
"""Those that end everyday phrases as well, and need a name before them that no everyday phrase has."""
_STRICT_HEADS: Final = word_set("strict_heads")
"""Those that need a word before them that no dictionary holds."""
_FRENCH_HEADS: Final = word_set("french_heads")
"""What French names of facilities begin with."""
_FRENCH_IN_ENGLISH: Final = word_set("french_in_english")
"""Those that begin names in English texts too."""
_ALWAYS_NAMED: Final = word_set("always_named")
"""Those no one speaks of without their name."""
_GENERIC: Final = word_set("generic")
"""Words that say what kind of place it is, not which."""
_CHAINS: Final = word_set("chains")
"""Chains: with a street or a town after them they say where."""
_LINK: Final = word_set("links")
_GAP: Final = re.compile(r"[ \t]{1,2}|[ ]?&[ ]?|-|\.[ ]?|['’][sS]?[ ]|[ ]?[–-][ ]?|/|['’]")
_FRENCH_GAP: Final = re.compile(r"[ \t]{1,2}|-|\.[ ]?|['’]|[ ]?&[ ]?")
_AT: Final = re.compile(
    r"(?:\b(?:at|from|to|in|via|by|near|into|outside|with|w/|called|named|@|fills\s+(?:rx\s+)?at|chez|au|aux|à|à\s+la|à\s+l'|du|de\s+la|par|dans|"
    r"(?:resident|inmate|member)\s+(?:of|at)|home|shelter|ltc|school|pharmacy|employer|hospital|clinic|lives|works|for)|attends?|attending|visits?|[@(])\s*(?:the\s+|la\s+|le\s+|l')?$",
    re.IGNORECASE,
)
_FOLLOWED: Final = re.compile(r"(?:facility|hospital|site|clinic|h[ôo]pital)\s?:\s?$", re.IGNORECASE)
_PLAIN_AT: Final = re.compile(r"\b(?:at|chez)\s(?:the\s)?$")
_EMPLOYER: Final = re.compile(
    r"(?:\b(?:works?|worked|working|job|employed|employment|shifts?|foreman|supervisor|manager|driver|cook|welder|labourer|laborer|"
    r"machinist|electrician|mechanic|clerk|cashier|nurse|teacher|custodian|cleaner|operator|technician|apprentice|server|travaille|"
    r"travaillait|employ[ée]e?|emploi|ouvrier|ouvri[èe]re|soudeur|m[ée]canicien|caissi[èe]re?|commis|pr[ée]pos[ée]e?)"
    r"(?:\s+(?:as\s+an?\s+)?[\w-]{1,14}){0,3}?\s+(?:at|for|with|by|chez|pour|à)\s+(?:the\s+|la\s+|l[e']\s*)?"
    r"|\b(?:employer|employeur|workplace|company|compagnie|school|school\s+name|shelter|pharmacy|pharmacie|ltc|home|hospital|facility|clinic|site|plant)\s*(?:name)?\s*[:=]\s*)$",
    re.IGNORECASE,
)
_STOPPERS: Final = word_set("stoppers")
_HEAD_ENDS: Final = ("diagnostics", "healthcare", "pharmacy", "labs")
_KINDS: Final = ("ology", "iatry", "iatrics", "ologie", "iatrie", "surgery", "therapy", "aphy")
_IDLE: Final = word_set("idle")
"""What follows "works at" or "works for" without being an employer."""
_BEFORE_NAMES: Final = frozenset({"the", "our", "his", "her", "seen", "patient", "attends"})
_SAINTS: Final = frozenset({"st", "ste", "saint", "sainte", "&"})
_SHORTENED: Final = frozenset({"st", "ste", "dr", "mt", "ft", "mr", "mrs"})
_SHORTEST: Final = 4
_LONGEST: Final = 7


def find_facilities(text: str, words: Sequence[Word], reading: Reading, *, french: bool) -> list[Finding]:
    """Named facilities and employers; "the pain clinic" and "her pharmacy" name none."""
    folded = [word.folded for word in words]
    found: list[Finding] = []
    for index, word in enumerate(words):
        if length := _by_letters(text, words, folded, index):
            last = words[_tail(text, words, index + length - 1)]
            found.append(_finding(word, last, Reason.GAZETTEER))
        if (
            _is_head(word.folded)
            and (span := _ending(text, words, index, reading, french=french)) is not None
        ):
            found.append(_finding(words[span[0]], words[span[1]], Reason.SHAPE))
        begins = word.folded.removeprefix("l'") in (_FRENCH_HEADS if french else _FRENCH_IN_ENGLISH)
        if begins and (end := _beginning(text, words, index)) is not None:
            start = word.start + (2 if word.text[1:2] == "'" else 0)
            found.append(Finding(start, words[end].end, Kind.FACILITY, Tier.CONFIRM, Reason.SHAPE))
        for end, reason in (
            (_branch(text, words, index), Reason.SHAPE),
            (_unknown(text, words, folded, index), Reason.SHAPE),
            (_employer(text, words, folded, index), Reason.LABELLED),
        ):
            if end is not None:
                found.append(_finding(word, words[end], reason))
    shaped = (
        Finding(start, end, Kind.FACILITY, Tier.CONFIRM, Reason.SHAPE)
        for start, end in find_shapes(text, words)
    )
    return sorted([*found, *shaped])


def _is_head(word: str) -> bool:
    return word in _HEADS or word.endswith(_HEAD_ENDS) or any(part in _HEADS for part in word.split("-")[1:])


def _branch(text: str, words: Sequence[Word], chain: int) -> int | None:
    """The last word of a chain's branch ("Rexall on Dundas", "LifeLabs Oakridge"); the chain alone names no place."""
    last = chain
    if words[chain].folded not in _CHAINS:
        return None
    for index in range(chain + 1, min(len(words), chain + 5)):
        word = words[index]
        if not _goes_on(text, words[index - 1], word):
            break
        if (
            word.folded in {"on", "at", "in", "of", "sur", "a", "de", "drug", "mart", "tire", "pharmacy"}
            and index < chain + 4
        ):
            continue
        if (not word.capital and word.zone is Zone.CASED) or word.folded in _STOPPERS:
            break
        everyday = name_lists.ordinary(word.folded, french=False) and not _is_here(word.folded)
        if word.zone is not Zone.CASED and everyday:
            break
        last = index
    return last if last > chain and words[last].folded not in _GENERIC | _HEADS else None


def _is_here(word: str) -> bool:
    return gazetteer.longest_place([word], 0)[1] is Known.HERE and word not in gazetteer.everyday_places()


def _finding(first: Word, last: Word, reason: Reason) -> Finding:
    return Finding(first.start, last.end, Kind.FACILITY, Tier.CONFIRM, reason)


def _by_letters(text: str, words: Sequence[Word], folded: list[str], index: int) -> int:
    """How many words from here on are a hospital known by letters or one word."""
    length = gazetteer.longest_facility(folded, index)
    if not length or any(
        words[each].zone is Zone.CASED and not words[each].capital for each in range(index, index + length)
    ):
        return 0
    if length == 1:
        word = words[index]
        if len(word.folded) < 5 and word.zone is Zone.CASED and not word.shouted:
            return 0
        if allow_list.allowed(folded, index, text[word.end : word.end + 12]) is not Allowed.NO:
            return 0
        before = text[max(0, word.start - 20) : word.start]
        if (
            not (word.shouted and word.zone is Zone.CASED)
            and not _AT.search(before)
            and not _FOLLOWED.search(before)
        ):
            return 0
    return length


def _ending(
    text: str, words: Sequence[Word], head: int, reading: Reading, *, french: bool
) -> tuple[int, int] | None:
    """The name that ends with the head ("Maple Villa") or goes on after it ("Hospital of Windsor")."""
    first, last = _first_word(text, words, head), _tail(text, words, head)
    naming = [index for index in range(first, last + 1) if _names(words[index].folded)]
    if not naming or first == last or all(_clinical(text, words, index) for index in naming):
        return None
    cased = words[head].zone is Zone.CASED
    marked = any(_marked(words[index], reading, french=french) for index in naming)
    announced = _AT.search(text[max(0, words[first].start - 24) : words[first].start]) is not None
    if not marked and not (announced and any(words[index].capital or not cased for index in naming)):
        return None
    if cased and not words[head].capital and not marked:
        return None
    everyday = all(name_lists.ordinary(words[index].folded, french=french) for index in naming)
    return None if words[head].folded in _STRICT_HEADS and everyday else (first, last)


def _first_word(text: str, words: Sequence[Word], head: int) -> int:
    """Where a name that ends with the head may begin."""
    first = head
    while first > 0 and head - first < _LONGEST and _leads(text, words, first):
        first -= 1
    for index in range(first + 1, head):
        if words[index].text == "at" and (words[first].opens or words[index - 1].shouted):
            first = index + 1
    small = _LINK - _SAINTS - {"the"}
    while first < head and words[first].folded in small | _BEFORE_NAMES:
        if words[first].text == "The" and not words[first].opens:
            break
        first += 1
    return first


def _leads(text: str, words: Sequence[Word], index: int) -> bool:
    """Whether the word before this one still belongs to a facility's name."""
    word, following = words[index - 1], words[index]
    if not _goes_on(text, word, following):
        return False
    linked = word.folded in _LINK and index > 1
    if following.zone is Zone.CASED:
        return word.capital or linked
    if word.folded == "in" and words[index - 2].folded == "walk" and index > 1:
        return True
    return word.folded not in _STOPPERS and not (linked and word.folded not in _SAINTS)


def _names(word: str) -> bool:
    """Whether a word of a facility's name says which it is, rather than what kind."""
    return word not in _GENERIC and word not in _LINK and word not in _HEADS and not word.endswith(_KINDS)


def _clinical(text: str, words: Sequence[Word], index: int) -> bool:
    low = max(0, index - 4)
    folded = [word.folded for word in words[low : index + 4]]
    if gazetteer.longest_place(folded, index - low)[1] is Known.HERE:
        return False
    after = text[words[index].end : words[index].end + 12]
    return allow_list.allowed(folded, index - low, after) >= Allowed.YES and not allow_list.everyday(
        words[index].folded
    )


def _tail(text: str, words: Sequence[Word], head: int) -> int:
    """Where a name that goes on after its head ends: "Hospital of Windsor", "Home for the Aged", "School Board"."""
    last = head
    if head + 2 < len(words) and words[head + 1].folded in {"of", "for"} and words[head].zone is Zone.CASED:
        step = head + 2
        if words[step].folded == "the" and step + 1 < len(words):
            step += 1
        if (
            words[step].capital
            and words[head].capital
            and _GAP.fullmatch(text[words[step - 1].end : words[step].start])
        ):
            last = step
    while (
        last + 1 < len(words)
        and words[last + 1].folded in _HEADS
        and (
            words[last + 1].capital or words[last + 1].zone is Zone.LOWER or words[last].folded not in _HEADS
        )
        and re.fullmatch(r" |, (?=Inc|Ltd|LLP)", text[words[last].end : words[last + 1].start])
    ):
        last += 1
    if last + 1 < len(words) and text[words[last].end : words[last + 1].start] == " ":
        town, known = gazetteer.longest_place([word.folded for word in words[last + 1 : last + 4]], 0)
        plain = words[head].zone is not Zone.CASED and words[last + 1].folded in gazetteer.everyday_places()
        if known is Known.HERE and words[head].capital == words[last + 1].capital and not plain:
            last += town
    return last


def _marked(word: Word, reading: Reading, *, french: bool) -> bool:
    """Whether a word before a head names it: a place, a person, an unknown word, or a capital with no other reason."""
    if _is_here(word.folded):
        return True
    if gazetteer.longest_place([word.folded], 0)[1] and not name_lists.ordinary(word.folded, french=french):
        return True
    if max(reading.name(word.start, word.end), reading.town(word.start, word.end)) >= 0.6:
        return True
    if name_lists.surname(word.folded) >= Listed.YES and not name_lists.ordinary(word.folded, french=french):
        return True
    if not name_lists.ordinary(word.folded, french=french):
        return (len(word.text) > 3 or word.capital) and not (
            word.zone is Zone.LOWER and allow_list.mistyped(word.folded)
        )
    return word.zone is Zone.CASED and word.capital and not word.opens


def _beginning(text: str, words: Sequence[Word], head: int) -> int | None:
    """The last word of a French name that begins with the head: "Clinique du Vieux-Port", "Résidence Sainte-Anne"."""
    cased = words[head].zone is Zone.CASED
    last, naming = head, False
    for index in range(head + 1, min(len(words), head + 1 + _LONGEST)):
        word = words[index]
        if not _FRENCH_GAP.fullmatch(text[words[index - 1].end : word.start]) or _sentence_ends(
            text, words[index - 1], word
        ):
            break
        bare = re.sub(r"^[ld]['’]", "", word.folded)
        generic = bare in _GENERIC or bare.endswith(_KINDS)
        if word.folded in _LINK:
            continue
        capital = word.capital or (word.text[1:2] in {"'", "’"} and word.text[2:3].isupper())
        if cased and not capital and not (generic and index + 1 < len(words)):
            break
        if not cased and _ends_low(word, bare, words[head]):
            if bare in _GENERIC and word.folded not in _STOPPERS:
                continue
            break
        if (capital or not cased) and (not generic or (naming and cased)):
            naming, last = True, index
    return last if naming else None


def _unknown(text: str, words: Sequence[Word], folded: list[str], index: int) -> int | None:
    """The last of the capitalised words no list holds that stand after "at": "works at Stelco", "chez Alstom"."""
    word = words[index]
    plain = word.zone is not Zone.CASED or not word.capital or word.opens or len(word.text) < _SHORTEST
    if plain or word.folded in _HEADS or word.folded in _GENERIC:
        return None
    if not _PLAIN_AT.search(text[max(0, word.start - 10) : word.start]) or name_lists.ordinary(
        word.folded, french=True
    ):
        return None
    clinical = allow_list.allowed(folded, index, text[word.end : word.end + 12]) is not Allowed.NO
    if clinical or allow_list.mistyped(word.folded):
        return None
    last = index
    for following in range(index + 1, len(words)):
        linked = words[following].text == "of" and following + 1 < len(words) and words[following + 1].capital
        gap = text[words[following - 1].end : words[following].start]
        if gap not in {" ", " & ", "-"} or not (words[following].capital or linked):
            break
        last = last if linked else following
    return last


def _sentence_ends(text: str, one: Word, following: Word) -> bool:
    """Whether a full stop between two words ends a sentence, rather than an abbreviation ("St.", an initial)."""
    return "." in text[one.end : following.start] and one.folded not in _SHORTENED and not one.initial


def _ends_low(word: Word, bare: str, head: Word) -> bool:
    """Where capitals say nothing: whether this word no longer belongs to the French name."""
    if bare in {
        "saint",
        "sainte",
        "st",
        "ste",
        "fils",
        "filles",
        "freres",
        "notre-dame",
        "sacre-coeur",
        "hotel-dieu",
    }:
        return False
    if word.folded in _STOPPERS or bare in _GENERIC:
        return True
    return name_lists.ordinary(bare, french=True) and head.folded not in _ALWAYS_NAMED


def _employer(text: str, words: Sequence[Word], folded: list[str], first: int) -> int | None:
    """The last word of the employer or place named after "works at" or "Employer:"."""
    if not _EMPLOYER.search(text[max(0, words[first].start - 70) : words[first].start]):
        return None
    last = None
    for index in range(first, min(len(words), first + _LONGEST)):
        word = words[index]
        if index > first and not _goes_on(text, words[index - 1], word):
            break
        if word.folded in _LINK and last is not None:
            continue
        if _ends_employer(words, first, index, last):
            break
        head = index > first and word.folded in _HEADS
        everyday = word.zone is not Zone.CASED and name_lists.ordinary(word.folded, french=True)
        known = word.folded in _GENERIC or allow_list.allowed(folded, index, "") >= Allowed.YES
        if head or not (everyday or known):
            last = index
    return last


def _goes_on(text: str, one: Word, following: Word) -> bool:
    return _GAP.fullmatch(text[one.end : following.start]) is not None and not _sentence_ends(
        text, one, following
    )


def _ends_employer(words: Sequence[Word], first: int, index: int, last: int | None) -> bool:
    """Whether the word at `index` no longer belongs to the name of an employer that begins at `first`."""
    word = words[index]
    if word.zone is Zone.CASED:
        return not word.capital
    if word.folded in _STOPPERS or word.folded in _IDLE:
        return True
    if (index > first and word.folded in _HEADS) or not name_lists.ordinary(word.folded, french=True):
        return False
    if last is None:
        return not any(one.folded in _HEADS for one in words[index + 1 : index + 3])
    return index > first + 2
