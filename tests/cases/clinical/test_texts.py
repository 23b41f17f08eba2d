"""Every code of the clinical tools has its words, and numbers are read as they are meant."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.utils.translation import override

from cases import clinical_texts as texts
from cases.clinical.med import OPIOIDS, Dose, NotCalculated, Unit, daily_med
from cases.clinical.ort import ITEMS, Risk, ort_score


def test_every_code_has_its_words():
    assert list(texts.OPIOID_NAMES) == list(OPIOIDS)
    assert list(texts.ORT_ITEMS) == list(ITEMS)
    assert set(texts.UNITS) == set(Unit)
    assert set(texts.NOT_CALCULATED) == set(NotCalculated)
    assert set(texts.RISKS) == set(Risk)


@pytest.mark.parametrize(
    ("doses", "words", "flag"),
    [
        ([Dose("oxycodone", Decimal("60.00"))], "90 mg of morphine a day", "at or above 90 mg"),
        ([Dose("codeine", Decimal(250))], "37.5 mg of morphine a day", ""),
        (
            [Dose("oxycodone", Decimal(40)), Dose("methadone", Decimal(10))],
            "At least 60 mg of morphine a day",
            "at or above 50 mg",
        ),
        ([Dose("methadone", Decimal(10))], "Not calculated", ""),
    ],
)
def test_med_in_words(doses, words, flag):
    med = daily_med(doses)

    assert texts.med_words(med) == words
    assert flag in texts.med_flag_words(med)
    assert bool(texts.med_flag_words(med)) == bool(flag)


def test_source_of_the_factors_is_named_with_its_date():
    assert "April 30, 2010" in texts.med_source()


@pytest.mark.parametrize(("value", "shown"), [("100", "100"), ("37.50", "37,5"), ("0", "0"), ("0.00", "0")])
def test_number_is_read_in_the_readers_language(value, shown):
    with override("fr"):
        assert texts.plain_number(Decimal(value)) == shown


@pytest.mark.parametrize(
    ("items", "sex", "words"),
    [
        (["personal_prescription"], "male", "5: moderate risk"),
        (["family_alcohol"], "unknown", "1 to 3: low risk"),
        (["personal_prescription", "sexual_abuse"], "intersex", "5 to 8: moderate to high risk"),
    ],
)
def test_ort_in_words(items, sex, words):
    assert texts.ort_words(ort_score(items, sex=sex)) == words
