"""Everything an accreditor may ask for about a cycle, as one ZIP (docs/decisions/audit-packs.md)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypeVar

from django.template.loader import render_to_string

from core.models import StoredFile
from credits.exports.archive import Archive, Parts
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


@dataclass(slots=True)
class _Certificates:
    """What the register says, so that what is written after it agrees with it: a few hundred bytes for each."""

    numbers: list[tuple[str, int | None]] = field(default_factory=list)
    documents: list[tuple[int, str]] = field(default_factory=list)
    signatures: set[str] = field(default_factory=set)


def write_audit_pack(
    cycle: Cycle,
    *,
    store: Callable[[bytes], None],
    progress: Callable[[int, int], None],
    part_size: int = PART_SIZE,
) -> WrittenPack:
    """Write the pack of `cycle`, handing it to `store` in parts of `part_size` bytes, the last one shorter.

    The same records give the same bytes. Memory does not grow with the files, and by a kilobyte for each of them with
    their names. `progress` gets the steps done and all that are known of, after each step or a few.
    """
    parts = Parts(store, size=part_size)
    with Archive(parts) as archive:
        for done, _step in enumerate(steps := _Steps(cycle, archive), 1):
            progress(min(done, steps.total), steps.total)
    parts.finish()
    return WrittenPack(parts.size, parts.sha256)


class _Steps:
    """The pack in pieces: each turn writes one more."""

    def __init__(self, cycle: Cycle, archive: Archive) -> None:
        self.cycle = cycle
        self.archive = archive
        certificates = Certificate.objects.filter(enrolment__cycle=cycle, document__isnull=False).count()
        self.total = len(TABLES) + reports(cycle).count() + -(-certificates // FILES_AT_ONCE) + 5

    def __iter__(self) -> Iterator[None]:
        for table in TABLES:
            self.archive.add_table(table.name, list(table.columns), table.read(self.cycle))
            yield
        yield from self._reports()
        certificates = _Certificates()
        self._register(certificates)
        yield
        self._mails(certificates.numbers)
        yield
        self._signatures(certificates.signatures)
        yield
        yield from self._documents(certificates.documents)
        self._readmes(len(certificates.documents))
        yield

    def _reports(self) -> Iterator[None]:
        found = [cells(row) for row in reports(self.cycle).values_list(*REPORT_COLUMNS.values())]
        paths = [report_path(row[0], row[2]) for row in found]
        self.archive.add_table(
            "attendance/reports.csv",
            [*REPORT_COLUMNS, "path"],
            ([*row, path] for row, path in zip(found, paths, strict=True)),
        )
        yield
        for row, path in zip(found, paths, strict=True):
            content = StoredFile.objects.values_list("content", flat=True).get(sha256=row[3])
            self.archive.add(path, bytes(content))
            yield

    def _register(self, noted: _Certificates) -> None:
        """One row for each number that was given, whatever became of it."""
        rows = (
            Certificate.objects.filter(enrolment__cycle=self.cycle)
            .order_by("year", "serial")
            .values_list("document_id", "facts__signature_sha256", *REGISTER_COLUMNS.values())
        )

        def read() -> Iterator[list[Any]]:
            for document, signature, *values in rows.iterator(chunk_size=CHUNK):
                row = cells(values)
                number = row[0]
                path = f"certificates/documents/{safe_name(number)}.pdf" if document else ""
                noted.numbers.append((number, document))
                if document:
                    noted.documents.append((document, path))
                if signature:
                    noted.signatures.add(signature)
                yield [*row, path]

        self.archive.add_table("certificates/register.csv", [*REGISTER_COLUMNS, "path"], read())

    def _mails(self, numbers: list[tuple[str, int | None]]) -> None:
        """A row for each mail: several where one was mailed again, and an empty one where there is none."""

        def read() -> Iterator[list[Any]]:
            none = [[""] * len(MAIL_COLUMNS)]
            for some in _groups(numbers, CHUNK):
                mails = OutgoingMail.objects.filter(
                    kind=MAIL_KIND, attachments__file__in=[document for _number, document in some if document]
                ).order_by("queued_at", "pk")
                sent: dict[int | None, list[list[Any]]] = {}
                for document, *values in mails.values_list("attachments__file", *MAIL_COLUMNS.values()):
                    sent.setdefault(document, []).append(cells(values))
                for number, document in some:
                    yield from ([number, *row] for row in sent.get(document, none))

        self.archive.add_table("certificates/mails.csv", ["number", *MAIL_COLUMNS], read())

    def _signatures(self, printed: set[str]) -> None:
        """The images on the certificates and those of the grants, which may have changed since."""
        granted = accreditations(self.cycle).filter(signature__isnull=False)
        wanted = printed | set(granted.values_list("signature__sha256", flat=True))
        images = StoredFile.objects.filter(sha256__in=wanted).order_by("sha256")
        for image in images.iterator(chunk_size=1):
            ending = safe_name(image.content_type.rpartition("/")[2])
            self.archive.add(f"accreditation/signatures/{image.sha256}.{ending}", bytes(image.content))

    def _documents(self, wanted: list[tuple[int, str]]) -> Iterator[None]:
        for some in _groups(wanted, FILES_AT_ONCE):
            found = StoredFile.objects.in_bulk([pk for pk, _path in some])
            for pk, path in some:
                self.archive.add(path, bytes(found[pk].content))
            yield

    def _readmes(self, documents: int) -> None:
        context = {"cycle": self.cycle, "rows": sorted(self.archive.rows.items()), "documents": documents}
        for name in READMES:
            text = render_to_string(f"credits/audit_pack/{name}", context)
            self.archive.add(name, text.encode())


Item = TypeVar("Item")


def _groups(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """The items, so many at once."""
    rest = iter(items)
    while group := list(islice(rest, size)):
        yield group
