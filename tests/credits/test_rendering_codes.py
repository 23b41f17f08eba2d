"""QR codes put together from parts are those segno makes as a whole."""

from __future__ import annotations

import random
import re
import string
from itertools import pairwise

import pytest
import segno

from credits.rendering import codes

TOKEN = string.ascii_letters + string.digits + "-_"


def rows(text: str, mask: int) -> list[str]:
    matrix = segno.make_qr(text, error="m", mask=mask).matrix
    return ["".join(map(str, row)) for row in matrix]


def penalty(symbol: list[str]) -> int:
    """Table 11 of ISO/IEC 18004:2015, read from the rows and the columns one after the other."""
    lines = symbol + ["".join(column) for column in zip(*symbol, strict=True)]
    runs = [len(run[0]) for line in lines for run in re.finditer(r"0+|1+", line)]
    blocks = sum(
        above[x : x + 2] == below[x : x + 2] and above[x] == above[x + 1]
        for above, below in pairwise(symbol)
        for x in range(len(symbol) - 1)
    )
    finders = sum(
        len(re.findall(r"(?=(?:(?<=0000)1011101|1011101(?=0000)))", f"0000{line}0000")) for line in lines
    )
    dark = 100 * "".join(symbol).count("1") / len(symbol) ** 2
    return sum(run - 2 for run in runs if run >= 5) + 3 * blocks + 40 * finders + 10 * int(abs(dark - 50) / 5)


@pytest.mark.parametrize("length", [1, 6, 22, 26, 43, 120])
def test_code_is_the_symbol_of_its_whole_address(length: int) -> None:
    chance = random.Random(length)  # noqa: S311  # data that is the same each time
    for _time in range(12):
        address = f"https://portal.example.ca/verify/{''.join(chance.choices(TOKEN, k=length))}/"

        assert codes.symbol(address) in [rows(address, mask) for mask in range(8)]


@pytest.mark.parametrize("address", ["https://portal.example.ca/?v=é", "http://a/", "https://a.ca/Zz09-_"])
def test_code_of_any_address_is_made(address: str) -> None:
    assert codes.symbol(address) in [rows(address, mask) for mask in range(8)]


def test_code_has_the_mask_with_the_least_penalty() -> None:
    chance = random.Random(5)  # noqa: S311  # data that is the same each time
    for _time in range(20):
        address = f"https://portal.example.ca/verify/{''.join(chance.choices(TOKEN, k=26))}/"
        found = codes.symbol(address)

        assert penalty(found) == min(penalty(rows(address, mask)) for mask in range(8))


def test_runs_blocks_and_false_finders_are_counted_as_the_standard_does() -> None:
    chance = random.Random(7)  # noqa: S311  # data that is the same each time
    family = codes._family("https://portal.example.ca/verify/", 22, "/")
    for _time in range(20):
        for packed in family.masked("".join(chance.choices(TOKEN, k=22))):
            assert family.penalty(packed) == penalty(family.rows(packed))
