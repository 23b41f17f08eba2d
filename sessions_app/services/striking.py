"""Taking one person out of the lists that coordinators handed in."""

import csv
import io
import re

from django.db import transaction

from core import audit
from core.models import StoredFile, delete_unless_needed, store_file
from participants.models import User
from sessions_app.models import Roster
from sessions_app.rosters import RosterError, read_table

ADDRESS = re.compile(r"[^\s<>()\[\],;:\"']+@[^\s<>()\[\],;:\"']+")
"""What is compared as a whole: ann@clinic.example must not strike out joann@clinic.example."""


@transaction.atomic
def strike_from_rosters(addresses: set[str], *, by: User) -> int:
    """Remove every line with one of the addresses from every roster, and return how many rosters changed.

    A roster that changes becomes a CSV file with the other lines; its columns stay in their places, so what was
    mapped and previewed still fits. Files never change, so the old one is deleted where nothing else needs it.
    """
    wanted = {address.casefold() for address in addresses}
    count = 0
    for roster in Roster.objects.select_related("file").order_by("pk").iterator(chunk_size=20):
        content = _without(bytes(roster.file.content), wanted)
        if content is None:
            continue
        old = roster.file
        with audit.act("roster.strike", by=by):
            roster.file = _stored(roster, content)
            roster.save(update_fields=["file"])
        delete_unless_needed(old)
        count += 1
    return count


def _without(content: bytes, wanted: set[str]) -> bytes | None:
    """The table without the lines that hold one of the addresses; None where it has none."""
    try:
        table = read_table(content)
    except RosterError:
        return None
    kept = [row.cells for row in table.rows if not _names(row.cells, wanted)]
    if len(kept) == len(table.rows):
        return None
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.headers)
    # A table without a line could not be read again.
    writer.writerows(kept or [("–",)])
    return out.getvalue().encode()


def _names(cells: tuple[str, ...], wanted: set[str]) -> bool:
    return any(address in wanted for cell in cells for address in ADDRESS.findall(cell.casefold()))


def _stored(roster: Roster, content: bytes) -> StoredFile:
    """The new file; a cycle has each file once, so one that is there already gets an empty line more."""
    while True:
        file = store_file(content, content_type="text/csv")
        if not Roster.objects.filter(cycle=roster.cycle_id, file=file).exclude(pk=roster.pk).exists():
            return file
        content += b"\r\n"
