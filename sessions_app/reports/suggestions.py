"""Who may be behind a name that is nobody's exactly. A person confirms; so better none than a wrong one."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from nicknames import NickNamer
from rapidfuzz import fuzz

from sessions_app.reports.names import LAST_PARENTHESIS, PRONOUNS, fold_name
from sessions_app.reports.people import Directory, Tokens, beginnings

REASONS = (
    "same_email", "same_name", "accents", "order", "affiliation", "original_name", "nickname", "initial", "similar",
    "surname",
)  # fmt: skip
"""Why somebody is suggested; the best reason first."""
MAX_SUGGESTIONS = 5
MAX_SURNAME = 3
"""More people than this share the surname: naming them would be guessing."""
MAX_BLOCK = 200
"""A word that more people than this have in their names says nothing of who it is."""
MAX_READINGS = 6
NEAR_NAME = 86
NEAR_GIVEN = 76

BREAKS = re.compile(
    r"\s+[-–—|/&+@]+\s+|\s*[|/;•·]\s*|\s+(?:and|et)\s+|\s*\(|\)\s*|\s*\[|\]\s*", re.IGNORECASE
)
AND = re.compile(r"\s(?:and|et|&|\+)\s", re.IGNORECASE)
COUPLE = re.compile(r"(?P<one>\S+)\s(?:and|et|&|\+)\s\S+\s(?P<surname>\S.*)", re.IGNORECASE)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


TITLES = _words(
    "dr dre drs doctor docteur docteure mr mrs ms miss mx mme mlle m prof professor professeur professeure"
)
CREDENTIALS = _words(
    "md mdcm ccfp em coe fcfp frcpc frcsc frcp mbbs mbchb do np rn rpn rnec bscn mn mscn mscpt pt ot rph pharmd phd"
    " mph msc bsc ba ma mba msw bsw rsw rd rp crpo cpsych psyd dds dmd dc nd rmt pa ccpa ip ips inf iaa ia ts cnm rm"
    " mhsc med bpharm cde phc ec lpn aprn"
)
PRONOUN_WORDS = _words("she her hers he him his they them theirs elle il iel la lui eux")
DEVICE_MARKS = _words(
    "iphone ipad ipod galaxy samsung pixel android macbook imac laptop desktop pc huawei xiaomi oneplus tablet tablette"
    " phone telephone chromebook ordinateur"
)
DEVICES = DEVICE_MARKS | _words(
    "mac motorola moto nokia cell mobile lenovo dell hp surface windows zoom teams user utilisateur guest invite callin"
    " pro air mini max plus ultra note tab fold flip"
)
PARTICLES = _words("de du des la le les da dos das di del van von der den el al bin ben st ste san mac mc o")
POSSESSIVE = re.compile(r"['’]s\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One person, and why: one of REASONS."""

    person: int
    why: str


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to take a name: its words, given name first as far as one can tell."""

    words: Tokens
    why: str


def suggested(name: str, directory: Directory) -> tuple[Suggestion, ...]:
    """At most five people who may be called `name`, the likeliest first; only those of the best kind of reason."""
    readings = _readings(name)
    found: dict[int, str] = {}
    for reading in readings:
        for key, why in _whole(reading, directory):
            found.setdefault(key, why)
    if not found:
        found = _partly(readings, directory)
    ranked = sorted(found.items(), key=lambda item: REASONS.index(item[1]))
    surnames = sum(why == "surname" for why in found.values())
    if surnames == len(found) > MAX_SURNAME:
        return ()
    if surnames < len(found):
        ranked = [(key, why) for key, why in ranked if why != "surname"]
    return tuple(Suggestion(key, why) for key, why in ranked[:MAX_SUGGESTIONS])


# --- what a name may mean -------------------------------------------------------------------------------------------


def _readings(name: str) -> list[_Reading]:
    """The whole name and its parts, without titles, credentials and pronouns; none for a device or a number."""
    words = fold_name(name).split()
    if not any(letter.isalpha() for letter in name):
        return []
    if DEVICE_MARKS.intersection(words):
        owner = tuple(
            word
            for word in fold_name(POSSESSIVE.sub("", name)).split()
            if word not in DEVICES and word not in PARTICLES and not any(map(str.isdigit, word))
        )
        return [_Reading(owner, "affiliation")] if owner else []
    readings = dict.fromkeys(_parts(name, tuple(words)))
    return list(readings)[:MAX_READINGS]


def _parts(name: str, words: Tokens) -> Iterator[_Reading]:
    if words:
        yield _Reading(words, "accents")
    if found := LAST_PARENTHESIS.match(name):
        original = found["original"].strip()
        if not PRONOUNS.fullmatch(original) and len(fold_name(original).split()) > 1:
            yield from _ordered(original, "original_name")
        yield from _ordered(found["name"], "affiliation")
    if couple := COUPLE.fullmatch(name):
        # "Ann and Bo Lee": both have the surname.
        yield from _ordered(f"{couple['one']} {couple['surname']}", "affiliation")
    parts = [part for part in BREAKS.split(name) if part.strip()]
    if len(parts) > 1:
        for at, part in enumerate(parts):
            for reading in _ordered(part, "affiliation"):
                # A lone word is a name at the beginning; behind a dash it is a place, and of two it is nobody's.
                if len(reading.words) > 1 or (at == 0 and not AND.search(name)):
                    yield reading
    else:
        yield from _ordered(name, "affiliation")


def _ordered(part: str, why: str) -> Iterator[_Reading]:
    """A part with its surname last where a comma tells, and what stands before the comma alone."""
    pieces = [_without_decorations(tuple(fold_name(piece).split())) for piece in part.split(",")]
    pieces = [piece for piece in pieces if piece]
    if len(pieces) == 1:
        # A surname may look like a credential: Do, Ma.
        yield _Reading(_without_titles(tuple(fold_name(part).split())), why)
        yield _Reading(pieces[0], why)
    elif pieces:
        yield _Reading(pieces[1] + pieces[0], why)
        if len(pieces[0]) > 1:
            yield _Reading(pieces[0], why)


def _without_titles(words: Tokens) -> Tokens:
    first = 0
    while first < len(words) - 1 and words[first] in TITLES:
        first += 1
    return words[first:]


def _without_decorations(words: Tokens) -> Tokens:
    """The words without titles before, and credentials and pronouns behind."""
    words = _without_titles(words)
    last = len(words)
    while last and (words[last - 1] in CREDENTIALS or words[last - 1] in PRONOUN_WORDS):
        last -= 1
    return words[:last]


# --- who has that name ----------------------------------------------------------------------------------------------


def _whole(reading: _Reading, directory: Directory) -> Iterator[tuple[int, str]]:
    """People all of whose name this is, in whatever order."""
    for key in directory.by_tokens.get(tuple(sorted(reading.words)), ())[:MAX_SUGGESTIONS]:
        is_in_order = reading.words in directory.tokens[key]
        yield key, reading.why if is_in_order or reading.why != "accents" else "order"


def _partly(readings: Iterable[_Reading], directory: Directory) -> dict[int, str]:
    """People whose name is near to it: a nickname, an initial, another spelling, the surname."""
    found: dict[int, str] = {}
    for reading in readings:
        for key in _neighbours(reading.words, directory):
            for words in directory.tokens[key]:
                why = _relation(reading.words, words)
                if why and (key not in found or REASONS.index(why) < REASONS.index(found[key])):
                    found[key] = why
        if len(reading.words) == 1 and len(reading.words[0]) > 2:
            owners = directory.by_token.get(reading.words[0], ())
            found.update((key, "similar") for key in owners if len(owners) == 1 and key not in found)
    return found


def _neighbours(words: Tokens, directory: Directory) -> Iterable[int]:
    """The few people worth comparing: who share a rare word, or begin alike."""
    near: dict[int, None] = {}
    blocks = [directory.by_token.get(word, ()) for word in words if word not in PARTICLES]
    if len(words) > 1:
        blocks.append(directory.by_beginnings.get(beginnings(words), ()))
    if len(words) > 1 and len(words[-1]) == 1:
        # "Bob M.": of the name itself, no word is there.
        blocks += [directory.by_token.get(given, ()) for given in _nicknames(words[0])]
    for block in blocks:
        if len(block) <= MAX_BLOCK:
            near.update(dict.fromkeys(block))
    return near


def _relation(words: Tokens, own: Tokens) -> str:
    """How the words of a report are near to a person's own name; "" where they are not."""
    if len(own) < 2:
        return ""
    if len(words) == 1:
        return "surname" if words[0] in own[1:] and words[0] not in PARTICLES else ""
    if "".join(words) == "".join(own) or len(set(words) & set(own) - PARTICLES) > 1:
        return "similar"
    swapped = words[1:] + words[:1], words[-1:] + words[:-1]
    relations = [why for each in (words, *swapped) if (why := _relation_in_order(each, own))]
    return min(relations, key=REASONS.index, default="")


