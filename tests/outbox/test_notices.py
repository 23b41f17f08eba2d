"""What is read out of a mail that came back, and what is not."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outbox.notices import MAX_BYTES, Notice, one_safe_line, read_notice
from tests.outbox.returned import notification

OURS = "<0123456789abcdef@echo.example>"
WORDS = "550 5.1.1 <person@clinic.example>: no such user"


@pytest.mark.parametrize(
    ("changes", "diagnostic"),
    [
        ({}, WORDS),
        ({"returned": "text/rfc822-headers"}, WORDS),
        ({"returned": "message/global", "status_part": "message/global-delivery-status"}, WORDS),
        ({"returned": "message/global-headers"}, WORDS),
        ({"action": "Failed (after five days)"}, WORDS),
        ({"report_type": '"Delivery-Status"'}, WORDS),
        ({"status": "4.4.7", "diagnostic": "X-Postfix; timed out"}, "4.4.7 timed out"),
        ({"status": "5.0.0", "diagnostic": ""}, "5.0.0"),
        ({"status": "none", "diagnostic": "nobody; of that name"}, "of that name"),
        ({"status": "none", "diagnostic": "not here any more; sorry"}, "not here any more; sorry"),
        ({"status": "none", "diagnostic": ""}, ""),
        ({"diagnostic": "smtp; 550 5.1.1 no\n such\n user"}, "550 5.1.1 no such user"),
    ],
)
def test_failure_is_read_with_its_reason(changes, diagnostic):
    assert read_notice(notification(OURS, **changes)) == Notice(OURS, diagnostic)


def test_line_ends_of_the_wire_are_read_too():
    wire = notification(OURS).replace(b"\n", b"\r\n")

    assert read_notice(wire) == Notice(OURS, WORDS)


def test_one_failure_among_several_recipients_counts():
    two = "delivered\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; b@clinic.example\nAction: failed"

    assert read_notice(notification(OURS, action=two)) == Notice(OURS, WORDS)


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", "", "not failed"])
def test_other_actions_are_no_failure(action):
    assert read_notice(notification(OURS, action=action)) is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff" * 500,
        b"Subject: Out of office\n\nI am away; Action: failed\n",
        notification(OURS, report_type="disposition-notification"),
        notification(OURS, status_part="text/plain"),
        notification(OURS, returned="text/plain"),
        notification("nobody"),
        notification("<two words@echo.example>"),
        notification(OURS).replace(b"multipart/report", b"multipart/mixed"),
        notification(OURS).replace(b'boundary="=_b"', b'boundary=""'),
        notification(OURS).split(b"Content-Type: message/rfc822", maxsplit=1)[0],
        # The Message-ID of the notification itself is not that of a mail of ours.
        notification("").replace(b"<bounce@mx.example>", OURS.encode()),
    ],
)
def test_what_is_no_notification_of_a_failure_is_none(content):
    assert read_notice(content) is None


def test_returned_mail_as_long_as_it_likes_is_cut():
    huge = notification(OURS, extra="QUJD" * 5_000_000)

    started = time.perf_counter()
    assert read_notice(huge) == Notice(OURS, WORDS)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    "content",
    [
        b"Content-Type: message/rfc822\n\n" * 20_000,
        b"".join(
            b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (level, level)
            for level in range(10_000)
        ),
        b"Content-Type: multipart/report; report-type=delivery-status; " + b"a*0*=''x;" * 40_000 + b"\n\n",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n" + b"--b\n" * 120_000,
        b"A: b\n" * 100_000,
        notification(OURS, diagnostic="smtp; " + " " * 400_000 + "x"),
        notification(OURS, action="(" * 300_000),
    ],
)
def test_mail_made_to_be_hard_to_read_is_read_in_seconds(content):
    started = time.perf_counter()
    read_notice(content)
    assert time.perf_counter() - started < 10


@given(st.binary(max_size=400), st.integers(0, 900), st.integers(0, 80))
def test_broken_notification_raises_nothing(noise, place, length):
    whole = notification(OURS)

    found = read_notice(whole[:place] + noise + whole[place + length :])

    assert found is None or len(found.diagnostic) <= 500


@given(st.text(max_size=700))
def test_diagnostic_is_one_plain_line_of_at_most_500(text):
    line = one_safe_line(text)

    assert len(line) <= 500
    assert line.isprintable()


def test_diagnostic_neither_turns_nor_hides_text():
    assert (
        one_safe_line("550 \u202egnp\u202c\u2028\x1b[2J\x00no\r\nsuch\tuser\ud800")
        == "550 gnp [2J no such user"
    )


def test_what_is_read_holds_a_whole_notification():
    assert len(notification(OURS)) < MAX_BYTES / 100
