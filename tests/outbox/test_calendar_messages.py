"""A mail that brings a message for the calendar: three readings of one letter, and the file beside them."""

from __future__ import annotations

from email import message_from_bytes, policy
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from core.errors import BadInputError
from outbox.models import OutgoingMail
from outbox.records import LAST_MAIL, forget_sent_mails
from outbox.rendering import build, calendar_method
from outbox.services import Letter, nudge, queue_mails
from tests.clock import toronto
from tests.database import write
from tests.outbox.test_queueing import INJECTIONS

pytestmark = pytest.mark.django_db

REQUEST = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:one\r\n"
    "SUMMARY:La douleur à l’été\r\nDESCRIPTION:A line that is folded and goes on\r\n  METHOD:CANCEL\r\n"
    "END:VEVENT\r\nEND:VCALENDAR\r\n"
)


def letter(number: int = 1, **changes: object) -> Letter:
    values: dict[str, Any] = {
        "key": f"letter:{number}",
        "kind": "session",
        "to": f"person{number}@clinic.example",
        "template": "sessions_app/mail/session_reminder",
        "context": {
            "name": "Ana",
            "session": SimpleNamespace(
                topic="Sleep",
                starts_at=toronto(2025, 9, 11, 12, 30),
                ends_at=toronto(2025, 9, 11, 14),
            ),
        },
        "language": "en",
    }
    return Letter(**{**values, **changes})


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_calendar_arrives_as_a_third_reading_and_as_a_file(relay, queue, deliver, method):
    text = REQUEST.replace("METHOD:REQUEST", f"METHOD:{method}")
    queue(body_html="<p>Jeudi</p>", calendar=text)

    assert deliver().sent == 1

    (received,) = relay.accepted
    message = received.message
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    alternative = list(message.walk())[4]
    assert dict(alternative["Content-Type"].params) == {"method": method, "charset": "utf-8"}
    assert alternative.get_payload(decode=True).decode().splitlines() == text.splitlines()
    assert f"\r\nMETHOD:{method}\r\n".encode() in received.content
    (file,) = message.iter_attachments()
    assert file.get_filename() == "invite.ics"
    assert file.get_content() == text.encode()
    assert received.content.isascii()


def test_mail_without_html_brings_the_calendar_too(queue):
    message = message_from_bytes(build(queue(calendar=REQUEST)).content, policy=policy.default)

    assert [part.get_content_type() for part in message.walk()][2:] == [
        "text/plain",
        "text/calendar",
        "application/ics",
    ]


def test_calendar_with_plain_line_breaks_gets_those_of_the_standard(queue):
    mail = queue(calendar=REQUEST.replace("\r\n", "\n"))

    message = message_from_bytes(build(mail).content, policy=policy.default)

    (file,) = message.iter_attachments()
    assert file.get_content() == REQUEST.encode()


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        REQUEST.replace("METHOD:REQUEST", "METHOD:PUBLISH"),
        REQUEST.replace("METHOD:REQUEST", "METHOD:request"),
        REQUEST.replace("METHOD:REQUEST", "METHOD:REQUEST; x=y"),
        REQUEST.replace("UID:one", "METHOD:CANCEL"),
        REQUEST.replace("UID:one", "METHOD:REQUEST"),
        REQUEST.replace("UID:one", "method:CANCEL"),
        REQUEST.replace("UID:one", "UID:\x00"),
        REQUEST.replace("UID:one", "UID:\ud83d"),
        *[REQUEST.replace("METHOD:REQUEST", f"METHOD:REQUEST{text}") for text in INJECTIONS[6:]],
    ],
)  # fmt: skip
def test_calendar_that_does_not_say_once_what_it_asks_is_refused(queue, text):
    with pytest.raises(BadInputError):
        queue(calendar=text)
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("injection", INJECTIONS[:6])
def test_lines_after_the_method_stay_in_the_calendar(queue, injection):
    mail = queue(calendar=REQUEST.replace("METHOD:REQUEST", f"METHOD:REQUEST{injection}"))

    message = message_from_bytes(build(mail).content, policy=policy.default)

    assert message["Bcc"] is None
    assert all(part["Bcc"] is None for part in message.walk())
    assert calendar_method(mail.calendar) == "REQUEST"


def test_code_and_calendar_do_not_go_together(queue):
    with pytest.raises(BadInputError):
        queue(calendar=REQUEST, is_secret=True)


def test_calendar_is_forgotten_with_the_rest_of_a_last_mail(queue):
    mail = queue(calendar=REQUEST)
    write(
        mail, kind=LAST_MAIL, status="sending", lease_token=mail.message_id[1:33], leased_until=timezone.now()
    )
    write(mail, status="sent", sent_at=timezone.now(), lease_token=None, leased_until=None)

    assert forget_sent_mails() == 1

    mail.refresh_from_db()
    assert (mail.calendar, mail.body_text) == ("", "")


def test_many_letters_cost_as_many_queries_as_one(
    django_assert_num_queries, django_capture_on_commit_callbacks
):
    with django_assert_num_queries(2), django_capture_on_commit_callbacks() as callbacks:
        assert queue_mails([letter(calendar=REQUEST)]) == 1
    with django_assert_num_queries(2):
        assert queue_mails([letter(number) for number in range(2, 30)]) == 28

    assert callbacks == [nudge]
    first = OutgoingMail.objects.get(key="letter:1")
    assert (first.recipient, first.subject[:15], first.status) == (
        "person1@clinic.example",
        "Reminder: Sleep",
        "queued",
    )
    assert first.calendar == REQUEST.replace("\r\n", "\n")
    assert OutgoingMail.objects.values("message_id").distinct().count() == 29


def test_letters_are_queued_once_for_each_key():
    queue_mails([letter(1), letter(2)])

    assert queue_mails([letter(2, to="other@clinic.example"), letter(3)]) == 1

    assert OutgoingMail.objects.count() == 3
    assert OutgoingMail.objects.get(key="letter:2").recipient == "person2@clinic.example"
    assert queue_mails([]) == 0


def test_letter_that_cannot_be_mailed_keeps_nobody_from_theirs(caplog):
    assert queue_mails([letter(1, to="nobody"), letter(2)]) == 1

    assert OutgoingMail.objects.get().key == "letter:2"
    assert "letter:1" in caplog.text
    assert "nobody" not in caplog.text
