"""Who of a list can be invited to a cycle, and why the others cannot."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from participants.enums import Category, Profession
from sessions_app.invitation_queries import Account, accounts_of
from sessions_app.models import Cycle, Enrolment, Invitation
from sessions_app.rosters import BLOCKING, CheckedRow
from sessions_app.services.invitations.words import in_words


class Standing(models.TextChoices):
    """Where somebody on a list stands with the cycle."""

    NEW = "new", pgettext_lazy("roster", "will be invited")
    RENEWED = "renewed", pgettext_lazy("roster", "was invited; gets a new link, as the old one expired")
    LEFT = "left", pgettext_lazy("roster", "was invited, and left the cycle; is invited back")
    INVITED = "invited", pgettext_lazy("roster", "is invited already")
    IN_CYCLE = "in_cycle", pgettext_lazy("roster", "is in the cycle already, or has applied")
    DECLINED = "declined", pgettext_lazy("roster", "was declined in this cycle")
    TWICE = "twice", pgettext_lazy("roster", "has the same account as an earlier row")
    SWITCHED_OFF = "switched_off", pgettext_lazy("roster", "has an account that is switched off")
    UNUSABLE = "unusable", pgettext_lazy("roster", "cannot be invited")


KNOWN_LINK = frozenset({Standing.RENEWED, Standing.LEFT})
"""Whose invitation there is already: it is made fresh."""
INVITABLE = frozenset({Standing.NEW, *KNOWN_LINK})
APPLIED = frozenset({Enrolment.Status.APPLIED, Enrolment.Status.APPROVED, Enrolment.Status.WAITLISTED})


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody on a list, with the account the address belongs to and the invitation there is."""

    row: CheckedRow
    standing: Standing
    account: Account | None = None
    invitation: Invitation | None = None

    @property
    def is_invitable(self) -> bool:
        """Whether inviting the list invites this person."""
        return self.standing in INVITABLE

    @property
    def problems(self) -> list[str]:
        """What is wrong with the row, what forbids inviting first; else why there is nothing to do."""
        found = sorted(self.row.problems, key=lambda problem: problem.problem not in BLOCKING)
        words = [in_words(problem) for problem in found]
        if self.standing in {Standing.TWICE, Standing.SWITCHED_OFF, Standing.DECLINED}:
            words.insert(0, WHY_NOT[self.standing]())
        return words

    @property
    def standing_label(self) -> str:
        """The standing in words."""
        return str(self.standing.label)

    @property
    def known(self) -> list[str]:
        """What the row tells beside address and name, in words."""
        row = self.row
        labels = (
            dict(Category.choices).get(row.category),
            dict(Profession.choices).get(row.profession),
            row.licence_number,
            row.practice_name,
            row.practice_city,
            dict(settings.LANGUAGES).get(row.language),
        )
        return [str(label) for label in labels if label]


WHY_NOT = {
    Standing.TWICE: lambda: _("An earlier row has another address of the same account."),
    Standing.SWITCHED_OFF: lambda: _("The account of this address is switched off."),
    Standing.DECLINED: lambda: _("The application of this person to this cycle was declined."),
}


def assess(cycle: Cycle, rows: Iterable[CheckedRow], *, now: datetime) -> list[Candidate]:
    """Each row with where the person stands, in the list's order: four queries, however long the list is."""
    rows = list(rows)
    emails = {row.email for row in rows if row.is_usable}
    accounts = accounts_of(emails)
    ids = {account.pk for account in accounts.values()}
    enrolled = {
        enrolment.participant_id: enrolment
        for enrolment in Enrolment.objects.filter(cycle=cycle, participant__in=ids)
    }
    by_email: dict[str, Invitation] = {}
    by_account: dict[int, Invitation] = {}
    standing = Invitation.objects.filter(cycle=cycle, revoked_at__isnull=True)
    for invitation in standing.filter(Q(email__in=emails) | Q(account__in=ids)):
        by_email[invitation.email] = invitation
        if invitation.account_id and invitation.expires_at > now:
            by_account[invitation.account_id] = invitation
    candidates, seen = [], set[int]()
    for row in rows:
        account = accounts.get(row.email) if row.is_usable else None
        held = by_email.get(row.email) or (by_account.get(account.pk) if account else None)
        known = _standing(row, account, enrolled, held, seen, now=now)
        if known in INVITABLE and account:
            seen.add(account.pk)
        candidates.append(Candidate(row, known, account, held))
    return candidates


def _standing(
    row: CheckedRow,
    account: Account | None,
    enrolled: dict[int, Enrolment],
    invitation: Invitation | None,
    seen: set[int],
    *,
    now: datetime,
) -> Standing:
    if not row.is_usable:
        return Standing.UNUSABLE
    if account and not account.is_active:
        return Standing.SWITCHED_OFF
    enrolment = enrolled.get(account.pk) if account else None
    status = enrolment.status if enrolment else None
    if status in APPLIED:
        return Standing.IN_CYCLE
    if status == Enrolment.Status.DECLINED:
        return Standing.DECLINED
    if account and account.pk in seen:
        return Standing.TWICE
    if invitation is None:
        return Standing.NEW
    if enrolment and enrolment.decided_at and enrolment.decided_at > invitation.invited_at:
        return Standing.LEFT
    return Standing.INVITED if invitation.expires_at > now else Standing.RENEWED


@dataclass(frozen=True, slots=True)
class Assessment:
    """A list as it is looked at before anybody is invited."""

    candidates: list[Candidate]

    @property
    def invitable(self) -> list[Candidate]:
        """Who gets an invitation."""
        return [candidate for candidate in self.candidates if candidate.is_invitable]

    @property
    def refused(self) -> list[Candidate]:
        """Whom something keeps from being invited that a person should look at."""
        kinds = {Standing.UNUSABLE, *WHY_NOT}
        return [candidate for candidate in self.candidates if candidate.standing in kinds]

    @property
    def incomplete(self) -> list[Candidate]:
        """Who is invited although something of the row could not be read."""
        return [candidate for candidate in self.invitable if candidate.row.problems]

    @property
    def here_already(self) -> list[Candidate]:
        """Who is in the cycle or invited to it."""
        kinds = {Standing.INVITED, Standing.IN_CYCLE}
        return [candidate for candidate in self.candidates if candidate.standing in kinds]

    @property
    def with_account(self) -> int:
        """How many of those who get an invitation have an account already."""
        return sum(candidate.account is not None for candidate in self.invitable)

    @property
    def counts(self) -> Counter[Standing]:
        """How many stand where."""
        return Counter(candidate.standing for candidate in self.candidates)
