"""What stands beside a name and says that it is one: titles, kin, labels, an age, what people do."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from cases.deidentification.word_sets import word_set
from cases.deidentification.words import Word

TITLES: Final = word_set("titles")
"""Words after which a capitalised word is a name; those that are words of their own need the capital."""
_WEAK_TITLES: Final = word_set("weak_titles")  # fmt: skip
_TITLES_SHORT: Final = word_set("short_titles")
"""Titles a full stop may follow; after the others it ends the sentence."""
KIN: Final = word_set("kin")
_OCCUPATIONS: Final = word_set("occupations")
"""Family names that say what somebody does, where they stand after kin and a mark: "his wife (butcher)"."""
_FILLERS: Final = frozenset({"ben", "bin", "bien", "donc"})
"""What follows "merci" in small letters and is nobody's name there."""
_LABELS: Final = word_set("labels")
_SPOKEN_LABELS: Final = word_set("spoken_labels")
"""Labels a name may follow without a colon."""
_IS: Final = frozenset({"is", "named", "called", "est"})
_NAMED: Final = re.compile(
    r"(?:named|called|name(?:\s+is|'s|d)?|goes\s+by|known\s+as|aka|a\.k\.a\.|prefers(?:\s+to\s+be\s+called)?|nicknamed?|"
    r"answers\s+to|maiden\s+name|n[ée]e|introduced\s+(?:him|her|them)self\s+as|initials|initiales|pr[ée]nomm[ée]e?|nomm[ée]e?|"
    r"surnomm[ée]e?|s'appelle|appel[ée]e?|alias|dit|dite|signed|sign[ée]e?|dear|bonjour|cher|ch[èe]re|hi|hello|thanks|regards|"
    r"sincerely|cordialement|merci|love)\s*(?:is|est|:|,|=|-)?\s*[\"“'(]?\s*$",
    re.IGNORECASE,
)
_BY: Final = re.compile(
    r"(?:seen|reviewed|referred|assessed|signed|dictated|prescribed|sent|written|managed|followed|operated|treated|injected|"
    r"examined|supervised|accompanied|brought|driven|called|interpreted|vue?|suivie?|r[ée]f[ée]r[ée]e?|sign[ée]e?|prescrite?|"
    r"accompagn[ée]e?|op[ée]r[ée]e?|[ée]valu[ée]e?)(?:\s+\w{1,8})?\s+(?:by|par|with|avec)\s+$|"
    r"(?:(?<![\w])(?:saw|met|seeing|see|refer(?:red)?\s+to|ai\s+vu|vois|rencontr[ée]e?|for|assessing|following|know)\s+$)",
    re.IGNORECASE,
)
_WITH: Final = re.compile(
    r"(?:spoke|speaks|talked|met|discussed|lives?|living|stays?|visited|reviewed|conference|call|consult|married|marri[ée]e|"
    r"physio|appointment|session|vit|habite|parl[ée]|discut[ée])\s+(?:(?:it|this|him|her|\w{1,8})\s+)?(?:with|to|w/|avec|[àa])\s+$",
    re.IGNORECASE,
)
_INITIALS_LAST: Final = re.compile(r"(?:(?<![^\W\d_])[A-Z]\.[ ]?){1,2}$")
_INITIAL_BEFORE: Final = re.compile(r"(?<![\w.])[A-Z]\.[ ]?$|(?<![\w.])[A-Z]\.[ ]?[A-Z]\.[ ]?$")
_LABEL_GAP: Final = re.compile(
    r"\s*(?:\([^)\n]{1,20}\)\s*)?(?:name|nom)?\s*[:=#]\s*|\s+(?:name|nom)\s+|\t+|\s*\|\s*", re.IGNORECASE
)
_KIN_GAP: Final = re.compile(r"\s|,\s|\s?\(|\s?[-–—:]\s?|\s(?:is|named|called)\s|\s[\"“']|:\s*")
_MORE: Final = r"(?-i:[ ][A-ZÀ-Þ][\w'’-]{1,30}|[ ][A-Z]\.){0,2}"
"""The rest of a name, where its first word is looked at."""
_SEX: Final = (
    r"(?:aged?[ \t]|[âa]g[ée]e?[ \t](?:de[ \t])?|[MF][ \t]?[,/]?[ \t]?|male,?[ \t]|female,?[ \t]|"
    r"an?[ \t]|une?[ \t]|now[ \t]|[a-zé]{1,14}[ \t]){0,2}"
)
_YEARS: Final = r"(?:[ \t]?[MF]\b|[ \t-]{0,2}(?:y/?o\b|yo?\b|y\.o\.?|yrs?\b|years?|ans\b|ish\b|male|female))"
_AGE_SURE: Final = re.compile(
    rf"{_MORE}[ \t]?(?:,[ \t]?|\([ \t]?|[ \t]|[ \t]is[ \t]|[ \t]est[ \t]|:[ \t]?|[-–—][ \t]?){_SEX}\d{{1,3}}{_YEARS}"
    rf"|{_MORE}[ \t]?\((?:[MF][ \t]?[,/]?[ \t]?)?\d{{1,2}}[ \t]?[MF]?\)"
    rf"|{_MORE}[ \t]?\(?[MF][ \t,/]{{0,2}}\d{{1,2}}\b(?![ \t]?(?:mg|mcg|%|/))",
    re.IGNORECASE,
)
_AGE_MAYBE: Final = re.compile(
    r"[ \t]?(?:,[ \t]?|[ \t]is[ \t]|[ \t]est[ \t]|[ \t]|:[ \t]?|[ \t]?\([^()\n]{3,60}\)[ \t]?)\d{1,2}"
    r"(?:,[ \t]|\)|\.(?=[ \t])|[ \t](?=is|and|with|who|has|on|w/|f/u|c/o)|$)",
    re.IGNORECASE,
)
_LAST_FIRST: Final = re.compile(
    r",[ ]{0,2}[A-ZÀ-Þ][\w'’-]{1,30}(?:[ ][A-ZÀ-Þ][\w'’-]{0,30}\.?){0,3}[ \t]*"
    r"(?:$|\n|[-–—|(\t:;]|[ ]{2}|DOB|\d|[MF]\b|HCN|OHIP|PHN|MRN|chart)"
)
_LAST_INITIAL: Final = re.compile(r",?[ ][A-Z]\.?[ ]{0,2}(?:[:(,–-]|$|\n)")
_FIRST_OF: Final = re.compile(
    r"(?:^|\n|[:|\t]|[ ]{2})[ \t>*•-]{0,4}(?:re:?\s|pt:?\s)?"
    r"([A-ZÀ-Þ][\w'’-]{1,30}(?:[ -][A-ZÀ-Þ][\w'’-]{1,30}){0,2}),[ ]{0,2}$",
    re.IGNORECASE,
)
_CREDENTIAL_AFTER: Final = re.compile(
    r",?\s{1,3}\(?(?:MD|M\.D\.|DO|NP|RN|RPN|RN\(EC\)|PA-C|PA|CCPA|PT|OT|DC|ND|RPh|PharmD|BScPhm|BScPharm|RSW|MSW|DDS|DMD|PhD|"
    r"FRCPC|FRCSC|CCFP|FCFP|MBBS|RMT|SLP|RD|CPSO|CNO|OCP|OPQ|CMQ|LLB|JD|P\.Eng|IPS|inf\.?|Ph\.D\.)(?![\w])"
)
_SPEAKS_AFTER: Final = re.compile(
    r"(?:'s\s(?:wife|husband|mother|father|son|daughter|pain|mom|dad|brother|sister|partner|spouse|chart|family|case|meds|"
    r"medications?|urine|house|home|name|back|knee|mood|sleep)|\s(?:reports?|reported|denies|denied|states|stated|says|said|notes|noted|feels|"
    r"felt|takes|took|describes?|described|presents|presented|returns|returned|wants|wanted|would\slike|worries|worried|is\sworried|"
    r"drives|lives|lived|asks|asked|tells|told|called|calls|rates|rated|complains|complained|attended|attends|agrees|agreed|"
    r"admits|admitted|endorses|endorsed|understands|works|worked|has\s|had\s|was\s|and\sI\b|et\smoi\b|is\s(?:a|an|here|on|currently|still|in|"
    r"getting|the|very|now|not|keen)\b|lost|moved|came|comes|went|goes|needs|needed|uses|used|helps|helped|manages|gives|gave|"
    r"keeps|brought|brings|can\sbe|can't|cannot|could|did|does|doesn't|didn't|hates|loves|likes|struggles|continues|stopped|"
    r"started|tried|tolerated|covering|rapporte|dit|prend|affirme|d[ée]clare|habite|vit|veut|souhaite|refuse|mentionne|se\splaint|"
    r"demande|souffre|pr[ée]sente|travaille|s'inqui[èe]te|nous|craint|a\s|est\s))",
    re.IGNORECASE,
)


