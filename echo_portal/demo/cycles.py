"""Makes a cycle of the demonstration and lets people go through it, by the services that the portal itself uses."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta

from core import audit
from credits.models import SessionIdentifier
from echo_portal.demo.answering import Surveys, surveys_of
from echo_portal.demo.people import Person
from echo_portal.demo.program import DemoProgram
from echo_portal.demo.program_text import TOPICS
from echo_portal.demo.schedule import season, session_times, toronto
from echo_portal.demo.season import furnish
from participants.models import User
from sessions_app.models import Cycle, EchoSession
from sessions_app.services import add_questions, apply_report, move_cycle, preview_report
from surveys.models import Instrument
from surveys.services.windows import tend_cycle

CLOCK = "%m/%d/%Y %I:%M:%S %p"
GUEST = "visiting.learner@example.org"
"""Stands in some reports and is in no cycle: the import names the line and leaves it out."""


@dataclass(frozen=True, slots=True)
class DemoCycle:
    """A cycle with its sessions and the surveys it asks."""

    cycle: Cycle
    sessions: list[EchoSession]
    surveys: Surveys


def build_cycle(
    demo: DemoProgram,
    days: list[date],
    *,
    by: User,
    today: date,
    capacity: int | None = None,
    cancelled: frozenset[date] = frozenset(),
    first_topic: int = 0,
) -> DemoCycle:
    """A published cycle of the given days; those before `today` were held, the next one is confirmed."""
    english, french = season(days[0])
    with audit.act("demo.load", by=None):
        cycle = Cycle.objects.create(
            program=demo.program,
            name=english,
            name_fr=french,
            starts_on=days[0],
            ends_on=days[-1],
            registration_opens_at=toronto(days[0] - timedelta(weeks=8)),
            registration_closes_at=toronto(days[-1] - timedelta(weeks=3), time(17, 0)),
            capacity=capacity,
        )
        sessions = EchoSession.objects.bulk_create(
            _session(
                demo, cycle, at, day=day, first_topic=first_topic, status=_status(day, days, today, cancelled)
            )
            for at, day in enumerate(days)
        )
        SessionIdentifier.objects.bulk_create(
            SessionIdentifier(
                accreditation=accreditation,
                session=session,
                identifier=f"{accreditation.activity_id}-{days[0]:%y%m}-{at:02d}",
            )
            for accreditation in demo.accreditations
            for at, session in enumerate(sessions, 1)
            if session.status != EchoSession.Status.CANCELLED
        )
    furnish(demo, sessions, first_speaker=first_topic)
    add_questions(cycle_id=cycle.pk, by=by)
    move_cycle(cycle_id=cycle.pk, to=Cycle.Status.PUBLISHED, by=by, now=cycle.registration_opens_at)
    cycle.refresh_from_db()
    return DemoCycle(
        cycle=cycle,
        sessions=sessions,
        surveys=_surveys(demo, cycle),
    )


def _session(
    demo: DemoProgram, cycle: Cycle, at: int, *, day: date, first_topic: int, status: EchoSession.Status
) -> EchoSession:
    starts_at, ends_at = session_times(day)
    topic, topic_fr = TOPICS[(first_topic + at) % len(TOPICS)]
    return EchoSession(
        cycle=cycle,
        hub=demo.hubs[at % len(demo.hubs)],
        topic=topic,
        topic_fr=topic_fr,
        starts_at=starts_at,
        ends_at=ends_at,
        status=status,
        meeting_url=f"https://video.example.org/chronic-pain/{day:%Y-%m-%d}",
    )


def _status(day: date, days: list[date], today: date, cancelled: frozenset[date]) -> EchoSession.Status:
    if day in cancelled:
        return EchoSession.Status.CANCELLED
    if day < today:
        return EchoSession.Status.HELD
    next_day = min(ahead for ahead in days if ahead >= today and ahead not in cancelled)
    return EchoSession.Status.CONFIRMED if day == next_day else EchoSession.Status.PLANNED


def _surveys(demo: DemoProgram, cycle: Cycle) -> Surveys:
    """The surveys that the program's plans give the cycle; the first stays open for those who join late."""
    tend_cycle(cycle_id=cycle.pk, now=cycle.registration_opens_at)
    with audit.act("demo.load", by=None):
        pre = cycle.survey_windows.get(instrument__kind=Instrument.Kind.PRE)
        pre.closes_at, pre.is_adjusted = cycle.registration_closes_at + timedelta(weeks=1), True
        pre.save(update_fields=["closes_at", "is_adjusted"])
    return surveys_of(cycle, demo.instruments)


def report(rows: Iterable[tuple[Person, int]], *, with_guest: bool = False) -> bytes:
    """An attendance report as the video platform hands it out: CSV with name, e-mail and minutes."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Name", "Email", "Minutes"])
    # As people type it: an address in capitals is the same address.
    writer.writerows(
        (person.legal_name, person.email.upper() if at % 7 == 3 else person.email, minutes)
        for at, (person, minutes) in enumerate(rows)
    )
    if with_guest:
        writer.writerow(["Visiting learner", GUEST, 45])
    return text.getvalue().encode("utf-8-sig")


def video_report(session: EchoSession, rows: Iterable[tuple[str, str, int]]) -> bytes:
    """A report as the video platform writes it, with a line for each connection: name, address, minutes."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Name (Original Name)", "User Email", "Join Time", "Leave Time", "Duration (Minutes)"])
    for name, email, minutes in rows:
        joined, left = session.held_on, session.held_on + timedelta(minutes=minutes)
        writer.writerow([name, email, f"{joined:{CLOCK}}", f"{left:{CLOCK}}", minutes])
    return text.getvalue().encode("utf-8-sig")


def import_report(session: EchoSession, content: bytes, *, by: User) -> int:
    """Read a report and write it, two hours after the session; returns how many rows changed."""
    now = session.ends_at + timedelta(hours=2)
    kept = preview_report(
        session_id=session.pk,
        filename=f"attendance-{session.held_on:%Y-%m-%d}.csv",
        content=content,
        by=by,
        now=now,
    )
    return apply_report(report_id=kept.pk, by=by, now=now)


def attend_by_name(session: EchoSession, people: Sequence[Person], *, by: User) -> None:
    """The latest report, as the platform writes it: some came without their address, and a person must decide."""
    known, unknown = people[:-4], people[-4:]
    rows = [(person.legal_name, person.email, 88) for person in known]
    rows += [
        (_swapped(unknown[0].legal_name), "", 86),
        (f"{unknown[1].legal_name} - Main Street Clinic", "", 90),
        (unknown[2].legal_name.split()[0], "", 71),
        ("iPad (2)", "", 80),
    ]
    import_report(session, video_report(session, rows), by=by)


def _swapped(name: str) -> str:
    """Last name first, as many hospitals write it."""
    first, _space, last = name.partition(" ")
    return f"{last}, {first}"
