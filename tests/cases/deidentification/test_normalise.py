import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.deidentification.normalise import joined_up, normalise, reread

# Without "&", which begins the entities of pasted web pages.
PLAIN = st.text(alphabet=re.sub("[\x0b\x0c&]", "", string.printable))
ANY = st.text() | st.text(
    alphabet=st.sampled_from(
        "aJ1 9-@.\n\u200b\u200d\u202e\u0301\u0327\xad\xa0ａ１٣АеοΑ—–“’½ﬁ№𝐉🅹\ud83d\ufdfa&;\u2028\x00é"
    )
)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("12\u200b34\u200d56\ufeff", "123456"),
        ("Smi\xadth", "Smith"),
        ("\u202e1234567897\u202c", "1234567897"),
        ("１２３４－５６７", "1234-567"),
        ("١٢٣٤", "1234"),
        ("НСN 1234", "HCN 1234"),
        ("ОНІР", "OHIP"),
        ("Sm\u0456th", "Smith"),
        ("a\xa0b\u2009c\u3000d", "a b c d"),
        ("416–555‑0133", "416-555-0133"),
        ("1234—567", "1234-567"),
        ("pain—worse", "pain—worse"),
        ("O’Brien “Peg”", 'O\'Brien "Peg"'),
        ("𝐉𝐨𝐡𝐧 Ⓢⓜⓘⓣⓗ", "John Smith"),
        ("№ 12", "No 12"),
        ("e\u0301te\u0301", "été"),
        ("J\u0336o\u0336e\u0336", "Joe"),
        ("Réjeanne Thériault", "Réjeanne Thériault"),
        ("2½ Lyrica™", "2½ Lyrica™"),
        ("Мария", "Мария"),
        ("HCN:&nbsp;1234&#8211;567", "HCN: 1234-567"),
        ("A&W; R&D", "A&W; R&D"),
        ("\ud83d DOB", "\ufffd DOB"),
        ("\ufdfa", "\ufdfa"),
        ("a\u2028b\x85c\x0bd\x00e", "a\nb\nc de"),
    ],
)
def test_normalise_writes_what_a_reader_sees(written, plain):
    assert normalise(written).text == plain


def test_normalise_tells_where_hidden_characters_stood():
    assert normalise("OHIP 12\u200b34").hidden == (7,)
    assert normalise("été à l’hôpital").hidden == ()


@given(PLAIN)
def test_plain_ascii_stays_as_it_is(text):
    normalised = normalise(text)

    assert normalised.text == text
    assert normalised.origin(0, len(text)) == (0, len(text))


@given(ANY)
def test_places_lead_back_into_the_text_in_order(text):
    for view in filter(None, (normalise(text), joined_up(normalise(text)), reread(normalise(text)))):
        ranges = [view.origin(place, place + 1) for place in range(len(view.text))]

        assert all(0 <= start < end <= len(text) for start, end in ranges)
        assert ranges == sorted(ranges)
        assert 0 <= view.origin(0, 0)[0] <= len(text)


@given(ANY)
def test_a_normalised_text_is_normal(text):
    plain = normalise(text).text

    assert normalise(plain).text == plain


def test_letters_and_digits_set_apart_are_joined_and_lead_back():
    text = "name J o h n, 1 2 3 4"
    joined = joined_up(normalise(text))

    assert joined is not None
    assert joined.text == "name John, 1234"
    assert text[slice(*joined.origin(5, 9))] == "J o h n"
    assert joined_up(normalise("L 5 and S 1, 2 tabs")) is None


@pytest.mark.parametrize(
    ("scanned", "read"),
    [("7O5 555-O127", "705 555-0127"), ("l9/O4/1958", "19/04/1958"), ("Hea1th Card", "Health Card")],
)
def test_what_a_scan_confuses_is_put_right(scanned, read):
    view = reread(normalise(scanned))

    assert view is not None
    assert view.text == read


@pytest.mark.parametrize("text", ["l5/s1 disc", "SpO2 97", "L4-L5, T12", "2 mg po"])
def test_levels_and_saturations_are_no_misread_numbers(text):
    assert reread(normalise(text)) is None
