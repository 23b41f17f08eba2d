"""The dates of a season: a weekday, Ontario's statutory holidays, clocks that stay where they are (rules 1 and 2)."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import takewhile
from zoneinfo import ZoneInfo

import holidays

EASTERN = ZoneInfo("America/Toronto")
MAX_SESSIONS = 60
"""Sessions of one season: more than a year of weeks is a typing error."""
LONGEST = timedelta(hours=12)
"""Half a day: what the database takes at most."""
_HORIZON = timedelta(weeks=4 * MAX_SESSIONS)
"""A search for dates ends here, whatever is skipped."""


def at_clock(day: date, clock: time) -> datetime:
    """The moment, in UTC, at which Toronto's clocks show `clock` on `day`, daylight saving or not."""
    return datetime.combine(day, clock, EASTERN).astimezone(UTC)


def on_clock(moment: datetime) -> tuple[date, time]:
    """The day and the time that Toronto's clocks show at `moment`."""
    local = moment.astimezone(EASTERN)
    return local.date(), local.time()


def moved_by_days(moment: datetime, days: int) -> datetime:
    """`moment` so many days later, or earlier, at the same time on Toronto's clocks."""
    day, clock = on_clock(moment)
    return at_clock(day + timedelta(days=days), clock)


def weekly(first: date, *, weekday: int) -> Iterator[date]:
    """Every `weekday` (0 is Monday) from `first` on, for somewhat more than four years."""
    day = first + timedelta(days=(weekday - first.weekday()) % 7)
    for week in range(_HORIZON.days // 7):
        yield day + timedelta(weeks=week)


def season_dates(
    first: date,
    *,
    weekday: int,
    last: date | None = None,
    number: int | None = None,
    is_skipped: Callable[[date], bool] = lambda day: False,
) -> list[date]:
    """Every date of a season, the skipped ones among them, so that they can be shown.

    With `last` the list ends there. With `number` it ends at the date on which so many are not skipped: a holiday
    makes the season longer, not shorter. With both, at whichever comes first.
    """
    days: list[date] = []
    kept = 0
    for day in takewhile(lambda day: last is None or day <= last, weekly(first, weekday=weekday)):
        if kept == number:
            break
        days.append(day)
        kept += not is_skipped(day)
    return days


def holiday_name(day: date, *, french: bool = False) -> str:
    """The name of the statutory holiday that Ontario keeps on `day`, or of its day off in lieu; "" for any other."""
    return _holidays(day.year, french).get(day, "")


@cache
def _holidays(year: int, french: bool) -> dict[date, str]:
    # The public ones alone: Ontario's Employment Standards Act knows neither Easter Monday nor the Civic Holiday.
    found = holidays.country_holidays(
        "CA", subdiv="ON", years=year, language="fr" if french else "en_CA", categories="public"
    )
    return {
        day: (name.replace("Boxing Day", "Lendemain de Noël") if french else name).replace("'", "’")
        for day, name in found.items()
    }
