"""`run_demo_cycle` as somebody runs it: a process of its own, real worker, real SMTP; and what it refuses."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import signal
import subprocess
import sys
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2  # type: ignore[import-untyped]
import pypdf
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from credits.rendering import pdf_engine_missing
from echo_portal.demo.cycle_run import CycleRun
from echo_portal.demo.evidence import Caught, Issued, find_problems, read_mail
from echo_portal.management.commands import run_demo_cycle as command

needs_pango = pytest.mark.skipif(bool(pdf_engine_missing()), reason="no Pango")


def start(out: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "run_demo_cycle", "--out", str(out), *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.quick_settings", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def on_the_server(statement: str, *values: str) -> list[tuple[object, ...]]:
    """Run a statement where the command makes its database: on the server that DATABASE_URL names."""
    server = psycopg2.connect(os.environ["DATABASE_URL"])
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []
    finally:
        server.close()


def is_there(said: str) -> bool:
    """Whether the database of the run that `said` this exists."""
    (name,) = re.findall(r"echo_demo_\w+", said)[:1]
    return bool(on_the_server("SELECT 1 FROM pg_database WHERE datname = %s", name))


def processes_of(out: Path) -> list[str]:
    """The command lines of living processes that write into `out`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if any(str(one.readlink()).startswith(str(out)) for one in (folder / "fd").iterdir()):
                found.append((folder / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


# --- the whole way ----------------------------------------------------------------------------------------------
@needs_pango
def test_cycle_of_six_ends_with_every_certificate_mailed(tmp_path):
    process = start(tmp_path / "run", "--participants", "6", "--seed", "3")
    said, _none = process.communicate(timeout=150)
    assert process.returncode == 0, said

    table = dict(re.findall(r"^(\S.*?) {2,}(\d+)$", said, flags=re.MULTILINE))
    assert table["Applied"] == "6"
    issued = int(table["Certificates issued"])
    assert issued == int(table["Eligible"]) == int(table["Certificates mailed"]) >= 1
    assert re.search(r"^  on the waiting list +1$", said, flags=re.MULTILINE)
    assert re.search(r"^  post-survey missing +[1-9]", said, flags=re.MULTILINE)
    assert "[12/12]" in said
    assert "Nothing is missing." in said

    pdfs = sorted((tmp_path / "run" / "certificates").glob("*.pdf"))
    mails = [read_mail(path) for path in (tmp_path / "run" / "mail").glob("*.eml")]
    assert len(pdfs) == issued
    # Each was told that the application is in and how it was decided; and one mail for each certificate.
    assert len(mails) == 6 + 6 + issued
    assert {hashlib.sha256(pdf.read_bytes()).hexdigest() for pdf in pdfs} == {
        digest for mail in mails for _name, digest in mail.attachments
    }
    text = "".join(page.extract_text() for page in pypdf.PdfReader(pdfs[0]).pages)
    assert pdfs[0].stem in text
    assert "Achterberg-Hay" in text

    assert not is_there(said)
    assert processes_of(tmp_path) == []


@pytest.mark.faults
@needs_pango
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_run_that_is_ended_leaves_nothing_behind(tmp_path, number, code):
    process = start(tmp_path / "run", "--participants", "60")
    assert process.stdout is not None
    said = ""
    while "[ 2/12]" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    assert is_there(said)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == code
    assert not is_there(said)
    assert processes_of(tmp_path) == []


@needs_pango
def test_database_user_that_may_not_create_databases_is_told_so(tmp_path):
    role = f"plain_{secrets.token_hex(4)}"
    on_the_server(f"CREATE ROLE {role} LOGIN PASSWORD 'plain'")
    try:
        url = urlsplit(os.environ["DATABASE_URL"])
        netloc = f"{role}:plain@{url.netloc.rpartition('@')[2]}"
        process = start(tmp_path / "run", DATABASE_URL=urlunsplit(url._replace(netloc=netloc)))
        said, _none = process.communicate(timeout=60)
    finally:
        on_the_server(f"DROP ROLE {role}")
    assert process.returncode == 1
    assert "CommandError: The run needs a database of its own" in said
    assert "permission denied" in said
    assert "Traceback" not in said


# --- what is refused before anything is started -----------------------------------------------------------------
def test_folder_with_something_in_it_is_refused(tmp_path):
    (tmp_path / "old.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(CommandError, match="not an empty folder"):
        call_command("run_demo_cycle", "--out", str(tmp_path))
    with pytest.raises(CommandError, match="not an empty folder"):
        call_command("run_demo_cycle", "--out", str(tmp_path / "old.pdf"))


@pytest.mark.parametrize("count", [-1, 0, 5001])
def test_number_of_participants_out_of_range_is_refused(tmp_path, count):
    with pytest.raises(CommandError, match="1 to 5000"):
        call_command("run_demo_cycle", f"--participants={count}", "--out", str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_machine_without_pango_is_told_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(
        command, "pdf_engine_missing", lambda: "Certificates cannot be drawn: install libpango."
    )
    with pytest.raises(CommandError, match="install libpango"):
        call_command("run_demo_cycle", "--out", str(tmp_path / "run"))
    assert not (tmp_path / "run").exists()


def test_run_never_touches_the_portals_own_database(tmp_path):
    with pytest.raises(CommandError, match="Leave out --inside"):
        call_command("run_demo_cycle", "--inside", "--out", str(tmp_path))


# --- what makes it fail -----------------------------------------------------------------------------------------
def test_anything_missing_makes_the_run_fail(tmp_path, monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "NAME", "echo_demo_x")
    monkeypatch.setattr(
        CycleRun, "run", lambda run: run.problems.append("ECHO-2026-000001: 0 mails carry it.")
    )
    with pytest.raises(CommandError, match="1 things are wrong:\nECHO-2026-000001: 0 mails"):
        call_command("run_demo_cycle", "--inside", "--participants=2", "--out", str(tmp_path))


PDF = b"%PDF-1.7 certificate"
DIGEST = hashlib.sha256(PDF).hexdigest()
ISSUED = Issued(number="ECHO-2026-000001", recipient="a@example.org", sha256=DIGEST, pdf=PDF)
MAIL = Caught(recipient="a@example.org", attachments=(("ECHO-2026-000001.pdf", DIGEST),))
LETTER = Caught(recipient="a@example.org", attachments=())


def problems(**changes: object) -> list[str]:
    evidence = {
        "eligible": ["a@example.org"],
        "letters": ["a@example.org"],
        "issued": [ISSUED],
        "caught": [LETTER, MAIL],
    }
    return find_problems(**(evidence | changes))  # type: ignore[arg-type]


def test_evidence_in_order_has_no_problems():
    assert problems() == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"issued": []}, "a@example.org: the certificate is missing."),
        ({"eligible": []}, "a@example.org: the certificate came 1 time(s) too often."),
        ({"caught": [MAIL]}, "a@example.org: a letter about the application is missing."),
        (
            {"caught": [LETTER, LETTER, MAIL]},
            "a@example.org: a letter about the application came 1 time(s) too often.",
        ),
        ({"caught": [LETTER]}, "ECHO-2026-000001: 0 mails carry it; there must be one."),
        ({"caught": [LETTER, MAIL, MAIL]}, "ECHO-2026-000001: 2 mails carry it; there must be one."),
        (
            {"caught": [LETTER, replace(MAIL, recipient="b@example.org")]},
            "ECHO-2026-000001: mailed to b@example.org, not to a@example.org.",
        ),
        (
            {"caught": [LETTER, replace(MAIL, attachments=(("ECHO-2026-000001.pdf", "0" * 64),))]},
            "ECHO-2026-000001: the attachment is not the PDF whose SHA-256 the row has.",
        ),
        (
            {"issued": [replace(ISSUED, pdf=PDF + b" altered")]},
            "ECHO-2026-000001: the stored PDF is not the one whose SHA-256 the row has.",
        ),
        (
            {"caught": [LETTER, MAIL, replace(MAIL, attachments=(("ECHO-2026-000009.pdf", DIGEST),))]},
            "A mail carries ECHO-2026-000009.pdf, which no certificate is.",
        ),
    ],
)
def test_evidence_out_of_order_is_named(changes, sentence):
    assert sentence in problems(**changes)


def test_a_kept_mail_is_read_with_the_hash_of_its_attachment(tmp_path):
    message = EmailMessage()
    message["To"] = "somebody else"
    message["X-Envelope-To"] = "a@example.org"
    message.set_content("Votre certificat est prêt.")
    message.add_attachment(PDF, maintype="application", subtype="pdf", filename="ECHO-2026-000001.pdf")
    path = tmp_path / "1.eml"
    path.write_bytes(message.as_bytes())
    assert read_mail(path) == MAIL
