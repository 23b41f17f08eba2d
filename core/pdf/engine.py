"""From HTML to PDF with WeasyPrint: one shared font configuration and style sheet per process.

Imports WeasyPrint, so this module is itself imported only where something is drawn.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from weasyprint import CSS, DEFAULT_OPTIONS, HTML, Attachment
from weasyprint.pdf import generate_pdf
from weasyprint.text.fonts import FontConfiguration

from .errors import UnprintableTextError
from .fetcher import InMemoryFetcher
from .metadata import claim_pdfua

MARK = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">'
    b'<circle cx="7" cy="16" r="4" fill="#0e5a4a"/><g fill="none" stroke-width="2.6" stroke-linecap="round">'
    b'<path d="M13 8.5a10.2 10.2 0 0 1 0 15" stroke="#0e5a4a"/>'
    b'<path d="M18 4.8a15.4 15.4 0 0 1 0 22.4" stroke="#5b9084"/>'
    b'<path d="M23 1.6a20.4 20.4 0 0 1 0 28.8" stroke="#a8c6bf"/></g></svg>'
)
"""The portal's mark, in its colours on paper."""


@dataclass
class _Engine:
    """What is costly to make and safe to share while one thread draws at a time: Pango is not thread-safe."""

    fonts: FontConfiguration = field(default_factory=FontConfiguration)
    styles: dict[Path, CSS] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def style(self, path: Path) -> CSS:
        if path not in self.styles:
            text = path.read_text(encoding="utf-8")
            # Without font_config, @font-face rules would be ignored in silence.
            self.styles[path] = CSS(string=text, font_config=self.fonts, url_fetcher=InMemoryFetcher({}))
        return self.styles[path]


@lru_cache(maxsize=1)
def _engine_of(_pid: int) -> _Engine:
    return _Engine()


def _engine() -> _Engine:
    # By process: a forked worker makes its own, rather than share Pango objects and a lock with its parent.
    return _engine_of(os.getpid())


def lay_out(html: str, style: Path, pictures: Mapping[str, bytes]) -> Any:
    """The laid-out document. What the page asks for beyond `pictures` is refused.

    Holds a lock: one document at a time per process.
    """
    engine = _engine()
    page = HTML(string=html, url_fetcher=InMemoryFetcher(pictures))
    with engine.lock:
        return page.render(
            font_config=engine.fonts, stylesheets=[engine.style(style)], pdf_variant="pdf/a-3a", pdf_tags=True
        )


@dataclass(frozen=True, slots=True)
class Embedded:
    """A file that travels inside the document, as the data the page was drawn from (PDF/A-3, 6.8)."""

    name: str
    content: bytes
    description: str
    dated: date


def write(document: Any, *, embedded: Sequence[Embedded] = ()) -> bytes:
    """The PDF of a laid-out document, with `embedded` in it.

    Raises UnprintableTextError where a character is in no font.
    """
    pdf = objects(document, embedded=embedded)
    output = BytesIO()
    pdf.write(output, version="1.7", identifier=True, compress=True)
    return output.getvalue()


def objects(document: Any, *, embedded: Sequence[Embedded] = ()) -> Any:
    """What `write` writes, as pydyf's objects; the document information is not yet among them. Raises as it does."""
    claim_pdfua(document.metadata)
    options = DEFAULT_OPTIONS | {
        "pdf_variant": "pdf/a-3a",
        "pdf_version": "1.7",
        "pdf_tags": True,
        "output_intent": "srgb",
        "attachments": [_attachment(file) for file in embedded],
    }
    with exclusively():
        pdf = generate_pdf(document, None, 1, **options)
    if "AF" in pdf.catalog:
        # WeasyPrint names each file twice, once as embedded and once as a file specification.
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])
    missing = sorted({codepoint for font in document.fonts.values() for codepoint in font.missing})
    if missing:
        raise UnprintableTextError(
            _("No installed font has these characters: %(characters)s. Install one that has, then retry.")
            % {"characters": ", ".join(f"{chr(codepoint)} (U+{codepoint:04X})" for codepoint in missing)}
        )
    return pdf


@contextmanager
def exclusively() -> Iterator[None]:
    """Hold the one lock of this process under which anything of Pango may be called."""
    with _engine().lock:
        yield


def _attachment(file: Embedded) -> Attachment:
    dated = datetime.combine(file.dated, time(), tzinfo=UTC)
    return Attachment(
        string=file.content,
        url_fetcher=InMemoryFetcher({}),
        name=file.name,
        description=file.description,
        created=dated,
        modified=dated,
        relationship="Data",
    )
