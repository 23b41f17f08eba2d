from __future__ import annotations

import pytest
from django.utils import translation

from participants.enums import Category, Profession
from sessions_app.rosters import words
from tests.rosters import check_cells, problems

FAMILY = ("family_physician", "")
SPECIALIST = ("specialist", "")


def other(profession: str = "") -> tuple[str, str]:
    return "other", profession


@pytest.mark.parametrize(
    ("typed", "meaning"),
    [
        *dict.fromkeys(
            [
                "Family Medicine", "Family physician", "family doctor", "Family Practice", "GP", "G.P.", "FP",
                "General Practitioner", "MD - family", "MD (Family)", "CCFP", "MD, CCFP", "family_physician", "Family",
                "Médecin de famille", "medecin de famille", "Médecine familiale", "Omnipraticienne",
                "Médecin généraliste", "Primary care physician",
            ],
            FAMILY,
        ).items(),
        *dict.fromkeys(
            [
                "Specialist", "Specialist physician", "Médecin spécialiste", "Anesthesiology", "Anaesthesiologist",
                "Anesthésiste", "Physiatrist", "Physical medicine & rehab", "Neurology", "Psychiatrist", "Psychiatre",
                "Rheumatologist", "Rhumatologue", "Orthopaedic surgeon", "Internal Medicine", "MD, FRCPC",
                "Chirurgienne", "Paediatrics",
            ],
            SPECIALIST,
        ).items(),
        *dict.fromkeys(
            [
                "NP", "N.P.", "Nurse Practitioner", "NP-PHC", "Family Nurse Practitioner", "RN(EC)", "IPSPL", "IP",
                "Infirmière praticienne", "Infirmier(ère) praticien(ne)", "Infirmière praticienne spécialisée",
            ],
            other("nurse_practitioner"),
        ).items(),
        *dict.fromkeys(
            ["RN", "Registered Nurse", "RN, BScN", "Infirmière autorisée", "Infirmier(ère) autorisé(e)", "I.A."],
            other("registered_nurse"),
        ).items(),
        *dict.fromkeys(
            ["RPN", "Registered Practical Nurse", "LPN", "Infirmière auxiliaire autorisée", "IAA"],
            other("registered_practical_nurse"),
        ).items(),
        *dict.fromkeys(
            ["Pharmacist", "RPh", "PharmD", "Clinical pharmacist", "Pharmacien(ne)", "Pharmacienne", "pharmacien·ne"],
            other("pharmacist"),
        ).items(),
        *dict.fromkeys(
            ["PT", "Physio", "Physiotherapist", "Physical Therapist", "Physiothérapeute", "Physiotherapy"],
            other("physiotherapist"),
        ).items(),
        *dict.fromkeys(["OT", "Occupational Therapist", "Ergothérapeute"], other("occupational_therapist")).items(),
        *dict.fromkeys(["DC", "Chiropractor", "Chiropraticienne"], other("chiropractor")).items(),
        *dict.fromkeys(["Psychologist", "Psychologue", "C.Psych."], other("psychologist")).items(),
        *dict.fromkeys(
            ["Social Worker", "MSW, RSW — Social Work", "RSW", "Travailleuse sociale", "Travailleur(se) social(e)"],
            other("social_worker"),
        ).items(),
        *dict.fromkeys(["Registered Psychotherapist", "Psychothérapeute", "RP"], other("psychotherapist")).items(),
        *dict.fromkeys(
            ["Addictions counsellor", "Mental health counselor", "Conseillère en toxicomanie"], other("counsellor")
        ).items(),
        *dict.fromkeys(["Dentist", "Dentiste", "DDS"], other("dentist")).items(),
        *dict.fromkeys(["Registered Dietitian", "Dietician", "Diététiste", "RD"], other("dietitian")).items(),
        *dict.fromkeys(["Kinesiologist", "R. Kin — Kinesiology", "Kinésiologue"], other("kinesiologist")).items(),
        *dict.fromkeys(["RMT", "Massage therapist", "Massothérapeute"], other("massage_therapist")).items(),
        *dict.fromkeys(["Midwife", "Sage-femme"], other("midwife")).items(),
        *dict.fromkeys(
            ["PA", "CCPA", "Physician Assistant", "Adjointe au médecin", "Adjoint(e) au médecin"],
            other("physician_assistant"),
        ).items(),
        *dict.fromkeys(
            ["Resident", "Family medicine resident", "PGY2", "PGY-3 Anesthesia", "Médecin résidente"], other("resident")
        ).items(),
        *dict.fromkeys(
            ["Student", "Medical student", "Pharmacy student", "Nursing student", "Étudiante en médecine"],
            other("student"),
        ).items(),
        *dict.fromkeys(
            ["Other", "Autre", "Naturopath", "Acupuncturist", "Pharmacy technician", "Physiotherapy assistant"],
            other("other"),
        ).items(),
        *dict.fromkeys(["Nurse", "Infirmière", "Allied health"], other()).items(),
        *dict.fromkeys(["MD", "Physician", "M.D.", "Médecin", "Doctor"], ("", "")).items(),
        *dict.fromkeys(["wizard", "N/A", "?", "x" * 500, "care manager", "Ministry"], None).items(),
    ],
)  # fmt: skip
def test_professions_are_read_however_they_are_written(typed, meaning):
    assert words.profession(typed) == meaning


