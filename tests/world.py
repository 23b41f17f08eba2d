"""One of everything a person can meet in the portal, for the tests that look at all of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from cases.models import CaseSubmission, Heading
from cases.services.library import index_case
from core.models import SavedSearch, store_file
from credits.models import AuditPack, Certificate, DryRun
from desk.models import GroupMessage
from outbox.models import OutgoingMail
from participants.enums import Category, Profession
from participants.models import User
from sessions_app.models import AttendanceReport, Cycle, EchoSession, Enrolment, Invitation, Program, Roster
from surveys.models import Choice, Instrument, SurveyWindow, WindowExtension
from tests import factories as make
from tests.database import write

CASE: dict[str, Any] = {
    "age": "90+",
    "sex": "female",
    "pain_history": "Lombalgie depuis douze ans, pire en position assise.\nDeux fusions; elle marche avec une canne.",
    "sites": ["lower_back"],
    "character": ["aching"],
    "course": "constant",
    "peg_pain": 7,
    "peg_enjoyment": 8,
    "peg_activity": 9,
    "medications": [
        {"name": "oxycodone", "opioid": "oxycodone", "amount": "60", "when": "now", "effect": "Un peu."},
        {"name": "duloxétine", "dose": "60 mg", "when": "tried"},
    ],
    "ort": ["depression"],
    "question_1": "Faut-il réduire ou changer?",
}
"""In French, which stands on the pages of both languages."""
ADVICE = "Réduire l’oxycodone d’un dixième toutes les quatre semaines."
"""What the hub recommends, in French for the same reason."""
FOUND = {"function": "Carte santé 1234-567-897. Vit près de Kapuskasing.", "goals": "Revoir Kapuskasing."}
"""What must be changed, and what is to be explained, twice."""
EXPLAINED = {
    "path": "goals",
    "start": FOUND["goals"].index("Kapuskasing"),
    "end": FOUND["goals"].index("."),
    "kind": "PLACE",
    "tier": "confirm",
    "reason": "gazetteer",
    "explanation": "Huit mille personnes y habitent.",
}
"""What is found in the second, with its author's explanation."""


@dataclass(frozen=True)
class World:
    """One of everything, in the states that show most."""

    participant: User
    newcomer: User
    waiting: User
    fresh: User
    coordinator: User
    running: Cycle
    closed: Cycle
    certificate: Certificate
    open_survey: SurveyWindow
    """Not begun, with every kind of question."""
    draft_survey: SurveyWindow
    """The evaluation of a session, begun."""
    done_survey: SurveyWindow
    closed_survey: SurveyWindow
    """The evaluation of a session, not answered in time."""
    extended_survey: SurveyWindow
    """Closed, but for the participant."""
    ahead_survey: SurveyWindow
    report: AttendanceReport
    invitation: Invitation
    roster: Roster
    draft: CaseSubmission
    ready: CaseSubmission
    case: CaseSubmission
    presented: CaseSubmission
    specialist: User
    in_review: CaseSubmission
    message: GroupMessage
    late: Enrolment
    """In the closed cycle, with a survey missing that a second person may waive."""


def lag_behind(closed: Cycle, *, asked_by: User, coordinator: User) -> Enrolment:
    """Somebody of the closed cycle who has not answered at its end, a waiver that waits, and a dry run kept before."""
    late = make.make_enrolment(
        closed, make.make_user("lena@clinic.example", name="Lena Late"), enrolled_on=closed.starts_on
    )
    make.answer_surveys(late, "pre")
    make.make_waiver(late, asked_by=asked_by)
    DryRun.objects.create(cycle=closed, made_by=coordinator, outcomes={})
    return late


