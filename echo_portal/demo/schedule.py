"""The Thursdays of a cycle: the clock in Toronto stays at 12:30, whatever daylight saving does."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

STARTS, ENDS = time(12, 30), time(14, 0)
SESSIONS = 20
THURSDAY = 3
# Ontario's statutory holidays that can fall on a Thursday (the others are Mondays and Fridays by law), and two eves.
HOLIDAYS = {(1, 1), (7, 1), (12, 24), (12, 25), (12, 26), (12, 31)}

SEASONS = (("Winter", "Hiver", 3), ("Spring", "Printemps", 6), ("Summer", "Été", 8), ("Fall", "Automne", 12))


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of the demonstration's two cycles."""

    finished: list[date]
    running: list[date]
    today: date

    @property
    def held(self) -> list[date]:
        """The sessions of the running cycle that are over: those before today."""
        return [day for day in self.running if day < self.today]


def demo_calendar(today: date) -> Calendar:
    """A running cycle that is half over, its next session this Thursday or the next, and one before it that ended."""
    ahead = thursdays_from(today, SESSIONS // 2)
    behind = thursdays_before(today, SESSIONS // 2)
    return Calendar(
        finished=thursdays_before(behind[0] - timedelta(weeks=3), SESSIONS),
        running=[*behind, *ahead],
        today=today,
    )


def thursdays_from(day: date, count: int) -> list[date]:
    """The first `count` Thursdays from `day` on, holidays passed over."""
    return _thursdays(day + timedelta(days=(THURSDAY - day.weekday()) % 7), count, weeks=1)


def thursdays_before(day: date, count: int) -> list[date]:
    """The last `count` Thursdays before `day`, the earliest first, holidays passed over."""
    return _thursdays(day - timedelta(days=(day.weekday() - THURSDAY - 1) % 7 + 1), count, weeks=-1)[::-1]


def _thursdays(day: date, count: int, *, weeks: int) -> list[date]:
    days: list[date] = []
    while len(days) < count:
        if (day.month, day.day) not in HOLIDAYS:
            days.append(day)
        day += timedelta(weeks=weeks)
    return days


def toronto(day: date, clock: time = time(9, 0)) -> datetime:
    """The moment at which the clocks of Toronto show `clock` on `day`."""
    return datetime.combine(day, clock, tzinfo=timezone.get_default_timezone())


def session_times(day: date) -> tuple[datetime, datetime]:
    """When the session of `day` starts and ends."""
    return toronto(day, STARTS), toronto(day, ENDS)


def season(day: date) -> tuple[str, str]:
    """What a cycle that starts on `day` is called: "Fall 2026", "Automne 2026"."""
    english, french, _last = next(names for names in SEASONS if day.month <= names[2])
    return f"{english} {day.year}", f"{french} {day.year}"
