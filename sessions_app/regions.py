"""Ontario's regions by the first letter of a postal code: pure. Standard library only."""

from enum import StrEnum


class Region(StrEnum):
    """Canada Post's five postal districts of Ontario, and what is not one of them."""

    EAST = "east"
    CENTRAL = "central"
    TORONTO = "toronto"
    SOUTHWEST = "southwest"
    NORTH = "north"
    OUTSIDE = "outside"
    NOT_STATED = ""


LETTERS = {
    "K": Region.EAST,
    "L": Region.CENTRAL,
    "M": Region.TORONTO,
    "N": Region.SOUTHWEST,
    "P": Region.NORTH,
}


def region_of(postal_prefix: str) -> Region:
    """The region of a postal code, or of as much of it as there is; another letter is another province's."""
    letter = postal_prefix.strip()[:1].upper()
    return LETTERS.get(letter, Region.OUTSIDE) if letter else Region.NOT_STATED
