"""Every answer a mail server can give ends in the state that docs/outbox.md names."""

from datetime import timedelta
from itertools import repeat
from typing import NamedTuple

import pytest
from django.utils import timezone

from core.models import store_file
from outbox.models import MailAttempt, OutgoingMail
from outbox.services import resend
from tests.outbox.relay import DROP, HANG, ScriptedRelay

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TOO_LONG = "250 " + "x" * 9000


class Case(NamedTuple):
    stage: str
    answer: str
    outcome: str
    status: str
    tries: int
    """Those that count against the mail."""
    copies: int
    """How often the server has the mail, whatever it said."""

    def prepare(self, relay, mail_settings):
        if self.answer == HANG:
            mail_settings.SMTP_TIMEOUT_SECONDS = 0.4
        relay.plan(self.stage, [self.answer])


ANSWERS = [
    Case("end", "250 taken", "accepted", "sent", 1, 1),
    Case("end", "251 will forward", "accepted", "sent", 1, 1),
    Case("greeting", "554 no service", "unreachable", "retry", 0, 0),
    Case("greeting", "421 busy", "unreachable", "retry", 0, 0),
    Case("greeting", "nonsense", "unreachable", "retry", 0, 0),
    Case("greeting", DROP, "unreachable", "retry", 0, 0),
    Case("greeting", HANG, "unreachable", "retry", 0, 0),
    Case("ehlo", "421 busy", "unreachable", "retry", 0, 0),
    Case("ehlo", DROP, "unreachable", "retry", 0, 0),
    Case("ehlo", HANG, "unreachable", "retry", 0, 0),
    # RFC 5321, 3.2: a server that knows no EHLO is greeted the old way.
    Case("ehlo", "502 what", "accepted", "sent", 1, 1),
    Case("mail", "530 log in first", "unreachable", "retry", 0, 0),
    Case("mail", "535 log in first", "unreachable", "retry", 0, 0),
    Case("mail", "421 busy", "temporary", "retry", 1, 0),
    Case("mail", "450 later", "temporary", "retry", 1, 0),
    Case("mail", "451 later", "temporary", "retry", 1, 0),
    Case("mail", "550 never", "permanent", "failed", 1, 0),
    Case("mail", "552 too big", "permanent", "failed", 1, 0),
    Case("mail", "554 never", "permanent", "failed", 1, 0),
    Case("mail", DROP, "temporary", "retry", 1, 0),
    Case("mail", HANG, "temporary", "retry", 1, 0),
    Case("mail", TOO_LONG, "temporary", "retry", 1, 0),
    Case("rcpt", "421 busy", "temporary", "retry", 1, 0),
    Case("rcpt", "450 later", "temporary", "retry", 1, 0),
    Case("rcpt", "451 later", "temporary", "retry", 1, 0),
    Case("rcpt", "452 full", "temporary", "retry", 1, 0),
    Case("rcpt", "nonsense", "temporary", "retry", 1, 0),
    Case("rcpt", "550 unknown", "permanent", "failed", 1, 0),
    Case("rcpt", "552 full", "permanent", "failed", 1, 0),
    Case("rcpt", "554 never", "permanent", "failed", 1, 0),
    Case("rcpt", DROP, "temporary", "retry", 1, 0),
    Case("rcpt", HANG, "temporary", "retry", 1, 0),
    Case("data", "421 busy", "temporary", "retry", 1, 0),
    Case("data", "450 later", "temporary", "retry", 1, 0),
    Case("data", "451 later", "temporary", "retry", 1, 0),
    Case("data", "550 never", "permanent", "failed", 1, 0),
    Case("data", "554 never", "permanent", "failed", 1, 0),
    Case("data", "250 what", "temporary", "retry", 1, 0),
    Case("data", DROP, "temporary", "retry", 1, 0),
    Case("data", HANG, "temporary", "retry", 1, 0),
    Case("end", "421 busy", "temporary", "retry", 1, 0),
    Case("end", "450 later", "temporary", "retry", 1, 0),
    Case("end", "451 later", "temporary", "retry", 1, 0),
    Case("end", "452 full", "temporary", "retry", 1, 0),
    Case("end", "550 never", "permanent", "failed", 1, 0),
    Case("end", "552 too big", "permanent", "failed", 1, 0),
    Case("end", "554 spam", "permanent", "failed", 1, 0),
    Case("end", DROP, "ambiguous", "retry", 1, 1),
    Case("end", HANG, "ambiguous", "retry", 1, 1),
    Case("end", "nonsense", "ambiguous", "retry", 1, 0),
    Case("end", TOO_LONG, "ambiguous", "retry", 1, 1),
]
KINDS = {"4": "4xx", "5": "5xx", DROP: DROP, HANG: HANG}
RETRIED = [case for case in ANSWERS if case.status == "retry" and case.outcome != "ambiguous"]


