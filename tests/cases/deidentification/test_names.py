"""People, in every way of writing them; the words that only look like people."""

import pytest

from cases.deidentification import Kind, Reason, Tier, screen, screen_case

NAMED = [
    ("Mrs. Okonkwo takes hydromorphone 2 mg.", "Okonkwo"),
    ("Dr. M. Castelli agreed to a slower taper.", "M. Castelli"),
    ("Thank you for seeing Harsimran Bhullar, who has sciatica.", "Harsimran Bhullar"),
    ("PATIENT: HOLOWKA, Oksana   SEX: F", "HOLOWKA, Oksana"),
    ("Pt Bartosz Szczepanski 44M, LBP x 10 y.", "Bartosz Szczepanski"),
    ("Her husband Anatol keeps the tablets.", "Anatol"),
    ("Her daughter, Summer, changes the patch.", "Summer"),
    ("Son (Kwabena) is POA.", "Kwabena"),
    ("She goes by Dawn at the clinic.", "Dawn"),
    ('Margaret "Peg" O\'Callaghan has shingles pain.', 'Margaret "Peg" O\'Callaghan'),
    ("Seen with Lucien van der Heijden today.", "Lucien van der Heijden"),
    ("Signed: Eilidh MacEachern NP", "Eilidh MacEachern"),
    ("J. Abercrombie, RN(EC), did the wound check.", "J. Abercrombie"),
    ("• Yevhen Panasenko, 52, CRPS right foot", "Yevhen Panasenko"),
    ("patient is miriam thistlewood and her back hurts", "miriam thistlewood"),
    ("SEEN BY DR. TEWODROS GEBREMEDHIN FOR NECK PAIN", "TEWODROS GEBREMEDHIN"),
    ("Spoke with Thi Hanh Vuong about the taper.", "Thi Hanh Vuong"),
    ("Elder Whiteye offered a smudge.", "Whiteye"),
    ("I will call her by her initials, H.B.W. in this note.", "H.B.W"),
    ("Ms. G sleeps badly.", "G"),
    ("Mme Bissonnette refuse la chirurgie.", "Bissonnette"),
    ("Son mari Réjean gère les pilules de la patiente.", "Réjean"),
    ("Nom : CADIEUX, Marjolaine", "CADIEUX, Marjolaine"),
    ("Référée par Dre Anaïs Thivierge pour une rotation.", "Anaïs Thivierge"),
]


def covered(text, wanted):
    start = text.index(wanted)
    flagged = {place for one in screen(text) for place in range(one.start, one.end)}
    return all(place in flagged for place in range(start, start + len(wanted)) if text[place].isalnum())


@pytest.mark.parametrize(("text", "name"), NAMED)
def test_name_is_found(text, name):
    assert covered(text, name)


@pytest.mark.parametrize("case", [str.lower, str.upper])
def test_names_are_found_where_capitals_say_nothing(case):
    found = [
        covered(case(text), case(name))
        for text, name in NAMED
        if "initials" not in text and "Ms. G" not in text
    ]
    assert sum(found) / len(found) > 0.85


@pytest.mark.parametrize(
    "text",
    [
        "Lasègue and Tinel negative, Phalen positive, Waddell 2/5, Spurling negative on the right.",
        "MS Contin 30 mg bid with Statex for breakthrough; Cymbalta and Lyrica both failed.",
        "She has Parkinson's disease and Ehlers-Danlos syndrome; no Crohn's.",
        "He may try Tylenol and will mark his pain on a chart; hope is limited.",
        "Kellgren-Lawrence grade 3, Murphy's sign negative, a Baker's cyst behind the knee.",
        "Patient denies side effects. Pharmacist leans towards a taper. Wife worried.",
        "WILL START NORTRIPTYLINE 10 MG. MAY TAPER 10% EVERY 4 WEEKS. FRANK DISCUSSION.",
        "he uses a walker and drinks on fri and sat; i may bill for counselling",
        "Le signe de Tinel est négatif; la prégabaline a été cessée le printemps dernier.",
        "Father EtOH, brother OUD, sister Hashimoto's; his wife (butcher) drives. Uncle: Farmer, deceased.",
        "Chief Complaint: neck pain. Spouse: nurse. Dog: none. Myeloma, MM. Duloxetine 60.",
        "Charlson index 3, Ransford drawing widespread. Indice de Charlson 3.",
        "vu en suivi, douleur stable. rv dans 4 sem. merci ben!",
        "Speaks Punjabi and Tamil; came from Somalia to Ontario.",
    ],
)
def test_clinical_words_are_nobody(text):
    assert [text[one.start : one.end] for one in screen(text) if one.kind is Kind.NAME] == []


def test_titled_name_must_be_changed_and_says_why():
    [finding] = screen("Mrs. Featherstone has pain.")
    assert (finding.kind, finding.tier, finding.reason) == (Kind.NAME, Tier.STOP, Reason.TITLE)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Brother Kofi is well; sister LEE has MS.", "LEE"),
        ("Uncle Wilson drove her.", "Wilson"),
        ("Merci Ben pour la référence.", "Ben"),
        ("mrp: a. featherstone md", "featherstone"),
        ("Bridwell, 54M, has low back pain.", "Bridwell"),
        ("Patient is Abena.", "Abena"),
    ],
)
def test_person_is_found_where_illness_could_stand(text, name):
    assert covered(text, name)


def test_eponym_with_a_title_is_a_person():
    assert covered("Dr. Murphy injected the knee; Murphy's sign was negative.", "Murphy")


def test_name_of_one_field_is_found_in_the_others():
    found = screen_case(
        {"history": "Mr. Olufemi Adeshina fell in 2019.", "sleep": "adeshina sleeps four hours"}
    )
    [repeat] = found["sleep"]
    assert (repeat.kind, repeat.start, repeat.end) == (Kind.NAME, 0, len("adeshina"))


def test_everyday_name_found_elsewhere_is_not_found_in_everyday_words():
    found = screen_case(
        {"history": "Her son Will helps her.", "plan": "We will taper slowly; she will call us."}
    )
    assert found["history"]
    assert found["plan"] == []


def test_hidden_characters_in_a_name_are_said():
    text = "Mrs. Fea\u200bther\u200bstone has pain."
    [finding] = screen(text)
    assert text[finding.start : finding.end] == "Fea\u200bther\u200bstone"
    assert finding.reason is Reason.HIDDEN_CHARACTERS
