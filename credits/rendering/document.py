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
from .record import machine_copy
from .wording import CertificateView, certificate_view

# Version in the facts → template and style sheet. A version that was ever issued keeps its row and its files.
_TEMPLATES = {"1": ("credits/certificate.html", "certificate.css")}

# The first page is set in the first of these in which it fits on one page; in the last it may run on.
_DENSITIES = ("roomy", "roomy tight", "close", "dense", "dense tight")


def draw(facts: CertificateFacts, *, signature_png: bytes | None) -> bytes:
    """See `credits.rendering.render_certificate`."""
    return engine.write(compose(facts, signature_png=signature_png), embedded=[machine_copy(facts)])


def compose(facts: CertificateFacts, *, signature_png: bytes | None) -> Any:
    """The laid-out certificate, its first page set as roomily as what it holds allows."""
    check(facts, signature_png=signature_png)
    pictures = pictures_of(facts, signature_png=signature_png)
    return compose_view(certificate_view(facts), pictures, version=facts.template_version)


def check(facts: CertificateFacts, *, signature_png: bytes | None) -> None:
    """Raise UnknownTemplateError or SignatureError for facts that cannot be drawn with this signature."""
    if facts.template_version not in _TEMPLATES:
        raise UnknownTemplateError(
            _("This release has no certificate template of version %(version)s.")
            % {"version": facts.template_version}
        )
    check_signature(signature_png, sha256=facts.signature_sha256)


def pictures_of(facts: CertificateFacts, *, signature_png: bytes | None) -> dict[str, bytes]:
    """The pictures the page asks for, by address."""
    pictures = {"echo:qr": qr_png(facts.verification_url), "echo:mark": engine.MARK}
    if signature_png is not None:
        pictures["echo:signature"] = signature_on_paper(signature_png)
    return pictures


def compose_view(view: CertificateView, pictures: Mapping[str, bytes], *, version: str) -> Any:
    """The laid-out page of these words in the first density whose first page holds them."""
    template, style = _TEMPLATES[version]
    for density in _DENSITIES:
        with override(view.language):
            html = render_to_string(template, {"certificate": view, "density": density})
        document = lay_out(html, style, pictures)
        if _pages_before(document, "sessions") == 1:
            break
    return document


def style_of(version: str) -> str:
    """The name of the style sheet of a template version."""
    return _TEMPLATES[version][1]


def lay_out(html: str, style: str, pictures: Mapping[str, bytes]) -> Any:
    """The laid-out document in one of this package's style sheets."""
    return engine.lay_out(html, Path(__file__).parent / style, pictures)


def _pages_before(document: Any, anchor: str) -> int:
    for index, page in enumerate(document.pages):
        if anchor in page.anchors:
            return index
    raise AssertionError(f"The certificate template has lost its #{anchor}.")
