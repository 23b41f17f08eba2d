"""Instruments in the administration."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin import AuditedAdmin
from participants.requests import current_user
from surveys.models import Instrument, Question, Response
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