def make_world() -> World:
    """A program with a closed cycle and a running one, a participant in both, and a newcomer in none."""
    now = timezone.now().replace(second=0, microsecond=0)
    today = timezone.localdate(now)
    program = make.make_program(
        slug="pain",
        importance="One in five people lives with chronic pain.\nIt grows with age.",
        credit_text="Family physicians earn credits.\nOthers earn hours.",
        funding="Free for participants.",
        reference="A reference.",
        began_year=2014,
    )
    program.objectives.create(position=1, text="Assess pain.")
    accreditation = make.make_accreditation(
        program, valid_from=today - timedelta(days=700), valid_to=today + timedelta(days=700)
    )
    participant = make.make_user(
        "noe@clinique.example",
        name="Noé Lefèbvre-Côté",
        category=Category.OTHER,
        profession=Profession.NURSE_PRACTITIONER,
    )
    newcomer = make.make_user("nora@clinic.example", name="Nora Newcomer")
    coordinator = make.make_user("cora@echo.example", name="Cora Coordinator", is_staff=True)
    coordinator.is_superuser = True
    coordinator.save(update_fields=["is_superuser"])
    window: dict[str, Any] = {
        "registration_opens_at": now - timedelta(days=400),
        "registration_closes_at": now + timedelta(days=9),
    }
    closed = make.make_cycle(
        program,
        name="Last season",
        starts_on=today - timedelta(days=200),
        ends_on=today - timedelta(days=100),
        status=Cycle.Status.CLOSED,
        closed_at=now - timedelta(days=80),
        **window,
    )
    running = make.make_cycle(
        program,
        name="This season",
        starts_on=today - timedelta(days=20),
        ends_on=today + timedelta(days=30),
        **window,
    )
    make.make_surveys(closed)
    for week, status in enumerate(
        [
            EchoSession.Status.HELD,
            EchoSession.Status.HELD,
            EchoSession.Status.CANCELLED,
            EchoSession.Status.CONFIRMED,
        ]
    ):
        make.make_session(
            running,
            week=week,
            starts_at=now - timedelta(days=18 - 7 * week),
            status=status,
            meeting_url="https://video.example/room",
        )
    instruments = {
        kind: Instrument.objects.get(program=program, kind=kind) for kind in ("pre", "post", "reflection")
    }
    windows = {
        kind: SurveyWindow.objects.create(
            cycle=running,
            instrument=instrument,
            opens_at=now - timedelta(days=19 if kind != "post" else -20),
            closes_at=now - timedelta(days=1) if kind == "reflection" else None,
        )
        for kind, instrument in instruments.items()
    }
    graduate = make.make_graduate(closed, participant)
    enrolment = make.make_enrolment(running, participant, enrolled_on=running.starts_on)
    held = list(running.sessions.filter(status=EchoSession.Status.HELD).order_by("starts_at"))
    for session in held:
        make.make_attendance(enrolment, session)
    make.make_response(enrolment, windows["pre"], submitted_at=now)
    surveys = ask_more(running, enrolment, held, by=coordinator, now=now)
    make.make_enrolment(running, newcomer, status=Enrolment.Status.APPLIED)
    waiting = make.make_user("wanda@clinic.example", name="Wanda Waiting")
    make.make_offer(make.make_enrolment(running, waiting, status=Enrolment.Status.WAITLISTED), offered_at=now)
    furnish(running, enrolment)
    make.make_question(
        running,
        text="Why would you like to join?",
        text_fr="Pourquoi souhaitez-vous participer?",
        is_required=True,
    )
    make.make_question(
        running,
        "prescribes",
        kind="yes_no",
        text="Do you prescribe opioids?",
        text_fr="Prescrivez-vous des opioïdes?",
    )
    fresh = make.make_user("frida@clinic.example", name="Frida Fresh", has_agreed=False)
    report = AttendanceReport.objects.create(
        session=running.sessions.earliest("starts_at"),
        file=store_file(
            f"email,minutes\n{participant.email},80\nnobody@x.example,3\n,\n".encode(),
            content_type="text/csv",
        ),
        filename="report.csv",
        uploaded_by=coordinator,
    )
    make.make_unmatched(report, "Lefèbvre-Côté, Noé")
    make.make_alias(participant, "Noé L.", by=coordinator)
    invitation = make.make_invitation(running, participant.email, by=coordinator, name="Noé", invited_at=now)
    for days, email in enumerate(["ann@clinic.example", "bo@clinic.example"], 1):
        make.make_invitation(running, email, by=coordinator, invited_at=now - timedelta(days=40 * days))
    roster = make.make_roster(
        running,
        by=coordinator,
        content=b"Courriel,Nom complet,Pointure,Cat\xc3\xa9gorie\nivy@clinic.example,Ivy Invited,38,Family physician\n"
        b"nobody,No Body,,\numa@clinic.example,Uma Unclear,,Wizard\n",
        mapping={"email": 0, "name": 1, "category": 3},
    )
    case = make.make_case(
        enrolment,
        status=CaseSubmission.Status.RECOMMENDATIONS_SENT,
        session=report.session,
        content=CASE,
        at=now - timedelta(days=19),
    )
    specialist = make.make_user("paula@hospital.example", name="Dre Paula Ng", is_staff=True)
    title = "Physiatre, Toronto"
    make.make_hub_member(program, specialist, title=title)
    partner = make.make_hub_member(
        program, make.make_user(name="Rui Costa", is_staff=True), title="Pharmacienne, Kingston"
    )
    item = {"heading": Heading.PHARMACOLOGICAL.value, "author": "Dre Paula Ng", "title": title}
    signed: dict[str, Any] = {
        "signed_name": "Dre Paula Ng",
        "signed_title": title,
        "items": [item | {"text": ADVICE}],
    }
    make.make_letter(case, signed_at=now - timedelta(days=15), **signed)
    letter = make.make_letter(
        case, signed_at=now - timedelta(days=14), correction="La dose du deuxième point.", **signed
    )
    index_case(case=case, letter=letter, now=now)
    presented = make.make_case(
        make.make_enrolment(running, make.make_user("petra@clinic.example", name="Petra Presenter")),
        status=CaseSubmission.Status.PRESENTED,
        session=report.session,
        content=CASE,
        at=now - timedelta(days=19),
    )
    for author in (specialist, partner.user):
        presented.recommendations.create(
            heading=Heading.PHARMACOLOGICAL.value, author=author, text=ADVICE, revision=1, saved_at=now
        )
    program.suggestions.create(heading=Heading.PHARMACOLOGICAL.value, text=ADVICE, text_fr=ADVICE)
    late = lag_behind(closed, asked_by=specialist, coordinator=coordinator)
    make_audit_packs(closed, by=coordinator)
    return World(
        message=write_to_group(running, by=coordinator),
        late=late,
        draft=make.make_case(enrolment, content=CASE | FOUND, at=now),
        ready=make.make_case(enrolment, content=CASE, at=now),
        case=case,
        presented=presented,
        specialist=specialist,
        in_review=make.make_case(
            make.make_enrolment(running, make.make_user("rita@clinic.example", name="Rita Reviewed")),
            status=CaseSubmission.Status.IN_REVIEW,
            content=CASE | {"goals": FOUND["goals"]},
            findings=[EXPLAINED],
            at=now - timedelta(days=2),
        ),
        participant=participant,
        newcomer=newcomer,
        waiting=waiting,
        fresh=fresh,
        coordinator=coordinator,
        running=running,
        closed=closed,
        certificate=make.make_certificate(graduate, accreditation),
        done_survey=windows["pre"],
        ahead_survey=windows["post"],
        extended_survey=windows["reflection"],
        **surveys,
        report=report,
        invitation=invitation,
        roster=roster,
    )


