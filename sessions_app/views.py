"""The public pages of a program; joining a cycle and leaving it."""

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import DomainError
from participants.models import Profile, User
from participants.queries import unanswered_agreements
from participants.requests import current_user
from participants.services import answer_agreements
from sessions_app.application_forms import ApplicationForm
from sessions_app.models import Cycle, Enrolment
from sessions_app.queries import (
    earlier_answers,
    invitation_for,
    open_offer,
    public_cycles,
    public_programs,
)
from sessions_app.services import accept_place, apply_to_cycle, let_place_go, withdraw
from sessions_app.services.enrolments import STANDING

PAGE_METHODS = ["GET", "HEAD", "POST"]


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


@require_http_methods(PAGE_METHODS)
def cycle_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply to a cycle: who one applies as, the cycle's questions, and the agreements not answered yet."""
    if not request.user.is_authenticated:
        # Most who follow the link are new here; the page has a way for those who are not.
        return redirect_to_login(request.path, reverse("account_signup"))
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
    now = timezone.now()
    enrolment = Enrolment.objects.filter(cycle=cycle, participant=user).first()
    if request.method == "POST" and enrolment is not None and enrolment.status in STANDING:
        # Sent twice, or by somebody who came back: the application stands as it is.
        return redirect("credits:cycle-detail", pk=cycle.pk)
    invitation = invitation_for(cycle_id=cycle.pk, user=user, now=now)
    form = ApplicationForm(
        request.POST if request.method == "POST" else None,
        questions=cycle.questions.all(),
        earlier=earlier_answers(user, cycle),
        agreements=unanswered_agreements(user),
    )
    if request.method == "POST" and form.is_valid():
        try:
            enrolment = _apply(cycle, user, form)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, SAID[Enrolment.Status(enrolment.status)])
            return redirect("credits:cycle-detail", pk=cycle.pk)
    return render(
        request,
        "sessions_app/cycle_apply.html",
        {
            "cycle": cycle,
            "profile": profile,
            "enrolment": enrolment,
            "form": form,
            "invitation": invitation,
            "is_open": cycle.is_open_for_registration(now=now)
            or (invitation is not None and cycle.status == Cycle.Status.PUBLISHED),
        },
        status=422 if form.errors else 200,
    )


SAID = {
    Enrolment.Status.APPLIED: gettext_lazy(
        "Your application is in. You get an email when a coordinator has looked at it."
    ),
    Enrolment.Status.APPROVED: gettext_lazy("You have a place. Welcome!"),
    Enrolment.Status.WAITLISTED: gettext_lazy("All places are taken: you are on the waiting list."),
}
"""What becomes of an application, in words."""


@transaction.atomic
def _apply(cycle: Cycle, user: User, form: ApplicationForm) -> Enrolment:
    """Keep what was agreed to and the application, both or neither."""
    now = timezone.now()
    answer_agreements(user=user, by=user, answers=form.agreed(), now=now)
    return apply_to_cycle(cycle_id=cycle.pk, by=user, now=now, answers=form.answers())


@login_required
@require_http_methods(PAGE_METHODS)
def cycle_place(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a place that is held for one, or let it go."""
    enrolment = _own_enrolment(request, pk)
    now = timezone.now()
    if request.method == "POST":
        service = accept_place if request.POST.get("answer") == "accept" else let_place_go
        service(enrolment_id=enrolment.pk, by=current_user(request), now=now)
        if service is accept_place:
            messages.success(request, SAID[Enrolment.Status.APPROVED])
        else:
            messages.success(request, _("You have let the place go. The next on the list is asked."))
        return redirect("credits:cycle-detail", pk=pk)
    offer = open_offer(enrolment, now=now)
    if offer is None:
        # Answered already, or too late: the cycle's page says where one stands.
        return redirect("credits:cycle-detail", pk=pk)
    return render(request, "sessions_app/cycle_place.html", {"enrolment": enrolment, "offer": offer})


@login_required
@require_http_methods(PAGE_METHODS)
def cycle_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave a cycle: a page that says what that means, and one button."""
    enrolment = _own_enrolment(request, pk)
    if request.method == "POST":
        withdraw(enrolment_id=enrolment.pk, by=current_user(request), now=timezone.now())
        messages.success(request, _("You have left the cycle."))
        return redirect("credits:cycle-detail", pk=pk)
    if enrolment.cycle.status == Cycle.Status.CLOSED or enrolment.status not in STANDING:
        return redirect("credits:cycle-detail", pk=pk)
    return render(request, "sessions_app/cycle_withdraw.html", {"enrolment": enrolment})


def _own_enrolment(request: HttpRequest, cycle_id: int) -> Enrolment:
    return get_object_or_404(
        Enrolment.objects.select_related("cycle__program").filter(participant=current_user(request)),
        cycle_id=cycle_id,
    )
