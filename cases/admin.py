"""Cases in the administration: read-only; they move by services."""

from django.contrib import admin

from cases.models import CaseSubmission
from core.admin import ReadOnlyAdmin


@admin.register(CaseSubmission)
class CaseSubmissionAdmin(ReadOnlyAdmin):
    """Who brings a case, and where it stands."""

    list_display = ["echo_id", "presenter", "status", "session", "moved_at"]
    list_filter = ["status", "presenter__cycle"]
    search_fields = ["echo_id"]
    list_select_related = ["presenter__participant", "presenter__cycle__program", "session"]
