"""Facilities that no telling word ends: by what stands before them, and by the shapes hospitals' names have."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from cases.deidentification import allow_list, gazetteer, name_lists
from cases.deidentification.allow_list import Allowed
from cases.deidentification.gazetteer import Known
from cases.deidentification.word_sets import word_set
from cases.deidentification.words import Word, Zone

_GENERIC: Final = word_set("generic")
_HEADS: Final = word_set("heads")
_WARDS: Final = word_set("wards")
"""Departments, wards and visits: "admitted to Internal Medicine" names no hospital."""
_KINDS: Final = frozenset({"general", "memorial", "civic", "regional", "district", "gen", "mem", "sciences"})
"""What hospitals of a town are called by for short."""
_NOT_AFTER_KINDS: Final = re.compile(
    r"\s(?:population|public|practi\w+|surge\w+|an[ae]sth\w+|internal|medicine|contractors?|labou?r\w*|manager|store|"
    r"health\s(?:unit|status)|municipality|road|council|school|area|pain)\b",
    re.IGNORECASE,
)
_CARE: Final = re.compile(
    r"(?:\b(?:at|to|from|in|via|by|@|chez|through|into)|\b(?:stays?|stayed|staying|resid(?:es?|ing)|resident|inmate|patient|student|member|"
    r"volunteers?|volunteering|congregation|parishioner|worship\w*)\s(?:at|in|of|with)|attends?|attended|attending|visits|@|"
    r"\b(?:drives?|drove|driving|works?|worked|working|employed|fills?|dispensed|volunteers?|trains?)\s(?:for|with|at|by))\s?(?:the\s)?$"
)
"""What stands, in small letters, before a place of care, a shelter, a shop or an employer that is named."""
_AT: Final = re.compile(r"(?:\b(?:at|chez|through)|\bwith|@)\s?(?:the\s)?$")
_STAY: Final = re.compile(
    r"\b(?:weeks|months|days|inpatient|treatment|program(?:me)?|rehab|detox|shelter|stay(?:s|ed|ing)?|bed|counsell?ing)\sat\s(?:the\s)?$"
)
"""After these even one everyday word with a capital names where somebody stayed."""
_PRISONS: Final = frozenset({"correctional", "detention", "penitentiary", "jail"})
_QUARTERS: Final = frozenset({"central", "north", "south", "east", "west", "metro", "regional"})
_SHORTEST: Final = 4
_NAMED_HOUSE: Final = frozenset(
    {"house", "haven", "village", "towers", "place", "hall", "ranch", "club", "ymca", "ywca"}
)
_LOOSE_HOUSE: Final = word_set("loose_houses")
"""What stands before "house" where none is named: "boarding house"."""
_SAINT: Final = re.compile(
    r"(?<![\w.])(?:St\.?|Saint|Ste\.?|Sainte|ST\.?|st\.?)[ -](?=[A-Za-zÀ-ÿ])([^\W\d_]{3,14})(?:['’][sS])?(?![\w'’-])"
)
_SAINT_BEFORE: Final = re.compile(
    r"(?:\b(?:at|from|to|in|via|attends|chez|by)|@|\b(?:admitted|seen|surgery|hospital|ed|er|school|church)\s?:?)\s?(?:the\s)?$",
    re.IGNORECASE,
)
_LETTERS: Final = re.compile(
    r"(?:\b(?:at|to|transfer\w*|admit\w*|adm|seen|[àa]\sl['’]|au|from|via)|@)\s?(?:the\s)?"
    r"((?!TSH\b|FSH\b|LMWH\b|ADH\b|HSH\b|PSH\b|MSH\b|ICH\b)[A-Z]{1,4}(?:GH|MH|RH|DH|HH|HSC|RHC|HS|HC|SH|VH|WH|CH|HSN))\b(?!\s?(?:of\s)?\d)"
)
"""Letters that end as hospitals' do, after "at" or "transferred to"."""
_BODY: Final = re.compile(
    r"(?:\b(?:admi(?:tted|ssion)|transferr?ed|seen|inpatient|followed|referred|referral|treated|detox\w*|program(?:me)?|stay|weeks|days|suivie?|admise?)\s"
    r"(?:to|at|from|by|in|the|through|[àa]|au)\s(?:the\s|the\sed\sat\s)?)"
    r"(CAMH|Centre\sfor\sAddictions?\sand\sMental\sHealth|Centre\sde\stoxicomanie\set\sde\ssant[ée]\smentale)\b"
    r"(?!['’]?s?\s(?:guid|recommend|opioid\s(?:guid|manual)|document|website|handbook|protocol))",
    re.IGNORECASE,
)
"""A body that is a source of guidelines as well: a facility where somebody was treated."""
_BY_NATURE: Final = re.compile(
    r"\b(?:clinique|pharmacie|[ée]cole|r[ée]sidence|manoir|foyer|villa|polyclinique|garderie|auberge)\s"
    r"(?:du\s|des\s|de\sla\s|de\sl['’]|les\s|la\s|le\s)"
    r"((?:vieux[\s-]|grand[es]?[\s-]|petite?[\s-]|belles?[\s-]|haute?[\s-])?(?:lac|parc|quai|port|ponts?|moulins?|bois[ée]s?|bois|rivi[èe]re|fleuve|plateau|"
    r"marais|[ée]rables?|pins?|ch[êe]nes?|ruisseau|cap|baie|[îi]les?|montagne|mont|vall[ée]e|collines?|sources?|rapides|"
    r"c[èe]dres?|bouleaux?|phare|march[ée]|carrefour|soleil|[ée]toiles?|rives?|plage|prairies?|clocher|sommet|ormes?|peupliers?|lilas|"
    r"tilleuls?|saules?|roses?|fleurs|aurores?|horizons?|chutes?|d[ée]troit|domaine|patriotes?|seigneurie|coteau))\b",
    re.IGNORECASE,
)
"""French names after the lake, the mill or the maples next to the house: no word of them is a name."""
_GAPS: Final = frozenset({" ", " & ", "-", "'s ", "’s ", " and ", " of ", "' "})
_LONGEST: Final = 6


