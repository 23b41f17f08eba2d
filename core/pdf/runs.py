"""Single lines of text, shaped and written by WeasyPrint itself, in the fonts of a document already drawn.

Imports WeasyPrint, so this module is itself imported only where something is drawn. Call under `engine.exclusively`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from weasyprint.draw.text import draw_first_line
from weasyprint.matrix import Matrix
from weasyprint.pdf.stream import Stream
from weasyprint.text.line_break import create_layout, line_size, split_first_line

_GLYPHS = re.compile(rb"<([0-9a-f]+)>")
_FONT = re.compile(rb"/(\S+) \S+ Tf")
# Fonts draw a no-break space with the glyph of a space, and a PDF knows one character for each glyph.
_AS_READ = str.maketrans({"\u00a0": " "})


class UnfitTextError(Exception):
    """This line cannot be drawn with the fonts at hand as WeasyPrint would draw it on its own page."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line's operators after the text matrix, and its width in CSS pixels."""

    operators: bytes
    width: float


class Typesetter:
    """Shapes lines of text in the embedded fonts of one document; knows no glyph beyond those."""

    def __init__(self, fonts: dict[Any, Any]) -> None:
        self._fonts = fonts
        self._known = {key: (dict(font.to_unicode), dict(font.widths)) for key, font in fonts.items()}
        self._reads = {font.hash.encode(): self._known[key][0] for key, font in fonts.items()}

    def line(self, text: str, style: Any, *, font: bytes) -> Line:
        """The text on one line. Raises UnfitTextError unless `font` alone draws it and it reads as `text`."""
        layout = create_layout(text, style, None, None, 0)
        first, _resume = layout.get_first_line()
        width, _height = line_size(first, style)
        return Line(self._operators(text, style, layout, font), width)

    def lines(self, text: str, style: Any, *, font: bytes, within: float) -> list[Line]:
        """The text broken as WeasyPrint breaks a paragraph `within` CSS pixels wide. Raises as `line` does."""
        return [self.line(part, style, font=font) for part in broken(text, style, within)]

    def _operators(self, text: str, style: Any, layout: Any, font: bytes) -> bytes:
        stream = _scratch(self._fonts)
        draw_first_line(stream, _box(text, style, layout), "clip", "none", Matrix())
        operators = stream.stream[1:]
        if self._forget_new_glyphs() or len(operators) != 2:
            raise UnfitTextError("a glyph that is not in the document's fonts")
        used = _FONT.fullmatch(operators[0])
        if used is None or used[1] != font:
            raise UnfitTextError("another font than the place is set in")
        reads = self._reads[font]
        read = "".join(
            reads[int(codes[at : at + 4], 16)]
            for codes in _GLYPHS.findall(operators[1])
            for at in range(0, len(codes), 4)
        )
        if read.translate(_AS_READ) != text.translate(_AS_READ):
            raise UnfitTextError("glyphs that would read as other characters")
        return b"\n".join(operators)

    def _forget_new_glyphs(self) -> bool:
        """Whether drawing asked for glyphs the document does not embed; the fonts know none of them afterwards."""
        has_new = False
        for key in list(self._fonts):
            if key not in self._known:
                del self._fonts[key]
                has_new = True
                continue
            font, (reads, widths) = self._fonts[key], self._known[key]
            if len(font.to_unicode) != len(reads) or font.missing:
                font.to_unicode, font.widths, font.missing = dict(reads), dict(widths), {}
                has_new = True
        return has_new


def broken(text: str, style: Any, within: float) -> Iterator[str]:
    """The lines of a paragraph of one style, as WeasyPrint breaks them."""
    rest: bytes | None = text.encode()
    while rest:
        layout, _length, resume, _width, _height, _baseline = split_first_line(
            rest.decode(), style, None, within, 0
        )
        yield layout.text
        rest = None if resume is None else rest[resume:]


def embed(document: Any, style: Any, characters: Iterable[str], words: Iterable[str] = ()) -> None:
    """Have a laid-out document embed those of the `characters` that the first font of `style` has.

    `words` bring glyphs that stand for several characters, such as the ligature in "fi".
    """
    alone = " ".join(dict.fromkeys(characters))
    trial: dict[Any, Any] = {}
    _draw(trial, style, "n " + alone)
    first = next(iter(trial.values()))
    had = {read for glyph, read in first.to_unicode.items() if glyph not in first.missing.values()}
    _draw(document.fonts, style, " ".join([*(read for read in alone.split(" ") if read in had), *words]))


def _draw(fonts: dict[Any, Any], style: Any, text: str) -> None:
    layout = create_layout(text, style, None, None, 0)
    draw_first_line(_scratch(fonts), _box(text, style, layout), "clip", "none", Matrix())


def _box(text: str, style: Any, layout: Any) -> Any:
    return SimpleNamespace(text=text, style=style, pango_layout=layout)


def _scratch(fonts: dict[Any, Any]) -> Any:
    return Stream(fonts, None, {}, {}, None, {}, None)
