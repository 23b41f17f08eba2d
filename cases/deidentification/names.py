"""People in a text: each word is weighed by what the models, the lists, its writing and its neighbours say of it.

The weights are in steps of evidence, not probabilities: 0 is even, about 1 is worth asking, 3 is sure. They were set by
reading errors on texts in every style and case, and hold for classes of words, never for one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cases.deidentification import allow_list, name_lists
from cases.deidentification.allow_list import Allowed
from cases.deidentification.covers import Covers
from cases.deidentification.cues import KIN, TITLES, Cue, Signs, signs
from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.initials import find_initials
from cases.deidentification.models import Reading
from cases.deidentification.name_lists import Listed
from cases.deidentification.word_sets import word_set
from cases.deidentification.words import Word, Zone, glued

_ASK: Final = 1.2
"""From this weight on a word is a name to be confirmed."""
_SURE: Final = 3.0
"""From this weight on it must be changed."""
_SURE_ALONE: Final = 4.2
"""The same where nothing beside it says that it is a person: a method or a scale may bear a name too."""
_DOTTED: Final = re.compile(r"(?<![\w.])(?:[A-Za-z]\.){2,3}(?!\w)")
_NEVER: Final = -9.0
_NO_SIGNS: Final = Signs(None, None)
_BIAS: Final = -1.6
_NEIGHBOUR: Final = 2.0
_PAIR: Final = 1.2
_STEPS: Final = ((0.9, 3.2), (0.6, 2.4), (0.3, 1.6), (0.12, 0.8))
"""What the network's chance of a name adds."""
_LISTED: Final = {Listed.NO: 0.0, Listed.RARE: 0.2, Listed.YES: 0.5, Listed.COMMON: 0.7}
_GIVEN: Final = 1.1
_MEANT: Final = 0.8
"""What a capital adds to a given name in the middle of a sentence."""
_LEAST_HINT: Final = 0.04
_AFTER_ARTICLE: Final = -1.5
"""What it costs to follow an article: "a Hoyer lift", "the Thomas test"."""
_PERSON: Final = 0.8
_TYPO: Final = -3.0
_SIGN: Final = -2.5
"""What it costs that "sign", "test" or "positive" follows."""
_ABBREVIATED: Final = -2.5
"""What it costs to be an abbreviation after kin: "brother OUD", "father EtOH"."""
_ALLOWED: Final = {Allowed.NO: 0.0, Allowed.PERHAPS: -2.0, Allowed.YES: -6.0, Allowed.PHRASE: -9.0}
_STRONG_CUES: Final = frozenset({Cue.TITLE, Cue.LABEL, Cue.NAMED, Cue.KIN})
_ARTICLES: Final = word_set("articles")
_PARTICLES: Final = word_set("particles")
_NAME_GAP: Final = re.compile(
    r"[ \t]{1,3}|\.[ \t]{0,2}|-|[ \t]{0,2}[\"“'(][ \t]?|[\"”')][ \t]{1,2}|,[ \t]{1,2}|[ \t]{0,2}\n[ \t]{0,2}"
)
_JOIN_GAP: Final = re.compile(r"[ \t]{1,3}|\.[ \t]{0,2}|[ \t]{1,2}[\"“'(]|[\"”')][ \t]{1,2}")
_NICKNAME: Final = re.compile(r"[ ][\"“'(][A-ZÀ-Þ][\w'’-]{1,20}[\"”')][ ]")
_LEAST_REPEATED: Final = 3


@dataclass(frozen=True, slots=True)
class _Weighed:
    """A word and what speaks for its being a name."""

    word: Word
    weight: float
    signs: Signs
    chance: float
    listed: bool
    ordinary: bool
    allowed: Allowed

    @property
    def reason(self) -> Reason:
        if self.signs.before is Cue.LABEL:
            return Reason.LABELLED
        if self.signs.before in _STRONG_CUES:
            return Reason.TITLE
        return Reason.MODEL if self.chance >= _STEPS[1][0] or not self.listed else Reason.NAME_LIST

    @property
    def tier(self) -> Tier:
        strong = self.signs.before in _STRONG_CUES and self.weight >= _ASK + 0.6
        sure = _SURE if self.signs.weight else _SURE_ALONE
        return Tier.STOP if strong or self.weight >= sure else Tier.CONFIRM


