from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credits.rules import (
    AttendancePolicy,
    Gate,
    LineTerms,
    Missing,
    NotCredited,
    attended_hours,
    claimable,
    covers_after_two_an_hour,
    missing,
    why_not_credited,
)

PHYSICIAN = LineTerms(per_hour=Decimal(2), cap=Decimal(160))
SPECIALIST = LineTerms(per_hour=Decimal(1), cap=Decimal(80))
SIXTY_PERCENT = Decimal("0.60")
HELD_ON = date(2025, 10, 2)


# --- rule 8: minutes to hours ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("minutes", "session_minutes", "threshold", "hours"),
    [
        (0, 90, "0.60", "0"),
        (53, 90, "0.60", "0"),
        (54, 90, "0.60", "1.5"),
        (90, 90, "0.60", "1.5"),
        # Never more than the session, whatever the platform counted.
        (150, 90, "0.60", "1.5"),
        (1, 90, "0.01", "1.5"),
        (89, 90, "1", "0"),
        (90, 90, "1", "1.5"),
        # 60 % of 50 minutes is 30; the full length of 50 minutes is rounded down to three quarters.
        (29, 50, "0.60", "0"),
        (30, 50, "0.60", "0.75"),
        (60, 60, "0.60", "1"),
        (14, 14, "0.60", "0"),
    ],
)
def test_threshold_policy_gives_the_whole_session_or_nothing(minutes, session_minutes, threshold, hours):
    assert attended_hours(
        minutes,
        session_minutes=session_minutes,
        policy=AttendancePolicy.THRESHOLD,
        threshold=Decimal(threshold),
    ) == Decimal(hours)


@pytest.mark.parametrize(
    ("minutes", "hours"),
    [
        (0, "0"),
        (14, "0"),
        (15, "0.25"),
        (29, "0.25"),
        (30, "0.5"),
        (53, "0.75"),
        (54, "0.75"),
        (59, "0.75"),
        (60, "1"),
        (89, "1.25"),
        (90, "1.5"),
        (91, "1.5"),
        (600, "1.5"),
    ],
)
def test_pro_rata_policy_rounds_down_to_a_quarter_of_an_hour(minutes, hours):
    credited = attended_hours(
        minutes, session_minutes=90, policy=AttendancePolicy.PRO_RATA, threshold=SIXTY_PERCENT
    )

    assert credited == Decimal(hours)
    assert isinstance(credited, Decimal)


@pytest.mark.parametrize(("minutes", "session_minutes"), [(-1, 90), (10, 0), (10, -5)])
@pytest.mark.parametrize("policy", AttendancePolicy)
def test_attended_hours_refuses_what_cannot_be(minutes, session_minutes, policy):
    with pytest.raises(ValueError, match="minutes must not be negative"):
        attended_hours(minutes, session_minutes=session_minutes, policy=policy, threshold=SIXTY_PERCENT)


@given(
    minutes=st.integers(0, 2000),
    more=st.integers(0, 200),
    session_minutes=st.integers(1, 720),
    policy=st.sampled_from(AttendancePolicy),
    percent=st.integers(1, 100),
)
def test_longer_presence_never_earns_less_nor_more_than_the_session(
    minutes, more, session_minutes, policy, percent
):
    def hours(present: int) -> Decimal:
        return attended_hours(
            present, session_minutes=session_minutes, policy=policy, threshold=Decimal(percent) / 100
        )

    assert 0 <= hours(minutes) <= hours(minutes + more) <= Decimal(session_minutes) / 60
    assert hours(minutes) % Decimal("0.25") == 0


# --- rules 9 and 10: the sum, the rate, the cap ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sessions", "physician", "specialist"),
    [
        (0, "0", "0"),
        (1, "3", "1.5"),
        (40, "120", "60"),
        (53, "159", "79.5"),
        (54, "160", "80"),
        (60, "160", "80"),
    ],
)
def test_claimable_gives_the_programs_published_figures(sessions, physician, specialist):
    attended = sum((Decimal("1.5") for _session in range(sessions)), Decimal(0))

    assert claimable(attended, terms=PHYSICIAN) == Decimal(physician)
    assert claimable(attended, terms=SPECIALIST) == Decimal(specialist)


@pytest.mark.parametrize(
    ("hours", "claimed_before", "amount"),
    [
        ("60", "0", "120"),
        ("60", "40", "120"),
        ("60", "41", "119"),
        ("60", "159", "1"),
        ("60", "160", "0"),
        # More is on record than the cap allows today, because it was lowered since: nothing is owed, nothing is due.
        ("60", "170", "0"),
        ("0", "40", "0"),
    ],
)
def test_claimable_leaves_what_other_cycles_have_not_claimed(hours, claimed_before, amount):
    assert claimable(Decimal(hours), terms=PHYSICIAN, claimed_before=Decimal(claimed_before)) == Decimal(
        amount
    )


def test_claimable_rounds_down_to_what_can_be_stored_and_printed():
    terms = LineTerms(per_hour=Decimal("0.75"), cap=Decimal(40))

    assert claimable(Decimal("0.25"), terms=terms) == Decimal("0.18")


HOURS = st.integers(0, 400).map(lambda quarters: Decimal(quarters) / 4)
TERMS = st.builds(
    LineTerms,
    per_hour=st.sampled_from([Decimal(1), Decimal(2), Decimal("0.75"), Decimal("1.25")]),
    cap=st.integers(1, 800).map(lambda quarters: Decimal(quarters) / 4),
)


