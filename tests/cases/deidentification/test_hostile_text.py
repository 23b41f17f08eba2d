"""Text as nobody should send it: the screen finds what is hidden in it, raises nothing and takes no longer."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases.deidentification import Kind, hint, screen

ZERO_WIDTH, JOINER, WORD_JOINER, SOFT_HYPHEN = "\u200b", "\u200d", "\u2060", "\u00ad"
RIGHT_TO_LEFT, OVERRIDE, END = "\u200f", "\u202e", "\u202c"


def assert_covers(findings, text: str, hidden: str) -> None:
    """Each letter and digit of `hidden` lies in a finding."""
    start = text.index(hidden)
    covered = {at for finding in findings for at in range(finding.start, finding.end)}
    letters = {at for at in range(start, start + len(hidden)) if text[at].isalnum()}
    assert letters <= covered, [text[finding.start : finding.end] for finding in findings]


def assert_sound(findings, text: str) -> None:
    """The findings lie in the text, in its order, and do not overlap."""
    end = 0
    for finding in findings:
        assert end <= finding.start < finding.end <= len(text)
        assert isinstance(finding.kind, Kind)
        end = finding.end


HIDDEN_NUMBERS = {
    "zero width": (
        f"HCN 25{ZERO_WIDTH}24 936 9{ZERO_WIDTH}82 noted",
        f"25{ZERO_WIDTH}24 936 9{ZERO_WIDTH}82",
    ),
    "joiners": (f"OHIP 2524{WORD_JOINER}936{JOINER}982.", f"2524{WORD_JOINER}936{JOINER}982"),
    "soft hyphen": (
        f"health card 2524{SOFT_HYPHEN}936{SOFT_HYPHEN}982",
        f"2524{SOFT_HYPHEN}936{SOFT_HYPHEN}982",
    ),
    "right to left": (f"HCN {RIGHT_TO_LEFT}2524-936-982{RIGHT_TO_LEFT}", "2524-936-982"),
    "override": (f"HCN {OVERRIDE}2524 936 982{END}", "2524 936 982"),
    "full width": ("HCN ２５２４９３６９８２", "２５２４９３６９８２"),
    "arabic digits": ("HCN ٢٥٢٤٩٣٦٩٨٢", "٢٥٢٤٩٣٦٩٨٢"),
    "bold digits": ("HCN 𝟐𝟓𝟐𝟒𝟗𝟑𝟔𝟗𝟖𝟐", "𝟐𝟓𝟐𝟒𝟗𝟑𝟔𝟗𝟖𝟐"),
    "no-break spaces": ("HCN 2524\u00a0936\u202f982", "2524\u00a0936\u202f982"),
    "odd dashes": ("HCN 2524\u2011936\u2013982", "2524\u2011936\u2013982"),
    "null": ("HCN 2524\x00936\x00982", "2524\x00936\x00982"),
    "control characters": ("HCN\x0b2524\x1f936\x08982", "2524\x1f936\x08982"),
    "spaced by a scanner": ("Health card 2 5 2 4  9 3 6  9 8 2", "2 5 2 4  9 3 6  9 8 2"),
    "mistaken by a scanner": ("OHIP 252493698Z, phone (7O5) 555-Ol42", "(7O5) 555-Ol42"),
    "broken over lines": ("Health card 2524\n936\n982 on file", "2524\n936\n982"),
    "lone returns": ("Name: Annelise Morton\rHCN: 2524 936 982\rPEG: 7", "2524 936 982"),
    "markup": ("<p>HCN:</p><p><b>2524936982</b></p>", "2524936982"),
    "entities": ("HCN:&nbsp;2524&nbsp;936&nbsp;982", "2524&nbsp;936&nbsp;982"),
    "rich text": (r"{\rtf1\ansi \b HCN\b0  2524936982\par PEG 7}", "2524936982"),
    "emoji": ("📞705-555-0142🙏🏽", "705-555-0142"),
    "half an emoji": ("\ud83d DOB 1966-03-08 \ude00", "1966-03-08"),
    "mail": (
        f"write to a{ZERO_WIDTH}nne@post{SOFT_HYPHEN}box.example",
        f"a{ZERO_WIDTH}nne@post{SOFT_HYPHEN}box.example",
    ),
    "mail in look-alikes": ("write to аnnе@роstbоx.example", "аnnе@роstbоx.example"),
    "date": (f"DOB 19{ZERO_WIDTH}66-03-{ZERO_WIDTH}08", f"19{ZERO_WIDTH}66-03-{ZERO_WIDTH}08"),
    "full-width postal code": ("postal code Ｌ４Ｎ ８Ｐ２", "Ｌ４Ｎ ８Ｐ２"),
}

HIDDEN_NAMES = {
    "zero width": (
        f"Seen with Mrs. Anne{ZERO_WIDTH}lise Mor{ZERO_WIDTH}ton today",
        f"Anne{ZERO_WIDTH}lise Mor{ZERO_WIDTH}ton",
    ),
    "soft hyphen": (f"Seen with Mrs. Anne{SOFT_HYPHEN}lise Morton today", f"Anne{SOFT_HYPHEN}lise Morton"),
    "cyrillic look-alikes": ("Seen with Mrs. Аnnеlisе Моrtоn today", "Аnnеlisе Моrtоn"),
    "bold letters": ("Seen with Mrs. 𝐀𝐧𝐧𝐞𝐥𝐢𝐬𝐞 𝐌𝐨𝐫𝐭𝐨𝐧 today", "𝐀𝐧𝐧𝐞𝐥𝐢𝐬𝐞 𝐌𝐨𝐫𝐭𝐨𝐧"),
    "full width": ("Seen with Mrs. Ａｎｎｅｌｉｓｅ Ｍｏｒｔｏｎ today", "Ａｎｎｅｌｉｓｅ Ｍｏｒｔｏｎ"),
    "combining marks": (
        "Vue par le Dr Je\u0301re\u0301mie Be\u0301dard hier",
        "Je\u0301re\u0301mie Be\u0301dard",
    ),
    "no-break space": ("Seen with Mrs.\u00a0Annelise\u00a0Morton today", "Annelise\u00a0Morton"),
    "null": ("Seen with Mrs. Anne\x00lise Morton today", "Anne\x00lise Morton"),
    "lone return": ("Name: Annelise Morton\rDOB: 1966-03-08", "Annelise Morton"),
    "line separator": ("Name: Annelise Morton\u2028PEG: 7/8/6", "Annelise Morton"),
    "markup": ("<td>Name</td><td>Mrs. <b>Annelise</b> <i>Morton</i></td>", "Annelise"),
    "entities": ("seen with Mrs.&nbsp;Annelise Morton", "Annelise Morton"),
    "emoji": ("👩🏽‍⚕️ Dr. Annelise Morton 🎉 says taper", "Annelise Morton"),
    "half an emoji": ("\ud83d Dr. Annelise Morton says taper", "Annelise Morton"),
    "right to left": (
        f"Seen with Mrs. {RIGHT_TO_LEFT}Annelise Morton{RIGHT_TO_LEFT} today",
        "Annelise Morton",
    ),
}


@pytest.mark.parametrize(("text", "hidden"), HIDDEN_NUMBERS.values(), ids=HIDDEN_NUMBERS)
def test_hidden_number_is_found_as_one_types(text, hidden):
    findings = hint(text)

    assert_covers(findings, text, hidden)
    assert_sound(findings, text)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [*HIDDEN_NUMBERS.values(), *HIDDEN_NAMES.values()],
    ids=[*(f"number: {how}" for how in HIDDEN_NUMBERS), *(f"name: {how}" for how in HIDDEN_NAMES)],
)
def test_hidden_identifier_is_found_in_full(text, hidden):
    findings = screen(text)

    assert_covers(findings, text, hidden)
    assert_sound(findings, text)


SIZE = 100_000
LONG = {
    "letters": "a" * SIZE,
    "digits": "1" * SIZE,
    "spaced digits": "1 " * (SIZE // 2),
    "capitals": "Aa " * (SIZE // 3),
    "spaces": " " * SIZE,
    "lines": "\n" * SIZE,
    "returns": "\r" * SIZE,
    "nulls": "\x00" * SIZE,
    "zero widths": ZERO_WIDTH * SIZE,
    "overrides": OVERRIDE * SIZE,
    "combining marks": "e" + "\u0301" * (SIZE - 1),
    "dots": "." * SIZE,
    "dashes": "-" * SIZE,
    "at signs": "a@" * (SIZE // 2),
    "domains": "a." * (SIZE // 2),
    "markup": "<b>" * (SIZE // 3),
    "brackets": "(" * SIZE,
    "slashes": "1/" * (SIZE // 2),
    "titles": "Dr. " * (SIZE // 4),
    "labels": "HCN: " * (SIZE // 5),
    "initials": "J. " * (SIZE // 3),
    "streets": "1 Main St " * (SIZE // 10),
    "hyphens in a name": "Anne-" * (SIZE // 5),
    "emoji": "👩🏽‍⚕️" * (SIZE // 5),
    "half emoji": "\ud83d" * SIZE,
    "look-alikes": "аa" * (SIZE // 2),
    "full width": "１" * SIZE,
    "ligatures that grow": "\ufdfa" * SIZE,
    "letters that grow in small": "İ" * SIZE,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_long_text_is_hinted_in_time(text):
    start = time.process_time()

    findings = hint(text)

    assert time.process_time() - start < 5
    assert_sound(findings, text)


CUT = 1_000


@pytest.mark.parametrize("text", [text[:CUT] for text in LONG.values()], ids=LONG)
def test_odd_text_is_screened_in_time(text):
    start = time.process_time()

    findings = screen(text)

    assert time.process_time() - start < 10
    assert_sound(findings, text)


def test_long_text_is_screened_in_time():
    text = LONG["letters"]
    start = time.process_time()

    findings = screen(text)

    assert time.process_time() - start < 10
    assert_sound(findings, text)


AWKWARD = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cs", "Cf", "Cc", "Mn", "Nd", "Zs"]),
        st.sampled_from("AZaz09 \n\r.,:;-/()@#&<>" + ZERO_WIDTH + SOFT_HYPHEN + OVERRIDE),
    ),
    max_size=80,
)


@given(AWKWARD)
@settings(max_examples=200, deadline=None)
def test_hint_is_sound_on_any_text(text):
    assert_sound(hint(text), text)


@given(AWKWARD)
@settings(max_examples=30, deadline=None)
def test_screen_is_sound_on_any_text(text):
    assert_sound(screen(text), text)


@given(st.lists(st.sampled_from(sorted({hidden for _, hidden in HIDDEN_NUMBERS.values()})), max_size=6))
@settings(max_examples=60, deadline=None)
def test_hint_is_sound_where_identifiers_touch(parts):
    text = "".join(parts)
    assert_sound(hint(text), text)
