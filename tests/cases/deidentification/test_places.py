"""Towns, neighbourhoods, First Nations, hospitals, homes and employers; and the words that only look like them."""

import pytest

from cases.deidentification import Kind, Tier, screen

WHERE = {Kind.PLACE, Kind.FACILITY}


def flagged(text):
    return {place for one in screen(text) for place in range(one.start, one.end)}


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Lives in Kapuskasing with her sister.", "Kapuskasing"),
        ("She travels from Sioux Lookout for her blocks.", "Sioux Lookout"),
        ("Originally from Mogadishu, here since 2010.", "Mogadishu"),
        ("He lives in Perth and has no car.", "Perth"),
        ("moved to sudbury in 2018 for work", "sudbury"),
        ("PATIENT LIVES NEAR NAPANEE", "NAPANEE"),
        ("Home: Wabigoon Lake First Nation", "Wabigoon Lake First Nation"),
        ("Elle habite à Hawkesbury avec sa mère.", "Hawkesbury"),
        ("She fills at Paris Road Pharmacy.", "Paris Road Pharmacy"),
        ("Admitted to St. Brigid's Hospital for pancreatitis.", "St. Brigid's Hospital"),
        ("Seen at Kingsmere Spine & Joint Institute.", "Kingsmere Spine & Joint Institute"),
        ("LTC: Maple Villa, room on the second floor", "Maple Villa"),
        ("He is an inmate of Maplewood Correctional Complex.", "Maplewood Correctional Complex"),
        ("imaging was done at northgate pain clinic", "northgate pain clinic"),
        ("Employer: Silverline Auto Parts", "Silverline Auto Parts"),
        ("He works at Redline Trucking Ltd on nights.", "Redline Trucking Ltd"),
        ("Suivie à la Clinique du Vieux-Moulin depuis 2018.", "Clinique du Vieux-Moulin"),
        ("Hébergée au CHSLD Notre-Dame depuis un an.", "CHSLD Notre-Dame"),
        ("Transferred from SickKids at eighteen.", "SickKids"),
        ("Student at Fanshawe College.", "Fanshawe College"),
        ("seen in ed at belleville general for a flare", "belleville general"),
        ("He was reviewed at Listowel Memorial.", "Listowel Memorial"),
        ("Followed at Hamilton Health Sciences for CRPS.", "Hamilton Health Sciences"),
        ("Had a fusion at St. Mike's, then rehab.", "St. Mike's"),
        ("surgery at st joes years ago", "st joes"),
        ("Admitted to CAMH for withdrawal.", "CAMH"),
        ("Referred to Centre for Addiction and Mental Health.", "Centre for Addiction and Mental Health"),
        ("Staying at Covenant House for now.", "Covenant House"),
        ("Trains at Iron Valley Crossfit twice a week.", "Iron Valley Crossfit"),
        ("He spent six weeks at Renascent.", "Renascent"),
        ("Inmate at Central East Correctional Centre.", "Central East Correctional Centre"),
        ("Fills at Guardian Pharmacy Elora.", "Guardian Pharmacy Elora"),
        ("her mother is a resident of sunset manor", "sunset manor"),
        ("suivi à la clinique du lac pour ses blocs", "clinique du lac"),
        (
            "Enseigne à l'École élémentaire catholique Sainte-Colombe.",
            "École élémentaire catholique Sainte-Colombe",
        ),
        ("Suivi à la Clinique Alpha Santé.", "Clinique Alpha Santé"),
        ("Seen at TWGH last year.", "TWGH"),
        ("lives in wiikwedong with family", "wiikwedong"),
        ("She lives near Crooked Creek.", "Crooked Creek"),
        ("Elle vient de Kigali.", "Kigali"),
    ],
)
def test_place_is_found(text, where):
    start = text.index(where)
    found = flagged(text)
    assert all(place in found for place in range(start, start + len(where)) if text[place].isalnum())


@pytest.mark.parametrize(
    "text",
    [
        "Bath Ankylosing index 4; Oxford scale 4/5; Budapest criteria met; Rome IV positive; Bristol 4.",
        "Followed at the pain clinic; the pharmacy rejects the claim; her family doctor agrees.",
        "She came to Ontario from Jamaica; OHIP, WSIB and CAMH were asked.",
        "Goes to the rapid access clinic and a walk-in clinic near home.",
        "Hope is limited and he will march on; forest walks help.",
        "Seen for CRPS; the CAMH guideline was followed. TSH at 3; from CHF to ICH. Transferred to Acute Care.",
        "The clinique du dos was full; stays at her mothers house, then a halfway house.",
        "lives in a townhouse, lives in fear of flares, moved from oxycodone, born at term",
        "Referred to Internal Medicine. Numbness at Cubital Tunnel. Stimulation at Spinal Cord.",
        "General anaesthesia was refused; the regional anesthesia team and a memorial service.",
        "works nights, lives alone at home, drives a school bus",
        "La clinique de la douleur a une longue liste; la pharmacie du quartier livre.",
        "Pain Clinic follow up. Family Health Team referral. Emergency Department visits x 3.",
    ],
)
def test_everyday_words_are_no_place(text):
    assert [text[one.start : one.end] for one in screen(text) if one.kind in WHERE] == []


def test_places_are_asked_about_rather_than_stopped():
    [finding] = screen("Lives in Kapuskasing.")
    assert (finding.kind, finding.tier) == (Kind.PLACE, Tier.CONFIRM)


def test_name_inside_a_facility_is_one_finding():
    [finding] = screen("Seen at Agnes Thornbury Memorial Hospital.")
    assert finding.kind is Kind.FACILITY
