from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.normalise import normalise
from cases.deidentification.patterns import find_patterns, settled
from cases.deidentification.patterns.label_words import LABELS
from cases.deidentification.patterns.reading import Reading, vocabulary
from tests.cases.deidentification.marked_texts import found_in

PIECES = st.sampled_from(
    [
        *[
            "OHIP 1234567897 AB",
            "SIN 046 454 286",
            "DOB 1966-03-08",
            "le 3 mars 2021",
            "jane@mail.example",
            "MRN",
            "#",
            "@",
        ],
        *[
            "call 705-555-0148",
            "K7R 3L1",
            "12 rue de la Paix",
            "93 yo F",
            "at x dot ca",
            "@ab_1",
            "St.",
            "www.",
            "12/09",
        ],
        *[
            "\u200b",
            "\u202e",
            "\ud83d",
            "&nbsp;",
            " ",
            "\n",
            "9",
            "1 2 3",
            "é",
            "İ",
            "ß",
            "𝟙",
            "—",
            "(",
            ".",
            "/",
        ],
    ]
)
TEXTS = (
    st.text(max_size=120)
    | st.lists(PIECES, max_size=14).map("".join)
    | st.lists(PIECES, max_size=14).map(" ".join)
)

HOSTILE = {
    "digits": "1234567890",
    "ones": "1",
    "spaces": " ",
    "line ends": "\n",
    "at signs": "a@",
    "dots": ".",
    "dotted letters": "a.",
    "dotted digits": "1.",
    "dashes": "-",
    "dashed digits": "12-",
    "slashed digits": "1/",
    "spaced digits": "1 ",
    "spaced letters": "a ",
    "labels": "MRN ",
    "labels and colons": "MRN: ",
    "open labels": "no de dossier ",
    "streets": "12 King St ",
    "capitals": "Aa ",
    "long word": "a",
    "months": "May ",
    "days and months": "1 May",
    "colons": "1:",
    "hex": "ab:cd:",
    "dot endings": "a.ca",
    "spoken mail": "a at b dot ",
    "slashes": "http://",
    "backslashes": "\\\\a",
    "marks": "\u0301",
    "letters with marks": "a\u0301",
    "invisible": "\u200b",
    "look-alikes": "аb",
    "tel": "tel ",
    "brackets": "(",
    "pluses": "+1 ",
    "titles": "Dr. A ",
    "underscores": "_",
    "hash": "#1",
    "apartments": "apt 1 ",
    "misread": "1O",
    "weekday": "monday ",
    "ligatures": "\ufdfa",
    "entities": "&nbsp;",
    "halves": "\ud83d",
}


@given(TEXTS)
def test_findings_lie_in_the_text_in_order_and_hold_something(text):
    findings = find_patterns(normalise(text))

    assert all(0 <= finding.start < finding.end <= len(text) for finding in findings)
    assert all(any(map(str.isalnum, text[finding.start : finding.end])) for finding in findings)
    assert all(first.end <= second.start for first, second in pairwise(findings))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_of_100_000_characters_come_to_an_end(piece):
    text = (piece * (100_000 // len(piece) + 1))[:100_000]

    findings = find_patterns(normalise(text))

    assert all(0 <= finding.start < finding.end <= len(text) for finding in findings)


@given(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(1, 9), st.sampled_from(Kind), st.sampled_from(Tier)),
        max_size=8,
    ),
    st.randoms(),
)
def test_settling_is_free_of_order_and_loses_no_place(rows, chance):
    findings = [Finding(start, start + size, kind, tier, Reason.SHAPE) for start, size, kind, tier in rows]
    shuffled = chance.sample(findings, len(findings))

    places = {place for finding in findings for place in range(finding.start, finding.end)}
    result = settled(findings)

    assert {place for finding in result for place in range(finding.start, finding.end)} == places
    assert [(f.start, f.end, f.tier) for f in settled(shuffled)] == [(f.start, f.end, f.tier) for f in result]
    assert settled(result) == result


def test_no_phrase_announces_two_things():
    phrases = [
        phrase.keys
        for choices in vocabulary([label.phrases for label in LABELS]).values()
        for phrase in choices
    ]

    assert sorted(phrases) == sorted(set(phrases))


def test_places_are_those_of_the_text_as_written():
    text = "HСN 1234\u200b567\xa0897, née le 3\xa0mars 2021 à l’hôpital"

    assert found_in(text) == ["1234\u200b567\xa0897", "3\xa0mars 2021"]


def test_a_note_pasted_from_a_chart_is_read_through():
    text = (
        "PATIENT CHART: 88-4471\tDOB: 1961/07/14\r\nHCN: 1234567897 VC: AB\r\nADDR: 77 Alder Cres, Unit 2\r\n"
        "S: LBP x 12 yrs, 7/10. BP 130/85. Percocet 10/325 QID since 2019."
    )

    assert found_in(text) == ["88-4471", "1961/07/14", "1234567897", "77 Alder Cres, Unit 2"]


def test_words_are_cut_once_and_abbreviations_count_as_words():
    assert [word.key for word in Reading("D.O.B. Né p.o., Église").words] == ["dob", "ne", "po", "eglise"]