def recased(words: Sequence[Word], text: str, *, french: bool) -> str:
    """The text with capitals restored where its writing has none or nothing else: what may be a name gets one."""
    letters = list(text)
    for word in words:
        if word.zone is Zone.CASED:
            continue
        listed = name_lists.given(word.folded) or name_lists.surname(word.folded) >= Listed.YES
        everyday = name_lists.ordinary(word.folded, french=french) or name_lists.function_word(word.folded)
        name = (
            (listed and word.zone is Zone.UPPER and not name_lists.function_word(word.folded))
            if everyday
            else not allow_list.held(word.folded)
        )
        name = name or (word.initial and text[word.end : word.end + 1] == "." and word.folded != "a")
        for index in range(word.start, word.end):
            first = index == word.start or not text[index - 1].isalpha()
            changed = text[index].upper() if name and first else text[index].lower()
            letters[index] = changed if len(changed) == 1 else text[index]
    return _DOTTED.sub(lambda match: match[0].upper(), "".join(letters))


def find_names(
    text: str, words: Sequence[Word], reading: Reading, *, cased: str, french: bool
) -> list[Finding]:
    """The names of people in the text, initials included, in its order; `cased` is the text with capitals restored."""
    weighed = _weigh(cased, list(words), reading, french=french)
    named = {index for index, one in enumerate(weighed) if one.weight >= _ASK}
    named |= _neighbours(text, weighed, named)
    joined = _joined(text, weighed, named)
    return sorted([*joined, *find_initials(cased, [(one.start, one.end) for one in joined])])


def repeats(
    text: str, words: Sequence[Word], parts: Iterable[str], *, french: bool, reading: Reading | None
) -> list[Finding]:
    """Where words of names found elsewhere (`parts`, folded) stand in this text.

    A name that is also an everyday word ("will") counts only where its capital, or the network, says that it is meant.
    """
    wanted = {part for part in parts if len(part) >= _LEAST_REPEATED}
    found = []
    for word in words:
        if word.folded in wanted or any(part in wanted for part in word.folded.split("-")):
            if name_lists.ordinary(word.folded, french=french) or word.folded in _PARTICLES:
                chance = reading.name(word.start, word.end) if reading else 0.0
                meant = word.capital and not word.opens and word.zone is Zone.CASED
                if not meant and chance < _STEPS[-1][0]:
                    continue
            found.append(Finding(word.start, word.end, Kind.NAME, Tier.CONFIRM, Reason.REPEAT))
    return found


def _weigh(text: str, words: list[Word], reading: Reading, *, french: bool) -> list[_Weighed]:
    folded = [word.folded for word in words]
    shown = [
        word if word.zone is Zone.CASED else replace(word, text=text[word.start : word.end]) for word in words
    ]
    people = Covers(reading.people)
    weighed = []
    for index, word in enumerate(words):
        chance = reading.name(word.start, word.end)
        given, surname = name_lists.given(word.folded), name_lists.surname(word.folded)
        if (
            word.initial
            or glued(text, word)
            or word.asks
            or name_lists.function_word(word.folded)
            or (not chance >= _STEPS[-1][0] and not given and not surname and not shown[index].capital)
        ):
            weighed.append(
                _Weighed(word, _NEVER, _NO_SIGNS, chance, listed=False, ordinary=False, allowed=Allowed.NO)
            )
            continue
        ordinary = name_lists.ordinary(word.folded, french=french)
        after = text[word.end : word.end + 12]
        allowed = allow_list.allowed(folded, index, after)
        cues = signs(text, shown, index)
        if Cue.AGE in {cues.before, cues.after} and allow_list.eponym_only(folded, index, after):
            allowed = Allowed.NO
        listed = given or surname >= Listed.YES
        kin = (bool(index) and folded[index - 1] in KIN) or allow_list.medicine(word.folded)
        # The network takes any word after "husband" or "madame" for a name: of an everyday word it proves half as much.
        proof = 0.5 if ordinary and not listed else 1.0
        weight = _BIAS + next((step for least, step in _STEPS if chance >= least), 0.0) * proof
        weight += (_GIVEN if given else 0.0) + _LISTED[surname]
        read_as_name = chance >= _LEAST_HINT or people.over(word.start, word.end)
        written = word.capital and not word.opens and not word.shouted and word.zone is Zone.CASED
        if given and not ordinary and written and read_as_name:
            weight += _MEANT
        if index and folded[index - 1] in _ARTICLES and cues.before not in _STRONG_CUES:
            weight += _AFTER_ARTICLE
        weight += _writing(word, chance=chance, listed=listed)
        weight += _PERSON if people.over(word.start, word.end) else 0.0
        weight += _commonness(word, ordinary=ordinary) * (0.5 if chance >= _STEPS[0][0] else 1.0)
        weight += _cue(
            shown[index],
            cues,
            chance=chance,
            given=given,
            surname=surname,
            ordinary=ordinary,
            allowed=allowed,
            kin=kin,
        )
        weight += _allowance(allowed, cues, chance, kin=kin)
        if cues.before in {None, Cue.INITIAL} and (
            allow_list.is_sign(folded, index) or (not given and allow_list.follows_sign(folded, index))
        ):
            weight += _SIGN
        sure = (
            weight < _ASK
            or chance >= _STEPS[0][0]
            or given
            or surname
            or (cues.before in _STRONG_CUES and word.zone is Zone.CASED)
        )
        if not sure and allow_list.mistyped(word.folded):
            weight += _TYPO
        weighed.append(
            _Weighed(word, weight, cues, chance, listed=listed, ordinary=ordinary, allowed=allowed)
        )
    return [_paired(text, weighed, index) for index in range(len(weighed))]


