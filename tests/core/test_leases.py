"""Outgoing mail stands for any leased work here: it is the smallest table that workers claim from."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core.leases import MAX_ATTEMPTS, LostLeaseError, backoff, claim, held
from outbox.models import OutgoingMail

LEASE = 60


def waiting():
    return OutgoingMail.objects.filter(status__in=["queued", "retry", "sending"])


def make(count=1, **changes):
    return OutgoingMail.objects.bulk_create(
        OutgoingMail(
            key=f"lease:{uuid4()}",
            kind="test",
            recipient="person@clinic.example",
            subject="Work",
            language="en",
            message_id=f"<{uuid4().hex}@echo.example>",
            **changes,
        )
        for _ in range(count)
    )


def take(now, *, limit=1):
    return claim(waiting(), now=now, seconds=LEASE, limit=limit, status="sending")


@pytest.mark.django_db
def test_claim_writes_lease_attempt_and_changes():
    now = timezone.now()
    (row,) = make(next_attempt_at=now)

    (claimed,) = take(now)

    stored = OutgoingMail.objects.get(pk=row.pk)
    assert claimed.lease_token is not None
    assert (stored.lease_token, stored.leased_until) == (claimed.lease_token, now + timedelta(seconds=LEASE))
    assert (stored.attempts, claimed.attempts) == (1, 1)
    assert (stored.status, claimed.status) == ("sending", "sending")


@pytest.mark.django_db
def test_claim_leaves_what_is_not_due():
    now = timezone.now()
    make(next_attempt_at=now + timedelta(seconds=1))

    assert take(now) == []


@pytest.mark.django_db
def test_claim_takes_the_longest_due_first_and_no_more_than_the_limit():
    now = timezone.now()
    late, early, middle = (
        make(next_attempt_at=now - timedelta(minutes=minutes))[0].pk for minutes in (1, 3, 2)
    )

    assert [row.pk for row in take(now, limit=2)] == [early, middle]
    assert [row.pk for row in take(now, limit=2)] == [late]


@pytest.mark.django_db
def test_lease_keeps_others_away_until_it_runs_out():
    now = timezone.now()
    make(next_attempt_at=now)
    (first,) = take(now)

    assert take(now + timedelta(seconds=LEASE)) == []
    (second,) = take(now + timedelta(seconds=LEASE + 1))

    assert second.pk == first.pk
    assert second.lease_token != first.lease_token
    assert second.attempts == 2


@pytest.mark.django_db
def test_write_back_is_fenced_by_the_token():
    now = timezone.now()
    make(next_attempt_at=now)
    (slow,) = take(now)
    (quick,) = take(now + timedelta(seconds=LEASE + 1))

    with pytest.raises(LostLeaseError):
        held(OutgoingMail.objects.all(), pk=slow.pk, token=slow.lease_token)
    assert held(OutgoingMail.objects.all(), pk=quick.pk, token=quick.lease_token).pk == quick.pk


@pytest.mark.django_db
def test_write_back_holds_when_the_lease_ran_out_but_nobody_took_the_row():
    now = timezone.now()
    make(next_attempt_at=now - timedelta(hours=1))
    (row,) = take(now - timedelta(hours=1))

    assert held(OutgoingMail.objects.all(), pk=row.pk, token=row.lease_token).pk == row.pk


@pytest.mark.django_db
def test_row_without_a_lease_is_held_by_nobody():
    (row,) = make()

    with pytest.raises(LostLeaseError):
        held(OutgoingMail.objects.all(), pk=row.pk, token=None)


@pytest.mark.django_db(transaction=True)
def test_claim_skips_rows_that_somebody_has_locked_instead_of_waiting():
    now = timezone.now()
    first, second = (row.pk for row in make(2, next_attempt_at=now))

    def claim_elsewhere():
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '2s'")
            return [row.pk for row in take(now, limit=2)]
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as elsewhere:
        OutgoingMail.objects.select_for_update().get(pk=first)
        assert elsewhere.submit(claim_elsewhere).result(10) == [second]


@pytest.mark.django_db(transaction=True)
def test_ten_threads_never_claim_the_same_row():
    now = timezone.now()
    rows = {row.pk for row in make(100, next_attempt_at=now)}
    start = Barrier(10)

    def work():
        try:
            start.wait(10)
            mine = []
            while claimed := take(now, limit=3):
                mine += [row.pk for row in claimed]
            return mine
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        taken = Counter(
            pk for future in [threads.submit(work) for _ in range(10)] for pk in future.result(60)
        )

    # A thread may find all that is left locked and stop: what matters is that nothing is taken twice.
    assert set(taken.values()) == {1}
    assert {row.pk for row in take(now, limit=100)} == rows - set(taken)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(0, 15), (1, 15), (2, 30), (3, 60), (8, 1920), (9, 3600), (99, 3600)]
)
def test_backoff_doubles_up_to_an_hour(attempts, seconds):
    assert backoff(attempts) == timedelta(seconds=seconds)


def test_work_is_given_up_after_eight_attempts():
    assert MAX_ATTEMPTS == 8
