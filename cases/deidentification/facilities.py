"""Hospitals, clinics, pharmacies, homes, shelters, schools and employers: by what such names end or begin with."""

import re
from collections.abc import Sequence
from typing import Final

from cases.deidentification import allow_list, gazetteer, name_lists
from cases.deidentification.allow_list import Allowed
from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.gazetteer import Known
from cases.deidentification.models import Reading
from cases.deidentification.name_lists import Listed
from cases.deidentification.words import Word, Zone

_HEADS: Final = frozenset(
    """hospital hospitals hosp clinic clinics pharmacy pharmacies pharma drugstore drugmart centre center centres lodge manor
    villa retirement residence residences rest nursing hospice institute institution infirmary sanatorium school secondary
    elementary collegiate college university academy kindergarten daycare preschool seminary shelter mission haven hostel
    correctional corrections penitentiary jail prison detention labs lab laboratory laboratories lifelabs diagnostics imaging
    medical health healthcare wellness dental dentistry optometry physiotherapy physio chiropractic rehab rehabilitation
    fht fho chc chcs nplc ltc ltch home homes place court terrace gardens church temple mosque gurdwara synagogue cathedral
    parish library arena legion campground camp resort casino hotel motel inn restaurant diner bakery cafe bistro grill pub
    foods food farms farm orchards nursery greenhouse greenhouses dairy poultry meats packers cannery mill mills mine mines
    quarry plant foundry factory works smelter refinery brewery winery logistics transport trucking freight courier lines
    transit motors automotive auto tire parts steel metals metal plastics packaging manufacturing fabricating fabrication
    industries industrial enterprises construction contracting contractors builders roofing paving plumbing electric
    landscaping cleaners cleaning janitorial security solutions services systems technologies consulting associates partners
    insurance bank credit-union ltd limited inc incorporated corp corporation llp llc co company ltee enr sons bros brothers
    group holdings ida pharmasave pharmaprix jean-coutu guardian friendship tribunal courthouse station firehall detachment
    hospice foundation society complex team care board council unit authority growers co-op coop cooperative store mart supermarket supermarche market variety salon spa gym""".split()
)
"""What names of facilities and employers end with."""
_EVERYDAY_HEADS: Final = frozenset(
    """rest nursing secondary elementary retirement medical health healthcare wellness dental physio physiotherapy chiropractic
    rehab rehabilitation home homes place court terrace gardens food foods works lines parts metal metals steel plastics
    industrial security solutions services systems co company group station market store imaging lab labs partners associates
    plant mine mines mill farm auto electric church library arena camp inn pub spa gym salon correctional corrections detention
    transit transport freight packaging cleaners cleaning mission haven guardian insurance bank society foundation brothers
    sons credit-union center centre centres school college university clinic clinics hospital hospitals pharmacy pharmacies
    diagnostics laboratory jail prison court institute residence residences shelter construction roofing landscaping""".split()
)
"""Those that end everyday phrases as well, and need a name before them that no everyday phrase has."""
_STRICT_HEADS: Final = frozenset(
    "limited systems solutions services lines works parts co company group plant mine mines lab labs partners associates holdings".split()
)
"""Those that need a word before them that no dictionary holds."""
_FRENCH_HEADS: Final = frozenset(
    """hopital hopitaux clinique cliniques polyclinique pharmacie clsc chsld chslds gmf gmf-u cusm chum residence residences centre
    ecole college cegep universite garderie cpe manoir foyer maison villa auberge refuge usine ferme garage entreprise
    entreprises constructions gestion groupe distribution boulangerie restaurant epicerie scierie laboratoire laboratoires institut hospice eglise mosquee paroisse
    prison penitencier etablissement cabinet jardins pavillon cisss ciusss camping construction transport transports aliments
    meubles quincaillerie salon bar hotel""".split()
)
"""What French names of facilities begin with."""
_FRENCH_IN_ENGLISH: Final = frozenset(
    "hopital clinique pharmacie clsc chsld residence foyer villa manoir maison camp casa ecole polyclinique".split()
)
"""Those that begin names in English texts too."""
_ALWAYS_NAMED: Final = frozenset("chsld clsc residence pharmacie manoir foyer villa polyclinique".split())
"""Those no one speaks of without their name."""
_GENERIC: Final = frozenset(
    """pain clinic hospital pharmacy the a an our local family walk-in walkin rapid access raam methadone suboxone addiction
    addictions community general regional district teaching university tertiary emergency urgent care primary chronic acute
    outpatient inpatient medical health mental dental sleep headache migraine spine spinal back concussion fracture fractures
    orthopedic orthopaedic ortho rheumatology rheum neurology neurosurgery oncology cancer palliative women's womens men's
    mens sexual wellness physio physiotherapy rehab rehabilitation nursing home retirement long-term long term ltc care day
    group treatment detox withdrawal management needle exchange harm reduction safe supply homeless men women youth senior
    seniors high elementary secondary public private catholic middle trade night law medical nursing business grade old new
    same other another his her their my your its this that each every any some first second third last next previous former
    current main north south east west central downtown nearby rural urban provincial federal municipal city town county
    drug drugs store compounding dispensing discount grocery auto car steel factory paper saw gold nickel uranium salt coal
    open dairy chicken pig hog cattle beef horse tobacco fruit vegetable mushroom tomato greenhouse family-run fast chinese
    italian indian thai food comfort fibromyalgia fibro pelvic opioid opioids crps ms als hiv hep hepatitis liver renal kidney
    dialysis diabetes diabetic cardiac heart stroke falls memory geriatric geriatrics pediatric paediatric obstetric fertility
    travel vaccine vaccination covid eye vision hearing foot wound skin burn trauma sports sport athletic fitness pool hydro
    aquatic blood diagnostic imaging x-ray mri ct ultrasound nuclear molecular genetic genetics pharmacy's interdisciplinary
    multidisciplinary interprofessional team hospital's virtual online telephone phone follow-up preop pre-op pre-admission
    anticoagulation inr infusion injection procedure interventional nerve block botox acupuncture massage chiropractic
    cannabis medical-cannabis weight bariatric obesity nutrition smoking cessation head injury brain abi tbi cognitive
    group-home supportive assisted independent living subsidized social housing supervised consumption overdose prevention
    correctional remand drop-in warming cooling food-bank funeral staff adult day-surgery surgical surgery critical intensive
    coronary step-down post-acute convalescent transitional complex continuing alternate level ontario canadian canada ontario's
    soins sante mentale douleur chronique chroniques familiale medicale medical communautaire local locale regional regionale
    universitaire de du des la le les l sans rendez-vous jour nuit quartier vieux nouveau hebergement longue duree crise
    readaptation physiotherapie dentaire sommeil fracture migraine cephalee readaptation secondaire primaire publique privee
    reference traitement desintoxication dependances dependance femmes hommes jeunes aines repos retraite retraites naissance
    soir sociale social emploi travail appel distribution commercial sportif loisirs antidouleur externe externes urgence
    canadian labour self whole peer support recovery resource information call data distribution fulfillment warehouse
    service customer contact technical computer human income disability veterans workers workplace occupational work
    employee assistance benefits claims children's childrens child parent parents infant""".split()
)
"""Words that say what kind of place it is, not which."""
_CHAINS: Final = frozenset(
    "rexall shoppers costco walmart loblaws sobeys metro zehrs pharmasave lifelabs dynacare gamma-dynacare pharmaprix uniprix brunet "
    "familiprix proxim biron jean-coutu tim canadian guardian medisystem".split()
)
"""Chains: with a street or a town after them they say where."""
_LINK: Final = frozenset(
    "of and the for de du des la le les l d et a at sur aux & y st ste saint sainte".split()
)
_GAP: Final = re.compile(r"[ \t]{1,2}|[ ]?&[ ]?|-|\.[ ]?|['’][sS]?[ ]|[ ]?[–-][ ]?|/|['’]")
_FRENCH_GAP: Final = re.compile(r"[ \t]{1,2}|-|\.[ ]?|['’]|[ ]?&[ ]?")
_AT: Final = re.compile(
    r"(?:\b(?:at|from|to|in|via|by|near|into|outside|with|w/|called|named|@|fills\s+(?:rx\s+)?at|chez|au|aux|à|à\s+la|à\s+l'|du|de\s+la|par|dans|"
    r"home|shelter|ltc|school|pharmacy|employer|hospital|clinic|lives|works|for)|attends?|attending|visits?|[@(])\s*(?:the\s+|la\s+|le\s+|l')?$",
    re.IGNORECASE,
)
_FOLLOWED: Final = re.compile(r"(?:facility|hospital|site|clinic|h[ôo]pital)\s?:\s?$", re.IGNORECASE)
_EMPLOYER: Final = re.compile(
    r"(?:\b(?:works?|worked|working|job|employed|employment|shifts?|foreman|supervisor|manager|driver|cook|welder|labourer|laborer|"
    r"machinist|electrician|mechanic|clerk|cashier|nurse|teacher|custodian|cleaner|operator|technician|apprentice|server|travaille|"
    r"travaillait|employ[ée]e?|emploi|ouvrier|ouvri[èe]re|soudeur|m[ée]canicien|caissi[èe]re?|commis|pr[ée]pos[ée]e?)"
    r"(?:\s+(?:as\s+an?\s+)?[\w-]{1,14}){0,3}?\s+(?:at|for|with|by|chez|pour|à)\s+(?:the\s+|la\s+|l[e']\s*)?"
    r"|\b(?:employer|employeur|workplace|company|compagnie|school|school\s+name|shelter|pharmacy|pharmacie|ltc|home|hospital|facility|clinic|site|lab|plant)\s*(?:name)?\s*[:=]\s*)$",
    re.IGNORECASE,
)
_STOPPERS: Final = frozenset(
    """at from to in on by via near with w and or but is was were are be been has had have seen sent goes went go attends attended
    admitted transferred discharged referred fills filled called calls visits visited works worked lives lived uses per re i he
    she we they it who which that where when then after before since until because if so also only not no his her their my
    our this these into out off up down about over under than as patient pt pts chez au aux a par dans pour avec vu vue suivi
    suivie admis admise est sont ete son sa ses mon ma un une et ou depuis apres avant elle il doctor md given
    using taking gets got getting picks picked see now still picking attend visiting staying stays stay told says said""".split()
)
_HEAD_ENDS: Final = ("diagnostics", "healthcare", "pharmacy", "labs")
_KINDS: Final = ("ology", "iatry", "iatrics", "ologie", "iatrie", "surgery", "therapy", "aphy")
_IDLE: Final = frozenset(
    """home night nights day days work school city town government company school desk computer hours shift shifts full part time
    half least most all some many years year months month weeks week more less pain relief work-from-home nuit jour soir temps
    maison plein mi-temps horaire heures""".split()
)
"""What follows "works at" or "works for" without being an employer."""
_BEFORE_NAMES: Final = frozenset({"the", "our", "his", "her", "seen", "patient", "attends"})
_SHORTENED: Final = frozenset({"st", "ste", "dr", "mt", "ft", "mr", "mrs"})
_SHORTEST: Final = 4
_LONGEST: Final = 7


