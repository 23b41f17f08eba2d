import smtplib
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from echo_portal.embedded.catcher import MailCatcher


def test_catcher_keeps_a_message_with_its_envelope(tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"] = "Votre attestation, Zoë"
    message["To"] = "Zoë <zoe@example.ca>"
    message.set_content("Bonjour ‒ ᐃᓄᒃᑎᑐᑦ\n")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="attestation.pdf")

    with MailCatcher(tmp_path / "mail") as catcher, smtplib.SMTP("127.0.0.1", catcher.port) as client:
        client.send_message(
            message, from_addr="portal@example.ca", to_addrs=["zoe@example.ca", "copy@example.ca"]
        )
        [file] = catcher.files()

    kept = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert kept["X-Envelope-From"] == "portal@example.ca"
    assert kept.get_all("X-Envelope-To") == ["zoe@example.ca", "copy@example.ca"]
    assert kept["Subject"] == "Votre attestation, Zoë"
    [attachment] = kept.iter_attachments()
    assert attachment.get_content() == b"%PDF-1.7"
    assert list((tmp_path / "mail").iterdir()) == [file]


def test_catcher_lists_messages_in_the_order_they_came(tmp_path: Path) -> None:
    with MailCatcher(tmp_path) as catcher:
        for number in range(5):
            with smtplib.SMTP("127.0.0.1", catcher.port) as client:
                client.sendmail("a@example.ca", ["b@example.ca"], f"Subject: {number}\r\n\r\n")
        subjects = [message_from_bytes(file.read_bytes())["Subject"] for file in catcher.files()]

    assert subjects == ["0", "1", "2", "3", "4"]
