"""Deleting the attendance of a cycle whose records need not be kept any more."""

from django.db.models import Q

from core.models import StoredFile, delete_unless_needed
from core.trail import blank_reasons, drop_history, event_model
from sessions_app.models import Attendance, AttendanceReport, Cycle, NameGiven, UnmatchedName


def delete_attendance(cycle: Cycle) -> dict[str, int]:
    """Delete the cycle's attendance, the reports it was read from and the names on them; returns how many of each.

    Their part of the audit trail goes too: it holds the same names, minutes and reasons. Call inside a transaction and
    an act, once nobody may ask for the records (`core.retention`): the database refuses it earlier.
    """
    reports = AttendanceReport.objects.filter(session__cycle=cycle)
    known_reports = set(reports.values_list("pk", flat=True)) | set(
        event_model(AttendanceReport).objects.filter(session__cycle=cycle).values_list("id", flat=True)
    )
    of_reports = Q(report__in=known_reports)
    known_names = set(
        event_model(UnmatchedName).objects.filter(of_reports).values_list("id", flat=True).distinct()
    )
    files = list(
        StoredFile.objects.defer("content").filter(pk__in=list(reports.values_list("file", flat=True)))
    )
    names = UnmatchedName.objects.filter(report__session__cycle=cycle)
    attendances = Attendance.objects.filter(session__cycle=cycle)
    counts = {
        "attendances": attendances.count(),
        "attendance_reports": reports.count(),
        "names_on_reports": names.count(),
    }
    attendances.delete()
    NameGiven.objects.filter(unmatched__in=names).delete()
    names.delete()
    reports.delete()
    for file in files:
        delete_unless_needed(file)
    of_sessions = Q(session__cycle=cycle)
    for model, where in (
        (NameGiven, Q(unmatched__in=known_names)),
        (UnmatchedName, of_reports),
        (AttendanceReport, of_sessions),
        (Attendance, of_sessions),
    ):
        blank_reasons(model, where)
        drop_history(model, where)
    return counts
