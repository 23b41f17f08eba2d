"""Mailing a certificate again: to the address on record now, once each time somebody asks (rule 18)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.urls import reverse

from core.errors import MoveRefusedError
from credits.facts import CertificateFacts
from credits.issued import mail_went_astray, undelivered
from credits.models import Certificate
from credits.reconciling import reconciliations
from credits.services import correct_certificate, resend_certificate, revoke_certificate
from credits.services.rendering import queue_certificate_mail
from desk.work import cycle_work, undelivered_mails
from outbox.models import OutgoingMail
from sessions_app.models import Cycle, Enrolment
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


def mailed(certificate: Certificate, status: str = Mail.SENT, *, turn: int = 1) -> OutgoingMail:
    """A mail of a certificate, by default the first, and what became of it."""
    assert certificate.document is not None
    mail = queue_certificate_mail(
        certificate, CertificateFacts.from_json(certificate.facts), certificate.document, turn=turn
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


def after(certificate: Certificate, first: str, second: str) -> tuple[OutgoingMail, OutgoingMail]:
    """What became of two mails of a certificate, one after the other."""
    mails = mailed(certificate, first), mailed(certificate, second, turn=2)
    write(mails[0], queued_at=NOW - timedelta(hours=1))
    return mails


@pytest.fixture
def closed(enrolment) -> Certificate:
    """The one certificate of a cycle that is closed."""
    write(enrolment.cycle, status="closed", closed_at=NOW)
    return certificate_of(enrolment)


def alarms(certificate: Certificate) -> tuple[int, int, int, int, int]:
    """How many say that the mail did not arrive: closing, desk twice, the holder's pages, reconciliation."""
    cycle = certificate.enrolment.cycle
    (work,) = cycle_work(Cycle.objects.filter(pk=cycle.pk), now=NOW)
    (row,) = reconciliations(now=NOW)
    return (
        len(undelivered(cycle)),
        work.cycle.undelivered,
        work.cycle.astray,
        len(mail_went_astray([certificate])),
        row.total,
    )


@pytest.mark.parametrize("first", [Mail.FAILED, Mail.AMBIGUOUS, Mail.BOUNCED])
def test_late_notice_about_the_first_mail_is_no_alarm_once_a_second_was_sent(closed, first):
    after(closed, first, Mail.SENT)

    assert alarms(closed) == (0, 0, 0, 0, 0)
    (row,) = reconciliations(now=NOW)
    assert row.mailed == 1


@pytest.mark.parametrize("second", [Mail.FAILED, Mail.AMBIGUOUS, Mail.BOUNCED])
def test_second_mail_that_did_not_arrive_is_an_alarm_and_emailing_again_mends_it(closed, coordinator, second):
    _sent, mail = after(closed, Mail.SENT, second)

    # One that may have arrived is not held out to its holder as lost.
    assert alarms(closed) == (1, 1, 1, int(second != Mail.AMBIGUOUS), 1)
    (row,) = reconciliations(now=NOW)
    assert (row.mailed, row.open.figures[f"mails_{second}"]) == (0, 1)
    assert resend(closed, coordinator) == mail
    assert alarms(closed) == (0, 0, 0, 0, 0)


def test_mails_of_one_moment_are_told_apart(closed):
    write(after(closed, Mail.BOUNCED, Mail.SENT)[0], queued_at=NOW)
    OutgoingMail.objects.update(queued_at=NOW)

    assert alarms(closed) == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("people", [1, 3])
def test_looking_for_lost_mails_takes_the_same_questions_for_any_number(
    enrolment, django_assert_num_queries, people
):
    certificates = [certificate_of(enrolment)]
    certificates += [certificate_of(make_graduate(enrolment.cycle)) for _person in range(people - 1)]
    for certificate in certificates:
        after(certificate, Mail.SENT, Mail.FAILED)

    with django_assert_num_queries(2):
        found = undelivered(enrolment.cycle)
    assert [one.certificate for one in found] == certificates
    assert {one.mail.status for one in found} == {"failed"}
    with django_assert_num_queries(1):
        assert len(mail_went_astray(certificates)) == people


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
    assert mail.last_error == ("" if status == Mail.SENT else f"Called off: the certificate was {ended}.")
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
