from __future__ import annotations

from datetime import date, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.seasons import (
    EASTERN,
    at_clock,
    holiday_name,
    moved_by_days,
    on_clock,
    season_dates,
    weekly,
)
from tests.clock import toronto

DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
WEEKDAYS = st.integers(0, 6)
# Between 1 and 3 in the morning a clock may show a time twice, or never.
CLOCKS = st.times(time(3), time(23, 59))


def is_holiday(day: date) -> bool:
    return bool(holiday_name(day))


# --- holidays -------------------------------------------------------------------------------------------------------


def test_holidays_of_2026_are_those_of_ontario():
    year = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]

    assert {day.isoformat()[5:]: holiday_name(day) for day in year if is_holiday(day)} == {
        "01-01": "New Year’s Day",
        "02-16": "Family Day",
        "04-03": "Good Friday",
        "05-18": "Victoria Day",
        "07-01": "Canada Day",
        "09-07": "Labour Day",
        "10-12": "Thanksgiving Day",
        "12-25": "Christmas Day",
        "12-26": "Boxing Day",
        # A Saturday's holiday is made up for on Monday.
        "12-28": "Boxing Day (observed)",
    }


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 1, 1), "Jour de l’an"),
        (date(2026, 2, 16), "Fête de la famille"),
        (date(2026, 12, 26), "Lendemain de Noël"),
        (date(2026, 9, 30), ""),
    ],
)
def test_holidays_have_french_names(day, name):
    assert holiday_name(day, french=True) == name


@pytest.mark.parametrize(
    "day", [date(2026, 4, 6), date(2026, 8, 3), date(2026, 9, 30), date(2026, 11, 11), date(2026, 2, 17)]
)
def test_days_that_are_no_statutory_holiday_in_ontario_have_no_name(day):
    assert not holiday_name(day)


# --- dates ----------------------------------------------------------------------------------------------------------


def test_number_of_sessions_is_of_those_that_are_held():
    days = season_dates(date(2026, 12, 11), weekday=4, number=3, is_skipped=is_holiday)

    # Christmas and New Year's Day are Fridays: the season is longer, and shows both.
    assert days == [date(2026, 12, 11) + timedelta(weeks=week) for week in range(5)]
    assert [day.isoformat() for day in days if is_holiday(day)] == ["2026-12-25", "2027-01-01"]


def test_last_date_ends_the_season_whatever_is_skipped():
    days = season_dates(date(2026, 12, 11), weekday=4, last=date(2027, 1, 2), is_skipped=is_holiday)

    assert days == [date(2026, 12, 11) + timedelta(weeks=week) for week in range(4)]


@pytest.mark.parametrize(
    ("first", "weekday", "expected"),
    [
        (date(2026, 1, 8), 3, date(2026, 1, 8)),
        (date(2026, 1, 8), 4, date(2026, 1, 9)),
        (date(2026, 1, 8), 2, date(2026, 1, 14)),
    ],
)
def test_season_begins_on_the_first_such_weekday(first, weekday, expected):
    assert season_dates(first, weekday=weekday, number=1) == [expected]


def test_no_such_weekday_before_the_last_date_gives_no_date():
    assert season_dates(date(2026, 1, 9), weekday=3, last=date(2026, 1, 14)) == []


def test_season_that_skips_everything_comes_to_an_end():
    days = season_dates(date(2026, 1, 8), weekday=3, number=1, is_skipped=lambda day: True)

    assert len(days) == len(list(weekly(date(2026, 1, 8), weekday=3))) == 240


@given(
    first=DAYS,
    weekday=WEEKDAYS,
    number=st.integers(1, 60),
    named=st.sets(st.integers(0, 80), max_size=20),
)
def test_season_keeps_its_weekday_and_its_number(first, weekday, number, named):
    skipped = {
        day for week, day in zip(range(81), weekly(first, weekday=weekday), strict=False) if week in named
    }

    def is_skipped(day: date) -> bool:
        return day in skipped or is_holiday(day)

    days = season_dates(first, weekday=weekday, number=number, is_skipped=is_skipped)

    held = [day for day in days if not is_skipped(day)]
    assert len(held) == number
    assert {day.weekday() for day in days} == {weekday}
    assert first <= days[0] < first + timedelta(days=7)
    # Every week once: none is left out, none comes twice, and the last is one that is held.
    assert {after - before for before, after in pairwise(days)} <= {timedelta(days=7)}
    assert days[-1] == held[-1]


@given(first=DAYS, weekday=WEEKDAYS, length=st.integers(0, 400))
def test_season_with_a_last_date_reaches_as_far_as_it_can(first, weekday, length):
    last = first + timedelta(days=length)

    days = season_dates(first, weekday=weekday, last=last, is_skipped=is_holiday)

    assert days == [
        first + timedelta(days=number)
        for number in range(length + 1)
        if (first + timedelta(days=number)).weekday() == weekday
    ]


# --- clocks ---------------------------------------------------------------------------------------------------------


@given(first=DAYS, weekday=WEEKDAYS, clock=CLOCKS)
def test_local_time_stays_across_every_change_of_the_clocks(first, weekday, clock):
    for day in season_dates(first, weekday=weekday, number=60):
        moment = at_clock(day, clock)
        assert on_clock(moment) == (day, clock)
        assert moment.astimezone(EASTERN).time() == clock


@given(day=DAYS, clock=CLOCKS, days=st.integers(-400, 400))
def test_moving_by_days_keeps_the_clock_and_can_be_undone(day, clock, days):
    moment = at_clock(day, clock)

    moved = moved_by_days(moment, days)

    assert on_clock(moved) == (day + timedelta(days=days), clock)
    assert moved_by_days(moved, -days) == moment


def test_season_across_both_changes_of_2026_is_half_past_noon_all_along():
    days = season_dates(date(2026, 2, 26), weekday=3, last=date(2026, 11, 12))

    hours = {day: at_clock(day, time(12, 30)).hour for day in days}

    # Noon and a half in Toronto is 17:30 in winter and 16:30 in summer.
    assert hours[date(2026, 3, 5)] == hours[date(2026, 11, 5)] == 17
    assert hours[date(2026, 3, 12)] == hours[date(2026, 10, 29)] == 16
    assert at_clock(date(2026, 3, 12), time(12, 30)) == toronto(2026, 3, 12, 12, 30)
    assert set(hours.values()) == {16, 17}
