"""Sessions, and the way in for their attendance reports."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin import AuditedAdmin
from core.errors import DomainError
from participants.requests import current_user
from sessions_app.forms import ReportForm
from sessions_app.models import (
    AttendanceReport,
    EchoSession,
)
from sessions_app.services import (
    apply_report,
    preview_report,
)
from sessions_app.services.attendance import read_preview


@admin.register(EchoSession)
class EchoSessionAdmin(AuditedAdmin):
    """Sessions, and the way in for their attendance reports."""

    list_display = ["topic", "cycle_name", "starts_at", "status", "attended", "import_link"]
    list_filter = ["cycle", "status"]
    list_select_related = ["cycle__program"]
    search_fields = ["topic"]
    date_hierarchy = "starts_at"
    fields = ["cycle", "topic", "topic_fr", "starts_at", "ends_at", "hub", "status", "meeting_url"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[EchoSession]:
        """Sessions with how many attended."""
        queryset: QuerySet[EchoSession] = super().get_queryset(request)
        return queryset.annotate(attended_count=Count("attendances", filter=Q(attendances__minutes__gt=0)))

    @admin.display(description=gettext_lazy("cycle"), ordering="cycle")
    def cycle_name(self, session: EchoSession) -> str:
        """The cycle, without its program."""
        return session.cycle.name

    @admin.display(description=gettext_lazy("attended"))
    def attended(self, session: Any) -> int:
        """How many have minutes."""
        return int(session.attended_count)

    @admin.display(description=gettext_lazy("attendance"))
    def import_link(self, session: EchoSession) -> str:
        """Where a report is imported."""
        url = reverse("admin:sessions_app_echosession_import", args=[session.pk])
        return format_html('<a href="{}">{}</a>', url, _("Import a report"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A session is cancelled, not deleted."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """The import's pages beside the usual ones."""
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:pk>/attendance/",
                wrap(self.import_view),
                name="sessions_app_echosession_import",
            ),
            path(
                "<int:pk>/attendance/<int:report_pk>/",
                wrap(self.preview_view),
                name="sessions_app_echosession_preview",
            ),
            *super().get_urls(),
        ]

    def import_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hand in a report; nothing but the report itself is written yet."""
        self._require(request, "add")
        session = get_object_or_404(EchoSession.objects.select_related("cycle__program"), pk=pk)
        form = ReportForm(request.POST, request.FILES) if request.method == "POST" else ReportForm()
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                report = preview_report(
                    session_id=session.pk,
                    filename=file.name or "report.csv",
                    content=file.read(),
                    by=current_user(request),
                    now=timezone.now(),
                )
            except DomainError as error:
                form.add_error("file", str(error))
            else:
                return redirect("admin:sessions_app_echosession_preview", pk=session.pk, report_pk=report.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import attendance"),
            "opts": self.opts,
            "session": session,
            "form": form,
            "reports": session.attendance_reports.select_related("uploaded_by"),
        }
        return TemplateResponse(
            request, "admin/sessions_app/attendance_import.html", context, status=422 if form.errors else 200
        )

    def preview_view(self, request: HttpRequest, pk: int, report_pk: int) -> HttpResponse:
        """What the report would write; confirming writes it."""
        self._require(request, "add")
        report = get_object_or_404(
            AttendanceReport.objects.select_related("session__cycle__program", "file"),
            pk=report_pk,
            session_id=pk,
        )
        if request.method == "POST":
            changed = apply_report(report_id=report.pk, by=current_user(request), now=timezone.now())
            text = ngettext("%d attendance was written.", "%d attendances were written.", changed) % changed
            self.message_user(
                request, text if changed else _("Nothing to change: this report is imported already.")
            )
            return redirect("admin:sessions_app_echosession_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Check the report before it is imported"),
            "opts": self.opts,
            "session": report.session,
            "preview": read_preview(report),
        }
        return TemplateResponse(request, "admin/sessions_app/attendance_preview.html", context)

    @staticmethod
    def _require(request: HttpRequest, verb: str) -> None:
        if not request.user.has_perm(f"sessions_app.{verb}_attendance"):
            raise PermissionDenied
