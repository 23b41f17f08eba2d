"""Workers of their own process, killed with SIGKILL in the middle of sending."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from outbox.models import MailAttempt, OutgoingMail
from outbox.services import deliver_due, queue_rendered_mail
from outbox.services.delivery import lease_seconds
from tests.faults.machine import database_url
from tests.outbox.relay import DROP, HANG, ScriptedRelay

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

TIMEOUT = 3
ROOT = Path(__file__).resolve().parents[2]

WORKER = """
import time
import django
django.setup()
from django.utils import timezone
from outbox.services import deliver_due
while True:
    deliver_due(now=timezone.now(), limit=100)
    time.sleep(0.05)
"""


@pytest.fixture
def relay(settings):
    settings.SMTP_HOST = "127.0.0.1"
    settings.SMTP_USER = ""
    settings.SMTP_SECURITY = "none"
    settings.SMTP_TIMEOUT_SECONDS = TIMEOUT
    server = ScriptedRelay().start()
    settings.SMTP_PORT = server.port
    yield server
    server.stop()


@pytest.fixture
def start_worker(relay):
    workers = []

    def start():
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "echo_portal.settings",
            "DATABASE_URL": database_url(),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(relay.port),
            "SMTP_SECURITY": "none",
            "SMTP_USER": "",
            "SMTP_TIMEOUT_SECONDS": str(TIMEOUT),
        }
        worker = subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, env=environment)
        workers.append(worker)
        return worker

    yield start
    for worker in workers:
        worker.kill()
        worker.wait(10)


def queue(number):
    return queue_rendered_mail(
        key=f"kill:{number}",
        kind="test",
        to=f"person{number}@clinic.example",
        subject="Your certificate",
        body_text="It is attached.\n",
        language="en",
    )


def kill(worker):
    worker.send_signal(signal.SIGKILL)
    assert worker.wait(10) == -signal.SIGKILL


@pytest.mark.parametrize(
    ("stage", "outcome", "copies"), [("rcpt", "lost", 1), ("data", "lost", 1), ("end", "ambiguous", 2)]
)
def test_mail_of_a_killed_worker_is_delivered_later(relay, start_worker, stage, outcome, copies):
    mail = queue(1)
    is_reached = threading.Event()
    relay.plan(stage, [HANG])

    def note(reached, _recipient):
        if reached == stage:
            is_reached.set()

    relay.reached = note
    worker = start_worker()
    assert is_reached.wait(30)
    # The server has taken the message a moment after it reached its end.
    time.sleep(0.1)
    kill(worker)
    mail.refresh_from_db()
    assert mail.status == "sending"

    sent = deliver_due(now=timezone.now() + timedelta(seconds=lease_seconds() + 1), limit=10).sent

    mail.refresh_from_db()
    assert (sent, mail.status) == (1, "sent")
    assert list(mail.tries.values_list("outcome", flat=True)) == [outcome, "accepted"]
    assert [received.message["Message-ID"] for received in relay.accepted] == [mail.message_id] * copies


def test_every_mail_survives_killed_workers_and_a_bad_server(relay, start_worker):
    mails = [queue(number) for number in range(60)]
    dice = random.Random(7)  # noqa: S311  # the same weather each time

    def weather(stage, _recipient):
        # Three messages in ten fail, one way or another; each answer is slow enough to be killed in.
        if stage == "end":
            time.sleep(0.01)
            return dice.choices([None, "451 later", DROP], [70, 25, 5])[0]
        return "450 later" if stage == "rcpt" and dice.random() < 0.05 else None

    relay.decide = weather
    workers = [start_worker(), start_worker()]
    deadline = time.monotonic() + 120
    kills = 0
    while OutgoingMail.objects.exclude(status__in=["sent", "ambiguous"]).exists():
        assert time.monotonic() < deadline, Counter(OutgoingMail.objects.values_list("status", flat=True))
        time.sleep(0.3)
        if kills < 6 and relay.accepted:
            kill(workers.pop(0))
            workers.append(start_worker())
            kills += 1
        # The waits between tries, wound forward, and the leases of those killed, ended: no living worker's try
        # lasts two seconds here.
        now = timezone.now()
        OutgoingMail.objects.filter(status="retry").update(next_attempt_at=now)
        stale = now + timedelta(seconds=lease_seconds() - 2)
        OutgoingMail.objects.filter(status="sending", leased_until__lt=stale).update(
            leased_until=now - timedelta(seconds=1)
        )
    for worker in workers:
        kill(worker)

    copies = Counter(received.message["Message-ID"] for received in relay.accepted)
    assert set(copies) == {mail.message_id for mail in mails}
    assert kills == 6
    for mail in mails:
        # Each copy beyond the first has a try that says why.
        unsure = MailAttempt.objects.filter(mail=mail, outcome="ambiguous").count()
        assert copies[mail.message_id] - 1 <= unsure
