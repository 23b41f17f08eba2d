"""From a numbered row to a document and its mail, with the real PDF engine."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection

from core.leases import MAX_ATTEMPTS, LostLeaseError, backoff, claim, held
from core.models import StoredFile, store_file
from credits.models import Certificate
from credits.rendering import press_certificate
from credits.services import (
    close_cycle,
    correct_certificate,
    render_due_certificates,
    rendering,
    retry_certificate,
)
from credits.services.rendering import LEASE_SECONDS
from outbox.models import OutgoingMail
from sessions_app.models import Cycle
from tests.clock import toronto
from tests.credits.certificates import SIGNATURE
from tests.credits.pdfs import links, text
from tests.database import write
from tests.factories import make_certificate, make_graduate, make_season, make_user
from tests.history import audit_row
from tests.races import at_once
from tests.signing import signing_key, validated

Status = Certificate.Status
START = toronto(2025, 10, 2, 9)


class Clock:
    """The time as the workers of a test see it."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def cycle(db) -> Cycle:
    return make_season(sessions=1)


def issue(cycle: Cycle, *people) -> list[Certificate]:
    """The certificates of a closed cycle, waiting to be rendered."""
    for person in people:
        make_graduate(cycle, person)
    return close_cycle(cycle_id=cycle.pk, by=None, now=START)


def mails() -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(kind="certificate"))


def claim_one(clock: Clock) -> Certificate:
    """What a worker does first."""
    (certificate,) = claim(
        Certificate.objects.filter(status=Status.PENDING), now=clock(), seconds=LEASE_SECONDS
    )
    return certificate


# --- the document and its mail --------------------------------------------------------------------------------------


def test_certificate_is_drawn_stored_hashed_and_mailed_once(cycle, clock, family_physician):
    accreditation = cycle.program.accreditations.get()
    write(accreditation, signature=store_file(SIGNATURE, content_type="image/png"))
    (certificate,) = issue(cycle, family_physician)
    clock.forward(seconds=5)

    assert render_due_certificates(now=clock) == 1

    certificate.refresh_from_db()
    assert (certificate.status, certificate.issued_at, certificate.attempts) == ("issued", clock.now, 1)
    assert (certificate.lease_token, certificate.leased_until, certificate.last_error) == (None, None, "")
    assert certificate.document is not None
    pdf = bytes(certificate.document.content)
    assert certificate.sha256 == certificate.document.sha256 == hashlib.sha256(pdf).hexdigest()
    assert "Fatima Al-Sayed, MD" in text(pdf)
    assert "3 Mainpro+ credits" in text(pdf)
    assert certificate.number in text(pdf)
    assert any(certificate.token in link for link in links(pdf))
    assert audit_row(certificate, "update") == ("certificate.issue", None, "")

    (mail,) = mails()
    (attachment,) = mail.attachments.all()
    assert (mail.recipient, mail.key) == (family_physician.email, f"certificate:{certificate.pk}")
    assert (attachment.file, attachment.filename) == (certificate.document, f"{certificate.number}.pdf")
    assert "Hello Fatima," in mail.body_text
    assert f"/my/certificates/{certificate.number}.pdf" in mail.body_text
    assert certificate.token in mail.body_text


def test_certificate_is_signed_where_the_portal_has_a_key(
    cycle, clock, nurse_practitioner, settings, tmp_path
):
    settings.CERTIFICATE_SIGNING_KEY, trusted = signing_key(tmp_path)
    (certificate,) = issue(cycle, nurse_practitioner)

    assert render_due_certificates(now=clock) == 1

    certificate.refresh_from_db()
    assert certificate.document is not None
    pdf = bytes(certificate.document.content)
    (signature,) = validated(pdf, trusted)
    assert signature.bottom_line
    assert certificate.sha256 == hashlib.sha256(pdf).hexdigest()
    assert bytes(mails()[0].attachments.get().file.content) == pdf


