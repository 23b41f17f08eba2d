"""The hourly reconciliation of closed cycles: seconds and queries for one cycle and for several, in one run.

    ./script/with-services --test python benchmarks/reconciliation.py [CYCLES] [ENROLMENTS]

Writes into the throwaway database of --test, inside a transaction that is rolled back. One enrolment in a hundred
has lost its certificate, so that ledgers are computed too.
"""

from __future__ import annotations

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

from core.models import store_file  # noqa: E402
from credits.models import Certificate  # noqa: E402
from credits.reconciling import reconciliations  # noqa: E402
from credits.services import close_cycle  # noqa: E402
from outbox.models import OutgoingMail  # noqa: E402
from sessions_app.models import Cycle  # noqa: E402
from tests.faults.crowd import graduates  # noqa: E402

LOST = 100
"""One in this many."""


def mailed(cycle: Cycle) -> None:
    """All certificates of the cycle issued and mailed, but for the lost ones; behind the back of every trigger."""
    now = timezone.now()
    document = store_file(b"%PDF-1.7 benchmark", content_type="application/pdf")
    certificates = Certificate.objects.filter(enrolment__cycle=cycle)
    lost = list(certificates.values_list("pk", flat=True)[::LOST])
    certificates.filter(pk__in=lost).delete()
    certificates.update(status="issued", document=document, sha256=document.sha256, issued_at=now)
    OutgoingMail.objects.bulk_create(
        [
            OutgoingMail(
                key=f"certificate:{pk}",
                kind="certificate",
                recipient="person@clinic.example",
                subject="Benchmark",
                language="en",
                message_id=f"<{pk}@echo.example>",
                status="sent",
                sent_at=now,
            )
            for pk in certificates.values_list("pk", flat=True)
        ],
        batch_size=2000,
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
