"""What a letter says, as its page, its preview and its PDF print it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.translation import get_language

from cases.models import CaseSubmission, Heading, RecommendationLetter
from core.pdf import PdfEngineMissingError, clean, direction, pdf_engine_missing
from core.templatetags.portal import localized_text

QUESTIONS = ("question_1", "question_2", "question_3")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A part of a text between blank lines, and the way it runs."""

    text: str
    direction: str


@dataclass(frozen=True, slots=True)
class Item:
    """What one person recommends under a heading."""

    paragraphs: tuple[Paragraph, ...]
    author: str
    title: str


@dataclass(frozen=True, slots=True)
class Group:
    """A heading of the letter, with all that is recommended under it."""

    heading: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class LetterView:
    """The words of a letter. Nothing here is markup; the templates escape all of it."""

    echo_id: str
    program: str
    hubs: tuple[str, ...]
    presented_at: datetime | None
    number: int
    correction: str
    questions: tuple[Paragraph, ...]
    opening: tuple[Paragraph, ...]
    groups: tuple[Group, ...]
    signed_name: str
    signed_title: str
    signed_at: datetime | None


def letter_view(letter: RecommendationLetter, *, case: CaseSubmission) -> LetterView:
    """Word a letter in the active language; what people wrote stays in theirs. An unsaved letter is a preview.

    `case` comes with its version, its session, and its presenter's cycle and program.
    """
    program = case.presenter.cycle.program
    content: Mapping[str, str] = case.version.content if case.version else {}
    hubs = [row.hub for row in program.program_hubs.select_related("hub").order_by("position")]
    return LetterView(
        echo_id=case.echo_id,
        program=clean(localized_text(program, "name")),
        hubs=tuple(clean(localized_text(hub, "name")) for hub in hubs),
        presented_at=case.session.starts_at if case.session else None,
        number=letter.number,
        correction=clean(letter.correction),
        questions=tuple(
            paragraph for key in QUESTIONS if content.get(key) for paragraph in _paragraphs(content[key])
        ),
        opening=_paragraphs(letter.opening),
        groups=tuple(
            Group(str(heading.label), items)
            for heading in Heading
            if (items := _items(letter, heading.value))
        ),
        signed_name=clean(letter.signed_name),
        signed_title=clean(letter.signed_title),
        signed_at=letter.signed_at,
    )


def render_letter(letter: RecommendationLetter, *, case: CaseSubmission) -> bytes:
    """Draw a letter as a tagged PDF in the active language (PDF/A-3a and PDF/UA-1).

    Raises PdfEngineMissingError without Pango, and RenderingError where a character is in no installed font.
    """
    if missing := pdf_engine_missing():
        raise PdfEngineMissingError(missing)
    from core.pdf import engine  # noqa: PLC0415  (imports WeasyPrint)

    html = render_to_string(
        "cases/letter_pdf.html", {"letter": letter_view(letter, case=case), "language": get_language()}
    )
    document = engine.lay_out(html, Path(__file__).parent / "letter.css", {"echo:mark": engine.MARK})
    return engine.write(document)


def _items(letter: RecommendationLetter, heading: str) -> tuple[Item, ...]:
    return tuple(
        Item(_paragraphs(item["text"]), clean(item["author"]), clean(item["title"]))
        for item in letter.items
        if item["heading"] == heading
    )


def _paragraphs(text: str) -> tuple[Paragraph, ...]:
    """The text's paragraphs, as they are printed; single line breaks stay in them."""
    parts = (part.strip() for part in clean(text).split("\n\n"))
    return tuple(Paragraph(part, direction(part)) for part in parts if part)
