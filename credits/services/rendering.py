"""From a row to a document: claimed under a lease, drawn outside any lock, stored with its mail in one transaction."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext, override

from core import audit
from core.leases import MAX_ATTEMPTS, LostLeaseError, backoff, claim, held
from core.models import StoredFile, store_file
from core.personal import NOBODYS
from credits.facts import CertificateFacts
from credits.issued import mail_key, signature_of
from credits.models import Certificate
from credits.rendering import pdf_engine_missing, press_certificate
from outbox.models import OutgoingMail
from outbox.services import queue_mail

logger = logging.getLogger(__name__)

LEASE_SECONDS = 120
"""Far longer than a certificate takes to draw (half a second); after it another worker may claim the row."""


def render_due_certificates(*, now: Callable[[], datetime], limit: int = 10_000) -> int:
    """Render the certificates that wait, one after the other, and return how many were issued.

    Several workers may do this at once. A worker killed in the middle leaves a lease that runs out, and the row
    is drawn again; a certificate that cannot be drawn is tried up to 8 times, later each time, and delays no other.
    """
    if missing := pdf_engine_missing():
        # No row's fault, so no row's attempt: they wait until the machine has what it needs.
        logger.warning(missing)
        return 0
    issued = 0
    for _turn in range(limit):
        waiting = Certificate.objects.filter(status=Certificate.Status.PENDING)
        claimed = claim(waiting, now=now(), seconds=LEASE_SECONDS)
        if not claimed:
            break
        issued += _render(claimed[0], now)
    return issued


def _render(certificate: Certificate, now: Callable[[], datetime]) -> bool:
    if certificate.attempts > MAX_ATTEMPTS:
        # Every try so far ended with the worker's death: it is this row's doing.
        _note_failure(certificate, RuntimeError("the worker died at every try"), now())
        return False
    try:
        facts = CertificateFacts.from_json(certificate.facts)
        pdf = _sealed(press_certificate(facts, signature_png=signature_of(facts)), facts)
        with transaction.atomic(), audit.act("certificate.issue", by=None):
            row = held(Certificate.objects.all(), pk=certificate.pk, token=certificate.lease_token)
            document = store_file(pdf, content_type="application/pdf")
            row.document, row.sha256 = document, document.sha256
            row.status, row.issued_at = Certificate.Status.ISSUED, now()
            row.lease_token, row.leased_until, row.last_error = None, None, ""
            row.save(
                update_fields=[
                    "document",
                    "sha256",
                    "status",
                    "issued_at",
                    "lease_token",
                    "leased_until",
                    "last_error",
                ]
            )
            queue_certificate_mail(row, facts, document)
    except LostLeaseError:
        logger.warning("Certificate %s was taken over by another worker.", certificate.number)
        return False
    except Exception as error:  # noqa: BLE001  # one row must not stop the others; an address no mail reaches, say
        logger.warning("Certificate %s was not issued: %s", certificate.number, type(error).__name__)
        _note_failure(certificate, error, now())
        return False
    return True


def _note_failure(certificate: Certificate, error: Exception, now: datetime) -> None:
    """Try again later, or give up after 8 tries."""
    try:
        with transaction.atomic(), audit.act("certificate.fail", by=None):
            row = held(Certificate.objects.all(), pk=certificate.pk, token=certificate.lease_token)
            is_dead = row.attempts >= MAX_ATTEMPTS
            row.status = Certificate.Status.FAILED if is_dead else Certificate.Status.PENDING
            row.last_error = f"{type(error).__name__}: {error}"[:2000]
            row.next_attempt_at = now + backoff(row.attempts)
            row.lease_token, row.leased_until = None, None
            row.save(update_fields=["status", "last_error", "next_attempt_at", "lease_token", "leased_until"])
    except LostLeaseError:
        logger.warning("Certificate %s was taken over by another worker.", certificate.number)


def _sealed(pdf: bytes, facts: CertificateFacts) -> bytes:
    """The document signed with the portal's key, if it has one. Not twice alike: the stored one counts."""
    key = settings.CERTIFICATE_SIGNING_KEY
    if key is None:
        return pdf
    from core.pdf.signing import signed  # noqa: PLC0415  (imports pyHanko)

    with override(facts.language):
        return signed(pdf, key=key, reason=gettext("Issued as it is by the ECHO Portal"))


def queue_certificate_mail(
    certificate: Certificate, facts: CertificateFacts, document: StoredFile, *, turn: int = 1
) -> OutgoingMail | None:
    """Queue the one mail that carries the certificate (rule 18). Transactional: no promotion in it (rule 34).

    `turn` counts the mails of a certificate that a coordinator has mailed again. Who was erased while it was being
    made has no address any more, and gets none: None.
    """
    participant = certificate.enrolment.participant
    if participant.email.endswith(NOBODYS):
        return None
    profile = participant.profile
    return queue_mail(
        key=mail_key(certificate.pk, turn),
        kind="certificate",
        to=participant.email,
        template="credits/mail/certificate",
        context={
            "name": profile.preferred_name or profile.legal_name,
            "facts": facts,
            "program": certificate.enrolment.cycle.program,
            "download_url": settings.PORTAL_URL
            + reverse("credits:certificate-download", args=[certificate.number]),
        },
        language=facts.language,
        attachments=[(document, f"{certificate.number}.pdf")],
    )