def write_to_group(cycle: Cycle, *, by: User) -> GroupMessage:
    """A message that one person has, and one has not got; and what the coordinator looks for often."""
    message = GroupMessage.objects.create(
        cycle=cycle,
        audience="participants",
        subject="A change of room",
        text="Hello {{ name }},\n\nsee {{ my_page }}.",
        subject_fr="Changement de salle",
        text_fr="Bonjour {{ name }},\n\nvoyez {{ my_page }}.",
        key=uuid4(),
        people=2,
        sent_by=by,
    )
    for number, status in enumerate(("queued", "failed"), 1):
        OutgoingMail.objects.create(
            key=f"message:{message.pk}:{number}",
            kind="message",
            recipient=f"colleague{number}@clinic.example",
            subject=message.subject,
            body_text="…",
            language="en",
            message_id=f"<{number}@echo.example>",
            status=status,
            last_error="550 5.1.1 no such user" if status == "failed" else "",
        )
    SavedSearch.objects.create(
        owner=by, list="sessions_app.enrolment", name="Liste d’attente", query="status__exact=waitlisted"
    )
    return message


def make_audit_packs(cycle: Cycle, *, by: User) -> None:
    """One that is kept and was taken away, one that failed, and one that is half-way."""
    content = b"PK of everything"
    made = AuditPack.objects.create(cycle=cycle, asked_by=by, asked_at=cycle.closed_at or timezone.now())
    made.parts.create(position=0, content=content)
    write(
        made,
        status="made",
        made_at=cycle.closed_at,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    made.downloads.create(downloaded_by=by)
    AuditPack.objects.create(cycle=cycle, asked_by=by, status="failed", last_error="OperationalError")
    AuditPack.objects.create(cycle=cycle, asked_by=by, steps_done=7, steps_total=31)


LABELS: dict[str, Any] = {
    "low_label": "Not at all",
    "low_label_fr": "Pas du tout",
    "high_label": "Very",
    "high_label_fr": "Tout à fait",
}
QUESTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("scale", LABELS),
    ("single", {}),
    ("multiple", {"help": "Choose all that apply.", "help_fr": "Cochez tout ce qui s’applique."}),
    ("number", {"minimum": 0, "maximum": 60, "unit": "years", "unit_fr": "ans"}),
    ("short", {"is_required": False}),
    ("text", {"is_required": False}),
    ("consent", {"is_research_consent": True}),
)
"""Of every kind but the matrix with its items."""


