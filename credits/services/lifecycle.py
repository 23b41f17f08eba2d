"""What happens to a certificate after it was numbered: retried, revoked, corrected. It is never deleted."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError, MoveRefusedError
from core.leases import nudge
from core.templatetags.portal import eastern_date
from credits import tasks
from credits.issued import certificate_mails
from credits.models import Certificate
from credits.queries import enrolment_ledger
from credits.services.issuing import lock_accreditations, new_certificate, take_numbers
from credits.states import CertificateStatus, may_move
from outbox.services import call_off_mails
from participants.models import User
from sessions_app.models import Cycle


@transaction.atomic
def retry_certificate(*, certificate_id: int, by: User, now: datetime) -> Certificate:
    """Have a certificate that could not be made tried again. Raises MoveRefusedError for any other."""
    certificate = Certificate.objects.select_for_update().get(pk=certificate_id)
    _require_move(certificate, Certificate.Status.PENDING)
    with audit.act("certificate.retry", by=by):
        certificate.status = Certificate.Status.PENDING
        certificate.attempts, certificate.next_attempt_at = 0, now
        certificate.save(update_fields=["status", "attempts", "next_attempt_at"])
    transaction.on_commit(partial(nudge, tasks.render_due), robust=True)
    return certificate


@transaction.atomic
def revoke_certificate(*, certificate_id: int, by: User, reason: str, now: datetime) -> Certificate:
    """Revoke a certificate. The row stays, and the verification page says so: auditors must see it (rule 16).

    Raises BadInputError without a reason and MoveRefusedError for one that is not valid.
    """
    certificate = Certificate.objects.select_for_update().get(pk=certificate_id)
    _require_move(certificate, Certificate.Status.REVOKED)
    with audit.act("certificate.revoke", by=by, reason=reason.strip()):
        _end(certificate, Certificate.Status.REVOKED, by=by, reason=reason, now=now)
    return certificate


@transaction.atomic
def correct_certificate(*, certificate_id: int, by: User, reason: str, now: datetime) -> Certificate:
    """Issue a certificate again from what is on record now; the new one supersedes the old (rule 16).

    One that could not be made was never issued: it is given up, its number explained by the reason, and the new
    one supersedes nothing. That is the way out when the cause lies in the frozen facts, a name for example.
    Raises BadInputError without a reason or when nothing is claimable any more (revoke it then), and
    MoveRefusedError for any that is neither valid nor failed, and in a cycle whose records were purged.
    """
    cycle_id = Certificate.objects.values_list("enrolment__cycle_id", flat=True).get(pk=certificate_id)
    cycle = Cycle.objects.select_for_update(of=("self",)).select_related("program").get(pk=cycle_id)
    lock_accreditations(cycle.program_id)
    old = (
        Certificate.objects.select_for_update(of=("self",))
        .select_related("enrolment__cycle__program")
        .get(pk=certificate_id)
    )
    was_issued = old.status != Certificate.Status.FAILED
    to = Certificate.Status.SUPERSEDED if was_issued else Certificate.Status.REVOKED
    _require_move(old, to)
    _require_records(cycle)
    ledger = enrolment_ledger(old.enrolment)
    total = next(
        (
            total
            for total in ledger.totals
            if total.line.accreditation_id == old.accreditation_id and total.amount > 0 and not ledger.missing
        ),
        None,
    )
    if total is None:
        raise BadInputError(_("Nothing can be claimed any more under this accreditation: revoke it instead."))
    with audit.act("certificate.correct", by=by, reason=reason.strip()):
        _end(old, to, by=by, reason=reason, now=now)
        ((year, serial),) = take_numbers(1, year=timezone.localdate(now).year)
        certificate = new_certificate(
            ledger=ledger,
            total=total,
            year=year,
            serial=serial,
            now=now,
            hubs=[row.hub for row in cycle.program.program_hubs.select_related("hub")],
            supersedes=old if was_issued else None,
        )
        certificate.save(force_insert=True)
    transaction.on_commit(partial(nudge, tasks.render_due), robust=True)
    return certificate


def _end(certificate: Certificate, to: Certificate.Status, *, by: User, reason: str, now: datetime) -> None:
    """End the certificate; a mail with it that still waits does not go out."""
    if not reason.strip():
        raise BadInputError(_("Give the reason: an auditor will ask."))
    certificate.status = to
    certificate.ended_at, certificate.ended_by, certificate.end_reason = now, by, reason.strip()[:300]
    certificate.save(update_fields=["status", "ended_at", "ended_by", "end_reason"])
    if certificate.document_id is not None:
        mails = certificate_mails(certificate.document_id).values_list("pk", flat=True)
        call_off_mails(mail_ids=list(mails), why=f"the certificate was {certificate.status}.")


def _require_records(cycle: Cycle) -> None:
    purge = cycle.purges.last()
    if purge is not None:
        raise MoveRefusedError(
            _("The records of this cycle were purged on %(day)s: its certificates stand as they were issued.")
            % {"day": eastern_date(purge.purged_at)}
        )


def _require_move(certificate: Certificate, to: Certificate.Status) -> None:
    if not may_move(CertificateStatus(certificate.status), CertificateStatus(to.value)):
        raise MoveRefusedError(
            _("A certificate that is “%(old)s” cannot become “%(new)s”.")
            % {"old": certificate.get_status_display(), "new": to.label}
        )
