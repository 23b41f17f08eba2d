"""From facts to PDF with WeasyPrint: one shared font configuration and style sheet per process.

Imports WeasyPrint, so this module is itself imported only when a certificate is drawn.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from credits.facts import CertificateFacts

from .errors import UnknownTemplateError, UnprintableTextError
from .fetcher import InMemoryFetcher
from .images import check_signature, qr_png, signature_on_paper
from .metadata import claim_pdfua
from .wording import certificate_view

# Version in the facts → template and style sheet. A version that was ever issued keeps its row and its files.
_TEMPLATES = {"1": ("credits/certificate.html", "certificate.css")}

# The first page is set in the first of these in which it fits on one page; in the last it may run on.
_DENSITIES = ("roomy", "roomy tight", "close", "dense", "dense tight")

_MARK = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="32" height="32">'
    b'<circle cx="7" cy="16" r="4" fill="#0e5a4a"/><g fill="none" stroke-width="2.6" stroke-linecap="round">'
    b'<path d="M13 8.5a10.2 10.2 0 0 1 0 15" stroke="#0e5a4a"/>'
    b'<path d="M18 4.8a15.4 15.4 0 0 1 0 22.4" stroke="#5b9084"/>'
    b'<path d="M23 1.6a20.4 20.4 0 0 1 0 28.8" stroke="#a8c6bf"/></g></svg>'
)


@dataclass
class _Engine:
    """What is costly to make and safe to share while one thread draws at a time: Pango is not thread-safe."""

    fonts: FontConfiguration = field(default_factory=FontConfiguration)
    styles: dict[str, CSS] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def style(self, name: str) -> CSS:
        if name not in self.styles:
            text = (Path(__file__).parent / name).read_text(encoding="utf-8")
            # Without font_config, @font-face rules would be ignored in silence.
            self.styles[name] = CSS(string=text, font_config=self.fonts, url_fetcher=InMemoryFetcher({}))
        return self.styles[name]


@lru_cache(maxsize=1)
def _engine_of(_pid: int) -> _Engine:
    return _Engine()


def _engine() -> _Engine:
    # By process: a forked worker makes its own, rather than share Pango objects and a lock with its parent.
    return _engine_of(os.getpid())


def draw(facts: CertificateFacts, *, signature_png: bytes | None) -> bytes:
    """See `credits.rendering.render_certificate`."""
    return write(compose(facts, signature_png=signature_png))


def compose(facts: CertificateFacts, *, signature_png: bytes | None) -> Any:
    """The laid-out certificate, its first page set as roomily as what it holds allows."""
    if facts.template_version not in _TEMPLATES:
        raise UnknownTemplateError(
            _("This release has no certificate template of version %(version)s.")
            % {"version": facts.template_version}
        )
    template, style = _TEMPLATES[facts.template_version]
    check_signature(signature_png, sha256=facts.signature_sha256)
    pictures = {"echo:qr": qr_png(facts.verification_url), "echo:mark": _MARK}
    if signature_png is not None:
        pictures["echo:signature"] = signature_on_paper(signature_png)
    view = certificate_view(facts)
    for density in _DENSITIES:
        with override(facts.language):
            html = render_to_string(template, {"certificate": view, "density": density})
        document = lay_out(html, style, pictures)
        if _pages_before(document, "sessions") == 1:
            break
    return document


def lay_out(html: str, style: str, pictures: Mapping[str, bytes]) -> Any:
    """The laid-out document. What the page asks for beyond `pictures` is refused."""
    engine = _engine()
    page = HTML(string=html, url_fetcher=InMemoryFetcher(pictures))
    with engine.lock:
        return page.render(
            font_config=engine.fonts, stylesheets=[engine.style(style)], pdf_variant="pdf/a-3a", pdf_tags=True
        )


def write(document: Any) -> bytes:
    """The PDF of a laid-out document. Raises UnprintableTextError where a character is in no font."""
    claim_pdfua(document.metadata)
    with _engine().lock:
        pdf: bytes = document.write_pdf(pdf_variant="pdf/a-3a", pdf_tags=True)
    missing = sorted({codepoint for font in document.fonts.values() for codepoint in font.missing})
    if missing:
        raise UnprintableTextError(
            _("No installed font has these characters: %(characters)s. Install one that has, then retry.")
            % {"characters": ", ".join(f"{chr(codepoint)} (U+{codepoint:04X})" for codepoint in missing)}
        )
    return pdf


def _pages_before(document: Any, anchor: str) -> int:
    for index, page in enumerate(document.pages):
        if anchor in page.anchors:
            return index
    raise AssertionError(f"The certificate template has lost its #{anchor}.")
