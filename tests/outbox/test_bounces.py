"""Mails that a server accepted and that came back: noted once, from a notification or by a coordinator."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import partial
from io import BytesIO, StringIO, TextIOWrapper
from uuid import uuid4

import pghistory.models
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from core.errors import MoveRefusedError
from outbox.models import OutgoingMail
from outbox.notices import MAX_BYTES
from outbox.services import StillBeingSentError, note_bounce, resend
from outbox.states import MailStatus
from tests.database import refused_by, write
from tests.outbox.returned import notification
from tests.outbox.test_decisions import put
from tests.races import THREADS, at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(relay, queue, deliver):
    mail = queue()
    deliver()
    mail.refresh_from_db()
    return mail


def hand_over(monkeypatch, content: bytes) -> int:
    """What the mail server gets back: 0 is done, 75 is try again later."""
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(content)))
    try:
        call_command("note_bounce", stdout=StringIO())
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def status(mail: OutgoingMail) -> str:
    return OutgoingMail.objects.get(pk=mail.pk).status


def test_notification_of_a_failure_returns_the_mail_with_its_reason(monkeypatch, sent):
    before = timezone.now()

    assert hand_over(monkeypatch, notification(sent.message_id)) == 0

    after = OutgoingMail.objects.get(pk=sent.pk)
    assert after.status == "bounced"
    assert after.last_error == "returned: 550 5.1.1 <person@clinic.example>: no such user"
    assert after.bounced_at is not None
    assert after.bounced_at >= before
    assert after.sent_at == sent.sent_at
    event = pghistory.models.Events.objects.tracks(sent).get()
    assert event.pgh_context["verb"] == "mail.bounce"
    assert event.pgh_context["user"] is None
    assert event.pgh_data["status"] == "sent"


def test_same_notification_twice_is_noted_once(monkeypatch, sent):
    hand_over(monkeypatch, notification(sent.message_id))

    assert hand_over(monkeypatch, notification(sent.message_id, diagnostic="smtp; 550 again")) == 0

    assert "no such user" in OutgoingMail.objects.get(pk=sent.pk).last_error
    assert pghistory.models.Events.objects.tracks(sent).count() == 1


@pytest.mark.parametrize(
    "content",
    [
        notification("<nobody-knows-this@echo.example>"),
        b"Subject: hello\n\nA letter, not a notification: Jane Roe, 1234567897\n",
        b"\xff\x00" * 100,
        b"",
    ],
)
def test_other_mail_changes_nothing_and_leaves_no_word_of_it(monkeypatch, sent, caplog, capfd, content):
    caplog.set_level("DEBUG")

    assert hand_over(monkeypatch, content) == 0

    assert status(sent) == "sent"
    heard = caplog.text + "".join(capfd.readouterr())
    assert not re.search(r"Jane|1234567897|nobody-knows|no such user|person@", heard)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_mail_that_is_late_or_was_passed_on_has_not_come_back(monkeypatch, sent, action):
    assert hand_over(monkeypatch, notification(sent.message_id, action=action)) == 0

    assert status(sent) == "sent"


def test_rest_of_a_huge_mail_is_read_and_dropped(monkeypatch, sent):
    stdin = BytesIO(notification(sent.message_id, extra="QUJD\n" * 800_000))
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(stdin))

    call_command("note_bounce")

    assert stdin.tell() == stdin.getbuffer().nbytes > 4 * MAX_BYTES
    assert status(sent) == "bounced"


def test_mail_server_is_asked_to_come_again_while_the_database_is_away(monkeypatch, sent, caplog, capfd):
    def away(**_mail):
        raise OperationalError("the server closed the connection: no such user")

    monkeypatch.setattr("outbox.management.commands.note_bounce.note_bounce", away)

    assert hand_over(monkeypatch, notification(sent.message_id)) == os.EX_TEMPFAIL

    assert "no such user" not in caplog.text + "".join(capfd.readouterr())


def test_notification_that_is_quicker_than_our_own_note_comes_again(monkeypatch, queue):
    mail = put(queue(), "sending")

    assert hand_over(monkeypatch, notification(mail.message_id)) == os.EX_TEMPFAIL

    assert status(mail) == "sending"


@pytest.mark.parametrize("was", list(MailStatus))
def test_only_what_a_server_took_can_come_back(queue, was):
    mail = put(queue(), was)
    note = partial(note_bounce, mail_id=mail.pk, diagnostic="550 no", by=None, now=timezone.now())

    if was in {"sent", "ambiguous"}:
        assert note() is not None
        assert status(mail) == "bounced"
    else:
        with pytest.raises(StillBeingSentError if was == "sending" else MoveRefusedError):
            note()
        assert status(mail) == was


def test_doubtful_mail_that_came_back_was_sent_when_it_was_transmitted(relay, queue, deliver):
    relay.plan("end", ["drop"])
    mail = queue()
    deliver()
    OutgoingMail.objects.filter(pk=mail.pk).update(
        status="sending", lease_token=uuid4(), leased_until=timezone.now()
    )
    OutgoingMail.objects.filter(pk=mail.pk).update(status="ambiguous", lease_token=None, leased_until=None)

    note_bounce(mail_id=mail.pk, diagnostic="550 no", by=None, now=timezone.now())

    mail.refresh_from_db()
    assert mail.sent_at == mail.tries.get().transmitted_at


def test_forged_notification_brings_back_no_code(monkeypatch, relay, queue, deliver, coordinator):
    mail = queue(body_text="Your code is 12345678.", is_secret=True)
    deliver()

    hand_over(monkeypatch, notification(mail.message_id, diagnostic="smtp; 550 12345678"))

    mail.refresh_from_db()
    assert (mail.status, mail.body_text) == ("bounced", "")
    with pytest.raises(MoveRefusedError, match="erased"):
        resend(mail_id=mail.pk, by=coordinator)
    assert len(relay.accepted) == 1


def test_mail_of_somebody_who_was_erased_stays_forgotten(monkeypatch, sent):
    write(sent, recipient="erased@erased.invalid", last_error="")

    assert hand_over(monkeypatch, notification(sent.message_id)) == 0

    sent.refresh_from_db()
    assert (sent.status, sent.last_error) == ("sent", "")


def test_message_ids_cannot_be_guessed(queue):
    ids = {queue().message_id for _mail in range(50)}

    # 122 random bits of a version 4 UUID; nothing in them is counted or timed.
    assert all(
        re.fullmatch(r"<[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}@echo\.example>", each) for each in ids
    )
    assert len({each[1:9] for each in ids}) == len(ids)


def test_returned_mail_is_sent_again_to_the_mended_address_as_a_new_message(
    monkeypatch, relay, sent, deliver, coordinator
):
    old_id = sent.message_id
    hand_over(monkeypatch, notification(old_id))

    resend(mail_id=sent.pk, by=coordinator, to="right@clinic.example")
    deliver()

    sent.refresh_from_db()
    assert (sent.status, sent.recipient, sent.bounced_at) == ("sent", "right@clinic.example", None)
    assert relay.accepted[-1].recipient == "right@clinic.example"
    assert relay.accepted[-1].message["Message-ID"] == sent.message_id != old_id
    # A late second notification is about the first message, which is history.
    assert hand_over(monkeypatch, notification(old_id)) == 0
    assert status(sent) == "sent"


def test_mail_that_waits_again_has_no_time_at_which_it_was_sent(sent, coordinator):
    note_bounce(mail_id=sent.pk, diagnostic="550 no", by=coordinator, now=timezone.now())

    mail = resend(mail_id=sent.pk, by=coordinator)

    assert (mail.status, mail.sent_at, mail.bounced_at) == ("queued", None, None)
    before = [
        event.pgh_data["status"] for event in pghistory.models.Events.objects.tracks(sent).order_by("pgh_id")
    ]
    assert before == ["sent", "bounced"]


def test_returned_mail_without_its_time_is_refused(sent):
    with refused_by("outbox_outgoingmail_bounced_has_time"):
        write(sent, status="bounced")


def test_time_of_a_return_without_the_return_is_refused(sent):
    with refused_by("outbox_outgoingmail_bounced_has_time"):
        write(sent, bounced_at=timezone.now())


def test_returned_mail_that_was_never_sent_is_refused(sent):
    with refused_by("outbox_outgoingmail_sent_has_time"):
        write(sent, status="bounced", bounced_at=timezone.now(), sent_at=None)


@pytest.mark.django_db(transaction=True)
def test_notifications_at_once_are_noted_once(relay, queue, deliver):
    mail = queue()
    deliver()
    note = partial(note_bounce, message_id=mail.message_id, diagnostic="550 no", by=None, now=timezone.now())

    results = at_once([note] * THREADS)

    assert sum(isinstance(result, OutgoingMail) for result in results) == 1
    assert sum(isinstance(result, MoveRefusedError) for result in results) == THREADS - 1
    assert pghistory.models.Events.objects.tracks(mail).count() == 1


@pytest.mark.django_db(transaction=True)
def test_mail_server_pipes_a_notification_into_the_command(relay, queue, deliver):
    from tests.faults.machine import database_url

    mail = queue()
    deliver()

    done = subprocess.run(
        [sys.executable, "manage.py", "note_bounce"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database_url()},
        input=notification(mail.message_id),
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (os.EX_OK, b"")
    assert b"no such user" not in done.stderr
    assert status(mail) == "bounced"


@pytest.mark.django_db(transaction=True)
def test_mail_server_keeps_the_notification_while_there_is_no_database():
    done = subprocess.run(
        [sys.executable, "manage.py", "note_bounce"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
        input=notification("<0123@echo.example>"),
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stdout) == (os.EX_TEMPFAIL, b"")
    assert b"0123@" not in done.stderr
