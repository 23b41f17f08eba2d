"""Attendance by hand, and the reports that were handed in."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from core.admin import ReadOnlyAdmin
from participants.requests import current_user
from sessions_app.forms import AttendanceForm
from sessions_app.models import (
    Attendance,
    AttendanceReport,
)
from sessions_app.services import (
    record_attendance,
)


@admin.register(Attendance)
class AttendanceAdmin(admin.ModelAdmin[Attendance]):
    """Attendance: entered or corrected by hand here, each time with its reason."""

    form = AttendanceForm
    list_display = ["enrolment", "session", "minutes", "source", "is_guest", "recorded_at", "recorded_by"]
    list_filter = ["session__cycle", "source", "is_guest"]
    search_fields = ["enrolment__participant__email", "enrolment__participant__profile__legal_name"]
    list_select_related = ["enrolment__participant", "enrolment__cycle__program", "session", "recorded_by"]
    raw_id_fields = ["enrolment", "session"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Minutes are corrected to 0, with a reason; the record stays (rule 20)."""
        return False

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Attendance:
        """Leave the row as it is: the service writes it."""
        saved: Attendance = form.instance
        return saved

    def save_model(self, request: HttpRequest, obj: Attendance, form: Any, change: bool) -> None:
        """Enter or correct the minutes by the service, which records who, when, old and new."""
        data = form.cleaned_data
        written = record_attendance(
            enrolment_id=data["enrolment"].pk,
            session_id=data["session"].pk,
            minutes=data["minutes"],
            is_guest=data["is_guest"],
            reason=data["reason"],
            by=current_user(request),
            now=timezone.now(),
        )
        obj.pk = written.pk


@admin.register(AttendanceReport)
class AttendanceReportAdmin(ReadOnlyAdmin):
    """The reports that were handed in, as evidence."""

    list_display = ["filename", "session", "uploaded_at", "uploaded_by", "applied_at"]
    list_filter = ["session__cycle"]
    list_select_related = ["session", "uploaded_by"]
    exclude = ["file"]