def make_full_instrument(program: Program, kind: str) -> Instrument:
    """Two sections with every kind of question, a condition and an exclusive choice; in French, too."""
    instrument = make.make_instrument(
        program, kind, questions=[], title=f"The {kind} survey", title_fr="Sondage complet"
    )
    first = make.make_section(instrument, title="Your practice", title_fr="Votre pratique")
    asked = {
        kind: make.make_survey_question(first, kind, text_fr=f"Question numéro {number}?", **values)
        for number, (kind, values) in enumerate(QUESTIONS, 1)
    }
    second = make.make_section(
        instrument,
        title="Tasks",
        title_fr="Gestes",
        introduction="As of today.",
        introduction_fr="Aujourd’hui.",
    )
    matrix = make.make_survey_question(second, "matrix", text_fr="À quel point êtes-vous à l’aise?", **LABELS)
    for text in ("Amorcer un opioïde", "Réduire une dose"):
        make.make_survey_question(second, "item", matrix=matrix, text=text, text_fr=text)
    make.make_survey_question(
        second,
        "text",
        text="Why?",
        text_fr="Pourquoi?",
        shown_if=asked["single"],
        shown_if_answers=["a"],
    )
    Choice.objects.filter(question__instrument=instrument).update(text_fr="Choix")
    asked["multiple"].choices.filter(key="c").update(is_exclusive=True)
    return instrument


def ask_more(
    cycle: Cycle, enrolment: Enrolment, held: list[EchoSession], *, by: User, now: datetime
) -> dict[str, SurveyWindow]:
    """Surveys of the other kinds, and more time for the one that is closed."""
    evaluation = make.make_instrument(
        cycle.program,
        "evaluation",
        questions=["scale", "single", "text"],
        title="About this session",
        title_fr="Évaluation de la séance",
    )
    closed, draft = (
        make.make_window(
            cycle,
            "evaluation",
            instrument=evaluation,
            session=session,
            opens_at=session.ends_at,
            closes_at=now + timedelta(days=days),
        )
        for session, days in zip(held, (-1, 6), strict=True)
    )
    make.make_response(enrolment, draft)
    WindowExtension.objects.create(
        window=cycle.survey_windows.get(instrument__kind="reflection"),
        enrolment=enrolment,
        closes_at=now + timedelta(days=3),
        reason="Was on leave.",
        granted_by=by,
    )
    return {
        "open_survey": make.make_window(
            cycle,
            "follow_up",
            instrument=make_full_instrument(cycle.program, "follow_up"),
            opens_at=now - timedelta(days=2),
            closes_at=now + timedelta(days=20),
        ),
        "draft_survey": draft,
        "closed_survey": closed,
    }


def furnish(cycle: Cycle, presenter: Enrolment) -> None:
    """Speakers in each state of disclosure, materials of both kinds, a presenter slot taken and one free."""
    file = store_file(b"%PDF-1.7 summary", content_type="application/pdf")
    objective = cycle.program.objectives.get()
    sessions = list(cycle.sessions.order_by("starts_at"))
    for session, disclosure in zip(sessions, ("none", "declared", "missing"), strict=False):
        make.make_speaker(
            session,
            affiliation="University Health Network",
            disclosure=disclosure,
            disclosure_text="Speaker's fees from a maker of analgesics." if disclosure == "declared" else "",
        )
    make.make_speaker(sessions[-1], "Priyanka Rao, PharmD")
    for session in sessions:
        session.session_objectives.create(objective=objective)
        make.make_material(session, title_fr="Diapositives")
        make.make_material(session, "Handout", file=file, filename="summary.pdf")
        make.make_slot(session)
    make.make_slot(sessions[-1], presenter)
