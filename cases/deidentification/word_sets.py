"""The small sets of words the screen looks for, from `data/word_sets.toml`."""

import tomllib
from functools import cache
from importlib.resources import files


def word_set(name: str) -> frozenset[str]:
    """The words of one set, folded."""
    return frozenset(_sets()[name].split())


@cache
def _sets() -> dict[str, str]:
    text = (files("cases.deidentification") / "data" / "word_sets.toml").read_text("utf-8")
    sets: dict[str, str] = tomllib.loads(text)
    return sets