def name(case):
    return f"{case.stage}-{case.answer[:12]}"


@pytest.mark.parametrize("stage", ["greeting", "ehlo", "mail", "rcpt", "data", "end"])
def test_every_kind_of_answer_is_played_at_every_stage(stage):
    played = {KINDS.get(case.answer) or KINDS.get(case.answer[0]) for case in ANSWERS if case.stage == stage}

    # Dropped or silent in the middle of the message: the two tests below.
    assert played >= {"4xx", "5xx", DROP, HANG}


@pytest.mark.parametrize("case", ANSWERS, ids=name)
def test_answer_ends_in_its_documented_state(relay, mail_settings, queue, deliver, case):
    case.prepare(relay, mail_settings)
    mail = queue()

    deliver()

    mail.refresh_from_db()
    attempt = mail.tries.get()
    assert (attempt.outcome, mail.status, mail.attempts) == (case.outcome, case.status, case.tries)
    assert len(relay.accepted) == case.copies
    assert attempt.finished_at is not None
    assert (mail.lease_token, mail.leased_until) == (None, None)
    assert bool(mail.last_error) is (case.status != "sent")
    assert (mail.sent_at is not None) is (case.status == "sent")


@pytest.mark.parametrize("case", RETRIED, ids=name)
def test_mail_refused_for_now_is_delivered_once_in_the_end(relay, mail_settings, queue, deliver, case):
    case.prepare(relay, mail_settings)
    mail = queue()
    deliver()
    mail_settings.SMTP_TIMEOUT_SECONDS = 5

    deliver(later=timedelta(seconds=16))

    mail.refresh_from_db()
    assert mail.status == "sent"
    assert [received.message["Message-ID"] for received in relay.accepted] == [mail.message_id]


def test_connection_lost_in_the_middle_of_the_message_is_tried_again(relay, queue, deliver):
    relay.plan("body", [DROP])
    # More than the sockets' buffers hold: the loss is noticed before the message is complete.
    mail = queue(body_text="A long line of a long letter.\n" * 70_000)

    deliver()

    mail.refresh_from_db()
    assert (mail.status, mail.tries.get().outcome) == ("retry", "temporary")
    assert relay.accepted == []


def test_server_that_stops_to_read_in_the_middle_of_the_message_is_tried_again(
    relay, mail_settings, queue, deliver
):
    mail_settings.SMTP_TIMEOUT_SECONDS = 0.4
    relay.plan("body", [HANG])
    # More than the sockets' buffers hold.
    mail = queue(body_text="A long line of a long letter.\n" * 250_000)

    deliver()

    mail.refresh_from_db()
    assert (mail.status, mail.tries.get().outcome) == ("retry", "temporary")
    assert mail.tries.get().transmitted_at is None
    assert relay.accepted == []


def test_nobody_listening_costs_no_try(mail_settings, queue, deliver):
    mail = queue()

    delivered = deliver()

    mail.refresh_from_db()
    assert not delivered.is_server_reached
    assert (mail.status, mail.attempts, mail.tries.get().outcome) == ("retry", 0, "unreachable")


def test_lost_answer_is_tried_once_more_with_the_same_message_id(relay, queue, deliver):
    relay.plan("end", [DROP])
    mail = queue()
    deliver()
    assert deliver(later=timedelta(minutes=4)).total == 0

    deliver(later=timedelta(minutes=6))

    mail.refresh_from_db()
    assert mail.status == "sent"
    assert [attempt.outcome for attempt in mail.tries.all()] == ["ambiguous", "accepted"]
    assert [received.message["Message-ID"] for received in relay.accepted] == [mail.message_id] * 2
    assert len({received.message["Date"] for received in relay.accepted}) == 1


