import pytest

from cases.deidentification.findings import Kind
from tests.cases.deidentification.marked_texts import found_in, found_with_kind, unmarked

AGES = [
    "he will be [[90]] in the fall",
    "just before his [[90th]] birthday",
    "[[93]]/F, OA",
    "f[[93]] w oa",
    "hes [[91]] and lives alone",
    "Age\t[[91]]",
    "her mother, now [[101]], lives with her",
    "née il y a [[92]] ans",
    "Age ..... [[93]]",
    "This [[93]]-year-old woman has PHN.",
    "[[94]] yo F with OA",
    "[[93]]yo M, lives alone",
    "[[93]] y.o. male",
    "[[91]] y/o with stenosis",
    "[[94]]F, OA knees",
    "[[94]] M with spinal stenosis",
    "F/[[94]] with OA",
    "F [[92]], vascular ulcers",
    "F, [[95]], vascular leg ulcers",
    "M [[ninety-two]] yo vet",
    "A lovely lady of [[93]] who still drives.",
    "turned [[91]] last week",
    "Her brother, who was [[97]], died.",
    "His mother, aged [[90]], lives with him.",
    "AGE [[90]], SIN withheld",
    "age: [[101]]",
    "aged [[101]], on hydromorphone",
    "She is [[93]] and independent.",
    "he's [[92]] now",
    "pt is [[96]], walks with a walker",
    "She is [[ninety-three]] years old.",
    "She is [[ninety three]].",
    "in his [[nineties]]",
    "in her early [[nineties]]",
    "in her mid-[[90s]]",
    "a [[centenarian]] with back pain",
    "a [[nonagenarian]]",
    "she is [[ninety-something]]",
    "Her father died at [[98]].",
    "[[94]] ans, fracture T12",
    "Femme, [[94]] ans",
    "âgée de [[92]] ans",
    "âgé de [[quatre-vingt-douze]] ans",
    "elle a [[quatre-vingt-quatorze]] ans",
    "[[nonante-deux]] ans",
    "une [[centenaire]] autonome",
    "H [[93]] ans",
    "[[102]] year old man",
    "[[one hundred and two]] years old",
]

NO_AGES = [
    "morphine 95 mg daily",
    "SpO2 94 % on room air, sat 95%",
    "BP 95/60, HR 94, RR 14",
    "weight 92 kg, 92 lbs lost",
    "MED 90, MED ~120, MED was 105 mg",
    "flexion 90 degrees, SLR 90, abduction 95°",
    "for 90 days, in 120 minutes, 100 m walk",
    "89 years old, 89F, aged 89",
    "90+ years, over 90, 90+",
    "ninety percent better, ninety degrees, ninety days",
    "in the nineties he worked in a mine",
    "hemoglobin 101, creatinine 94, eGFR 91, glucose 9.4",
    "T 98.6 F, temp 99 F",
    "100 tablets, 120 caps, 90 tabs dispensed",
    "90 jours, 95 mg, 92 kg, TA 95/60",
    "she walks 100 steps and sleeps 10 h",
    "pain free for 95 days; for 100 years",
    "quatre-vingt-dix mg de morphine, quatre-vingt-dix pour cent",
    "pulse is 92 and regular",
    "her weight is 94 kg; his BP was 95/50",
    "she was 95% better; he is 100% sure",
    "gabapentin 100 M and 200 HS",
    "GAF 95, QTc 110",
]


@pytest.mark.parametrize("marked", AGES)
def test_ages_of_ninety_and_over_are_found_in_digits_and_words(marked):
    text, expected = unmarked(marked)

    assert found_with_kind(text) == [(age, Kind.AGE_OVER_89) for age in expected]


@pytest.mark.parametrize("text", NO_AGES)
def test_doses_results_and_younger_ages_are_no_ages_over_89(text):
    assert found_in(text) == []
