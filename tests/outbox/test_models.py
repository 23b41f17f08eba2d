"""Each constraint is broken once; the database must refuse."""

from uuid import uuid4

import pghistory.models
import pytest
from django.db import DatabaseError, IntegrityError, InternalError, transaction
from django.utils import timezone

from core.models import store_file
from outbox.models import MailAttachment, MailAttempt, OutgoingMail

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def new_mail(**changes):
    values = {
        "key": f"model:{uuid4()}",
        "kind": "test",
        "recipient": "person@clinic.example",
        "subject": "Subject",
        "body_text": "Text",
        "language": "en",
        "message_id": f"<{uuid4().hex}@echo.example>",
    }
    return OutgoingMail.objects.create(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"status": "lost"}, "status_known"),
        ({"status": "sent"}, "sent_has_time"),
        ({"sent_at": NOW}, "sent_has_time"),
        ({"status": "sending"}, "sending_is_leased"),
        ({"lease_token": uuid4(), "leased_until": NOW}, "sending_is_leased"),
        ({"status": "sending", "lease_token": uuid4()}, "sending_is_leased"),
        ({"is_secret": True, "status": "sent", "sent_at": NOW}, "secret_is_erased"),
        ({"is_secret": True, "status": "bounced", "sent_at": NOW, "bounced_at": NOW}, "secret_is_erased"),
        ({"is_secret": True, "status": "failed"}, "secret_is_erased"),
        ({"is_secret": True, "status": "ambiguous"}, "secret_is_erased"),
        ({"is_secret": True, "status": "failed", "body_text": "", "body_html": "x"}, "secret_is_erased"),
        ({"recipient": "a@clinic.example\nBcc: b@clinic.example"}, "recipient_one_line"),
        ({"recipient": "a@clinic.example\rBcc: b@clinic.example"}, "recipient_one_line"),
        ({"recipient": "nobody"}, "recipient_one_line"),
        ({"subject": "A\nBcc: b@clinic.example"}, "subject_one_line"),
        ({"subject": "A\rBcc: b@clinic.example"}, "subject_one_line"),
        ({"subject": ""}, "subject_one_line"),
        ({"message_id": "<a@b>\r\nBcc: c@d"}, "message_id_form"),
        ({"message_id": "a@b"}, "message_id_form"),
        ({"language": "de"}, "language_known"),
    ],
)
def test_mail_that_contradicts_itself_is_refused(changes, constraint):
    with pytest.raises(IntegrityError, match=f"outbox_outgoingmail_{constraint}"), transaction.atomic():
        new_mail(**changes)


@pytest.mark.parametrize("field", ["key", "message_id"])
def test_key_and_message_id_are_unique(field):
    first = new_mail()

    with pytest.raises(IntegrityError), transaction.atomic():
        new_mail(**{field: getattr(first, field)})


def test_database_refuses_moves_that_are_not_listed():
    mail = new_mail(status="sent", sent_at=NOW)

    with pytest.raises(InternalError, match="Invalid transition"), transaction.atomic():
        OutgoingMail.objects.filter(pk=mail.pk).update(status="queued", sent_at=None)


def test_try_numbers_are_unique_and_one_is_open_at_most():
    mail = new_mail()
    MailAttempt.objects.create(mail=mail, number=1, started_at=NOW)

    for number, constraint in ((1, "number_once"), (2, "one_open")):
        finished = {"finished_at": NOW, "outcome": "lost"} if number == 1 else {}
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            MailAttempt.objects.create(mail=mail, number=number, started_at=NOW, **finished)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"finished_at": NOW}, "finished_has_outcome"),
        ({"outcome": "lost"}, "finished_has_outcome"),
        ({"finished_at": NOW, "outcome": "unknown"}, "finished_has_outcome"),
        ({"finished_at": NOW, "outcome": "accepted"}, "transmitted_before_accepted"),
        ({"finished_at": NOW, "outcome": "ambiguous"}, "transmitted_before_accepted"),
    ],
)
def test_try_that_contradicts_itself_is_refused(changes, constraint):
    mail = new_mail()

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        MailAttempt.objects.create(mail=mail, number=1, started_at=NOW, **changes)


@pytest.mark.parametrize("filename", ["a\r\nb.pdf", "../a.pdf", "a\\b.pdf", ""])
def test_file_name_that_is_no_plain_name_is_refused(filename):
    file = store_file(b"%PDF", content_type="application/pdf")

    with pytest.raises(IntegrityError, match="filename_plain"), transaction.atomic():
        MailAttachment.objects.create(mail=new_mail(), file=file, filename=filename)


def test_file_name_stands_once_in_a_mail():
    file, mail = store_file(b"%PDF", content_type="application/pdf"), new_mail()
    MailAttachment.objects.create(mail=mail, file=file, filename="a.pdf")

    with pytest.raises(IntegrityError, match="outbox_mailattachment_name_once"), transaction.atomic():
        MailAttachment.objects.create(mail=mail, file=file, filename="a.pdf")


def test_file_that_goes_with_a_mail_is_kept():
    file = store_file(b"%PDF", content_type="application/pdf")
    MailAttachment.objects.create(mail=new_mail(), file=file, filename="a.pdf")

    with pytest.raises(DatabaseError), transaction.atomic():
        file.delete()


def test_delivery_writes_no_audit_rows_and_a_decision_writes_one():
    mail = new_mail()
    token = uuid4()
    events = pghistory.models.Events.objects.tracks(mail)
    OutgoingMail.objects.filter(pk=mail.pk).update(status="sending", lease_token=token, leased_until=NOW)
    OutgoingMail.objects.filter(pk=mail.pk).update(status="failed", lease_token=None, leased_until=None)
    assert not events.exists()

    # Raw SQL's way round the services is recorded too.
    OutgoingMail.objects.filter(pk=mail.pk).update(recipient="other@clinic.example")

    assert [event.pgh_label for event in events.all()] == ["decision"]
