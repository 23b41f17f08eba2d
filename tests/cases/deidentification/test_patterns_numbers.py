import pytest

from cases.deidentification.findings import Kind, Reason, Tier
from cases.deidentification.normalise import normalise
from cases.deidentification.patterns import find_patterns
from tests.cases.deidentification.marked_texts import found_in, unmarked

HEALTH_NUMBERS = [
    "HC [[1234 567 897 VC QX]]",
    "Hea1th Card  [[2 6 0 4  0 4 0  1 3 5]] scanned",
    "HCN:&nbsp;[[2524&nbsp;936&nbsp;982]]",
    "hin: [[7458-422-081 tx]]",
    "hc [[5318 565 651-yt]]",
    "OHIP [[1234567890 SL]] noted",
    "HCN [[9814 150 158 KR]], on file",
    "HN: [[8900792709]] VC: QM",
    "OHIP [[1133252070 AB]]",
    "OHIP#[[1234567897]]",
    "PHN: [[1703-466-753-LD]]",
    "health card number is [[1234-567-897-AB]]",
    "Health Card: [[1234 567 897]] ver AB",
    "his OHIP [[137919321O]] (last digit unsure)",
    "HIN: [[227095422]] (digit missing)",
    "Card [[4280494842]] (no version code)",
    "[[1234567897]] came up on the fax",
    "[[1000000040]] is hers",
    "[[1234-567-897]] was written on the sheet",
    "[[1234 567 897 AB]] was written on the sheet",
    "[[1 2 3 4 5 6 7 8 9 7]] scanned",
    "H C N [[1 2 3 4 5 6 7 8 9 8]] scanned",
    "hcn [[1234\n567 897]]",
    "NAM: [[GAGL 6105 2218]] (Québec)",
    "RAMQ: [[MBAF83563017]]",
    "[[TREF 5806 1213]] sur la carte",
    "No carte Santé: [[1549 207 692]]",
    "numéro d'assurance maladie [[TREF58061213]]",
    "BC PHN [[9698 658 215]]",
    "Alberta health care number [[12345-6789]]",
    "MCP [[123 456 789 012]]",
    "health card (expired) reads [[1234 567 890]]",
]

SOCIAL_NUMBERS = [
    "SIN [[046 454 286]]",
    "[[046-454-286]] on the T4",
    "[[046454286]] on the T4",
    "SIN on disability form reads [[537 230 831]] (signed)",
    "his social insurance number is [[774-399-190]], sadly",
    "S.I.N. [[123 456 789]]",
    "NAS [[202 755 492]]",
    "numéro d'assurance sociale: [[202755492]]",
    "SSN [[123-45-6789]]",
    "sin#[[172-115-974]]",
]

CHART_NUMBERS = [
    "MRN [[00-44-12]]",
    "Ch# [[44-19]]",
    "chart [[4471882]] and [[4471883]]",
    "CHART: [[44718-2]]",
    "Encounter no. [[E0093317]]",
    "MRN [[00581934]]",
    "MRN# [[12345]]",
    "mrn:[[123-456]]",
    "Chart #[[3087]]",
    "chart [[P-30882]]",
    "Accession [[23-LB-118824]] collected",
    "Demographic No: [[102277]]",
    "Rx#: [[7740129]]",
    "Rx no. [[123456]], 40 tabs",
    "ECG no [[2291]]",
    "Incident report [[IR-22-118]]",
    "Account number: [[ACCT-000333444]]",
    "dossier [[H-220914]]",
    "no de dossier [[4471-B]]",
    "Numéro de dossier : [[118 220]]",
    "patient ID [[88231]]",
    "Hospital number [[K123456]]",
    "MRN\n[[00581934]]",
]

LICENCES = [
    "CPSO# [[88213]]",
    "(CPSO [[104466]])",
    "CNO [[0948127]]",
    "CNO registration of the refill nurse was [[9912045]]",
    "Pharmacist licence on the fax: OCP [[218844]]",
    "Ref MD billing: [[031877]]",
    "permis [[209931]]",
    "NO PERMIS CMQ MD: [[14-382]]",
    "OHIP billing number [[031877]]",
    "license no. [[R12345]]",
]

DEVICES = [
    "numéro de série [[MD 44-2 K]]",
    "scs serial [[axr 0042219]]",
    "plate, for the parking pass, is [[BKRW 772]].",
    "plaque [[H18 KLT]]",
    "battery serial [[NVX-20417-883B]]",
    "serial number [[OTB 55-30917]] and the socket",
    "s/n [[112884-06]]",
    "pump s/n [[NGP640128H]]",
    "S/N: [[A1B2C3D4]]",
    "plate [[CKRL 482]], modified",
    "immatriculé [[BT 20 417]].",
    "asset tag [[HB-009126]]",
    "lot no. [[4471A]]",
    "lot # [[88213]] of the implant",
    "IMEI [[490154203237518]]",
    "[[490154203237518]] on the box",
    "VIN [[1HGCM82633A004352]]",
    "[[1HGCM82633A004352]] was in the report",
    "microchip [[985112001234567]]",
]

