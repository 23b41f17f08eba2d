"""Names on reports that wait for a person, with what may help: suggestions, and what was decided about them before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sessions_app.models import EchoSession, UnmatchedName
from sessions_app.reports import Suggestion
from sessions_app.services.attendance import counting
from sessions_app.services.attendance.counting import OpenName
from sessions_app.services.attendance.people import Crowd


@dataclass(frozen=True, slots=True)
class NameToMatch:
    """A name on a report, who it may be, and whose it is already (None: open; none: nobody of the cycle)."""

    report_id: int
    key: str
    name: str
    email: str
    minutes: int
    suggestions: tuple[Suggestion, ...]
    given: frozenset[int] | None = None
    is_nobody: bool = False
    """Whether the page proposes "nobody": so it was decided, here or the last time this name came up."""


def names_to_match(session: EchoSession, open_names: Iterable[OpenName]) -> list[NameToMatch]:
    """Names of a report that is looked at, the longest presence first."""
    names = [
        NameToMatch(name.report_id, name.key, name.name, name.email, name.minutes, name.suggestions)
        for name in open_names
    ]
    return _with_nobodies(session, names)


def names_of_session(session: EchoSession, crowd: Crowd, *, also_decided: bool = False) -> list[NameToMatch]:
    """Names of a session's imported reports that wait; with `also_decided` those that a person has decided about."""
    rows = list(UnmatchedName.objects.filter(report__session=session))
    if not also_decided:
        rows = [row for row in rows if row.outcome == UnmatchedName.Outcome.OPEN]
    if not rows:
        return []
    decided = counting.decisions_on_record(session)
    suggestions = {
        (each.pk, unmatched.group.key): unmatched.suggestions
        for each in counting.match_all(counting.read_all(session), crowd)
        for unmatched in each.matches.unmatched
    }
    names = []
    for row in rows:
        given = decided.get((row.report_id, row.key))
        names.append(
            NameToMatch(
                report_id=row.report_id,
                key=row.key,
                name=row.name,
                email=row.email,
                minutes=row.minutes,
                suggestions=suggestions.get((row.report_id, row.key), ()),
                given=given,
                is_nobody=given is not None and not given,
            )
        )
    return _with_nobodies(session, names)


def _with_nobodies(session: EchoSession, names: Sequence[NameToMatch]) -> list[NameToMatch]:
    """Propose "nobody" for open names that were nobody's when they last came up: a host is on every report."""
    last = dict(
        UnmatchedName.objects.filter(
            report__session__cycle__program=session.cycle.program_id, key__in=[name.key for name in names]
        )
        .exclude(outcome=UnmatchedName.Outcome.OPEN)
        .order_by("decided_at", "pk")
        .values_list("key", "outcome")
    )
    proposed = [
        replace(name, is_nobody=True)
        if name.given is None and last.get(name.key) == UnmatchedName.Outcome.NOBODY
        else name
        for name in names
    ]
    return sorted(proposed, key=lambda name: (-name.minutes, name.name.casefold(), name.key))
