"""Program → Cycle → EchoSession; Enrolment joins a participant to a cycle; Attendance is minutes in a session."""

from sessions_app.models.attendance import Attendance, AttendanceReport
from sessions_app.models.cycle import Cycle, EchoSession, Enrolment
from sessions_app.models.program import Hub, Objective, Program, ProgramHub

__all__ = [
    "Attendance",
    "AttendanceReport",
    "Cycle",
    "EchoSession",
    "Enrolment",
    "Hub",
    "Objective",
    "Program",
    "ProgramHub",
]