def _paired(text: str, weighed: Sequence[_Weighed], index: int) -> _Weighed:
    """The word, weighed anew where it stands with another as given and family names do: neither is sure by itself."""
    one = weighed[index]
    if one.weight >= _ASK or one.weight <= _NEVER:
        return one
    for first, second in ((index, index + 1), (index - 1, index)):
        if first >= 0 and second < len(weighed) and _pair(text, weighed[first], weighed[second]):
            return replace(one, weight=max(one.weight + _PAIR, _ASK if one.weight > 0 else one.weight))
    return one


def _pair(text: str, first: _Weighed, second: _Weighed) -> bool:
    if text[first.word.end : second.word.start] != " " or first.allowed or second.allowed or first.ordinary:
        return False
    if not name_lists.given(first.word.folded) or first.word.zone is not second.word.zone:
        return False
    if first.word.zone is Zone.CASED:
        return first.word.capital and second.word.capital and (second.listed or not second.ordinary)
    return second.listed and not second.ordinary


def _allowance(allowed: Allowed, cues: Signs, chance: float, *, kin: bool) -> float:
    """What it costs to be on the allow-list: nothing after a title, unless kin ("sister Crohn's") or a phrase."""
    if cues.before is Cue.TITLE and allowed is not Allowed.PHRASE and not (kin and allowed >= Allowed.YES):
        return 0.0
    halved = allowed is Allowed.PERHAPS and (cues.before in _STRONG_CUES or chance >= _STEPS[0][0])
    return _ALLOWED[allowed] / 2 if halved else _ALLOWED[allowed]


def _writing(word: Word, *, chance: float, listed: bool) -> float:
    """What its capitals say."""
    if word.zone is not Zone.CASED:
        return -0.2
    if not word.capital:
        return -1.3 if listed and chance >= _STEPS[0][0] else -2.2
    if word.shouted:
        return 0.3 if listed and len(word.text) > 3 else -0.6 if chance < _STEPS[1][0] else 0.0
    return 0.2 if word.opens else 0.9


def _commonness(word: Word, *, ordinary: bool) -> float:
    """What it costs to be an everyday word: less where a capital stands for no reason but a name."""
    if not ordinary:
        return 0.0
    if word.zone is not Zone.CASED:
        return -1.6
    return -1.2 if word.capital and not word.opens else -2.2


def _cue(
    word: Word,
    cues: Signs,
    *,
    chance: float,
    given: bool,
    surname: Listed,
    ordinary: bool,
    allowed: Allowed,
    kin: bool,
) -> float:
    """What the signs beside it add: little where the word itself does not look like a name."""
    if word.folded in KIN or word.folded in TITLES:
        return -3.0
    if kin and word.abbreviated and not given and surname < Listed.YES:
        return _ABBREVIATED
    listed_first = Cue.LAST_FIRST in {cues.before, cues.after}
    likely = given or chance >= _STEPS[-1][0] or (surname >= Listed.YES and (listed_first or not ordinary))
    if word.zone is Zone.CASED and not word.capital:
        written = given and chance >= _STEPS[0][0]
    else:
        written = word.zone is Zone.CASED or likely or (word.capital and not ordinary)
    if not written:
        return 0.0
    if cues.before is Cue.TITLE and not (kin and allowed >= Allowed.YES):
        return cues.weight if likely or not (ordinary or allowed) or word.zone is Zone.CASED else 0.0
    if allowed >= Allowed.YES or (ordinary and not likely):
        return 0.0
    if not likely and not listed_first and word.shouted and word.zone is Zone.CASED:
        return 0.0
    aged = {cues.before, cues.after} & {Cue.AGE, Cue.MAYBE_AGE}
    if aged == {Cue.MAYBE_AGE} and ordinary and not word.opens and word.zone is not Zone.CASED:
        return 0.0
    extra = 1.0 if aged and given and (word.opens or not ordinary) else 0.0
    doubt = 1.0 if likely or Cue.AGE in aged or cues.before in _STRONG_CUES else 0.6
    if ordinary and not given and surname < Listed.YES:
        doubt /= 2
    return cues.weight * doubt + extra


