"""Programs and hubs: every word of the public page."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from core.admin import AuditedAdmin
from sessions_app.admin.numbers import ProgramNumbers
from sessions_app.models import (
    Hub,
    Objective,
    Program,
    ProgramHub,
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
