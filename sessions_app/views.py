"""The public pages of a program, and applying to a cycle."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from core.errors import DomainError
from participants.models import Profile
from participants.requests import current_user
from sessions_app.models import Cycle, Enrolment
from sessions_app.queries import public_cycles, public_programs
from sessions_app.services import apply_to_cycle


@require_safe
def program_list(request: HttpRequest) -> HttpResponse:
    """All programs; where there is only one, that one."""
    programs = list(public_programs()[:50])
    if len(programs) == 1:
        return redirect("sessions_app:program-detail", slug=programs[0].slug)
    return render(request, "sessions_app/program_list.html", {"programs": programs})


@require_safe
def program_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """What the program is, whom it is for, what it earns, and its schedule."""
    program = get_object_or_404(public_programs(), slug=slug)
    now = timezone.now()
    cycles = list(public_cycles(program)[:6])
    current = [cycle for cycle in cycles if cycle.status == Cycle.Status.PUBLISHED]
    return render(
        request,
        "sessions_app/program_detail.html",
        {
            "program": program,
            "open_cycles": [cycle for cycle in current if cycle.is_open_for_registration(now=now)],
            "current_cycles": current,
            "past_cycles": [cycle for cycle in cycles if cycle.status == Cycle.Status.CLOSED],
            "now": now,
        },
    )


@login_required
def cycle_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply to a cycle: a page that says what one applies for, and one button."""
    user = current_user(request)
    cycle = get_object_or_404(
        Cycle.objects.select_related("program").exclude(status=Cycle.Status.PLANNED), pk=pk
    )
    here = reverse("sessions_app:cycle-apply", args=[cycle.pk])
    profile = Profile.objects.filter(user=user).first()
    if profile is None:
        messages.info(
            request, _("First tell us who you are professionally: it decides which credits you earn.")
        )
        return redirect(f"{reverse('participants:profile-edit')}?{urlencode({'next': here})}")
    enrolment = Enrolment.objects.filter(cycle=cycle, participant=user).first()
    problem = ""
    if request.method == "POST":
        try:
            enrolment = apply_to_cycle(cycle_id=cycle.pk, by=user, now=timezone.now())
        except DomainError as error:
            problem = str(error)
        else:
            messages.success(
                request, _("Your application is in. You get a mail when a coordinator has approved it.")
            )
            return redirect("credits:cycle-detail", pk=cycle.pk)
    return render(
        request,
        "sessions_app/cycle_apply.html",
        {
            "cycle": cycle,
            "profile": profile,
            "enrolment": enrolment,
            "is_open": cycle.is_open_for_registration(now=timezone.now()),
            "problem": problem,
        },
        status=422 if problem else 200,
    )
