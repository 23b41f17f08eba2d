"""Times and durations as video platforms and spreadsheets write them."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

TORONTO = ZoneInfo("America/Toronto")
MAX_TIME = 60
MAX_MINUTES = 24 * 60

Order = Literal["mdy", "dmy"]

# The first three or four letters tell a month in English and French: "avr.", "aout", "Sept".
MONTHS = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12, "fev": 2, "avr": 4, "mai": 5, "juin": 6, "juil": 7, "aou": 8,
}  # fmt: skip

WHEN = re.compile(
    r"(?:le )?(?:[a-z]{2,9}\.?,? )??"
    r"(?:"
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"|(?P<one>\d{1,2})(?P<mark>[-/.])(?P<two>\d{1,2})(?P=mark)(?P<three>\d{4}|\d{2})"
    r"|(?P<name>[a-z]{3,9})\.? (?P<name_day>\d{1,2})(?:st|nd|rd|th)?,? (?P<name_year>\d{4})"
    r"|(?P<day_name>\d{1,2})(?:er|st|nd|rd|th)?[ -](?P<of_name>[a-z]{3,9})\.?,?[ -](?P<of_year>\d{4}|\d{2})"
    r")?"
    r"(?:(?:^|t|,? (?:a|at) |,? )"
    r"(?P<hour>\d{1,2})(?:(?::| ?h ?)(?P<minute>\d{2})|(?P<only_hour> ?h))"
    r"(?:(?::| ?min ?)(?P<second>\d{2})(?:[.,]\d{1,9})?(?: ?s)?)?(?: ?min)?"
    r" ?(?P<half>[ap]\.? ?m\.?)?"
    r" ?(?P<zone>\(?(?:z|(?:utc|gmt)?[+-]\d{1,2}(?::?\d{2})?|utc|gmt|e[sd]?t|h[na]?e)\)?)?"
    r")?",
    re.ASCII,
)
OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d{2})?")
DURATION = re.compile(
    r"(?:(?P<hours>\d{1,4}) ?h(?:r|rs|ours?|eures?)?\b\.?,? ?)?"
    r"(?:(?P<minutes>\d{1,5}) ?m(?:n|in|ins|inutes?)?\b\.?,? ?)?"
    r"(?:(?P<seconds>\d{1,6}) ?s(?:ec|ecs|econds?|econdes?)?\b\.?)?"
)
CLOCK = re.compile(r"(?P<hours>\d{1,3}):(?P<minutes>[0-5]\d):(?P<seconds>[0-5]\d)")
GLUED = re.compile(r"(?<=\d)(?=[hm])|(?<=[hm])(?=\d)")
NUMBER = re.compile(r"(?P<whole>\d{1,5})(?:[.,](?P<part>\d{1,4}))?")


class Written(NamedTuple):
    """A time as it was written: which of two numbers is the month may still be open.

    `parts` are the date's numbers, as year, month, day where `is_sure`, else in the order in which they stand; None
    where only a time of day is given. `second` counts from midnight, None where only a date is given.
    """

    parts: tuple[int, int, int] | None
    is_sure: bool
    second: int | None
    zone: tzinfo | None
    has_seconds: bool
    has_half: bool


def read_time(text: str) -> Written | None:
    """A date, a time of day or both; None for anything else."""
    found = WHEN.fullmatch(_plain(text)) if len(text) <= MAX_TIME else None
    if found is None or not found[0]:
        return None
    try:
        parts, is_sure = _date_parts(found)
        second = _second_of_day(found)
    except (KeyError, ValueError):
        return None
    if parts is None and second is None:
        return None
    return Written(parts, is_sure, second, _zone(found["zone"]), bool(found["second"]), bool(found["half"]))


def read_minutes(text: str) -> float | None:
    """A duration in minutes: "90", "90,5", "1h 29m 0s", "1 h 29 min", "1:29:00"; None for anything else."""
    words = _plain(text) if len(text) <= MAX_TIME else ""
    if not words or not words.isascii():
        return None
    if number := NUMBER.fullmatch(words):
        minutes = float(number["whole"]) + float(f"0.{number['part'] or 0}")
    elif found := CLOCK.fullmatch(words) or DURATION.fullmatch(GLUED.sub(" ", words)):
        minutes = int(found["hours"] or 0) * 60 + int(found["minutes"] or 0) + int(found["seconds"] or 0) / 60
    else:
        return None
    return minutes if minutes <= MAX_MINUTES else None


def order_of(written: Iterable[Written], *, day: date, is_french: bool) -> Order:
    """Whether the month or the day comes first: one answer for a whole report.

    The reading that makes more of its dates exist; then the one that has dates of `day`, the session's; then the
    habit of the language.
    """
    dates = Counter(each.parts for each in written if each.parts and not each.is_sure)

    def fit(order: Order) -> tuple[int, int]:
        read = [(_existing(parts, order), count) for parts, count in dates.items()]
        return sum(count for each, count in read if each), sum(count for each, count in read if each == day)

    if is_french:
        return "mdy" if fit("mdy") > fit("dmy") else "dmy"
    return "dmy" if fit("dmy") > fit("mdy") else "mdy"


def date_of(written: Written, order: Order) -> date | None:
    """The day that was written, if it exists."""
    if written.parts is None:
        return None
    if written.is_sure:
        return _date(*written.parts)
    return _existing(written.parts, order)


def moment_of(written: Written, order: Order, *, day: date) -> datetime | None:
    """The moment in UTC; `day` is used where only a time of day is given. None for a day that does not exist.

    Without an offset of its own a time is Toronto's.
    """
    on = date_of(written, order) if written.parts else day
    if on is None or written.second is None:
        return None
    # A sum, and not a date's hours and minutes: the day is one of the wall's clock.
    local = datetime(on.year, on.month, on.day, tzinfo=written.zone or TORONTO) + timedelta(
        seconds=written.second
    )
    try:
        return local.astimezone(UTC)
    except OverflowError:
        return None


def _plain(text: str) -> str:
    text = text.strip().casefold()
    if not text.isascii():
        text = "".join(
            letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter)
        )
    return " ".join(text.split())


def _date_parts(found: re.Match[str]) -> tuple[tuple[int, int, int] | None, bool]:
    if found["year"]:
        return (int(found["year"]), int(found["month"]), int(found["day"])), True
    if found["one"]:
        return (int(found["one"]), int(found["two"]), _full_year(found["three"])), False
    if found["name"]:
        return (int(found["name_year"]), _month(found["name"]), int(found["name_day"])), True
    if found["of_name"]:
        return (_full_year(found["of_year"]), _month(found["of_name"]), int(found["day_name"])), True
    return None, True


def _second_of_day(found: re.Match[str]) -> int | None:
    if found["hour"] is None:
        return None
    hour, minute, second = int(found["hour"]), int(found["minute"] or 0), int(found["second"] or 0)
    if found["half"] and hour <= 12:
        hour = hour % 12 + (12 if found["half"].startswith("p") else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ValueError(found[0])
    return hour * 3600 + minute * 60 + second


def _month(name: str) -> int:
    return MONTHS[name[:4]] if name[:4] in MONTHS else MONTHS[name[:3]]


def _full_year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _zone(text: str | None) -> tzinfo | None:
    if not text:
        return None
    if offset := OFFSET.search(text):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timezone(timedelta(minutes=min(minutes, 1439) * (-1 if offset[1] == "-" else 1)))
    return UTC if text.strip("()") in {"z", "utc", "gmt"} else TORONTO


def _existing(parts: tuple[int, int, int], order: Order) -> date | None:
    one, two, year = parts
    return _date(year, one, two) if order == "mdy" else _date(year, two, one)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
