import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection

from core.errors import BadInputError
from outbox.models import OutgoingMail

pytestmark = pytest.mark.django_db


@pytest.fixture
def backend():
    return get_connection("outbox.backend.QueueingBackend")


def test_portal_sends_by_queueing():
    from echo_portal import settings

    assert settings.EMAIL_BACKEND == "outbox.backend.QueueingBackend"


def test_message_is_queued_for_each_recipient_and_not_sent(relay, backend):
    message = EmailMessage(
        "Hello\n", "Text", to=["a@clinic.example", "b@clinic.example"], bcc=["c@clinic.example"]
    )

    assert backend.send_messages([message]) == 1

    assert sorted(OutgoingMail.objects.values_list("recipient", "subject", "body_text")) == [
        ("a@clinic.example", "Hello", "Text"),
        ("b@clinic.example", "Hello", "Text"),
        ("c@clinic.example", "Hello", "Text"),
    ]
    assert relay.connections == 0


def test_queued_message_arrives_with_its_parts(relay, backend, deliver):
    message = EmailMultiAlternatives("Hello", "Text", to=["a@clinic.example"])
    message.attach_alternative("<p>Text</p>", "text/html")
    message.attach("a.bin", b"\x00\x01", "application/octet-stream")
    message.attach("b.csv", "a,b\n", "text/csv")
    backend.send_messages([message])

    deliver()

    (received,) = relay.accepted
    body = received.message.get_body(("html",))
    assert body is not None
    assert body.get_content().strip() == "<p>Text</p>"
    assert [part.get_filename() for part in received.message.iter_attachments()] == ["a.bin", "b.csv"]


def test_html_alone_gets_a_plain_text(backend):
    message = EmailMessage("Hello", "<p>Text</p>", to=["a@clinic.example"])
    message.content_subtype = "html"

    backend.send_messages([message])

    mail = OutgoingMail.objects.get()
    assert (mail.body_text, mail.body_html) == ("Text", "<p>Text</p>")


def test_text_is_erased_once_sent_for_it_may_hold_a_token(relay, backend, deliver):
    backend.send_messages(
        [EmailMessage("Hello", "https://portal.example/reset/abc", to=["a@clinic.example"])]
    )

    deliver()

    mail = OutgoingMail.objects.get()
    assert (mail.status, mail.body_text) == ("sent", "")


def test_message_for_nobody_is_none(backend):
    assert backend.send_messages([EmailMessage("Hello", "Text", to=[])]) == 0


def test_line_break_in_an_address_is_refused(backend):
    with pytest.raises(BadInputError):
        backend.send_messages([EmailMessage("Hello", "Text", to=["a@clinic.example\nBcc: b@clinic.example"])])