def find_facilities(text: str, words: Sequence[Word], reading: Reading, *, french: bool) -> list[Finding]:
    """Named facilities and employers; "the pain clinic" and "her pharmacy" name none."""
    folded = [word.folded for word in words]
    found: list[Finding] = []
    for index, word in enumerate(words):
        if length := _by_letters(text, words, folded, index):
            found.append(
                _finding(words[index], words[_tail(text, words, index + length - 1)], Reason.GAZETTEER)
            )
        if _is_head(word.folded):
            if (span := _ending(text, words, index, reading, french=french)) is not None:
                found.append(_finding(words[span[0]], words[span[1]], Reason.SHAPE))
        if word.folded in _CHAINS and (last := _branch(text, words, index)) is not None:
            found.append(_finding(word, words[last], Reason.SHAPE))
        if _at_unknown(text, words, folded, index):
            found.append(_finding(word, words[_while_unknown(text, words, index)], Reason.SHAPE))
        if word.folded.removeprefix("l'") in (_FRENCH_HEADS if french else _FRENCH_IN_ENGLISH):
            if (last := _beginning(text, words, index)) is not None:
                found.append(
                    Finding(_after_article(word), words[last].end, Kind.FACILITY, Tier.CONFIRM, Reason.SHAPE)
                )
        if (
            _EMPLOYER.search(text[max(0, word.start - 70) : word.start])
            and (last := _employer(text, words, folded, index)) is not None
        ):
            found.append(_finding(word, words[last], Reason.LABELLED))
    return sorted(found)


