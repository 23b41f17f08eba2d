"""The ledger of a whole cycle: seconds and queries for many enrolments, beside a tenth as many, in one run.

    ./script/with-services --test python benchmarks/eligibility.py [ENROLMENTS]

Writes into the throwaway database of --test, inside a transaction that is rolled back.
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

from credits.queries import cycle_ledgers  # noqa: E402
from participants.enums import Category  # noqa: E402
from participants.models import Profile, User  # noqa: E402
from sessions_app.models import Attendance, Cycle, Enrolment  # noqa: E402
from surveys.models import Response  # noqa: E402
from tests.clock import toronto  # noqa: E402
from tests.factories import make_season  # noqa: E402

SESSIONS = 20
AT = toronto(2026, 1, 22)


def fill(cycle: Cycle, first: int, last: int) -> None:
    """Enrol people, in every session, with every survey submitted."""
    emails = [f"bench{number}@clinic.example" for number in range(first, last)]
    users = User.objects.bulk_create([User(email=email) for email in emails], batch_size=2000)
    categories = list(Category)
    Profile.objects.bulk_create(
        [
            Profile(
                user=user,
                legal_name=f"Person {user.pk}",
                category=categories[number % 3],
                profession="pharmacist" if categories[number % 3] == Category.OTHER else "",
            )
            for number, user in enumerate(users)
        ],
        batch_size=2000,
    )
    enrolments = Enrolment.objects.bulk_create(
        [
            Enrolment(cycle=cycle, participant=user, status="approved", enrolled_on=cycle.starts_on)
            for user in users
        ],
        batch_size=2000,
    )
    sessions = list(cycle.sessions.all())
    Attendance.objects.bulk_create(
        [
            Attendance(
                enrolment=enrolment,
                session=session,
                minutes=90,
                source="manual",
                reason="benchmark",
                recorded_by=users[0],
            )
            for enrolment in enrolments
            for session in sessions
        ],
        batch_size=5000,
    )
    Response.objects.bulk_create(
        [
            Response(window=window, enrolment=enrolment, status="draft", started_at=AT)
            for window in cycle.survey_windows.all()
            for enrolment in enrolments
        ],
        batch_size=2000,
    )


def measure(cycle: Cycle) -> tuple[int, int, float]:
    """Ledgers, queries and CPU-and-database seconds of one computation."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        start = time.perf_counter()
        ledgers = cycle_ledgers(cycle)
        figures = [(ledger.amount, ledger.missing) for ledger in ledgers]
        spent = time.perf_counter() - start
    return len(figures), len(queries), spent


def main() -> None:
    """Fill a cycle, then compute its ledgers at a tenth and at full size."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Filling is not what is measured: the triggers of 200,000 rows would take minutes.
            cursor.execute("SET LOCAL session_replication_role = replica")
        cycle = make_season(sessions=SESSIONS)
        print(f"{SESSIONS} sessions, {count * SESSIONS:,} attendances")
        print(f"{'enrolments':>12} {'queries':>8} {'seconds':>8}")
        seconds = []
        for first, last in ((0, count // 10), (count // 10, count)):
            fill(cycle, first, last)
            measure(cycle)
            enrolments, queries, spent = measure(cycle)
            seconds.append(spent)
            print(f"{enrolments:12,} {queries:8} {spent:8.2f}")
        print(f"ten times the enrolments took {seconds[1] / seconds[0]:.1f} times as long")
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
