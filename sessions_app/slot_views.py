"""Presenting a case: taking a session of one's cycle, and letting it go."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import DomainError
from participants.requests import current_user
from sessions_app.models import Cycle, Enrolment, PresenterSlot
from sessions_app.queries import coming_slots, own_slots, turns
from sessions_app.services import release_slot, take_slot


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def cycle_slots(request: HttpRequest, pk: int) -> HttpResponse:
    """Who may present when: one's own sessions, and those that are free, each with one button."""
    enrolment = get_object_or_404(
        Enrolment.objects.select_related("cycle__program").exclude(cycle__status=Cycle.Status.PLANNED),
        participant=current_user(request),
        cycle_id=pk,
        status=Enrolment.Status.APPROVED,
    )
    problem = ""
    if request.method == "POST":
        try:
            return _answered(request, enrolment)
        except DomainError as error:
            # Mostly somebody else was faster: the page shows what is still free.
            problem = str(error)
    now = timezone.now()
    own = list(own_slots(enrolment))
    coming = [slot for slot in own if slot.session.starts_at > now]
    free: dict[int, PresenterSlot] = {}
    others = coming_slots(enrolment.cycle, now=now).exclude(session__in=[slot.session_id for slot in coming])
    for slot in others.filter(enrolment=None):
        # A session may have two free slots; one button takes the first.
        free.setdefault(slot.session_id, slot)
    return render(
        request,
        "sessions_app/slots.html",
        {
            "cycle": enrolment.cycle,
            "problem": problem,
            "coming": coming,
            "presented": [slot for slot in own if slot.session.starts_at <= now],
            "free": list(free.values()),
            "turns": turns(enrolment.cycle),
            "may_take": enrolment.cycle.status == Cycle.Status.PUBLISHED and not coming,
        },
        status=409 if problem else 200,
    )


def _answered(request: HttpRequest, enrolment: Enrolment) -> HttpResponse:
    """Take or let go the slot that was chosen; somebody else's slot cannot be let go, it does not exist."""
    chosen = request.POST.get("slot", "")
    slots = PresenterSlot.objects.filter(session__cycle=enrolment.cycle)
    is_release = request.POST.get("answer") == "release"
    if is_release:
        slots = slots.filter(enrolment=enrolment)
    slot = get_object_or_404(slots, pk=int(chosen) if chosen.isdecimal() else 0)
    deed = release_slot if is_release else take_slot
    deed(slot_id=slot.pk, by=current_user(request), now=timezone.now())
    if is_release:
        messages.success(request, _("You have let the session go. Somebody else can take it now."))
    else:
        messages.success(request, _("You present a case in this session. You get an email with the date."))
    return redirect("sessions_app:cycle-slots", pk=enrolment.cycle_id)
