"""Rows for tests, each with the least that makes it valid; what a test is about, it says itself.

Dates are fixed: the cycle "Fall 2025" runs on Thursdays at 12:30 from 2025-09-11, across the end of daylight saving.
Everything is written around the services, as data that is simply there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from time import time
from typing import Any

import pgtrigger
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

from cases.models import (
    CaseReview,
    CaseSubmission,
    CaseText,
    CaseVersion,
    Heading,
    HubMember,
    RecommendationLetter,
)
from core.models import StoredFile, store_file
from credits.models import Accreditation, Certificate, CreditLine, Waiver
from participants.enums import Category, Profession
from participants.models import AgreementAnswer, Profile, User
from participants.queries import current_agreements
from sessions_app.models import (
    Attendance,
    AttendanceAlias,
    AttendanceReport,
    Cycle,
    CycleQuestion,
    EchoSession,
    Enrolment,
    Hub,
    Invitation,
    Material,
    NameGiven,
    PlaceOffer,
    PresenterSlot,
    Program,
    ProgramHub,
    Roster,
    Speaker,
    UnmatchedName,
)
from surveys.models import Answer, Choice, Instrument, Question, Response, Section, SurveyWindow
from surveys.queries import GATE_KINDS
from tests.clock import toronto
from tests.credits.certificates import certificate_facts

FIRST_DAY = date(2025, 9, 11)
OPENED_AT = toronto(2025, 8, 1)
REFLECTION = "I now ask about sleep before I ask about dose."

_numbers = count(1)


def make_user(
    email: str = "",
    *,
    name: str = "",
    category: str = Category.FAMILY_PHYSICIAN,
    is_staff: bool = False,
    password: str | None = None,
    has_agreed: bool = True,
    **profile: Any,
) -> User:
    """An account with its profile; without `name` one that is made up.

    Staff come with their second factor, and everybody has agreed to whatever is in force.
    """
    number = next(_numbers)
    user = User.objects.create_user(
        email or f"person{number}@clinic.example", password, is_staff=is_staff, joined_at=OPENED_AT
    )
    profile.setdefault("profession", Profession.REGISTERED_NURSE if category == Category.OTHER else "")
    Profile.objects.create(user=user, legal_name=name or f"Person {number}", category=category, **profile)
    if is_staff:
        give_second_factor(user)
    if has_agreed:
        agree(user)
    return user


def agree(user: User) -> None:
    """Say yes to every agreement in force."""
    AgreementAnswer.objects.bulk_create(
        AgreementAnswer(user=user, agreement=agreement, is_given=True, answered_at=OPENED_AT)
        for agreement in current_agreements()
    )


def give_second_factor(user: User) -> str:
    """An app that shows codes, set up; its seed, for `totp_code`."""
    seed = str(generate_totp_secret())
    TOTP.activate(user, seed)
    return seed


def totp_code(seed: str, *, steps: int = 0) -> str:
    """What an app with this seed shows now, or `steps` half minutes from now."""
    return str(format_hotp_value(hotp_value(seed, int(time()) // 30 + steps)))


def make_hub(name: str = "", city: str = "Toronto") -> Hub:
    return Hub.objects.create(name=name or f"Hub {next(_numbers)}", city=city)


def make_program(*, hubs: Sequence[Hub] | None = None, **values: Any) -> Program:
    number = next(_numbers)
    values = {
        "name": f"Program {number}",
        "slug": f"program-{number}",
        "summary": "Weekly sessions for primary care.",
        "mission": "A community of practice.",
        "format_text": "A lecture, then a case.",
        "contact_email": "office@echo.example",
    } | values
    program = Program.objects.create(**values)
    for position, hub in enumerate(hubs if hubs is not None else [make_hub(), make_hub()], 1):
        ProgramHub.objects.create(program=program, hub=hub, position=position)
    return program


def make_cycle(
    program: Program | None = None, *, sessions: int = 0, starts_on: date = FIRST_DAY, **values: Any
) -> Cycle:
    """A published cycle with `sessions` weekly sessions; it ends on the day of the last."""
    values = {
        "program": program or make_program(),
        "name": f"Cycle {next(_numbers)}",
        "starts_on": starts_on,
        "ends_on": starts_on + timedelta(weeks=max(sessions - 1, 0)),
        "registration_opens_at": OPENED_AT,
        "registration_closes_at": toronto(2026, 6, 30),
        "status": Cycle.Status.PUBLISHED,
    } | values
    if values["status"] == Cycle.Status.CLOSED:
        values.setdefault("closed_at", toronto(2026, 7, 1))
    cycle = Cycle.objects.create(**values)
    for week in range(sessions):
        make_session(cycle, week=week)
    return cycle


def make_session(cycle: Cycle, *, week: int = 0, minutes: int = 90, **values: Any) -> EchoSession:
    """A session at 12:30 on the cycle's weekday, `week` weeks after its first day."""
    day = cycle.starts_on + timedelta(weeks=week)
    starts_at = values.pop("starts_at", toronto(day.year, day.month, day.day, 12, 30))
    values.setdefault("status", EchoSession.Status.HELD)
    values.setdefault("topic", f"Topic {week + 1}")
    return EchoSession.objects.create(
        cycle=cycle, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes), **values
    )