def test_answer_lost_twice_waits_for_a_person(relay, queue, deliver):
    relay.plan("end", [DROP, DROP])
    mail = queue()
    deliver()

    assert deliver(later=timedelta(minutes=6)).ambiguous == 1

    assert deliver(later=30 * DAY).total == 0
    mail.refresh_from_db()
    assert (mail.status, len(relay.accepted)) == ("ambiguous", 2)


def test_poison_is_dead_after_eight_tries_and_delays_no_other(relay, queue, deliver):
    relay.decide = lambda stage, to: "451 no" if stage == "rcpt" and to.startswith("poison") else None
    poison = queue(to="poison@clinic.example")
    sent_beside = []
    now = timezone.now()

    for _round in range(20):
        other = queue()
        deliver(now=now)
        other.refresh_from_db()
        sent_beside.append(other.status)
        poison.refresh_from_db()
        now = max(now, poison.next_attempt_at) + timedelta(seconds=1)

    assert set(sent_beside) == {"sent"}
    assert (poison.status, poison.attempts, poison.tries.count()) == ("failed", 8, 8)


def test_mail_that_cuts_every_connection_is_dead_too_and_delays_no_other(relay, queue, deliver):
    relay.decide = lambda stage, to: DROP if stage == "data" and to.startswith("poison") else None
    poison = queue(to="poison@clinic.example")
    others = [queue() for _ in range(3)]
    now = timezone.now()

    deliver(now=now)
    for _round in range(8):
        poison.refresh_from_db()
        now = max(now, poison.next_attempt_at) + timedelta(seconds=1)
        deliver(now=now)

    poison.refresh_from_db()
    assert (poison.status, poison.tries.count()) == ("failed", 8)
    assert {OutgoingMail.objects.get(pk=other.pk).status for other in others} == {"sent"}


def test_mail_that_cannot_be_built_fails_at_once_with_its_reason_and_delays_no_other(relay, queue, deliver):
    file = store_file(b"content", content_type="no-type-at-all")
    broken = queue(attachments=[(file, "certificate.pdf")])
    other = queue()

    delivered = deliver()

    broken.refresh_from_db()
    other.refresh_from_db()
    assert (delivered.sent, delivered.failed) == (1, 1)
    assert (broken.status, broken.attempts, other.status) == ("failed", 1, "sent")
    assert broken.last_error.startswith("The mail cannot be built: ValueError")


def test_outage_of_ten_minutes_kills_nothing_and_calls_the_server_few_times(mail_settings, queue, deliver):
    mails = [queue() for _ in range(30)]
    start = timezone.now()

    # The beat polls every five seconds.
    for second in range(0, 600, 5):
        deliver(now=start + timedelta(seconds=second))

    calls = MailAttempt.objects.filter(outcome="unreachable").count()
    assert 4 <= calls <= 8
    assert MailAttempt.objects.count() == calls
    assert set(OutgoingMail.objects.values_list("attempts", flat=True)) == {0}
    server = ScriptedRelay().start()
    try:
        mail_settings.SMTP_PORT = server.port
        deliver(now=start + timedelta(seconds=600 + 300))
    finally:
        server.stop()
    assert OutgoingMail.objects.filter(status="sent").count() == len(server.accepted) == len(mails)


def test_server_away_for_a_week_kills_nothing(mail_settings, queue, deliver):
    mail = queue()
    start = timezone.now()

    for hour in range(0, 7 * 24, 4):
        deliver(now=start + timedelta(hours=hour))

    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == ("retry", 0)
    assert mail.tries.count() == 7 * 24 / 4


def test_connection_is_shared_by_many_mails(relay, queue, deliver):
    for _ in range(10):
        queue()

    assert deliver().sent == 10
    assert relay.connections == 1