@given(cycles=st.lists(HOURS, max_size=8), terms=TERMS, data=st.data())
def test_claims_of_any_split_are_order_free_and_never_pass_the_cap(cycles, terms, data):
    def claims(order: list[Decimal]) -> Decimal:
        total = Decimal(0)
        for hours in order:
            total += claimable(hours, terms=terms, claimed_before=total)
            assert total <= terms.cap
        return total

    assert claims(cycles) == claims(data.draw(st.permutations(cycles)))
    if terms.per_hour in {1, 2}:
        # With rates that make no thousandths, a split changes nothing at all.
        assert claims(cycles) == claimable(sum(cycles, Decimal(0)), terms=terms)


@given(hours=HOURS, more=HOURS, before=HOURS, terms=TERMS)
def test_claims_grow_with_hours_and_shrink_with_what_was_claimed(hours, more, before, terms):
    claim = claimable(hours, terms=terms, claimed_before=before)

    assert 0 <= claim <= claimable(hours + more, terms=terms, claimed_before=before)
    assert claimable(hours, terms=terms, claimed_before=before + more) <= claim


@given(claims=st.lists(st.tuples(HOURS, TERMS), max_size=8), cap=st.integers(1, 200).map(Decimal))
def test_a_rate_that_changes_between_cycles_never_lets_the_cap_be_passed(claims, cap):
    total = Decimal(0)
    for hours, terms in claims:
        total += claimable(hours, terms=LineTerms(terms.per_hour, cap), claimed_before=total)

    assert total <= cap


def test_correcting_the_first_of_two_cycles_takes_nothing_away():
    first = claimable(Decimal(60), terms=SPECIALIST)
    second = claimable(Decimal(60), terms=SPECIALIST, claimed_before=first)

    assert (first, second) == (Decimal(60), Decimal(20))
    assert claimable(Decimal(60), terms=SPECIALIST, claimed_before=second) == first


# --- rule 12: what earns nothing ------------------------------------------------------------------------------------

EARNS: dict[str, object] = {
    "minutes": 90,
    "hours": Decimal("1.5"),
    "held_on": HELD_ON,
    "enrolled_on": HELD_ON,
    "is_guest": False,
    "is_cancelled": False,
    "is_accredited": True,
}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"minutes": 54}, None),
        ({"enrolled_on": date(2025, 9, 11)}, None),
        ({"enrolled_on": date(2025, 10, 3)}, NotCredited.BEFORE_ENROLMENT),
        ({"enrolled_on": None}, NotCredited.BEFORE_ENROLMENT),
        ({"is_guest": True}, NotCredited.GUEST),
        ({"is_cancelled": True}, NotCredited.CANCELLED),
        ({"is_accredited": False}, NotCredited.NOT_ACCREDITED),
        ({"minutes": None, "hours": Decimal(0)}, NotCredited.ABSENT),
        ({"minutes": 0, "hours": Decimal(0)}, NotCredited.ABSENT),
        ({"minutes": 53, "hours": Decimal(0)}, NotCredited.BELOW_THRESHOLD),
        # The first that applies is named: what nobody could have earned before what this person did.
        ({"is_cancelled": True, "minutes": None, "hours": Decimal(0)}, NotCredited.CANCELLED),
        ({"is_guest": True, "enrolled_on": None, "is_accredited": False}, NotCredited.GUEST),
        ({"enrolled_on": None, "is_accredited": False}, NotCredited.BEFORE_ENROLMENT),
        ({"is_accredited": False, "minutes": 10, "hours": Decimal(0)}, NotCredited.NOT_ACCREDITED),
    ],
)
def test_why_not_credited_names_the_reason(changes, reason):
    assert why_not_credited(**(EARNS | changes)) is reason


# --- rule 13: the gate ----------------------------------------------------------------------------------------------

OPEN_GATE: dict[str, bool] = {
    "is_enrolled": True,
    "has_profile": True,
    "has_pre_survey": True,
    "has_post_survey": True,
    "has_reflection": True,
}


def test_missing_is_empty_when_everything_is_there():
    assert missing(Gate(**OPEN_GATE), claimable_amount=Decimal("0.25")) == ()


@pytest.mark.parametrize(
    ("condition", "named"),
    [
        ("is_enrolled", Missing.ENROLMENT),
        ("has_profile", Missing.PROFILE),
        ("has_pre_survey", Missing.PRE_SURVEY),
        ("has_post_survey", Missing.POST_SURVEY),
        ("has_reflection", Missing.REFLECTION),
    ],
)
def test_missing_names_each_condition_that_is_not_met(condition, named):
    assert missing(Gate(**(OPEN_GATE | {condition: False})), claimable_amount=Decimal(3)) == (named,)


def test_missing_names_credit_when_nothing_is_claimable():
    assert missing(Gate(**OPEN_GATE), claimable_amount=Decimal(0)) == (Missing.CREDIT,)


@given(conditions=st.fixed_dictionaries({name: st.booleans() for name in OPEN_GATE}), amount=HOURS)
def test_missing_names_exactly_as_many_as_are_not_met(conditions, amount):
    named = missing(Gate(**conditions), claimable_amount=amount)

    assert len(named) == len(set(named)) == sum(not met for met in conditions.values()) + (amount == 0)


# --- rule 11: the old rate ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("per_hour", "days", "warns"),
    [
        ("2", [date(2025, 12, 31)], False),
        ("2", [date(2026, 1, 1)], True),
        ("2", [date(2025, 9, 11), date(2026, 2, 5)], True),
        ("1.25", [date(2026, 1, 1)], True),
        ("1", [date(2026, 1, 1)], False),
        ("2", [], False),
    ],
)
def test_two_an_hour_is_warned_of_for_sessions_after_2025(per_hour, days, warns):
    terms = LineTerms(per_hour=Decimal(per_hour), cap=Decimal(160))

    assert covers_after_two_an_hour(terms, session_days=days) is warns
