"""The Opioid Risk Tool (product rule 26).

Source: Webster LR, Webster RM. Predicting aberrant behaviors in opioid-treated patients: preliminary validation of the
Opioid Risk Tool. Pain Med 2005;6(6):432-42.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

MODERATE_FROM = 4
HIGH_FROM = 8


class Risk(StrEnum):
    """What a score stands for: 0 to 3, 4 to 7, 8 and more."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Points:
    """What an item counts in each of the tool's two columns."""

    female: int
    male: int


ITEMS = MappingProxyType(
    {
        "family_alcohol": Points(1, 3),
        "family_illegal": Points(2, 3),
        "family_prescription": Points(4, 4),
        "personal_alcohol": Points(3, 3),
        "personal_illegal": Points(4, 4),
        "personal_prescription": Points(5, 5),
        "age_16_45": Points(1, 1),
        "sexual_abuse": Points(3, 0),
        "psychiatric": Points(2, 2),
        "depression": Points(1, 1),
    }
)
"""By code, in the order of the tool."""


@dataclass(frozen=True, slots=True)
class Ort:
    """A score, from `low` to `high`: two numbers when the patient's sex names no column of the tool."""

    low: int
    high: int

    @property
    def is_range(self) -> bool:
        """Whether the two columns of the tool differ for this patient."""
        return self.low != self.high

    @property
    def risks(self) -> tuple[Risk, Risk]:
        """What the lower and the higher score stand for."""
        return risk_of(self.low), risk_of(self.high)


def risk_of(score: int) -> Risk:
    """Low, moderate or high (rule 26)."""
    if score >= HIGH_FROM:
        return Risk.HIGH
    return Risk.MODERATE if score >= MODERATE_FROM else Risk.LOW


def ort_score(items: Collection[str], *, sex: str) -> Ort:
    """The score of `items`, each counted once, for `sex`.

    The tool knows "female" and "male" only; for any other `sex` both scores are given, as a range. Raises KeyError for
    an item that is not in ITEMS.
    """
    points = [ITEMS[item] for item in set(items)]
    female, male = sum(point.female for point in points), sum(point.male for point in points)
    if sex == "female":
        return Ort(female, female)
    if sex == "male":
        return Ort(male, male)
    return Ort(min(female, male), max(female, male))
