"""Rule 25: the morphine equivalent dose, per drug, in total, and its flags."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.clinical.med import FLAGS, OPIOIDS, Dose, NotCalculated, Unit, daily_med

AMOUNTS = st.decimals(min_value=0, max_value=2000, places=2)
DOSES = st.lists(st.builds(Dose, st.sampled_from(sorted(OPIOIDS)), AMOUNTS | st.none()), max_size=8)


def dose(code: str, amount: str | None) -> Dose:
    return Dose(code, None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("code", "amount", "med"),
    [
        ("oxycodone", "60", "90"),
        ("hydromorphone", "16", "80"),
        ("codeine", "240", "36"),
        ("morphine", "45", "45"),
        ("meperidine", "300", "30"),
        ("oxycodone", "0", "0"),
        ("codeine", "0.07", "0.01"),  # 0.0105, rounded down
        ("fentanyl_patch", "0", "0"),
    ],
)
def test_med_of_a_drug_is_its_dose_times_the_factor(code, amount, med):
    result = daily_med([dose(code, amount)])

    assert (result.per_drug[0].med, result.total, result.at_least) == (Decimal(med), Decimal(med), False)


@pytest.mark.parametrize(
    ("code", "amount", "why"),
    [
        ("methadone", "40", NotCalculated.NO_FACTOR),
        ("buprenorphine", "8", NotCalculated.NO_FACTOR),
        ("buprenorphine_patch", "20", NotCalculated.NO_FACTOR),
        ("tramadol", "300", NotCalculated.NO_FACTOR),
        ("tapentadol", None, NotCalculated.NO_FACTOR),
        ("oxycodone", None, NotCalculated.NO_DOSE),
        ("fentanyl_patch", "24.99", NotCalculated.BELOW_TABLE),
    ],
)
def test_med_that_cannot_be_calculated_makes_the_total_a_least(code, amount, why):
    alone = daily_med([dose(code, amount)])
    assert (alone.per_drug[0].why, alone.total, alone.at_least, alone.flag) == (why, None, True, None)

    with_other = daily_med([dose(code, amount), dose("oxycodone", "60")])
    assert (with_other.total, with_other.at_least, with_other.flag) == (Decimal(90), True, Decimal(90))


@pytest.mark.parametrize(
    ("strength", "least"),
    [
        ("25", 60),
        ("36", 60),
        ("37", 135),
        ("50", 180),
        ("62", 225),
        ("75", 270),
        ("87", 315),
        ("100", 360),
        ("150", 360),
    ],
)
def test_med_of_a_fentanyl_patch_is_the_lower_end_of_the_sources_range(strength, least):
    result = daily_med([dose("fentanyl_patch", strength)])

    assert (result.total, result.at_least) == (Decimal(least), True)


@pytest.mark.parametrize(
    ("morphine", "flag"),
    [("49.99", None), ("50", 50), ("89.99", 50), ("90", 90), ("400", 90)],
)
def test_med_is_flagged_from_50_and_from_90(morphine, flag):
    assert daily_med([dose("morphine", morphine)]).flag == flag


def test_med_of_nothing_is_nothing():
    result = daily_med([])

    assert (result.per_drug, result.total, result.at_least, result.flag) == ((), None, False, None)


@pytest.mark.parametrize("amount", ["-1", "NaN", "Infinity"])
def test_med_refuses_what_is_no_dose(amount):
    with pytest.raises(ValueError, match="not negative"):
        daily_med([dose("methadone", amount)])


def test_med_refuses_a_drug_it_does_not_know():
    with pytest.raises(KeyError):
        daily_med([dose("aspirin", "100")])


def test_table_has_a_factor_or_steps_or_neither():
    for code, opioid in OPIOIDS.items():
        assert code == opioid.code
        assert not (opioid.factor is not None and opioid.steps)
        assert (opioid.unit == Unit.MCG_PER_HOUR) == code.endswith("_patch")


@given(DOSES)
def test_med_does_not_depend_on_the_order(doses):
    there, back = daily_med(doses), daily_med(reversed(doses))

    assert (there.total, there.at_least, there.flag) == (back.total, back.at_least, back.flag)


@given(DOSES, st.sampled_from(sorted(OPIOIDS)), AMOUNTS)
def test_med_never_falls_when_a_drug_is_added(doses, code, amount):
    before, after = daily_med(doses), daily_med([*doses, Dose(code, amount)])

    assert (after.total or 0) >= (before.total or 0)
    assert (after.flag or 0) >= (before.flag or 0)
    assert after.at_least or not before.at_least


@given(DOSES)
def test_med_total_is_the_sum_of_what_is_shown_and_the_flag_agrees_with_it(doses):
    result = daily_med(doses)

    assert (result.total or 0) == sum(drug.med or 0 for drug in result.per_drug)
    assert (result.flag is None) == (result.total is None or result.total < min(FLAGS))
    assert len(result.per_drug) == len(doses)
