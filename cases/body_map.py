"""The drawing of the body map: two figures made of regions. It repeats the checkboxes beside it, for the eye."""

from dataclasses import dataclass

MIDDLE = 100
"""The figure's axis; a mirrored region is drawn at its other side."""


@dataclass(frozen=True, slots=True)
class Region:
    """A region of a figure: its code in `cases.content.choices.SITE`, and its outline as SVG path data."""

    code: str
    outline: str
    is_mirrored: bool = False


_NECK = Region("neck", "M90 60h20l2 14q-12 5-24 0z")
# Drawn once, at the reader's left: shoulder to hand, thigh to foot.
_ONE_SIDE = (
    ("shoulder", "M74 79q-20 1-25 24l18 5 6-6z"),
    ("upper_arm", "M48 105l18 5-6 37-16-4z"),
    ("elbow", "M44 145l16 4-3 17-16-4z"),
    ("forearm", "M41 164l15 4-9 39-13-3z"),
    ("hand", "M34 206l13 3q2 18-6 28-11-1-10-18z"),
    ("thigh", "M68 216l30 1-3 67H73z"),
    ("knee", "M73 286h22l-1 19H74z"),
    ("lower_leg", "M74 307h20l-4 62H78z"),
    ("foot", "M78 371h12l2 14q-4 12-23 10-3-6 9-12z"),
)


def _both_sides(first: str, second: str, parts: tuple[tuple[str, str], ...]) -> tuple[Region, ...]:
    """The regions of a pair: at the reader's left the `first` side's, mirrored the `second`'s."""
    return tuple(
        Region(f"{part}_{side}", outline, is_mirrored=side == second)
        for side in (first, second)
        for part, outline in parts
    )


FRONT = (
    Region("head", "M78 34a22 27 0 0 1 44 0z"),
    Region("face", "M78 36h44q0 14-12 22h-20q-12-8-12-22z"),
    _NECK,
    Region("chest", "M76 79q24-4 48 0l3 23-2 28H75l-2-28z"),
    Region("abdomen", "M75 132h50l-1 41H76z"),
    Region("pelvis", "M90 175h20l2 26-8 14h-8l-8-14z"),
    *_both_sides("right", "left", (("hip", "M76 175h12l-2 27 7 13-25-1q0-24 8-39z"), *_ONE_SIDE)),
)
"""The patient faces the reader, so that the right side is at the left."""

BACK = (
    Region("head", "M78 34a22 27 0 0 1 44 0q0 16-12 24H90q-12-8-12-24z"),
    _NECK,
    Region("upper_back", "M76 79q24-4 48 0l3 23-1 10H74l-1-10z"),
    Region("middle_back", "M74 114h52l-1 26H75z"),
    Region("lower_back", "M75 142h50l-1 31H76z"),
    *_both_sides("left", "right", (("buttock", "M76 175h23v40l-31-1q0-24 8-39z"), *_ONE_SIDE)),
)
