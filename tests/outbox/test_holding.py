"""The switch that holds all mail: nothing is begun under it, codes go out, and nothing is lost."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection
from django.utils import timezone

from core.errors import BadInputError
from outbox.models import MailAttempt, MailHold, OutgoingMail
from outbox.queries import current_hold, is_something_due
from outbox.services import deliver_due, hold_mail, queue_rendered_mail, release_mail
from tests.database import refused_by
from tests.factories import make_user
from tests.history import events

pytestmark = pytest.mark.django_db


def queue(number: int, **values):
    return queue_rendered_mail(
        key=f"held:{number}",
        kind="test",
        to=f"p{number}@clinic.example",
        subject="A subject",
        body_text="Words.\n",
        language="en",
        **values,
    )


def test_held_mail_waits_and_codes_go_out(relay, coordinator) -> None:
    mail, code = queue(1), queue(2, is_secret=True)
    hold_mail(reason="  The address of\nthe list is wrong. ", by=coordinator, now=timezone.now())
    assert is_something_due(now=timezone.now())
    assert deliver_due(now=timezone.now(), limit=10).sent == 1
    assert [received.recipient for received in relay.accepted] == [code.recipient]
    assert not is_something_due(now=timezone.now())
    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == ("queued", 0)

    assert release_mail(by=coordinator, now=timezone.now()) is not None
    assert deliver_due(now=timezone.now(), limit=10).sent == 1
    mail.refresh_from_db()
    assert mail.status == "sent"


def test_holding_and_releasing_twice_change_nothing(coordinator) -> None:
    first = hold_mail(reason="Why", by=coordinator, now=timezone.now())
    other = make_user(is_staff=True)
    assert hold_mail(reason="Another", by=other, now=timezone.now()) == first
    held = current_hold()
    assert held is not None
    assert (held.reason, held.held_by) == ("Why", coordinator)
    assert release_mail(by=other, now=timezone.now()) == first
    assert release_mail(by=coordinator, now=timezone.now()) is None
    assert current_hold() is None
    assert [event.pgh_context.metadata["verb"] for event in events(first)] == ["mail.hold", "mail.release"]


def test_hold_needs_a_reason(coordinator) -> None:
    with pytest.raises(BadInputError):
        hold_mail(reason=" \n ", by=coordinator, now=timezone.now())


def test_database_keeps_one_hold_open_with_who_ended_it(coordinator) -> None:
    hold_mail(reason="Why", by=coordinator, now=timezone.now())
    with refused_by("outbox_mailhold_one_open"):
        MailHold.objects.create(held_by=coordinator, reason="Again")
    with refused_by("outbox_mailhold_released_has_actor"):
        MailHold.objects.update(released_at=timezone.now())


def test_restored_copy_sends_nothing_at_all(relay, settings) -> None:
    settings.HOLD_ALL_MAIL = True
    queue(1)
    queue(2, is_secret=True)
    assert deliver_due(now=timezone.now(), limit=10).total == 0
    assert relay.accepted == []
    assert OutgoingMail.objects.filter(status="queued").count() == 2


@pytest.mark.django_db(transaction=True)
def test_no_mail_is_claimed_once_the_hold_is_there(relay, coordinator) -> None:
    for number in range(40):
        queue(number)
    started = threading.Event()

    def slowly(stage: str, _recipient: str) -> None:
        started.set()
        time.sleep(0.02)

    relay.decide = slowly

    def work() -> None:
        deliver_due(now=timezone.now(), limit=40)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    assert started.wait(20)
    hold_mail(reason="Stop", by=coordinator, now=timezone.now())
    held_at = timezone.now()
    for worker in workers:
        worker.join(30)
    assert MailAttempt.objects.filter(started_at__gt=held_at).count() == 0
    assert OutgoingMail.objects.filter(status="queued").exists()
    assert OutgoingMail.objects.filter(status="sending").count() == 0


def test_page_asks_for_a_reason_holds_and_releases(client, coordinator) -> None:
    client.force_login(coordinator)
    url = "/admin/outbox/outgoingmail/hold/"
    assert client.post(url, {"hold": "yes", "reason": ""}).status_code == 422
    answer = client.post(url, {"hold": "yes", "reason": "A wrong <b>list"}, follow=True).content.decode()
    assert "All email has been held since" in answer
    assert "A wrong &lt;b&gt;list" in answer
    assert "All email has been held since" in client.get("/admin/").content.decode()
    assert "Email goes out again." in client.post(url, {"release": "yes"}, follow=True).content.decode()
    outsider = make_user(is_staff=True)
    client.force_login(outsider)
    assert client.post(url, {"hold": "yes", "reason": "x"}).status_code == 403