def _is_head(word: str) -> bool:
    return word in _HEADS or word.endswith(_HEAD_ENDS) or any(part in _HEADS for part in word.split("-")[1:])


def _branch(text: str, words: Sequence[Word], chain: int) -> int | None:
    """The last word of a chain's branch ("Rexall on Dundas", "LifeLabs Oakridge"); the chain alone names no place."""
    last = chain
    for index in range(chain + 1, min(len(words), chain + 5)):
        word = words[index]
        if not _GAP.fullmatch(text[words[index - 1].end : word.start]):
            break
        if (
            word.folded in {"on", "at", "in", "of", "sur", "a", "de", "drug", "mart", "tire", "pharmacy"}
            and index < chain + 4
        ):
            continue
        if not word.capital and word.zone is Zone.CASED or word.folded in _STOPPERS:
            break
        if word.zone is not Zone.CASED and name_lists.ordinary(word.folded, french=False):
            break
        last = index
    return last if last > chain and words[last].folded not in _GENERIC | _HEADS else None


def _finding(first: Word, last: Word, reason: Reason) -> Finding:
    end = last.end - (2 if last.text.endswith(("'s", "’s")) and first is last else 0)
    return Finding(first.start, end, Kind.FACILITY, Tier.CONFIRM, reason)


def _after_article(word: Word) -> int:
    return word.start + (2 if word.text[1:2] in {"'", "’"} else 0)


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
    """The name that ends with the head: "Maple Villa", "Kingston Spine & Joint Institute"; and what follows it ("of Windsor")."""
    cased = words[head].zone is Zone.CASED
    first = head
    while first > 0 and head - first < _LONGEST:
        word, gap = words[first - 1], text[words[first - 1].end : words[first].start]
        if not _GAP.fullmatch(gap) or _sentence_ends(text, word, words[first]):
            break
        linked = word.folded in _LINK and first - 1 > 0
        if cased and not word.capital and not linked:
            break
        walk_in = word.folded == "in" and words[first - 2].folded == "walk" and first > 1
        if (
            not cased
            and not walk_in
            and (
                word.folded in _STOPPERS
                or (linked and word.folded not in {"st", "ste", "saint", "sainte", "&"})
            )
        ):
            break
        first -= 1
    while first < head and words[first].folded in _LINK - {"st", "ste", "saint", "sainte", "the"}:
        first += 1
    while first < head and words[first].folded in _BEFORE_NAMES and not (words[first].text == "The" and not words[first].opens):
        first += 1
    last = _tail(text, words, head)
    naming = [word for word in words[first : last + 1] if _names(word.folded)]
    if not naming or (first == head and last == head):
        return None
    before = text[max(0, words[first].start - 24) : words[first].start]
    marked = [word for word in naming if _marked(word, words, reading, french=french)]
    if not marked and not (_AT.search(before) and any(word.capital or not cased for word in naming)):
        return None
    if cased and not words[head].capital and not marked:
        return None
    if words[head].folded in _STRICT_HEADS and all(
        name_lists.ordinary(word.folded, french=french) for word in naming
    ):
        return None
    if not cased and not marked and words[head].folded in _EVERYDAY_HEADS and not _AT.search(before):
        return None
    if all(_clinical(text, words, each) for each in range(first, last + 1) if words[each] in naming):
        return None
    return first, last


