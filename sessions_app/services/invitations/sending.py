"""The mails of invitations: queued by a worker, a batch at a time; rows whose `mailed_at` is empty are the queue."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from core import audit
from core.errors import BadInputError
from core.leases import nudge
from outbox.services import queue_mail
from participants.models import User
from sessions_app import tasks
from sessions_app.invitation_queries import unanswered, with_fate
from sessions_app.models import Cycle, Enrolment, Invitation
from sessions_app.services.invitations.inviting import DAYS_VALID
from sessions_app.services.invitations.links import invitation_url

logger = logging.getLogger(__name__)

BETWEEN_MAILS = timedelta(days=1)
"""Nobody is reminded sooner after the last mail, whoever asks for it."""
FIRST_REMINDER = timedelta(days=7)
"""After the invitation, where nobody has reminded them by hand."""
LAST_REMINDER = timedelta(days=3)
"""Before the link expires."""
BETWEEN_OWN_MAILS = timedelta(days=2)
"""The portal by itself leaves people alone for longer."""


@transaction.atomic
def send_invitations(*, now: datetime, limit: int = 200) -> int:
    """Queue the mails of up to `limit` invitations that wait for one, and return how many.

    Two workers at once take different rows. Who has applied meanwhile is not written to.
    """
    waiting = unanswered(now=now).filter(mailed_at__isnull=True)
    rows = list(
        waiting.select_related("cycle__program", "invited_by__profile", "account__profile")
        .order_by("pk")
        .select_for_update(of=("self",), skip_locked=True)[:limit]
    )
    queued = []
    with audit.act("invitation.mail", by=None):
        for invitation in rows:
            try:
                _queue(invitation)
            except BadInputError:
                # One that cannot be written to must not hold up the others; its row says that it waits.
                logger.warning("Invitation %s cannot be mailed.", invitation.pk)
            else:
                queued.append(invitation.pk)
        Invitation.objects.filter(pk__in=queued).update(mailed_at=now)
    return len(queued)


@transaction.atomic
def remind(*, invitation_ids: Iterable[int], by: User, now: datetime) -> int:
    """Remind those of the invited who have not applied, and return how many.

    Passed over: who was written to within a day, whose mail still waits, and whose link is expired or taken back.
    """
    return _remind(
        unanswered(now=now).filter(pk__in=list(invitation_ids), mailed_at__lte=now - BETWEEN_MAILS),
        by=by,
        now=now,
    )


@transaction.atomic
def remind_due(*, now: datetime) -> int:
    """What the portal does by itself: one reminder a week after the invitation, one three days before the link ends."""
    a_week_on = Q(reminders=0, invited_at__lte=now - FIRST_REMINDER)
    before_the_end = Q(expires_at__lte=now + LAST_REMINDER) & (
        Q(reminded_at__isnull=True) | Q(reminded_at__lt=F("expires_at") - LAST_REMINDER)
    )
    due = unanswered(now=now).filter(a_week_on | before_the_end, mailed_at__lte=now - BETWEEN_OWN_MAILS)
    return _remind(due, by=None, now=now)


@transaction.atomic
def revoke_invitations(*, invitation_ids: Iterable[int], by: User, now: datetime) -> int:
    """Take invitations back, and return how many: the link opens nothing any more. Who has applied stays.

    That of somebody who left is taken back, too: with it they could come in again.
    """
    ids = _locked(_not_applied(invitation_ids, now=now, or_left=True))
    with audit.act("invitation.revoke", by=by):
        return Invitation.objects.filter(pk__in=ids).update(revoked_at=now)


@transaction.atomic
def extend_invitations(
    *, invitation_ids: Iterable[int], by: User, now: datetime, days: int = DAYS_VALID
) -> int:
    """Let links hold until `days` from now, and return how many were prolonged; a later end stays.

    Whose link had expired gets a mail that says so: their last one told them it was over.
    """
    until = now + timedelta(days=days)
    ids = _locked(
        _not_applied(invitation_ids, now=now).filter(
            expires_at__lt=until, cycle__status=Cycle.Status.PUBLISHED
        )
    )
    chosen = Invitation.objects.filter(pk__in=ids)
    with audit.act("invitation.extend", by=by):
        written_again = chosen.filter(expires_at__lte=now, mailed_at__isnull=False).update(
            mailed_at=None, reminders=F("reminders") + 1, reminded_at=now, expires_at=until
        )
        chosen.filter(expires_at__lt=until).update(expires_at=until)
    if written_again:
        transaction.on_commit(partial(nudge, tasks.send_invitations))
    return len(ids)


@transaction.atomic
def open_invitation(*, invitation_id: int, now: datetime) -> None:
    """Note that somebody followed the link and chose to join; the first time counts."""
    with audit.act("invitation.open", by=None):
        Invitation.objects.filter(pk=invitation_id, opened_at__isnull=True).update(opened_at=now)


def _remind(due: QuerySet[Any], *, by: User | None, now: datetime) -> int:
    # Waits for whoever holds a row, and looks at it again then: two at once remind each person once.
    ids = _locked(due)
    with audit.act("invitation.remind", by=by):
        Invitation.objects.filter(pk__in=ids).update(
            reminders=F("reminders") + 1, reminded_at=now, mailed_at=None
        )
    if ids:
        transaction.on_commit(partial(nudge, tasks.send_invitations))
    return len(ids)


def _not_applied(invitation_ids: Iterable[int], *, now: datetime, or_left: bool = False) -> QuerySet[Any]:
    invitations = Invitation.objects.filter(pk__in=list(invitation_ids), revoked_at__isnull=True)
    is_meant = Q(enrolment_status__isnull=True)
    if or_left:
        is_meant |= Q(enrolment_status=Enrolment.Status.WITHDRAWN)
    return with_fate(invitations, now=now).filter(is_meant)


def _locked(invitations: QuerySet[Any]) -> list[int]:
    return [row.pk for row in invitations.order_by("pk").select_for_update(of=("self",))]


def _queue(invitation: Invitation) -> None:
    """The invitation's mail, or its next reminder.

    Not `is_secret`: such a mail goes before all others and is given up after an hour, and a roster of thousands must
    neither hold up a log-in code nor be lost to an evening without a mail server. What its text gives away is small
    and ends: the link opens the sign-up of an address that has no account yet, and nothing once there is one.
    """
    account, inviter = invitation.account, invitation.invited_by
    profile = getattr(account, "profile", None)
    is_reminder = invitation.reminders > 0
    queue_mail(
        # A renewed invitation has a new date, so its mail is a new one.
        key=f"invitation:{invitation.pk}:{invitation.invited_at.isoformat()}:{invitation.reminders}",
        kind="invitation",
        to=invitation.email,
        template=f"sessions_app/mail/invitation{'_reminder' if is_reminder else ''}",
        context={
            "name": profile.preferred_name or profile.legal_name if profile else invitation.name,
            "inviter": inviter.get_full_name() if hasattr(inviter, "profile") else "",
            "cycle": invitation.cycle,
            "program": invitation.cycle.program,
            "until": invitation.expires_at,
            "is_preapproved": invitation.is_preapproved,
            "has_account": account is not None,
            "url": invitation_url(invitation),
        },
        language=invitation.language,
    )
