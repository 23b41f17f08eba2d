"""Program → Cycle → EchoSession; Enrolment joins a participant to a cycle; Attendance is minutes in a session."""

from sessions_app.models.attendance import (
    Attendance,
    AttendanceAlias,
    AttendanceReport,
    NameGiven,
    UnmatchedName,
)
from sessions_app.models.cycle import Cycle, Enrolment
from sessions_app.models.program import Hub, Objective, Program, ProgramHub
from sessions_app.models.registration import (
    ApplicationAnswer,
    CalendarFeed,
    CycleQuestion,
    Invitation,
    PlaceOffer,
    Roster,
)
from sessions_app.models.scope import ScopedProgram, StaffScope
from sessions_app.models.session import (
    EchoSession,
    Material,
    PresenterSlot,
    SessionNotice,
    SessionObjective,
    SessionReminder,
    Speaker,
)
from sessions_app.models.wording import MailWording

__all__ = [
    "ApplicationAnswer",
    "Attendance",
    "AttendanceAlias",
    "AttendanceReport",
    "CalendarFeed",
    "Cycle",
    "CycleQuestion",
    "EchoSession",
    "Enrolment",
    "Hub",
    "Invitation",
    "MailWording",
    "Material",
    "NameGiven",
    "Objective",
    "PlaceOffer",
    "PresenterSlot",
    "Program",
    "ProgramHub",
    "Roster",
    "ScopedProgram",
    "SessionNotice",
    "SessionObjective",
    "SessionReminder",
    "Speaker",
    "StaffScope",
    "UnmatchedName",
]
