"""Certificates as PDF: facts in, bytes out, conforming to PDF/A-3a (archive) and PDF/UA-1 (accessibility).

The same facts give the same bytes on the same machine, whichever certificates were drawn before. How a document is
drawn is `core.pdf`; how many are drawn quickly is in docs/decisions/compiled-certificates.md.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING

from core.pdf import PdfEngineMissingError, RenderingError, UnprintableTextError, pdf_engine_missing

from .errors import SignatureError, UnknownTemplateError

if TYPE_CHECKING:
    from credits.facts import CertificateFacts

    from .press import CertificatePress

__all__ = [
    "TEMPLATE_VERSION",
    "PdfEngineMissingError",
    "RenderingError",
    "SignatureError",
    "UnknownTemplateError",
    "UnprintableTextError",
    "certificate_press",
    "pdf_engine_missing",
    "press_certificate",
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


def press_certificate(facts: CertificateFacts, *, signature_png: bytes | None) -> bytes:
    """Draw one certificate of many: it looks and reads as from `render_certificate`, whose errors it raises.

    Whether it is put together from the parts of one of its kind or drawn alone depends on the facts alone.
    """
    return certificate_press().render(facts, signature_png=signature_png)


def certificate_press() -> CertificatePress:
    """This process's press. Raises PdfEngineMissingError without Pango."""
    if missing := pdf_engine_missing():
        raise PdfEngineMissingError(missing)
    # By process, as the engine is: a forked worker must not use its parent's fonts and lock.
    return _press_of(os.getpid())


@lru_cache(maxsize=1)
def _press_of(_pid: int) -> CertificatePress:
    from .press import CertificatePress  # noqa: PLC0415  (imports WeasyPrint)

    return CertificatePress()
