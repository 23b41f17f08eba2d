"""The style sheets keep their weight, and every text its contrast."""

import gzip
import re
from itertools import product
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static" / "css"
TOKENS = dict(
    re.findall(
        r"--([\w-]+): light-dark\((#\w{6}, #\w{6})\)", (CSS / "tokens.css").read_text(encoding="utf-8")
    )
)

# The direction's table: role, light, dark.
PALETTE = {
    "paper": "#faf8f3, #0f1513",
    "surface": "#ffffff, #161e1b",
    "sunken": "#f1eee6, #0b100e",
    "ink": "#16211f, #e9eeeb",
    "quiet": "#55605c, #a9b6b0",
    "line": "#8a8578, #7c8a84",
    "hairline": "#ddd8cc, #2b3733",
    "spruce": "#0e5a4a, #7ed0ba",
    "spruce-tint": "#e1f0ec, #11302a",
    "lake": "#175a86, #8cc4ea",
    "lake-tint": "#e4f0f7, #12273a",
    "amber": "#8f4b00, #f0b968",
    "amber-tint": "#fdf0d9, #33260f",
    "brick": "#a2261f, #f59a90",
    "brick-tint": "#fce8e5, #3a1a17",
    "moss": "#2e6534, #94d09a",
    "moss-tint": "#e6f2e6, #16291a",
}
TONES = ["spruce", "lake", "amber", "brick", "moss"]
TEXT_PAIRS = [
    *product(["ink", "quiet", "spruce-pressed", *TONES], ["paper", "surface", "sunken"]),
    *[(tone, f"{tone}-tint") for tone in TONES],
    *[("ink", f"{tone}-tint") for tone in TONES],
    ("on-spruce", "spruce"),
    ("on-spruce", "spruce-pressed"),
    ("on-spruce", "brick"),
]


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrasts(text, background):
    """WCAG 2 contrast ratio of two tokens, light and dark."""
    ratios = []
    for pair in zip(TOKENS[text].split(", "), TOKENS[background].split(", "), strict=True):
        dark, light = sorted(luminance(colour) for colour in pair)
        ratios.append((light + 0.05) / (dark + 0.05))
    return ratios


def written_pairs():
    """Each rule of our sheets that sets a text colour on a background of its own."""
    for sheet in ("portal.css", "admin.css"):
        for rule in re.findall(r"\{([^{}]+)\}", (CSS / sheet).read_text(encoding="utf-8")):
            text = re.search(r"(?<![\w-])color: var\(--([\w-]+)\)", rule)
            background = re.search(r"background(?:-color)?: var\(--([\w-]+)\)", rule)
            # --tone and --tint are checked as the tones they stand for, in TEXT_PAIRS.
            if text and background and {text[1], background[1]} <= TOKENS.keys():
                yield text[1], background[1]


def test_portal_css_weighs_at_most_8_kb_gzipped():
    sheets = b"".join(gzip.compress((CSS / name).read_bytes(), 6) for name in ("tokens.css", "portal.css"))
    assert len(sheets) <= 8 * 1024


@pytest.mark.parametrize("role", PALETTE)
def test_token_is_the_palettes(role):
    assert TOKENS[role] == PALETTE[role]


@pytest.mark.parametrize(("text", "background"), TEXT_PAIRS)
def test_text_pair_has_contrast_in_both_themes(text, background):
    light, dark = contrasts(text, background)
    assert light >= 5.6
    assert dark >= 7.3


def test_every_written_pair_has_contrast_in_both_themes():
    pairs = set(written_pairs())
    assert ("on-spruce", "spruce") in pairs
    for text, background in pairs:
        # What cannot be used is exempt from contrast in WCAG 1.4.3, and is still above it here.
        light, dark = contrasts(text, background)
        assert (light >= 5.6, dark >= 7.3) == (True, True), (text, background, light, dark)


@pytest.mark.parametrize("ground", ["paper", "surface"])
def test_lines_of_controls_carry_meaning(ground):
    light, dark = contrasts("line", ground)
    assert min(light, dark) >= 3.4


def test_every_variable_that_is_read_is_defined():
    sheets = {path.name: path.read_text(encoding="utf-8") for path in CSS.glob("*.css")}
    defined = set(re.findall(r"(--[\w-]+)\s*:", sheets["tokens.css"] + sheets["portal.css"]))
    assert set(re.findall(r"var\((--[\w-]+)", sheets["portal.css"])) <= defined
    assert set(re.findall(r"var\((--[\w-]+)", sheets["admin.css"])) <= defined
