"""E-mail and web addresses, network addresses and names on social media."""

import re
from collections.abc import Iterator

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.patterns.reading import Reading, bare, vocabulary, words

_LOCAL = re.compile(r"[\w.+%'&-]{1,64}(?:[ ]?[._][ ]?[\w+%-]{1,64})?[\])>]?[ \t]{0,2}\n?[ \t]{0,2}$")
_HOST = re.compile(
    r"[ \t]{0,2}\n?[ \t]{0,2}[\w-]{1,63}(?:[ ]?\.[ ]?[a-z0-9-]{2,63}(?![\w-])|\.[\w-]{1,63}){0,5}(?:[ ]?"
    r"(?:dot|point)[ ][a-z]{2,12}\b){0,2}",
    re.IGNORECASE,
)
_TOP_LEVEL = "|".join(
    words(
        """ca com org net info biz edu gov gc on qc fr uk us io me co app health care clinic email mail
        online site page link xyz
        tv ly gg be de ch eu in au ie nl es it jp cn ru example test invalid local localhost internal
        quebec life live blog dev
        ai mobi name pro"""
    )
)
# Spoken addresses: "jane dot doe at mail dot com", "jdoe (at) mail (dot) com", "jdoe arobase mail point ca".
_SAID = frozenset({"at", "arobase", "arobas", "arrobas", "arobasse", "commercial"})
_SAID_LOCAL = re.compile(
    r"(?:[a-z0-9_+-]{1,40}[ ]?(?:\.|[ \[(](?:dot|point|period)[ \])]|[ ](?:underscore|dash|tiret|hyphen"
    r"|minus|souligne|barre)[ ])[ ]?){0,3}[a-z0-9_+-]{1,64}"
    r"[ ]?[ \[({<](?:a[ ])?$"
)
_SAID_HOST = re.compile(
    r"[ \])}>][ ]?(?:[a-z0-9-]{1,63}[ ]?(?:[ \[({<](?:dot|point|period)[ \])}>]|\.)[ ]?){1,4}"
    r"(?:ca|com|org|net|info|edu|gov|fr|uk|us|io|co|example|test|qc)(?![\w@])"
    r"|[ \])}>][ ]?(?:gmail|g-mail|hotmail|yahoo|outlook|icloud|sympatico|videotron|protonmail|live mail"
    r"|aol)(?![\w@])"
)
_SCHEMES = words("http https ftp ftps sftp file www mailto")
_URL = re.compile(
    r"(?:\b(?:https?|ftps?|sftp|file)[ ]?:[ ]?//[ ]?|\bwww[ ]?\.[ ]?|\bmailto:)[^\s<>\"|]{2,2000}",
    re.IGNORECASE,
)
_ENDING = re.compile(rf"\.({_TOP_LEVEL})(?![\w-])", re.IGNORECASE)
_NAME_BEFORE = re.compile(r"(?<![\w@./-])[a-z0-9][a-z0-9.-]{0,100}$", re.IGNORECASE)
_PATH_AFTER = re.compile(r"(?::\d{2,5})?(?:/[^\s<>\"|]{0,2000})?")
# Endings that are words: without a path they are the end of a sentence whose next one lost its space.
_WORDS_TOO = words(
    "me in it is no so to be am at us on de es care life live mail name pro site page test local health "
    "clinic link"
)
_PATH = re.compile(
    r"(?<![\w\\])(?:\\\\[\w.$-]{2,64}\\[^\s<>\"|]{1,400}|[A-Za-z]:\\(?:Users"
    r"|Documents and Settings)\\[^\s<>\"|]{1,400})",
    re.IGNORECASE,
)
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?:/\d{1,2})?(?![\w]|\.\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?:%\w{1,10})?(?![\w:])", re.IGNORECASE)
_MAC = re.compile(r"(?<![\w:-])[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?![\w:-])", re.IGNORECASE)
_COLONS = re.compile(r":[0-9a-fA-F]{0,4}:")
_PAIRS = re.compile(r"[:-]\w\w[:-]\w\w[:-]")
_HANDLE = re.compile(r"(?<![\w@.])@[ ]?([A-Za-z_][\w.]{1,40})")
_NETWORKS = vocabulary(
    [
        """instagram, insta, ig, facebook, fb, twitter, tweet, tweets, tiktok, tik tok, snapchat, snap,
        whatsapp, telegram, linkedin, reddit, discord, youtube, skype, signal, messenger, handle,
        username, user name, usager, nom d utilisateur, nom d usager, login, screen name, pseudo, dm,
        social media, threads, mastodon, bluesky, venmo, paypal, gamertag, xbox"""
    ]
)
_NAMED_USER = re.compile(
    r"[^\w\n]{0,4}(?:(?:handle|is|as|name|account|user|page|profile|compte|est|id|user name"
    r"|username)\b[^\w\n]{0,3}){0,3}([A-Za-z][\w.-]{2,40})",
    re.IGNORECASE,
)
_SHORTHAND = words(
    """home hs bedtime night noon work school clinic hospital er ed ltc rest the least most each time present
    baseline room site once lunch dinner supper breakfast am pm this that her his their discharge followup
    fu all last midnight hospice daycare gym church"""
)
# Published reference sites tell of no patient; a page on them is still worth a look.
_REFERENCE = re.compile(
    r"(?:https?://)?(?:www\.)?(?:[\w-]+\.)*(?:canada\.ca|ontario\.ca|quebec\.ca|cfpc\.ca|cpso\.on\.ca"
    r"|camh\.ca|nih\.gov|who\.int|doi\.org|uptodate\.com|cmaj\.ca|nejm\.org"
    r"|thelancet\.com|bmj\.com|cochrane\.org|hqontario\.ca|ismp-canada\.org|rxfiles\.ca|painbc\.ca"
    r"|cdc\.gov|iasp-pain\.org|machealth\.ca|wikipedia\.org)(?![\w.-])",
    re.IGNORECASE,
)


