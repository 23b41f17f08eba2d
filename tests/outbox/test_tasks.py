"""A nudge hurries a mail; nothing depends on it."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import redis
from django.conf import settings

from outbox import tasks
from outbox.models import OutgoingMail

ROOT = Path(__file__).resolve().parents[2]

NUDGE = """
import time
import django
django.setup()
from outbox.services import nudge
for _ in range(2):
    start = time.monotonic()
    nudge()
    print(f"took {time.monotonic() - start:.3f}")
"""


def nudge_with(redis_url):
    """How long a request would wait for two nudges, and what is logged."""
    environment = {**os.environ, "REDIS_URL": redis_url, "DJANGO_SETTINGS_MODULE": "echo_portal.settings"}
    result = subprocess.run(
        [sys.executable, "-c", NUDGE],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return [float(seconds) for seconds in re.findall(r"took ([\d.]+)", result.stdout)], result.stderr


def test_task_has_the_name_that_the_schedule_calls():
    assert tasks.deliver_due.name == settings.CELERY_BEAT_SCHEDULE["outbox-deliver"]["task"]


@pytest.mark.django_db
def test_task_delivers_what_is_due(relay, queue):
    queue()

    tasks.deliver_due()

    assert OutgoingMail.objects.get().status == "sent"


@pytest.mark.django_db
def test_full_round_asks_for_another(relay, queue, monkeypatch):
    nudges = []
    monkeypatch.setattr(tasks, "BATCH", 2)
    monkeypatch.setattr("outbox.services.nudge", lambda: nudges.append(1))
    for _ in range(3):
        queue()

    tasks.deliver_due()
    assert (OutgoingMail.objects.filter(status="sent").count(), len(nudges)) == (2, 1)
    tasks.deliver_due()
    assert (OutgoingMail.objects.filter(status="sent").count(), len(nudges)) == (3, 1)


def test_nudge_reaches_the_broker():
    # A numbered database of its own, so that no other test's nudges are counted.
    base = settings.REDIS_URL.split("?")[0]
    is_socket = base.startswith("redis+socket://")
    address = f"{base}?virtual_host=9" if is_socket else f"{base.rsplit('/', 1)[0]}/9"
    url = base.replace("redis+socket://", "unix://") if is_socket else base.rsplit("/", 1)[0]
    with redis.Redis.from_url(url, db=9) as client:
        client.delete("celery")
        _times, log = nudge_with(address)
        messages = [json.loads(message) for message in client.lrange("celery", 0, -1)]
    assert [message["headers"]["task"] for message in messages] == ["outbox.deliver_due"] * 2
    assert all(message["headers"]["expires"] for message in messages)
    assert "away" not in log


def test_nudge_does_not_mind_a_broker_that_refuses():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        times, log = nudge_with(f"redis://127.0.0.1:{unused.getsockname()[1]}/0")

    assert max(times) < 3, times
    assert log.count("The broker is away") == 2


def test_nudge_does_not_mind_a_broker_without_a_socket(tmp_path):
    times, log = nudge_with(f"redis+socket://{tmp_path}/none.sock?virtual_host=0")

    assert max(times) < 3, times
    assert log.count("The broker is away") == 2


def test_nudge_does_not_wait_long_for_a_broker_that_says_nothing():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        times, log = nudge_with(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")

    assert max(times) < 3, times
    assert log.count("The broker is away") == 2