OTHER_NUMBERS = [
    "VAC file [[K 88]]",
    "wsib claim [[24143163]] still open",
    "WSIB [[24143163]]",
    "policy [[GL-5502-77190]].",
    "Auto policy# [[PA 4471 90023]].",
    "UCI [[11-0482-7731]], with shrapnel",
    "Private drug plan certificate [[6618840-02]]",
    "insurer group no. [[77120-A]] / on the form",
    "K-number [[K 884 1027]], polymyalgia",
    "dossier CSPAAT [[39489600]]",
    "passport [[AB123456]]",
    "Driver's licence [[A1234-56789-01234]]",
    "[[A1234-56789-01234]] shown at the desk",
    "badge #[[4471]]",
    "ODSP case [[123456789]]",
    "NIHB [[0123456701]]",
    "police report [[22-118234]]",
    "claim no. [[C-118 2231]]",
    "tracking number [[1Z999AA10123456784]]",
    "[[4111 1111 1111 1111]] on the receipt",
    "réclamation no [[1234567]]",
    "file no. [[22-1182]]",
    "user id [[jd4471]]",
]

NO_IDENTIFIERS = [
    "icd 338.4, g43.709; suivi dans 6/52; SUIVI DANS 6/52",
    "DIN 02240908 listed, DINs 02327120 and 01937383 dispensed",
    "NDC 0591-0405-01, LU code 493, ICD 346.71, G43.709",
    "chart review 2021, chart from 2019, on the chart 2 days",
    "PHN x 3 years, PHN since 2018, PHN 10 mg, OCP 21 days, OCP since 2019",
    "file closed in 2020; case 3 of 10; group 2; policy of 2019",
    "NAS counselling done, NAS score 8, SIN nombre",
    "Prednisone 40-40-30-30-20-20-10-10-5-5",
    "Gabapentin 300-300-600 then 600-600-900",
    "MED 120 mg, MED ~140, HR 74, eGFR 41, Hb 132",
    "plt 240000, WBC 6400, 100000 units, 5000000 IU",
    "platelets 245, ferritin 1840, CK 12000",
    "plate and screws, 3 plates, plate 5 mm, serial exams x 3",
    "lot of pain, a lot 5 times, batch cooking 2 days",
    "reference range 150-450, ref 3.5-5.0",
    "account of 3 falls; on account of 2 surgeries",
    "HLA-B27, CYP2D6, HbA1c 7.9, CA-125 35, COVID-19, B12 420",
    "license to drive since 1998, licence suspended 2 years",
    "claim denied in 2021, claims 10/10 pain",
    "WSIB x 3 years, WSIB since 2019, WSIB 85% benefits",
    "OHIP covers 20 visits, OHIP will not cover 100%",
    "Rx: naproxen 500 BID, Rx 10 mg, Rx x 30 days",
    "ID consult, infectious disease 2021, ID: yes",
    "2018-2021, 2019 2020 2021, 1990–1995",
    "3 x 10, 10 x 10, 2 000 m, 10 000 steps, 25 000 units",
    "vitals 120 80 72 98, labs 132 140 128 135",
    "model 106, unit dose 5 mg, tag team",
    "tracking pain 0-10, tracking 3 weeks",
    "visa problems since 2020, passport expired 2021",
    "hospital stay 12 days, hospital 3 times in 2022",
    "trial NCT01234567, PMID 17301234",
    "patient 3 of 5; visit 2; report of 3 falls; study of 120 patients",
    "$120000 settlement, income 45000",
    "permis de conduire suspendu en 2019, dossier fermé en 2020, cas 3",
    "PIN and needles 10/10, zoom visit 2023, group 10 sessions",
    "Hydromorphone 1000000 mcg",
    "A/P 2 views, SN bilat 20 ms, DL 4.2 ms, CV 48",
    "conversion 1:5, 20:1, 5.5-7.5",
    "card 5 of 10; HC 34 cm; hn ca 2019",
]


def kinds_of(marked):
    text, expected = unmarked(marked)
    return [(text[f.start : f.end], f.kind) for f in find_patterns(normalise(text))], expected


@pytest.mark.parametrize(
    ("marked", "kind"),
    [
        *((text, Kind.HEALTH_NUMBER) for text in HEALTH_NUMBERS),
        *((text, Kind.SIN) for text in SOCIAL_NUMBERS),
        *((text, Kind.MRN) for text in CHART_NUMBERS),
        *((text, Kind.LICENCE) for text in LICENCES),
        *((text, Kind.DEVICE_ID) for text in DEVICES),
        *((text, Kind.OTHER_ID) for text in OTHER_NUMBERS),
    ],
)
def test_numbers_of_identifiers_are_found(marked, kind):
    found, expected = kinds_of(marked)

    assert found == [(number, kind) for number in expected]


@pytest.mark.parametrize("text", NO_IDENTIFIERS)
def test_clinical_numbers_are_no_identifiers(text):
    assert found_in(text) == []


@pytest.mark.parametrize(
    ("text", "tier", "reason"),
    [
        ("OHIP 1234567890", Tier.STOP, Reason.LABELLED),
        ("1234567897", Tier.STOP, Reason.CHECK_DIGIT),
        ("046 454 286", Tier.STOP, Reason.CHECK_DIGIT),
        ("046-454-287", Tier.CONFIRM, Reason.SHAPE),
        ("12345678", Tier.CONFIRM, Reason.SHAPE),
        ("HB-0091267", Tier.CONFIRM, Reason.SHAPE),
        ("OHIP 12345\u200b67897", Tier.STOP, Reason.HIDDEN_CHARACTERS),
    ],
)
def test_a_label_or_a_right_check_digit_stops_and_a_mere_shape_asks(text, tier, reason):
    (finding,) = find_patterns(normalise(text))

    assert (finding.tier, finding.reason) == (tier, reason)
