"""Minutes counted anew from every report of a session: what was decided by people, and what needs nobody.

Nothing is added up from one import to the next. Each time all applied reports are read again, so that the same report
twice, or two that overlap, in whichever order, come to the same minutes (product.md, rule 5).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.errors import BadInputError
from participants.models import User
from sessions_app.models import Attendance, AttendanceReport, EchoSession, UnmatchedName
from sessions_app.reports import (
    Connection,
    Group,
    Matches,
    Report,
    ReportError,
    Suggestion,
    match_people,
    minutes_of,
    read_report,
)
from sessions_app.services.attendance.people import Crowd
from sessions_app.services.attendance.words import file_problem

Source = Attendance.Source
Decided = Mapping[tuple[int, str], frozenset[int]]
"""(report, key of a name) → the enrolments it was given to; none where it is nobody of the cycle."""


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A report that can be read, and whose its names are."""

    pk: int
    report: Report
    matches: Matches

    @property
    def groups(self) -> list[Group]:
        """Every name on the report, whether or not it is somebody's."""
        matched = [match.group for match in self.matches.matched]
        return [*matched, *(unmatched.group for unmatched in self.matches.unmatched)]


@dataclass(frozen=True, slots=True)
class Credit:
    """What the reports say of one person: minutes, and for each report that names them, how that is known."""

    minutes: int
    hows: Mapping[int, str]

    @property
    def report_id(self) -> int:
        """The latest of the reports, which stands on record as the evidence."""
        return next(reversed(tuple(self.hows)))


@dataclass(frozen=True, slots=True)
class OpenName:
    """A name with time in the session that no rule and nobody has given to a person yet."""

    report_id: int
    key: str
    name: str
    email: str
    minutes: int
    suggestions: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Count:
    """What all reports together say: minutes by enrolment, and the names that wait for a person."""

    credited: dict[int, Credit]
    open_names: list[OpenName]


@dataclass(slots=True)
class _Stay:
    timed: list[Connection] = field(default_factory=list)
    untimed: int = 0
    hows: dict[int, str] = field(default_factory=dict)


def read(content: bytes, session: EchoSession) -> Report:
    """The report in a file. Raises BadInputError in words for one that cannot be used."""
    try:
        return read_report(content, starts_at=session.starts_at, ends_at=session.ends_at)
    except ReportError as error:
        raise BadInputError(file_problem(error)) from error


def read_all(session: EchoSession, *, also: int | None = None) -> list[tuple[int, Report]]:
    """Every applied report of a session and `also`, the earliest first.

    A report that was applied and is no longer of this session's day adds nothing; what it wrote stays.
    """
    rows = AttendanceReport.objects.filter(session=session).order_by("uploaded_at", "pk")
    read_ones = []
    for pk, applied_at, content in rows.values_list("pk", "applied_at", "file__content"):
        if pk == also:
            read_ones.append((pk, read(bytes(content), session)))
        elif applied_at is not None:
            try:
                read_ones.append((pk, read(bytes(content), session)))
            except BadInputError:
                continue
    return read_ones


def match_all(reports: Iterable[tuple[int, Report]], crowd: Crowd) -> list[ReadReport]:
    """Whose the names of each report are."""
    return [ReadReport(pk, report, match_people(report, crowd.people)) for pk, report in reports]


def decisions_on_record(session: EchoSession) -> dict[tuple[int, str], frozenset[int]]:
    """What people have decided about names on the session's reports."""
    decided: defaultdict[tuple[int, str], set[int]] = defaultdict(set)
    rows = UnmatchedName.objects.filter(report__session=session).exclude(outcome=UnmatchedName.Outcome.OPEN)
    for report_id, key, enrolment_id in rows.values_list("report_id", "key", "given__enrolment_id"):
        decided[report_id, key].update(() if enrolment_id is None else (enrolment_id,))
    return {name: frozenset(given) for name, given in decided.items()}


