"""Rosters: kept as they were handed in, mapped, looked at, and only then invited."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError, MoveRefusedError
from core.models import store_file
from participants.models import User
from sessions_app.models import Cycle, Roster
from sessions_app.rosters import (
    FIELDS,
    CheckedRow,
    RosterError,
    Table,
    check_rows,
    guess_mapping,
    read_table,
    unmapped,
)
from sessions_app.services.invitations.candidates import Assessment, assess
from sessions_app.services.invitations.inviting import DAYS_VALID, invite, require_joinable
from sessions_app.services.invitations.words import FIELD_LABELS, refusal

CONTENT_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class RosterPreview:
    """What a kept roster says against the cycle as it is now. Without a usable mapping, `problem` says what to mend."""

    roster: Roster
    headers: tuple[str, ...]
    unused: tuple[str, ...]
    people: Assessment
    problem: str = ""

    @property
    def read_as(self) -> list[tuple[str, str]]:
        """Each field that a column holds, with that column's header."""
        width = len(self.headers)
        return [
            (str(FIELD_LABELS[field]), self.headers[at])
            for field, at in self.roster.mapping.items()
            if at < width
        ]


@transaction.atomic
def upload_roster(*, cycle_id: int, filename: str, content: bytes, by: User, now: datetime) -> Roster:
    """Keep a roster and guess what its columns hold; nobody is invited. The same file again is the same row.

    Raises BadInputError for a file that cannot be used and for a cycle that nobody can join.
    """
    cycle = Cycle.objects.get(pk=cycle_id)
    require_joinable(cycle, now=now)
    table = _read(content)
    with audit.act("roster.upload", by=by):
        roster, _created = Roster.objects.get_or_create(
            cycle=cycle,
            file=store_file(content, content_type=CONTENT_TYPES[table.kind]),
            defaults={
                "filename": UNPRINTABLE.sub(" ", filename).strip()[:200] or f"roster.{table.kind}",
                "mapping": guess_mapping(table.headers),
                "uploaded_at": now,
                "uploaded_by": by,
            },
        )
    return roster


@transaction.atomic
def map_roster(*, roster_id: int, mapping: Mapping[str, int], by: User) -> Roster:
    """Say which column, counted from 0, holds which field. The same mapping again changes nothing.

    Raises BadInputError for a mapping without the address or with a column for two fields, and MoveRefusedError for a
    roster that was invited: its mapping is the record of what was read.
    """
    roster = Roster.objects.select_for_update(of=("self",)).select_related("file").get(pk=roster_id)
    chosen = {field: mapping[field] for field in FIELDS if field in mapping}
    if chosen == roster.mapping:
        return roster
    if roster.applied_at is not None:
        raise MoveRefusedError(
            _(
                "These people are invited already. To read the columns otherwise, change the file and choose it again."
            )
        )
    table = _read(bytes(roster.file.content))
    if any(not 0 <= at < len(table.headers) for at in chosen.values()):
        raise BadInputError(_("The file has no such column. Choose again."))
    _check(table, chosen)
    with audit.act("roster.map", by=by):
        roster.mapping = chosen
        roster.save(update_fields=["mapping"])
    return roster


def read_roster(roster: Roster, *, now: datetime) -> RosterPreview:
    """Everybody on the kept roster with what is wrong about them and where they stand; nothing is written."""
    table = _read(bytes(roster.file.content))
    unused = unmapped(table.headers, roster.mapping)
    try:
        rows = check_rows(table, roster.mapping)
    except RosterError as error:
        return RosterPreview(roster, table.headers, unused, Assessment([]), str(refusal(error)))
    return RosterPreview(roster, table.headers, unused, Assessment(assess(roster.cycle, rows, now=now)))


@transaction.atomic
def apply_roster(
    *,
    roster_id: int,
    by: User,
    now: datetime,
    days_valid: int = DAYS_VALID,
    is_preapproved: bool = False,
    language: str = "en",
) -> int:
    """Invite everybody on a roster who can be, all or nobody, and return how many; again, it invites nobody twice.

    Raises BadInputError as `invite` and `read_roster` do.
    """
    roster = Roster.objects.select_for_update(of=("self",)).select_related("file").get(pk=roster_id)
    rows = _check(_read(bytes(roster.file.content)), roster.mapping)
    with audit.act("roster.apply", by=by):
        invited = invite(
            cycle_id=roster.cycle_id,
            rows=rows,
            by=by,
            now=now,
            days_valid=days_valid,
            is_preapproved=is_preapproved,
            language=language,
            roster=roster,
        )
        if roster.applied_at is None:
            roster.applied_at, roster.applied_by = now, by
            roster.save(update_fields=["applied_at", "applied_by"])
    return invited


def _read(content: bytes) -> Table:
    try:
        return read_table(content)
    except RosterError as error:
        raise refusal(error) from error


def _check(table: Table, mapping: Mapping[str, int]) -> tuple[CheckedRow, ...]:
    try:
        return check_rows(table, mapping)
    except RosterError as error:
        raise refusal(error) from error
