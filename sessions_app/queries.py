"""Reads of programs, cycles and sessions that are used more than once."""

from datetime import datetime

from django.db.models import Prefetch, QuerySet

from sessions_app.models import Cycle, EchoSession, Enrolment, Program


def public_programs() -> QuerySet[Program]:
    """Every program, with the hubs and objectives its public page shows."""
    return Program.objects.prefetch_related("program_hubs__hub", "objectives")


def public_cycles(program: Program) -> QuerySet[Cycle]:
    """The published and closed cycles of a program with their sessions, the latest first."""
    return (
        program.cycles.exclude(status=Cycle.Status.PLANNED)
        .prefetch_related(Prefetch("sessions", queryset=EchoSession.objects.select_related("hub")))
        .order_by("-starts_on", "pk")
    )


def approved_enrolments(cycle: Cycle) -> QuerySet[Enrolment]:
    """Who is in the cycle."""
    return cycle.enrolments.filter(status=Enrolment.Status.APPROVED)


def next_session(cycle: Cycle, *, now: datetime) -> EchoSession | None:
    """The session that runs at `now` or comes next; cancelled ones are passed over."""
    return (
        cycle.sessions.select_related("hub")
        .exclude(status=EchoSession.Status.CANCELLED)
        .filter(ends_at__gt=now)
        .order_by("starts_at")
        .first()
    )
