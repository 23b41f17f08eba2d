"""Who presents when in a cycle, and whose turn it is: the coordinator's page."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _

from core.admin import AuditedAdmin
from core.errors import DomainError
from participants.requests import current_user
from sessions_app.models import Cycle, EchoSession, PresenterSlot
from sessions_app.queries import presenters, turns
from sessions_app.services import assign_slot, release_slot
from sessions_app.slot_forms import AssignForm

HERE = "admin:sessions_app_cycle_presenters"


class PresentersAdmin(AuditedAdmin):
    """The part of the cycles' administration that gives sessions to presenters."""

    def get_urls(self) -> list[URLPattern]:
        """The page of a cycle's presenters, beside the usual ones."""
        return [
            path(
                "<int:pk>/presenters/",
                self.admin_site.admin_view(self.presenters_view),
                name="sessions_app_cycle_presenters",
            ),
            *super().get_urls(),
        ]

    def presenters_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Every session with its presenter or free, who has not presented yet, and a way to give and to free."""
        if not request.user.has_perm("sessions_app.view_presenterslot"):
            raise PermissionDenied
        may_change = request.user.has_perm("sessions_app.change_presenterslot")
        if request.method == "POST" and not may_change:
            raise PermissionDenied
        cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=pk)
        now = timezone.now()
        is_release = "release" in request.POST
        form = AssignForm(
            request.POST if request.method == "POST" and not is_release else None, cycle=cycle, now=now
        )
        if is_release:
            return self._released(request, cycle)
        if form.is_bound and form.is_valid() and self._assigned(request, form):
            return redirect(HERE, pk=cycle.pk)
        slots = list(
            PresenterSlot.objects.filter(session__cycle=cycle)
            .select_related("session", "enrolment__participant__profile")
            .order_by("session__starts_at", "session_id", "position")
        )
        people = list(presenters(cycle, now=now))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Presenters"),
            "opts": self.opts,
            "cycle": cycle,
            "form": form,
            "slots": slots,
            "people": people,
            "turns": turns(cycle),
            "may_change": may_change,
            "may_assign": may_change
            and cycle.status == Cycle.Status.PUBLISHED
            and bool(people)
            and any(
                slot.enrolment_id is None
                and slot.session.starts_at > now
                and slot.session.status != EchoSession.Status.CANCELLED
                for slot in slots
            ),
            "now": now,
        }
        return TemplateResponse(
            request, "admin/sessions_app/presenters.html", context, status=422 if form.errors else 200
        )

    def _assigned(self, request: HttpRequest, form: AssignForm) -> bool:
        """Give the slot; what the service refuses stands at the form."""
        chosen: dict[str, Any] = form.cleaned_data
        try:
            assign_slot(
                slot_id=chosen["slot"].pk,
                enrolment_id=chosen["enrolment"].pk,
                by=current_user(request),
                now=timezone.now(),
            )
        except DomainError as error:
            form.add_error(None, str(error))
            return False
        name = chosen["enrolment"].participant.get_full_name()
        self.message_user(request, _("%s presents, and is told by email.") % name, messages.SUCCESS)
        return True

    def _released(self, request: HttpRequest, cycle: Cycle) -> HttpResponse:
        """Free the slot whose button was pressed."""
        chosen = request.POST.get("release", "")
        slot = get_object_or_404(
            PresenterSlot, session__cycle=cycle, pk=int(chosen) if chosen.isdecimal() else 0
        )
        try:
            release_slot(slot_id=slot.pk, by=current_user(request), now=timezone.now())
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(
                request, _("The session is free again; the person who had it is told."), messages.SUCCESS
            )
        return redirect(HERE, pk=cycle.pk)
