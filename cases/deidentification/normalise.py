"""A text as a reader sees it, in plain characters, with the way back to the text as it was written.

An identifier can hide behind characters that look alike, are invisible, or stand apart. What is searched
    is the
plain text; what is reported are places in the text as given.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# What is neither printable ASCII nor a tab or a line end needs a look, and so do the entities of pasted web pages.
_EXOTIC = re.compile(r"[^\t\n\r -~]|&(?:[A-Za-z]{2,8}|#\d{2,6}|#[xX][0-9a-fA-F]{2,5});")
_WORD = re.compile(r"\w+")

# Marks that follow one letter are joined to it; a heap of them is decoration, and sorting a heap takes quadratic time.
_MARKS_READ = 3
_LONGEST = 4

# Cyrillic and Greek letters (and the small capitals of phonetics) that print as Latin ones.
_LOOK_ALIKES = str.maketrans(
    "АВЕЅЗІЈКМНОРСТУХҮԚԜаеіјорсухѕһԁԛԝүӏᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορυχϲϳ",
    "ABES3IJKMHOPCTYXYQWaeijopcyxshdqwylABCDEFGHIJKLMNOPRSTUVWYZABEZHIKMNOPTYXaiKvopuxcj",
)
_LOOKS_LATIN = re.compile("[" + "".join(map(chr, _LOOK_ALIKES)) + "]")

# Compatibility forms that mean something as they are: fractions beside a number, and signs on a brand's name.
_KEPT = frozenset("¼½¾⅓⅔⅛⅜⅝⅞™®©ªᵃ")
_PLAIN = {
    **dict.fromkeys("‘’‚‛ʼʹ′´`ˊˋ", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("\x85\u2028\u2029", "\n"),
    **dict.fromkeys("\x0b\x0c\u2800", " "),
    **dict.fromkeys("−⁃˗➖﹘", "-"),
    **dict.fromkeys("⁄∕⧸╱", "/"),
    # A long dash is a pause between words; between digits it is a separator.
    **dict.fromkeys("—―", "—"),
    # Half of a character is none.
    **dict.fromkeys(map(chr, range(0xD800, 0xE000)), "\ufffd"),
    "․": ".",
    "։": ":",
    "꞉": ":",
    "∶": ":",
}
# White letters on squares and discs, which Unicode leaves undecomposed.
_WHITE_LETTERS = (0x1F130, 0x1F150, 0x1F170)
# Letters without a shape of their own: fillers that take no room.
_INVISIBLE = frozenset("\u115f\u1160\u3164\uffa0\u034f\u17b4\u17b5")


@dataclass(frozen=True, slots=True)
class Normalised:
    """A plain text, and where each of its characters came from.

    `starts` and `ends` hold, for each character of `text`, the half-open range of the original it stands
    for; both are
    None where the two texts are the same. `hidden` are the places in the original of characters that show
    nothing or
    look like others.
    """

    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None
    hidden: tuple[int, ...] = ()

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The range of the original that `text[start:end]` stands for; an empty range stays empty."""
        if self.starts is None or self.ends is None:
            return start, end
        if start >= end:
            place = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return place, place
        return self.starts[start], self.ends[end - 1]


def normalise(text: str) -> Normalised:
    """The text in plain characters; letter case and diacritics are kept.

    Invisible characters go, wide and ornamental letters and the digits of other scripts become plain ones,
    letters of
    another alphabet inside a Latin word become Latin, exotic spaces, dashes and quotes become plain. Never
    raises.
    """
    if not _EXOTIC.search(text):
        return Normalised(text)
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    hidden: list[int] = []
    place = 0
    while place < len(text):
        exotic = _EXOTIC.search(text, place)
        stop = exotic.start() if exotic else len(text)
        pieces.append(text[place:stop])
        starts.extend(range(place, stop))
        ends.extend(range(place + 1, stop + 1))
        if exotic is None:
            break
        written = html.unescape(exotic[0])
        if len(written) == 1 and _is_mark(written):
            place = _end_of_marks(text, stop)
            joined = _joined(pieces, text[stop : min(place, stop + _MARKS_READ)])
            hidden.extend(range(stop if not joined else stop + 1, place))
            if ends:
                ends[-1] = place
            continue
        place = exotic.end()
        plain = _plain(written) if len(written) == 1 else written
        if not plain or _is_disguise(written, plain):
            hidden.append(stop)
        if plain == "—" and _between_digits(text, stop):
            plain = "-"
        pieces.append(plain)
        starts.extend([stop] * len(plain))
        ends.extend([place] * len(plain))
    plain_text, disguised = _latin("".join(pieces))
    hidden.extend(starts[index] for index in disguised)
    return Normalised(plain_text, tuple(starts), tuple(ends), tuple(sorted(set(hidden))))


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """What one character is read as; nothing for one that shows nothing."""
    if character in _PLAIN:
        return _PLAIN[character]
    if character in _KEPT:
        return character
    category = unicodedata.category(character)
    if category in {"Cf", "Cc"} or character in _INVISIBLE:
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category in {"Zs", "Pd"}:
        return " " if category == "Zs" else "-"
    for first in _WHITE_LETTERS:
        if first <= ord(character) < first + 26:
            return chr(ord("A") + ord(character) - first)
    plain = unicodedata.normalize("NFKC", character).replace("\u2044", "/")
    # An accent with a place of its own would come apart into a space and a mark, some signs into whole sentences.
    return character if plain.startswith(" ") or len(plain) > _LONGEST else plain


