"""Several workers at once, leases lost on the way, and a database that goes away at the worst moment."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import psycopg2  # type: ignore[import-untyped]  # the driver ships no types
import pytest
from django.db import connection
from django.utils import timezone

from outbox.models import MailAttempt, OutgoingMail
from outbox.services import deliver_due, delivery

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(sql, *arguments):
    """Run `sql` on a connection of its own, as another process would."""
    settings = connection.get_connection_params()
    for name in ("cursor_factory", "context"):
        settings.pop(name, None)
    other = psycopg2.connect(**settings)
    try:
        other.autocommit = True
        with other.cursor() as cursor:
            cursor.execute(sql, arguments)
            return cursor.fetchall() if cursor.description else []
    finally:
        other.close()


def test_two_workers_deliver_a_hundred_mails_once_each(relay, queue):
    mails = [queue() for _ in range(100)]
    start = Barrier(2)

    def work():
        try:
            start.wait(10)
            return deliver_due(now=timezone.now(), limit=50).sent
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        sent = [future.result(60) for future in [threads.submit(work) for _ in range(2)]]

    assert sent == [50, 50]
    times_accepted = Counter(received.message["Message-ID"] for received in relay.accepted)
    assert times_accepted == {mail.message_id: 1 for mail in mails}
    assert MailAttempt.objects.filter(outcome="accepted").count() == 100


def test_no_transaction_is_open_while_the_server_is_spoken_to(relay, queue, deliver):
    open_transactions = []

    def look(stage, _recipient):
        if stage in {"greeting", "mail", "rcpt", "data", "end"}:
            rows = elsewhere(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND state <> 'idle'"
            )
            open_transactions.append((stage, rows[0][0]))

    relay.reached = look
    queue()
    queue()

    deliver()

    assert len(open_transactions) == 9
    assert {count for _stage, count in open_transactions} == {0}


STEAL = "UPDATE outbox_outgoingmail SET lease_token = %s, leased_until = now() + interval '1 hour'"


def test_worker_that_lost_its_lease_does_not_complete_the_message(relay, queue, deliver):
    mail = queue()
    relay.reached = lambda stage, _to: stage == "data" and elsewhere(STEAL, str(uuid4()))

    delivered = deliver()

    mail.refresh_from_db()
    assert delivered.total == 0
    assert relay.accepted == []
    assert mail.status == "sending"


def test_answer_that_comes_after_the_lease_was_lost_changes_nothing(relay, queue, deliver):
    mail = queue()
    other = uuid4()
    relay.reached = lambda stage, _to: stage == "end" and elsewhere(STEAL, str(other))

    deliver()

    mail.refresh_from_db()
    assert (mail.status, mail.lease_token, mail.sent_at) == ("sending", other, None)
    # Whoever takes the mail over sees that it was transmitted.
    assert mail.tries.get().transmitted_at is not None


@pytest.mark.parametrize("stage", ["data", "end"])
def test_database_that_goes_away_while_a_mail_is_sent_makes_no_second_copy(relay, queue, deliver, stage):
    mails = [queue(), queue()]
    relay.reached = lambda reached, _to: (
        reached == stage
        and elsewhere(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    )

    assert deliver().sent == 2

    assert len(relay.accepted) == 2
    assert {mail.tries.get().outcome for mail in mails} == {"accepted"}


def die(*, transmitted, later=timedelta(0)):
    """Do what a worker does before it is killed: claim the next mail and get so far."""
    now = timezone.now() + later
    claimed = delivery._claim_next(now)
    assert claimed is not None
    mail, attempt = claimed
    if attempt is not None and transmitted:
        delivery._mark_transmitted(mail, attempt, delivery._Clock(now))
    return mail, attempt


def test_mail_whose_worker_died_is_left_alone_until_its_lease_runs_out(relay, queue, deliver, mail_settings):
    queue()
    die(transmitted=False)

    assert deliver(later=timedelta(seconds=delivery.lease_seconds() - 1)).total == 0
    assert deliver(later=timedelta(seconds=delivery.lease_seconds() + 1)).sent == 1


@pytest.mark.parametrize(("transmitted", "outcome"), [(False, "lost"), (True, "ambiguous")])
def test_try_of_a_worker_that_died_is_recorded_for_what_it_was(relay, queue, deliver, transmitted, outcome):
    mail = queue()
    die(transmitted=transmitted)

    deliver(later=timedelta(minutes=1))

    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == ("sent", 2)
    assert [attempt.outcome for attempt in mail.tries.all()] == [outcome, "accepted"]


def test_mail_that_kills_its_workers_is_dead_after_eight_tries(relay, queue, deliver):
    mail = queue()
    for number in range(8):
        die(transmitted=False, later=timedelta(minutes=number))

    delivered = deliver(later=timedelta(minutes=8))

    mail.refresh_from_db()
    assert (delivered.failed, mail.status, mail.attempts) == (1, "failed", 8)
    assert list(mail.tries.values_list("outcome", flat=True)) == ["lost"] * 8
    assert relay.accepted == []


def test_mail_whose_workers_died_twice_after_transmitting_waits_for_a_person(relay, queue, deliver):
    mail = queue(is_secret=True, body_text="Your code is 12345678.")
    die(transmitted=True)
    die(transmitted=True, later=timedelta(minutes=1))

    delivered = deliver(later=timedelta(minutes=2))

    mail.refresh_from_db()
    assert (delivered.ambiguous, mail.status, mail.body_text) == (1, "ambiguous", "")
    assert list(mail.tries.values_list("outcome", flat=True)) == ["ambiguous"] * 2
    assert relay.accepted == []
    assert OutgoingMail.objects.filter(lease_token__isnull=False).count() == 0
