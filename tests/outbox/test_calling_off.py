"""Mails whose content no longer holds: what waits is given up, what is in a worker's hands is not tried again."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from core.errors import MoveRefusedError
from outbox.models import OutgoingMail
from outbox.services import (
    call_off_mails,
    deliver_due,
    delivery,
    hold_mail,
    note_bounce,
    release_mail,
    resend,
)
from outbox.states import MailStatus
from tests.outbox.test_decisions import put
from tests.races import at_once

WHY = "the certificate was revoked."
SAID = f"Called off: {WHY}"

pytestmark = pytest.mark.django_db


def call_off(*mails: OutgoingMail) -> int:
    return call_off_mails(mail_ids=[mail.pk for mail in mails], why=WHY)


@pytest.fixture
def in_hand(queue, deliver, monkeypatch):
    """Delivers a mail that is called off after the server has answered and before that is written down."""

    def deliver_one() -> OutgoingMail:
        mail: OutgoingMail = queue()
        write_back = delivery._write_back

        def called_off_meanwhile(*arguments):
            call_off(mail)
            return write_back(*arguments)

        with monkeypatch.context() as patch:
            patch.setattr(delivery, "_write_back", called_off_meanwhile)
            deliver()
        return mail

    return deliver_one


@pytest.mark.parametrize("status", list(MailStatus))
def test_only_what_waits_is_called_off_and_stays_on_record(queue, status):
    mail = put(queue(), status)
    before = mail.last_error

    assert call_off(mail) == (status in {"queued", "retry"})

    mail.refresh_from_db()
    is_off = status in {"queued", "retry"}
    assert mail.status == ("failed" if is_off else status)
    said = f"{SAID} Before: {before}" if before else SAID
    assert mail.last_error == (before if status == "sent" else said)


@pytest.mark.parametrize("status", ["failed", "ambiguous", "bounced"])
def test_what_did_not_arrive_is_not_sent_again_once_called_off(queue, coordinator, status):
    mail = put(queue(), MailStatus(status))
    call_off(mail)

    with pytest.raises(MoveRefusedError, match="no longer holds"):
        resend(mail_id=mail.pk, by=coordinator)


def test_notice_that_it_came_back_does_not_take_the_mark_away(queue, coordinator):
    mail = put(queue(), MailStatus.AMBIGUOUS)
    call_off(mail)

    note_bounce(mail_id=mail.pk, by=coordinator, diagnostic="550 no such user", now=timezone.now())

    mail.refresh_from_db()
    assert mail.is_called_off
    assert "550 no such user" in mail.last_error


def test_mail_called_off_is_never_sent(relay, queue, deliver, coordinator):
    hold_mail(reason="A wrong name.", by=coordinator, now=timezone.now())
    mail, other = queue(), queue()

    assert call_off(mail) == 1
    assert call_off(mail) == 0
    release_mail(by=coordinator, now=timezone.now())

    assert deliver(later=timedelta(days=2)).sent == 1
    assert [received.recipient for received in relay.accepted] == [other.recipient]
    with pytest.raises(MoveRefusedError, match="no longer holds"):
        resend(mail_id=mail.pk, by=coordinator)


def test_code_is_left_to_its_own_end(queue):
    mail = queue(is_secret=True)

    assert call_off(mail) == 0

    mail.refresh_from_db()
    assert (mail.status, mail.last_error) == ("queued", "")


@pytest.mark.parametrize(
    ("stage", "answer", "after"),
    [
        ("end", "250 taken", ("sent", "")),
        ("rcpt", "450 later", ("failed", SAID)),
        ("rcpt", "550 unknown", ("failed", SAID)),
        ("greeting", "421 busy", ("failed", SAID)),
        ("end", "nonsense", ("ambiguous", SAID)),
    ],
)
def test_mail_in_a_workers_hands_is_finished_and_not_tried_again(relay, in_hand, stage, answer, after):
    relay.plan(stage, [answer])

    mail = in_hand()

    assert deliver_due(now=timezone.now() + timedelta(days=2), limit=10).total == 0
    mail.refresh_from_db()
    assert (mail.status, mail.last_error) == after


@pytest.mark.parametrize(("transmitted", "status"), [(False, "failed"), (True, "ambiguous")])
def test_mail_whose_worker_died_is_not_taken_over(relay, queue, deliver, transmitted, status):
    mail = queue()
    now = timezone.now()
    claimed = delivery._claim_next(now)
    assert claimed is not None
    assert claimed[1] is not None
    if transmitted:
        delivery._mark_transmitted(claimed[0], claimed[1], delivery._Clock(now))
    call_off(mail)

    assert deliver(later=timedelta(seconds=delivery.lease_seconds() + 1)).sent == 0

    mail.refresh_from_db()
    assert (mail.status, mail.last_error) == (status, SAID)
    assert relay.accepted == []


@pytest.mark.django_db(transaction=True)
def test_calling_off_while_workers_deliver_leaves_each_mail_sent_or_called_off(relay, queue):
    mails = [queue() for _mail in range(30)]

    at_once(
        [partial(deliver_due, now=timezone.now(), limit=30)] * 2
        + [partial(call_off, mail) for mail in mails[10:]]
    )

    sent = OutgoingMail.objects.filter(status="sent")
    assert OutgoingMail.objects.filter(status="failed", last_error=SAID).count() + sent.count() == 30
    assert sorted(received.recipient for received in relay.accepted) == sorted(
        sent.values_list("recipient", flat=True)
    )
