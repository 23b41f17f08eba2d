from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions_app.rosters import FIELDS, guess_mapping, unmapped
from sessions_app.rosters.columns import HEADERS, RANKS


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Email", "email"),
        ("E-mail Address", "email"),
        ("EMAIL ADDRESS (required)", "email"),
        ("e_mail", "email"),
        ("Courriel", "email"),
        ("Adresse de courriel :", "email"),
        ("Adresse électronique", "email"),
        ("Your work email, please", "email"),
        ("Full name", "name"),
        ("Participant Name", "name"),
        ("Nom complet", "name"),
        ("Nom et prénom", "name"),
        ("Name (as licensed)", "name"),
        ("First Name*", "first_name"),
        ("Given name(s)", "first_name"),
        ("PRÉNOM", "first_name"),
        ("Last name", "last_name"),
        ("Surname", "last_name"),
        ("Nom de famille", "last_name"),
        ("Category", "category"),
        ("Catégorie professionnelle", "category"),
        ("Profession", "profession"),
        ("Professional designation", "profession"),
        ("Job Title", "profession"),
        ("Spécialité", "profession"),
        ("CPSO #", "licence_number"),
        ("Licence No.", "licence_number"),
        ("License number (if applicable)", "licence_number"),
        ("Registration #", "licence_number"),
        ("N° d’inscription", "licence_number"),
        ("Numéro de permis", "licence_number"),
        ("CNO Registration Number", "licence_number"),
        ("Practice", "practice_name"),
        ("Name of practice", "practice_name"),
        ("Clinic / Organization", "practice_name"),
        ("Organisation", "practice_name"),
        ("Lieu de travail", "practice_name"),
        ("Établissement", "practice_name"),
        ("City", "practice_city"),
        ("City/Town", "practice_city"),
        ("Ville", "practice_city"),
        ("Preferred language", "language"),
        ("Langue de préférence", "language"),
        ("Langue", "language"),
    ],
)
def test_headers_are_known_in_both_languages(header, field):
    assert guess_mapping(["?", header, ""]) == {field: 1}


@pytest.mark.parametrize(
    "header",
    ["", "Notes", "Dietary needs", "Phone", "College", "Email sent?", "Alternate email", "#", "é" * 500],
)
def test_other_headers_are_left_alone(header):
    assert guess_mapping([header]) == {}
    assert unmapped([header], {}) == ((header,) if header else ())


def test_columns_may_stand_in_any_order_and_the_unknown_are_listed():
    headers = ("Notes", "Ville", "Courriel", "", "Nom de famille", "T-shirt", "Prénom", "Langue")
    mapping = guess_mapping(headers)

    assert mapping == {"email": 2, "first_name": 6, "last_name": 4, "practice_city": 1, "language": 7}
    assert list(mapping) == [field for field in FIELDS if field in mapping]
    assert unmapped(headers, mapping) == ("Notes", "T-shirt")


def test_of_two_columns_the_one_that_names_the_field_best_is_taken():
    assert guess_mapping(["Contact email", "Email"]) == {"email": 1}
    assert guess_mapping(["Email", "E-mail"]) == {"email": 0}
    assert unmapped(["Email", "E-mail"], {"email": 0}) == ("E-mail",)
    assert guess_mapping(["Specialty", "Profession", "Role"]) == {"profession": 1}


def test_nom_is_the_family_name_beside_prenom_only():
    assert guess_mapping(["Nom", "Courriel"]) == {"email": 1, "name": 0}
    assert guess_mapping(["Nom", "Prénom"]) == {"first_name": 1, "last_name": 0}
    assert guess_mapping(["Name", "First name"]) == {"name": 0, "first_name": 1}


def test_no_header_names_two_fields():
    owners: dict[frozenset[str], str] = {}
    for field, ranks in RANKS.items():
        for key in ranks:
            assert owners.setdefault(key, field) == field, key
    assert set(HEADERS) == set(FIELDS)


@given(
    st.lists(st.text(max_size=30) | st.sampled_from([name for names in HEADERS.values() for name in names]))
)
def test_a_guess_gives_a_field_one_column_and_a_column_one_field(headers):
    mapping = guess_mapping(headers)

    assert len(set(mapping.values())) == len(mapping)
    assert all(0 <= at < len(headers) for at in mapping.values())
    assert len(unmapped(headers, mapping)) <= len(headers) - len(mapping)
