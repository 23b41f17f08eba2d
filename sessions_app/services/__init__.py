"""Every write to cycles, enrolments and attendance."""

from sessions_app.services.attendance import apply_report, preview_report, record_attendance
from sessions_app.services.cycles import move_cycle
from sessions_app.services.enrolments import apply_to_cycle, decide_enrolment, withdraw

__all__ = [
    "apply_report",
    "apply_to_cycle",
    "decide_enrolment",
    "move_cycle",
    "preview_report",
    "record_attendance",
    "withdraw",
]