def find(reading: Reading) -> Iterator[Finding]:
    """All of them."""
    text = reading.text
    if "@" in text:
        yield from _around_signs(text)
    yield from _said(reading)
    yield from _places(reading)
    yield from _machines(reading)
    yield from _users(reading)


def _said(reading: Reading) -> Iterator[Finding]:
    """Mail addresses as they are dictated."""
    for word in reading.words if reading.mentions(_SAID) else ():
        if word.key in _SAID and (host := _SAID_HOST.match(reading.bare_text, word.end)):
            before = reading.before(word.start, 200)
            if local := _SAID_LOCAL.search(before):
                yield Finding(
                    word.start - len(before) + local.start(), host.end(), Kind.EMAIL, Tier.STOP, Reason.SHAPE
                )


def _around_signs(text: str) -> Iterator[Finding]:
    """What stands around each @: an address, or a name on social media."""
    place = text.find("@")
    while place >= 0:
        local = _LOCAL.search(text[max(0, place - 72) : place])
        host = _HOST.match(text, place + 1)
        if local and host and _is_mailbox(local[0], host[0]):
            yield Finding(place - len(local[0]), host.end(), Kind.EMAIL, Tier.STOP, Reason.SHAPE)
        elif handle := _HANDLE.match(text, place):
            yield from _handle(text, handle)
        place = text.find("@", place + 1)


def _is_mailbox(local: str, host: str) -> bool:
    """Whether both sides of an @ make an address: with no space between, or with a dot in the host."""
    if "." in host or re.search(r"\b(?:dot|point)\b", host):
        return any(letter.isalnum() for letter in local) and not host.strip()[0].isdigit()
    return (
        not local[-1].isspace()
        and not host[0].isspace()
        and host[0].isalpha()
        and len(host) > 2
        and local[-1].isalnum()
    )


def _handle(text: str, handle: re.Match[str]) -> Iterator[Finding]:
    name = handle[1].rstrip(".")
    if len(name) < 3 or bare(name) in _SHORTHAND:
        return
    near = Reading(text[max(0, handle.start() - 60) : handle.start()])
    sure = any(near.phrases(_NETWORKS)) or any(letter.isdigit() or letter == "_" for letter in name)
    if sure or handle.start(1) == handle.start() + 1:
        end = handle.start(1) + len(name)
        yield Finding(handle.start(), end, Kind.OTHER_ID, Tier.STOP if sure else Tier.CONFIRM, Reason.SHAPE)


def _places(reading: Reading) -> Iterator[Finding]:
    """Web addresses with and without a scheme, and paths on a computer."""
    text = reading.text
    for url in _URL.finditer(text) if reading.mentions(_SCHEMES) else ():
        yield _address(text, url.start(), url.end())
    for ending in _ENDING.finditer(text):
        before = text[max(0, ending.start() - 101) : ending.start()]
        name, path = _NAME_BEFORE.search(before), _PATH_AFTER.match(text, ending.end())
        if name and path and (path[0] or _ends_a_name(name[0], ending[1])):
            yield _address(text, ending.start() - len(name[0]), path.end())
    for file in _PATH.finditer(text) if "\\" in text else ():
        yield Finding(*file.span(), Kind.URL_IP, Tier.STOP, Reason.SHAPE)


def _ends_a_name(name: str, ending: str) -> bool:
    """Whether letters after a dot end the name of a site, not a sentence whose next one lost its space."""
    return not (ending.lower() in _WORDS_TOO or ending.istitle() or ending.isupper() != name.isupper())


def _machines(reading: Reading) -> Iterator[Finding]:
    """Addresses of machines on a network."""
    text = reading.text
    for address in reading.at_digits(_IPV4):
        if all(int(number) <= 255 for number in re.findall(r"\d+", address[0])[:4]):
            yield Finding(*address.span(), Kind.URL_IP, Tier.STOP, Reason.SHAPE)
    for address in _IPV6.finditer(text) if _COLONS.search(text) else ():
        groups = address[0].split(":")
        whole = len(groups) == 8 or (len(groups) >= 4 and "::" in address[0])
        if whole and any(map(str.isalnum, address[0])):
            yield Finding(*address.span(), Kind.URL_IP, Tier.STOP, Reason.SHAPE)
    for address in _MAC.finditer(text) if _PAIRS.search(text) else ():
        yield Finding(*address.span(), Kind.DEVICE_ID, Tier.STOP, Reason.SHAPE)


def _address(text: str, start: int, end: int) -> Finding:
    written = text[start:end].rstrip(".,;:!?)]}'*")
    tier = Tier.CONFIRM if _REFERENCE.match(written) else Tier.STOP
    return Finding(start, start + max(1, len(written)), Kind.URL_IP, tier, Reason.SHAPE)


def _users(reading: Reading) -> Iterator[Finding]:
    """Names of users after the name of a network: only those no ordinary word looks like."""
    for _, _, end, _ in reading.phrases(_NETWORKS):
        user = _NAMED_USER.match(reading.text, end)
        if user and re.search(r"[\d_]|[A-Za-z]\.[A-Za-z]", user[1]):
            name = user[1].rstrip(".-")
            yield Finding(user.start(1), user.start(1) + len(name), Kind.OTHER_ID, Tier.STOP, Reason.LABELLED)
