"""What building a season and moving a session share: the lock, the cycle's days, and what to know of a time."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import BadInputError, MoveRefusedError
from core.templatetags.portal import clock, is_french, labelled, localized_text
from sessions_app.models import Cycle, EchoSession
from sessions_app.queries import approved_enrolments
from sessions_app.seasons import LONGEST, holiday_name, on_clock
from sessions_app.services.standing import lock_cycle


@dataclass(frozen=True, slots=True)
class Slot:
    """A time that a session takes, or would take, and where."""

    starts_at: datetime
    ends_at: datetime
    hub_id: int | None = None

    @property
    def day(self) -> date:
        """The day in Toronto."""
        return on_clock(self.starts_at)[0]


def lock_open_cycle(cycle_id: int) -> Cycle:
    """The cycle, its row locked: taken first by whatever writes its timetable, then the sessions in their pks' order.

    Raises MoveRefusedError for a closed one.
    """
    cycle = lock_cycle(cycle_id)
    require_open(cycle)
    return cycle


def require_open(cycle: Cycle) -> None:
    """Raise MoveRefusedError for a closed cycle."""
    if cycle.status == Cycle.Status.CLOSED:
        raise MoveRefusedError(_("This cycle is closed: its sessions stay as they are."))


def require_times(slot: Slot) -> None:
    """Raise BadInputError unless the session ends after it starts, within half a day."""
    if slot.ends_at <= slot.starts_at:
        raise BadInputError(_("The session ends before it starts. Check the two times."))
    if slot.ends_at - slot.starts_at > LONGEST:
        raise BadInputError(_("A session lasts half a day at most. Check the two times."))


def outside(cycle: Cycle, days: Iterable[date]) -> tuple[date, date] | None:
    """The first and last day the cycle needs to hold `days`; None where it holds them already."""
    needed = sorted([*days, cycle.starts_on, cycle.ends_on])
    bounds = (needed[0], needed[-1])
    return None if bounds == (cycle.starts_on, cycle.ends_on) else bounds


def stretch_cycle(cycle: Cycle, days: Iterable[date]) -> None:
    """Move the first or last day of the locked cycle out so that it holds `days`; it never gets shorter."""
    if bounds := outside(cycle, days):
        cycle.starts_on, cycle.ends_on = bounds
        cycle.save(update_fields=["starts_on", "ends_on"])


def people_told(session: EchoSession, *, now: datetime) -> int:
    """How many are mailed when the session changes: nobody of a cycle that is not public, or when it is over."""
    if session.cycle.status != Cycle.Status.PUBLISHED or session.ends_at <= now:
        return 0
    return approved_enrolments(session.cycle).count()


def remarks(cycle: Cycle, slots: Sequence[Slot], *, moving: Collection[int] = ()) -> list[list[str]]:
    """What a coordinator should know of each time, in words: a holiday, a clash, a day outside the cycle.

    Clashes are with sessions of this cycle, and with those of any other at the same hub; cancelled ones and those
    that are `moving` (their pks) do not count.
    """
    if not slots:
        return []
    here = Q(cycle=cycle) | Q(hub__in={slot.hub_id for slot in slots if slot.hub_id})
    others = list(
        EchoSession.objects.filter(
            here,
            starts_at__lt=max(slot.ends_at for slot in slots),
            ends_at__gt=min(slot.starts_at for slot in slots),
        )
        .exclude(status=EchoSession.Status.CANCELLED)
        .exclude(pk__in=moving)
        .select_related("cycle__program", "hub")
    )
    return [[*_of_day(cycle, slot.day), *_clashes(cycle, slot, others)] for slot in slots]


def _of_day(cycle: Cycle, day: date) -> list[str]:
    found = []
    if holiday := holiday_name(day, french=is_french()):
        found.append(_("Statutory holiday: %(name)s.") % {"name": holiday})
    if day < cycle.starts_on:
        found.append(_("Before the cycle's first day."))
    if day > cycle.ends_on:
        found.append(_("After the cycle's last day."))
    return found


def _clashes(cycle: Cycle, slot: Slot, others: Iterable[EchoSession]) -> list[str]:
    found = []
    for other in others:
        if not (other.starts_at < slot.ends_at and other.ends_at > slot.starts_at):
            continue
        words = {
            "topic": localized_text(other, "topic"),
            "time": clock(on_clock(other.starts_at)[1]),
            "cycle": labelled(
                localized_text(other.cycle.program, "name"), localized_text(other.cycle, "name")
            ),
        }
        if other.cycle_id == cycle.pk:
            found.append(_("At the same time as “%(topic)s” of this cycle (%(time)s).") % words)
        elif slot.hub_id and other.hub_id == slot.hub_id:
            found.append(_("The hub has “%(topic)s” of %(cycle)s at that time (%(time)s).") % words)
    return found
