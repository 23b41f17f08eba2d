"""Mailing a certificate again: to the address on record now, when the first mail failed, came back or was lost."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import MoveRefusedError
from core.personal import NOBODYS
from credits.facts import CertificateFacts
from credits.issued import certificate_mails
from credits.models import Certificate
from credits.services.rendering import queue_certificate_mail
from outbox.models import OutgoingMail
from outbox.services import resend
from outbox.states import UNDELIVERED, WAITING
from participants.models import User


@transaction.atomic
def resend_certificate(*, certificate_id: int, by: User, now: datetime) -> OutgoingMail:
    """Mail a valid certificate once more, to the participant's present address, and return the mail.

    A mail that did not arrive is sent again, with its address mended; one that was sent is followed by another.
    Raises MoveRefusedError for a certificate that is not valid, for one whose mail is still on its way, and for
    somebody whose account was erased.
    """
    certificate = (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("document", "enrolment__participant__profile")
        .get(pk=certificate_id)
    )
    if certificate.status != Certificate.Status.ISSUED or certificate.document is None:
        raise MoveRefusedError(_("Only a valid certificate is emailed again."))
    address = certificate.enrolment.participant.email
    if address.endswith(NOBODYS):
        raise MoveRefusedError(_("This person's account was erased: there is no address to email to."))
    mails = list(certificate_mails(certificate.document.pk))
    latest = mails[0] if mails else None
    if latest is not None and latest.status in WAITING:
        raise MoveRefusedError(_("The email with this certificate is on its way already."))
    with audit.act("certificate.resend", by=by):
        if latest is not None and latest.status in UNDELIVERED:
            return resend(mail_id=latest.pk, by=by, to=address)
        mail = queue_certificate_mail(
            certificate,
            CertificateFacts.from_json(certificate.facts),
            certificate.document,
            turn=len(mails) + 1,
        )
    assert mail is not None  # there is an address
    return mail
