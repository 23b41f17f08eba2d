"""Everything an accreditor may ask for about a cycle, as one ZIP (docs/decisions/audit-packs.md)."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from django.template.loader import render_to_string

from core.models import StoredFile
from core.snapshots import one_snapshot
from credits.exports.archive import Archive, Parts, Sheet
from credits.exports.names import safe_name
from credits.exports.tables import (
    CHUNK,
    REPORT_COLUMNS,
    TABLES,
    accreditations,
    cells,
    report_path,
    reports,
)
from credits.issued import MAIL_KIND
from credits.models import Certificate
from credits.models.audit_pack import PART_SIZE
from outbox.models import OutgoingMail
from sessions_app.models import Cycle

FILES_AT_ONCE = 20
"""Certificates read from the database at once: a megabyte."""

REGISTER_COLUMNS = {
    "number": "number",
    "status": "status",
    "enrolment_id": "enrolment_id",
    "name_as_printed": "facts__participant_name",
    "category": "line__category",
    "accreditation_id": "accreditation_id",
    "credit_name": "line__credit_name",
    "unit": "line__unit",
    "hours": "hours",
    "claimable": "amount",
    "created_at": "created_at",
    "issued_at": "issued_at",
    "sha256": "sha256",
    "supersedes": "supersedes__number",
    "superseded_by": "superseded_by__number",
    "ended_at": "ended_at",
    "ended_by": "ended_by__email",
    "reason": "end_reason",
}
MAIL_COLUMNS = {
    "recipient": "recipient",
    "state": "status",
    "queued_at": "queued_at",
    "sent_at": "sent_at",
    "tries": "attempts",
    "answers_lost": "ambiguous_tries",
    "last_reply": "smtp_reply",
    "last_error": "last_error",
}
READMES = ("README.en.txt", "README.fr.txt")


@dataclass(frozen=True, slots=True)
class WrittenPack:
    """What was written, in bytes, and its hash."""

    size: int
    sha256: str


def write_audit_pack(
    cycle: Cycle,
    *,
    store: Callable[[bytes], None],
    progress: Callable[[int, int], None],
    part_size: int = PART_SIZE,
) -> WrittenPack:
    """Write the pack of `cycle`, handing it to `store` in parts of `part_size` bytes, the last one shorter.

    All tables tell of one moment, and the same records give the same bytes. Memory does not grow with the files, and by
    a kilobyte for each of them with their names. `progress` gets the steps done and all there are, after each of them.
    """
    parts = Parts(store, size=part_size)
    with ExitStack() as held:
        with one_snapshot():
            records = _Records(cycle, held)
        with Archive(parts) as archive:
            for done, _step in enumerate(_steps(records, archive), 1):
                progress(done, records.steps)
    parts.finish()
    return WrittenPack(parts.size, parts.sha256)


class _Records:
    """What there is to be told of a cycle: the tables, and which files they name. Files never change; tables do."""

    def __init__(self, cycle: Cycle, held: ExitStack) -> None:
        self.cycle = cycle
        self.sheets: list[Sheet] = []
        self._held = held
        self._numbers: list[tuple[str, int | None]] = []
        self.documents: list[tuple[int, str]] = []
        self.signatures: set[str] = set()
        for table in TABLES:
            self._add(table.name, list(table.columns), table.read(cycle))
        self.reports = self._read_reports()
        self._add("certificates/register.csv", [*REGISTER_COLUMNS, "path"], self._register())
        self._add("certificates/mails.csv", ["number", *MAIL_COLUMNS], self._mails())
        granted = accreditations(cycle).filter(signature__isnull=False)
        self.signatures.update(granted.values_list("signature__sha256", flat=True))

    @property
    def steps(self) -> int:
        """In how many the pack is written: a step each for the signatures and for what is to be read first."""
        return len(self.sheets) + len(self.reports) + -(-len(self.documents) // FILES_AT_ONCE) + 2

    def _add(self, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        self.sheets.append(self._held.enter_context(closing(Sheet(name, header, rows))))

    def _read_reports(self) -> list[tuple[str, str]]:
        """The path and the hash of each, which also stand in a table."""
        found = [cells(row) for row in reports(self.cycle).values_list(*REPORT_COLUMNS.values())]
        paths = [report_path(row[0], row[2]) for row in found]
        self._add(
            "attendance/reports.csv",
            [*REPORT_COLUMNS, "path"],
            ([*row, path] for row, path in zip(found, paths, strict=True)),
        )
        return [(path, row[3]) for row, path in zip(found, paths, strict=True)]

    def _register(self) -> Iterator[list[Any]]:
        """One row for each number that was given, whatever became of it."""
        rows = (
            Certificate.objects.filter(enrolment__cycle=self.cycle)
            .order_by("year", "serial")
            .values_list("document_id", "facts__signature_sha256", *REGISTER_COLUMNS.values())
        )
        for document, signature, *values in rows.iterator(chunk_size=CHUNK):
            row = cells(values)
            number = row[0]
            path = f"certificates/documents/{safe_name(number)}.pdf" if document else ""
            self._numbers.append((number, document))
            if document:
                self.documents.append((document, path))
            if signature:
                self.signatures.add(signature)
            yield [*row, path]

    def _mails(self) -> Iterator[list[Any]]:
        """A row for each mail: several where one was mailed again, and an empty one where there is none."""
        none = [[""] * len(MAIL_COLUMNS)]
        for some in _groups(self._numbers, CHUNK):
            mails = OutgoingMail.objects.filter(
                kind=MAIL_KIND, attachments__file__in=[document for _number, document in some if document]
            ).order_by("queued_at", "pk")
            sent: dict[int | None, list[list[Any]]] = {}
            for document, *values in mails.values_list("attachments__file", *MAIL_COLUMNS.values()):
                sent.setdefault(document, []).append(cells(values))
            for number, document in some:
                yield from ([number, *row] for row in sent.get(document, none))


def _steps(records: _Records, archive: Archive) -> Iterator[None]:
    """The pack in pieces: each turn writes one more."""
    for sheet in records.sheets:
        archive.add_sheet(sheet)
        yield
    for path, sha256 in records.reports:
        content = StoredFile.objects.values_list("content", flat=True).get(sha256=sha256)
        archive.add(path, bytes(content))
        yield
    # The images on the certificates and those of the grants, which may have changed since.
    images = StoredFile.objects.filter(sha256__in=records.signatures).order_by("sha256")
    for image in images.iterator(chunk_size=1):
        ending = safe_name(image.content_type.rpartition("/")[2])
        archive.add(f"accreditation/signatures/{image.sha256}.{ending}", bytes(image.content))
    yield
    for some in _groups(records.documents, FILES_AT_ONCE):
        found = StoredFile.objects.in_bulk([pk for pk, _path in some])
        for pk, path in some:
            archive.add(path, bytes(found[pk].content))
        yield
    _add_readmes(records, archive)
    yield


def _add_readmes(records: _Records, archive: Archive) -> None:
    context = {
        "cycle": records.cycle,
        "rows": sorted(archive.rows.items()),
        "documents": len(records.documents),
    }
    for name in READMES:
        archive.add(name, render_to_string(f"credits/audit_pack/{name}", context).encode())


Item = TypeVar("Item")


def _groups(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items, so many at once."""
    rest = iter(items)
    while group := list(islice(rest, size)):
        yield group
