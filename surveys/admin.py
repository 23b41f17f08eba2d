"""Instruments and survey windows in the administration; responses are only looked at."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import AuditedAdmin, ReadOnlyAdmin
from participants.requests import current_user
from surveys.models import Instrument, Question, Response, SurveyWindow
from surveys.services import next_version


class QuestionInline(admin.StackedInline[Question, Instrument]):
    """The questions of an instrument, in order."""

    model = Question
    extra = 0


@admin.register(Instrument)
class InstrumentAdmin(AuditedAdmin):
    """Instruments. One with answers is frozen; its next version can be edited."""

    list_display = ["title", "kind", "version", "program"]
    list_filter = ["program", "kind"]
    list_select_related = ["program"]
    inlines = [QuestionInline]
    actions = ["make_next_version"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Answers freeze the questions they answer (rule 28)."""
        if obj is not None and Response.objects.filter(window__instrument=obj).exists():
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An instrument that was asked stays on record."""
        if obj is not None and obj.windows.exists():
            return False
        return bool(super().has_delete_permission(request, obj))

    @admin.action(description=_("Make the next version, to edit it"), permissions=["add"])
    def make_next_version(self, request: HttpRequest, queryset: QuerySet[Instrument]) -> None:
        """Copy the chosen instruments with their questions."""
        for instrument in queryset:
            copy = next_version(instrument_id=instrument.pk, by=current_user(request))
            self.message_user(request, str(copy), messages.SUCCESS)


@admin.register(SurveyWindow)
class SurveyWindowAdmin(AuditedAdmin):
    """Which survey a cycle asks, and when; with how many have answered."""

    list_display = ["instrument", "cycle", "opens_at", "closes_at", "answered"]
    list_filter = ["cycle", "instrument__kind"]
    list_select_related = ["instrument", "cycle__program"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[SurveyWindow]:
        """Windows with their count of submitted responses."""
        queryset: QuerySet[SurveyWindow] = super().get_queryset(request)
        return queryset.annotate(
            submitted=Count("responses", filter=Q(responses__status=Response.Status.SUBMITTED))
        )

    @admin.display(description=_("answered"))
    def answered(self, window: Any) -> int:
        """How many have submitted."""
        return int(window.submitted)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A window keeps its cycle and its instrument."""
        return ["cycle", "instrument"] if obj else []


@admin.register(Response)
class ResponseAdmin(ReadOnlyAdmin):
    """Who has answered what, and when; not what was answered."""

    list_display = ["enrolment", "window", "status", "started_at", "submitted_at"]
    list_filter = ["window__cycle", "window__instrument__kind", "status"]
    search_fields = ["enrolment__participant__email"]
    list_select_related = [
        "enrolment__participant",
        "enrolment__cycle__program",
        "window__instrument",
        "window__cycle__program",
    ]
