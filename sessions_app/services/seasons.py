"""A season of weekly sessions: proposed date by date, then created in one step, with a past cycle's curriculum."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError
from participants.models import User
from sessions_app.models import (
    Cycle,
    EchoSession,
    Hub,
    Material,
    PresenterSlot,
    Program,
    SessionObjective,
    Speaker,
)
from sessions_app.seasons import MAX_SESSIONS, at_clock, holiday_name, season_dates
from sessions_app.services.timetable import Slot, lock_open_cycle, remarks, require_times, stretch_cycle

MAX_SLOTS = 5
"""Presenter slots of a session."""


@dataclass(frozen=True, slots=True)
class SeasonPlan:
    """What a coordinator asks for: the weekday from `first` on, until `last` or until there are `number` sessions."""

    first: date
    weekday: int
    start: time
    end: time
    last: date | None = None
    number: int | None = None
    hub_id: int | None = None
    """None: the program's hubs in turn."""
    meeting_url: str = ""
    slots: int = 1
    curriculum: Cycle | None = None
    """A cycle of the program whose topics, speakers, objectives and links are copied."""

    def slot(self, day: date, hub_id: int | None = None) -> Slot:
        """When the session of a day is."""
        return Slot(at_clock(day, self.start), at_clock(day, self.end), hub_id)

    def has_day(self, day: date) -> bool:
        """Whether the season may have a session on `day`."""
        return day.weekday() == self.weekday and self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a session is filled with: a topic, a hub, and the past session whose curriculum it takes over."""

    topic: str
    hub_id: int | None = None
    copied: EchoSession | None = None


@dataclass(frozen=True, slots=True)
class SeasonDay:
    """A date as the preview shows it; `lesson` is None where no session would be created."""

    day: date
    lesson: Lesson | None
    standing: EchoSession | None
    """The session that the cycle has at that time already."""
    is_holiday: bool
    remarks: list[str]


def program_hubs(program: Program) -> list[Hub]:
    """The hubs of a program in the order in which they take turns."""
    return [row.hub for row in program.program_hubs.select_related("hub")]


def curriculum_of(cycle: Cycle) -> QuerySet[EchoSession]:
    """The sessions that make up a cycle's curriculum, in order, with what is copied of them."""
    return (
        cycle.sessions.exclude(status=EchoSession.Status.CANCELLED)
        .order_by("starts_at", "pk")
        .prefetch_related("speakers", "session_objectives", "materials")
    )


def season_days(cycle: Cycle, plan: SeasonPlan, *, ticks: Mapping[date, bool]) -> list[date]:
    """Every date of the season. `ticks` says of dates whether there is a session; of the others, holidays have none.

    A session that stands already counts as one of the season's; a cancelled one does not.
    """
    standing = _standing(cycle)

    def is_skipped(day: date) -> bool:
        if there := standing.get(plan.slot(day).starts_at):
            return there.status == EchoSession.Status.CANCELLED
        return not ticks.get(day, not holiday_name(day))

    return season_dates(
        plan.first, weekday=plan.weekday, last=plan.last, number=plan.number, is_skipped=is_skipped
    )


def propose_season(
    cycle: Cycle,
    plan: SeasonPlan,
    days: Sequence[date],
    *,
    ticks: Mapping[date, bool],
    lessons: Sequence[Lesson] = (),
) -> list[SeasonDay]:
    """The dates with what would be created on each: the `lessons` in order, then those of the curriculum.

    A date that is skipped takes no lesson: the next date has it. Nothing is written.
    """
    standing = _standing(cycle)
    supply = _lessons(cycle, plan, lessons)
    filled: list[tuple[date, Lesson | None]] = []
    for day in days:
        is_on = plan.slot(day).starts_at not in standing and ticks.get(day, not holiday_name(day))
        filled.append((day, next(supply) if is_on else None))
    words = remarks(
        cycle,
        [plan.slot(day, lesson.hub_id if lesson else None) for day, lesson in filled],
        moving={session.pk for session in standing.values() if session.starts_at in _starts(plan, days)},
    )
    return [
        SeasonDay(
            day,
            lesson,
            standing.get(plan.slot(day).starts_at),
            bool(holiday_name(day)),
            said,
        )
        for (day, lesson), said in zip(filled, words, strict=True)
    ]


