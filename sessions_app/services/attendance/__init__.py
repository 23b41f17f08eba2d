"""Attendance: read from reports and matched with people, or entered by a person who gives a reason."""

from sessions_app.services.attendance.counting import OpenName
from sessions_app.services.attendance.importing import (
    OtherMeetingError,
    Preview,
    PreviewRow,
    apply_report,
    preview_of_file,
    preview_report,
    read_preview,
    require_use,
    settle_names,
)
from sessions_app.services.attendance.naming import Decision, forget_aliases, may_be_remembered
from sessions_app.services.attendance.people import Crowd, Member, crowd_of
from sessions_app.services.attendance.queue import NameToMatch, names_of_session, names_to_match
from sessions_app.services.attendance.recording import (
    Entry,
    StaleEntriesError,
    correct_attendance,
    record_attendance,
    record_roll_call,
)

__all__ = [
    "Crowd",
    "Decision",
    "Entry",
    "Member",
    "NameToMatch",
    "OpenName",
    "OtherMeetingError",
    "Preview",
    "PreviewRow",
    "StaleEntriesError",
    "apply_report",
    "correct_attendance",
    "crowd_of",
    "forget_aliases",
    "may_be_remembered",
    "names_of_session",
    "names_to_match",
    "preview_of_file",
    "preview_report",
    "read_preview",
    "record_attendance",
    "record_roll_call",
    "require_use",
    "settle_names",
]
