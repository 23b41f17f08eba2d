"""The end of a cycle in the worst of weathers: each certificate once, as hashed, and each mail taken."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from credits.models import Certificate
from credits.reconciling import reconciliations
from credits.services import close_cycle
from credits.services.rendering import LEASE_SECONDS
from outbox.models import MailAttempt, OutgoingMail
from outbox.services import resend
from outbox.states import WAITING
from tests.factories import make_user
from tests.faults.crowd import graduates
from tests.faults.machine import Machine, patiently, wait_for
from tests.faults.weather import BadRelay

pytestmark = pytest.mark.faults

CERTIFICATES = int(os.environ.get("ECHO_FAULT_CERTIFICATES", "200"))
"""The bar of quality.md is 1000; two hundred meet the same faults in a time that every run of the tests can spare."""
SECONDS_EACH = 2
"""A certificate that is drawn in a third of a second, by processes that are killed, on a machine that does more."""
KILLS = 20
WHOLE_WORKERS = 4
"""Of the kills, those that take a worker with all its processes; each other takes one process out of its pool."""
LONGEST_WORK = timedelta(seconds=6)
"""No living process draws this long: who holds a certificate longer is dead."""


def pass_time() -> None:
    """The waits between tries are over, and so are the leases that the dead have left on certificates.

    A mail's lease is eight time-outs, of a second each here: those run out by themselves.
    """
    now = timezone.now()
    OutgoingMail.objects.filter(status="retry", next_attempt_at__gt=now).update(next_attempt_at=now)
    waiting = Certificate.objects.filter(status="pending")
    waiting.filter(lease_token=None, next_attempt_at__gt=now).update(next_attempt_at=now)
    held_since = now + timedelta(seconds=LEASE_SECONDS) - LONGEST_WORK
    waiting.filter(leased_until__gt=now, leased_until__lt=held_since).update(leased_until=now)


def is_at_rest() -> bool:
    """Whether no mail waits any more."""
    pass_time()
    return not OutgoingMail.objects.filter(status__in=list(WAITING)).exists()


def progress() -> int:
    """Certificates issued and mails settled: twice the people in the end."""
    pass_time()
    settled = OutgoingMail.objects.exclude(status__in=list(WAITING)).count()
    return Certificate.objects.filter(status="issued").count() + settled


def chaos(machine: Machine, done_at_last: int) -> Counter[str]:
    """Let the machine work, and take something away from it at every twenty-second part of the way."""
    dice = random.Random(7)  # noqa: S311  # which process to kill, not a secret
    workers = [machine.start_worker(), machine.start_worker()]
    machine.start_beat()
    done: Counter[str] = Counter()
    begun = time.monotonic()
    while True:
        now_done = patiently(progress)
        assert time.monotonic() < begun + CERTIFICATES * SECONDS_EACH + 90, (now_done, machine.said()[-3000:])
        if now_done >= done_at_last and done["kills"] == KILLS:
            return done
        for place, worker in enumerate(workers):
            if worker.poll() is not None:
                # Celery gives up when what is killed had only just begun; whatever runs the portal starts it anew.
                machine.kill(worker)
                workers[place] = machine.start_worker()
                done["given up"] += 1
        if done["kills"] < KILLS and now_done >= done_at_last * done["kills"] // (KILLS + 2):
            if done["kills"] % (KILLS // WHOLE_WORKERS) == 2:
                machine.kill(workers.pop(0))
                workers.append(machine.start_worker())
                done["whole workers"] += 1
                done["kills"] += 1
            elif machine.kill_one_of_the_pool(dice.choice(workers), dice.choice):
                done["kills"] += 1
            if done["kills"] in {5, 15} and done["flushes"] < (done["kills"] + 5) // 10:
                machine.flush_valkey()
                done["flushes"] += 1
            if done["kills"] == KILLS // 2 and not done["restarts"]:
                machine.end_service(machine.postgres, signal.SIGQUIT)
                machine.start_service(machine.postgres)
                connection.close()
                done["restarts"] += 1
        time.sleep(0.1)


def send_the_doubtful_again() -> int:
    """What a coordinator does about mails that may have arrived, until none is left; how many there were."""
    coordinator = make_user("cora@echo.example", is_staff=True)
    doubtful = 0
    while mails := list(OutgoingMail.objects.filter(status="ambiguous")):
        doubtful += len(mails)
        for mail in mails:
            resend(mail_id=mail.pk, by=coordinator)
        wait_for(is_at_rest, seconds=60, what="the doubtful mails are sent again")
    return doubtful


@pytest.mark.timeout(CERTIFICATES * SECONDS_EACH + 300)
def test_cycle_ends_whole_whatever_is_killed_flushed_restarted_or_refused(
    tmp_path: Path, django_db_blocker, caplog
) -> None:
    caplog.set_level("ERROR", logger="mail.log")
    relay = BadRelay()
    relay.start()
    with (
        django_db_blocker.unblock(),
        Machine(tmp_path, smtp_port=relay.port) as machine,
        machine.own_database(),
        machine.own_broker(),
    ):
        machine.start_service(machine.valkey)
        cycle = graduates(CERTIFICATES)
        begun = time.monotonic()
        assert len(close_cycle(cycle_id=cycle.pk, by=None, now=timezone.now())) == CERTIFICATES

        done = chaos(machine, 2 * CERTIFICATES)
        doubtful = send_the_doubtful_again()

        seconds = time.monotonic() - begun
        certificates = list(Certificate.objects.select_related("document"))
        mails = list(OutgoingMail.objects.all())
        lost_answers = Counter(
            MailAttempt.objects.filter(outcome="ambiguous").values_list("mail__message_id", flat=True)
        )
        outcomes = Counter(MailAttempt.objects.values_list("outcome", flat=True))
        (reconciled,) = reconciliations(now=timezone.now())
    relay.stop()

    copies = Counter(copy.message_id for copy in relay.copies)
    second_copies = copies.total() - len(copies)
    print(
        f"\n{CERTIFICATES} certificates in {seconds:.0f} s: {done['kills']} kills -9 "
        f"({done['whole workers']} of whole workers; {done['given up']} workers ended by themselves), "
        f"{done['flushes']} flushes of Valkey, {done['restarts']} restart of PostgreSQL"
        f"\nSMTP: {relay.tries} tries, {sum(relay.failures.values())} made to fail {relay.failures}"
        f"\noutcomes {dict(outcomes)}"
        f"\nissued {sum(row.status == 'issued' for row in certificates)}, "
        f"mails sent {sum(mail.status == 'sent' for mail in mails)}, messages taken {len(copies)}, "
        f"second copies {second_copies}, sent again by a person {doubtful}"
    )
    assert (done["kills"], done["flushes"], done["restarts"]) == (KILLS, 2, 1)
    assert sum(relay.failures.values()) / relay.tries == pytest.approx(0.3, abs=0.15)
    # Each certificate once, its number without a gap, its document as hashed.
    assert Counter(row.status for row in certificates) == {"issued": CERTIFICATES}
    assert sorted(row.serial for row in certificates) == list(range(1, CERTIFICATES + 1))
    assert len({row.enrolment_id for row in certificates}) == CERTIFICATES
    for row in certificates:
        assert row.document is not None
        assert hashlib.sha256(bytes(row.document.content)).hexdigest() == row.sha256
    # Each mail taken, by its own recipient's server, with the document that was issued.
    assert Counter(mail.status for mail in mails) == {"sent": CERTIFICATES}
    assert set(copies) == {mail.message_id for mail in mails}
    documents = {f"certificate:{row.pk}": row.sha256 for row in certificates}
    expected = {mail.message_id: (mail.recipient, documents[mail.key]) for mail in mails}
    assert {copy.message_id: (copy.recipient, copy.sha256) for copy in relay.copies} == expected
    # A second copy only where the answer to an earlier one was lost, and that is on record.
    for message_id, count in copies.items():
        assert count <= 1 + lost_answers[message_id]
    assert (reconciled.eligible, reconciled.mailed, reconciled.total) == (CERTIFICATES, CERTIFICATES, 0)
