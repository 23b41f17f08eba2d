"""A cycle's results on paper."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import get_language

from core.pdf import PdfEngineMissingError, pdf_engine_missing
from sessions_app.models import Cycle


def render_results(cycle: Cycle, context: Mapping[str, Any], *, now: datetime) -> bytes:
    """Draw the figures as a tagged PDF in the active language (PDF/A-3a and PDF/UA-1).

    Raises PdfEngineMissingError without Pango, and RenderingError where a character is in no installed font.
    """
    if missing := pdf_engine_missing():
        raise PdfEngineMissingError(missing)
    from core.pdf import engine  # noqa: PLC0415  (imports WeasyPrint)

    html = render_to_string(
        "surveys/results_pdf.html", {**context, "cycle": cycle, "now": now, "language": get_language()}
    )
    document = engine.lay_out(html, Path(__file__).parent / "paper.css", {"echo:mark": engine.MARK})
    return engine.write(document)