def make_enrolment(
    cycle: Cycle, participant: User | None = None, *, status: str = Enrolment.Status.APPROVED, **values: Any
) -> Enrolment:
    if status == Enrolment.Status.APPROVED:
        values.setdefault("enrolled_on", cycle.starts_on)
    if status == Enrolment.Status.WAITLISTED:
        values.setdefault("waitlisted_at", OPENED_AT)
    return Enrolment.objects.create(
        cycle=cycle, participant=participant or make_user(), status=status, applied_at=OPENED_AT, **values
    )


def make_offer(enrolment: Enrolment, *, offered_at: datetime, hours: int = 48, **values: Any) -> PlaceOffer:
    """A place held for somebody on the waiting list."""
    return PlaceOffer.objects.create(
        enrolment=enrolment, offered_at=offered_at, expires_at=offered_at + timedelta(hours=hours), **values
    )


def make_question(cycle: Cycle, key: str = "why", **values: Any) -> CycleQuestion:
    """A question that the cycle asks its applicants."""
    values.setdefault("text", f"The {key}?")
    return CycleQuestion.objects.create(cycle=cycle, key=key, **values)


def make_invitation(cycle: Cycle, email: str, *, days_valid: int = 30, **values: Any) -> Invitation:
    """An invitation as it stands when its mail is out; without `by` some coordinator sent it."""
    invited_at = values.pop("invited_at", OPENED_AT)
    return Invitation.objects.create(
        cycle=cycle,
        email=email,
        invited_by=values.pop("by", None) or make_user(is_staff=True),
        invited_at=invited_at,
        mailed_at=values.pop("mailed_at", invited_at),
        expires_at=values.pop("expires_at", invited_at + timedelta(days=days_valid)),
        **values,
    )


def make_roster(cycle: Cycle, *, content: bytes = b"", by: User | None = None, **values: Any) -> Roster:
    """A roster of one person nobody knows, the address in the first of two columns."""
    content = content or f"Email,Name\nnobody{next(_numbers)}@clinic.example,Nobody\n".encode()
    values = {"filename": "roster.csv", "mapping": {"email": 0, "name": 1}} | values
    return Roster.objects.create(
        cycle=cycle,
        file=store_file(content, content_type="text/csv"),
        uploaded_by=by or make_user(is_staff=True),
        **values,
    )


def make_speaker(session: EchoSession, name: str = "Dr. Ada Okonkwo", **values: Any) -> Speaker:
    """Who gives the lecture; the disclosure is missing unless it is given."""
    return Speaker.objects.create(session=session, name=name, **values)


def make_material(session: EchoSession, title: str = "Slides", **values: Any) -> Material:
    """A link, unless a file is given."""
    if "file" not in values:
        values.setdefault("url", "https://library.example/slides")
    return Material.objects.create(session=session, title=title, **values)


