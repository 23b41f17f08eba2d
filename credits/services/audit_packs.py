"""Making audit packs: asked for by a person, written by a worker in parts, taken away under a record."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import MoveRefusedError
from core.leases import MAX_ATTEMPTS, LostLeaseError, backoff, claim, held, nudge
from credits import tasks
from credits.exports import write_audit_pack
from credits.exports.audit_pack import WrittenPack
from credits.models import AuditPack, AuditPackDownload, AuditPackPart
from credits.models.audit_pack import PART_SIZE
from participants.models import User
from sessions_app.models import Cycle

logger = logging.getLogger(__name__)

LEASE_SECONDS = 300
"""Far longer than a part or a step takes; each of them renews the lease."""
KEPT_PACKS = 3
"""Packs of a cycle whose content is kept: ten thousand certificates are half a gigabyte."""
COUNT_SECONDS = 2
"""How often the steps done are written down."""


@transaction.atomic
def ask_for_audit_pack(*, cycle_id: int, by: User, now: datetime) -> AuditPack:
    """Have the audit pack of a cycle made; the one that is being made already, if there is one.

    Raises MoveRefusedError for a cycle that is only planned, and for one whose records were purged: a pack without
    them would look as if there had never been any.
    """
    cycle = Cycle.objects.select_for_update().get(pk=cycle_id)
    if cycle.status == Cycle.Status.PLANNED:
        raise MoveRefusedError(_("This cycle is only planned: there is nothing to be audited yet."))
    if cycle.purges.exists():
        raise MoveRefusedError(
            _("The records of this cycle were purged: no audit pack can be made any more.")
        )
    pending = AuditPack.objects.filter(cycle=cycle, status=AuditPack.Status.PENDING).first()
    if pending is not None:
        return pending
    with audit.act("audit-pack.ask", by=by):
        pack = AuditPack.objects.create(cycle=cycle, asked_at=now, asked_by=by, next_attempt_at=now)
    transaction.on_commit(partial(nudge, tasks.make_audit_packs), robust=True)
    return pack


def make_due_audit_packs(*, now: Callable[[], datetime], limit: int = 10, part_size: int = PART_SIZE) -> int:
    """Make the packs that wait, one after the other, and return how many were made.

    A worker killed in the middle leaves a lease that runs out; who claims the pack then begins again. Until it is made
    nobody can download any of it. A pack that fails 8 times is given up, with the reason.
    """
    made = 0
    for _turn in range(limit):
        waiting = AuditPack.objects.filter(status=AuditPack.Status.PENDING)
        claimed = claim(waiting, now=now(), seconds=LEASE_SECONDS)
        if not claimed:
            break
        made += _Making(claimed[0], now, part_size).run()
    return made


@transaction.atomic
def download_audit_pack(*, pack_id: int, by: User, now: datetime) -> tuple[AuditPack, Iterator[bytes]]:
    """Record that `by` takes the pack away, and return it with its content, a part at a time.

    Raises MoveRefusedError for a pack that is not made or no longer kept.
    """
    pack = AuditPack.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=pack_id)
    if pack.status != AuditPack.Status.MADE:
        raise MoveRefusedError(_("This audit pack cannot be downloaded. Make a new one."))
    with audit.act("audit-pack.download", by=by):
        AuditPackDownload.objects.create(pack=pack, downloaded_at=now, downloaded_by=by)
    return pack, _content(pack)


def discard_audit_packs(packs: list[AuditPack]) -> None:
    """Give up the content of packs that are made; their rows say that they were. Call inside an act."""
    for pack in packs:
        pack.status = AuditPack.Status.DISCARDED
        pack.save(update_fields=["status"])
        pack.parts.all().delete()


def discard_packs_about(user: AbstractBaseUser) -> None:
    """Give up the packs of every cycle that `user` is in, and begin anew those being made. Call inside an act."""
    packs = AuditPack.objects.select_for_update(of=("self",)).filter(cycle__enrolments__participant=user.pk)
    discard_audit_packs(list(packs.filter(status=AuditPack.Status.MADE)))
    for pack in packs.filter(status=AuditPack.Status.PENDING):
        # Whoever is at it has read what is being forgotten: it loses its lease.
        pack.lease_token, pack.leased_until = None, None
        pack.save(update_fields=["lease_token", "leased_until"])


def _content(pack: AuditPack) -> Iterator[bytes]:
    left, position = pack.size, 0
    while left > 0:
        part = AuditPackPart.objects.values_list("content", flat=True).get(pack=pack, position=position)
        yield bytes(part)
        left -= len(part)
        position += 1


class _Making:
    """One worker's turn at one pack. Each write is fenced by its lease, and renews it."""

    def __init__(self, pack: AuditPack, now: Callable[[], datetime], part_size: int) -> None:
        self.pack = pack
        self.token: UUID | None = pack.lease_token
        self.now = now
        self.part_size = part_size
        self.position = 0
        self.counted_at = now()

    def run(self) -> bool:
        """Whether the pack was made."""
        if self.pack.attempts > MAX_ATTEMPTS:
            # Every try so far ended with the worker's death: it is this pack's doing.
            self._note_failure(RuntimeError("the worker died at every try"))
            return False
        try:
            self._clear()
            cycle = Cycle.objects.select_related("program").get(pk=self.pack.cycle_id)
            written = write_audit_pack(
                cycle, store=self._store, progress=self._count, part_size=self.part_size
            )
            self._finish(written)
        except LostLeaseError:
            logger.warning("Audit pack %s was taken over by another worker.", self.pack.pk)
            return False
        except Exception as error:  # noqa: BLE001  # one pack must not stop the others
            logger.warning("Audit pack %s was not made: %s", self.pack.pk, type(error).__name__)
            self._note_failure(error)
            return False
        return True

    def _held(self) -> AuditPack:
        row = held(AuditPack.objects.all(), pk=self.pack.pk, token=self.token)
        if row.status != AuditPack.Status.PENDING:
            raise LostLeaseError(f"audit pack {row.pk} is no longer to be made")
        row.leased_until = self.now() + timedelta(seconds=LEASE_SECONDS)
        return row

    @transaction.atomic
    def _clear(self) -> None:
        """Begin from the beginning: what an earlier try left goes."""
        row = self._held()
        row.parts.all().delete()
        row.steps_done = 0
        row.save(update_fields=["leased_until", "steps_done"])

    @transaction.atomic
    def _store(self, content: bytes) -> None:
        row = self._held()
        AuditPackPart.objects.create(pack=row, position=self.position, content=content)
        row.save(update_fields=["leased_until"])
        self.position += 1

    def _count(self, done: int, total: int) -> None:
        """Say how far it is, now and then."""
        if done not in {1, total} and self.now() < self.counted_at + timedelta(seconds=COUNT_SECONDS):
            return
        self.counted_at = self.now()
        with transaction.atomic():
            row = self._held()
            row.steps_done, row.steps_total = done, total
            row.save(update_fields=["leased_until", "steps_done", "steps_total"])

    @transaction.atomic
    def _finish(self, written: WrittenPack) -> None:
        """Offer the pack, and give up the oldest of its cycle."""
        row = self._held()
        with audit.act("audit-pack.make", by=None):
            row.status, row.made_at = AuditPack.Status.MADE, self.now()
            row.sha256, row.size = written.sha256, written.size
            row.lease_token, row.leased_until, row.last_error = None, None, ""
            row.save(
                update_fields=[
                    "status",
                    "made_at",
                    "sha256",
                    "size",
                    "lease_token",
                    "leased_until",
                    "last_error",
                ]
            )
            made = AuditPack.objects.filter(cycle=row.cycle_id, status=AuditPack.Status.MADE)
            discard_audit_packs(list(made.order_by("-asked_at", "-pk")[KEPT_PACKS:]))

    def _note_failure(self, error: Exception) -> None:
        """Try again later, or give up after 8 tries; half a pack is not kept."""
        try:
            with transaction.atomic(), audit.act("audit-pack.fail", by=None):
                row = self._held()
                row.parts.all().delete()
                if row.attempts >= MAX_ATTEMPTS:
                    row.status = AuditPack.Status.FAILED
                row.last_error = type(error).__name__
                row.next_attempt_at = self.now() + backoff(row.attempts)
                row.lease_token, row.leased_until = None, None
                row.save(
                    update_fields=["status", "last_error", "next_attempt_at", "lease_token", "leased_until"]
                )
        except LostLeaseError:
            logger.warning("Audit pack %s was taken over by another worker.", self.pack.pk)
