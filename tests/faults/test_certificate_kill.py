"""The end of a cycle while its workers are killed: each certificate once, as hashed, each mail once."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from credits.models import Certificate
from credits.services import close_cycle
from credits.services.rendering import LEASE_SECONDS
from echo_portal.embedded.catcher import MailCatcher
from outbox.models import OutgoingMail
from tests.factories import make_graduate, make_season
from tests.faults.test_outbox_kill import database_url

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PEOPLE = 24
KILLS = 6
WORKER = """
import time
import django
django.setup()
from django.utils import timezone
from credits.services import render_due_certificates
from outbox.services import deliver_due
while True:
    render_due_certificates(now=timezone.now, limit=3)
    deliver_due(now=timezone.now(), limit=3)
    time.sleep(0.05)
"""


@pytest.fixture
def start_worker(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    workers: list[subprocess.Popen[bytes]] = []
    with MailCatcher(tmp_path / "mail") as catcher:

        def start() -> subprocess.Popen[bytes]:
            environment = os.environ | {
                "DJANGO_SETTINGS_MODULE": "echo_portal.settings",
                "DATABASE_URL": database_url(),
                "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": str(catcher.port),
                "SMTP_SECURITY": "none",
            }
            workers.append(
                subprocess.Popen([sys.executable, "-c", WORKER], cwd=settings.BASE_DIR, env=environment)
            )
            return workers[-1]

        yield start
        for worker in workers:
            worker.kill()
            worker.wait()


def run_out_the_leases_of_the_dead() -> None:
    """What a killed worker held would be free again after its lease: that time passes now."""
    past = timezone.now() - timedelta(seconds=1)
    Certificate.objects.filter(leased_until__gt=timezone.now()).update(leased_until=past)
    OutgoingMail.objects.filter(leased_until__gt=timezone.now()).update(leased_until=past)
    OutgoingMail.objects.filter(status=OutgoingMail.Status.RETRY).update(next_attempt_at=past)
    Certificate.objects.filter(status=Certificate.Status.PENDING).update(next_attempt_at=past)


def test_killed_workers_lose_nothing_and_send_nothing_twice(
    start_worker: Callable[[], subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    cycle = make_season(sessions=3)
    for _person in range(PEOPLE):
        make_graduate(cycle)
    assert len(close_cycle(cycle_id=cycle.pk, by=None, now=timezone.now())) == PEOPLE

    chance = random.Random(7)  # noqa: S311  # when to kill, not a secret
    done = Certificate.objects.filter(status=Certificate.Status.ISSUED)
    for kill in range(KILLS):
        worker = start_worker()
        # Killed while it draws or sends: some certificates later than the last one was.
        goal = min(done.count() + 1 + kill % 2, PEOPLE)
        end = time.monotonic() + 40
        while done.count() < goal and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(chance.random() * 0.2)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        run_out_the_leases_of_the_dead()

    start_worker()
    start_worker()
    end = time.monotonic() + 90
    while time.monotonic() < end:
        if OutgoingMail.objects.filter(status=OutgoingMail.Status.SENT).count() == PEOPLE:
            break
        # The two that live are given their time; only leases that would have run out by now are ended.
        OutgoingMail.objects.filter(status=OutgoingMail.Status.RETRY).update(next_attempt_at=timezone.now())
        time.sleep(0.2)

    certificates = list(Certificate.objects.select_related("document"))
    assert Counter(row.status for row in certificates) == {Certificate.Status.ISSUED: PEOPLE}
    assert sorted(row.serial for row in certificates) == list(range(1, PEOPLE + 1))
    for row in certificates:
        assert row.document is not None
        assert hashlib.sha256(bytes(row.document.content)).hexdigest() == row.sha256
    assert OutgoingMail.objects.filter(status=OutgoingMail.Status.SENT).count() == PEOPLE

    arrived = Counter(
        message_from_bytes(path.read_bytes(), policy=policy.default)["Message-ID"]
        for path in (tmp_path / "mail").glob("*.eml")
    )
    assert set(arrived) == set(OutgoingMail.objects.values_list("message_id", flat=True))
    for message_id, copies in arrived.items():
        # A second copy is allowed only where the server's answer was lost with the worker, and is on record.
        attempts = OutgoingMail.objects.get(message_id=message_id).tries.all()
        assert copies <= 1 + sum(attempt.outcome == "ambiguous" for attempt in attempts)
    assert LEASE_SECONDS >= 60