def _names(word: str) -> bool:
    """Whether a word of a facility's name says which it is, rather than what kind."""
    return word not in _GENERIC and word not in _LINK and word not in _HEADS and not word.endswith(_KINDS)


def _clinical(text: str, words: Sequence[Word], index: int) -> bool:
    low = max(0, index - 4)
    folded = [word.folded for word in words[low : index + 4]]
    if gazetteer.longest_place(folded, index - low)[1] is Known.HERE:
        return False
    after = text[words[index].end : words[index].end + 12]
    return allow_list.allowed(folded, index - low, after) >= Allowed.YES and not allow_list.everyday(words[index].folded)


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
    return last


def _marked(word: Word, words: Sequence[Word], reading: Reading, *, french: bool) -> bool:
    """Whether a word before a head names it: a place, a person, a word no dictionary holds, or one capitalised for no other reason."""
    known = gazetteer.longest_place([word.folded], 0)[1]
    if known is Known.HERE and word.folded not in gazetteer.everyday_places():
        return True
    if known and not name_lists.ordinary(word.folded, french=french):
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
    """The last word of a French name that begins with the head: "Clinique du Vieux-Port", "Résidence Sainte-Élisabeth"."""
    cased = words[head].zone is Zone.CASED
    last, naming = head, False
    for index in range(head + 1, min(len(words), head + 1 + _LONGEST)):
        word = words[index]
        if not _FRENCH_GAP.fullmatch(text[words[index - 1].end : word.start]) or _sentence_ends(
            text, words[index - 1], word
        ):
            break
        bare = re.sub(r"^[ld]['’]", "", word.folded)
        if word.folded in _LINK:
            continue
        capital = word.capital or (word.text[1:2] in {"'", "’"} and word.text[2:3].isupper())
        if (
            cased
            and not capital
            and not (bare in _GENERIC and words[head].capital and index + 1 < len(words))
        ):
            break
        if not cased and _ends_low(word, bare, words[head]):
            if bare in _GENERIC and word.folded not in _STOPPERS:
                continue
            break
        if (capital or not cased) and bare not in _GENERIC:
            naming, last = True, index
    return last if naming else None


