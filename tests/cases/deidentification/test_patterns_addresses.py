import pytest

from cases.deidentification.findings import Kind
from tests.cases.deidentification.marked_texts import found_in, found_with_kind, unmarked

ADDRESSES = [
    "Lives at [[88 Elgin St., Apt. 3C]].",
    "Fire call to [[Concession 4 and Sideroad 10]], rollover.",
    "Home: [[415 Lakeshore\nRoad East, Unit 6]]",
    "Mail to [[PO Box 44, Stn Main]].",
    "will move to [[Unit 3, 118 Algoma Street North]]",
    "lives alone at [[9 maple grove dr]] in town",
    "[[1200 king st. w., suite 400]]",
    "[[4, rue des érables]]",
    "habite au [[apt 4, 12 main st]]",
    "[[RR 4 Site 12 Box 9]], north",
    "AT THE CORNER OF [[KING AND QUEEN]]",
    "lives at [[22 Elm]] in town",
    "lives at [[214 Glenora Cres, Unit 6]]",
    "[[88 Larkspur Gate, Apt 1402]]",
    "adress [[9 tannery st e]], moved",
    "LIVES AT [[1187 CONCESSION ROAD 4]]",
    "[[52 Fire Route 11B]] near the lake",
    "[[Lot 17, Sideroad 25]]",
    "[[Lot 5 Con 3]], farm",
    "on [[RR#3]] outside",
    "lives on [[R.R. 2]], mail only",
    "[[PO Box 41]], town",
    "[[P.O. Box 1120]]",
    "[[4410 Highway 7 East]]",
    "[[12 5th Ave]]",
    "[[301-15 King Street West]]",
    "[[15 King St. W., Suite 300]]",
    "[[123 St. Clair Ave W]]",
    "[[12B Queen Mary Road]]",
    "[[310 ch. de la Rivière]]",
    "[[12 rue de la Paix]]",
    "[[45, rue Saint-Denis, app. 4]]",
    "habite au [[1200 boulevard René-Lévesque Ouest]]",
    "[[78 chemin du Lac]]",
    "[[22 rang Saint-Joseph]]",
    "demeure au [[14 avenue des Pins]]",
    "[[C.P. 41]], ville",
    "at the corner of [[King and Queen]]",
    "[[Bathurst St and Wilson Ave]]",
    "[[3422 County Road 12]]",
    "[[4-210 Main Street]]",
    "[[apt 12]]",
    "[[fire number 4471]]",
    "[[77 Old Mill Rd]]",
    "[[1 Yonge St]]",
]

POSTAL_CODES = [
    "ON  [[N3T 0K7]]",
    "[[K7R3L1]]",
    "[[k7r 3l1]]",
    "[[K7R-3L1]]",
    "postal code [[K7R]]",
    "CP: [[K6A 4T1]]",
    "[[L4L 5S1]]",
    "[[KOM 1A9]], cottage",
    "[[K0M lA9]], cottage",
    "code postal [[75001]]",
    "zip [[02139-1234]]",
    "Buffalo, NY [[14201]]",
    "[[K 7 R 3 L 1]]",
]

NO_ADDRESSES = [
    "Line 3 and line 4 therapies were tried.",
    "ORT 2, MED 60, SLEEP POOR. DR ORDERED PT. 60, SLEEP POOR. PT IS WELL",
    "Room 12, bed 4, floor 3, line 2, step 4",
    "Walks 3 blocks down the street, 20 min walk, 2 weeks off.",
    "Seen by 2 drs, 4 Dr visits, 5 st elevations.",
    "Takes 2 in the morning by way of mouth",
    "HR 68, RR 14. RR 18, HC 34.",
    "L4L5S1 fusion, L4 L5 S1 nerve roots, C5 C6 T1",
    "T4N1M0 cancer, E4V5M6, G2P1A0, B1B6B12",
    "Grade 2 place in line; 10 days close to home",
    "2 cours de yoga, 3 places, 5 côtes fracturées",
    "Line 8 of the form; lot of pain; box of 30",
    "He lives on the street and in a park.",
    "5 mg drive; 10 min drive; 45 minute drive to clinic",
    "Facet joint L5 S1 S2 T1 C2 L3",
    "pt 3 point gait, 3 point restraint",
    "a 2 car accident on the road, 3 car pile up on the highway",
    "AV block, LA pressure, CT head, DR ordered",
]


@pytest.mark.parametrize("marked", ADDRESSES)
def test_addresses_are_found(marked):
    text, expected = unmarked(marked)

    assert found_with_kind(text) == [(address, Kind.ADDRESS) for address in expected]


@pytest.mark.parametrize("marked", POSTAL_CODES)
def test_postal_codes_are_found(marked):
    text, expected = unmarked(marked)

    assert found_with_kind(text) == [(code, Kind.POSTAL_CODE) for code in expected]


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_clinical_text_holds_no_addresses(text):
    assert found_in(text) == []
