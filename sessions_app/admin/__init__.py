"""The coordinator's rooms for programs, cycles, sessions, enrolments and attendance."""

from sessions_app.admin import attendance, cycles, enrolments, invitations, programs, sessions

__all__ = ["attendance", "cycles", "enrolments", "invitations", "programs", "sessions"]
