"""Certificates as PDF: facts in, bytes out, conforming to PDF/A-3a (archive) and PDF/UA-1 (accessibility).

The same facts give the same bytes on the same machine. How a document is drawn is `core.pdf`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.pdf import PdfEngineMissingError, RenderingError, UnprintableTextError, pdf_engine_missing

from .errors import SignatureError, UnknownTemplateError

if TYPE_CHECKING:
    from credits.facts import CertificateFacts

__all__ = [
    "TEMPLATE_VERSION",
    "PdfEngineMissingError",
    "RenderingError",
    "SignatureError",
    "UnknownTemplateError",
    "UnprintableTextError",
    "pdf_engine_missing",
    "render_certificate",
]

TEMPLATE_VERSION = "1"
"""The version new certificates are issued with. An issued one keeps the version in its facts."""


def render_certificate(facts: CertificateFacts, *, signature_png: bytes | None) -> bytes:
    """Draw one certificate as a tagged PDF; `signature_png` must be the image whose SHA-256 the facts name.

    Holds a lock: one certificate at a time per process. Raises PdfEngineMissingError without Pango, and
    RenderingError when these facts cannot become a correct document.
    """
    if missing := pdf_engine_missing():
        raise PdfEngineMissingError(missing)
    from .document import draw  # noqa: PLC0415  (imports WeasyPrint)

    return draw(facts, signature_png=signature_png)