def test_rendering_again_makes_and_mails_nothing(cycle, clock, nurse_practitioner):
    issue(cycle, nurse_practitioner)
    assert render_due_certificates(now=clock) == 1
    before = Certificate.objects.values().get(), StoredFile.objects.count()

    clock.forward(days=1)

    assert render_due_certificates(now=clock) == 0
    assert (Certificate.objects.values().get(), StoredFile.objects.count()) == before
    (mail,) = mails()
    assert mail.language == "fr"
    assert "Bonjour" in mail.body_text


def test_limit_bounds_one_turn(cycle, clock):
    issue(cycle, make_user(), make_user(), make_user())

    assert render_due_certificates(now=clock, limit=1) == 1

    assert Certificate.objects.filter(status=Status.PENDING).count() == 2


def test_corrected_certificate_has_a_document_and_a_mail_of_its_own(cycle, clock, coordinator):
    (old,) = issue(cycle, make_user())
    render_due_certificates(now=clock)

    correct_certificate(certificate_id=old.pk, by=coordinator, reason="New name.", now=clock())
    assert render_due_certificates(now=clock) == 1

    first, second = Certificate.objects.order_by("serial")
    assert (first.status, second.status) == ("superseded", "issued")
    assert second.document is not None
    assert first.document != second.document
    assert first.number in text(bytes(second.document.content))  # the paper says what it supersedes
    # The first had not gone out yet: only the right one does.
    assert {mail.key: (mail.status, mail.last_error) for mail in mails()} == {
        f"certificate:{first.pk}": ("failed", "Called off: the certificate was superseded."),
        f"certificate:{second.pk}": ("queued", ""),
    }


# --- what cannot be drawn -------------------------------------------------------------------------------------------


@pytest.fixture
def unprintable(cycle: Cycle) -> Certificate:
    """A name with a character that no font has."""
    (certificate,) = issue(cycle, make_user(name="Person \ue000"))
    return certificate


def test_certificate_that_cannot_be_drawn_is_tried_later_and_then_given_up(unprintable, clock):
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert render_due_certificates(now=clock) == 0
        unprintable.refresh_from_db()
        assert unprintable.attempts == attempt
        assert unprintable.next_attempt_at == clock.now + backoff(attempt)
        # Not a moment earlier.
        clock.now = unprintable.next_attempt_at - timedelta(seconds=1)
        assert render_due_certificates(now=clock) == 0
        unprintable.refresh_from_db()
        assert unprintable.attempts == attempt
        clock.forward(seconds=1)

    assert unprintable.status == Status.FAILED
    assert unprintable.last_error.startswith("UnprintableTextError: ")
    assert audit_row(unprintable, "update") == ("certificate.fail", None, "")
    clock.forward(days=30)
    assert render_due_certificates(now=clock) == 0
    assert mails() == []


def test_certificate_that_cannot_be_drawn_delays_no_other(unprintable, cycle, clock, coordinator):
    make_graduate(cycle)
    close_cycle(cycle_id=cycle.pk, by=coordinator, now=START)

    assert render_due_certificates(now=clock) == 1

    assert sorted(Certificate.objects.values_list("status", flat=True)) == ["issued", "pending"]


def test_certificate_that_failed_for_its_name_is_made_once_the_name_is_mended(
    unprintable, clock, coordinator
):
    write(unprintable, attempts=MAX_ATTEMPTS - 1)
    render_due_certificates(now=clock)
    unprintable.refresh_from_db()
    assert unprintable.status == Status.FAILED

    # Trying again does not help: the facts are frozen.
    retry_certificate(certificate_id=unprintable.pk, by=coordinator, now=clock())
    write(unprintable, attempts=MAX_ATTEMPTS - 1)
    assert render_due_certificates(now=clock) == 0
    write(unprintable.enrolment.participant.profile, legal_name="Person One")
    new = correct_certificate(certificate_id=unprintable.pk, by=coordinator, reason="Name.", now=clock())

    assert render_due_certificates(now=clock) == 1
    new.refresh_from_db()
    assert new.document is not None
    assert "Person One" in text(bytes(new.document.content))
    assert len(mails()) == 1