def _is_disguise(character: str, plain: str) -> bool:
    """Whether a letter or digit was written as another character that looks like it."""
    return character != plain and plain.isascii() and plain.isalnum() and character not in "ºµ№²³¹"


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) in {"Mn", "Me"} and character not in _INVISIBLE


def _end_of_marks(text: str, place: int) -> int:
    while place < len(text) and (_is_mark(text[place])):
        place += 1
    return place


def _joined(pieces: list[str], marks: str) -> bool:
    """Join marks to the letter before them where one character has both; otherwise the letter stays bare."""
    while pieces and not pieces[-1]:
        pieces.pop()
    if not pieces:
        return False
    last = pieces[-1]
    whole = unicodedata.normalize("NFC", last[-1] + marks)
    if len(whole) > 1:
        whole = unicodedata.normalize("NFC", last[-1] + marks[0])
    if len(whole) > 1 or whole == last[-1]:
        return False
    pieces[-1] = last[:-1]
    pieces.append(whole)
    return True


def _between_digits(text: str, place: int) -> bool:
    return text[place - 1 : place].isdigit() and text[place + 1 : place + 2].isdigit()


def _latin(text: str) -> tuple[str, list[int]]:
    """Look-alike letters made Latin in words that mix alphabets or consist of nothing else; and where they stood."""
    if not _LOOKS_LATIN.search(text):
        return text, []
    disguised: list[int] = []

    def fold(word: re.Match[str]) -> str:
        folded = word[0].translate(_LOOK_ALIKES)
        mixed = any("a" <= letter.lower() <= "z" or letter in "0123456789" for letter in word[0])
        if folded == word[0] or not (mixed or (folded.isascii() and len(folded) > 1)):
            return word[0]
        disguised.extend(
            word.start() + index
            for index, (old, new) in enumerate(zip(word[0], folded, strict=True))
            if old != new
        )
        return folded

    return _WORD.sub(fold, text), disguised


# Three letters or digits and more that stand apart one by one; two spaces part words.
_SPACED_OUT = re.compile(
    r"(?<![^\W_])(?:[^\W\d_](?:[ \t][^\W\d_](?![^\W_])){2,}|\d(?:[ \t]\d(?![^\W_])){2,})"
)


def joined_up(normalised: Normalised) -> Normalised | None:
    """The text with letters and digits that a scan set apart ("J o h n", "1 2 3 4") joined; None if there are none."""
    gaps = {
        place
        for found in _SPACED_OUT.finditer(normalised.text)
        for place in range(found.start() + 1, found.end(), 2)
    }
    if not gaps:
        return None
    kept = [place for place in range(len(normalised.text)) if place not in gaps]
    ranges = [normalised.origin(place, place + 1) for place in kept]
    return Normalised(
        "".join(normalised.text[place] for place in kept),
        tuple(start for start, _ in ranges),
        tuple(end for _, end in ranges),
        normalised.hidden,
    )


# Words and numbers in which a scan may have put letters for digits, or digits for letters.
_MISREAD = re.compile(
    r"(?<![^\W_])(?=[\dA-Za-z|]{0,40}\d)(?=[\dA-Za-z|]{0,40}[A-Za-z|])[\dA-Za-z|]{2,40}(?![^\W_])"
)
_AS_DIGITS = str.maketrans("OoQlI|", "000111")
_AS_LETTERS = str.maketrans("01", "ol")
_LEVEL = re.compile(r"[lI][1-5]|[Oo]2")


def reread(normalised: Normalised) -> Normalised | None:
    """The text with what a scan confuses put right, O, l and I among digits, 0 and 1 among letters; None without."""

    def right(word: re.Match[str]) -> str:
        as_digits = word[0].translate(_AS_DIGITS)
        if as_digits.isdigit():
            return word[0] if _LEVEL.fullmatch(word[0]) else as_digits
        letters = sum(map(str.isalpha, word[0]))
        as_letters = word[0].translate(_AS_LETTERS)
        return (
            as_letters
            if as_letters.isalpha() and letters >= 3 and letters > 2 * (len(word[0]) - letters)
            else word[0]
        )

    text = _MISREAD.sub(right, normalised.text)
    if text == normalised.text:
        return None
    return Normalised(text, normalised.starts, normalised.ends, normalised.hidden)