def test_the_words_mean_values_that_a_profile_knows():
    meanings = [*words.WHOLE.values(), *(meaning for _pattern, meaning in words.WITHIN)]

    assert set(Category.values) == words.CATEGORIES
    assert {category for category, _profession in meanings} == set(Category.values)
    assert {profession for _category, profession in meanings} == {"", *Profession.values}
    assert all(category == "other" for category, profession in meanings if profession)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_words_of_the_portal_itself_are_read(language):
    # A roster exported from the portal can be read again. French: as far as it is translated.
    with translation.override(language):
        for category in Category:
            assert check_cells(category=str(category.label)).category == category
            assert check_cells(category=category.value).category == category
        for profession in Profession:
            for typed in (str(profession.label), profession.value):
                row = check_cells(profession=typed)
                assert (row.category, row.profession, row.problems) == ("other", profession, ())


@pytest.mark.parametrize(
    ("cells", "category", "profession", "found"),
    [
        ({"category": "Other", "profession": "RN"}, "other", "registered_nurse", []),
        ({"category": "", "profession": "RN"}, "other", "registered_nurse", []),
        ({"category": "RN"}, "other", "registered_nurse", []),
        ({"category": "Other"}, "other", "", []),
        ({"category": "Other", "profession": "Other"}, "other", "other", []),
        ({"profession": "Family physician"}, "family_physician", "", []),
        ({"category": "Family physician", "profession": "MD"}, "family_physician", "", []),
        ({"category": "Specialist", "profession": "Anesthesiology"}, "specialist", "", []),
        ({"category": "Physician", "profession": "Anesthesiology"}, "specialist", "", []),
        ({"category": "-", "profession": "N/A"}, "", "", [("profession_unknown", "profession")]),
        ({"category": "wizard"}, "", "", [("category_unknown", "category")]),
        (
            {"category": "wizard", "profession": "RN"},
            "other",
            "registered_nurse",
            [("category_unknown", "category")],
        ),
        ({"category": "MD"}, "", "", [("category_unknown", "category")]),
        ({"profession": "MD"}, "", "", [("category_unknown", "category")]),
        ({"category": "Physician", "profession": "MD"}, "", "", [("category_unknown", "category")]),
        ({"category": "Other", "profession": "Nurse"}, "other", "", [("profession_unknown", "profession")]),
        ({"profession": "Nurse"}, "other", "", [("profession_unknown", "profession")]),
        ({"category": "Other", "profession": "wizard"}, "other", "", [("profession_unknown", "profession")]),
        ({"category": "RN", "profession": "Nurse"}, "other", "registered_nurse", []),
        (
            {"category": "Family physician", "profession": "RN"},
            "family_physician",
            "",
            [("profession_mismatch", "profession")],
        ),
        ({"category": "Other", "profession": "MD"}, "other", "", [("profession_mismatch", "profession")]),
        (
            {"category": "Specialist", "profession": "wizard"},
            "specialist",
            "",
            [("profession_unknown", "profession")],
        ),
    ],
)
def test_category_and_profession_are_read_together(cells, category, profession, found):
    row = check_cells(**cells)

    assert (row.category, row.profession, problems(row)) == (category, profession, found)
    assert row.is_usable
    assert not row.profession or row.category == "other"


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("English", "en"), ("EN", "en"), ("Anglais", "en"), ("en-CA", "en"), ("Eng.", "en"),
        ("French", "fr"), ("FR", "fr"), ("Français", "fr"), ("francaise", "fr"), ("fr_CA", "fr"), ("", ""), ("-", ""),
    ],
)  # fmt: skip
def test_the_portals_languages_are_read(typed, language):
    row = check_cells(language=typed)

    assert (row.language, row.problems) == (language, ())


@pytest.mark.parametrize("typed", ["Bilingual", "English/French", "Cree", "?"])
def test_another_language_is_left_open_with_a_warning(typed):
    row = check_cells(language=typed)

    assert (row.language, problems(row), row.is_usable) == ("", [("language_unknown", "language")], True)
