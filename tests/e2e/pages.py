"""Every page a person can open, each with who opens it: the sweep looks at all of them, so none can be forgotten."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from core.models import store_file
from credits.models import Certificate
from participants.enums import Category, Profession
from participants.models import User
from sessions_app.models import AttendanceReport, Cycle, EchoSession, Enrolment
from surveys.models import Instrument, Response, SurveyWindow
from tests import factories as make


@dataclass(frozen=True)
class World:
    """One of everything, in the states that show most."""

    participant: User
    newcomer: User
    coordinator: User
    running: Cycle
    closed: Cycle
    certificate: Certificate
    open_survey: SurveyWindow
    done_survey: SurveyWindow
    report: AttendanceReport


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
    window = {"registration_opens_at": now - timedelta(days=400), "registration_closes_at": now + timedelta(days=9)}
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
        [EchoSession.Status.HELD, EchoSession.Status.HELD, EchoSession.Status.CANCELLED, EchoSession.Status.CONFIRMED]
    ):
        make.make_session(
            running,
            week=week,
            starts_at=now - timedelta(days=18 - 7 * week),
            status=status,
            meeting_url="https://video.example/room",
        )
    instruments = {kind: Instrument.objects.get(program=program, kind=kind) for kind in ("pre", "post", "reflection")}
    windows = {
        kind: SurveyWindow.objects.create(
            cycle=running, instrument=instrument, opens_at=now - timedelta(days=19 if kind != "post" else -20)
        )
        for kind, instrument in instruments.items()
    }
    graduate = make.make_graduate(closed, participant)
    enrolment = make.make_enrolment(running, participant, enrolled_on=running.starts_on)
    make.make_attendance(enrolment, running.sessions.earliest("starts_at"))
    make.make_response(enrolment, windows["pre"], submitted_at=now)
    make.make_enrolment(running, newcomer, status=Enrolment.Status.APPLIED)
    report = AttendanceReport.objects.create(
        session=running.sessions.earliest("starts_at"),
        file=store_file(
            f"email,minutes\n{participant.email},80\nnobody@x.example,3\n,\n".encode(), content_type="text/csv"
        ),
        filename="report.csv",
        uploaded_by=coordinator,
    )
    return World(
        participant=participant,
        newcomer=newcomer,
        coordinator=coordinator,
        running=running,
        closed=closed,
        certificate=make.make_certificate(graduate, accreditation),
        open_survey=windows["reflection"],
        done_survey=Response.objects.get(enrolment=enrolment).window,
        report=report,
    )


Who = Callable[[World], User | None]
ANYBODY: Who = lambda world: None  # noqa: E731  # three words each
PARTICIPANT: Who = lambda world: world.participant  # noqa: E731
NEWCOMER: Who = lambda world: world.newcomer  # noqa: E731
COORDINATOR: Who = lambda world: world.coordinator  # noqa: E731

PAGES: dict[str, tuple[Who, Callable[[World], str]]] = {
    "program": (ANYBODY, lambda w: "/programs/pain/"),
    "log in": (ANYBODY, lambda w: "/accounts/login/"),
    "sign up": (ANYBODY, lambda w: "/accounts/signup/"),
    "reset password": (ANYBODY, lambda w: "/accounts/password/reset/"),
    "log in by code": (ANYBODY, lambda w: "/accounts/login/code/"),
    "verify form": (ANYBODY, lambda w: "/verify/"),
    "verified": (ANYBODY, lambda w: f"/verify/{w.certificate.token}/"),
    "unknown code": (ANYBODY, lambda w: "/verify/NOSUCHCODE/"),
    "accessibility": (ANYBODY, lambda w: "/accessibility/"),
    "privacy": (ANYBODY, lambda w: "/privacy/"),
    "not found": (ANYBODY, lambda w: "/no/such/page/"),
    "my cycle": (PARTICIPANT, lambda w: f"/my/cycles/{w.running.pk}/"),
    "closed cycle": (PARTICIPANT, lambda w: f"/my/cycles/{w.closed.pk}/"),
    "certificates": (PARTICIPANT, lambda w: "/my/certificates/"),
    "survey": (PARTICIPANT, lambda w: f"/surveys/{w.open_survey.pk}/"),
    "survey done": (PARTICIPANT, lambda w: f"/surveys/{w.done_survey.pk}/"),
    "profile": (PARTICIPANT, lambda w: "/profile/"),
    "applied already": (PARTICIPANT, lambda w: f"/cycles/{w.running.pk}/apply/"),
    "e-mail addresses": (PARTICIPANT, lambda w: "/accounts/email/"),
    "change password": (PARTICIPANT, lambda w: "/accounts/password/change/"),
    "log out": (PARTICIPANT, lambda w: "/accounts/logout/"),
    "home": (NEWCOMER, lambda w: "/my/"),
    "waiting": (NEWCOMER, lambda w: f"/my/cycles/{w.running.pk}/"),
    "no certificate": (NEWCOMER, lambda w: "/my/certificates/"),
    "apply": (NEWCOMER, lambda w: f"/cycles/{w.closed.pk}/apply/"),
    "admin index": (COORDINATOR, lambda w: "/admin/"),
    "admin cycles": (COORDINATOR, lambda w: "/admin/sessions_app/cycle/"),
    "admin cycle": (COORDINATOR, lambda w: f"/admin/sessions_app/cycle/{w.running.pk}/change/"),
    "admin enrolments": (COORDINATOR, lambda w: "/admin/sessions_app/enrolment/"),
    "admin sessions": (COORDINATOR, lambda w: "/admin/sessions_app/echosession/"),
    "admin import": (COORDINATOR, lambda w: f"/admin/sessions_app/echosession/{w.report.session_id}/attendance/"),
    "admin preview": (
        COORDINATOR,
        lambda w: f"/admin/sessions_app/echosession/{w.report.session_id}/attendance/{w.report.pk}/",
    ),
    "admin attendance": (COORDINATOR, lambda w: "/admin/sessions_app/attendance/add/"),
    "admin program": (COORDINATOR, lambda w: f"/admin/sessions_app/program/{w.running.program_id}/change/"),
    "admin accreditation": (
        COORDINATOR,
        lambda w: f"/admin/credits/accreditation/{w.certificate.accreditation_id}/change/",
    ),
    "admin instrument": (
        COORDINATOR,
        lambda w: f"/admin/surveys/instrument/{w.open_survey.instrument_id}/change/",
    ),
    "admin windows": (COORDINATOR, lambda w: "/admin/surveys/surveywindow/"),
    "admin certificates": (COORDINATOR, lambda w: "/admin/credits/certificate/"),
    "admin certificate": (COORDINATOR, lambda w: f"/admin/credits/certificate/{w.certificate.pk}/change/"),
    "admin revoke": (COORDINATOR, lambda w: f"/admin/credits/certificate/{w.certificate.pk}/revoke/"),
    "admin closings": (COORDINATOR, lambda w: "/admin/credits/cycleclosing/"),
    "admin closing": (COORDINATOR, lambda w: f"/admin/credits/cycleclosing/{w.running.pk}/close/"),
    "admin closed": (COORDINATOR, lambda w: f"/admin/credits/cycleclosing/{w.closed.pk}/close/"),
    "admin outbox": (COORDINATOR, lambda w: "/admin/outbox/outgoingmail/"),
}