_ENDS_FIELD: Final = re.compile(
    r"(?:[ ][A-ZÀ-Þ][\w'’-]{0,30}\.?){0,3}[ \t]*(?:$|\n|[-–—|(\t:;]|[ ]{2}|DOB|\d|[MF]\b|HCN|OHIP|PHN|MRN|chart)"
)


class Cue(Enum):
    """What kind of sign stands beside a word, the strongest first."""

    TITLE = 5.0
    LABEL = 4.0
    NAMED = 3.5
    KIN = 3.0
    CREDENTIAL = 2.6
    AGE = 3.1
    LAST_FIRST = 2.4
    MAYBE_AGE = 1.9
    BY = 1.8
    INITIAL = 1.4
    SPEAKS = 0.9


@dataclass(frozen=True, slots=True)
class Signs:
    """The strongest sign before a word, and the strongest after it."""

    before: Cue | None
    after: Cue | None

    @property
    def weight(self) -> float:
        """How much they say together."""
        return (self.before.value if self.before else 0.0) + (self.after.value if self.after else 0.0)


def signs(text: str, words: list[Word], index: int) -> Signs:
    """The signs beside the word at `index`."""
    return Signs(_before(text, words, index), _after(text, words[index]))


def _before(text: str, words: list[Word], index: int) -> Cue | None:
    word = words[index]
    cue = _word_before(text, words, index) if index else None
    if cue is not None:
        return cue
    before = _INITIALS_LAST.sub("", text[max(0, word.start - 64) : word.start])
    if word.capital and _FIRST_OF.search(before) and _ENDS_FIELD.match(text[word.end : word.end + 40]):
        return Cue.LAST_FIRST
    if _NAMED.search(before) and not _filler(word, before):
        return Cue.NAMED
    if _BY.search(before) or _WITH.search(before):
        return Cue.BY
    initial = word.capital and _INITIAL_BEFORE.search(text[max(0, word.start - 6) : word.start])
    return Cue.INITIAL if initial else None


