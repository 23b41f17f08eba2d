"""Verifying a certificate by its file: looked up by its hash, never stored; and no guessing."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.models import StoredFile
from credits import verification_views
from credits.models import Certificate
from tests.factories import make_accreditation, make_certificate, make_cycle, make_document, make_enrolment

pytestmark = pytest.mark.django_db

URL = "/verify/file/"
CONTENT = b"%PDF-1.7 a certificate as it was issued"


@pytest.fixture
def certificate(family_physician) -> Certificate:
    enrolment = make_enrolment(make_cycle(), family_physician)
    return make_certificate(
        enrolment, make_accreditation(enrolment.cycle.program), document=make_document(CONTENT)
    )


def send(client: Client, content: bytes):
    return client.post(URL, {"document": SimpleUploadedFile("any name.pdf", content)})


def test_file_as_issued_leads_to_its_verification(client, certificate):
    response = send(client, CONTENT)

    assert response.status_code == 302
    assert response["Location"] == reverse("credits:certificate-verify", args=[certificate.token])


@pytest.mark.parametrize("content", [CONTENT + b" ", CONTENT[:-1], b"%PDF-1.7 something else", b"\x00"])
def test_file_that_differs_in_a_byte_is_not_known(client, certificate, content):
    response = send(client, content)

    assert response.status_code == 422
    assert "not, byte for byte, a document" in response.content.decode()
    assert response.content.decode().count("<title>Error:") == 1
    assert certificate.token not in response.content.decode()


def test_nothing_of_the_file_is_kept(client, certificate, monkeypatch, tmp_path):
    before = StoredFile.objects.count()
    written: list[str] = []
    monkeypatch.setattr("tempfile.NamedTemporaryFile", lambda *a, **k: written.append("file"))

    # Larger than what Django would hold in memory.
    response = send(client, CONTENT + bytes(4 * 1024 * 1024))

    assert response.status_code == 422
    assert written == []
    assert StoredFile.objects.count() == before


def test_file_that_was_revoked_says_so(client, family_physician):
    enrolment = make_enrolment(make_cycle(), family_physician)
    make_certificate(
        enrolment,
        make_accreditation(enrolment.cycle.program),
        status=Certificate.Status.REVOKED,
        document=make_document(CONTENT),
    )

    page = client.post(URL, {"document": SimpleUploadedFile("x.pdf", CONTENT)}, follow=True)

    assert "was revoked on" in page.content.decode()


def test_other_stored_files_are_no_certificates(client, certificate):
    content = b"%PDF-1.7 somebody's attendance report"
    make_document(content)

    assert send(client, content).status_code == 422


@pytest.mark.parametrize("content", [b""])
def test_empty_file_is_refused(client, content):
    response = send(client, content)

    assert response.status_code == 422
    assert "This file is empty" in response.content.decode()


def test_no_file_is_refused_in_words(client):
    response = client.post(URL)

    assert response.status_code == 422
    assert "Choose the PDF of the certificate" in response.content.decode()


def test_file_larger_than_any_certificate_is_not_read_to_its_end(client, monkeypatch):
    monkeypatch.setattr(verification_views, "LARGEST_FILE", 100_000)

    response = send(client, bytes(400_000))

    assert response.status_code == 422


def test_upload_needs_the_forms_token(certificate):
    strict = Client(enforce_csrf_checks=True)

    response = strict.post(URL, {"document": BytesIO(CONTENT)})

    assert response.status_code == 403


# --- no guessing ----------------------------------------------------------------------------------------------------


def test_codes_that_lead_nowhere_are_limited_and_those_that_do_are_not_counted(client, certificate):
    for _turn in range(40):
        assert client.get(f"/verify/{certificate.token}/").status_code == 200
    for number in range(30):
        assert client.get(f"/verify/{number:026d}/").status_code == 404

    assert client.get(f"/verify/{99:026d}/").status_code == 429
    assert send(client, b"another").status_code == 429
    # Who has the paper is answered all the same.
    assert client.get(f"/verify/{certificate.token}/").status_code == 200
    assert send(client, CONTENT).status_code == 302


def test_limit_cannot_be_passed_by_claiming_another_address(client):
    for number in range(30):
        client.get(f"/verify/{number:026d}/", headers={"x-forwarded-for": f"203.0.113.{number}"})

    response = client.get(f"/verify/{99:026d}/", headers={"x-forwarded-for": "198.51.100.7"})

    assert response.status_code == 429
