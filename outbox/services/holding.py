"""The switch that holds all mail: it waits in its table until somebody releases it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError
from outbox.models import MailHold
from outbox.services.queueing import nudge

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

LOCK = "outbox.hold"


@transaction.atomic
def hold_mail(*, reason: str, by: AbstractBaseUser, now: datetime) -> MailHold:
    """Hold all mail but codes for logging in; a hold that is there stays as it is.

    No mail is begun once this has committed: it waits for the claims that are being made. One that a worker has in hand
    by then still goes out. Raises BadInputError without a reason.
    """
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise BadInputError(_("Write down why email is held."))
    _lock("pg_advisory_xact_lock")
    if held := MailHold.objects.filter(released_at=None).first():
        return held
    with audit.act("mail.hold", by=by, reason=reason):
        return MailHold.objects.create(held_by_id=by.pk, reason=reason, held_at=now)


@transaction.atomic
def release_mail(*, by: AbstractBaseUser, now: datetime) -> MailHold | None:
    """Let mail go out again; None where nothing is held. Workers begin at once."""
    held = MailHold.objects.select_for_update().filter(released_at=None).first()
    if held is None:
        return None
    with audit.act("mail.release", by=by):
        held.released_at, held.released_by_id = now, by.pk
        held.save(update_fields=["released_at", "released_by"])
    transaction.on_commit(nudge, robust=True)
    return held


def is_mail_held() -> bool:
    """Whether mail is held, asked inside the transaction that claims one: a hold waits for that transaction's end."""
    _lock("pg_advisory_xact_lock_shared")
    return MailHold.objects.filter(released_at=None).exists()


def _lock(function: str) -> None:
    with connection.cursor() as cursor:
        # One of two names that stand above.
        cursor.execute(f"SELECT {function}(hashtext(%s))", [LOCK])