def make_slot(session: EchoSession, enrolment: Enrolment | None = None, **values: Any) -> PresenterSlot:
    """A presenter slot, free unless an enrolment is given."""
    if enrolment is not None:
        values.setdefault("taken_at", OPENED_AT)
    values.setdefault("position", session.slots.count() + 1)
    return PresenterSlot.objects.create(session=session, enrolment=enrolment, **values)


def make_unmatched(report: AttendanceReport, name: str = "iPhone", **values: Any) -> UnmatchedName:
    """A name on a report that waits to be given to somebody."""
    return UnmatchedName.objects.create(
        report=report,
        **({"key": f"\t{name.casefold()}", "name": name, "minutes": 60} | values),
    )


def give_name(unmatched: UnmatchedName, enrolment: Enrolment, *, by: User | None = None) -> NameGiven:
    """A name on a report, given to somebody."""
    if unmatched.outcome == UnmatchedName.Outcome.OPEN:
        unmatched.outcome, unmatched.decided_at = UnmatchedName.Outcome.GIVEN, OPENED_AT
        unmatched.decided_by = by or make_user(is_staff=True)
        unmatched.save()
    return NameGiven.objects.create(unmatched=unmatched, enrolment=enrolment)


def make_alias(participant: User, written: str = "", *, kind: str = "name", **values: Any) -> AttendanceAlias:
    """A name or an address under which somebody joins sessions, remembered."""
    written = written or f"Nick {next(_numbers)}"
    return AttendanceAlias.objects.create(
        participant=participant,
        kind=kind,
        written=written,
        value=values.pop("value", written.casefold()),
        remembered_by=values.pop("by", None) or make_user(is_staff=True),
        **values,
    )


def make_report(
    session: EchoSession, *, content: bytes = b"", by: User | None = None, **values: Any
) -> AttendanceReport:
    content = content or f"email,minutes\nnobody{next(_numbers)}@clinic.example,90\n".encode()
    return AttendanceReport.objects.create(
        session=session,
        file=store_file(content, content_type="text/csv"),
        filename="report.csv",
        uploaded_at=session.ends_at,
        uploaded_by=by or make_user(is_staff=True),
        **values,
    )


def make_attendance(
    enrolment: Enrolment, session: EchoSession, *, minutes: int = 90, **values: Any
) -> Attendance:
    """Minutes on record; entered by hand unless a report is given."""
    values.setdefault("source", Attendance.Source.REPORT if "report" in values else Attendance.Source.MANUAL)
    values.setdefault("reason", "" if "report" in values else "Was on the telephone line.")
    return Attendance.objects.create(
        enrolment=enrolment,
        session=session,
        minutes=minutes,
        recorded_by=values.pop("by", enrolment.participant),
        recorded_at=session.ends_at,
        **values,
    )


def make_instrument(
    program: Program, kind: str = Instrument.Kind.PRE, *, questions: Iterable[str] = ("scale",), **values: Any
) -> Instrument:
    """A released instrument of one section, with a required question for each kind in `questions`: q1, q2, …"""
    values = {"title": f"The {kind} survey", "is_released": True} | values
    instrument = Instrument.objects.create(program=program, kind=kind, **values)
    section = make_section(instrument)
    for question_kind in questions:
        make_survey_question(section, question_kind)
    return instrument


def make_section(instrument: Instrument, **values: Any) -> Section:
    """The next section of the instrument."""
    position = values.pop("position", instrument.sections.count() + 1)
    values = {"title": f"Section {position}"} | values
    return Section.objects.create(instrument=instrument, position=position, **values)


SCALE_KINDS = {"scale", "matrix", "item"}