def _at_unknown(text: str, words: Sequence[Word], folded: list[str], index: int) -> bool:
    """Whether a capitalised word no list holds stands after "at": "works at Stelco", "chez Alstom"."""
    word = words[index]
    if (
        word.zone is not Zone.CASED
        or not word.capital
        or word.opens
        or len(word.text) < _SHORTEST
        or word.folded in _HEADS
    ):
        return False
    if not re.search(r"\b(?:at|chez)\s(?:the\s)?$", text[max(0, word.start - 10) : word.start]):
        return False
    if name_lists.ordinary(word.folded, french=True) or word.folded in _GENERIC:
        return False
    clinical = allow_list.allowed(folded, index, text[word.end : word.end + 12]) is not Allowed.NO
    return not clinical and not allow_list.mistyped(word.folded)


def _while_unknown(text: str, words: Sequence[Word], index: int) -> int:
    """The last of the capitalised words that go on from this one."""
    last = index
    while (
        last + 1 < len(words)
        and words[last + 1].capital
        and text[words[last].end : words[last + 1].start] in {" ", " & ", "-"}
    ):
        last += 1
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
    last = None
    for index in range(first, min(len(words), first + _LONGEST)):
        word = words[index]
        if index > first and (
            not _GAP.fullmatch(text[words[index - 1].end : word.start])
            or _sentence_ends(text, words[index - 1], word)
        ):
            break
        if word.folded in {"and", "&", "of", "de", "du", "des", "la"} and last is not None:
            continue
        if word.zone is Zone.CASED and not word.capital:
            break
        if word.zone is not Zone.CASED and (word.folded in _STOPPERS or word.folded in _IDLE):
            break
        if index > first and word.folded in _HEADS:
            last = index
            continue
        everyday = word.zone is not Zone.CASED and name_lists.ordinary(word.folded, french=True)
        if everyday and last is None and any(one.folded in _HEADS for one in words[index + 1 : index + 3]):
            continue
        if everyday and (last is None or index > first + 2):
            break
        if word.folded in _GENERIC or allow_list.allowed(folded, index, "") >= Allowed.YES:
            continue
        last = index
    return last
