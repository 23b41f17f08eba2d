"""The one sentence of a certificate, laid out alone: its lines decide how everything below it falls.

Imports WeasyPrint, so this module is itself imported only where something is drawn.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from html import unescape

from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.translation import override

from .document import lay_out, style_of
from .places import Place, UnexpectedPageError, places
from .wording import CertificateView

_KEPT = 2048
# The sentence has one size in the roomy and close densities and another in the dense ones.
_SIZES = ("roomy", "dense")
_DIGIT = re.compile("[0-9]")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of one line in one style, `x` CSS pixels from the left edge of the sentence and `width` wide."""

    text: str
    x: float
    width: float
    line: int
    tag: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """The sentence in each of its sizes, by the name of the size."""

    pieces: dict[str, tuple[Piece, ...]]
    sizes: dict[str, float]

    @property
    def shape(self) -> tuple[object, ...]:
        """What other sentences must have in common with this to stand in its place: its lines and styles."""
        return tuple(tuple((piece.line, piece.tag) for piece in self.pieces[size]) for size in _SIZES)

    def matching(self, found: list[Place]) -> tuple[Piece, ...]:
        """The pieces in the size of these places of a page."""
        size = found[0].style["font_size"]
        return next(self.pieces[name] for name in _SIZES if self.sizes[name] == size)


def sentence_of(view: CertificateView, *, version: str) -> Sentence:
    """The sentence of this view, broken into lines as on the page.

    Laid out with zeros for its digits, which are all of one width in the fonts of certificates: who draws the pieces
    must see that each is as wide as it says.
    """
    words = _Words(
        view.attended_sessions,
        view.attended_hours,
        view.accredited_title,
        view.earned,
        view.earned_is_short,
        view.language,
    )
    return _sentence(words, version)


@dataclass(frozen=True, slots=True)
class _Words:
    """What the sentence says, by the names its template knows."""

    attended_sessions: str
    attended_hours: str
    accredited_title: str
    earned: str
    earned_is_short: bool
    language: str

    def html(self) -> str:
        with override(self.language):
            return render_to_string("credits/_certificate_sentence.html", {"certificate": self})

    def blank(self) -> _Words:
        return replace(
            self,
            attended_sessions=_DIGIT.sub("0", self.attended_sessions),
            attended_hours=_DIGIT.sub("0", self.attended_hours),
            earned=_DIGIT.sub("0", self.earned),
        )


@lru_cache(maxsize=_KEPT)
def _sentence(words: _Words, version: str) -> Sentence:
    laid_out = _laid_out(words.blank().html(), words.language, version)
    digits = _DIGIT.findall(unescape(strip_tags(words.html())))
    return Sentence(
        {size: _with_digits(pieces, digits) for size, pieces in laid_out.pieces.items()}, laid_out.sizes
    )


def _with_digits(pieces: tuple[Piece, ...], digits: list[str]) -> tuple[Piece, ...]:
    """The pieces with these digits in the order they are read in."""
    if sum(len(_DIGIT.findall(piece.text)) for piece in pieces) != len(digits):
        raise UnexpectedPageError("digits that are not the sentence's")
    rest = iter(digits)
    return tuple(
        replace(piece, text="".join(next(rest) if _DIGIT.match(each) else each for each in piece.text))
        for piece in pieces
    )


@lru_cache(maxsize=_KEPT)
def _laid_out(words: str, language: str, version: str) -> Sentence:
    blocks = "".join(f'<div class="{size}">{words}</div>' for size in _SIZES)
    html = f'<!doctype html><html lang="{language}"><title>-</title><body><section>{blocks}</section>'
    pages = lay_out(html, style_of(version), {}).pages
    if len(pages) != 1:
        raise UnexpectedPageError("a sentence of more than half a page")
    found = places(pages[0])
    pieces, sizes = {}, {}
    for size in _SIZES:
        mine = [place for place in found if size in place.marks]
        pieces[size] = tuple(
            Piece(
                place.text,
                place.x - place.block.content_box_x(),
                place.right - place.x,
                place.line,
                next(tag for tag in ("cite", "strong", "p") if tag in place.marks),
            )
            for place in mine
        )
        sizes[size] = mine[0].style["font_size"]
    return Sentence(pieces, sizes)
