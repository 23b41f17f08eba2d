from __future__ import annotations

from typing import Any

import pytest

from participants.enums import Category, Profession
from participants.forms import ProfileForm

pytestmark = pytest.mark.django_db  # the form asks the constraints too

FILLED = {"legal_name": "Ann O’Neil", "category": Category.FAMILY_PHYSICIAN, "language": "en"}


def form(**changes) -> ProfileForm:
    return ProfileForm(FILLED | changes)


def test_profile_form_takes_the_least_there_is():
    assert form().is_valid()


def test_profile_form_puts_the_name_on_one_line():
    filled = form(legal_name="  Ann\u00a0 \t O’Neil ")

    assert filled.is_valid()
    assert filled.cleaned_data["legal_name"] == "Ann O’Neil"


@pytest.mark.parametrize("name", ["", "   ", "\u00a0"])
def test_profile_form_asks_for_a_name(name):
    assert "legal_name" in form(legal_name=name).errors


@pytest.mark.parametrize("profession", [Profession.PHARMACIST, ""])
@pytest.mark.parametrize("category", [Category.FAMILY_PHYSICIAN, Category.SPECIALIST])
def test_profile_form_drops_the_profession_of_physicians(category, profession):
    filled = form(category=category, profession=profession)

    assert filled.is_valid()
    assert filled.cleaned_data["profession"] == ""


def test_profile_form_asks_other_professionals_for_their_profession():
    assert list(form(category=Category.OTHER).errors) == ["profession"]
    assert form(category=Category.OTHER, profession=Profession.PHARMACIST).is_valid()


@pytest.mark.parametrize(
    ("field", "value"),
    [("category", "dentist"), ("category", ""), ("language", "de"), ("profession", "pilot")],
)
def test_profile_form_refuses_what_is_not_offered(field, value):
    assert field in form(**{field: value}).errors


def test_profile_form_offers_no_blank_radio_button():
    category: Any = form().fields["category"]

    assert [value for value, _label in category.choices] == Category.values