def find_shapes(text: str, words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Where such names begin and end in the text."""
    for pattern, group in ((_BODY, 1), (_BY_NATURE, 0), (_LETTERS, 1)):
        for match in pattern.finditer(text):
            yield match.span(group)
    for saint in _SAINT.finditer(text):
        if _is_saint(text, saint):
            yield saint.span()
    folded = [word.folded for word in words]
    for index in range(len(words)):
        for last in (_of_a_town(text, words, folded, index), _announced(text, words, folded, index)):
            if last is not None:
                yield words[index].start, words[last].end


def _is_saint(text: str, saint: re.Match[str]) -> bool:
    """Whether it names a hospital or a school ("at St. Mike's", "surgery at st joes"), not a town."""
    name = name_lists.fold(saint[1])
    if saint[0][0].islower() and not (name.endswith("s") or name_lists.given(name)):
        return False
    return _SAINT_BEFORE.search(text[max(0, saint.start() - 24) : saint.start()]) is not None


def _of_a_town(text: str, words: Sequence[Word], folded: list[str], index: int) -> int | None:
    """The last word of "Belleville General", "Listowel Memorial", "Hamilton Health Sciences"."""
    word = words[index]
    length, known = _town(words, folded, index)
    last = index + length
    if not length or last >= len(words):
        return None
    if folded[last : last + 2] == ["health", "sciences"]:
        last += 1
    if folded[last] not in _KINDS or text[words[last - 1].end : words[last].start] != " ":
        return None
    small = word.zone is Zone.CASED and not words[last].capital and known is not Known.HERE
    if small or _NOT_AFTER_KINDS.match(text, words[last].end):
        return None
    paired = last + 1 < len(words) and words[last + 1].capital and word.zone is Zone.CASED
    if paired and text[words[last].end : words[last + 1].start] in {" & ", " and "}:
        last += 1
    return last


def _town(words: Sequence[Word], folded: list[str], index: int) -> tuple[int, Known]:
    """How many words from here on may be the town, or the person, that a hospital is called after."""
    word = words[index]
    cased = word.zone is Zone.CASED
    if cased and not word.capital:
        return 0, Known.NO
    length, known = gazetteer.longest_place(folded, index)
    if length:
        sure = known >= Known.LARGE and (cased or word.folded not in gazetteer.everyday_places())
        return (length, known) if sure else (0, Known.NO)
    named = cased and not word.opens and not name_lists.ordinary(word.folded, french=False)
    free = named and allow_list.allowed(folded, index, "") is Allowed.NO
    return (1, Known.NO) if free else (0, Known.NO)


def _announced(text: str, words: Sequence[Word], folded: list[str], index: int) -> int | None:
    """The last of several words with capitals after "at" or "resident of": "Covenant House", "Iron Valley Crossfit"."""
    word = words[index]
    if word.zone is not Zone.CASED or not word.capital or word.opens or word.shouted:
        return None
    before = text[max(0, word.start - 24) : word.start]
    if not _CARE.search(before):
        return None
    if (
        _STAY.search(before)
        and _names(folded, index)
        and folded[index] not in _WARDS
        and len(word.text) >= _SHORTEST
    ):
        single: int | None = index
    else:
        single = None
    last = index
    while last + 1 < len(words) and last - index < _LONGEST:
        following = words[last + 1]
        if text[words[last].end : following.start] not in _GAPS or not following.capital or following.shouted:
            break
        last += 1
    if last == index:
        return single
    naming = [each for each in range(index, last + 1) if _names(folded, each)]
    run = set(folded[index : last + 1])
    if run & _PRISONS and run & _QUARTERS:
        return last
    if not naming or run & _WARDS:
        return None
    if folded[last] in _NAMED_HOUSE or run & _HEADS:
        return last if not all(folded[each] in _LOOSE_HOUSE for each in naming) else None
    clinical = any(allow_list.allowed(folded, each, "") >= Allowed.YES for each in range(index, last + 1))
    return last if _AT.search(before) and not clinical else None


def _names(folded: list[str], index: int) -> bool:
    """Whether a word says which place it is rather than what kind, and medicine has no other use for it."""
    word = folded[index]
    if word in _GENERIC or word in _HEADS or word in _NAMED_HOUSE:
        return False
    return (
        allow_list.allowed(folded, index, "") is Allowed.NO
        or gazetteer.longest_place(folded, index)[1] is Known.HERE
    )
