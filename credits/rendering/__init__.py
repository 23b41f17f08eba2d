"""Certificates as PDF: facts in, bytes out, conforming to PDF/A-3a (archive) and PDF/UA-1 (accessibility).

The same facts give the same bytes on the same machine. WeasyPrint is loaded at the first certificate, not at
import: without Pango its import raises, and the portal must start all the same.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from .errors import (
    PdfEngineMissingError,
    RenderingError,
    SignatureError,
    UnknownTemplateError,
    UnprintableTextError,
)

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

_PACKAGES = (
    "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig "
    "fonts-dejavu-core fonts-noto-core fonts-droid-fallback fonts-wqy-microhei"
)


@cache
def pdf_engine_missing() -> str | None:
    """What to install before certificates can be drawn, as one sentence; None when they can.

    Asked once in a process: WeasyPrint complains at length each time. Restart the portal after installing.
    """
    try:
        import weasyprint  # noqa: F401, PLC0415  (see the module's docstring)
    except (ImportError, OSError):
        return _(
            "Certificates cannot be drawn on this machine: install the Debian packages %(packages)s."
        ) % {"packages": _PACKAGES}
    return None


def render_certificate(facts: CertificateFacts, *, signature_png: bytes | None) -> bytes:
    """Draw one certificate as a tagged PDF; `signature_png` must be the image whose SHA-256 the facts name.

    Holds a lock: one certificate at a time per process. Raises PdfEngineMissingError without Pango, and
    RenderingError when these facts cannot become a correct document.
    """
    if missing := pdf_engine_missing():
        raise PdfEngineMissingError(missing)
    from .document import draw  # noqa: PLC0415  (imports WeasyPrint)

    return draw(facts, signature_png=signature_png)
