"""What a season is made of besides its dates: speakers, objectives, materials, and who presents a case."""

import io
from collections.abc import Sequence

import pydyf

from core import audit
from core.models import store_file
from echo_portal.demo.program import DemoProgram
from echo_portal.demo.season_text import DECLARED, HANDOUT, SLIDES, SPEAKERS, SUMMARY
from sessions_app.models import (
    EchoSession,
    Enrolment,
    Material,
    PresenterSlot,
    SessionObjective,
    Speaker,
)

ADDED = EchoSession.Status.CONFIRMED, EchoSession.Status.HELD


def furnish(demo: DemoProgram, sessions: Sequence[EchoSession], *, first_speaker: int = 0) -> None:
    """Give each session its speaker, objectives, materials and one presenter slot.

    As in a real season some things are still open: of the sessions that are only planned, every fourth has no
    speaker, and every third speaker has not disclosed yet.
    """
    objectives = list(demo.program.objectives.all())
    with audit.act("demo.load", by=None):
        EchoSession.objects.filter(pk__in=[session.pk for session in sessions]).update(
            summary=SUMMARY[0], summary_fr=SUMMARY[1]
        )
        Speaker.objects.bulk_create(
            speaker
            for at, session in enumerate(sessions)
            if (speaker := _speaker(session, at, first_speaker=first_speaker)) is not None
        )
        SessionObjective.objects.bulk_create(
            SessionObjective(session=session, objective=objective)
            for at, session in enumerate(sessions)
            for objective in {objectives[at % len(objectives)], objectives[(at * 2 + 1) % len(objectives)]}
        )
        Material.objects.bulk_create(_materials(sessions))
        PresenterSlot.objects.bulk_create(PresenterSlot(session=session) for session in sessions)


def present(sessions: Sequence[EchoSession], enrolments: Sequence[Enrolment]) -> None:
    """Let people present one after the other; written as rows, because a slot given now would mail people."""
    with audit.act("demo.load", by=None):
        for session, enrolment in zip(sessions, enrolments, strict=False):
            session.slots.filter(enrolment__isnull=True).update(
                enrolment=enrolment, taken_at=session.cycle.registration_closes_at
            )


def _speaker(session: EchoSession, at: int, *, first_speaker: int) -> Speaker | None:
    is_open = session.status == EchoSession.Status.PLANNED
    if is_open and at % 4 == 3:  # every fourth
        return None
    name, department, department_fr = SPEAKERS[(first_speaker + at) % len(SPEAKERS)]
    hub = session.hub
    speaker = Speaker(
        session=session,
        name=name,
        affiliation=f"{department}, {hub.name}" if hub else department,
        affiliation_fr=f"{department_fr}, {hub.name_fr or hub.name}" if hub else department_fr,
        disclosure=Speaker.Disclosure.NONE,
    )
    if is_open and at % 3 == 0:
        speaker.disclosure = Speaker.Disclosure.MISSING
    elif at % 5 == 1:
        speaker.disclosure = Speaker.Disclosure.DECLARED
        speaker.disclosure_text, speaker.disclosure_text_fr = DECLARED
    return speaker


def _materials(sessions: Sequence[EchoSession]) -> list[Material]:
    """Slides as a link, and a one-page summary as a file, once a session is near or over."""
    handout = store_file(handout_pdf(), content_type="application/pdf")
    materials = []
    for session in sessions:
        if session.status not in ADDED:
            continue
        materials += [
            Material(
                session=session,
                position=1,
                title=SLIDES[0],
                title_fr=SLIDES[1],
                url=f"https://library.example.org/chronic-pain/{session.held_on:%Y-%m-%d}/slides",
                added_at=session.starts_at,
            ),
            Material(
                session=session,
                position=2,
                title=HANDOUT[0],
                title_fr=HANDOUT[1],
                file=handout,
                filename="summary.pdf",
                added_at=session.starts_at,
            ),
        ]
    return materials


def handout_pdf() -> bytes:
    """A PDF of one page that says what it is; made without Pango, which a bare machine may lack."""
    document = pydyf.PDF()
    font = pydyf.Dictionary({"Type": "/Font", "Subtype": "/Type1", "BaseFont": "/Helvetica"})
    document.add_object(font)
    words = pydyf.Stream()
    words.begin_text()
    words.set_font_size("F1", 16)
    words.set_text_matrix(1, 0, 0, 1, 72, 700)
    words.show_text_string("Assess the whole person. Agree on goals. Review in four weeks.")
    words.end_text()
    document.add_object(words)
    document.add_page(
        pydyf.Dictionary(
            {
                "Type": "/Page",
                "Parent": document.pages.reference,
                "MediaBox": pydyf.Array([0, 0, 612, 792]),
                "Resources": pydyf.Dictionary({"Font": pydyf.Dictionary({"F1": font.reference})}),
                "Contents": words.reference,
            }
        )
    )
    file = io.BytesIO()
    document.write(file)
    return file.getvalue()
