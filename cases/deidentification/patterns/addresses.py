"""Street addresses, rural routes, boxes, lots and crossings, in English and French."""

import re
from collections.abc import Iterator

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.patterns.reading import Reading, Word, bare, words

# Words that end the name of a street. Those of the second group have other uses: the street needs a capital.
_STREETS = words(
    """street st avenue ave av road rd boulevard blvd crescent cres drive dr lane ln court crt ct terrace
    terr trail trl parkway pkwy highway hwy sideroad concession conc circle cir heights hts hollow
    crossing esplanade mews rue boul chemin sq square place pl way gate grove gardens gdns close path
    ridge hill hills park green common landing row walk view run bay point pt manor woods villas line
    townline route rte alley ally byway glen dale vale quay wharf wynd promenade expressway driveway rise
    bend loop cove mall plaza"""
)
_EVERYDAY = words(
    """dr ct st av sq square place pl way gate grove gardens close path ridge hill hills park green common
    landing row walk view run bay point pt manor woods villas line route alley dale vale rise bend loop
    cove court circle drive lane trail heights crossing hollow mall plaza terrace quay glen promenade"""
)
_STOP_WORDS = words(
    """mg mcg ug g kg ml l mm cm m km year years yr yrs yo y week weeks wk wks month months mo day days hour
    hours hr hrs h min minutes minute in on at to of for with and or but the a an is was has had have he
    she they it his her their this that from by per every each x times tabs tab caps pills po bid tid qid
    od prn daily weekly units unit iu cigarettes drinks pack packs beers flights stairs block blocks step
    steps people kids children sons daughters cats dogs visits visit sessions session injections injection
    out into up down left right went walks drives male female man woman pt who when then
    only more less than percent degrees degree jours ans mois semaines fois par sur une un et ou dans pour
    avec est"""
)
_UNIT_AFTER = re.compile(
    r"(?:[ ]{0,2}[,;–-]?[ ]{0,2}\n?[ ]{0,2}(?:(?:apt|apartment|unit|suite|ste|app|appt|appartement|bureau"
    r"|room|rm|floor|ph|penthouse|bsmt|basement|lot|box|bldg|building|porte|unite|local)"
    r"\b\.?[ ]?(?:no\.?|#)?[ ]?(?:[A-Za-z]?-?\d{1,5}[A-Za-z]?\b|[A-Z]\b)|\#[ ]?\d{1,5}[A-Za-z]?\b)){1,2}",
    re.IGNORECASE,
)
_DIRECTION = re.compile(
    r"[ ]{1,2}(?:north|south|east|west|nord|sud|est|ouest|n\.?[ew]\.?|s\.?[ew]\.?|[nsewo])\b\.?(?![ ]?"
    r"(?:of|de|du)\b)(?!['’])",
    re.IGNORECASE,
)
_FRENCH = re.compile(
    r"(?<![\w.,/$:-])(\d{1,5}(?:[ ]?[-–][ ]?\d{1,5})?[ ]?[A-Da-d]?,?[ ]{1,2}(?:bis[ ]|ter[ ])?)"
    r"((?:rue|avenue|av\.|ave|boulevard|boul\.?|blvd|bd|chemin|ch\.|rang|route|rte\.?|montee|place|allee"
    r"|cote|impasse|croissant|crois\.|terrasse|ruelle|quai|cours"
    r"|passage|promenade|sentier|carre|square|concession|ligne|autoroute|montée|allée|côte|carré)[ ])"
    r"((?:(?:de[ ]la|des|de|du|la|les|le)[ ]|(?:de[ ])?[ld]['’][ ]?|(?:sainte?-?|ste?\.?-?)[ ]?){0,3}"
    r"(?:[^\W_][\w'’-]{0,30}))",
    re.IGNORECASE,
)
_FRENCH_MORE = re.compile(r"(?:[ ](?:(?:de|du|des|la|le|l'|d')[ ])?[A-ZÀ-Ý][\w'’.-]{0,30}){1,4}")
_FRENCH_EVERYDAY = words(
    "place cours cote passage route carre square ligne quai promenade concession terrasse"
)
_NUMBERED_ROAD = (
    r"(?:(?:county|regional|reg\.?|concession|conc\.?|township|twp\.?|line|side|fire|forestry|mill|rural"
    r"|provincial|king's|range|old|grid)[ ]{1,2})?"
    r"(?:road|rd\.?|route|rte\.?|highway|hwy\.?|sideroad|side[ ]?rd\.?|concession|conc\.?|con\.?|line"
    r"|autoroute|rang|chemin|township[ ]road|range[ ]road|fire[ ]route|fire[ ]lane|fire[ ]rte"
    r")"
)
_RURAL = re.compile(
    r"(?<![^\W_])(?:"
    rf"(?!lines?\b){_NUMBERED_ROAD}[ ]?#?[ ]?\d{{1,3}}[ ](?:and|&|et|at)[ ](?:the[ ])?"
    rf"{_NUMBERED_ROAD}[ ]?#?[ ]?\d{{1,3}}"
    rf"|\d{{1,6}}[A-Za-z]?[ ]{{1,2}}{_NUMBERED_ROAD}[ ]?#?[ ]?\d{{1,4}}[A-Za-z]?(?:[ ](?:north|south|east"
    rf"|west|[nsew])\b)?"
    rf"|\d{{1,6}},?[ ]\d{{1,2}}(?:st|nd|rd|th|e)[ ](?:line|concession|conc\.?|con\.?|sideroad|rang|rg|sdrd"
    rf"|side[ ]road|avenue|ave|street|st|road|rd)\b(?:[ ](?:north|south|east|west|[nsew])\b)?"
    r"|(?:part[ ]of[ ])?lots?[ ]?#?[ ]?\d{1,3}[A-Za-z]?(?:[ ]?(?:,|&|and)?[ ]{1,2}|,)(?:sideroad"
    r"|side[ ]road|concession|conc\.?|con\.?|line|plan|range|rang|block|blk)[ ]?#?[ ]?\d{0,5}[A-Za-z]?"
    r"(?:,?[ ](?:lot|con\.?|conc\.?|concession)[ ]?\d{1,3})?"
    r"|(?:concession|conc\.?|con\.?|line|rang)[ ]?#?\d{1,3},?[ ](?:part[ ])?lots?[ ]?#?\d{1,3}[A-Za-z]?"
    r"|lot[ ]\d{1,3},?[ ](?:rang|concession|conc\.?|con\.?)[ ]\d{1,3}"
    r"|r\.?[ ]?r\.?[ ]{0,2}#?[ ]?\d{1,2},?[ ](?:site|comp|box|group|grp|gd)[ ]?\d{1,4}(?:,?[ ](?:site|comp"
    r"|box|group|grp)[ ]?\d{1,4}){0,2}"
    r"|(?:r\.?[ ]?r\.?|rural[ ]route|route[ ]rurale|hc|s\.?s\.?)[ ]{0,2}(?:no\.?[ ]?|#[ ]?)?\d{1,2}"
    r"(?![\w/%-]|[.,]\d)"
    r"|(?:p\.?[ ]?o\.?|post[ ]office|postal)[ ]{0,2}(?:box|bag|drawer)[ ]?(?:no\.?|#|:)?[ ]?\d{1,6}"
    r"(?:,?[ ](?:stn|station|succ\.?)[ ][A-Za-z]{1,12}\b)?"
    r"|(?:c\.?[ ]?p\.|case[ ]postale|boite[ ]postale|b\.p\.)[ ]?(?:no\.?|#|:)?[ ]?\d{1,6}"
    r"|(?:general[ ]delivery|poste[ ]restante)\b"
    r"|(?:fire|civic|emergency|911|e911)[ ](?:number|no\.?|num|\#|address)[ ]?[:#]?[ ]?\d{1,6}"
    r"|(?:numero[ ]civique|no[ ]civique)[ ]?:?[ ]?\d{1,6}"
    r"|fire[ ](?:route|lane|road)[ ]\d{1,4}[A-Za-z]?|\d{1,2}(?:st|nd|rd|th|e)[ ](?:concession|sideroad"
    r"|side[ ]road|rang)\b|rang[ ]\d{1,2}\b"
    r"|(?:county|regional|concession|township|reserve|reg\.)[ ](?:road|rd\.?)[ ]?\#?[ ]?\d{1,4}[A-Za-z]?"
    r"|side[ ]?road[ ]\d{1,4}"
    r")(?![\w]|[ ]?mg)",
    re.IGNORECASE,
)
# Two short ones that are doses and rates elsewhere.
_RATE = re.compile(r"(?:rr|r\.r\.|ss|hc)[ ]{0,2}\d{1,2}$", re.IGNORECASE)
_ADDRESS_NEAR = re.compile(
    r"(?:address|addr|adr|adresse|live|lives|living|resid|home|mail|box|street|road|line|outside|near"
    r"|rural|moved|house|farm|at|on|habite|demeure)\b[^\n]{0,24}$"
)
_UNIT_ALONE = re.compile(
    r"(?<![\w])(?:apt|apartment|appartement|app\.|appt|suite|penthouse|condo)\b\.?[ ]?(?:no\.?|#"
    r"|number)?[ ]?(\d{1,5}[A-Za-z]?(?:-\d{1,4})?|[A-Z]\d{0,4})(?![\w%/.-])(?![ ]?mg)",
    re.IGNORECASE,
)
_CAPITALS = r"(?:[A-Z][\w'’-]{1,24}|\d{1,2}(?:st|nd|rd|th))"
_AND = r"[ ](?:[Aa]nd|AND|&|et|ET|at|AT|/|near)[ ]"
_CROSSING = re.compile(
    r"\b(?i:(?:corner|intersection|crossing|junction)[ ](?:of|at)[ ](?:the[ ])?|(?:coin|angle)[ ](?:de"
    r"|des)[ ](?:rues?[ ])?)"
    rf"({_CAPITALS}(?:[ ]{_CAPITALS}){{0,2}}\.?{_AND}{_CAPITALS}(?:[ ]{_CAPITALS}){{0,2}}"
    r"|[a-z]{3,20}[ ](?:and|&|et)[ ][a-z]{3,20})"
)
_TYPE = r"(?:St|Street|Ave|Avenue|Rd|Road|Blvd|Dr|Drive|Line|Cres|Lane|Hwy \d{1,3}|Highway \d{1,3}|Sideroad)"
_SURE_TYPE = r"(?:st|street|ave|avenue|rd|road|blvd|cres|hwy \d{1,3}|highway \d{1,3}|sideroad)"
_CROSSING_TYPES = re.compile(
    rf"(?<![\w])({_CAPITALS}(?:[ ]{_CAPITALS})?[ ]{_TYPE}\.?(?:[ ][NSEW]\b)?{_AND}{_CAPITALS}"
    rf"(?:[ ]{_CAPITALS})?(?:[ ]{_TYPE})?\b"
    rf"|(?i:[a-z]{{3,20}}[ ]{_SURE_TYPE}\.?{_AND}[a-z]{{3,20}}[ ]{_SURE_TYPE}\b))"
)
_STREET_ALONE = re.compile(
    rf"\b(?:on|off|along|near|from|of)[ ]({_CAPITALS}(?:[ ]{_CAPITALS}){{0,2}}[ ](?:Street|Avenue|Ave|Road"
    rf"|Rd|Crescent|Cres|Boulevard|Blvd|Lane|Drive|Court|Terrace|Trail|Line|Sideroad)\b\.?)"
)
# After words for where somebody lives: a number and a name, a box, a highway, or two streets that cross.
_LABELLED = re.compile(
    r"(?<![^\W_])(?:ad+ress|addr|adr|adresse|(?:lives?|living|resid(?:es|ing|ent)|stays|staying|home)[ ]"
    r"(?:alone[ ])?(?:at|on)|(?:demeure|habite|domiciliee?|reside|loge|vit)[ ](?:au|a|sur))\b"
    r"[ ]?[:=]?[ ]{0,4}(?:is |est |at |le |au |the )?"
    r"(\d{1,6}[a-z]?(?:-\d{1,5})?,?[ ](?!mg|years|yrs|days|weeks|months|hours)[^\W\d_][\w'-]{1,24}"
    r"(?:[ ][^\W\d_][\w'-]{0,24}){0,3}"
    r"|(?:box|bag|hwy|highway|route|autoroute|rr|r\.r\.|line|con|conc|concession|lot|unit"
    r"|apt)\.?[ ]#?\d{1,6}[a-z]?(?:[ ](?:north|south|east|west|[nsew])\b)?"
    r"|[a-z]{3,20}(?:[ ](?:st|street|ave|avenue|rd|road)\.?)?[ ](?:and|&|et)[ ][a-z]{3,20}(?:[ ](?:st"
    r"|street|ave|avenue|rd|road)\b\.?)?(?=[.,;)\n]|$))"
)
_CUT = re.compile(
    r"[ ](?:in|with|near|and|since|for|who|where|but|just|outside|by|on|at|he|she|is|a|chez|avec|pres"
    r"|depuis|et|qui|dans|en)\b"
)
_UNIT_BEFORE = re.compile(
    r"(?<!\w)(?:apt|apartment|unit|suite|ste|app|appt|appartement|bureau|room|rm|#)\.?[ ]?(?:no\.?"
    r"|#)?[ ]?[A-Za-z]?\d{0,5}[A-Za-z]?[ ]?[,–-]?[ ]{1,2}$",
    re.IGNORECASE,
)
_POSTAL_AFTER = re.compile(r"[ ]?[,|;\n][ ]{0,2}(?:[^\W\d_]{2,20}[ ,]{1,2})?(\d{5})(?![\w-])")


