"""Work that fails by its nature, in the hands of real workers: dead after eight tries, and in nobody's way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from django.db.models import QuerySet
from django.utils import timezone

from core.leases import MAX_ATTEMPTS
from credits.models import Certificate
from credits.services import close_cycle
from outbox.answers import MAX_TRIES
from outbox.models import OutgoingMail
from outbox.services import queue_rendered_mail
from tests.factories import make_certificate, make_enrolment, make_graduate, make_season
from tests.faults.machine import Machine, wait_for
from tests.outbox.relay import ScriptedRelay

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

PEOPLE = 6


@pytest.fixture
def relay(caplog) -> Iterator[ScriptedRelay]:
    caplog.set_level("ERROR", logger="mail.log")
    server = ScriptedRelay().start()
    server.decide = lambda stage, to: "451 not now" if stage == "end" and to.startswith("poison") else None
    yield server
    server.stop()


def queue(name: str) -> OutgoingMail:
    return queue_rendered_mail(
        key=f"poison:{name}",
        kind="test",
        to=f"{name}@clinic.example",
        subject="Your session",
        body_text="See you on Thursday.\n",
        language="en",
    )


def is_count(rows: QuerySet[OutgoingMail], count: int) -> bool:
    return rows.count() == count


def pass_time() -> None:
    """The waits between the tries are over."""
    now = timezone.now()
    OutgoingMail.objects.filter(status="retry").update(next_attempt_at=now)
    Certificate.objects.filter(status="pending", lease_token=None).update(next_attempt_at=now)


@pytest.mark.timeout(240)
def test_poison_is_dead_after_eight_tries_and_delays_no_other(tmp_path: Path, relay: ScriptedRelay) -> None:
    cycle = make_season(sessions=1)
    # First in the queues, both of them.
    mail = queue("poison")
    certificate = make_certificate(
        make_enrolment(cycle),
        cycle.program.accreditations.get(),
        status="pending",
        facts={"what": "no certificate"},
    )
    for _person in range(PEOPLE):
        make_graduate(cycle)
    close_cycle(cycle_id=cycle.pk, by=None, now=timezone.now())
    sent = OutgoingMail.objects.filter(status="sent")

    with Machine(tmp_path, smtp_port=relay.port) as machine, machine.own_broker():
        machine.start_service(machine.valkey)
        machine.start_worker()
        machine.start_beat()
        begun = time.monotonic()
        wait_for(partial(is_count, sent, PEOPLE), seconds=90, what="the others' certificates are mailed")
        others = time.monotonic() - begun
        mail.refresh_from_db()
        certificate.refresh_from_db()
        when_the_others_were_done = (mail.attempts, certificate.attempts)

        # Between the poison's tries, others come and go.
        for number in range(MAX_TRIES + 3):
            queue(f"other{number}")
            pass_time()
            wait_for(partial(is_count, sent, PEOPLE + number + 1), seconds=20, what="another mail is sent")
            time.sleep(1)
        spent = time.monotonic() - begun

    mail.refresh_from_db()
    certificate.refresh_from_db()
    print(
        f"\n{PEOPLE} certificates beside the poison mailed after {others:.1f} s, "
        f"at its try {when_the_others_were_done}; "
        f"dead after {mail.attempts} and {certificate.attempts} tries, {spent:.0f} s in all"
    )
    assert when_the_others_were_done <= (2, 2)
    assert (mail.status, mail.attempts, mail.tries.count()) == ("failed", MAX_TRIES, MAX_TRIES)
    assert (certificate.status, certificate.attempts) == ("failed", MAX_ATTEMPTS)
    assert certificate.last_error.startswith("FactsError")
    assert Certificate.objects.filter(status="issued").count() == PEOPLE
