"""Every rule that the database keeps for accounts and profiles, broken by raw writes."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate

from participants.enums import Category, Profession
from participants.models import Profile, User
from tests.database import refused_by, write
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def test_account_address_is_unique(family_physician):
    with refused_by("participants_user_email_key"):
        User.objects.create_user(family_physician.email)


@pytest.mark.parametrize("email", ["Fatima@clinic.example", "fatima@CLINIC.example"])
def test_account_address_is_kept_in_lower_case(family_physician, email):
    with refused_by("participants_user_email_is_lower_case"):
        write(family_physician, email=email)


def test_account_is_made_and_found_whatever_case_is_typed():
    made = User.objects.create_user(" Noé.LEFÈBVRE@Clinique.example ", "a long passphrase")

    assert made.email == "noé.lefèbvre@clinique.example"
    assert User.objects.get_by_natural_key("NOÉ.Lefèbvre@clinique.EXAMPLE ") == made
    assert authenticate(username="Noé.Lefèbvre@Clinique.example", password="a long passphrase") == made


def test_account_needs_an_address():
    with pytest.raises(ValueError, match="needs an email address"):
        User.objects.create_user("")


def test_account_without_a_password_has_no_usable_one():
    assert not User.objects.create_user("code-only@clinic.example").has_usable_password()


def test_superuser_may_do_everything():
    root = User.objects.create_superuser("root@echo.example", "a long passphrase")

    assert (root.is_staff, root.is_superuser) == (True, True)
    assert root.has_perm("credits.close_cycle")


def test_person_has_one_profile(family_physician):
    with refused_by("participants_profile_user_id_key"):
        Profile.objects.create(user=family_physician, legal_name="Twice", category=Category.SPECIALIST)


def test_profile_category_is_known(family_physician):
    with refused_by("participants_profile_category_known"):
        write(family_physician.profile, category="dentist", profession="")


@pytest.mark.parametrize(
    ("category", "profession"),
    [
        (Category.FAMILY_PHYSICIAN, Profession.PHARMACIST),
        (Category.SPECIALIST, Profession.OTHER),
        (Category.OTHER, ""),
        (Category.OTHER, "astronaut"),
    ],
)
def test_profession_goes_with_other_health_professionals_only(family_physician, category, profession):
    with refused_by("participants_profile_profession_only_for_other"):
        write(family_physician.profile, category=category, profession=profession)


@pytest.mark.parametrize("profession", Profession.values)
def test_every_profession_can_be_chosen(profession):
    make_user(category=Category.OTHER, profession=profession)


@pytest.mark.parametrize("name", ["", "   ", "Fatima\nBcc: all@clinic.example", "Fatima\rAl-Sayed"])
def test_licensed_name_is_one_line(family_physician, name):
    with refused_by("participants_profile_name_one_line"):
        write(family_physician.profile, legal_name=name)


def test_profile_language_is_known(family_physician):
    with refused_by("participants_profile_language_known"):
        write(family_physician.profile, language="de")


def test_names_fall_back_to_what_there_is(family_physician, nurse_practitioner):
    bare = User.objects.create_user("bare@clinic.example")

    assert (family_physician.get_full_name(), family_physician.get_short_name()) == (
        "Fatima Al-Sayed, MD",
        "Fatima",
    )
    assert nurse_practitioner.get_short_name() == "Noé Lefèbvre-Côté"
    assert (bare.get_full_name(), bare.get_short_name()) == ("bare@clinic.example", "bare@clinic.example")