def count(session: EchoSession, reports: Iterable[ReadReport], *, decided: Decided) -> Count:
    """Minutes of each person over all reports, and the names that are left.

    What a person decided about a name goes before any rule. Stays with times count as their union over all reports
    (rule 4); of reports without times, which describe the same hour again, the largest counts.
    """
    stays: defaultdict[int, _Stay] = defaultdict(_Stay)
    open_names = []
    for each in reports:
        lots: defaultdict[int, list[Connection]] = defaultdict(list)
        for group, given, how in _given(each, decided):
            for enrolment_id in given:
                lots[enrolment_id].extend(group.connections)
                stays[enrolment_id].hows.setdefault(each.pk, how)
        for unmatched in each.matches.unmatched:
            group = unmatched.group
            if (each.pk, group.key) not in decided and (minutes := _minutes(session, group.connections)):
                open_names.append(
                    OpenName(each.pk, group.key, group.name, group.email, minutes, unmatched.suggestions)
                )
        for enrolment_id, connections in lots.items():
            stay = stays[enrolment_id]
            stay.timed.extend(connection for connection in connections if connection.interval)
            without = [connection for connection in connections if not connection.interval]
            stay.untimed = max(stay.untimed, _minutes(session, without))
    credited = {
        enrolment_id: Credit(max(_minutes(session, stay.timed), stay.untimed), stay.hows)
        for enrolment_id, stay in stays.items()
    }
    return Count(credited, open_names)


def _given(each: ReadReport, decided: Decided) -> Iterator[tuple[Group, Iterable[int], str]]:
    """The names of a report that somebody has, who, and how that is known."""
    for match in each.matches.matched:
        given = decided.get((each.pk, match.group.key))
        yield (match.group, (match.person,), match.how) if given is None else (match.group, given, "decided")
    for unmatched in each.matches.unmatched:
        if given := decided.get((each.pk, unmatched.group.key)):
            yield unmatched.group, given, "decided"


def _minutes(session: EchoSession, connections: Iterable[Connection]) -> int:
    return minutes_of(connections, starts_at=session.starts_at, ends_at=session.ends_at)


def changes(
    counted: Count, on_record: Mapping[int, Attendance], *, released: Iterable[int] = ()
) -> dict[int, Credit]:
    """Which minutes have to be written.

    What a person entered stays (rule 7); what somebody's check-in said gives way to a report. Another report can only
    add to a union, so minutes fall for `released` alone: those who had a name that is somebody else's now. Nobody
    loses minutes because a namesake joins the cycle later, unless a person decides that the name is the other's.
    """
    released = set(released)
    wanted = {}
    for enrolment_id, credit in counted.credited.items():
        old = on_record.get(enrolment_id)
        if old is None:
            is_change = credit.minutes > 0
        elif old.source == Source.CHECK_IN:
            is_change = True
        elif old.source == Source.REPORT:
            is_less = credit.minutes < old.minutes
            is_change = credit.minutes > old.minutes or (is_less and enrolment_id in released)
        else:
            is_change = False
        if is_change:
            wanted[enrolment_id] = credit
    for enrolment_id in released - counted.credited.keys():
        old = on_record.get(enrolment_id)
        if old is not None and old.source == Source.REPORT and old.report_id is not None and old.minutes:
            wanted[enrolment_id] = Credit(0, {old.report_id: "decided"})
    return wanted


def write(
    session: EchoSession,
    wanted: Mapping[int, Credit],
    on_record: Mapping[int, Attendance],
    *,
    by: User,
    now: datetime,
) -> int:
    """Write the credits in one statement, whatever is there already, and return how many."""
    rows = [
        Attendance(
            enrolment_id=enrolment_id,
            session=session,
            minutes=credit.minutes,
            is_guest=enrolment_id in on_record and on_record[enrolment_id].is_guest,
            source=Source.REPORT,
            report_id=credit.report_id,
            reason="",
            recorded_at=now,
            recorded_by=by,
        )
        for enrolment_id, credit in wanted.items()
    ]
    put(rows)
    return len(rows)


def put(rows: list[Attendance]) -> None:
    """Write attendances, over those of the same person and session; the caller holds the session's lock."""
    Attendance.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["enrolment", "session"],
        update_fields=["minutes", "is_guest", "source", "report", "reason", "recorded_at", "recorded_by"],
    )
