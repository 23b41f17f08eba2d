"""Documents as PDF: HTML in, bytes out, conforming to PDF/A-3a (archive) and PDF/UA-1 (accessibility).

WeasyPrint is loaded at the first document, not at import: without Pango its import raises, and the portal must
start all the same. So `core.pdf.engine` and `core.pdf.fetcher` are imported only where something is drawn.
"""

from __future__ import annotations

from functools import cache

from django.utils.translation import gettext as _

from .errors import PdfEngineMissingError, RenderingError, UnprintableTextError
from .text import clean, direction

__all__ = [
    "PdfEngineMissingError",
    "RenderingError",
    "UnprintableTextError",
    "clean",
    "direction",
    "pdf_engine_missing",
]

_PACKAGES = (
    "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fontconfig "
    "fonts-dejavu-core fonts-noto-core fonts-droid-fallback fonts-wqy-microhei"
)


@cache
def pdf_engine_missing() -> str | None:
    """What to install before certificates and letters can be drawn, as one sentence; None when they can.

    Asked once in a process: WeasyPrint complains at length each time. Restart the portal after installing.
    """
    try:
        import weasyprint  # noqa: F401, PLC0415  (see the module's docstring)
    except (ImportError, OSError):
        return _(
            "Certificates and letters cannot be drawn on this machine: install the Debian packages %(packages)s."
        ) % {"packages": _PACKAGES}
    return None