@pytest.mark.parametrize("end", ["421 enough for one connection", DROP])
def test_server_that_ends_a_used_connection_costs_no_try(relay, queue, deliver, end):
    relay.plan("mail", [None, None, end])
    mails = [queue() for _ in range(5)]

    assert deliver().sent == 5

    assert relay.connections == 2
    assert {mail.tries.count() for mail in mails} == {1}


def test_refused_mail_leaves_the_connection_fit_for_the_next(relay, queue, deliver):
    relay.plan("rcpt", ["550 unknown", "450 later"])
    for _ in range(3):
        queue()

    delivered = deliver()

    assert (delivered.sent, delivered.retry, delivered.failed) == (1, 1, 1)
    assert relay.connections == 1


def test_limit_is_kept(relay, queue, deliver):
    for _ in range(5):
        queue()

    assert [deliver(limit=3).total, deliver(limit=3).total, deliver(limit=3).total] == [3, 2, 0]


def test_nothing_due_calls_no_server(relay, deliver):
    assert deliver().total == 0
    assert relay.connections == 0


def test_codes_go_before_the_rest(relay, queue, deliver):
    for _ in range(3):
        queue()
    queue(to="waiting@clinic.example", is_secret=True)

    deliver(limit=1)

    assert [received.recipient for received in relay.accepted] == ["waiting@clinic.example"]


@pytest.mark.parametrize(("plan", "status"), [((), "sent"), (("550 no",), "failed")])
def test_secret_text_is_erased_once_settled(relay, queue, deliver, plan, status):
    relay.plan("rcpt", plan)
    mail = queue(body_text="Your code is 12345678.", body_html="<p>12345678</p>", is_secret=True)

    deliver()

    mail.refresh_from_db()
    assert (mail.status, mail.body_text, mail.body_html) == (status, "", "")


def test_secret_text_is_kept_while_the_mail_is_tried_again(relay, queue, deliver):
    relay.plan("rcpt", ["450 later"])
    queue(body_text="Your code is 12345678.", is_secret=True)
    deliver()

    deliver(later=timedelta(seconds=16))

    assert "12345678" in relay.accepted[0].message.get_content()


def test_secret_that_stays_ambiguous_is_erased(relay, queue, deliver):
    relay.plan("end", [DROP, DROP])
    mail = queue(body_text="Your code is 12345678.", is_secret=True)
    deliver()
    deliver(later=timedelta(minutes=6))

    mail.refresh_from_db()
    assert (mail.status, mail.body_text) == ("ambiguous", "")


def test_secret_is_given_up_after_an_hour_without_a_server(mail_settings, queue, deliver):
    mail = queue(body_text="Your code is 12345678.", is_secret=True)
    other = queue()
    deliver()
    deliver(later=timedelta(minutes=59))
    mail.refresh_from_db()
    assert mail.status == "retry"

    deliver(later=timedelta(minutes=61))

    mail.refresh_from_db()
    other.refresh_from_db()
    assert (mail.status, mail.body_text, other.status) == ("failed", "", "retry")


def test_logs_hold_neither_address_nor_text(relay, queue, deliver, caplog):
    relay.plan("rcpt", ["550 <marie@clinic.example> is unknown"])
    queue(to="marie@clinic.example", body_text="Your code is 12345678.", is_secret=True)
    deliver()

    # The test's own mail server logs what it hears; that is not the portal.
    lines = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("outbox"))
    assert "is failed after 1 tries" in lines
    assert "marie" not in lines
    assert "12345678" not in lines


def test_dead_mail_has_eight_new_tries_after_a_persons_decision(relay, queue, deliver, django_user_model):
    relay.plan("rcpt", repeat("451 no", 8))
    mail = queue()
    now = timezone.now()
    for _round in range(8):
        deliver(now=now)
        mail.refresh_from_db()
        now = mail.next_attempt_at + timedelta(seconds=1)
    assert mail.status == "failed"
    person = django_user_model.objects.create_user(email="coordinator@hub.example")
    resend(mail_id=mail.pk, by=person)

    deliver(now=timezone.now())

    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == ("sent", 1)
    assert [attempt.number for attempt in mail.tries.all()] == list(range(1, 10))
