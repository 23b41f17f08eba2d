"""The end of a cycle: closed once, certificates for all who are due, and later for those who complete late."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import DomainError, MoveRefusedError
from credits.closing import Outcomes, fingerprint, outcomes
from credits.issued import late_finishers
from credits.models import Certificate, DryRun
from credits.queries import cycle_ledgers
from credits.services.issuing import issue_certificates, lock_accreditations
from participants.models import User
from sessions_app.models import Cycle, EchoSession
from sessions_app.services import move_cycle

logger = logging.getLogger(__name__)


class TooEarlyError(DomainError):
    """The cycle still has sessions to come."""


class ChangedSinceError(DomainError):
    """What would be issued is not what was looked at."""


@transaction.atomic
def make_dry_run(*, cycle_id: int, by: User | None, now: datetime) -> DryRun:
    """Keep on record who would get what from a closing now, so that the next look can say what changed since."""
    cycle = Cycle.objects.select_related("program").get(pk=cycle_id)
    with audit.act("cycle.dry_run", by=by):
        return _keep(cycle, outcomes(cycle_ledgers(cycle)), by=by, now=now)


@transaction.atomic
def close_cycle(
    *, cycle_id: int, by: User | None, now: datetime, seen: str | None = None
) -> list[Certificate]:
    """Close a cycle and create one certificate for each eligible enrolment, all in one transaction (rule 19).

    `by` is None when the grace period is over and nobody pressed a button. Closing a cycle that is closed issues
    what has become due since, and nothing twice. `seen` is the `credits.closing.fingerprint` of what was looked at:
    when it is no longer what would be issued, nothing is. Raises ChangedSinceError then, TooEarlyError before the last
    session has ended, and MoveRefusedError for a cycle that was never published.
    """
    cycle = Cycle.objects.select_for_update(of=("self",)).select_related("program").get(pk=cycle_id)
    lock_accreditations(cycle.program_id)
    ledgers = cycle_ledgers(cycle)
    found = outcomes(ledgers)
    if seen is not None and seen != fingerprint(found):
        raise ChangedSinceError(
            _("Something has changed since this list was made: somebody answered or attended. Look again.")
        )
    with audit.act("cycle.close", by=by):
        if cycle.status != Cycle.Status.CLOSED:
            if cycle.status != Cycle.Status.PUBLISHED:
                raise MoveRefusedError(_("Publish the cycle before you close it."))
            if cycle.sessions.exclude(status=EchoSession.Status.CANCELLED).filter(ends_at__gt=now).exists():
                raise TooEarlyError(
                    _("This cycle still has sessions to come. Close it after the last one, or cancel them.")
                )
            move_cycle(cycle_id=cycle.pk, to=Cycle.Status.CLOSED, by=by, now=now)
            cycle.refresh_from_db(fields=["status", "closed_at", "closed_by"])
        _keep(cycle, found, by=by, now=now)
        return issue_certificates(cycle=cycle, now=now, ledgers=ledgers)


def close_due_cycles(*, now: datetime) -> int:
    """Close every published cycle whose grace period is over; returns how many. Safe to run at any time, twice.

    A cycle that cannot be closed is logged, tried again the next time, and holds up no other.
    """
    closed = 0
    for cycle in Cycle.objects.filter(status=Cycle.Status.PUBLISHED, ends_on__lte=now.date()):
        if cycle.closes_by_itself_on > now:
            continue
        try:
            close_cycle(cycle_id=cycle.pk, by=None, now=now)
        except DomainError:
            # A session was moved past the cycle's last day (it closes when that one is over), or somebody has
            # just taken the cycle back.
            continue
        except Exception:
            logger.exception("Cycle %s could not be closed.", cycle.pk)
            continue
        closed += 1
    return closed


def issue_late_finishers(*, now: datetime) -> int:
    """Issue certificates to those who completed after their cycle was closed; returns how many (rule 19).

    A cycle whose certificates cannot be issued is logged, tried again the next time, and holds up no other.
    """
    issued = 0
    waiting: dict[int, list[int]] = {}
    for enrolment_id, cycle_id in late_finishers().values_list("pk", "cycle_id"):
        waiting.setdefault(cycle_id, []).append(enrolment_id)
    for cycle_id, enrolment_ids in waiting.items():
        try:
            issued += _issue_late(cycle_id, enrolment_ids, now)
        except Exception:
            logger.exception("Cycle %s: the certificates of late finishers could not be issued.", cycle_id)
    return issued


@transaction.atomic
def _issue_late(cycle_id: int, enrolment_ids: list[int], now: datetime) -> int:
    with audit.act("certificate.issue_late", by=None):
        cycle = Cycle.objects.select_for_update(of=("self",)).select_related("program").get(pk=cycle_id)
        return len(issue_certificates(cycle=cycle, now=now, enrolment_ids=enrolment_ids))


def _keep(cycle: Cycle, found: Outcomes, *, by: User | None, now: datetime) -> DryRun:
    return DryRun.objects.create(cycle=cycle, made_at=now, made_by=by, outcomes=found)