def make_survey_question(
    section: Section, kind: str = "scale", *, choices: Iterable[str] = ("a", "b", "c"), **values: Any
) -> Question:
    """The next question of the section, with `choices` if it has any; a scale runs from 1 to 5."""
    number = section.instrument.questions.count() + 1
    if kind in SCALE_KINDS:
        values = {"minimum": 1, "maximum": 5} | values
    values = {"position": number, "key": f"q{number}", "text": f"Question {number}?"} | values
    question = Question.objects.create(instrument=section.instrument, section=section, kind=kind, **values)
    if kind in {"single", "multiple"}:
        for position, key in enumerate(choices, 1):
            Choice.objects.create(question=question, position=position, key=key, text=f"Choice {key}")
    return question


def make_window(
    cycle: Cycle,
    kind: str = Instrument.Kind.PRE,
    *,
    instrument: Instrument | None = None,
    opens_at: datetime = OPENED_AT,
    closes_at: datetime | None = None,
    session: EchoSession | None = None,
    **instrument_values: Any,
) -> SurveyWindow:
    """A survey of the cycle, open from before its first day and for ever; without `instrument` with one of its own.

    An evaluation needs its `session`.
    """
    if instrument is None:
        questions = ["text"] if kind == Instrument.Kind.REFLECTION else ["scale"]
        instrument = Instrument.objects.filter(program=cycle.program, kind=kind).first() or make_instrument(
            cycle.program, kind, **({"questions": questions} | instrument_values)
        )
    return SurveyWindow.objects.create(
        cycle=cycle, instrument=instrument, opens_at=opens_at, closes_at=closes_at, session=session
    )


def make_surveys(cycle: Cycle) -> list[SurveyWindow]:
    """The three surveys that the gate of the certificate asks for."""
    return [make_window(cycle, kind) for kind in GATE_KINDS]


def make_response(
    enrolment: Enrolment, window: SurveyWindow, *, submitted_at: datetime | None = None
) -> Response:
    """Every question answered: a draft, or submitted when `submitted_at` says when."""
    response = Response.objects.create(window=window, enrolment=enrolment, started_at=OPENED_AT)
    for question in window.instrument.questions.exclude(kind="matrix"):
        Answer.objects.create(response=response, question=question, **usual_answer(question))
    if submitted_at is not None:
        response.status, response.submitted_at = Response.Status.SUBMITTED, submitted_at
        response.save()
    return response


def usual_answer(question: Question) -> dict[str, Any]:
    """What `make_response` answers: 3, some words, the first choice, yes."""
    if question.kind in {"scale", "item", "number"}:
        return {"number": 3}
    if question.kind in {"short", "text"}:
        return {"text": REFLECTION}
    if question.kind == "consent":
        return {"choices": ["yes"]}
    return {"choices": [question.choices.all()[0].key]}


def make_accreditation(
    program: Program, *, lines: Iterable[dict[str, Any]] | None = None, **values: Any
) -> Accreditation:
    """A grant over the academic year with the three lines of the program, 2 credits or 1 hour an hour."""
    values = {
        "accreditor": "College of Family Physicians of Canada",
        "accredited_title": "Chronic Pain Rounds",
        "valid_from": date(2025, 9, 1),
        "valid_to": date(2026, 8, 31),
        "physician_name": "Dr. Ada Okonkwo",
    } | values
    accreditation = Accreditation.objects.create(program=program, **values)
    for line in THREE_LINES if lines is None else lines:
        make_line(accreditation, **line)
    return accreditation


THREE_LINES: tuple[dict[str, Any], ...] = (
    {"category": Category.FAMILY_PHYSICIAN},
    {
        "category": Category.SPECIALIST,
        "unit": CreditLine.Unit.HOURS,
        "per_hour": Decimal(1),
        "cap": Decimal(80),
        "credit_name": "Section 3 (MOC)",
    },
    {
        "category": Category.OTHER,
        "unit": CreditLine.Unit.HOURS,
        "per_hour": Decimal(1),
        "cap": Decimal(80),
        "credit_name": "continuing education",
    },
)


