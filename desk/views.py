"""The pages of the desk: what needs doing over all cycles, in one cycle, and before a program opens; and the search."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.templatetags.portal import eastern_date, localized_text
from credits.queries import cycle_ledgers
from desk.duties import Duty, duties, general_duties, permitted, session_line
from desk.figures import figures, numbers_url
from desk.scopes import LIMITS
from desk.search import SEARCHES, find, only_exact
from desk.set_up import set_ups
from desk.timeline import timeline
from desk.work import by_program, cycle_work, undelivered_mails
from outbox.queries import current_hold
from participants.models import CategoryRequest, User
from participants.requests import current_user
from sessions_app.models import Cycle, Program
from sessions_app.scope import limited, programs_of
from sessions_app.services import move_cycle

RECENT = timedelta(days=120)
"""How long a closed cycle stays on the home desk after its last day; longer while something waits in it."""

Context = dict[str, Any]


def home_context(request: HttpRequest) -> Context:
    """What the first page of the administration shows: today's sessions, and each cycle with what waits in it.

    Somebody who may not see cycles gets none of it.
    """
    user = current_user(request)
    if not user.has_perm("sessions_app.view_cycle"):
        return {"programs": None}
    now = timezone.now()
    last = timezone.localdate(now) - RECENT
    cycles = limited(Cycle.objects.all(), user, "program").filter(
        ~Q(status=Cycle.Status.CLOSED) | Q(ends_on__gte=last)
    )
    work = cycle_work(cycles.order_by("program__name", "-starts_on", "pk"), now=now)
    return {
        "programs": [
            (program, [(one, permitted(duties(one, now=now), may=user.has_perm)) for one in cycles])
            for program, cycles in by_program(work).items()
        ],
        "today": [(one, state) for one in work if (state := one.today(now=now)) and _is_running(one.cycle)],
        "general": permitted(_general(user), may=user.has_perm),
        "may_add_program": _may_add_program(user),
        "hold": current_hold(),
        "session_line": session_line,
    }


def cycle_desk(request: HttpRequest, pk: int, *, site_context: Context) -> HttpResponse:
    """One cycle: where it is, what needs doing today, and its figures; at most 20 queries however many are in it."""
    user = current_user(request)
    _require(request, "sessions_app.view_cycle")
    now = timezone.now()
    cycles = limited(Cycle.objects.filter(pk=pk), user, "program")
    work = next(iter(cycle_work(cycles, now=now)), None)
    if work is None:
        get_object_or_404(cycles, pk=pk)
    assert work is not None
    context = {
        **site_context,
        "title": localized_text(work.cycle, "name"),
        "cycle": work.cycle,
        "work": work,
        "today": work.today(now=now) if _is_running(work.cycle) else None,
        "next": work.next_session(now=now),
        "stages": timeline(work, now=now),
        "duties": permitted(duties(work, now=now), may=user.has_perm),
        "figures": figures(work, cycle_ledgers(work.cycle), now=now),
        "numbers_url": numbers_url(work.cycle),
        "hold": current_hold(),
        "may_publish": user.has_perm("sessions_app.change_cycle")
        and work.cycle.status == Cycle.Status.PLANNED,
    }
    return TemplateResponse(request, "desk/cycle_desk.html", context)


def cycle_publish(request: HttpRequest, pk: int, *, site_context: Context) -> HttpResponse:
    """Open registration: what is not ready yet is shown before, and it is one button then."""
    user = current_user(request)
    _require(request, "sessions_app.change_cycle")
    cycle = get_object_or_404(limited(Cycle.objects.select_related("program"), user, "program"), pk=pk)
    if request.method == "POST":
        try:
            move_cycle(cycle_id=cycle.pk, to=Cycle.Status.PUBLISHED, by=user, now=timezone.now())
        except DomainError as error:
            messages.error(request, str(error))
        else:
            messages.success(
                request,
                _("Published. People can apply until %(day)s.")
                % {"day": eastern_date(cycle.registration_closes_at)},
            )
        return redirect("admin:cycle-desk", pk=cycle.pk)
    if request.method not in {"GET", "HEAD"}:
        return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
    set_up = set_ups(Program.objects.filter(pk=cycle.program_id))[0]
    context = {
        **site_context,
        "title": _("Open registration"),
        "cycle": cycle,
        "is_planned": cycle.status == Cycle.Status.PLANNED,
        # Of another cycle of the program the guide says nothing about this one.
        "missing": [
            step
            for step in set_up.steps
            if not step.done and set_up.cycle == cycle and step.url != request.path
        ],
    }
    return TemplateResponse(request, "desk/cycle_publish.html", context)


def search_page(request: HttpRequest, *, site_context: Context) -> HttpResponse:
    """People, sessions, cases and certificates by one question; a number given in full leads straight to its record."""
    user = current_user(request)
    if not any(user.has_perm(permission) for permission, _search in SEARCHES):
        raise PermissionDenied
    question = request.GET.get("q", "").strip()
    found = find(question, may=user.has_perm, programs=programs_of(user))
    if hit := only_exact(found):
        return redirect(hit.url)
    context = {**site_context, "title": _("Search"), "question": question, "found": found}
    return TemplateResponse(request, "desk/search.html", context)


def set_up_list(request: HttpRequest, *, site_context: Context) -> HttpResponse:
    """How far each program is, and where a new one begins."""
    _require(request, "sessions_app.view_program")
    context = {
        **site_context,
        "title": _("Set-up guide"),
        "set_ups": set_ups(_programs(request)),
        "may_add": _may_add_program(current_user(request)),
    }
    return TemplateResponse(request, "desk/set_up_list.html", context)


def set_up_program(request: HttpRequest, pk: int, *, site_context: Context) -> HttpResponse:
    """The checklist of one program."""
    _require(request, "sessions_app.view_program")
    program = get_object_or_404(_programs(request), pk=pk)
    context = {
        **site_context,
        "title": localized_text(program, "name"),
        "set_up": set_ups(Program.objects.filter(pk=program.pk))[0],
    }
    return TemplateResponse(request, "desk/set_up_program.html", context)


def _may_add_program(user: User) -> bool:
    return user.has_perm("sessions_app.add_program") and programs_of(user) is None


def _general(user: User) -> list[Duty]:
    mails, requests = undelivered_mails(), CategoryRequest.objects.filter(status=CategoryRequest.Status.OPEN)
    programs = programs_of(user)
    if programs is not None:
        mails = LIMITS["outbox.OutgoingMail"](mails, programs)
        requests = LIMITS["participants.CategoryRequest"](requests, programs)
    return list(general_duties(undelivered=mails.count(), category_requests=requests.count()))


def _programs(request: HttpRequest) -> QuerySet[Program]:
    return limited(Program.objects.order_by("name", "pk"), current_user(request), "pk")


def _is_running(cycle: Cycle) -> bool:
    return cycle.status == Cycle.Status.PUBLISHED


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied
