"""What this app keeps about a person: enrolments, attendance, applications, invitations and the calendar."""

from sessions_app.records.deeds import SessionRecords

__all__ = ["SessionRecords"]
