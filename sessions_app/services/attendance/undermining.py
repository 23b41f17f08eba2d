"""Minutes that somebody had by a name which turns out to be somebody else's: nothing supports them any more."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from core.trail import event_model
from sessions_app.models import Attendance, AttendanceAlias, Enrolment
from sessions_app.reports import Group, fold_name
from sessions_app.services.attendance.counting import Count, OpenName, ReadReport
from sessions_app.services.attendance.naming import Name
from sessions_app.services.attendance.people import Crowd

RULES = frozenset({"same_email", "same_name"})
"""Why somebody is suggested whom a rule would find, were they the only one."""


def names_of(open_names: Iterable[OpenName]) -> set[Name]:
    """Which names these are."""
    return {(name.report_id, name.key) for name in open_names}


def undermined(
    asked: set[Name],
    counted: Count,
    on_record: Mapping[int, Attendance],
    *,
    reports: Iterable[ReadReport],
    crowd: Crowd,
) -> frozenset[int]:
    """Those whose minutes on record rest on a report, now that names that were asked about are settled.

    They had one of these names by a rule; or no name of the report with such a name is theirs, and none is open that
    may be. `asked` are the names that waited or were decided for the first time, `counted` is what holds after that.
    Nobody is undermined while a name is open that they had by a rule; nor who was erased, whose names are forgotten.
    """
    reports = list(reports)
    waiting = names_of(counted.open_names)
    settled = asked - waiting
    had = _had_by_rule(settled | waiting, reports, crowd)
    touched = {report_id for report_id, _key in settled}
    done = touched - {report_id for report_id, _key in waiting}
    lost = {enrolment_id for name in settled for enrolment_id in had[name]}
    kept = {enrolment_id for name in waiting for enrolment_id in had[name]}
    read = {each.pk for each in reports}
    found = {
        enrolment_id
        for enrolment_id, row in on_record.items()
        if enrolment_id not in kept
        and (
            (enrolment_id in lost and row.report_id in read)
            or (row.report_id in done and enrolment_id not in counted.credited)
        )
    }
    erased = Enrolment.objects.filter(pk__in=found, participant__erasure__isnull=False)
    return frozenset(found.difference(erased.values_list("pk", flat=True)) if found else ())


def _had_by_rule(names: set[Name], reports: Iterable[ReadReport], crowd: Crowd) -> Mapping[Name, set[int]]:
    """Whom a rule gives each name to, would give it to if there were no other, or gave it to until it forgot."""
    had: defaultdict[Name, set[int]] = defaultdict(set)
    values: dict[Name, set[str]] = {}
    for each in reports:
        for match in each.matches.matched:
            had[each.pk, match.group.key].add(match.person)
        for unmatched in each.matches.unmatched:
            suggested = {one.person for one in unmatched.suggestions if one.why in RULES}
            had[each.pk, unmatched.group.key] |= suggested
        values |= {(each.pk, group.key): _remembered_as(group) for group in each.groups}
    values = {name: values[name] for name in names if name in values}
    people = {member.participant_id: member.enrolment_id for member in crowd.members.values()}
    forgotten = event_model(AttendanceAlias).objects.filter(
        participant__in=people, value__in=set().union(*values.values())
    )
    for participant_id, value in forgotten.values_list("participant_id", "value").distinct():
        for name, known_as in values.items():
            if value in known_as:
                had[name].add(people[participant_id])
    return had


def _remembered_as(group: Group) -> set[str]:
    """What could have been remembered of a name."""
    addresses = {address for each in group.connections for address in (each.email, each.other_email)}
    return {fold_name(group.name), group.email, *addresses} - {""}