_RURAL_WORDS = words(
    """road rd route rte highway hwy sideroad side concession conc con line autoroute rang rg chemin township
    lot lots rr rural hc ss po box post postal cp case boite bp general poste fire civic emergency e
    county regional reserve reg st nd th avenue ave street number civique sdrd range"""
)
_HOME_WORDS = words(
    """address addr adr adresse adress live stays staying home loge vit lives living resides residing
    resident demeure habite domicilie domiciliee reside"""
)
_UNIT_WORDS = words("apt apartment appartement app appt suite penthouse condo")
_CROSSING_WORDS = words(
    """corner intersection crossing junction coin angle st street ave avenue rd road blvd dr drive line cres
    crescent lane hwy highway sideroad boulevard court terrace trail"""
)


def find(reading: Reading) -> Iterator[Finding]:
    """Addresses with a number, rural ones, crossings, units; a street without a number is to be confirmed."""
    text = reading.text
    streets = list(_by_street(reading))
    yield from streets
    for place in _RURAL.finditer(reading.bare_text) if reading.mentions(_RURAL_WORDS) else ():
        if (
            not _RATE.fullmatch(place[0])
            or "#" in place[0]
            or _ADDRESS_NEAR.search(reading.before(place.start()))
        ):
            yield _finding(text, place.start(), place.end())
    for place in _LABELLED.finditer(reading.bare_text) if reading.mentions(_HOME_WORDS) else ():
        cut = _CUT.search(place[1]) if place[1][0].isdigit() else None
        yield _finding(
            text, place.start(1), place.start(1) + (cut.start() if cut else len(place[1])), Reason.LABELLED
        )
    for unit in _UNIT_ALONE.finditer(text) if reading.mentions(_UNIT_WORDS) else ():
        yield Finding(*unit.span(), Kind.ADDRESS, Tier.STOP, Reason.LABELLED)
    for pattern in (_CROSSING, _CROSSING_TYPES) if reading.mentions(_CROSSING_WORDS) else ():
        for crossing in pattern.finditer(text):
            yield Finding(*crossing.span(1), Kind.ADDRESS, Tier.STOP, Reason.SHAPE)
    for street in _STREET_ALONE.finditer(text) if reading.mentions(_CROSSING_WORDS) else ():
        yield Finding(*street.span(1), Kind.ADDRESS, Tier.CONFIRM, Reason.SHAPE)


