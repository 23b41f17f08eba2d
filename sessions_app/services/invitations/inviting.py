"""Inviting people to a cycle: those of a list, each once. The mails are a worker's to queue."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError
from core.leases import nudge
from participants.models import User
from sessions_app import tasks
from sessions_app.models import Cycle, Invitation, Roster
from sessions_app.rosters import CheckedRow, RosterError, parse_pasted
from sessions_app.services.invitations.candidates import KNOWN_LINK, Assessment, Candidate, assess
from sessions_app.services.invitations.words import refusal
from sessions_app.services.standing import lock_cycle

DAYS_VALID = 30
MAX_DAYS_VALID = 180
KNOWN = ("name", "category", "profession", "licence_number", "practice_name", "practice_city")
"""What a list tells of a person beside address and language."""


@transaction.atomic
def invite(
    *,
    cycle_id: int,
    rows: Iterable[CheckedRow],
    by: User,
    now: datetime,
    days_valid: int = DAYS_VALID,
    is_preapproved: bool = False,
    language: str = "en",
    roster: Roster | None = None,
) -> int:
    """Invite everybody of `rows` who can be, and return how many; whoever is invited or in the cycle is passed over.

    Twice, or twice at once, invites each person once: the cycle's lock decides who was first. An invitation whose
    link expired is renewed. `language` is for those whose row names none and who have no profile.

    Raises BadInputError for a cycle that nobody can join and for a link that would hold too long or not at all.
    """
    if not 1 <= days_valid <= MAX_DAYS_VALID:
        raise BadInputError(_("A link can be valid for 1 to %(most)d days.") % {"most": MAX_DAYS_VALID})
    if language not in dict(settings.LANGUAGES):
        raise BadInputError(_("The portal has no such language."))
    cycle = lock_cycle(cycle_id)
    require_joinable(cycle, now=now)
    candidates = Assessment(assess(cycle, rows, now=now)).invitable
    invitations = [
        _fill(candidate, cycle=cycle, language=language, roster=roster) for candidate in candidates
    ]
    for invitation in invitations:
        invitation.is_preapproved = is_preapproved
        invitation.invited_at, invitation.invited_by = now, by
        invitation.expires_at = now + timedelta(days=days_valid)
    new = [invitation for invitation in invitations if invitation.pk is None]
    renewed = [invitation for invitation in invitations if invitation.pk is not None]
    with audit.act("invitation.invite", by=by):
        Invitation.objects.bulk_create(new, batch_size=1000)
        Invitation.objects.bulk_update(renewed, RENEWED, batch_size=500)
    if invitations:
        transaction.on_commit(partial(nudge, tasks.send_invitations))
    return len(invitations)


RENEWED = [
    *KNOWN, "language", "account", "is_preapproved", "roster", "invited_at", "invited_by", "expires_at",
    "mailed_at", "reminders", "reminded_at", "opened_at",
]  # fmt: skip
"""What a renewed invitation gets anew; its number, and so its link, stays."""


def invite_pasted(
    *,
    cycle_id: int,
    text: str,
    by: User,
    now: datetime,
    days_valid: int = DAYS_VALID,
    is_preapproved: bool = False,
    language: str = "en",
) -> int:
    """As `invite`, from addresses typed or pasted as text.

    Raises BadInputError for a text that is too large as well.
    """
    return invite(
        cycle_id=cycle_id,
        rows=read_pasted(text),
        by=by,
        now=now,
        days_valid=days_valid,
        is_preapproved=is_preapproved,
        language=language,
    )


def read_pasted(text: str) -> tuple[CheckedRow, ...]:
    """The people of a pasted text. Raises BadInputError for a text that is too large."""
    try:
        return parse_pasted(text)
    except RosterError as error:
        raise refusal(error) from error


def require_joinable(cycle: Cycle, *, now: datetime) -> None:
    """Raise BadInputError unless whoever is invited to the cycle could join it."""
    if cycle.status == Cycle.Status.PLANNED:
        raise BadInputError(_("Publish the cycle first: until then, the links lead nowhere."))
    if not is_joinable(cycle, now=now):
        raise BadInputError(_("This cycle is over: nobody can join it any more."))


def is_joinable(cycle: Cycle, *, now: datetime) -> bool:
    """Whether an invitation to the cycle leads anywhere."""
    return cycle.status == Cycle.Status.PUBLISHED and timezone.localdate(now) <= cycle.ends_on


def _fill(candidate: Candidate, *, cycle: Cycle, language: str, roster: Roster | None) -> Invitation:
    """The invitation of a candidate: a new one, or the one there is made fresh."""
    row, account = candidate.row, candidate.account
    invitation = candidate.invitation if candidate.standing in KNOWN_LINK else None
    if invitation is None:
        invitation = Invitation(cycle=cycle, email=row.email)
    for field in KNOWN:
        # A list of addresses alone does not take away what an earlier roster told.
        setattr(invitation, field, getattr(row, field) or getattr(invitation, field))
    invitation.language = row.language or (account.language if account else "") or language
    invitation.account_id = account.pk if account else None
    invitation.roster = roster
    invitation.mailed_at = invitation.reminded_at = invitation.opened_at = None
    invitation.reminders = 0
    return invitation