def test_certificate_whose_mail_cannot_be_queued_is_not_issued_without_it(cycle, clock, family_physician):
    write(family_physician, email="fatima@nowhere")
    issue(cycle, family_physician, make_user())

    assert render_due_certificates(now=clock) == 1

    stuck = Certificate.objects.get(enrolment__participant=family_physician)
    assert (stuck.status, stuck.document, stuck.lease_token) == ("pending", None, None)
    assert stuck.last_error.startswith("BadInputError: ")
    assert len(mails()) == 1


def test_machine_without_the_pdf_engine_uses_up_no_attempt(cycle, clock, monkeypatch):
    (certificate,) = issue(cycle, make_user())
    monkeypatch.setattr(rendering, "pdf_engine_missing", lambda: "Install Pango.")

    assert render_due_certificates(now=clock) == 0

    certificate.refresh_from_db()
    assert (certificate.status, certificate.attempts, certificate.lease_token) == ("pending", 0, None)


# --- workers that die -----------------------------------------------------------------------------------------------


def test_worker_killed_after_claiming_leaves_the_row_to_the_next(cycle, clock):
    issue(cycle, make_user())
    claim_one(clock)  # and dies

    clock.forward(seconds=LEASE_SECONDS - 1)
    assert render_due_certificates(now=clock) == 0
    clock.forward(seconds=2)
    assert render_due_certificates(now=clock) == 1

    assert Certificate.objects.get().attempts == 2
    assert len(mails()) == 1


def test_worker_that_comes_back_too_late_writes_nothing(cycle, clock):
    issue(cycle, make_user())
    slow = claim_one(clock)
    clock.forward(seconds=LEASE_SECONDS + 1)
    assert render_due_certificates(now=clock) == 1
    before = Certificate.objects.values().get(), StoredFile.objects.count()

    clock.forward(seconds=10)
    assert rendering._render(slow, clock) is False

    assert (Certificate.objects.values().get(), StoredFile.objects.count()) == before
    assert len(mails()) == 1
    with pytest.raises(LostLeaseError):
        held(Certificate.objects.all(), pk=slow.pk, token=slow.lease_token)


def test_failure_of_a_worker_that_lost_its_lease_is_not_noted(unprintable, clock):
    slow = claim_one(clock)
    clock.forward(seconds=LEASE_SECONDS + 1)
    fast = claim_one(clock)

    assert rendering._render(slow, clock) is False

    unprintable.refresh_from_db()
    assert (unprintable.lease_token, unprintable.last_error) == (fast.lease_token, "")


def test_certificate_that_kills_every_worker_is_given_up(cycle, clock):
    (certificate,) = issue(cycle, make_user())
    for _worker in range(MAX_ATTEMPTS):
        claim_one(clock)  # and dies
        clock.forward(seconds=LEASE_SECONDS + 1)

    assert render_due_certificates(now=clock) == 0

    certificate.refresh_from_db()
    assert certificate.status == Status.FAILED
    assert certificate.last_error == "RuntimeError: the worker died at every try"


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_make_each_certificate_once(clock):
    cycle = make_season(sessions=1)
    issue(cycle, *(make_user() for _person in range(4)))

    results = at_once([partial(render_due_certificates, now=clock)] * 4)

    assert sum(results) == 4
    assert set(Certificate.objects.values_list("status", "attempts")) == {("issued", 1)}
    assert sorted(mail.key for mail in mails()) == sorted(
        f"certificate:{pk}" for pk in Certificate.objects.values_list("pk", flat=True)
    )


@pytest.mark.django_db(transaction=True)
def test_document_is_drawn_outside_any_transaction(clock, monkeypatch):
    enrolment = make_graduate(make_season(sessions=1))
    make_certificate(enrolment, enrolment.cycle.program.accreditations.get(), status=Status.PENDING)
    seen: list[bool] = []

    def watch(*args, **kwargs):
        seen.append(connection.in_atomic_block)
        return press_certificate(*args, **kwargs)

    monkeypatch.setattr(rendering, "press_certificate", watch)

    assert render_due_certificates(now=lambda: toronto(2026, 12, 1)) == 1
    assert seen == [False]
