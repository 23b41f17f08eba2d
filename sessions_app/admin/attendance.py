"""Attendance by hand, the reports that were handed in, names that wait, and names that are remembered."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin import PortalAdmin, ReadOnlyAdmin
from participants.requests import current_user
from sessions_app.forms import AttendanceForm
from sessions_app.models import Attendance, AttendanceAlias, AttendanceReport, UnmatchedName
from sessions_app.services import forget_aliases, record_attendance


@admin.register(Attendance)
class AttendanceAdmin(PortalAdmin):
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


class OutcomeFilter(admin.SimpleListFilter):
    """Names that wait, unless others are asked for."""

    title = gettext_lazy("outcome")
    parameter_name = "outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Those decided about, and all; those that wait need no choice."""
        outcomes = UnmatchedName.Outcome
        return [
            *((value, str(outcomes(value).label)) for value in (outcomes.GIVEN, outcomes.NOBODY)),
            ("all", _("All")),
        ]

    def choices(self, changelist: Any) -> Any:
        """The first choice says what stands for no choice."""
        for at, choice in enumerate(super().choices(changelist)):
            yield {**choice, "display": str(UnmatchedName.Outcome.OPEN.label)} if at == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The chosen ones."""
        if self.value() == "all":
            return queryset
        return queryset.filter(outcome=self.value() or UnmatchedName.Outcome.OPEN)


@admin.register(UnmatchedName)
class UnmatchedNameAdmin(ReadOnlyAdmin):
    """Names on reports that wait for a person, or that somebody has decided about."""

    list_display = ["shown_name", "session", "minutes", "outcome", "given_to", "decided_by", "match_link"]
    list_display_links = None
    list_filter = [OutcomeFilter, "report__session__cycle"]
    list_select_related = ["report__session", "decided_by"]
    search_fields = ["name", "email"]
    exclude = ["key"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[UnmatchedName]:
        """Names with those they were given to."""
        names: QuerySet[UnmatchedName] = super().get_queryset(request)
        return names.prefetch_related("enrolments__participant__profile").order_by(
            "-report__session__starts_at", "name", "pk"
        )

    @admin.display(description=gettext_lazy("name on the report"), ordering="name")
    def shown_name(self, name: UnmatchedName) -> str:
        """The name, and the address where there is one."""
        return " · ".join(filter(None, (name.name, name.email)))

    @admin.display(description=gettext_lazy("session"), ordering="report__session__starts_at")
    def session(self, name: UnmatchedName) -> str:
        """The session of the report."""
        return str(name.report.session)

    @admin.display(description=gettext_lazy("given to"))
    def given_to(self, name: UnmatchedName) -> str:
        """Everybody behind the name."""
        people = [enrolment.participant.get_full_name() for enrolment in name.enrolments.all()]
        return ", ".join(people) or "–"

    @admin.display(description=gettext_lazy("decision"))
    def match_link(self, name: UnmatchedName) -> str:
        """Where it is decided, or decided anew."""
        url = reverse("admin:sessions_app_echosession_names", args=[name.report.session_id])
        if name.outcome == UnmatchedName.Outcome.OPEN:
            return format_html('<a href="{}">{}</a>', url, _("Match"))
        return format_html('<a href="{}?all=1">{}</a>', url, _("Change"))


@admin.register(AttendanceAlias)
class AttendanceAliasAdmin(ReadOnlyAdmin):
    """Names and addresses that are remembered: whoever bears one on a report needs no person to be matched."""

    list_display = ["written", "kind", "person", "remembered_at", "remembered_by"]
    list_filter = ["kind", "participant__enrolments__cycle"]
    list_select_related = ["participant__profile", "remembered_by"]
    search_fields = ["written", "participant__email", "participant__profile__legal_name"]
    actions = ["forget"]

    @admin.display(description=gettext_lazy("participant"), ordering="participant__profile__legal_name")
    def person(self, alias: AttendanceAlias) -> str:
        """Whose it is."""
        return f"{alias.participant.get_full_name()} · {alias.participant.email}"

    def has_forget_permission(self, request: HttpRequest) -> bool:
        """Who may change what is remembered may have it forgotten."""
        return request.user.has_perm("sessions_app.change_attendancealias")

    @admin.action(
        description=gettext_lazy("Forget these names: the next report asks again"), permissions=["forget"]
    )
    def forget(self, request: HttpRequest, queryset: QuerySet[AttendanceAlias]) -> None:
        """Forget the chosen ones."""
        count = forget_aliases(
            alias_ids=list(queryset.values_list("pk", flat=True)), by=current_user(request)
        )
        words = ngettext("%d name is forgotten.", "%d names are forgotten.", count) % count
        self.message_user(request, words, messages.SUCCESS)