@transaction.atomic
def build_season(
    *,
    cycle_id: int,
    plan: SeasonPlan,
    lessons: Mapping[date, Lesson],
    by: User,
    now: datetime,
    extends_cycle: bool = False,
) -> list[EchoSession]:
    """Create a planned session with its presenter slots on each of the dates; returns those it created.

    A date at whose time the cycle has a session already is passed over: building twice builds once. Speakers are
    copied without their disclosure, which each cycle asks for anew. With `extends_cycle` the cycle's first and last
    day move out to hold the sessions.

    Raises BadInputError for no date or more than 60, a date that is not the season's, a hub of another program, a
    session that ends before it starts or lasts more than half a day; MoveRefusedError for a closed cycle.
    """
    cycle = lock_open_cycle(cycle_id)
    _require_sound(cycle, plan, lessons)
    standing = _standing(cycle)
    created = []
    for day, lesson in sorted(lessons.items()):
        slot = plan.slot(day)
        if slot.starts_at in standing:
            continue
        source = lesson.copied
        created.append(
            EchoSession(
                cycle=cycle,
                hub_id=lesson.hub_id,
                topic=lesson.topic,
                topic_fr=_french_topic(lesson),
                summary=source.summary if source else "",
                summary_fr=source.summary_fr if source else "",
                starts_at=slot.starts_at,
                ends_at=slot.ends_at,
                meeting_url=plan.meeting_url,
            )
        )
    if not created:
        return []
    with audit.act("season.build", by=by):
        if extends_cycle:
            stretch_cycle(cycle, lessons)
        EchoSession.objects.bulk_create(created)
        PresenterSlot.objects.bulk_create(
            PresenterSlot(session=session, position=position)
            for session in created
            for position in range(1, plan.slots + 1)
        )
        sources = {plan.slot(day).starts_at: lesson.copied for day, lesson in lessons.items()}
        _copy([(session, source) for session in created if (source := sources[session.starts_at])], now=now)
    return created


def _copy(pairs: list[tuple[EchoSession, EchoSession]], *, now: datetime) -> None:
    """Give each new session what its past one had; files stay with the cycle whose people may see them."""
    Speaker.objects.bulk_create(
        Speaker(
            session=session,
            position=speaker.position,
            name=speaker.name,
            affiliation=speaker.affiliation,
            affiliation_fr=speaker.affiliation_fr,
        )
        for session, source in pairs
        for speaker in source.speakers.all()
    )
    SessionObjective.objects.bulk_create(
        SessionObjective(session=session, objective_id=served.objective_id)
        for session, source in pairs
        for served in source.session_objectives.all()
    )
    Material.objects.bulk_create(
        Material(
            session=session,
            position=material.position,
            title=material.title,
            title_fr=material.title_fr,
            url=material.url,
            added_at=now,
        )
        for session, source in pairs
        for material in source.materials.all()
        if material.url
    )


def _require_sound(cycle: Cycle, plan: SeasonPlan, lessons: Mapping[date, Lesson]) -> None:
    if not lessons:
        raise BadInputError(_("No date is ticked. Tick those on which there is a session."))
    if len(lessons) > MAX_SESSIONS:
        raise BadInputError(
            _("That would be %(number)d sessions; a season has %(most)d at most.")
            % {"number": len(lessons), "most": MAX_SESSIONS}
        )
    if not 0 <= plan.slots <= MAX_SLOTS:
        raise BadInputError(_("A session has up to %(most)d presenter slots.") % {"most": MAX_SLOTS})
    hubs = {None, *(hub.pk for hub in program_hubs(cycle.program))}
    for day, lesson in lessons.items():
        require_times(plan.slot(day))
        copied = lesson.copied
        is_foreign = copied is not None and (
            plan.curriculum is None
            or copied.cycle_id != plan.curriculum.pk
            or plan.curriculum.program_id != cycle.program_id
        )
        if not plan.has_day(day) or lesson.hub_id not in hubs or is_foreign or not lesson.topic.strip():
            raise BadInputError(_("These dates do not belong to this season. Look at the dates again."))


def _lessons(cycle: Cycle, plan: SeasonPlan, chosen: Sequence[Lesson]) -> Iterator[Lesson]:
    """The chosen lessons, then those of the curriculum that are not among them by place, then numbered ones."""
    yield from chosen
    hubs: list[int | None] = (
        [plan.hub_id] if plan.hub_id else [*(hub.pk for hub in program_hubs(cycle.program))] or [None]
    )
    before = cycle.sessions.exclude(status=EchoSession.Status.CANCELLED).count()
    sources = iter(islice(curriculum_of(plan.curriculum), len(chosen), None) if plan.curriculum else ())
    for place in range(len(chosen), len(chosen) + 8 * MAX_SESSIONS):
        source = next(sources, None)
        yield Lesson(
            topic=source.topic if source else f"Session {before + place + 1}",
            hub_id=hubs[(before + place) % len(hubs)],
            copied=source,
        )


def _french_topic(lesson: Lesson) -> str:
    """The French twin of a topic that nobody has reworded; of a new one it is still to be written."""
    if lesson.copied is not None and lesson.topic == lesson.copied.topic:
        return lesson.copied.topic_fr
    numbered = re.fullmatch(r"Session ([0-9]+)", lesson.topic)
    return f"Séance {numbered[1]}" if numbered else ""


def _standing(cycle: Cycle) -> dict[datetime, EchoSession]:
    return {session.starts_at: session for session in cycle.sessions.all()}


def _starts(plan: SeasonPlan, days: Sequence[date]) -> set[datetime]:
    return {plan.slot(day).starts_at for day in days}
