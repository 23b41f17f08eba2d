from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from participants import enums
from participants.licences import LICENCE_FORMATS, College, looks_like, usual_college


def test_the_colleges_are_those_of_the_profile():
    assert [(college.name, college.value) for college in College] == [
        (college.name, college.value) for college in enums.College
    ]


def test_every_college_but_other_and_none_has_a_format_that_its_example_keeps():
    assert set(LICENCE_FORMATS) == set(College) - {College.OTHER, College.NONE}
    for college, known in LICENCE_FORMATS.items():
        assert known.pattern.fullmatch(known.example)
        assert looks_like(college, known.example) is True


@pytest.mark.parametrize(
    ("college", "number"),
    [
        ("cpso", "12345"),
        ("cpso", "123456"),
        ("cpso", "CPSO 12345"),
        ("cpso", "cpso#123456"),
        ("cpso", "CPSO # 123-456"),
        ("cpso", "CPSO: 123456"),
        ("cpso", "CPSO123456"),
        ("cpso", "Reg. No. 123456"),
        ("cpso", "MD 12345"),
        ("cpso", "N° 123456"),
        ("cpso", "numéro de permis 123456"),
        ("cno", "1234567"),
        ("cno", "12345678"),
        ("cno", "ab123456"),
        ("cno", "AB 12345-6"),
        ("cno", "RN 1234567"),
        ("ocp", "123456"),
        ("ocp", "OCP 123456"),
        ("cpo_physio", "12345"),
        ("coto", "g1234567"),
        ("coto", "G 123 4567"),
        ("cco", "1234"),
        ("cpbao", "1234"),
        ("ocswssw", "123456"),
        ("crpo", "001234"),
        ("rcdso", "12345"),
        ("cdo", "1234"),
        ("coko", "12345"),
        ("cmto", "a123"),
        ("cmto", "AB12"),
        ("cmo", "123"),
        ("cono", "1234"),
        ("ctcmpao", "1234"),
        # A prefix that is the number's own letters is not taken off.
        ("cno", "NO123456"),
        ("cmto", "ID12"),
    ],
)
def test_numbers_look_right_however_they_are_typed(college, number):
    assert looks_like(college, number) is True


@pytest.mark.parametrize(
    ("college", "number"),
    [
        ("cpso", "12"),
        ("cpso", "1234567"),
        ("cpso", "Ann Lee"),
        ("cpso", "CPSO"),
        ("cpso", "12345\n6?"),
        ("cpso", "#"),
        ("cpso", "applied for"),
        ("cpso", "ann@clinic.example"),
        ("cno", "12345"),
        ("cno", "A1"),
        ("ocp", "OCP"),
        ("cmto", "123456"),
        ("cco", "123456"),
        ("coto", "pending"),
    ],
)
def test_numbers_of_another_shape_are_worth_asking_about(college, number):
    assert looks_like(college, number) is False


@pytest.mark.parametrize(
    ("college", "number"),
    [("other", "123"), ("none", "123"), ("", "123"), ("wizards", "123"), ("cpso", ""), ("cpso", "  ")],
)
def test_nothing_is_said_where_no_format_is_known_or_nothing_was_written(college, number):
    assert looks_like(college, number) is None


@given(st.sampled_from([*College, "wizards"]), st.text())
def test_no_text_is_too_strange_to_look_at(college, number):
    assert looks_like(college, number) in {True, False, None}


@pytest.mark.parametrize(
    ("category", "profession", "college"),
    [
        ("family_physician", "", "cpso"),
        ("specialist", "", "cpso"),
        ("other", "nurse_practitioner", "cno"),
        ("other", "registered_nurse", "cno"),
        ("other", "registered_practical_nurse", "cno"),
        ("other", "pharmacist", "ocp"),
        ("other", "physiotherapist", "cpo_physio"),
        ("other", "occupational_therapist", "coto"),
        ("other", "chiropractor", "cco"),
        ("other", "psychologist", "cpbao"),
        ("other", "social_worker", "ocswssw"),
        ("other", "psychotherapist", "crpo"),
        ("other", "dentist", "rcdso"),
        ("other", "dietitian", "cdo"),
        ("other", "kinesiologist", "coko"),
        ("other", "massage_therapist", "cmto"),
        ("other", "midwife", "cmo"),
        ("other", "physician_assistant", "cpso"),
        ("other", "resident", "cpso"),
        ("other", "student", "none"),
        # These belong to any college, or to none.
        ("other", "counsellor", ""),
        ("other", "other", ""),
        ("other", "", ""),
        ("", "", ""),
        ("", "pharmacist", ""),
        ("wizard", "pharmacist", ""),
    ],
)
def test_the_usual_college_follows_from_category_and_profession(category, profession, college):
    assert usual_college(category, profession) == college


def test_every_profession_of_the_profile_has_a_decided_college():
    undecided = {
        profession for profession in enums.Profession.values if not usual_college("other", profession)
    }

    assert undecided == {"counsellor", "other"}
