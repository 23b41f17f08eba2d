from uuid import uuid4

import pghistory.models
import pytest
from django.utils import timezone

from core.errors import BadInputError, MoveRefusedError
from outbox.models import OutgoingMail
from outbox.services import confirm_arrival, resend
from outbox.states import MailStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(django_user_model):
    return django_user_model.objects.create_user(email="coordinator@hub.example")


def put(mail, status):
    """The mail in `status`, by the moves that lead there."""
    rows = OutgoingMail.objects.filter(pk=mail.pk)
    if status != "queued":
        rows.update(status="sending", lease_token=uuid4(), leased_until=timezone.now())
    if status == "bounced":
        rows.update(status="sent", lease_token=None, leased_until=None, sent_at=timezone.now())
    if status not in {"queued", "sending"}:
        rows.update(
            status=status,
            lease_token=None,
            leased_until=None,
            attempts=8,
            ambiguous_tries=1,
            last_error="550 unknown",
            sent_at=timezone.now() if status in {"sent", "bounced"} else None,
            bounced_at=timezone.now() if status == "bounced" else None,
        )
    mail.refresh_from_db()
    return mail


@pytest.mark.parametrize("status", list(MailStatus))
def test_only_failed_ambiguous_and_returned_mails_are_sent_again(queue, coordinator, status):
    mail = put(queue(), status)

    if status in {"failed", "ambiguous", "bounced"}:
        assert resend(mail_id=mail.pk, by=coordinator).status == "queued"
    else:
        with pytest.raises(MoveRefusedError, match="can be sent again"):
            resend(mail_id=mail.pk, by=coordinator)


@pytest.mark.parametrize("status", list(MailStatus))
def test_only_ambiguous_mails_are_marked_as_arrived(queue, coordinator, status):
    mail = put(queue(), status)

    if status == "ambiguous":
        assert confirm_arrival(mail_id=mail.pk, by=coordinator).sent_at is not None
    else:
        with pytest.raises(MoveRefusedError):
            confirm_arrival(mail_id=mail.pk, by=coordinator)


def test_mail_sent_again_has_all_its_tries_and_the_same_message_id(queue, coordinator):
    mail = put(queue(), "failed")

    resend(mail_id=mail.pk, by=coordinator)

    after = OutgoingMail.objects.get(pk=mail.pk)
    assert (after.attempts, after.ambiguous_tries, after.last_error) == (0, 0, "")
    assert after.next_attempt_at <= timezone.now()
    assert after.message_id == mail.message_id


def test_decision_is_recorded_with_who_and_what_it_was_before(queue, coordinator):
    mail = put(queue(to="wrong@clinic.example"), "failed")

    resend(mail_id=mail.pk, by=coordinator, to="right@clinic.example")

    event = pghistory.models.Events.objects.tracks(mail).get()
    assert event.pgh_context["verb"] == "mail.resend"
    assert event.pgh_context["user"] == coordinator.pk
    assert event.pgh_data["recipient"] == "wrong@clinic.example"
    assert event.pgh_data["status"] == "failed"
    assert OutgoingMail.objects.get(pk=mail.pk).recipient == "right@clinic.example"


def test_mail_is_sent_again_once(queue, coordinator):
    mail = put(queue(), "failed")
    resend(mail_id=mail.pk, by=coordinator)

    with pytest.raises(MoveRefusedError):
        resend(mail_id=mail.pk, by=coordinator)


def test_bad_address_changes_nothing(queue, coordinator):
    mail = put(queue(), "failed")

    with pytest.raises(BadInputError):
        resend(mail_id=mail.pk, by=coordinator, to="a@clinic.example\nBcc: b@clinic.example")
    mail.refresh_from_db()
    assert mail.status == "failed"


def test_mail_that_held_a_code_is_not_sent_again_empty(relay, queue, deliver, coordinator):
    relay.plan("rcpt", ["550 unknown"])
    mail = queue(is_secret=True)
    deliver()

    with pytest.raises(MoveRefusedError, match="erased"):
        resend(mail_id=mail.pk, by=coordinator)
