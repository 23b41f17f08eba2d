"""The purge: what accreditors may ask for no more is deleted, and the deletion itself is on record."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import MoveRefusedError
from core.retention import kept_until
from core.templatetags.portal import eastern_date
from credits.models import AuditPack, Purge
from credits.services.audit_packs import discard_audit_packs
from participants.models import User
from sessions_app.models import Cycle
from sessions_app.services.purging import delete_attendance
from surveys.services.purging import delete_responses


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows of each kind went, and the record of it; none where there was nothing to do."""

    counts: dict[str, int]
    record: Purge | None


def purge_cycle(*, cycle_id: int, by: User, now: datetime, is_rehearsal: bool = False) -> Purged:
    """Delete attendance, its reports, survey responses and audit packs of a cycle that ended six years ago.

    Certificates stay, with their facts and documents, and so do the enrolments they hang on: a certificate is
    verifiable for ever. All or nothing; a rehearsal does the same and takes it back. Where nothing is left to delete,
    nothing is recorded. Raises MoveRefusedError while the records must be kept (product rule 20; days are those of
    Toronto), and for a cycle that was never closed.
    """
    with transaction.atomic():
        purged = _purge(Cycle.objects.select_for_update().get(pk=cycle_id), by, now)
        if is_rehearsal:
            transaction.set_rollback(True)
    return Purged(purged.counts, None) if is_rehearsal else purged


def _purge(cycle: Cycle, by: User, now: datetime) -> Purged:
    last_day = kept_until(cycle.ends_on)
    if timezone.localdate(now) <= last_day:
        raise MoveRefusedError(
            _("The records of this cycle are kept until %(day)s.") % {"day": eastern_date(last_day)}
        )
    if cycle.status != Cycle.Status.CLOSED:
        raise MoveRefusedError(_("This cycle is not closed yet. Close it first."))
    with audit.act("cycle.purge", by=by):
        packs = AuditPack.objects.select_for_update().filter(cycle=cycle)
        counts = {
            **delete_attendance(cycle),
            **delete_responses(cycle, now=now),
            "audit_packs": packs.filter(status=AuditPack.Status.MADE).count(),
        }
        discard_audit_packs(list(packs.filter(status=AuditPack.Status.MADE)))
        for pack in packs.filter(status=AuditPack.Status.PENDING):
            pack.parts.all().delete()
            pack.status, pack.lease_token, pack.leased_until = AuditPack.Status.FAILED, None, None
            pack.save(update_fields=["status", "lease_token", "leased_until"])
        if not any(counts.values()):
            return Purged(counts, None)
        return Purged(counts, Purge.objects.create(cycle=cycle, purged_at=now, purged_by=by, **counts))
