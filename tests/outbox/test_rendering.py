"""What arrives is what was meant, byte for byte, whatever letters it is in."""

import shutil
import ssl
import subprocess
from email.utils import parsedate_to_datetime

import pytest
from django.utils import timezone

from core.models import store_file
from tests.outbox.relay import ScriptedRelay

pytestmark = pytest.mark.django_db

NAMES = [
    "Siobhán O'Brien",
    "Zoë Čapková",
    "Nguyễn Thị Ánh",
    "Ольга Петрова",
    "Ελένη",
    "محمد",
    "李小龙",
    "ᐊᓂᔑᓈᐯ",
    "👩🏽‍⚕️",
]


def test_headers_say_what_they_must(relay, queue, deliver):
    mail = queue(language="fr", body_html="<p>Jeudi</p>")

    deliver()

    message = relay.accepted[0].message
    assert message["Message-ID"] == mail.message_id
    assert message["From"] == "ECHO Portal <portal@echo.example>"
    assert message["To"] == mail.recipient
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Content-Language"] == "fr"
    assert abs((parsedate_to_datetime(message["Date"]) - timezone.now()).total_seconds()) < 60
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_any_letters_arrive_in_subject_text_and_file_name(relay, queue, deliver, name):
    file = store_file(f"%PDF {name}".encode(), content_type="application/pdf")
    queue(
        subject=f"For {name}",
        body_text=f"Dear {name}\n" + f"{name} " * 300 + "\n",
        body_html=f"<p>{name}</p>",
        attachments=[(file, f"{name}.pdf")],
    )

    deliver()

    (received,) = relay.accepted
    message = received.message
    text = message.get_body(("plain",))
    page = message.get_body(("html",))
    (attachment,) = message.iter_attachments()
    assert text is not None
    assert page is not None
    assert message["Subject"] == f"For {name}"
    assert text.get_content().startswith(f"Dear {name}\n")
    assert page.get_content().strip() == f"<p>{name}</p>"
    assert attachment.get_filename() == f"{name}.pdf"
    assert attachment.get_content() == f"%PDF {name}".encode()
    # ASCII alone, in lines of a legal length: it passes servers that know nothing else.
    assert received.content.isascii()
    assert max(len(line) for line in received.content.split(b"\r\n")) <= 998


def test_attachments_arrive_byte_for_byte(relay, queue, deliver):
    content = bytes(range(256)) * 400 + b"\r\n.\r\nQUIT\r\n"
    file = store_file(content, content_type="application/pdf")
    queue(attachments=[(file, "one.pdf"), (file, "two.pdf")])

    deliver()

    attachments = list(relay.accepted[0].message.iter_attachments())
    assert [attachment.get_content() for attachment in attachments] == [content, content]
    assert [attachment.get_filename() for attachment in attachments] == ["one.pdf", "two.pdf"]


def test_international_domain_is_sent_as_ascii(relay, queue, deliver):
    queue(to="ana@clinique-québec.example")

    deliver()

    assert relay.accepted[0].recipient == "ana@xn--clinique-qubec-lkb.example"


def test_international_address_is_sent_to_a_server_that_takes_it(relay, queue, deliver):
    queue(to="hélène@clinique-québec.example", subject="Reçu", body_text="Bonjour Hélène\n")

    assert deliver().sent == 1

    (received,) = relay.accepted
    assert received.recipient == "hélène@xn--clinique-qubec-lkb.example"
    assert "To: hélène@xn--clinique-qubec-lkb.example".encode() in received.content
    assert received.message["Subject"] == "Reçu"
    assert received.message.get_content() == "Bonjour Hélène\n"


def test_international_address_fails_clearly_where_the_server_does_not_take_it(mail_settings, queue, deliver):
    server = ScriptedRelay(enable_SMTPUTF8=False).start()
    mail_settings.SMTP_PORT = server.port
    mail, other = queue(to="hélène@clinic.example"), queue()
    try:
        delivered = deliver()
    finally:
        server.stop()

    mail.refresh_from_db()
    other.refresh_from_db()
    assert (delivered.failed, delivered.sent) == (1, 1)
    assert "SMTPUTF8" in mail.last_error
    assert other.status == "sent"


def test_sender_with_an_accent_is_written_so_that_all_read_it(relay, mail_settings, queue, deliver):
    mail_settings.DEFAULT_FROM_EMAIL = "Équipe ECHO <portail@echo.example>"
    queue()

    deliver()

    assert relay.accepted[0].message["From"].addresses[0].display_name == "Équipe ECHO"


def test_big_message_tells_its_size_first(mail_settings, queue, deliver):
    server = ScriptedRelay(data_size_limit=10_000).start()
    mail_settings.SMTP_PORT = server.port
    mail = queue(body_text="x" * 20_000)
    try:
        deliver()
    finally:
        server.stop()

    mail.refresh_from_db()
    assert (mail.status, mail.smtp_reply[:11]) == ("failed", "sender: 552")
    assert "data" not in server.log


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the server's certificate")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return folder


@pytest.fixture
def tls_relay(mail_settings, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    server = ScriptedRelay(tls_context=context, require_starttls=True).start()
    mail_settings.SMTP_PORT = server.port
    mail_settings.SMTP_SECURITY = "starttls"
    yield server
    server.stop()


@pytest.fixture
def _trusted(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "certificate.pem"))


@pytest.mark.usefixtures("_trusted")
def test_mail_goes_over_a_safe_channel(tls_relay, queue, deliver):
    queue()

    # This server takes no mail before STARTTLS.
    assert deliver().sent == 1


@pytest.mark.usefixtures("_trusted")
def test_log_in_waits_for_the_safe_channel(tls_relay, mail_settings, queue, deliver):
    mail_settings.SMTP_USER, mail_settings.SMTP_PASSWORD = "portal", "secret"
    queue()

    assert deliver().sent == 1
    assert tls_relay.log[:4] == ["greeting", "ehlo", "ehlo", "auth"]


def test_server_whose_certificate_nobody_vouches_for_gets_nothing(tls_relay, queue, deliver):
    mail = queue()

    deliver()

    mail.refresh_from_db()
    assert (mail.status, mail.attempts) == ("retry", 0)
    assert "CERTIFICATE_VERIFY_FAILED" in mail.last_error
    assert "mail" not in tls_relay.log


def test_server_without_starttls_gets_nothing_in_clear(relay, mail_settings, queue, deliver):
    mail_settings.SMTP_SECURITY = "starttls"
    mail = queue()

    deliver()

    mail.refresh_from_db()
    assert (mail.status, mail.attempts, mail.tries.get().outcome) == ("retry", 0, "unreachable")
    assert relay.accepted == []


@pytest.mark.usefixtures("_trusted")
def test_tls_from_the_first_byte(mail_settings, certificate, queue, deliver):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    server = ScriptedRelay(listen_tls=context).start()
    mail_settings.SMTP_PORT = server.port
    mail_settings.SMTP_SECURITY = "tls"
    queue()
    try:
        assert deliver().sent == 1
    finally:
        server.stop()


@pytest.mark.parametrize("answer", ["535 wrong password", "454 later", "421 busy"])
def test_refused_log_in_is_the_servers_trouble(relay, mail_settings, queue, deliver, answer):
    mail_settings.SMTP_USER, mail_settings.SMTP_PASSWORD = "portal", "not-the-password"
    relay.plan("auth", [answer, answer, answer])
    mail = queue()

    deliver()

    mail.refresh_from_db()
    assert (mail.status, mail.attempts, mail.tries.get().outcome) == ("retry", 0, "unreachable")
    assert "not-the-password" not in mail.last_error
    assert "mail" not in relay.log