def make_line(accreditation: Accreditation, **values: Any) -> CreditLine:
    values = {
        "category": Category.FAMILY_PHYSICIAN,
        "unit": CreditLine.Unit.CREDITS,
        "per_hour": Decimal(2),
        "cap": Decimal(160),
        "credit_name": "Mainpro+",
        "statement": "This program is certified by the College.",
    } | values
    return CreditLine.objects.create(accreditation=accreditation, **values)


def make_document(content: bytes = b"") -> StoredFile:
    return store_file(content or b"%PDF-1.7 " + str(next(_numbers)).encode(), content_type="application/pdf")


def make_certificate(
    enrolment: Enrolment,
    accreditation: Accreditation,
    *,
    status: str = Certificate.Status.ISSUED,
    **changes: Any,
) -> Certificate:
    """A certificate in the state `status`, with all that this state asks for."""
    serial = next(_numbers)
    number = f"ECHO-2026-{serial:06d}"
    values: dict[str, Any] = {
        "line": accreditation.lines.get(category=enrolment.participant.profile.category),
        "year": 2026,
        "serial": serial,
        "number": number,
        "hours": Decimal("30.00"),
        "amount": Decimal("60.00"),
        "facts": certificate_facts(number=number, signature_sha256="").to_json(),
        "created_at": toronto(2026, 3, 12),
        "next_attempt_at": toronto(2026, 3, 12),
    } | changes
    if status in {Certificate.Status.ISSUED, Certificate.Status.SUPERSEDED, Certificate.Status.REVOKED}:
        document = values.setdefault("document", make_document())
        values.setdefault("sha256", document.sha256 if document else "")
        values.setdefault("issued_at", toronto(2026, 3, 12, 9))
    if status in {Certificate.Status.SUPERSEDED, Certificate.Status.REVOKED}:
        values.setdefault("ended_at", toronto(2026, 4, 1))
        values.setdefault("end_reason", "The name was misspelt.")
    return Certificate.objects.create(
        enrolment=enrolment, accreditation=accreditation, status=status, **values
    )


def make_waiver(
    enrolment: Enrolment, condition: str = "post_survey", *, asked_by: User | None = None, **values: Any
) -> Waiver:
    """A condition that somebody asks to be let off; granted or refused by another where `status` says so."""
    values = {"reason": "Was on leave.", "asked_at": toronto(2026, 1, 20)} | values
    if values.get("status", Waiver.Status.ASKED) != Waiver.Status.ASKED:
        values.setdefault("decided_at", toronto(2026, 1, 21))
        values["decided_by"] = values.get("decided_by") or make_user(is_staff=True)
    return Waiver.objects.create(
        enrolment=enrolment, condition=condition, asked_by=asked_by or make_user(is_staff=True), **values
    )


def make_season(program: Program | None = None, *, sessions: int = 2, **values: Any) -> Cycle:
    """A cycle with everything that issuing needs: held sessions, the three surveys, an accreditation."""
    cycle = make_cycle(program, sessions=sessions, **values)
    make_surveys(cycle)
    if not cycle.program.accreditations.exists():
        make_accreditation(cycle.program)
    return cycle


def answer_surveys(enrolment: Enrolment, *kinds: str, at: datetime | None = None) -> list[Response]:
    """Submit the surveys of these kinds, by default all that the cycle asks."""
    windows = SurveyWindow.objects.filter(cycle=enrolment.cycle).select_related("instrument")
    if kinds:
        windows = windows.filter(instrument__kind__in=kinds)
    return [make_response(enrolment, window, submitted_at=at or OPENED_AT) for window in windows]


def make_graduate(cycle: Cycle, participant: User | None = None, *, minutes: int = 90) -> Enrolment:
    """Somebody who was in every session of the cycle and answered every survey."""
    enrolment = make_enrolment(cycle, participant)
    for session in cycle.sessions.exclude(status=EchoSession.Status.CANCELLED):
        make_attendance(enrolment, session, minutes=minutes)
    answer_surveys(enrolment)
    return enrolment


