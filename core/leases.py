"""Work claimed from a table: the row is the promise, a lease says who works on it (docs/decisions/table-queue.md)."""

import logging
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 8
"""Tries after which a piece of work that keeps failing is dead and waits for a person."""

BROKER_PATIENCE = {"socket_connect_timeout": 1, "socket_timeout": 1}
"""Seconds that a request waits at most for a broker that does not answer."""


class LostLeaseError(Exception):
    """Another worker has taken the row since: what this one did must not be written back."""


class LeasedWork(models.Model):
    """Columns of a row that workers claim: when it is due, who holds it, how often it was tried, what went wrong."""

    attempts = models.PositiveSmallIntegerField(default=0, editable=False)
    next_attempt_at = models.DateTimeField(default=timezone.now, editable=False)
    lease_token = models.UUIDField(null=True, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    last_error = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True


Work = TypeVar("Work", bound=LeasedWork)


def claim(
    waiting: models.QuerySet[Work, Work], *, now: datetime, seconds: int, limit: int = 1, **changes: Any
) -> list[Work]:
    """Claim up to `limit` rows of `waiting` that are due and that nobody holds, for `seconds`.

    Each claim counts as an attempt and writes `changes` (a status, say). Rows another worker is claiming at the
    same moment are skipped, not waited for. The rows come back with their lease token.
    """
    token = uuid4()
    with transaction.atomic():
        rows = list(
            waiting.filter(next_attempt_at__lte=now)
            .filter(Q(leased_until__isnull=True) | Q(leased_until__lt=now))
            .order_by("next_attempt_at", "pk")
            .select_for_update(skip_locked=True, of=("self",))[:limit]
        )
        if rows:
            waiting.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(
                lease_token=token,
                leased_until=now + timedelta(seconds=seconds),
                attempts=F("attempts") + 1,
                **changes,
            )
    for row in rows:
        row.lease_token = token
        row.leased_until = now + timedelta(seconds=seconds)
        row.attempts += 1
        for name, value in changes.items():
            setattr(row, name, value)
    return rows


def held(rows: models.QuerySet[Work, Work], *, pk: int, token: UUID | None) -> Work:
    """The row `pk`, locked, if `token` still holds it. Call inside the transaction that writes the result back.

    Raises LostLeaseError when the lease ran out and somebody else claimed the row since.
    """
    row = rows.select_for_update(of=("self",)).filter(pk=pk, lease_token=token).first()
    if row is None or token is None:
        raise LostLeaseError(f"row {pk} is held by another worker")
    return row


def backoff(attempts: int) -> timedelta:
    """How long to wait after the `attempts`-th failure: 15 s, doubling, at most an hour."""
    return timedelta(seconds=min(15 * 2 ** max(attempts - 1, 0), 3600))


def nudge(task: Any) -> None:
    """Ask a worker to run `task` at once. A broker that is away loses nothing: beat polls the tables."""
    try:
        # A connection of its own: the workers' waits longer for a broker that has stopped to answer.
        with task.app.connection_for_write(transport_options=BROKER_PATIENCE) as broker:
            task.apply_async(connection=broker, expires=60, retry=False)
    except (OperationalError, OSError) as error:
        logger.warning(
            "The broker is away (%s): %s waits for the next poll.", type(error).__name__, task.name
        )
