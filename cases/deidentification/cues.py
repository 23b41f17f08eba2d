"""What stands beside a name and says that it is one: titles, kin, labels, an age, what people do."""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

from cases.deidentification.words import Word

TITLES: Final = frozenset(
    """mr mrs ms miss mx mister missus dr drs doctor docteur docteure dre prof professor professeur professeure sir madam
    mme mmes mlle m mm monsieur madame mademoiselle me maitre elder chief chef rev reverend pastor father sister brother imam
    rabbi hon sgt sergeant cst const constable cpl insp officer agent detective capt captain lt cmdr maj col gen judge justice
    nurse aunt auntie uncle tante oncle soeur frere pere cousin cousine grandma grandpa nana papa nonna nonno""".split()
)
"""Words after which a capitalised word is a name; those that are words of their own need the capital."""
_WEAK_TITLES: Final = frozenset("m me mm chief chef father sister brother officer agent nurse cousin cousine pere soeur frere "
                                "general gen col maj lt papa nana hon judge justice doctor docteur".split())  # fmt: skip
KIN: Final = frozenset(
    """wife husband son daughter mother father mom mum dad brother sister partner spouse girlfriend boyfriend fiance fiancee
    niece nephew aunt uncle cousin grandmother grandfather grandson granddaughter grandchild stepson stepdaughter stepmother
    stepfather stepmom stepdad son-in-law daughter-in-law mother-in-law father-in-law brother-in-law sister-in-law twin baby
    kid child friend neighbour neighbor roommate landlord landlady boss supervisor foreman manager coach teacher caregiver
    caretaker psw carer sponsor lawyer paralegal adjuster worker caseworker pharmacist physiotherapist physio therapist
    counsellor counselor psychologist psychiatrist surgeon nurse physician doctor chiropractor dentist midwife resident
    clerk secretary receptionist interpreter translator driver owner coworker colleague widow widower ex ex-wife ex-husband
    guardian attorney executor trustee poa sdm nok contact hcp mrp np rn rpn gp md otr rsw msw navigator coordinator
    epouse epoux femme mari conjoint conjointe fils fille mere pere frere soeur niece neveu tante oncle cousin cousine ami amie
    voisin voisine copain copine blonde chum belle-mere beau-pere belle-fille gendre bru belle-soeur beau-frere petit-fils
    petite-fille grand-mere grand-pere jumeau jumelle repondant repondante mandataire aidant aidante avocat avocate pharmacien
    pharmacienne infirmier infirmiere medecin chirurgien chirurgienne psychologue psychiatre physiotherapeute ergotherapeute
    travailleur travailleuse intervenant intervenante patron patronne contremaitre collegue proprietaire tuteur tutrice
    orthopedist orthopod rheumatologist neurologist oncologist cardiologist anesthetist anesthesiologist specialist
    hygienist dietitian ot pt slp chaplain gestionnaire residente locum preceptor""".split()
)
_LABELS: Final = frozenset(
    """name patient pt pts client nom prenom patiente re provider mrp pcp gp np clinician physician doctor prescriber referring
    referrer from to cc attn attention signed dictated by author contact nok sdm poa pharmacist surgeon specialist consultant
    therapist counsellor guardian spouse partner mother father wife husband son daughter brother sister caregiver interpreter
    seen requested ordering ordered presenter presented surname firstname lastname given first last middle preferred alias aka
    subject demographics repondante repondant pharmacien pharmacienne medecin md infirmiere referent signature redige demandeur
    personne urgence ressource conjoint conjointe fils fille mere pere avocat objet de par usager usagere beneficiaire client
    cliente residente resident employee claimant insured worker member subscriber lawyer witness temoin reviewed verified
    interviewer informant historian accompanied preneur""".split()
)
_SPOKEN_LABELS: Final = frozenset("pt patient patiente client cliente re cc attn".split())
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
_SEX: Final = r"(?:aged?[ \t]|[âa]g[ée]e?[ \t](?:de[ \t])?|[MF][ \t]?[,/]?[ \t]?|male,?[ \t]|female,?[ \t]|an?[ \t]|une?[ \t]|now[ \t]|[a-zé]{1,14}[ \t]){0,2}"
_YEARS: Final = r"(?:[ \t]?[MF]\b|[ \t-]{0,2}(?:y/?o\b|yo?\b|y\.o\.?|yrs?\b|years?|ans\b|ish\b|male|female))"
_AGE_SURE: Final = re.compile(
    rf"{_MORE}[ \t]?(?:,[ \t]?|\([ \t]?|[ \t]|[ \t]is[ \t]|[ \t]est[ \t]|:[ \t]?|[-–—][ \t]?){_SEX}\d{{1,3}}{_YEARS}"
    rf"|{_MORE}[ \t]?\((?:[MF][ \t]?[,/]?[ \t]?)?\d{{1,2}}[ \t]?[MF]?\)"
    rf"|{_MORE}[ \t]?\(?[MF][ \t,/]{{0,2}}\d{{1,2}}\b(?![ \t]?(?:mg|mcg|%|/))",
    re.IGNORECASE,
)
_AGE_MAYBE: Final = re.compile(
    r"[ \t]?(?:,[ \t]?|[ \t]is[ \t]|[ \t]est[ \t]|[ \t]|:[ \t]?|[ \t]?\([^()\n]{3,60}\)[ \t]?)\d{1,2}(?:,[ \t]|\)|\.(?=[ \t])|[ \t](?=is|and|with|who|has|on|w/|f/u|c/o)|$)",
    re.IGNORECASE,
)
_LAST_FIRST: Final = re.compile(
    r",[ ]{0,2}[A-ZÀ-Þ][\w'’-]{1,30}(?:[ ][A-ZÀ-Þ][\w'’-]{0,30}\.?){0,3}[ \t]*(?:$|\n|[-–—|(\t:;]|[ ]{2}|DOB|\d|[MF]\b|HCN|OHIP|PHN|MRN|chart)"
)
_LAST_INITIAL: Final = re.compile(r",?[ ][A-Z]\.?[ ]{0,2}(?:[:(,–-]|$|\n)")
_FIRST_OF: Final = re.compile(
    r"(?:^|\n|[:|\t]|[ ]{2})[ \t>*•-]{0,4}(?:re:?\s|pt:?\s)?([A-ZÀ-Þ][\w'’-]{1,30}(?:[ -][A-ZÀ-Þ][\w'’-]{1,30}){0,2}),[ ]{0,2}$",
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
    AGE = 2.8
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
    if index:
        previous = words[index - 1]
        gap = text[previous.end : word.start]
        if previous.initial and index > 1 and re.fullmatch(r"\.?[ ]?", gap):
            # "Dr. M. Castellano": the initial is looked past.
            gap, previous = text[words[index - 2].end : previous.start], words[index - 2]
        if previous.folded in _IS and index > 1 and words[index - 2].folded in KIN | _LABELS:
            return Cue.KIN if text[words[index - 2].end : word.start].strip() == previous.text else None
        if previous.folded in TITLES and _title(previous, word, gap):
            return Cue.TITLE
        if previous.folded in _LABELS and _LABEL_GAP.fullmatch(gap):
            return Cue.LABEL
        if previous.folded in KIN and _KIN_GAP.fullmatch(gap):
            return Cue.KIN
        if previous.folded in _SPOKEN_LABELS and gap.strip(" ") == "":
            return Cue.MAYBE_AGE
        if previous.folded in _SPOKEN_LABELS and gap == ", " and text[word.end : word.end + 1] == ",":
            return Cue.MAYBE_AGE
    before = _INITIALS_LAST.sub("", text[max(0, word.start - 64) : word.start])
    if word.capital and _FIRST_OF.search(before) and _ENDS_FIELD.match(text[word.end : word.end + 40]):
        return Cue.LAST_FIRST
    if _NAMED.search(before):
        return Cue.NAMED
    if _BY.search(before) or _WITH.search(before):
        return Cue.BY
    return (
        Cue.INITIAL
        if word.capital and index and _INITIAL_BEFORE.search(text[max(0, word.start - 6) : word.start])
        else None
    )


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
    if title.folded in {"m", "me", "mm"}:
        return (
            title.capital
            and (gap.startswith(".") or title.folded == "me")
            and (word.capital or title.zone.value != "cased")
        )
    if title.folded in _WEAK_TITLES:
        return word.capital and title.zone.value == "cased"
    return True
