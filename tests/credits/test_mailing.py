"""Mailing a certificate again: to the address on record now, once each time somebody asks (rule 18)."""

from __future__ import annotations

from functools import partial
from uuid import uuid4

import pytest
from django.urls import reverse

from core.errors import MoveRefusedError
from credits.facts import CertificateFacts
from credits.issued import undelivered
from credits.models import Certificate
from credits.services import correct_certificate, resend_certificate, revoke_certificate
from credits.services.rendering import queue_certificate_mail
from desk.work import undelivered_mails
from outbox.models import OutgoingMail
from sessions_app.models import Enrolment
from tests.clock import toronto
from tests.database import write
from tests.factories import make_certificate, make_graduate, make_season, make_user
from tests.races import THREADS, at_once

NOW = toronto(2026, 5, 4, 10)
Status = Certificate.Status
Mail = OutgoingMail.Status


@pytest.fixture
def enrolment(db, family_physician) -> Enrolment:
    return make_graduate(make_season(sessions=2), family_physician)


def certificate_of(enrolment: Enrolment, status: str = Status.ISSUED) -> Certificate:
    return make_certificate(enrolment, enrolment.cycle.program.accreditations.get(), status=status)


def mailed(certificate: Certificate, status: str = Mail.SENT) -> OutgoingMail:
    """The first mail of a certificate, and what became of it."""
    assert certificate.document is not None
    mail = queue_certificate_mail(
        certificate, CertificateFacts.from_json(certificate.facts), certificate.document
    )
    assert mail is not None
    # Straight to its end, past the moves that the database allows.
    import pgtrigger

    with pgtrigger.ignore("outbox.OutgoingMail:mail_moves"):
        accepted_at = NOW if status in {Mail.SENT, Mail.BOUNCED} else None
        bounced_at = NOW if status == Mail.BOUNCED else None
        leased = {"lease_token": uuid4(), "leased_until": NOW} if status == Mail.SENDING else {}
        write(mail, status=status, sent_at=accepted_at, bounced_at=bounced_at, **leased)
    return mail


def resend(certificate: Certificate, by) -> OutgoingMail:
    return resend_certificate(certificate_id=certificate.pk, by=by, now=NOW)


def test_mail_that_was_sent_is_followed_by_another_to_the_present_address(enrolment, coordinator):
    certificate = certificate_of(enrolment)
    first = mailed(certificate)
    write(enrolment.participant, email="new@clinic.example")

    second = resend(certificate, coordinator)

    assert second.pk != first.pk
    assert (second.recipient, second.status) == ("new@clinic.example", Mail.QUEUED)
    assert second.attachments.get().file == certificate.document


@pytest.mark.parametrize("status", [Mail.FAILED, Mail.AMBIGUOUS, Mail.BOUNCED])
def test_mail_that_did_not_arrive_is_sent_again_itself_with_its_address_mended(
    enrolment, coordinator, status
):
    certificate = certificate_of(enrolment)
    first = mailed(certificate, status)
    write(enrolment.participant, email="mended@clinic.example")

    again = resend(certificate, coordinator)

    assert again.pk == first.pk
    assert (again.recipient, again.status) == ("mended@clinic.example", Mail.QUEUED)
    assert OutgoingMail.objects.filter(kind="certificate").count() == 1


def test_mail_on_its_way_is_not_doubled(enrolment, coordinator):
    certificate = certificate_of(enrolment)
    mailed(certificate, Mail.QUEUED)

    with pytest.raises(MoveRefusedError, match="on its way"):
        resend(certificate, coordinator)


@pytest.mark.parametrize("status", [Status.PENDING, Status.FAILED, Status.SUPERSEDED, Status.REVOKED])
def test_only_a_valid_certificate_is_mailed_again(enrolment, coordinator, status):
    with pytest.raises(MoveRefusedError, match="valid"):
        resend(certificate_of(enrolment, status), coordinator)


def test_erased_person_has_no_address(enrolment, coordinator):
    from core.personal import NOBODYS

    certificate = certificate_of(enrolment)
    write(enrolment.participant, email=f"erased-1{NOBODYS}")

    with pytest.raises(MoveRefusedError, match="erased"):
        resend(certificate, coordinator)


@pytest.mark.parametrize(
    ("verb", "ended"), [(revoke_certificate, "revoked"), (correct_certificate, "superseded")]
)
@pytest.mark.parametrize("status", list(Mail))
def test_mail_that_waits_does_not_go_out_once_its_certificate_has_ended(
    enrolment, coordinator, status, verb, ended
):
    certificate = certificate_of(enrolment)
    mail = mailed(certificate, status)
    other = mailed(certificate_of(make_graduate(enrolment.cycle)))
    write(other, status=Mail.BOUNCED, bounced_at=NOW)

    verb(certificate_id=certificate.pk, by=coordinator, reason="Wrong name.", now=NOW)

    mail.refresh_from_db()
    waits = status in {Mail.QUEUED, Mail.RETRY}
    assert mail.status == (Mail.FAILED if waits else status)
    assert mail.last_error == (
        f"Called off: the certificate was {ended}." if waits or status == Mail.SENDING else ""
    )
    # Whatever became of it, it is nobody's duty any more; another's is.
    assert list(undelivered_mails()) == [other]
    assert [one.mail for one in undelivered(enrolment.cycle)] == [other]


def test_holder_is_not_asked_to_look_for_a_mail_that_was_called_off(enrolment, coordinator, client):
    certificate = certificate_of(enrolment)
    mailed(certificate, Mail.QUEUED)
    revoke_certificate(certificate_id=certificate.pk, by=coordinator, reason="Wrong name.", now=NOW)
    client.force_login(enrolment.participant)

    said = client.get(reverse("credits:certificate-list")).content.decode()

    assert certificate.number in said
    assert "did not reach you" not in said
    assert "sent to you by email" not in said


@pytest.mark.django_db(transaction=True)
def test_asking_twenty_times_at_once_mails_once_more():
    enrolment = make_graduate(make_season(sessions=1))
    certificate = certificate_of(enrolment)
    mailed(certificate)
    by = make_user(is_staff=True)

    results = at_once([partial(resend, certificate, by)] * THREADS)

    assert sum(isinstance(result, OutgoingMail) for result in results) == 1
    assert OutgoingMail.objects.filter(kind="certificate").count() == 2


def test_coordinator_mails_again_from_the_closing(enrolment, coordinator, client):
    certificate = certificate_of(enrolment)
    mailed(certificate, Mail.FAILED)
    client.force_login(coordinator)
    closing = reverse("admin:credits_cycleclosing_close", args=[enrolment.cycle_id])
    assert certificate.number in client.get(closing).content.decode()

    response = client.post(
        reverse("admin:credits_certificate_resend", args=[certificate.pk]), {"from": "closing"}, follow=True
    )

    assert response.redirect_chain == [(closing, 302)]
    assert "is emailed again" in response.content.decode()
    assert OutgoingMail.objects.get(kind="certificate").status == Mail.QUEUED


@pytest.mark.parametrize(
    ("status", "is_told"), [(Mail.SENT, False), (Mail.FAILED, True), (Mail.BOUNCED, True)]
)
def test_holder_is_told_when_the_mail_did_not_arrive(enrolment, client, status, is_told):
    mailed(certificate_of(enrolment), status)
    client.force_login(enrolment.participant)

    for page in (
        reverse("credits:certificate-list"),
        reverse("credits:cycle-detail", args=[enrolment.cycle_id]),
    ):
        said = client.get(page).content.decode()
        assert ("The email did not reach you" in said) is is_told
        assert ("and sent to you by email" in said) is not is_told
