"""Words that people write with places for names: the places are filled in, and nothing else is read. Pure.

There is no template language here: no attribute, no filter, no tag, no expression. A place is `{{ name }}` with a name
from a given list; what fills it is text and is not looked at again.
"""

import re
from collections.abc import Collection, Mapping

PLACE = re.compile(r"\{\{[ \t]*([a-z][a-z0-9_]{0,39})[ \t]*\}\}")
"""`{{ name }}`, in plain letters."""
OPENS = re.compile(r"\{\{|\{%|\{#")
"""What begins a place, or would be code in a template language."""
SHOWN = 40
"""Characters of a wrong place that are quoted."""


def places(text: str) -> list[str]:
    """The names that stand in `text`, each once, in their order."""
    return list(dict.fromkeys(PLACE.findall(text)))


def wrong_places(text: str, known: Collection[str]) -> list[str]:
    """What looks like a place, or like code, and is none of `known`: as written, at most 40 characters each."""
    found = []
    for opening in OPENS.finditer(text):
        place = PLACE.match(text, opening.start())
        if place is None or place[1] not in known:
            line = text[opening.start() : opening.start() + SHOWN].splitlines()[0]
            found.append(place[0] if place and len(place[0]) <= SHOWN else line)
    return list(dict.fromkeys(found))


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with each known place filled in; whatever else is in it stays as it is written, and never raises."""
    return PLACE.sub(lambda place: values.get(place[1], place[0]), text)
