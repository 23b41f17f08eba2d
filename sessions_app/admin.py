"""The coordinator's rooms for programs, cycles, sessions, enrolments and attendance."""

from typing import Any

from django.contrib import admin, messages
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

from core.admin import AuditedAdmin, ReadOnlyAdmin
from core.errors import DomainError
from participants.requests import current_user
from sessions_app.forms import AttendanceForm, ReportForm
from sessions_app.models import (
    Attendance,
    AttendanceReport,
    Cycle,
    EchoSession,
    Enrolment,
    Hub,
    Objective,
    Program,
    ProgramHub,
)
from sessions_app.services import (
    apply_report,
    decide_enrolment,
    move_cycle,
    preview_report,
    record_attendance,
)
from sessions_app.services.attendance import read_preview


@admin.register(Hub)
class HubAdmin(AuditedAdmin):
    """Hubs."""

    list_display = ["name", "city"]


class ProgramHubInline(admin.StackedInline[ProgramHub, Program]):
    """The hubs of a program, in order."""

    model = ProgramHub
    extra = 0


class ObjectiveInline(admin.StackedInline[Objective, Program]):
    """What participants learn."""

    model = Objective
    extra = 0


@admin.register(Program)
class ProgramAdmin(AuditedAdmin):
    """Programs: every word of the public page."""

    list_display = ["name", "slug", "attendance_policy", "attendance_threshold"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [ProgramHubInline, ObjectiveInline]
    fieldsets = [
        (None, {"fields": ["name", "name_fr", "slug", "began_year", "contact_email"]}),
        (
            gettext_lazy("The public page"),
            {
                "fields": [
                    "summary",
                    "summary_fr",
                    "mission",
                    "mission_fr",
                    "format_text",
                    "format_text_fr",
                    "importance",
                    "importance_fr",
                    "credit_text",
                    "credit_text_fr",
                    "funding",
                    "funding_fr",
                    "reference",
                ]
            },
        ),
        (
            gettext_lazy("Attendance and certificates"),
            {"fields": ["attendance_policy", "attendance_threshold", "place", "place_fr"]},
        ),
    ]


class EchoSessionInline(admin.TabularInline[EchoSession, Cycle]):
    """The sessions of a cycle at a glance, each with a link to where it is edited."""

    model = EchoSession
    extra = 0
    can_delete = False
    show_change_link = True
    fields = ["topic", "starts_at", "hub", "status"]
    readonly_fields = ["topic", "starts_at", "hub", "status"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Sessions are added among the sessions."""
        return False


@admin.register(Cycle)
class CycleAdmin(AuditedAdmin):
    """Cycles, from planned to closed."""

    list_display = ["name", "program", "starts_on", "ends_on", "status", "applications", "participants"]
    list_filter = ["program", "status"]
    list_select_related = ["program"]
    search_fields = ["name", "program__name"]
    inlines = [EchoSessionInline]
    readonly_fields = ["status", "closed_at", "closed_by"]
    actions = ["publish", "unpublish"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Cycle]:
        """Cycles with their head counts."""
        queryset: QuerySet[Cycle] = super().get_queryset(request)
        return queryset.annotate(
            applied=Count("enrolments", filter=Q(enrolments__status=Enrolment.Status.APPLIED)),
            approved=Count("enrolments", filter=Q(enrolments__status=Enrolment.Status.APPROVED)),
        )

    @admin.display(description=gettext_lazy("applications waiting"))
    def applications(self, cycle: Any) -> str:
        """How many wait for a decision, linked to them."""
        return _enrolments_link(cycle, Enrolment.Status.APPLIED, cycle.applied)

    @admin.display(description=gettext_lazy("participants"))
    def participants(self, cycle: Any) -> str:
        """How many are in, linked to them."""
        return _enrolments_link(cycle, Enrolment.Status.APPROVED, cycle.approved)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A closed cycle is history."""
        if obj is not None and obj.status == Cycle.Status.CLOSED:
            return False
        return bool(super().has_change_permission(request, obj))

    @admin.action(
        description=gettext_lazy("Publish: show on the public page and open registration"),
        permissions=["change"],
    )
    def publish(self, request: HttpRequest, queryset: QuerySet[Cycle]) -> None:
        """Publish the chosen cycles."""
        self._move(request, queryset, Cycle.Status.PUBLISHED)

    @admin.action(description=gettext_lazy("Take back to planned"), permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Cycle]) -> None:
        """Hide the chosen cycles again."""
        self._move(request, queryset, Cycle.Status.PLANNED)

    def _move(self, request: HttpRequest, queryset: QuerySet[Cycle], to: Cycle.Status) -> None:
        for cycle in queryset:
            try:
                move_cycle(cycle_id=cycle.pk, to=to, by=current_user(request), now=timezone.now())
            except DomainError as error:
                self.message_user(request, f"{cycle}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{cycle}: {to.label}", messages.SUCCESS)


def _enrolments_link(cycle: Cycle, status: Enrolment.Status, count: int) -> str:
    url = reverse("admin:sessions_app_enrolment_changelist")
    return format_html(
        '<a href="{}?cycle__id__exact={}&amp;status__exact={}">{}</a>', url, cycle.pk, status.value, count
    )


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


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    """Applications and participants: decided here, by actions."""

    list_display = ["participant_name", "category", "cycle_name", "status", "applied_at", "enrolled_on"]
    list_filter = ["cycle", "status", "participant__profile__category"]
    search_fields = ["participant__email", "participant__profile__legal_name"]
    list_select_related = ["cycle__program", "participant__profile"]
    actions = ["approve", "waitlist", "decline"]

    @admin.display(description=gettext_lazy("participant"), ordering="participant__profile__legal_name")
    def participant_name(self, enrolment: Enrolment) -> str:
        """The name as licensed."""
        return enrolment.participant.get_full_name()

    @admin.display(description=gettext_lazy("category"), ordering="participant__profile__category")
    def category(self, enrolment: Enrolment) -> str:
        """The professional category."""
        profile = getattr(enrolment.participant, "profile", None)
        return str(profile.get_category_display()) if profile else "–"

    @admin.display(description=gettext_lazy("cycle"), ordering="cycle")
    def cycle_name(self, enrolment: Enrolment) -> str:
        """The cycle, without its program."""
        return enrolment.cycle.name

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Who may change enrolments may decide them."""
        return request.user.has_perm("sessions_app.change_enrolment")

    @admin.action(
        description=gettext_lazy("Approve: give a place and send the welcome mail"), permissions=["decide"]
    )
    def approve(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        """Approve the chosen applications."""
        self._decide(request, queryset, Enrolment.Status.APPROVED)

    @admin.action(description=gettext_lazy("Put on the waiting list"), permissions=["decide"])
    def waitlist(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        """Put the chosen applications on the waiting list."""
        self._decide(request, queryset, Enrolment.Status.WAITLISTED)

    @admin.action(description=gettext_lazy("Decline"), permissions=["decide"])
    def decline(self, request: HttpRequest, queryset: QuerySet[Enrolment]) -> None:
        """Decline the chosen applications."""
        self._decide(request, queryset, Enrolment.Status.DECLINED)

    def _decide(self, request: HttpRequest, queryset: QuerySet[Enrolment], to: Enrolment.Status) -> None:
        done = 0
        for enrolment in queryset:
            try:
                decide_enrolment(
                    enrolment_id=enrolment.pk, to=to, by=current_user(request), now=timezone.now()
                )
            except DomainError as error:
                self.message_user(request, f"{self.participant_name(enrolment)}: {error}", messages.ERROR)
            else:
                done += 1
        if done:
            self.message_user(request, f"{to.label}: {done}", messages.SUCCESS)


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
