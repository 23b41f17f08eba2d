"""What was written to groups."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.admin import ReadOnlyAdmin
from desk.models import GroupMessage


@admin.register(GroupMessage)
class GroupMessageAdmin(ReadOnlyAdmin):
    """Messages to groups; each opens on its progress."""

    list_display = ["subject", "audience", "cycle", "people", "sent_at", "sent_by"]
    list_filter = ["cycle", "audience"]
    list_select_related = ["cycle__program", "sent_by__profile"]
    search_fields = ["subject", "subject_fr"]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page that tells how far it is."""
        message = self.get_object(request, object_id)
        if message is None or not self.has_view_permission(request, message):
            return super().change_view(request, object_id, form_url, extra_context)
        return redirect("admin:message-detail", pk=message.pk)
