"""The season, as the public sees it and as the enrolled live it."""

from dataclasses import dataclass
from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from participants.queries import has_agreed_to_participate
from participants.requests import current_user
from sessions_app.models import Cycle, EchoSession
from sessions_app.queries import my_sessions, season
from sessions_app.rules import JOIN_MINUTES, Phase, Place, phase, places


@require_safe
def cycle_schedule(request: HttpRequest, pk: int) -> HttpResponse:
    """The season of a public cycle, to read and to print. It never shows a meeting link."""
    cycle = get_object_or_404(
        Cycle.objects.select_related("program").exclude(status=Cycle.Status.PLANNED), pk=pk
    )
    now = timezone.now()
    sessions = list(season(cycle))
    marks = places([(session.ends_at, session.status) for session in sessions], now=now)
    return render(
        request,
        "sessions_app/schedule.html",
        {
            "cycle": cycle,
            "season": list(zip(sessions, marks, strict=True)),
            "number": sum(mark != Place.CANCELLED for mark in marks),
            "is_over": bool(marks) and not {Place.NEXT, Place.TO_COME} & set(marks),
            "is_open": cycle.is_open_for_registration(now=now),
        },
    )


@dataclass(frozen=True, slots=True)
class MySession:
    """A session as one of its participants sees it."""

    session: EchoSession
    phase: Phase
    minutes: int | None
    presents: bool

    @property
    def is_open(self) -> bool:
        """Whether it can be joined."""
        return self.phase == Phase.OPEN


@login_required
@require_safe
def my_schedule(request: HttpRequest) -> HttpResponse:
    """Every session of the cycles one is in: what is next, what comes, what was."""
    user, now = current_user(request), timezone.now()
    rows = [
        MySession(
            session=session,
            phase=phase(starts_at=session.starts_at, ends_at=session.ends_at, status=session.status, now=now),
            minutes=session.own_minutes,
            presents=session.presents,
        )
        for session in my_sessions(user)
    ]
    coming = [row for row in rows if row.session.ends_at > now]
    takes_place = [row for row in coming if row.phase != Phase.CANCELLED]
    past = sorted(
        (row for row in rows if row.session.ends_at <= now),
        key=lambda row: (row.session.cycle.starts_on, row.session.cycle_id, row.session.starts_at),
        reverse=True,
    )
    cycles = list(
        Cycle.objects.filter(
            enrolments__participant=user, enrolments__status="approved", status=Cycle.Status.PUBLISHED
        ).select_related("program")
    )
    return render(
        request,
        "sessions_app/my_schedule.html",
        {
            # Two cycles may have a session at the same time: both can be joined.
            "next_rows": [row for row in takes_place if row.is_open] or takes_place[:1],
            "coming": coming,
            "past": [
                (cycle, list(group)) for cycle, group in groupby(past, key=lambda row: row.session.cycle)
            ],
            "cycles": cycles,
            "is_one_cycle": len({row.session.cycle_id for row in rows}) <= 1,
            "has_agreed": has_agreed_to_participate(user),
            "join_minutes": JOIN_MINUTES,
        },
    )
