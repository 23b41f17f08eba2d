"""The coordinator's way to build a season, and to move, cancel, confirm and bring back its sessions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.admin import AuditedAdmin
from core.errors import DomainError
from core.templatetags.portal import NBSP, clock, is_french, labelled, long_day, zone
from participants.requests import current_user
from sessions_app.models import Cycle, EchoSession
from sessions_app.season_forms import CancelForm, MoveForm, SeasonDayForm, SeasonForm
from sessions_app.seasons import MAX_SESSIONS
from sessions_app.services.seasons import (
    Lesson,
    SeasonDay,
    SeasonPlan,
    build_season,
    curriculum_of,
    propose_season,
    season_days,
)
from sessions_app.services.sessions import (
    Move,
    cancel_session,
    confirm_session,
    move_session,
    preview_move,
    reinstate_session,
)
from sessions_app.services.timetable import outside, people_told

SHOWN_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})-topic")
"""The name of a control that every date of a preview has, ticked or not."""


@dataclass(frozen=True, slots=True)
class ShownDay:
    """A date of the preview; without a form where a session stands already."""

    row: SeasonDay
    form: SeasonDayForm | None


class TimetableAdmin(AuditedAdmin):
    """The part of the cycles' administration that writes their timetable."""

    def get_urls(self) -> list[URLPattern]:
        """The pages of a season and its sessions, beside the usual ones."""
        wrap = self.admin_site.admin_view
        views = {
            "move": self.move_view,
            "cancel": self.cancel_view,
            "confirm": self.confirm_view,
            "reinstate": self.reinstate_view,
        }
        return [
            path("<int:pk>/season/", wrap(self.season_view), name="sessions_app_cycle_season"),
            *(
                path(f"sessions/<int:pk>/{verb}/", wrap(view), name=f"sessions_app_echosession_{verb}")
                for verb, view in views.items()
            ),
            *super().get_urls(),
        ]

    # --- a season ----------------------------------------------------------------------------------------------
    def season_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What season is wanted; then its dates, to be looked at and ticked; then it is created."""
        _require(request, "sessions_app.add_echosession")
        cycle = get_object_or_404(Cycle.objects.select_related("program"), pk=pk)
        is_post, way = request.method == "POST", request.POST.get("way", "")
        is_open = cycle.status != Cycle.Status.CLOSED
        form = SeasonForm(request.POST if is_post else None, cycle=cycle)
        days: list[ShownDay] = []
        if is_open and is_post and form.is_valid() and way != "edit":
            plan = form.plan()
            sources = _sources(plan)
            posted = _posted_days(request, form, sources) if way in {"again", "create"} else {}
            if way == "create" and (lessons := _ticked(form, posted)) is not None:
                build = partial(build_season, cycle_id=cycle.pk, plan=plan, lessons=lessons)
                build = partial(build, by=current_user(request), now=timezone.now())
                created = _tried(form, partial(build, extends_cycle="extends" in request.POST))
                if created is not None:
                    return self._built(request, cycle, len(created))
            days = _preview(cycle, form, plan, posted, sources, is_kept=way == "create")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Check the dates") if days else _("Build the season"),
            "opts": self.opts,
            "cycle": cycle,
            "is_open": is_open,
            "form": form,
            "days": days,
            "times": _times(form) if days else "",
            "ticked": sum(bool(day.form and day.form["is_on"].value()) for day in days),
            "bounds": outside(cycle, [day.row.day for day in days if day.form]),
        }
        is_refused = is_post and (not is_open or bool(form.errors))
        return TemplateResponse(
            request,
            "admin/sessions_app/season_preview.html" if days else "admin/sessions_app/season_form.html",
            context,
            status=HTTPStatus.UNPROCESSABLE_ENTITY if is_refused else HTTPStatus.OK,
        )

    def _built(self, request: HttpRequest, cycle: Cycle, number: int) -> HttpResponse:
        if number:
            text = ngettext("%d session is created.", "%d sessions are created.", number) % number
            self.message_user(request, text, messages.SUCCESS)
        else:
            text = _("Nothing to create: these sessions exist already.")
            self.message_user(request, text, messages.WARNING)
        return redirect("admin:sessions_app_cycle_change", cycle.pk)

    # --- its sessions ------------------------------------------------------------------------------------------
    def move_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Where a session goes; then, for each that moves, from when to when; then it is done."""
        session = _session(request, pk)
        is_post, way = request.method == "POST", request.POST.get("way", "")
        form = MoveForm(request.POST if is_post else None, session=session)
        moves: list[Move] | None = None
        if is_post and form.is_valid():
            if way == "move":
                move = partial(move_session, session_id=session.pk, to=form.slot(), with_rest=form.with_rest)
                move = partial(move, seen_at=form.seen_at, extends_cycle="extends" in request.POST)
                moved = _tried(form, partial(move, by=current_user(request), now=timezone.now()))
                if moved is not None:
                    return self._moved(request, session, len(moved))
            else:
                moves = _tried(form, partial(preview_move, session, form.slot(), with_rest=form.with_rest))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Check the move") if moves else _("Move a session"),
            "opts": self.opts,
            "session": session,
            "form": form,
            "moves": moves,
            "told": people_told(session, now=timezone.now()),
            "bounds": outside(session.cycle, [move.to.day for move in moves or ()]),
        }
        return TemplateResponse(
            request, "admin/sessions_app/session_move.html", context, status=_status(form)
        )

    def _moved(self, request: HttpRequest, session: EchoSession, number: int) -> HttpResponse:
        if number:
            self.message_user(
                request, ngettext("%d session is moved.", "%d sessions are moved.", number) % number
            )
        else:
            self.message_user(request, _("Nothing to move: the session has this time already."))
        return redirect("admin:sessions_app_cycle_change", session.cycle_id)

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Who is told, and why it is cancelled; then it is."""
        session = _session(request, pk)
        form = CancelForm(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            cancel = partial(cancel_session, session_id=session.pk, reason=form.cleaned_data["reason"])
            if _tried(form, partial(cancel, by=current_user(request), now=timezone.now())):
                self.message_user(request, _("The session is cancelled."), messages.SUCCESS)
                return redirect("admin:sessions_app_cycle_change", session.cycle_id)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Cancel a session"),
            "opts": self.opts,
            "session": session,
            "form": form,
            "told": people_told(session, now=timezone.now()),
        }
        return TemplateResponse(
            request, "admin/sessions_app/session_cancel.html", context, status=_status(form)
        )

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Confirm a planned session."""
        deed = partial(confirm_session, session_id=pk)
        return self._done(request, pk, deed, _("The session is confirmed."))

    def reinstate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Bring a cancelled session back."""
        deed = partial(reinstate_session, session_id=pk, now=timezone.now())
        return self._done(request, pk, deed, _("The session is planned again."))

    def _done(self, request: HttpRequest, pk: int, deed: Any, words: str) -> HttpResponse:
        session = _session(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            deed(by=current_user(request))
        except DomainError as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, words, messages.SUCCESS)
        return redirect("admin:sessions_app_cycle_change", session.cycle_id)


def _require(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _session(request: HttpRequest, pk: int) -> EchoSession:
    """The session, for somebody who may change it."""
    _require(request, "sessions_app.change_echosession")
    return get_object_or_404(EchoSession.objects.select_related("cycle__program", "hub"), pk=pk)


def _sources(plan: SeasonPlan) -> dict[int, EchoSession]:
    """The sessions whose curriculum may be copied, by their pk."""
    return {session.pk: session for session in curriculum_of(plan.curriculum)} if plan.curriculum else {}


def _posted_days(
    request: HttpRequest, form: SeasonForm, sources: Mapping[int, EchoSession]
) -> dict[date, SeasonDayForm]:
    """The dates of the preview that came back, in their order, each with what was written for it."""
    found = {}
    for name in request.POST:
        if shown := SHOWN_DATE.fullmatch(name):
            try:
                day = date.fromisoformat(shown[1])
            except ValueError:
                continue
            found[day] = SeasonDayForm(request.POST, day=day, hubs=form.hubs, sources=sources)
    return dict(sorted(found.items()))


def _ticked(form: SeasonForm, posted: Mapping[date, SeasonDayForm]) -> dict[date, Lesson] | None:
    """The ticked dates with their lessons; None where something is wrong, which stands at the form then."""
    lessons: dict[date, Lesson] = {}
    for day, row in posted.items():
        if row.is_valid() and not row.cleaned_data["is_on"]:
            continue
        if not row.errors and (lesson := row.lesson()):
            lessons[day] = lesson
        for error in [error for errors in row.errors.values() for error in errors]:
            form.add_error(None, labelled(long_day(day), error))
        if not row.errors and day not in lessons:
            form.add_error(None, labelled(long_day(day), _("Write the topic of this session.")))
    return None if form.errors else lessons


def _preview(
    cycle: Cycle,
    form: SeasonForm,
    plan: SeasonPlan,
    posted: Mapping[date, SeasonDayForm],
    sources: Mapping[int, EchoSession],
    *,
    is_kept: bool,
) -> list[ShownDay]:
    """The dates as they are shown: worked out anew, or (`is_kept`) as they came, to be mended.

    None, with the reason at the form, where there are none or too many.
    """
    ticks = {day: row.is_valid() and bool(row.cleaned_data["is_on"]) for day, row in posted.items()}
    lessons = [lesson for row in posted.values() if row.is_valid() and (lesson := row.lesson())]
    days = season_days(cycle, plan, ticks=ticks)
    if is_kept:
        days = sorted({*days, *(day for day in posted if plan.has_day(day))})
    rows = []
    for row in propose_season(cycle, plan, days, ticks=ticks, lessons=lessons):
        day_form = SeasonDayForm.of(row.day, row.lesson, hubs=form.hubs, sources=sources)
        if is_kept:
            day_form = posted.get(row.day, day_form)
        rows.append(ShownDay(row, None if row.standing else day_form))
    number = sum(shown.row.lesson is not None for shown in rows)
    if not rows:
        form.add_error("last", _("There is no such weekday between these dates."))
    elif number > MAX_SESSIONS and not is_kept:
        form.add_error(
            "last",
            _("That would be %(number)d sessions; a season has %(most)d at most.")
            % {"number": number, "most": MAX_SESSIONS},
        )
        return []
    return rows


def _times(form: SeasonForm) -> str:
    """12:30–14:00 ET."""
    start, end = (clock(form.cleaned_data[name]) for name in ("start", "end"))
    return f"{start}{' à ' if is_french() else '–'}{end}{NBSP}{zone()}"


def _tried(form: BaseForm, deed: Any) -> Any:
    """What `deed` returns; None when it refuses, whose words stand at the form then."""
    try:
        return deed()
    except DomainError as error:
        form.add_error(None, str(error))
        return None


def _status(form: BaseForm) -> int:
    return HTTPStatus.UNPROCESSABLE_ENTITY if form.is_bound and form.errors else HTTPStatus.OK
