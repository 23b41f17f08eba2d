from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def folder(tmp_path: Path, settings) -> Path:
    settings.MAIL_CATCHER_DIR = str(tmp_path)
    return tmp_path


def keep(
    folder: Path, name: str, *, subject: str = "Your certificate", text: str = "Attached.", files=()
) -> None:
    message = EmailMessage()
    message["X-Envelope-To"] = "zoe@example.ca"
    message["From"] = "ECHO Portal <portal@echo.example>"
    message["Date"] = "Mon, 23 Nov 2026 12:00:00 -0500"
    message["Subject"] = subject
    message.set_content(text)
    message.add_alternative("<p>Only in the HTML part</p>", subtype="html")
    for filename, content in files:
        message.add_attachment(content, maintype="text", subtype="html", filename=filename)
    (folder / f"{name}.eml").write_bytes(message.as_bytes())


def page(client: Client, path: str = "") -> Any:
    return client.get(f"/dev/mail/{path}")


def test_list_shows_the_newest_message_first(client: Client, folder: Path) -> None:
    keep(folder, "20261123T120000", subject="First")
    keep(folder, "20261124T120000", subject="Second <em>")

    content = page(client).content.decode()

    assert content.index("Second &lt;em&gt;") < content.index("First")
    assert "zoe@example.ca" in content


def test_list_without_messages_says_so(client: Client, folder: Path) -> None:
    assert "No message has been sent yet." in page(client).content.decode()


def test_list_is_paged(client: Client, folder: Path) -> None:
    for number in range(51):
        keep(folder, f"{number:03}", subject=f"Message {number:03}")

    assert "Message 000" not in page(client).content.decode()
    assert "Message 000" in page(client, "?page=2").content.decode()


def test_detail_shows_the_text_escaped_and_never_the_html(client: Client, folder: Path) -> None:
    keep(folder, "one", text="Hello <script>alert(1)</script>\nhttps://portal.example.ca/verify/abc")

    content = page(client, "one/").content.decode()

    assert "Hello &lt;script&gt;alert(1)&lt;/script&gt;" in content
    assert 'href="https://portal.example.ca/verify/abc"' in content
    assert "Only in the HTML part" not in content


def test_source_is_the_message_as_it_was_received(client: Client, folder: Path) -> None:
    keep(folder, "one")

    response = page(client, "one/source/")

    assert response.content == (folder / "one.eml").read_bytes()
    assert response["Content-Disposition"] == 'attachment; filename="one.eml"'


def test_attachment_is_a_download_whatever_it_holds(client: Client, folder: Path) -> None:
    keep(folder, "one", files=[("reçu.html", b"<script>alert(1)</script>")])

    assert "reçu.html" in page(client, "one/").content.decode()
    response = page(client, "one/files/1/")

    assert response.content == b"<script>alert(1)</script>"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''re%C3%A7u.html")
    assert page(client, "one/files/0/").status_code == 404
    assert page(client, "one/files/2/").status_code == 404


@pytest.mark.parametrize("name", ["nothing", "..", "%2e%2e%2fsecret", "..%2Fsecret", "one%00"])
def test_name_outside_the_folder_is_not_found(
    client: Client, folder: Path, tmp_path: Path, name: str
) -> None:
    keep(tmp_path.parent, "secret", text="not to be read")
    keep(folder, "one")

    response = page(client, f"{name}/source/")

    assert response.status_code == 404
    assert b"not to be read" not in response.content


def test_message_that_is_broken_is_still_listed(client: Client, folder: Path) -> None:
    (folder / "broken.eml").write_bytes(b"Date: soon\r\nSubject: =?utf-8?b?\xff\r\n\r\nText")

    assert page(client).status_code == 200
    assert "Text" in page(client, "broken/").content.decode()


def test_page_cannot_be_changed_by_a_post(client: Client, folder: Path) -> None:
    assert client.post("/dev/mail/").status_code == 405
