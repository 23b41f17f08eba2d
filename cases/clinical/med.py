"""The morphine equivalent dose of a day (product rule 25): per drug, in total, and with flags.

Source of the factors: Canadian Guideline for Safe and Effective Use of Opioids for Chronic Non-Cancer Pain, National
Opioid Use Guideline Group, April 30, 2010, Appendix B-8.1 (Michael G. DeGroote National Pain Centre, McMaster
University); also Can Fam Physician 2011;57:1257-66, table 4. What it does not give is not calculated: for methadone
and tramadol it says that no equivalence is reliably established, and it has none for buprenorphine and tapentadol.
Of fentanyl patches it gives ranges; the lower end is taken, so that the result reads "at least".

Source of the two flags: Busse JW et al. Guideline for opioid therapy and chronic noncancer pain. CMAJ
2017;189:E659-66.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum
from types import MappingProxyType

TABLE_DATE = date(2010, 4, 30)
"""The date of the guideline that the factors are from."""
FLAGS = (Decimal(90), Decimal(50))
"""From how many mg a day on the total is flagged, the highest first."""
HUNDREDTH = Decimal("0.01")


class Unit(StrEnum):
    """What a dose is counted in."""

    MG_PER_DAY = "mg_per_day"
    MCG_PER_HOUR = "mcg_per_hour"


class NotCalculated(StrEnum):
    """Why a drug has no morphine equivalent here."""

    NO_FACTOR = "no_factor"
    """The source gives none."""
    NO_DOSE = "no_dose"
    """No dose is stated."""
    BELOW_TABLE = "below_table"
    """A patch weaker than the source's table begins with."""


@dataclass(frozen=True, slots=True)
class Opioid:
    """An opioid of the table. `code` is also the key of its name in `cases.clinical_texts`.

    Of `factor` and `steps` it has one or none. Each step is (mcg/h, least mg of oral morphine a day).
    """

    code: str
    unit: Unit = Unit.MG_PER_DAY
    factor: Decimal | None = None
    steps: tuple[tuple[Decimal, Decimal], ...] = ()

    @property
    def is_calculated(self) -> bool:
        """Whether the source gives an equivalence at all."""
        return self.factor is not None or bool(self.steps)


_PATCHES = ((25, 60), (37, 135), (50, 180), (62, 225), (75, 270), (87, 315), (100, 360))

OPIOIDS = MappingProxyType(
    {
        opioid.code: opioid
        for opioid in (
            Opioid("morphine", factor=Decimal(1)),
            Opioid("codeine", factor=Decimal("0.15")),
            Opioid("oxycodone", factor=Decimal("1.5")),
            Opioid("hydromorphone", factor=Decimal(5)),
            Opioid("meperidine", factor=Decimal("0.1")),
            Opioid(
                "fentanyl_patch",
                unit=Unit.MCG_PER_HOUR,
                steps=tuple((Decimal(strength), Decimal(least)) for strength, least in _PATCHES),
            ),
            Opioid("tapentadol"),
            Opioid("tramadol"),
            Opioid("methadone"),
            Opioid("buprenorphine"),
            Opioid("buprenorphine_patch", unit=Unit.MCG_PER_HOUR),
        )
    }
)
"""By code, in the order in which they are offered. Factors turn mg of the drug, by mouth, into mg of oral morphine."""


@dataclass(frozen=True, slots=True)
class Dose:
    """What is taken of an opioid: `amount` in the unit of OPIOIDS[code], None when it is not stated."""

    code: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class DrugMed:
    """The morphine equivalent of one dose in mg a day; `why` says why there is none."""

    dose: Dose
    med: Decimal | None
    at_least: bool = False
    why: NotCalculated | None = None


@dataclass(frozen=True, slots=True)
class Med:
    """The morphine equivalent dose of a day in mg.

    `total` is None when nothing could be calculated. `at_least` says that a drug is missing from it, or in it with the
    lower end of a range. `flag` is the highest of FLAGS that the total reaches: the true dose may reach another.
    """

    per_drug: tuple[DrugMed, ...]
    total: Decimal | None
    at_least: bool
    flag: Decimal | None


def daily_med(doses: Iterable[Dose]) -> Med:
    """The morphine equivalents of `doses` in mg a day, their total and its flag (rule 25).

    Rounded down to 0.01 mg, so that what is shown and what is flagged agree. Raises KeyError for a code that is not
    in OPIOIDS, and ValueError for an amount that is negative or no number.
    """
    per_drug = tuple(_drug_med(dose) for dose in doses)
    known = [drug.med for drug in per_drug if drug.med is not None]
    total = sum(known, Decimal(0)) if known else None
    flag = next((flag for flag in FLAGS if total is not None and total >= flag), None)
    return Med(per_drug, total, any(drug.at_least or drug.why for drug in per_drug), flag)


def _drug_med(dose: Dose) -> DrugMed:
    opioid, amount = OPIOIDS[dose.code], dose.amount
    if amount is not None and not (amount.is_finite() and amount >= 0):
        raise ValueError("A dose is a number that is not negative.")
    if not opioid.is_calculated:
        return DrugMed(dose, None, why=NotCalculated.NO_FACTOR)
    if amount is None:
        return DrugMed(dose, None, why=NotCalculated.NO_DOSE)
    if opioid.factor is not None:
        return DrugMed(dose, (amount * opioid.factor).quantize(HUNDREDTH, rounding=ROUND_DOWN))
    if amount == 0:
        return DrugMed(dose, Decimal(0))
    reached = [least for strength, least in opioid.steps if strength <= amount]
    if not reached:
        return DrugMed(dose, None, why=NotCalculated.BELOW_TABLE)
    return DrugMed(dose, max(reached), at_least=True)
