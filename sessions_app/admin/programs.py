"""Programs and hubs: every word of the public page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from core.admin import AuditedAdmin
from participants.models import User
from sessions_app.admin.numbers import ProgramNumbers
from sessions_app.models import (
    Hub,
    Objective,
    Program,
    ProgramHub,
    ScopedProgram,
    StaffScope,
)


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
class ProgramAdmin(ProgramNumbers, AuditedAdmin):
    """Programs: every word of the public page."""

    list_display = ["name", "slug", "attendance_policy", "attendance_threshold", "numbers_link"]
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


class ScopedProgramInline(admin.StackedInline[ScopedProgram, StaffScope]):
    """The programs somebody is limited to."""

    model = ScopedProgram
    extra = 1


@admin.register(StaffScope)
class StaffScopeAdmin(AuditedAdmin):
    """Who works for some programs only; an administrator's to say, no role includes it."""

    list_display = ["account", "works_for"]
    inlines = [ScopedProgramInline]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Only accounts that work in the administration can be limited."""
        if db_field.name == "account":
            kwargs["queryset"] = User.objects.filter(is_staff=True).order_by("email")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffScope]:
        """Each with its programs."""
        rows: QuerySet[StaffScope] = super().get_queryset(request)
        return rows.select_related("account").prefetch_related("programs__program")

    @admin.display(description=gettext_lazy("works for"))
    def works_for(self, scope: StaffScope) -> str:
        """The programs by name."""
        return ", ".join(str(row.program) for row in scope.programs.all()) or "–"
