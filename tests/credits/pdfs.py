"""Reads a PDF back: its words, its links, its fonts, and the glyphs it draws."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ContentStream


def reader(pdf: bytes) -> PdfReader:
    return PdfReader(BytesIO(pdf))


def page_texts(pdf: bytes) -> list[str]:
    """The words of each page on one line, as a reader's eyes would join them."""
    return [re.sub(r"\s+", " ", page.extract_text()) for page in reader(pdf).pages]


def text(pdf: bytes) -> str:
    return " ".join(page_texts(pdf))


def links(pdf: bytes) -> list[str]:
    annotations = (annotation for page in reader(pdf).pages for annotation in page.get("/Annots", []))
    return [str(annotation.get_object()["/A"]["/URI"]) for annotation in annotations]


def fonts(pdf: bytes) -> dict[str, Any]:
    """Each font by its resource name; pages share one font dictionary."""
    found: dict[str, Any] = {}
    for page in reader(pdf).pages:
        resources = page["/Resources"]
        found |= {name: font.get_object() for name, font in resources["/Font"].get_object().items()}  # type: ignore[index]
    return found


def drawn_glyphs(pdf: bytes) -> Iterator[tuple[str, int]]:
    """Every (font resource, two-byte glyph code) the pages draw."""
    document = reader(pdf)
    for page in document.pages:
        font = ""
        for operands, operator in ContentStream(page.get_contents(), document).operations:
            if operator == b"Tf":
                font = str(operands[0])
            elif operator in (b"Tj", b"TJ"):
                for piece in operands[0] if operator == b"TJ" else operands:
                    if isinstance(piece, (str, bytes)):
                        code = getattr(piece, "original_bytes", piece)
                        assert isinstance(code, bytes)
                        for index in range(0, len(code), 2):
                            yield font, int.from_bytes(code[index : index + 2], "big")


def missing_glyphs(pdf: bytes) -> list[tuple[str, int]]:
    """The drawn codes that end as .notdef: a font that remaps codes, or the glyph 0 itself."""
    remapping = {name for name, font in fonts(pdf).items() if font["/Encoding"] != "/Identity-H"}
    return [(font, code) for font, code in drawn_glyphs(pdf) if code == 0 or font in remapping]