def _neighbours(text: str, weighed: Sequence[_Weighed], named: set[int]) -> set[int]:
    """Words that are names because a name stands beside them, a part of a name at a time."""
    added: set[int] = set()
    for step, indices in ((-1, range(len(weighed))), (1, range(len(weighed) - 1, -1, -1))):
        for index in indices:
            beside = index + step
            if (
                index in named
                or not 0 <= beside < len(weighed)
                or (beside not in named and beside not in added)
            ):
                continue
            one, first, second = weighed[index], min(index, beside), max(index, beside)
            gap = text[weighed[first].word.end : weighed[second].word.start]
            if one.word.initial:
                if _JOIN_GAP.fullmatch(gap) and _closes(text, one.word):
                    added.add(index)
            elif _NAME_GAP.fullmatch(gap) and _belongs(one, gap):
                added.add(index)
    for index, one in enumerate(weighed[:-2]):
        if index not in named and index + 2 in named and weighed[index + 1].word.folded in {"and", "et"}:
            gap = text[one.word.end : weighed[index + 2].word.start]
            if gap in {" and ", " et ", " AND ", " ET "} and not one.ordinary and _belongs(one, gap):
                added.add(index)
    return added


def _closes(text: str, initial: Word) -> bool:
    """Whether a letter is an initial: "M. Castellano", "Thandiwe M.", not "Walker A 5"."""
    if text[initial.end : initial.end + 1] == "." or initial.zone is Zone.UPPER:
        return initial.folded != "a" or text[initial.end : initial.end + 1] == "."
    return initial.capital and initial.text not in {"A", "I", "X", "À"}


def _belongs(one: _Weighed, gap: str) -> bool:
    if one.allowed >= Allowed.YES or one.word.folded in TITLES or one.word.folded in KIN:
        return False
    if one.word.capital and any(mark in gap for mark in '"“”'):
        return True
    bonus = _NEIGHBOUR if gap.strip(" \t") in {"", "-", "."} else 0.8
    if one.word.zone is Zone.CASED and not one.word.capital:
        return False
    if one.word.zone is not Zone.CASED and not one.listed and one.chance < _STEPS[-1][0] and one.ordinary:
        return False
    if one.word.shouted and one.word.zone is Zone.CASED and not one.listed and one.chance < _STEPS[2][0]:
        return False
    weight = one.weight if one.weight > _NEVER else _BIAS
    if one.listed and one.word.capital and not one.word.opens:
        bonus += 0.6
    return weight + bonus >= _ASK


def _joined(text: str, weighed: Sequence[_Weighed], named: set[int]) -> list[Finding]:
    """Words of names that stand together, as one finding: particles between them and nicknames in quotes included."""
    found: list[Finding] = []
    run: list[int] = []
    for index in [*sorted(named), -1]:
        if run and (index < 0 or not _same_name(text, weighed, run[-1], index)):
            found.append(_finding(text, weighed, run))
            run = []
        if index >= 0:
            run.append(index)
    return found


def _same_name(text: str, weighed: Sequence[_Weighed], last: int, following: int) -> bool:
    between = [one.word.folded for one in weighed[last + 1 : following]]
    gap = text[weighed[last].word.end : weighed[following].word.start]
    if _NICKNAME.fullmatch(gap):
        return True
    if any(word not in _PARTICLES for word in between):
        return False
    stripped = gap
    for word in weighed[last + 1 : following]:
        stripped = stripped.replace(word.word.text, "", 1)
    if weighed[following].signs.before is not None and between:
        return False
    if _JOIN_GAP.fullmatch(stripped) or stripped.strip(" \t.'’-") == "":
        return "\n" not in stripped
    surname_first = weighed[last].word.opens or weighed[last].word.shouted
    return surname_first and stripped in {", ", ","} and weighed[following].signs.before is None


def _finding(text: str, weighed: Sequence[_Weighed], run: Sequence[int]) -> Finding:
    strongest = max((weighed[index] for index in run), key=lambda one: (one.tier is Tier.STOP, one.weight))
    start, end = weighed[run[0]].word.start, weighed[run[-1]].word.end
    before = run[0] - 1
    while before >= 0 and weighed[before].word.folded in _PARTICLES:
        gap = text[weighed[before].word.end : start]
        elided = gap in {"'", "’"} and weighed[before].word.folded == "d"
        if not elided and (gap.strip(" .-") or not weighed[before].word.capital):
            break
        start, before = weighed[before].word.start, before - 1
    together = sum(max(0.0, weighed[index].weight) for index in run)
    tier = (
        Tier.STOP if strongest.tier is Tier.STOP or (len(run) > 1 and together >= _SURE + 1) else Tier.CONFIRM
    )
    return Finding(start, end, Kind.NAME, tier, strongest.reason)