def _finding(text: str, start: int, end: int, reason: Reason = Reason.SHAPE) -> Finding:
    """An address together with its unit, before or after."""
    unit = _UNIT_AFTER.match(text, end + (text[end : end + 1] == "."))
    end = unit.end() if unit else end
    window = text[max(0, start - 24) : start]
    if unit := _UNIT_BEFORE.search(window):
        start -= len(window) - unit.start()
    return Finding(start, end, Kind.ADDRESS, Tier.STOP, reason)


def _by_street(reading: Reading) -> Iterator[Finding]:
    """A house number, one to four words, and a word for a street; in French the word for the street comes first."""
    text, words = reading.text, reading.words
    for index, word in enumerate(words):
        if word.key in _STREETS and (start := _house(reading, words, index)) is not None:
            direction = _DIRECTION.match(text, word.end + (text[word.end : word.end + 1] == "."))
            yield from _with_postal(text, _finding(text, start, direction.end() if direction else word.end))
    for french in reading.at_digits(_FRENCH):
        kind = bare(french[2]).strip(" .")
        name = text[french.start(3) : french.end(3)]
        named = any(map(str.isupper, name)) and not french[0].isupper()
        if kind in _FRENCH_EVERYDAY and not named and not _HOME_NEAR.search(reading.before(french.start())):
            continue
        more = _FRENCH_MORE.match(text, french.end())
        end = more.end() if more else french.end()
        direction = _DIRECTION.match(text, end)
        yield from _with_postal(text, _finding(text, french.start(), direction.end() if direction else end))