def _word_before(text: str, words: list[Word], index: int) -> Cue | None:
    """What the word before says: a title, a label, kin; initials and "is" are looked past."""
    word, at = words[index], index - 1
    if (
        words[at].initial
        and at
        and re.fullmatch(
            r"\.[ ]?" if words[at].text in {"a", "à", "y"} else r"\.?[ ]?", text[words[at].end : word.start]
        )
    ):
        word, at = words[at], at - 1
    previous, gap = words[at], text[words[at].end : word.start]
    if previous.folded in _IS and at and words[at - 1].folded in KIN | _LABELS:
        return Cue.KIN if text[words[at - 1].end : word.start].strip() == previous.text else None
    spoken = gap.strip(" ") == "" or (gap == ", " and text[word.end : word.end + 1] == ",")
    for cue, meant in (
        (Cue.TITLE, previous.folded in TITLES and _title(previous, words[index], gap)),
        (Cue.LABEL, previous.folded in _LABELS and _LABEL_GAP.fullmatch(gap)),
        (Cue.KIN, previous.folded in KIN and _KIN_GAP.fullmatch(gap) and not _occupation(word, gap)),
        (Cue.MAYBE_AGE, previous.folded in _SPOKEN_LABELS and spoken),
    ):
        if meant:
            return cue
    return None


def _filler(word: Word, before: str) -> bool:
    written_as_name = word.capital and word.zone.value == "cased"
    return word.folded in _FILLERS and not written_as_name and before.lower().endswith("merci ")


def _occupation(word: Word, gap: str) -> bool:
    return word.folded in _OCCUPATIONS and any(mark in gap for mark in ",(:-–—")


def _after(text: str, word: Word) -> Cue | None:
    after = text[word.end : word.end + 80]
    if _CREDENTIAL_AFTER.match(after):
        return Cue.CREDENTIAL
    if _AGE_SURE.match(after):
        return Cue.AGE
    if word.opens and word.capital and _LAST_FIRST.match(after):
        return Cue.LAST_FIRST
    if word.opens and _LAST_INITIAL.match(after):
        return Cue.LAST_FIRST
    if _AGE_MAYBE.match(after):
        return Cue.MAYBE_AGE
    return Cue.SPEAKS if _SPEAKS_AFTER.match(after) else None


def _title(title: Word, word: Word, gap: str) -> bool:
    """Whether the title is one: "M." and "Me" need their capital, a full stop or a capitalised word after them."""
    if re.fullmatch(r"\.?[ \t]{0,3}\n?[ \t]{0,3}", gap) is None or not gap:
        return False
    if gap.startswith(".") and title.folded not in _TITLES_SHORT:
        return False
    if title.folded in {"m", "me", "mm"}:
        return (
            title.capital
            and (gap.startswith(".") or title.folded == "me")
            and (word.capital or title.zone.value != "cased")
        )
    if title.folded in _WEAK_TITLES:
        return word.capital and title.zone.value == "cased"
    return True
