"""Where people live: places by the gazetteer, by the network, and by what stands before and after them."""

import re
from collections.abc import Sequence
from typing import Final

from cases.deidentification import allow_list, gazetteer, name_lists
from cases.deidentification.allow_list import Allowed
from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.gazetteer import Known
from cases.deidentification.models import Reading
from cases.deidentification.name_lists import Listed
from cases.deidentification.word_sets import word_set
from cases.deidentification.words import Word, Zone

_ASK: Final = 1.5
_PHRASE: Final = 5
"""How many words beside a place's name may make it part of a clinical phrase."""
_STEPS: Final = ((0.9, 2.0), (0.6, 1.5), (0.3, 1.0), (0.12, 0.5))
"""What the network's chance of a town adds."""
_KNOWN: Final = {Known.HERE: 1.5, Known.LARGE: 0.8, Known.WORLD: 0.3}
_LIVES: Final = re.compile(
    r"(?:liv(?:es?|ed|ing)|resid(?:es?|ed|ing)|moved|relocat\w+|born|grew\s+up|raised|based|hometown|commut\w+|travel\w*|dr(?:ives|ove)|"
    r"flew|flown|transferr?ed|transported|returned|emigrated|immigrated|originally|home|house|cottage|farm|apartment|reserve|outside|near|nearby|"
    r"habite|vit|demeure|r[ée]side|d[ée]m[ée]nag\w+|n[ée]e?|originaire|natif|native|vient|arriv\w+|retourn\w+|chalet|maison|ferme|pr[èe]s)"
    r"(?:\s+(?:down|up|in|over|out|back|all\s+the\s+way|now|alone|seul|seule|toujours|here))?\s+"
    r"(?:in|to|from|at|near|outside|of|on|within|around|à|a|au|aux|de|d'|en|vers|chez|dans|près\s+de)?\s*(?:the\s+|la\s+|le\s+)?$",
    re.IGNORECASE,
)
_PREPOSITION: Final = re.compile(
    r"(?:\b(?:in|from|near|outside|at|to|toward|towards|around|via|through|near|north\s+of|south\s+of|east\s+of|west\s+of|à|au|"
    r"de|d'|en|vers|près\s+de|par)\s+(?:downtown\s+|the\s+|rural\s+|greater\s+)?|d')$",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(
    r"(?:city|town|municipality|location|place\s+of\s+birth|birthplace|ville|municipalit[ée]|lieu|neighbou?rhood|community|quartier|residence|reserve|first\s+nation)\s*(?:is\b|est\b|[:=|])?\s*$",
    re.IGNORECASE,
)
_PROVINCE_AFTER: Final = re.compile(
    r"\s?,?\s?\(?(?:ON|ONT|Ont\.?|QC|PQ|MB|SK|AB|BC|NS|NB|NL|PEI|NU|NT|YT|(?i:ontario|qu[ée]bec|manitoba|alberta|nunavut|canada))\b"
    r"|,\s?(?:on|ont|qc)\b"
    r"|\s{1,3},?\s?[A-Z]\d[A-Z]\s?\d[A-Z]\d|\s(?:area|region|woman|man|lady|gentleman|resident|native)\b"
)
_SHAPE: Final = re.compile(
    r"(?:[A-ZÀ-Þ][\w'’.-]{1,30}[ ]){1,4}(?:First\sNations?|Cree\sNation|Ojibway\sNation|Indian\sReserve|Reserve|"
    r"Township|County|Concession|Settlement|Trailer\sPark|Subdivision|Heights|Housing\sCo-?op)\b"
    r"|\b(?:(?<=\bin )|(?<=\bnear )|(?<=\bfrom )|(?<=\boutside )|(?<=\bto )|(?<=\bof ))"
    r"(?:[A-ZÀ-Þ][a-zà-ÿ'’.]{1,20}[ ]){1,2}"
    r"(?:Lake|Bay|River|Falls|Creek|Beach|Harbour|Island|Corners|Mills|Landing|Junction|Hill|Hills|Valley|Ridge|Springs|Rapids|"
    r"Narrows|Cove|Portage|Inlet|Park|Village|Point|Bridge|Station)\b"
    r"|(?:Township|Municipality|Village|Town|City|County|Ville|Village|Municipalit[ée]|Canton)\s(?:of|de|d')"
    r"\s?[A-ZÀ-Þ][\w'’-]+(?:[ -][A-ZÀ-Þ][\w'’-]+){0,2}"
)
_PLACE_KINDS: Final = frozenset(
    {
        "first nation",
        "first nations",
        "cree nation",
        "reserve",
        "township",
        "county",
        "reservation",
        "heights",
        "unceded territory",
        "indian reserve",
        "metis settlement",
        "band",
        "mohawk",
        "mohawks",
        "mohawk territory",
        "lake",
        "bay",
        "falls",
        "river",
        "village",
        "beach",
        "harbour",
        "island",
        "settlement",
    }
)
_DWELLINGS: Final = word_set("dwellings")
"""What people live in that is no place."""
_UNKNOWN_LIVES: Final = re.compile(
    r"(?:(?:lives?|lived|living|resid(?:es|ing|ent)|moved|born|grew\s+up|raised|relocated|based|travels|commutes|drives\s+in|originally|comes|native|"
    r"family|habite|vit|r[ée]side|demeure|d[ée]m[ée]nag[ée]\w*|n[ée]e?|vient|arrive|originaire|natif|native)\s+"
    r"(?:(?:now|back|up|alone|just|seule?|ici)\s+)?(?:in|to|from|near|outside|outside\s+of|of|à|a|de|d['’]|près\s+de)\s*"
    r"|\b(?:hometown|neighbou?rhood|community|town|village|ville|quartier|reserve|municipality)\s?(?:is|[:=])\s?"
    r"|\b(?:outside\s+of|north\s+of|south\s+of|east\s+of|west\s+of)\s+)$",
    re.IGNORECASE,
)


def find_places(text: str, words: Sequence[Word], reading: Reading, *, french: bool) -> list[Finding]:
    """Towns, neighbourhoods and First Nations in the text; provinces and countries are free."""
    folded = [word.folded for word in words]
    found: list[Finding] = []
    index = 0
    while index < len(words):
        length, known = gazetteer.longest_place(folded, index)
        if length and not _adjoining(text, words, index, length):
            length, known = (1, Known.NO) if length > 1 else (length, known)
        last = index + max(length, 1) - 1
        weight = _weight(text, words, (index, last), known, reading, french=french)
        if weight >= _ASK:
            while not length and last + 1 < len(words) and _continues(text, words, last, reading):
                last += 1
            last = _with_kind(text, words, last)
            reason = Reason.GAZETTEER if known else Reason.MODEL
            found.append(Finding(words[index].start, words[last].end, Kind.PLACE, Tier.CONFIRM, reason))
            index = last + 1
        else:
            index += 1
    shaped = (
        Finding(*match.span(), Kind.PLACE, Tier.CONFIRM, Reason.SHAPE) for match in _SHAPE.finditer(text)
    )
    return sorted([*found, *shaped])


def _with_kind(text: str, words: Sequence[Word], last: int) -> int:
    """Where a place's name ends with the kind of place: "Sandy Lake First Nation", "Essex County"."""
    for length in (2, 1):
        following = words[last + 1 : last + 1 + length]
        kind = " ".join(word.folded for word in following)
        if kind in _PLACE_KINDS and text[words[last].end : following[-1].end].lower().split() == kind.split():
            return last + length
    return last


def _adjoining(text: str, words: Sequence[Word], index: int, length: int) -> bool:
    """Whether the words of a place's name stand beside each other."""
    pairs = zip(words[index : index + length], words[index + 1 : index + length], strict=False)
    return all(
        re.fullmatch(r"(?:['’]s)?[ \t]{1,2}|\.[ ]?|-|\s?\n\s?", text[one.end : two.start])
        for one, two in pairs
    )


def _continues(text: str, words: Sequence[Word], last: int, reading: Reading) -> bool:
    word = words[last + 1]
    gap = text[words[last].end : word.start]
    return gap in {" ", "-", ". "} and word.capital and reading.town(word.start, word.end) >= _STEPS[1][0]


def _weight(
    text: str, words: Sequence[Word], span: tuple[int, int], known: Known, reading: Reading, *, french: bool
) -> float:
    """What speaks for a place's name from the first to the last word of the span."""
    index, last = span
    word = words[index]
    low = max(0, index - _PHRASE)
    folded = [one.folded for one in words[low : last + _PHRASE]]
    if len(word.text) < 3 and index == last:
        return -9.0
    chance = min((reading.town(one.start, one.end) for one in words[index : last + 1]), default=0.0)
    before, after = text[max(0, word.start - 40) : word.start], text[words[last].end : words[last].end + 14]
    lives = word.zone is Zone.LOWER and _UNKNOWN_LIVES.search(before) is not None
    if not known and chance < _STEPS[2][0] and not ((word.capital or lives) and len(word.text) > 3):
        return -9.0
    weight = _KNOWN.get(known, 0.0) + (0.5 if known and last > index else 0.0)
    weight += next((step for least, step in _STEPS if chance >= least), 0.0)
    weight += _writing(word)
    weight += _standing(text, word, before, after)
    allowed = max(allow_list.allowed(folded, each - low, after) for each in range(index, last + 1))
    if allowed is Allowed.PHRASE or (allowed and allow_list.clinical_use(folded, last - low, after)):
        return -9.0
    if allowed is Allowed.YES and (known < Known.LARGE or allow_list.everyday(word.folded)):
        return -9.0
    weight -= 0.6 if allowed else 0.0
    if index == last:
        person = reading.name(word.start, word.end)
        if known and word.capital and _UNKNOWN_LIVES.search(before):
            person = min(person, _STEPS[2][0])
        weight += _doubt(word, known=known, chance=chance, french=french, person=person)
    if not known:
        weight += _unknown(word, before, chance=chance, french=french)
    return weight


def _writing(word: Word) -> float:
    if word.zone is not Zone.CASED:
        return 0.0
    if not word.capital:
        return -2.5
    return -0.8 if word.shouted and len(word.text) < 5 else 0.3 if word.opens else 0.6


def _standing(text: str, word: Word, before: str, after: str) -> float:
    """What stands before and after it."""
    weight = 0.0
    if _LABEL.search(before):
        weight += 1.5
    elif _LIVES.search(before):
        weight += 1.8
    elif _PREPOSITION.search(before):
        weight += 0.7
    if _PROVINCE_AFTER.match(after):
        weight += 1.5
    return weight


def _doubt(word: Word, *, known: Known, chance: float, french: bool, person: float) -> float:
    """What it costs to be a person's name or an everyday word as well (Hope, Bath, Milton)."""
    cost = 0.0
    surely_here = known is Known.HERE and word.folded not in gazetteer.everyday_places()
    if person >= _STEPS[2][0] and person > chance:
        cost -= 0.0 if surely_here else 1.0 if person < _STEPS[1][0] else 2.2
    elif not surely_here and (
        name_lists.given(word.folded) or name_lists.surname(word.folded) >= Listed.COMMON
    ):
        cost -= 0.8
    if word.folded in gazetteer.everyday_places():
        cost -= 0.5 if word.zone is not Zone.CASED or (word.capital and not word.opens) else 1.5
    elif known < Known.LARGE and name_lists.ordinary(word.folded, french=french):
        cost -= 0.7 if word.zone is Zone.CASED and word.capital and not word.opens else 2.0
    if known is Known.WORLD and chance < _STEPS[3][0]:
        cost -= 0.6
    return cost


def _unknown(word: Word, before: str, *, chance: float, french: bool) -> float:
    """A place no list holds: the network must be sure, or people must live there; or it is Ontario's, mistyped."""
    if name_lists.ordinary(word.folded, french=french) or allow_list.mistyped(word.folded):
        return -2.0
    if word.folded in _DWELLINGS or (
        word.zone is Zone.LOWER and name_lists.ordinary(word.folded, french=True)
    ):
        return -2.0
    if (word.capital or word.zone is Zone.LOWER) and _UNKNOWN_LIVES.search(before):
        return 0.6
    if gazetteer.nearly_here(word.folded):
        return 0.8
    return -0.2 if chance >= _STEPS[1][0] else -1.5
