"""Waivers in the administration: looked at, and decided about by somebody other than who asked."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin import ReadOnlyAdmin
from core.errors import DomainError
from credits.models import DryRun, Waiver
from credits.services import decide_waiver
from participants.requests import current_user


@admin.register(Waiver)
class WaiverAdmin(ReadOnlyAdmin):
    """Every waiver ever asked for, with who asked, who decided, and why."""

    list_display = ["participant", "condition", "cycle", "status", "asked_by", "asked_at", "decided_by"]
    list_filter = ["status", "condition", "enrolment__cycle"]
    list_select_related = [
        "enrolment__participant__profile",
        "enrolment__cycle__program",
        "asked_by__profile",
        "decided_by__profile",
    ]

    @admin.display(description=gettext_lazy("participant"))
    def participant(self, waiver: Waiver) -> str:
        """Who is let off."""
        return waiver.enrolment.participant.get_full_name()

    @admin.display(description=gettext_lazy("cycle"))
    def cycle(self, waiver: Waiver) -> str:
        """The cycle, without its program."""
        return waiver.enrolment.cycle.name

    def get_urls(self) -> list[URLPattern]:
        """The decision beside the usual pages."""
        decide = self.admin_site.admin_view(self.decide_view)
        return [path("<int:pk>/decide/", decide, name="credits_waiver_decide"), *super().get_urls()]

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Grant or refuse, from the closing's page."""
        if not request.user.has_perm("credits.decide_waiver"):
            raise PermissionDenied
        waiver = get_object_or_404(Waiver.objects.select_related("enrolment"), pk=pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            waiver = decide_waiver(
                waiver_id=pk,
                grant=request.POST.get("decision") == "grant",
                by=current_user(request),
                now=timezone.now(),
            )
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(
                request,
                _("The waiver is granted.")
                if waiver.status == Waiver.Status.GRANTED
                else _("The waiver is refused."),
                messages.SUCCESS,
            )
        return redirect("admin:credits_cycleclosing_close", waiver.enrolment.cycle_id)


@admin.register(DryRun)
class DryRunAdmin(ReadOnlyAdmin):
    """When the list of a closing was looked at and kept, and by whom."""

    list_display = ["cycle", "made_at", "made_by"]
    list_filter = ["cycle"]
    list_select_related = ["cycle__program", "made_by__profile"]
