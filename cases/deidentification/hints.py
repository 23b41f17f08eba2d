"""The pass that keeps up with typing: what has a shape, and names after a title."""

import re
from collections.abc import Iterator

from cases.deidentification.findings import Finding, Kind, Reason, Tier
from cases.deidentification.normalise import Normalised, normalise
from cases.deidentification.patterns import find_patterns, settled

_TITLE = r"(?:Mrs?|Ms|Miss|Mx|Dre?|Drs|Prof|Mme|Mlle|Me|Sr|Rev|Fr|M|MRS|MME|MLLE|MISS|(?:DR|MR|MS)(?=\.))"
_NAME = r"[^\W\d_a-zß-ÿ](?:[^\W\d_]|['’-](?=[^\W\d_])){0,30}"
_PARTICLE = r"(?:de|du|van|von|di|da|la|le|el|al|bin|der)"
_TITLED = re.compile(
    rf"(?<![^\W_]){_TITLE}(?:\.[ ]?|[ ])({_NAME}(?:(?:[ ]{_PARTICLE}){{0,2}}[ ]{_NAME}\.?){{0,3}})"
)


def hint(text: str) -> list[Finding]:
    """Identifiers that can be told while one types; no model and no list of names is asked. Never raises."""
    normalised = normalise(text)
    return settled([*find_patterns(normalised), *_titled(normalised)])


def _titled(normalised: Normalised) -> Iterator[Finding]:
    for titled in _TITLED.finditer(normalised.text):
        start, end = normalised.origin(*titled.span(1))
        yield Finding(start, end, Kind.NAME, Tier.STOP, Reason.TITLE)
