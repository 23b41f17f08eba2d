"""Valkey dies while a cycle ends: pages answer, nothing is lost, and work goes on by the poll when it is back."""

from __future__ import annotations

import os
import signal
import time
from http import HTTPStatus
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from credits.closing import fingerprint, outcomes
from credits.models import Certificate
from credits.queries import cycle_ledgers
from outbox.models import OutgoingMail
from tests.factories import make_graduate, make_season, make_user
from tests.faults.machine import Machine, wait_for
from tests.outbox.relay import ScriptedRelay

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PEOPLE = 5
AWAY_SECONDS = float(os.environ.get("ECHO_FAULT_BROKER_AWAY", "12"))
"""Stands for ten minutes: no clock of the portal's cares how long it is. 600 makes them ten minutes."""
PATIENCE = 3.0
"""Seconds that a page may take without its broker: a nudge gives up after one."""


@pytest.fixture
def relay(caplog):
    caplog.set_level("ERROR", logger="mail.log")
    server = ScriptedRelay().start()
    yield server
    server.stop()


def is_sent(kind: str, count: int) -> bool:
    return OutgoingMail.objects.filter(kind=kind, status="sent").count() == count


@pytest.mark.timeout(AWAY_SECONDS + 300)
def test_cycle_ends_while_the_broker_is_away(
    tmp_path: Path, relay: ScriptedRelay, coordinator, settings
) -> None:
    cycle = make_season(sessions=1)
    # Who has a password can have it reset.
    people = [
        make_graduate(cycle, make_user(password="a long enough one")).participant for _person in range(PEOPLE)
    ]
    visitor, participant, staff = Client(), Client(), Client()
    participant.force_login(people[0])
    staff.force_login(coordinator)
    took: dict[str, float] = {}

    def ask(client: Client, method: str, name: str, *arguments: object, **data: str) -> int:
        begun = time.monotonic()
        answer = getattr(client, method)(reverse(name, args=arguments), data)
        took[f"{method} {name}"] = time.monotonic() - begun
        return int(answer.status_code)

    # The mail server is well here, only perhaps as busy as its machine: no mail shall be tried again for that.
    with Machine(tmp_path, smtp_port=relay.port, smtp_timeout=20) as machine, machine.own_broker():
        machine.start_service(machine.valkey)
        worker, beat = machine.start_worker(), machine.start_beat()
        assert ask(visitor, "post", "account_request_login_code", email=people[1].email) == HTTPStatus.FOUND
        wait_for(lambda: len(relay.accepted) == 1, seconds=60, what="the workers work")

        machine.end_service(machine.valkey, signal.SIGKILL)
        gone_at = time.monotonic()
        # A round that had begun may still end; none begins any more.
        wait_for(lambda: machine.is_idle(worker), seconds=30, what="the worker has nothing left to do")
        close = ("admin:credits_cycleclosing_close", cycle.pk)
        answers = [
            ask(visitor, "get", "sessions_app:program-detail", cycle.program.slug),
            ask(visitor, "get", "account_login"),
            # A browser that waits for a code is not sent another.
            ask(Client(), "post", "account_request_login_code", email=people[2].email),
            ask(Client(), "post", "account_reset_password", email=people[3].email),
            ask(participant, "get", "credits:home"),
            ask(participant, "get", "credits:cycle-detail", cycle.pk),
            ask(staff, "get", *close),
            ask(staff, "post", *close, seen=fingerprint(outcomes(cycle_ledgers(cycle)))),
            ask(staff, "get", *close),
            ask(staff, "get", "admin:outbox_outgoingmail_changelist"),
            ask(participant, "get", "credits:certificate-list"),
        ]
        unwell = ask(visitor, "get", "core:healthz")
        time.sleep(max(0.0, gone_at + AWAY_SECONDS - time.monotonic()))
        meanwhile = list(Certificate.objects.values_list("status", flat=True))
        machine.start_service(machine.valkey)
        # Kombu 5.7 ends a worker whose broker dies before a message is acknowledged (seen on a busy machine only);
        # what supervises it starts it again (tests/faults/test_supervisor.py).
        if worker.poll() is not None:
            machine.workers.remove(worker)
            worker = machine.start_worker()
        away, back_at = time.monotonic() - gone_at, time.monotonic()
        try:
            wait_for(
                lambda: (
                    is_sent("certificate", PEOPLE)
                    and not OutgoingMail.objects.exclude(status="sent").exists()
                ),
                seconds=150,
                what="the poll finds what waited",
            )
        except AssertionError:
            print(list(OutgoingMail.objects.values("kind", "status", "attempts", "last_error")))
            print(list(Certificate.objects.values("status", "attempts")), machine.said()[-4000:])
            raise
        resumed = time.monotonic() - back_at
        well = ask(visitor, "get", "core:healthz")
        alive = [worker.poll(), beat.poll()]

    slowest = max((name for name in took if "healthz" not in name), key=took.__getitem__)
    print(
        f"\nValkey away for {away:.0f} s: {len(answers)} pages, the slowest {took[slowest]:.1f} s ({slowest}); "
        f"all done {resumed:.1f} s after it was back"
    )
    assert set(answers) <= {HTTPStatus.OK, HTTPStatus.FOUND}, answers
    assert max(took.values()) < PATIENCE, took
    assert (unwell, well) == (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.OK)
    assert meanwhile == ["pending"] * PEOPLE
    assert alive == [None, None]
    assert set(Certificate.objects.values_list("status", flat=True)) == {"issued"}
    # The code that was asked for before, the one meanwhile, the reset, and the certificates: each once.
    ids = [received.message["Message-ID"] for received in relay.accepted]
    assert sorted(ids) == sorted(OutgoingMail.objects.values_list("message_id", flat=True))
    assert len(ids) == 3 + PEOPLE
