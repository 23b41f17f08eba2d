"""Two sections of a Teams report that describe the same time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sessions_app.reports.names import exact, without_platform_suffix
from sessions_app.reports.values import Connection

SLACK = 1.5
"""Minutes by which a duration may fall short of the time from arrival to departure by rounding."""


def sections_joined(
    connections: list[Connection],
    spans: Mapping[int, float | None],
    *,
    starts_at: datetime,
    ends_at: datetime,
) -> list[Connection]:
    """The stays of the third section, with the addresses of the second.

    `spans` are the lines of the second, which has first arrivals and last departures, with their durations in minutes.
    It counts only for people whom the third does not have.
    """
    summary = [each for each in connections if each.line in spans]
    by_who: dict[str, set[tuple[str, str]]] = {}
    for each in summary:
        for who in filter(None, (_name(each), each.email)):
            by_who.setdefault(who, set()).add((each.email, each.other_email))
    stays = [_with_addresses(each, by_who) for each in connections if each.line not in spans]
    known = {who for each in stays for who in (_name(each), each.email)}
    rest = [
        _without_gaps(each, spans[each.line], starts_at, ends_at)
        for each in summary
        if (each.email or _name(each)) not in known
    ]
    return sorted([*stays, *rest], key=lambda each: each.line)


def _name(connection: Connection) -> str:
    return exact(without_platform_suffix(connection.name))


def _with_addresses(stay: Connection, by_who: Mapping[str, set[tuple[str, str]]]) -> Connection:
    """The stay with what the summary knows of this one person; of two with the same name it is not known which."""
    found = by_who.get(stay.email or _name(stay), set())
    if len(found) != 1:
        return stay
    email, other = next(iter(found))
    return replace(stay, email=stay.email or email, other_email=stay.other_email or other)


def _without_gaps(
    span: Connection, minutes: float | None, starts_at: datetime, ends_at: datetime
) -> Connection:
    """A first arrival and a last departure as minutes, where the duration shows that there are gaps between."""
    stay = span.interval
    if stay is None or minutes is None:
        return span
    if minutes + SLACK >= (stay.left_at - stay.joined_at).total_seconds() / 60:
        return span
    within = (min(stay.left_at, ends_at) - max(stay.joined_at, starts_at)).total_seconds() / 60
    return replace(span, interval=None, minutes=max(0, int(min(minutes, within))))
