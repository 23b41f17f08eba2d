"""Where a program's own words for a mail come from: outbox knows no programs, so it asks whoever registered here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Values = Callable[[str, Mapping[str, Any]], Mapping[str, str]]
"""The values of the places in a text, from the context that the mail's template would have got."""


@dataclass(frozen=True, slots=True)
class Wording:
    """A program's own subject and text of a mail in one language, with places (outbox.placeholders)."""

    subject: str
    text: str


Wordings = Mapping[tuple[str, str], Wording]
"""By template and language."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who has the words: which program a context is about, its wordings, and what fills their places."""

    program_of: Callable[[Mapping[str, Any]], int | None]
    wordings_of: Callable[[int], Wordings]
    values: Values


_sources: list[Source] = []


def use(source: Source) -> None:
    """Ask `source` from now on; the last one counts. Called once, as the apps are ready."""
    _sources[:] = [source]


class Words:
    """Looks wordings up for a number of mails: one query a program, however many there are."""

    def __init__(self) -> None:
        self._known: dict[int, Wordings] = {}

    def of(
        self, template: str, context: Mapping[str, Any], *, language: str
    ) -> tuple[Wording, Values] | None:
        """The program's own words for this mail with what fills them; None where the portal's stand."""
        if not _sources:
            return None
        source = _sources[0]
        program = source.program_of(context)
        if program is None:
            return None
        if program not in self._known:
            self._known[program] = source.wordings_of(program)
        wording = self._known[program].get((template, language))
        return (wording, source.values) if wording else None
