"""The end of a large cycle: closed, drawn and mailed by two workers over real SMTP, with what memory they take.

    ./script/with-services --test python benchmarks/cycle_end.py [ENROLMENTS]

Writes into the throwaway database of --test. Mails go to a catcher on this machine that keeps none.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import django

django.setup()

import psutil  # type: ignore[import-untyped]  # noqa: E402  # after Django is set up
from aiosmtpd.controller import Controller  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks.eligibility import fill  # noqa: E402
from credits.models import Certificate  # noqa: E402
from credits.services import close_cycle  # noqa: E402
from outbox.models import OutgoingMail  # noqa: E402
from sessions_app.models import Cycle  # noqa: E402
from surveys.models import Answer, Response  # noqa: E402
from tests.factories import make_season  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
WORKER = """
import time
import django
django.setup()
from django.utils import timezone
from credits.services import render_due_certificates
from outbox.services import deliver_due
while True:
    issued = render_due_certificates(now=timezone.now, limit=10)
    if deliver_due(now=timezone.now(), limit=20).sent + issued == 0:
        time.sleep(0.2)
"""


class Sink:
    """Accepts every mail and counts it."""

    def __init__(self) -> None:
        self.accepted = 0

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802  # aiosmtpd's name
        """Accept."""
        self.accepted += 1
        return "250 OK"


def prepare(count: int) -> Cycle:
    """A cycle of `count` people who were in every session and have answered everything."""
    cycle = make_season(sessions=20)
    with transaction.atomic(), connection.cursor() as cursor:
        # Filling is not what is measured: the triggers of 200,000 rows would take minutes.
        cursor.execute("SET LOCAL session_replication_role = replica")
        fill(cycle, 0, count)
        Response.objects.filter(window__cycle=cycle).update(status="submitted", submitted_at=timezone.now())
        reflections = Response.objects.filter(window__cycle=cycle, window__instrument__kind="reflection")
        question = cycle.survey_windows.get(instrument__kind="reflection").instrument.questions.get()
        Answer.objects.bulk_create(
            [
                Answer(response_id=pk, question=question, text="I ask more.")
                for pk in reflections.values_list("pk", flat=True)
            ],
            batch_size=2000,
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return cycle


def main() -> None:
    """Close, then watch two workers until every mail is accepted."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    call_command("migrate", verbosity=0)
    cycle = prepare(count)
    start = time.perf_counter()
    issued = close_cycle(cycle_id=cycle.pk, by=None, now=timezone.now())
    closing = time.perf_counter() - start
    print(f"{len(issued):,} certificates numbered in {closing:.1f} s, one transaction")
    sink = Sink()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(sink, hostname="127.0.0.1", port=port)
    server.start()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "echo_portal.settings",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(port),
        "SMTP_SECURITY": "none",
    }
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=environment)  # noqa: S603  # our own words
        for _worker in range(WORKERS)
    ]
    try:
        watch(workers, sink, count)
    finally:
        for worker in workers:
            worker.terminate()
            worker.wait()
        server.stop()


def watch(workers: list[subprocess.Popen[bytes]], sink: Sink, count: int) -> None:
    """Print, at each tenth, the seconds, what is done, and the memory of each worker."""
    start = time.perf_counter()
    print(f"{'mailed':>8} {'drawn':>8} {'seconds':>8}   memory of each worker, MB")
    goal = count / 10
    while True:
        sent = OutgoingMail.objects.filter(kind="certificate", status="sent").count()
        if sent >= goal:
            drawn = Certificate.objects.filter(status="issued").count()
            memory = "  ".join(
                f"{psutil.Process(worker.pid).memory_info().rss / 2**20:.0f}" for worker in workers
            )
            print(f"{sent:8,} {drawn:8,} {time.perf_counter() - start:8.1f}   {memory}", flush=True)
            goal += count / 10
        if sent >= count:
            break
        if any(worker.poll() is not None for worker in workers):
            sys.exit("A worker has ended.")
        time.sleep(0.2)
    print(f"{sink.accepted:,} mails accepted by the server")


if __name__ == "__main__":
    main()