CASE_CONTENT: dict[str, Any] = {
    "age": "57",
    "sex": "female",
    "pain_history": "Low back pain for twelve years after a fall at work, worse with sitting.",
    "sites": ["lower_back"],
    "character": ["aching"],
    "course": "constant",
    "peg_pain": 7,
    "peg_enjoyment": 8,
    "peg_activity": 9,
    "diagnoses": "Chronic mechanical low back pain, two fusions.",
    "medications": [
        {
            "name": "oxycodone",
            "opioid": "oxycodone",
            "amount": "60",
            "when": "now",
            "effect": "Helps a little.",
        }
    ],
    "question_1": "Would you rotate or taper first?",
}
"""A short case of nobody's; the keys are those of cases.content."""


def make_case(
    presenter: Enrolment | None = None,
    *,
    status: str = CaseSubmission.Status.DRAFT,
    session: EchoSession | None = None,
    content: dict[str, Any] | None = None,
    findings: list[dict[str, Any]] | None = None,
    at: datetime | None = None,
) -> CaseSubmission:
    """A case in the state `status`, with all that this state asks for: text, version, review, session, slot."""
    presenter = presenter or make_enrolment(make_cycle(sessions=1))
    at = at or toronto(2025, 9, 20, 10)
    content = CASE_CONTENT if content is None else content
    case = CaseSubmission.objects.create(presenter=presenter, created_at=at, moved_at=at)
    CaseText.objects.create(case=case, content=content, findings=findings or [], revision=1, saved_at=at)
    if status == CaseSubmission.Status.DRAFT:
        return case
    version = CaseVersion.objects.create(
        case=case,
        number=1,
        content=content,
        findings=findings or [],
        attestation="I attest that nothing in this case identifies the patient.",
        signed_name=presenter.participant.profile.legal_name,
        submitted_at=at,
    )
    if status not in {CaseSubmission.Status.SUBMITTED, CaseSubmission.Status.IN_REVIEW}:
        returned = status == CaseSubmission.Status.RETURNED
        CaseReview.objects.create(
            version=version,
            decision=CaseReview.Decision.RETURNED if returned else CaseReview.Decision.APPROVED,
            comments="Please say what was tried before." if returned else "",
            reviewed_by=make_user(is_staff=True),
            reviewed_at=at,
        )
    if status in {"scheduled", "presented", "recommendations_sent"}:
        session = session or presenter.cycle.sessions.order_by("starts_at").first()
    if status == "scheduled" and session and not session.slots.filter(enrolment=presenter).exists():
        make_slot(session, presenter)
    with pgtrigger.ignore("cases.CaseSubmission:case_moves"):
        CaseSubmission.objects.filter(pk=case.pk).update(status=status, version=version, session=session)
    case.refresh_from_db()
    return case


def make_hub_member(program: Program, user: User | None = None, **values: Any) -> HubMember:
    """Somebody of the program's hub team, whose account has access to the administration."""
    return HubMember.objects.create(
        program=program,
        user=user or make_user(is_staff=True),
        **{"title": "Pain physician, Toronto", "may_sign": True} | values,
    )


def make_letter(case: CaseSubmission, *, by: User | None = None, **values: Any) -> RecommendationLetter:
    """A signed letter to a case, visible to the cycle at once; the case's state is left alone."""
    signed_at = values.pop("signed_at", toronto(2025, 9, 26, 9))
    number = values.pop("number", case.letters.count() + 1)
    return RecommendationLetter.objects.create(
        case=case,
        number=number,
        signed_by=by or make_user(is_staff=True),
        **{
            "items": [
                {
                    "heading": Heading.PHARMACOLOGICAL.value,
                    "text": "Taper oxycodone by a tenth every four weeks.",
                    "author": "Dr. Paula Specialist",
                    "title": "Pain physician, Toronto",
                }
            ],
            "correction": "" if number == 1 else "The dose in the second item.",
            "signed_name": "Dr. Paula Specialist",
            "signed_title": "Pain physician, Toronto",
            "signed_at": signed_at,
            "visible_to_cycle_at": signed_at,
        }
        | values,
    )
