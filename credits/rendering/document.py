"""From facts to PDF.

Imports WeasyPrint, so this module is itself imported only when a certificate is drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.pdf import engine
from credits.facts import CertificateFacts

from .errors import UnknownTemplateError
from .images import check_signature, qr_png, signature_on_paper
from .wording import certificate_view

# Version in the facts → template and style sheet. A version that was ever issued keeps its row and its files.
_TEMPLATES = {"1": ("credits/certificate.html", "certificate.css")}

# The first page is set in the first of these in which it fits on one page; in the last it may run on.
_DENSITIES = ("roomy", "roomy tight", "close", "dense", "dense tight")


def draw(facts: CertificateFacts, *, signature_png: bytes | None) -> bytes:
    """See `credits.rendering.render_certificate`."""
    return engine.write(compose(facts, signature_png=signature_png))


def compose(facts: CertificateFacts, *, signature_png: bytes | None) -> Any:
    """The laid-out certificate, its first page set as roomily as what it holds allows."""
    if facts.template_version not in _TEMPLATES:
        raise UnknownTemplateError(
            _("This release has no certificate template of version %(version)s.")
            % {"version": facts.template_version}
        )
    template, style = _TEMPLATES[facts.template_version]
    check_signature(signature_png, sha256=facts.signature_sha256)
    pictures = {"echo:qr": qr_png(facts.verification_url), "echo:mark": engine.MARK}
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
    """The laid-out document in one of this package's style sheets."""
    return engine.lay_out(html, Path(__file__).parent / style, pictures)


def _pages_before(document: Any, anchor: str) -> int:
    for index, page in enumerate(document.pages):
        if anchor in page.anchors:
            return index
    raise AssertionError(f"The certificate template has lost its #{anchor}.")
