"""Reads of invitations: whose an address is, what became of each invitation, and which of them wait for an answer."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import models
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Lower
from django.utils.translation import pgettext_lazy

from participants.models import User
from sessions_app.models import Cycle, Enrolment, Invitation


class Fate(models.TextChoices):
    """What became of an invitation; from the application on, it is where the enrolment stands."""

    WAITING = "waiting", pgettext_lazy("invitation", "Waiting to be emailed")
    MAILED = "mailed", pgettext_lazy("invitation", "Emailed")
    OPENED = "opened", pgettext_lazy("invitation", "Link followed")
    SIGNED_UP = "signed_up", pgettext_lazy("invitation", "Signed up")
    APPLIED = Enrolment.Status.APPLIED.value, Enrolment.Status.APPLIED.label
    APPROVED = Enrolment.Status.APPROVED.value, Enrolment.Status.APPROVED.label
    WAITLISTED = Enrolment.Status.WAITLISTED.value, Enrolment.Status.WAITLISTED.label
    DECLINED = Enrolment.Status.DECLINED.value, Enrolment.Status.DECLINED.label
    WITHDRAWN = Enrolment.Status.WITHDRAWN.value, Enrolment.Status.WITHDRAWN.label
    EXPIRED = "expired", pgettext_lazy("invitation", "Expired")
    REVOKED = "revoked", pgettext_lazy("invitation", "Invitation withdrawn")


@dataclass(frozen=True, slots=True)
class Account:
    """An account as an invitation needs it."""

    pk: int
    is_active: bool
    language: str
    """Of the profile; "" without one."""


def accounts_of(emails: Collection[str]) -> dict[str, Account]:
    """The account of each lower-case address that has one: two queries, however many addresses.

    An address belongs to an account as its log-in or as one of its confirmed addresses, the latter before the former.
    """
    wanted = list(emails)
    columns = ("pk", "is_active", "profile__language")
    by_login = User.objects.filter(email__in=wanted).values_list("email", *columns)
    by_address = (
        EmailAddress.objects.annotate(address=Lower("email"))
        .filter(verified=True, address__in=wanted)
        .values_list("address", *(f"user__{column}" for column in columns))
    )
    return {
        email: Account(pk, is_active, language or "")
        for rows in (by_login, by_address)
        for email, pk, is_active, language in rows
    }


def with_fate(invitations: QuerySet[Invitation], *, now: datetime) -> QuerySet[Any]:
    """Invitations with `owner_id` (whose the address is by now), `enrolment_status` and `fate` at `now`.

    Who had left the cycle before they were invited is invited back: they have no `enrolment_status` until they apply.
    """
    confirmed = EmailAddress.objects.filter(email=OuterRef("email"), verified=True).values("user_id")[:1]
    login = User.objects.filter(email=OuterRef("email")).values("pk")[:1]
    enrolment = (
        Enrolment.objects.filter(cycle_id=OuterRef("cycle_id"), participant_id=OuterRef("owner_id"))
        .exclude(status=Enrolment.Status.WITHDRAWN, decided_at__lt=OuterRef("invited_at"))
        .values("status")[:1]
    )
    return (
        invitations.annotate(
            owner_id=Coalesce(
                "account_id", Subquery(confirmed), Subquery(login), output_field=models.BigIntegerField()
            )
        )
        .annotate(enrolment_status=Subquery(enrolment))
        .annotate(
            fate=Case(
                When(enrolment_status__isnull=False, then=F("enrolment_status")),
                When(revoked_at__isnull=False, then=Value(Fate.REVOKED.value)),
                When(expires_at__lte=now, then=Value(Fate.EXPIRED.value)),
                # Whoever had an account when they were invited is matched; this one came since.
                When(account_id__isnull=True, owner_id__isnull=False, then=Value(Fate.SIGNED_UP.value)),
                When(opened_at__isnull=False, then=Value(Fate.OPENED.value)),
                When(Q(mailed_at__isnull=False) | Q(reminders__gt=0), then=Value(Fate.MAILED.value)),
                default=Value(Fate.WAITING.value),
                output_field=models.CharField(),
            )
        )
    )


def unanswered(*, now: datetime) -> QuerySet[Any]:
    """Invitations that hold at `now`, of people who have not applied, or not since they left and were invited back."""
    return with_fate(Invitation.objects.all(), now=now).filter(
        cycle__status=Cycle.Status.PUBLISHED,
        revoked_at__isnull=True,
        expires_at__gt=now,
        enrolment_status__isnull=True,
    )
