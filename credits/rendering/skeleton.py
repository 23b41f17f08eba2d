"""One certificate drawn by WeasyPrint and taken apart, so that others of its kind are put together from its parts.

Imports WeasyPrint, so this module is itself imported only where something is drawn.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from xml.sax.saxutils import escape

import pydyf

from core.pdf import engine
from core.pdf.assembly import Assembly, number_of, stream
from core.pdf.runs import Line, Typesetter, UnfitTextError, broken, embed
from credits.facts import CertificateFacts

from .document import compose_view
from .images import qr_pixels
from .places import Place, UnexpectedPageError, matrix, pick, places
from .record import machine_bytes, machine_copy
from .repertoire import FIGURES, LIGATURES
from .sentences import Sentence
from .sheets import Sheet
from .structure import Structure
from .table import Table
from .wording import CertificateView, SessionRow

_POINTS_PER_PIXEL = 0.75
_ROUNDING = 0.01
_PIECES_KEPT = 512
_PLACEHOLDER = SessionRow(held_on="0", title="0", direction="ltr", session_id="0", hours="0 h")
_SPACES = re.compile("[ \t\r\n]+")


class Skeleton:
    """What the certificates of one kind have in common, and where each one's own words go.

    A kind is a view without what is one person's (`press.kind_of`). Nothing of the person whose certificate asked
    for the skeleton stays in it, so it is the same whoever came first.
    """

    def __init__(
        self,
        view: CertificateView,
        pictures: Mapping[str, bytes],
        facts: CertificateFacts,
        *,
        repertoire: str,
    ) -> None:
        """`view` has the kind's words and any sentence of the kind's shape.

        Raises UnexpectedPageError where the certificates of this kind cannot be taken apart.
        """
        view = replace(view, name="n", rows=(_PLACEHOLDER,) * 3, total_hours="0 h")
        document = compose_view(view, pictures, version=facts.template_version)
        if len(document.pages) != 2:
            raise UnexpectedPageError("more than two pages")
        self._document, self._view, self._address = document, view, view.verification_address
        first, second = (places(page) for page in document.pages)
        self._find(first, second)
        # First of all, in an order of its own, so that the fonts do not depend on any page.
        with engine.exclusively():
            for place in (self._name, self._whose):
                embed(document, place.style, repertoire, LIGATURES)
            for style in _faces([*self._numbers, *self._sentence, *second]):
                embed(document, style, FIGURES)
        self._take(engine.objects(document, embedded=[machine_copy(facts)]), second)

    def _find(self, first: list[Place], second: list[Place]) -> None:
        (self._name,) = pick(first, lambda place: "name" in place.marks, 1)
        (self._whose,) = pick(second, lambda place: "whose" in place.marks, 1)
        self._numbers = number, footer, next_footer = [
            *pick(first, lambda place: "number" in place.marks, 1),
            *pick(first, lambda place: "@bottom-left" in place.marks, 1),
            *pick(second, lambda place: "@bottom-left" in place.marks, 1),
        ]
        if number.text != footer.text or footer.matrix != next_footer.matrix:
            raise UnexpectedPageError("feet of pages that differ")
        self._sentence = [place for place in first if "sentence" in place.marks]
        self._addresses = [place for place in first if "a" in place.marks]

    def _take(self, pdf: Any, second: list[Place]) -> None:
        objects = pdf.objects
        pages = [objects[item] for item in pdf.pages["Kids"][::3]]
        self._contents = [number_of(page["Contents"]) for page in pages]
        sheets = [Sheet(objects[item].stream) for item in self._contents]
        typesetter = self._typesetter = Typesetter(self._document.fonts)
        self._sheets = sheets
        self._dig(sheets)
        self._piece = lru_cache(maxsize=_PIECES_KEPT)(self._shape_piece)
        page_box = self._document.pages[1]._page_box  # noqa: SLF001  # a page's boxes have no public name
        self._table = Table(sheets[1], second, typesetter, foot=page_box.content_box_y() + page_box.height)
        for sheet in sheets:
            sheet.seal()
        self._structure = Structure(objects, mcids=self._table.free_mcids, page=1)
        self._notes = [objects[number_of(item)] for item in pages[0]["Annots"]]
        if len(self._notes) != len(self._addresses):
            raise UnexpectedPageError("not one link for each line of the address")
        self._metadata = _one(objects, lambda extra: extra.get("Type") == "/Metadata")
        self._file = _one(objects, lambda extra: extra.get("Type") == "/EmbeddedFile")
        self._code = _one(objects, lambda extra: extra.get("ColorSpace") == "/DeviceGray")
        self._xmp = self._metadata.stream[0].split(escape(self._view.number).encode())
        if len(self._xmp) != 2:
            raise UnexpectedPageError("the number is not once in the metadata")
        self._info, self._information = len(objects), pydyf.Dictionary(pdf.info)
        own = {note.number for note in self._notes} | self._structure.own | set(self._contents)
        own |= {self._metadata.number, self._file.number, self._code.number}
        self._assembly = Assembly(objects, root=pdf.catalog.number, info=self._info, own=own)
        # WeasyPrint's boxes and pages are no longer needed, its fonts are.
        del self._document

    def _dig(self, sheets: list[Sheet]) -> None:
        first, second = sheets
        self._fonts = {}
        for name, sheet, place in self._single_places(first, second):
            self._fonts[name] = sheet.font_at(place)
            sheet.dig_text(place, name)

    def _single_places(self, first: Sheet, second: Sheet) -> list[tuple[str, Sheet, Place]]:
        number, footer, next_footer = self._numbers
        return [
            ("name", first, self._name),
            ("whose", second, self._whose),
            ("number", first, number),
            ("footer", first, footer),
            ("next footer", second, next_footer),
            *((f"address {index}", first, place) for index, place in enumerate(self._addresses)),
            *((f"sentence {index}", first, place) for index, place in enumerate(self._sentence)),
        ]

    def press(self, view: CertificateView, sentence: Sentence, facts: CertificateFacts) -> bytes:
        """The certificate of this view, which is of the skeleton's kind; `facts` are what is embedded.

        Raises UnfitTextError or UnfitTableError where it cannot be put together as WeasyPrint would draw it.
        """
        table = self._table.set(view.rows, view.total_hours)
        name = _SPACES.sub(" ", view.name)
        number, footer, _next_footer = self._numbers
        texts = {
            "name": self._line("name", self._name, name),
            "number": self._line("number", number, view.number),
            "footer": self._line("footer", footer, view.number),
        }
        # The foot of both pages says the same in the same place, but for the number of the page.
        after = {"whose": self._line("whose", self._whose, name), "next footer": texts["footer"]}
        notes = self._set_address(view, texts)
        self._set_sentence(sentence, texts)
        packed, first_free = self._structure.of(table.lines)
        self._information["Title"] = pydyf.String(f"{view.document_title} {view.number}")
        side, code = qr_pixels(view.verification_url)
        copy = machine_bytes(facts)
        own = {
            self._contents[0]: stream(self._sheets[0].fill(texts), b""),
            self._contents[1]: stream(self._sheets[1].fill(after | table.contents), b""),
            self._metadata.number: stream(
                escape(view.number).encode().join(self._xmp), b"/Type /Metadata/Subtype /XML"
            ),
            self._file.number: stream(copy, self._file_entries(copy)),
            self._code.number: stream(code, _code_entries(side)),
            self._info: self._information.data,
            **notes,
        }
        return self._assembly.finish(own, [packed], first_free=first_free)

    def _line(self, name: str, place: Place, text: str) -> bytes:
        line = self._typesetter.line(text, place.style, font=self._fonts[name])
        # A box in the margin is as wide as what it holds.
        if line.width > place.within and not name.endswith("footer"):
            raise UnfitTextError("more than one line")
        return matrix(place.start(line.width), place.baseline) + b"\n" + line.operators

    def _set_address(self, view: CertificateView, texts: dict[str, bytes]) -> dict[int, bytes]:
        """Put the address into `texts`, and give its links by their objects' numbers."""
        first = self._addresses[0]
        lines = list(broken(view.verification_address, first.style, first.within))
        if len(lines) != len(self._addresses):
            raise UnfitTextError("an address of other lines")
        notes = {}
        for index, (text, place, note) in enumerate(zip(lines, self._addresses, self._notes, strict=True)):
            line = self._typesetter.line(text, place.style, font=self._fonts[f"address {index}"])
            start = place.start(line.width)
            texts[f"address {index}"] = matrix(start, place.baseline) + b"\n" + line.operators
            link = pydyf.Dictionary(note)
            link["Rect"] = pydyf.Array([start * _POINTS_PER_PIXEL, *note["Rect"][1:]])
            link["Contents"] = pydyf.String(view.verification_url)
            link["A"] = pydyf.Dictionary(note["A"] | {"URI": pydyf.String(view.verification_url)})
            notes[note.number] = link.data
        return notes

    def _set_sentence(self, sentence: Sentence, texts: dict[str, bytes]) -> None:
        pieces = sentence.matching(self._sentence)
        for index, (piece, place) in enumerate(zip(pieces, self._sentence, strict=True)):
            line = self._piece(index, piece.text)
            if abs(line.width - piece.width) > _ROUNDING:
                raise UnfitTextError("digits of several widths")
            start = matrix(place.block.content_box_x() + piece.x, place.baseline)
            texts[f"sentence {index}"] = start + b"\n" + line.operators

    def _shape_piece(self, index: int, text: str) -> Line:
        style = self._sentence[index].style
        return self._typesetter.line(text, style, font=self._fonts[f"sentence {index}"])

    def _file_entries(self, copy: bytes) -> bytes:
        entries = self._file.extra
        digest = hashlib.md5(copy, usedforsecurity=False).hexdigest()
        parameters = pydyf.Dictionary(entries["Params"] | {"CheckSum": f"<{digest}>", "Size": len(copy)})
        return b"/Type /EmbeddedFile/Subtype %s/Params %s" % (entries["Subtype"].encode(), parameters.data)


def _faces(found: list[Place]) -> list[Any]:
    """One style for each face of these places: they differ in size and colour, not in glyphs."""
    keys = ("font_family", "font_weight", "font_style", "font_variant_numeric")
    return list({tuple(place.style[key] for key in keys): place.style for place in found}.values())


def _code_entries(side: int) -> bytes:
    return (
        b"/Type /XObject/Subtype /Image/Width %d/Height %d"
        b"/ColorSpace /DeviceGray/BitsPerComponent 8/Interpolate false" % (side, side)
    )


def _one(objects: Sequence[Any], wanted: Callable[[Any], bool]) -> Any:
    """The one stream whose dictionary is wanted."""
    found = [item for item in objects if isinstance(item, pydyf.Stream) and wanted(item.extra)]
    if len(found) != 1:
        raise UnexpectedPageError(f"{len(found)} objects where there should be one")
    return found[0]
