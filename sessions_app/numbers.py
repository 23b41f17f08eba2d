"""The numbers that programs report: sessions, participation, people and sites; by category, region and setting.

What counts is presence: minutes above 0, not as a guest, in a session that is over and was not cancelled. Whoever left
the cycle later was there all the same. People are counted as they are described today.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from participants.enums import Category, PracticeSetting
from sessions_app.models import Cycle, EchoSession, Program
from sessions_app.regions import Region, region_of


@dataclass(frozen=True, slots=True)
class Share:
    """Who belongs to one value of a breakdown: "" is not stated."""

    value: str
    people: int
    instances: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one cycle, or of all (`cycle` is None): a person or a site in several cycles is one there."""

    cycle: Cycle | None
    sessions: int
    instances: int
    people: int
    sites: int
    people_without_site: int
    categories: tuple[Share, ...]
    regions: tuple[Share, ...]
    settings: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Numbers:
    """A program's figures over all cycles, and of each cycle, the first one first."""

    program: Program
    total: Figures
    cycles: tuple[Figures, ...]


# Once over the attendances, to one row a person and cycle; the groups are counted on those. The ORM has no GROUPING
# SETS: without them it would be a query for each breakdown, and each would go over all attendances again. A site is one
# text: distinct rows of two texts would take three times as long.
SQL = """
    WITH present AS (
        SELECT attendance.enrolment_id, COUNT(*) AS instances
        FROM sessions_app_attendance attendance
        JOIN sessions_app_echosession session ON session.id = attendance.session_id
        JOIN sessions_app_cycle cycle ON cycle.id = session.cycle_id
        WHERE cycle.program_id = %(program)s AND attendance.minutes > 0 AND NOT attendance.is_guest
            AND session.status <> 'cancelled' AND session.ends_at <= %(now)s
        GROUP BY attendance.enrolment_id
    ), person AS (
        SELECT enrolment.cycle_id AS cycle, enrolment.participant_id AS person, present.instances,
            COALESCE(profile.category, '') AS category,
            LEFT(COALESCE(profile.postal_prefix, ''), 1) AS letter,
            COALESCE(profile.practice_setting, '') AS setting,
            CASE WHEN BTRIM(profile.practice_name) <> ''
                THEN LOWER(BTRIM(profile.practice_name) || CHR(31) || BTRIM(profile.practice_city)) END AS site
        FROM present
        JOIN sessions_app_enrolment enrolment ON enrolment.id = present.enrolment_id
        LEFT JOIN participants_profile profile ON profile.user_id = enrolment.participant_id
    )
    SELECT cycle, category, letter, setting,
        SUM(instances), COUNT(DISTINCT person),
        COUNT(DISTINCT site), COUNT(DISTINCT person) FILTER (WHERE site IS NULL)
    FROM person
    GROUP BY GROUPING SETS (
        (), (category), (letter), (setting), (cycle), (cycle, category), (cycle, letter), (cycle, setting)
    )
"""

Cell = tuple[int, int, int, int]
"""Instances, people, sites, people without a site."""
NOTHING: Cell = (0, 0, 0, 0)


def program_numbers(program: Program, *, now: datetime) -> Numbers:
    """The program's numbers at `now`, in two queries however large it is."""
    cycles = list(
        program.cycles.annotate(held=Count("sessions", filter=held(now, prefix="sessions__"))).order_by(
            "starts_on", "pk"
        )
    )
    totals: dict[int | None, Cell] = {}
    shares: defaultdict[tuple[int | None, str], dict[str, Cell]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(SQL, {"program": program.pk, "now": now})
        for cycle, category, letter, setting, *cell in cursor.fetchall():
            named = {"category": category, "letter": letter, "setting": setting}
            kind = next((key for key, value in named.items() if value is not None), None)
            figures: Cell = (int(cell[0] or 0), cell[1], cell[2], cell[3])
            if kind is None:
                totals[cycle] = figures
            else:
                shares[cycle, kind][named[kind] or ""] = figures

    def figures_of(cycle: Cycle | None, sessions: int) -> Figures:
        pk = cycle.pk if cycle else None
        return Figures(
            cycle,
            sessions,
            *totals.get(pk, NOTHING),
            categories=_shares(Category.values, shares[pk, "category"]),
            regions=_shares(Region, shares[pk, "letter"], region_of),
            settings=_shares(PracticeSetting.values, shares[pk, "setting"]),
        )

    return Numbers(
        program,
        figures_of(None, sum(cycle.held for cycle in cycles)),
        tuple(figures_of(cycle, cycle.held) for cycle in cycles),
    )


def attended_sessions(cycle: Cycle, *, now: datetime) -> QuerySet[EchoSession, Any]:
    """The sessions of a cycle that count, in order, each with how many were `present`."""
    there = Q(attendances__minutes__gt=0, attendances__is_guest=False)
    return (
        cycle.sessions.filter(held(now))
        .annotate(present=Count("attendances", filter=there))
        .order_by("starts_at", "pk")
    )


def held(now: datetime, *, prefix: str = "") -> Q:
    """Sessions that took place: over at `now`, and not cancelled."""
    is_cancelled = Q(**{f"{prefix}status": EchoSession.Status.CANCELLED})
    return Q(**{f"{prefix}ends_at__lte": now}) & ~is_cancelled


def _shares(known: Any, found: Mapping[str, Cell], value_of: Callable[[str], str] = str) -> tuple[Share, ...]:
    """Every known value in its order, with nobody where nobody is, and who states none last."""
    people: defaultdict[str, int] = defaultdict(int)
    instances: defaultdict[str, int] = defaultdict(int)
    for raw, (came, who, _sites, _without) in found.items():
        # Everybody has one value, so that people of several add up.
        people[value_of(raw)] += who
        instances[value_of(raw)] += came
    values = [value for value in known if value] + [""]
    return tuple(Share(value, people[value], instances[value]) for value in values)
