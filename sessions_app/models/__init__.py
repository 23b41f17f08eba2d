"""Program → Cycle → EchoSession; Enrolment joins a participant to a cycle; Attendance is minutes in a session."""

from sessions_app.models.attendance import Attendance, AttendanceReport
from sessions_app.models.cycle import Cycle, EchoSession, Enrolment
from sessions_app.models.program import Hub, Objective, Program, ProgramHub
from sessions_app.models.registration import (
    ApplicationAnswer,
    CalendarFeed,
    CycleQuestion,
    Invitation,
    PlaceOffer,
    Roster,
)

__all__ = [
    "ApplicationAnswer",
    "Attendance",
    "AttendanceReport",
    "CalendarFeed",
    "Cycle",
    "CycleQuestion",
    "EchoSession",
    "Enrolment",
    "Hub",
    "Invitation",
    "Objective",
    "PlaceOffer",
    "Program",
    "ProgramHub",
    "Roster",
]
