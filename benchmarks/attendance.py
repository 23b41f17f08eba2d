"""The report of a session with 10,000 people: read, looked at, imported, imported again, and imported longer.

    ./script/with-services --test python benchmarks/attendance.py [ROWS]

One row a person, in a cycle with as many enrolments; one in ten has no address and is known by name, one in a hundred
needs a person. Each figure stands with its queries and beside one that does no more than it must: reading alone, and
writing the rows alone. Writes into the throwaway database of --test, inside a transaction that is rolled back.
"""

from __future__ import annotations

import csv
import io
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

from django.core.management import call_command  # noqa: E402  # after Django is set up
from django.db import connection, transaction  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from participants.models import Profile, User  # noqa: E402
from sessions_app.models import AttendanceReport, EchoSession, Enrolment, UnmatchedName  # noqa: E402
from sessions_app.reports import match_people, read_report  # noqa: E402
from sessions_app.services import apply_report, preview_report  # noqa: E402
from sessions_app.services.attendance import crowd_of, read_preview  # noqa: E402
from tests.clock import toronto  # noqa: E402
from tests.factories import make_cycle, make_user  # noqa: E402

SECONDS, QUERIES = 3, 15
NOW = toronto(2025, 9, 20)
HEADER = (
    "Name (original name)",
    "Email",
    "Join time",
    "Leave time",
    "Duration (minutes)",
    "Guest",
    "In waiting room",
)


def populate(rows: int) -> EchoSession:
    """A cycle with one session and `rows` people in it."""
    session: EchoSession = make_cycle(sessions=1).sessions.get()
    users = User.objects.bulk_create(
        User(email=f"bench{at}@clinic.example", password="!", joined_at=session.cycle.registration_opens_at)  # noqa: S106
        for at in range(rows)
    )
    Profile.objects.bulk_create(
        Profile(user=user, legal_name=f"Élodie Nguyen-{at} Côté-{at}", category="family_physician")
        for at, user in enumerate(users)
    )
    Enrolment.objects.bulk_create(
        Enrolment(
            cycle=session.cycle, participant=user, status="approved", enrolled_on=session.cycle.starts_on
        )
        for user in users
    )
    return session


def report(session: EchoSession, rows: int, *, leaves: int) -> bytes:
    """The platform's report, everybody gone after `leaves` minutes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    start = session.held_on
    for at in range(rows):
        name = f"Élodie Nguyen-{at} Côté-{at}" if at % 100 else f"Elodie C. {at}"
        email = f"Bench{at}@Clinic.Example" if at % 10 else ""
        joined, left = start - timedelta(minutes=at % 7), start + timedelta(minutes=leaves)
        writer.writerow(
            (name, email, f"{joined:%Y-%m-%d %H:%M:%S}", f"{left:%Y-%m-%d %H:%M:%S}", 60, "Yes", "No")
        )
    return text.getvalue().encode("utf-8-sig")


def measure(name: str, deed: Callable[[], object]) -> tuple[float, int]:
    """Do `deed`, print what it took, and return seconds and queries."""
    start = time.perf_counter()
    with CaptureQueriesContext(connection) as queries:
        deed()
    seconds = time.perf_counter() - start
    print(f"{name:>34} {seconds:8.3f} {len(queries):8}")
    return seconds, len(queries)


def hand_in(session: EchoSession, content: bytes, by: User) -> AttendanceReport:
    """The report as it is kept."""
    kept = preview_report(session_id=session.pk, filename="report.csv", content=content, by=by, now=NOW)
    return AttendanceReport.objects.select_related("session__cycle__program").get(pk=kept.pk)


def run(rows: int) -> None:
    """Print the table, and whether the bar is met."""
    session = populate(rows)
    by = make_user(is_staff=True)
    content = report(session, rows, leaves=60)
    # As a database that has been running for a while: the planner knows the new rows.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"{rows:,} rows, {len(content):,} bytes, {rows:,} enrolments")
    print(f"{'':>34} {'seconds':>8} {'queries':>8}")
    times = {"starts_at": session.starts_at, "ends_at": session.ends_at}
    parsed = read_report(content, **times)
    measure("read alone", lambda: read_report(content, **times))
    measure("matched alone", lambda: match_people(parsed, crowd_of(session.cycle_id).people))
    measure("handed in", lambda: hand_in(session, content, by))
    kept = hand_in(session, content, by)
    measure("looked at", lambda: read_preview(kept))
    seconds, queries = measure(
        "imported: read, matched, written", lambda: apply_report(report_id=kept.pk, by=by, now=NOW)
    )
    measure("imported again", lambda: apply_report(report_id=kept.pk, by=by, now=NOW))
    later = hand_in(session, report(session, rows, leaves=80), by)
    measure("a longer report of the same", lambda: apply_report(report_id=later.pk, by=by, now=NOW))
    verdict = "met" if seconds <= SECONDS and queries <= QUERIES else "NOT met"
    print(
        f"{session.attendances.count():,} attendances, {UnmatchedName.objects.count():,} names wait. "
        f"Bar: {SECONDS} s and {QUERIES} queries: {verdict}"
    )


def main() -> None:
    """Measure in a transaction that leaves nothing behind."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    call_command("migrate", verbosity=0)
    with transaction.atomic():
        run(rows)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
