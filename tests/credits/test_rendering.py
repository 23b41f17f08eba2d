"""Certificates as PDF: what they say, and that the same facts give the same bytes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings

from credits import rendering
from credits.facts import CertificateFacts, Language
from credits.rendering import (
    PdfEngineMissingError,
    UnknownTemplateError,
    pdf_engine_missing,
    render_certificate,
)
from tests.credits import pdfs
from tests.credits.certificates import (
    SIGNATURE,
    certificate_facts,
    credited_sessions,
    needs_engine,
    render,
    specialist_facts,
)


@pytest.fixture(scope="module")
def physician_pdf() -> bytes:
    return render(certificate_facts())


@needs_engine
def test_certificate_carries_what_the_rule_asks(physician_pdf: bytes) -> None:
    first, second = pdfs.page_texts(physician_pdf)

    for words in (
        "Certificate of participation",
        "ECHO Ontario Chronic Pain & Opioid Stewardship",
        "University Health Network, Toronto",
        "Queen’s University, Kingston",
        "Aïsha Lefebvre-O’Connor",
        "attended 20 sessions (30 hours) of Chronic Pain and Opioid Stewardship Rounds",
        "earned 60 Mainpro+ credits.",
        "Fall 2025 · September 11, 2025 to February 26, 2026 · web conference",
        "College of Family Physicians of Canada",
        "This Group Learning program has been certified by the College.",
        "Dr. Ada Okonkwo",
        "Accountable physician",
        "ECHO-2026-000123",
        "March 12, 2026",
        "portal.example.ca/verify/",
        "Page 1 of 2",
    ):
        assert words in first
    for words in (
        "Aïsha Lefebvre-O’Connor",
        "Date Title Session ID Hours",
        "September 11, 2025 Weekly topic 1: assessing pain CERT-301234-001 1.5 h",
        "January 22, 2026 Weekly topic 20: assessing pain CERT-301234-020 1.5 h",
        "Total 30.0 h",
        "Maximum claimable 160 Mainpro+ credits",
        "ECHO-2026-000123",
        "Page 2 of 2",
    ):
        assert words in second
    assert "replaces" not in first


@needs_engine
def test_certificate_links_to_its_verification_page(physician_pdf: bytes) -> None:
    assert set(pdfs.links(physician_pdf)) == {"https://portal.example.ca/verify/Jv2K8s0QmX4uT7yWc1RbNz/"}
    assert "Jv2K8s0QmX4uT7yWc1RbNz/" in pdfs.page_texts(physician_pdf)[0]


@needs_engine
def test_physician_certificate_grants_one_credit_line(physician_pdf: bytes) -> None:
    assert pdfs.text(physician_pdf).count("60 Mainpro+ credits") == 2  # earned, and the tail of "160 …"
    assert pdfs.text(physician_pdf).count(" 60 Mainpro+ credits") == 1


@needs_engine
def test_specialist_certificate_shows_hours_never_credits() -> None:
    words = pdfs.text(render(specialist_facts()))

    assert "earned 30 hours of Section 3 (MOC)." in words
    assert "Maximum claimable 80 hours of Section 3 (MOC)" in words
    assert "credits" not in words
    assert "90" not in words


@needs_engine
@pytest.mark.parametrize("language", ["en", "fr"])
def test_facts_travel_inside_the_document(language: Language) -> None:
    facts = certificate_facts(language=language, participant_name="Zoë “Zed” Łukasz 李")
    document = pdfs.reader(render(facts))
    (specification,) = (file.get_object() for file in document.trailer["/Root"]["/AF"])  # type: ignore[index]
    stream = specification["/EF"]["/F"].get_object()

    assert list(document.attachments) == ["certificate.json"]
    assert CertificateFacts.from_json(json.loads(document.attachments["certificate.json"][0])) == facts
    assert (specification["/AFRelationship"], specification["/UF"]) == ("/Data", "certificate.json")
    assert specification["/Desc"]
    assert stream["/Subtype"] == "/application/json"
    assert stream["/Params"]["/Size"] == len(stream.get_data())
    assert stream["/Params"]["/ModDate"] == "D:20260312000000Z"


@needs_engine
def test_superseding_certificate_names_the_replaced_number() -> None:
    words = pdfs.page_texts(render(certificate_facts(supersedes="ECHO-2026-000101")))[0]

    assert "This document replaces number ECHO-2026-000101." in words


@needs_engine
def test_certificate_avoids_a_forbidden_word() -> None:
    words = pdfs.text(render(certificate_facts(document_title="Record of attendance")))

    assert "certificate" not in words.lower()


@needs_engine
def test_certificate_in_french_has_french_dates_and_figures() -> None:
    facts = specialist_facts(
        language="fr", sessions=credited_sessions(3), total_hours=Decimal("4.5"), amount=Decimal("4.5")
    )
    pdf = render(facts)
    words = pdfs.text(pdf)

    assert "12 mars 2026" in words
    assert "11 septembre 2025" in words
    assert "1,5 h" in words
    assert "4,5" in words
    assert "1.5" not in words
    assert pdfs.reader(pdf).trailer["/Root"]["/Lang"] == "fr"  # type: ignore[index]


@needs_engine
def test_certificate_metadata_comes_from_the_facts(physician_pdf: bytes) -> None:
    document = pdfs.reader(physician_pdf)

    assert document.metadata is not None
    assert document.metadata.title == "Certificate of participation ECHO-2026-000123"
    assert document.metadata.author == "ECHO Ontario Chronic Pain & Opioid Stewardship"
    assert str(document.metadata["/CreationDate"]) == "D:20260312"
    assert document.trailer["/Root"]["/Lang"] == "en"  # type: ignore[index]


@needs_engine
def test_same_facts_give_the_same_bytes(physician_pdf: bytes) -> None:
    assert render(certificate_facts()) == physician_pdf
    assert render(certificate_facts(number="ECHO-2026-000124")) != physician_pdf


@needs_engine
def test_another_process_gives_the_same_bytes(physician_pdf: bytes) -> None:
    script = (
        "import hashlib, json, sys, django; django.setup()\n"
        "from credits.facts import CertificateFacts\n"
        "from credits.rendering import render_certificate\n"
        "facts = CertificateFacts.from_json(json.load(sys.stdin))\n"
        "from tests.credits.certificates import SIGNATURE\n"
        "print(hashlib.sha256(render_certificate(facts, signature_png=SIGNATURE)).hexdigest())"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(certificate_facts().to_json()),
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )

    assert answer.stdout.strip() == hashlib.sha256(physician_pdf).hexdigest()


@needs_engine
def test_threads_give_the_same_bytes(physician_pdf: bytes) -> None:
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(render, [certificate_facts()] * 4))

    assert set(drawn) == {physician_pdf}


FORK_AND_RENDER = """
import hashlib, multiprocessing, django
django.setup()
from tests.credits.certificates import certificate_facts, render

