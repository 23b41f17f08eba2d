"""The public page that a college's auditor checks a certificate on (rule 16)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from credits.models import Certificate
from sessions_app.models import Enrolment
from tests.clock import toronto
from tests.credits.certificates import certificate_facts
from tests.database import write
from tests.factories import make_accreditation, make_certificate, make_cycle, make_enrolment

pytestmark = pytest.mark.django_db

Status = Certificate.Status


@pytest.fixture
def enrolment(family_physician) -> Enrolment:
    return make_enrolment(make_cycle(), family_physician)


def certificate(enrolment: Enrolment, status: str, **values) -> Certificate:
    return make_certificate(enrolment, make_accreditation(enrolment.cycle.program), status=status, **values)


def page(client, token: str, **headers: str):
    return client.get(reverse("credits:certificate-verify", args=[token]), headers=headers)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (Status.ISSUED, "This certificate is valid."),
        (Status.SUPERSEDED, "was superseded on"),
        (Status.REVOKED, "was revoked on"),
    ],
)
def test_verification_says_where_a_certificate_stands(client, enrolment, status, says):
    response = page(client, certificate(enrolment, status).token)

    content = response.content.decode()
    assert response.status_code == 200
    assert says in content
    assert sum(sentence in content for sentence in ("is valid.", "superseded on", "revoked on")) == 1


def test_verification_shows_no_more_than_the_paper(client, enrolment, family_physician):
    secret = {
        "end_reason": "Complaint 4711 against the physician.",
        "last_error": "SignatureError: inner workings",
    }
    write(family_physician.profile, licence_number="LIC-98765")
    shown = certificate(enrolment, Status.REVOKED, **secret)

    content = page(client, shown.token).content.decode()

    assert "Aïsha Lefebvre-O’Connor" in content  # the name as printed, whatever the account is called
    for hidden in (
        "Fatima",
        family_physician.email,
        "LIC-98765",
        "Complaint 4711",
        "SignatureError",
        shown.sha256,
    ):
        assert hidden not in content


def test_verification_of_a_superseded_certificate_does_not_lead_to_the_new_one(client, enrolment):
    old = certificate(enrolment, Status.SUPERSEDED, end_reason="Misspelt.")
    new = make_certificate(enrolment, old.accreditation, supersedes=old)

    content = page(client, old.token).content.decode()

    assert new.token not in content
    assert new.number not in content


@pytest.mark.parametrize("status", [Status.PENDING, Status.FAILED])
def test_certificate_that_was_never_issued_is_not_known(client, enrolment, status):
    waiting = certificate(enrolment, status)

    response = page(client, waiting.token)

    assert response.status_code == 404
    assert waiting.number not in response.content.decode()


def test_given_up_certificate_that_was_never_issued_is_not_known(client, enrolment):
    given_up = certificate(
        enrolment, Status.REVOKED, issued_at=None, document=None, sha256="", ended_at=toronto(2026, 4, 1)
    )

    assert page(client, given_up.token).status_code == 404


@pytest.mark.parametrize("token", ["2" * 26, "x", "0" * 26, "%00", "'--"])
def test_unknown_code_is_answered_404(client, enrolment, token):
    certificate(enrolment, Status.ISSUED)

    assert page(client, token).status_code == 404


def test_verification_is_kept_out_of_caches_and_search_engines(client, enrolment):
    response = page(client, certificate(enrolment, Status.ISSUED).token)

    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"


def test_verification_asks_few_queries(client, enrolment, django_assert_max_num_queries):
    shown = certificate(enrolment, Status.ISSUED)

    with django_assert_max_num_queries(1):
        page(client, shown.token)


def test_verification_prints_the_frozen_words_whatever_the_readers_language(client, enrolment):
    facts = certificate_facts(
        language="fr",
        document_title="Attestation de présence",
        participant_name="Noé Côté",
        signature_sha256="",
    )
    shown = certificate(enrolment, Status.ISSUED, facts=facts.to_json())

    english = page(client, shown.token, accept_language="en").content.decode()
    french = page(client, shown.token, accept_language="fr").content.decode()

    assert "This certificate is valid." in english
    assert "This certificate is valid." not in french
    assert "Attestation de présence" in english
    assert "Attestation de présence" in french


@pytest.mark.parametrize(
    "typed", ["{token}", " {token} ", "{lower}", "{spaced}", "https://portal.example.ca/verify/{token}/"]
)
def test_code_typed_from_paper_is_found(client, enrolment, typed):
    token = certificate(enrolment, Status.ISSUED).token
    spaced = "-".join(token[at : at + 4] for at in range(0, len(token), 4))

    response = client.post(
        reverse("credits:verify-form"),
        {"code": typed.format(token=token, lower=token.lower(), spaced=spaced)},
    )

    assert response.status_code == 302
    assert response["Location"] == reverse("credits:certificate-verify", args=[token])


@pytest.mark.parametrize("typed", ["", "   ", "!!!"])
def test_code_that_is_none_is_asked_for_again(client, typed):
    response = client.post(reverse("credits:verify-form"), {"code": typed})

    assert response.status_code == 422
    assert b"Error:" in response.content
