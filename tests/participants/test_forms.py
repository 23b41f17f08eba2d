from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from participants.enums import Category, College, Profession
from participants.forms import CategoryForm, ProfileForm, agreement_answers, agreement_fields, invited_values
from participants.models import Agreement, Profile
from participants.queries import current_agreements
from participants.views import INVITED_PROFILE
from tests.factories import make_user

pytestmark = pytest.mark.django_db  # the form asks the constraints too

# The least that there is; the language is chosen before anybody looks.
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


def test_profile_form_asks_everybody_for_name_and_category_alone_and_first():
    empty = ProfileForm({"language": "en"})

    assert set(empty.errors) == {"legal_name", "category"}
    assert [field.name for section in empty.needed for field in section.fields] == [
        "legal_name",
        "preferred_name",
        "category",
        "profession",
    ]
    optional = [field for section in empty.optional for field in section.fields]
    assert [field.name for field in optional if field.field.required] == ["language"]
    assert {field.name for section in [*empty.needed, *empty.optional] for field in section.fields} == set(
        empty.fields
    )


def test_profile_form_calls_no_needed_profession_optional():
    profession = form()["profession"].as_field_group()

    assert "Profession" in profession
    assert "(optional)" not in profession
    assert "(optional)" in form()["specialty"].as_field_group()


def test_profile_form_says_beside_each_field_what_it_is_for():
    assert [name for name, field in form().fields.items() if not field.help_text] == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        ("K7L", "K7L"),
        ("k7l", "K7L"),
        ("K7L 3N6", "K7L"),
        (" k7l-3n6 ", "K7L"),
        ("m5v3l9", "M5V"),
    ],
)
def test_profile_form_keeps_three_characters_of_a_postal_code(typed, kept):
    filled = form(postal_prefix=typed)

    assert filled.is_valid()
    assert filled.cleaned_data["postal_prefix"] == kept


@pytest.mark.parametrize("typed", ["K7", "7KL", "D7L", "90210", "KOL", "Kingston", "--"])
def test_profile_form_refuses_what_begins_no_postal_code(typed):
    filled = form(postal_prefix=typed)

    assert list(filled.errors) == ["postal_prefix"]
    assert "K7L" in filled.errors["postal_prefix"][0]


@pytest.mark.parametrize(
    ("year", "is_fine"), [("", True), ("2012", True), ("1939", False), ("2101", False), ("x", False)]
)
def test_profile_form_takes_a_year_of_practice(year, is_fine):
    assert form(practising_since=year).is_valid() is is_fine


def test_profile_form_refuses_a_year_to_come():
    this_year = timezone.localdate().year

    assert form(practising_since=this_year).is_valid()
    assert "still to come" in form(practising_since=this_year + 1).errors["practising_since"][0]


def test_profile_form_proposes_the_usual_college_where_none_is_chosen(family_physician, nurse_practitioner):
    assert ProfileForm(instance=family_physician.profile).initial["college"] == College.CPSO
    assert ProfileForm(instance=nurse_practitioner.profile).initial["college"] == College.CNO
    assert ProfileForm(initial={"category": "other", "profession": "pharmacist"}).initial["college"] == "ocp"
    assert ProfileForm().initial["college"] == ""
    family_physician.profile.college = College.OTHER
    assert ProfileForm(instance=family_physician.profile).initial["college"] == College.OTHER


def test_profile_form_asks_about_an_odd_licence_number_and_takes_it():
    odd = {"college": College.CPSO, "licence_number": "applied for"}
    assert form(**odd).is_valid()

    later = ProfileForm(instance=Profile(legal_name="Ann", category=Category.SPECIALIST, **odd))

    assert "look like 123456" in later.fields["licence_number"].help_text
    assert "CPSO" in later.fields["licence_number"].help_text


def test_profile_form_without_a_category_that_is_fixed(family_physician, nurse_practitioner):
    physician = ProfileForm(FILLED, instance=family_physician.profile, is_category_fixed=True)
    assert {"category", "profession"}.isdisjoint(physician.fields)
    assert physician.is_valid()
    assert {"category", "profession"}.isdisjoint(physician.cleaned_data)

    nurse = nurse_practitioner.profile
    assert list(ProfileForm(FILLED, instance=nurse, is_category_fixed=True).errors) == ["profession"]
    other = ProfileForm(FILLED | {"profession": "midwife"}, instance=nurse, is_category_fixed=True)
    assert other.is_valid()
    assert other.cleaned_data["profession"] == "midwife"


def test_category_form_offers_the_other_categories():
    physician = CategoryForm(current=Category.FAMILY_PHYSICIAN)
    assert [value for value, _label in physician.fields["category"].choices] == ["specialist", "other"]  # type: ignore[attr-defined]  # a choice field
    assert "profession" not in CategoryForm(current=Category.OTHER).fields

    asked = CategoryForm({"category": "other", "reason": "I became a midwife."}, current="specialist")
    assert list(asked.errors) == ["profession"]
    asked = CategoryForm({"category": "specialist", "reason": "Yes."}, current="specialist")
    assert list(asked.errors) == ["category"]
    assert list(CategoryForm({"category": "specialist"}, current="other").errors) == ["reason"]


# --- agreements as fields -------------------------------------------------------------------------------------------


def test_agreements_are_a_box_and_two_questions_and_nothing_is_chosen():
    fields = agreement_fields(current_agreements())

    assert list(fields) == [f"agreement_{agreement.pk}" for agreement in current_agreements()]
    assert [type(field).__name__ for field in fields.values()] == [
        "BooleanField",
        "TypedChoiceField",
        "TypedChoiceField",
    ]
    assert [field.required for field in fields.values()] == [True, True, True]
    assert [field.initial for field in fields.values()] == [None, None, None]


def test_agreement_answers_are_picked_out_of_a_form():
    assert agreement_answers({"q1": "yes", "agreement_7": True, "agreement_8": False}) == {7: True, 8: False}
    assert Agreement.Kind.values == ["participation", "research", "recording"]


# --- the pages ------------------------------------------------------------------------------------------------------


def test_invited_values_pass_over_what_an_invitation_cannot_know():
    known = {"legal_name": "Ann", "college": "cpso", "practice_city": "", "language": 7, "category": "other"}

    assert invited_values(known) == {"legal_name": "Ann", "category": "other"}
    assert invited_values(None) == invited_values(["x"]) == {}


def test_first_profile_begins_with_what_the_invitation_knows(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("ann@pharmacy.example"))
    session = client.session
    session[INVITED_PROFILE] = {"legal_name": "Ann O’Neil", "category": "other", "profession": "pharmacist"}
    session.save()

    html = client.get("/profile/").content.decode()
    assert "Ann O’Neil" in html
    assert '<option value="ocp" selected>' in html

    response = client.post("/profile/", FILLED | {"next": "/programs/"})
    assert response["Location"] == "/programs/"
    assert INVITED_PROFILE not in client.session


def test_odd_licence_number_is_saved_with_a_warning(client):
    user = make_user()
    client.force_login(user)

    response = client.post("/profile/", FILLED | {"college": "cpso", "licence_number": "12"}, follow=True)

    html = response.content.decode()
    assert "Please check the licence number" in html
    user.profile.refresh_from_db()
    assert user.profile.licence_number == "12"
    assert "Please check the licence number" in client.get("/profile/").content.decode()
    assert (
        "Please check"
        not in client.post(
            "/profile/", FILLED | {"college": "cpso", "licence_number": "cpso # 123456"}, follow=True
        ).content.decode()
    )