def digest():
    return hashlib.sha256(render(certificate_facts())).hexdigest()

def send(pipe):
    pipe.send(digest())

before = digest()
forking = multiprocessing.get_context("fork")
receiver, sender = forking.Pipe(duplex=False)
worker = forking.Process(target=send, args=(sender,))
worker.start()
print(before, receiver.recv())
worker.join(30)
raise SystemExit(worker.exitcode)
"""


@needs_engine
def test_forked_worker_gives_the_same_bytes(physician_pdf: bytes) -> None:
    # As Celery's pool does it, from a process without threads: one that is forked beside a browser's and a server's
    # may inherit a lock that nobody opens any more.
    done = subprocess.run(
        [sys.executable, "-c", FORK_AND_RENDER],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )

    assert set(done.stdout.split()) == {hashlib.sha256(physician_pdf).hexdigest()}


@needs_engine
def test_engine_present_says_nothing() -> None:
    assert pdf_engine_missing() is None


@pytest.fixture
def asked_anew() -> Iterator[None]:
    """The answer is kept for a process: this test wants its own, and leaves none."""
    pdf_engine_missing.cache_clear()
    yield
    pdf_engine_missing.cache_clear()


def test_missing_engine_says_what_to_install(asked_anew: None, monkeypatch: pytest.MonkeyPatch) -> None:
    # None in sys.modules makes the import fail, as the missing library does.
    monkeypatch.setitem(sys.modules, "weasyprint", None)

    message = pdf_engine_missing()

    assert message is not None
    assert "libpango-1.0-0" in message
    with pytest.raises(PdfEngineMissingError, match="libpango"):
        render_certificate(certificate_facts(), signature_png=SIGNATURE)


def test_rendering_is_imported_without_weasyprint() -> None:
    script = "import sys, credits.rendering; sys.exit('weasyprint' in sys.modules)"

    assert (
        subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[2], check=False).returncode
        == 0
    )


@needs_engine
def test_current_template_version_renders() -> None:
    assert render(certificate_facts(count=1, template_version=rendering.TEMPLATE_VERSION)).startswith(
        b"%PDF-1.7"
    )


@needs_engine
def test_unknown_template_version_is_refused() -> None:
    with pytest.raises(UnknownTemplateError, match="version 99"):
        render(replace(certificate_facts(), template_version="99"))
