"""The hourly reconciliation of closed cycles: seconds and queries for one cycle and for several, in one run.

    ./script/with-services --test python benchmarks/reconciliation.py [CYCLES] [ENROLMENTS]

Writes into the throwaway database of --test, inside a transaction that is rolled back. One enrolment in a hundred
has lost its certificate, so that ledgers are computed too.
"""

from __future__ import annotations

import hashlib
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

from django.core.management import call_command  # noqa: E402  # after Django is set up
from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402

from core.models import StoredFile  # noqa: E402
from credits.models import Certificate  # noqa: E402
from credits.reconciling import reconciliations  # noqa: E402
from credits.services import close_cycle  # noqa: E402
from outbox.models import MailAttachment, OutgoingMail  # noqa: E402
from sessions_app.models import Cycle  # noqa: E402
from tests.faults.crowd import graduates  # noqa: E402

LOST = 100
"""One in this many."""


def mailed(cycle: Cycle) -> None:
    """All certificates of the cycle issued and mailed, but for the lost ones; behind the back of every trigger."""
    now = timezone.now()
    certificates = Certificate.objects.filter(enrolment__cycle=cycle)
    lost = list(certificates.values_list("pk", flat=True)[::LOST])
    certificates.filter(pk__in=lost).delete()
    rows = list(certificates)
    documents = StoredFile.objects.bulk_create(
        [_document(f"%PDF-1.7 {row.number}".encode()) for row in rows], batch_size=2000
    )
    for row, document in zip(rows, documents, strict=True):
        row.status, row.document, row.sha256, row.issued_at = "issued", document, document.sha256, now
    Certificate.objects.bulk_update(rows, ["status", "document", "sha256", "issued_at"], batch_size=1000)
    mails = OutgoingMail.objects.bulk_create(
        [
            OutgoingMail(
                key=f"certificate:{row.pk}",
                kind="certificate",
                recipient="person@clinic.example",
                subject="Benchmark",
                language="en",
                message_id=f"<{row.pk}@echo.example>",
                status="sent",
                sent_at=now,
            )
            for row in rows
        ],
        batch_size=2000,
    )
    MailAttachment.objects.bulk_create(
        [
            MailAttachment(mail=mail, file=document, filename="certificate.pdf")
            for mail, document in zip(mails, documents, strict=True)
        ],
        batch_size=2000,
    )


def _document(content: bytes) -> StoredFile:
    return StoredFile(
        sha256=hashlib.sha256(content).hexdigest(),
        content_type="application/pdf",
        size=len(content),
        content=content,
    )


def main() -> None:
    """Close cycle after cycle, and reconcile after the first and after the last."""
    cycles = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    people = int(sys.argv[2]) if len(sys.argv) > 2 else 10_000
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        print(f"{'cycles':>8} {'enrolments':>12} {'not issued':>12} {'queries':>8} {'seconds':>8}")
        for number in range(1, cycles + 1):
            cycle = graduates(people, first=number * people)
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
            close_cycle(cycle_id=cycle.pk, by=None, now=timezone.now())
            mailed(cycle)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            if number in {1, cycles}:
                with CaptureQueriesContext(connection) as queries:
                    start = time.perf_counter()
                    found = reconciliations(now=timezone.now())
                    spent = time.perf_counter() - start
                missing = sum(row.open.not_issued for row in found)
                print(f"{number:8} {number * people:12,} {missing:12,} {len(queries):8} {spent:8.2f}")
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