def _house(reading: Reading, words: list[Word], index: int) -> int | None:
    """Where the house number before a street's name begins; None where there is none."""
    text, street = reading.text, words[index]
    everyday = street.key in _EVERYDAY
    for count in range(1, 6):
        if index - count < 0:
            return None
        first = words[index - count]
        after = words[index - count + 1].start
        broken = count == 1 and not everyday and _is_broken(text, first, street)
        if not broken and not _JOINED.fullmatch(text, first.end - min(3, first.end - first.start), after):
            return None
        if _is_filler(text, first) or (everyday and not _is_named(reading, street, first)):
            return None
        window = text[max(0, first.start - 18) : first.start]
        house = _HOUSE_END.search(window)
        if house:
            return first.start - len(window) + house.start()
    return None


def _is_broken(text: str, first: Word, street: Word) -> bool:
    """Whether a line ends between the last word of a street's name and the word for a street."""
    between = text[first.end : street.start]
    return between.strip(" ") == "\n" and text[first.start].isupper() and text[street.start].isupper()


def _is_filler(text: str, word: Word) -> bool:
    return word.key in _STOP_WORDS and not text[word.start : word.end].istitle()


def _is_named(reading: Reading, street: Word, first: Word) -> bool:
    """Whether an everyday word is a street: a capital, a direction after it, or an address spoken of, says so."""
    text = reading.text
    if text[first.start].isupper() and not text[first.start : street.end].isupper():
        return True
    direction = _DIRECTION.match(text, street.end + (text[street.end : street.end + 1] == "."))
    return bool(direction or _HOME_NEAR.search(reading.before(first.start, 40)))