def _relation_in_order(words: Tokens, own: Tokens) -> str:
    given, surname = words[0], words[1:]
    if surname[-1] == own[-1] or (set(surname) & set(own[1:])) - PARTICLES:
        return _relation_of_given(given, own) or ("surname" if surname[-1] in own[1:] else "")
    if len(surname) == 1 and len(surname[0]) == 1 and any(word[0] == surname[0] for word in own[1:]):
        return "initial" if given == own[0] or _is_nickname(given, own[0]) else ""
    if fuzz.ratio(" ".join(words), " ".join(own)) >= NEAR_NAME:
        return "similar"
    return ""


def _relation_of_given(given: str, own: Tokens) -> str:
    """How the given name is near, where the surname is the same."""
    if given == own[0]:
        return "similar"
    if given in {own[0][0], own[0][0] + own[1][0]}:
        return "initial"
    if _is_nickname(given, own[0]):
        return "nickname"
    return "similar" if len(own[0]) > 1 and fuzz.ratio(given, own[0]) >= NEAR_GIVEN else ""


def _is_nickname(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if len(short) > 1 and long.startswith(short):
        return True
    return other in _nicknames(one) or one in _nicknames(other)


@lru_cache(maxsize=4096)
def _nicknames(given: str) -> frozenset[str]:
    names = _namer()
    return frozenset(names.nicknames_of(given) | names.canonicals_of(given))


@lru_cache(maxsize=1)
def _namer() -> NickNamer:
    return NickNamer()
