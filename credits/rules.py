"""What attendance earns: pure arithmetic on plain values (product rules 8 to 14). Standard library only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum

QUARTER_HOUR = Decimal("0.25")
HUNDREDTH = Decimal("0.01")
"""As amounts are stored and printed."""
TWO_AN_HOUR_ENDS = date(2025, 12, 31)
"""The last day of older grants at 2 credits an hour: CFPC certifies new activity at 1 since 2024-12-16 (rule 11)."""


class AttendancePolicy(StrEnum):
    """How minutes become hours (rule 8)."""

    THRESHOLD = "threshold"
    PRO_RATA = "pro_rata"


class NotCredited(StrEnum):
    """Why a session earned nothing (rules 8 and 12)."""

    ABSENT = "absent"
    BELOW_THRESHOLD = "below_threshold"
    BEFORE_ENROLMENT = "before_enrolment"
    GUEST = "guest"
    CANCELLED = "cancelled"
    NOT_ACCREDITED = "not_accredited"


class Missing(StrEnum):
    """What stands between a person and the certificate (rule 13)."""

    ENROLMENT = "enrolment"
    PROFILE = "profile"
    PRE_SURVEY = "pre_survey"
    POST_SURVEY = "post_survey"
    REFLECTION = "reflection"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True)
class LineTerms:
    """The numbers of a credit line: credits (or hours) an hour, and the most that can be claimed."""

    per_hour: Decimal
    cap: Decimal


@dataclass(frozen=True, slots=True)
class Gate:
    """The conditions of a certificate, as they stand for one enrolment."""

    is_enrolled: bool
    has_profile: bool
    has_pre_survey: bool
    has_post_survey: bool
    has_reflection: bool


def attended_hours(
    minutes: int, *, session_minutes: int, policy: AttendancePolicy, threshold: Decimal
) -> Decimal:
    """Hours that `minutes` of presence in a session of `session_minutes` count for (rule 8).

    Under the threshold policy: the session's full length from `threshold` (a share of one) on, else none.
    Pro rata: the minutes, never more than the session. Both rounded DOWN to a quarter of an hour.
    Raises ValueError for negative minutes or an empty session.
    """
    if minutes < 0 or session_minutes <= 0:
        raise ValueError("minutes must not be negative, and a session has a length")
    if policy == AttendancePolicy.THRESHOLD:
        counted = session_minutes if minutes >= threshold * session_minutes else 0
    else:
        counted = min(minutes, session_minutes)
    return (Decimal(counted) / 60 / QUARTER_HOUR).to_integral_value(rounding=ROUND_DOWN) * QUARTER_HOUR


def claimable(hours: Decimal, *, terms: LineTerms, claimed_before: Decimal = Decimal(0)) -> Decimal:
    """Credits or hours claimable for `hours` of credited attendance, capped by `terms` (rule 9: sum first, cap last).

    `claimed_before` is what other certificates under the same accreditation grant already, in the line's unit: the
    cap counts it too (rule 10), so that all claims together never pass it, whatever became of the rate since.
    """
    left = max(terms.cap - claimed_before, Decimal(0))
    return min(hours * terms.per_hour, left).quantize(HUNDREDTH, rounding=ROUND_DOWN)


def why_not_credited(
    *,
    minutes: int | None,
    hours: Decimal,
    held_on: date,
    enrolled_on: date | None,
    is_guest: bool,
    is_cancelled: bool,
    is_accredited: bool,
) -> NotCredited | None:
    """Why a session earns nothing, or None where its `hours` count (rule 12).

    `minutes` is None for somebody who was not there; `enrolled_on` is None for somebody never approved.
    """
    if is_cancelled:
        return NotCredited.CANCELLED
    if minutes is None or minutes == 0:
        return NotCredited.ABSENT
    if is_guest:
        return NotCredited.GUEST
    if enrolled_on is None or held_on < enrolled_on:
        return NotCredited.BEFORE_ENROLMENT
    if not is_accredited:
        return NotCredited.NOT_ACCREDITED
    if hours == 0:
        return NotCredited.BELOW_THRESHOLD
    return None


def missing(gate: Gate, *, claimable_amount: Decimal) -> tuple[Missing, ...]:
    """Everything that is still missing for the certificate, each named (rule 13); empty means eligible."""
    conditions = (
        (gate.is_enrolled, Missing.ENROLMENT),
        (gate.has_profile, Missing.PROFILE),
        (gate.has_pre_survey, Missing.PRE_SURVEY),
        (gate.has_post_survey, Missing.POST_SURVEY),
        (gate.has_reflection, Missing.REFLECTION),
        (claimable_amount > 0, Missing.CREDIT),
    )
    return tuple(name for is_met, name in conditions if not is_met)


def covers_after_two_an_hour(terms: LineTerms, *, session_days: Iterable[date]) -> bool:
    """Whether a line above 1 credit an hour covers a session after 2025-12-31: worth a warning (rule 11)."""
    return terms.per_hour > 1 and any(day > TWO_AN_HOUR_ENDS for day in session_days)
