"""What is on record of cases, without a word of their text: that is read on the page of the review alone."""

from django.contrib import admin

from cases.models import CaseFollowUp, CaseReading, CaseReview
from core.admin import ReadOnlyAdmin


@admin.register(CaseReview)
class CaseReviewAdmin(ReadOnlyAdmin):
    """Who decided what about which version."""

    list_display = ["version", "decision", "reviewed_by", "reviewed_at"]
    list_filter = ["decision"]
    search_fields = ["version__case__echo_id"]
    list_select_related = ["version__case", "reviewed_by"]
    exclude = ["comments"]


@admin.register(CaseReading)
class CaseReadingAdmin(ReadOnlyAdmin):
    """Who read what of which case."""

    list_display = ["case", "what", "version", "reader", "read_at"]
    list_filter = ["what"]
    search_fields = ["case__echo_id", "reader__email"]
    list_select_related = ["case", "version__case", "reader"]
    date_hierarchy = "read_at"


@admin.register(CaseFollowUp)
class CaseFollowUpAdmin(ReadOnlyAdmin):
    """Which presenters have reported what became of their case."""

    list_display = ["case", "outcome", "reported_at"]
    list_filter = ["outcome"]
    search_fields = ["case__echo_id"]
    list_select_related = ["case"]
    exclude = ["text"]