# Between the words of a name: at most a space, and a full stop only after a short form ("St. Clair").
_JOINED = re.compile(r"[^\W\d_]{1,3}(?:[ '’-]|[ ]-[ ]?)?|(?<![^\W\d_])[^\W\d_]{1,2}\.[ ]?|[^\W\d_]{3}[ ]")
_HOME_NEAR = re.compile(
    r"\b(?:ad+ress|addr|adr|live[sd]?|living|resid\w{1,5}|habite|demeure|loge|moved to|house at"
    r"|home at)\b[^\n]{0,20}$|(?:^|[\n:;])[ ]{0,3}(?:\d{1,4}-)?\d{1,6},?[ ](?:[a-z'-]{1,20}[ ]){0,2}$"
)
_HOUSE_END = re.compile(
    r"(?<![\w.,/$:#-])(?:[A-Za-z]?\d{1,4}[A-Za-z]?[ ]?-[ ]?)?\d{1,6}(?:[ ]1/2|½|[A-Ga-g])?,?[ ]{1,2}"
    r"(?:\d{1,3}(?:st|nd|rd|th|e)?)?$|(?<![\w.,/$:#-])\d{1,6},?[ ]\d{1,3}$"
)


def _with_postal(text: str, address: Finding) -> Iterator[Finding]:
    """An address, and the five digits of a postal code abroad that follow it."""
    yield address
    if code := _POSTAL_AFTER.match(text, address.end):
        yield Finding(*code.span(1), Kind.POSTAL_CODE, Tier.STOP, Reason.SHAPE)
