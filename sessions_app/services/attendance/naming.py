"""Whose a name on a report is: what a person decided, what is remembered of it, and what still waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError
from participants.models import User
from sessions_app.models import AttendanceAlias, EchoSession, NameGiven, UnmatchedName
from sessions_app.reports import Group, fold_name, minutes_of
from sessions_app.services.attendance.counting import OpenName
from sessions_app.services.attendance.people import Crowd
from sessions_app.services.attendance.words import is_nobodys_name

Name = tuple[int, str]
"""A name on a report: the report, and the name's key in it."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Whose one name on a report is: some people of the cycle, or nobody of it where there are none.

    `seen` is what was on record when it was decided (None: open): somebody else's decision is not written over
    unseen. With `remember` the one person is found by that name, or that address, from now on.
    """

    report_id: int
    key: str
    enrolments: frozenset[int]
    remember: bool = False
    seen: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of decisions: whose names are now, who lost one, and whether more is remembered."""

    decided: dict[Name, frozenset[int]]
    released: frozenset[int]
    is_more_known: bool


def record_decisions(
    session: EchoSession,
    decisions: Sequence[Decision],
    *,
    groups: Mapping[Name, Group],
    crowd: Crowd,
    decided: Mapping[Name, frozenset[int]],
    by: User,
    now: datetime,
) -> Outcome:
    """Write the decisions that change something. `decided` is what is on record; the session is locked."""
    fresh: dict[Name, frozenset[int]] = {}
    released: set[int] = set()
    known, takers = 0, crowd.takers
    rows = {(row.report_id, row.key): row for row in UnmatchedName.objects.filter(report__session=session)}
    for decision in decisions:
        name = (decision.report_id, decision.key)
        group, old = groups.get(name), decided.get(name)
        if group is None:
            raise BadInputError(_("This name is not on a report of this session. Open the page again."))
        if not decision.enrolments <= takers | (old or frozenset()):
            raise BadInputError(_("Somebody you chose is not in the cycle any more. Open the page again."))
        if old != decision.enrolments:
            if old != decision.seen:
                raise BadInputError(
                    _("Somebody has decided about “%(name)s” meanwhile. Open the page again and look.")
                    % {"name": group.name or group.email}
                )
            row = rows.get(name) or UnmatchedName(report_id=decision.report_id, key=decision.key)
            _give(row, group, session, decision.enrolments, by=by, now=now)
            fresh[name] = decision.enrolments
            released |= (old or frozenset()) - decision.enrolments
        if decision.remember and len(decision.enrolments) == 1:
            (enrolment_id,) = decision.enrolments
            known += _remember(group, crowd.members[enrolment_id].participant_id, by=by, now=now)
    return Outcome(fresh, frozenset(released), known > 0)


def _give(
    row: UnmatchedName,
    group: Group,
    session: EchoSession,
    enrolments: frozenset[int],
    *,
    by: User,
    now: datetime,
) -> None:
    outcomes = UnmatchedName.Outcome
    row.name, row.email = group.name, group.email
    row.minutes = minutes_of(group.connections, starts_at=session.starts_at, ends_at=session.ends_at)
    row.outcome = outcomes.GIVEN if enrolments else outcomes.NOBODY
    row.decided_at, row.decided_by = now, by
    row.save()
    row.given.exclude(enrolment__in=enrolments).delete()
    there = set(row.given.values_list("enrolment_id", flat=True))
    NameGiven.objects.bulk_create(
        NameGiven(unmatched=row, enrolment_id=enrolment_id) for enrolment_id in sorted(enrolments - there)
    )


def may_be_remembered(name: str, email: str) -> bool:
    """Whether a name on a report tells of one person, so that it can be remembered: no device, telephone or room."""
    return bool(email) or (bool(fold_name(name)) and not is_nobodys_name(name))


def _remember(group: Group, participant_id: int, *, by: User, now: datetime) -> int:
    """Remember the address of the name, or the name where it has none; returns how many are new."""
    if not may_be_remembered(group.name, group.email):
        return 0
    kinds = AttendanceAlias.Kind
    kind, value = (kinds.EMAIL, group.email) if group.email else (kinds.NAME, fold_name(group.name))
    _alias, is_new = AttendanceAlias.objects.get_or_create(
        participant_id=participant_id,
        kind=kind,
        value=value,
        defaults={"written": group.email or group.name, "remembered_at": now, "remembered_by": by},
    )
    return int(is_new)


def sync_open_names(session: EchoSession, open_names: Sequence[OpenName], *, reports: set[int]) -> None:
    """Let exactly those names wait for a person that are open now, on the reports that were read."""
    waiting = {
        (row.report_id, row.key): row.pk
        for row in UnmatchedName.objects.filter(
            report__session=session, report__in=reports, outcome=UnmatchedName.Outcome.OPEN
        )
    }
    wanted = {(name.report_id, name.key): name for name in open_names}
    if settled := [pk for name, pk in waiting.items() if name not in wanted]:
        UnmatchedName.objects.filter(pk__in=settled).delete()
    UnmatchedName.objects.bulk_create(
        UnmatchedName(
            report_id=name.report_id, key=name.key, name=name.name, email=name.email, minutes=name.minutes
        )
        for at, name in wanted.items()
        if at not in waiting
    )


@transaction.atomic
def forget_aliases(*, alias_ids: Sequence[int], by: User) -> int:
    """Forget remembered names; from the next report on a person decides again. Minutes on record stay."""
    with audit.act("attendance.forget", by=by):
        aliases = AttendanceAlias.objects.select_for_update().filter(pk__in=alias_ids)
        forgotten: int = aliases.delete()[0]
    return forgotten
