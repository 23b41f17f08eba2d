"""Telling coordinators, unasked, that a closed cycle does not come out: nobody else would miss a lost certificate."""

import logging
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import ngettext_lazy

from core.errors import BadInputError
from core.personal import NOBODYS
from credits.reconciling import Reconciliation, reconciliations
from outbox.services import queue_mail
from participants.models import User
from sessions_app.scope import works_for

logger = logging.getLogger(__name__)

WORDS = {
    "not_issued": ngettext_lazy(
        "%(count)d certificate is due but does not exist.",
        "%(count)d certificates are due but do not exist.",
        "count",
    ),
    "certificates_waiting": ngettext_lazy(
        "%(count)d certificate has waited for more than an hour to be made.",
        "%(count)d certificates have waited for more than an hour to be made.",
        "count",
    ),
    "certificates_failed": ngettext_lazy(
        "%(count)d certificate could not be made.", "%(count)d certificates could not be made.", "count"
    ),
    "not_mailed": ngettext_lazy(
        "%(count)d certificate is issued, and there is no email with it.",
        "%(count)d certificates are issued, and there are no emails with them.",
        "count",
    ),
    "mails_late": ngettext_lazy(
        "%(count)d email with a certificate has waited for more than an hour.",
        "%(count)d emails with certificates have waited for more than an hour.",
        "count",
    ),
    "mails_failed": ngettext_lazy(
        "%(count)d email with a certificate failed.",
        "%(count)d emails with certificates failed.",
        "count",
    ),
    "mails_ambiguous": ngettext_lazy(
        "%(count)d email with a certificate may or may not have arrived.",
        "%(count)d emails with certificates may or may not have arrived.",
        "count",
    ),
    "mails_bounced": ngettext_lazy(
        "%(count)d email with a certificate was returned.",
        "%(count)d emails with certificates were returned.",
        "count",
    ),
}


def reconcile(*, now: datetime) -> list[Reconciliation]:
    """Compare what each closed cycle owes with what went out, log it, and mail the coordinators where it differs.

    They are mailed once a day for each cycle of a program they work for, and again the same day when the figures have
    changed. The mail names no participant. Safe to run at any time, twice, and by several workers.
    """
    found = reconciliations(now=now)
    for row in found:
        figures = ", ".join(
            f"{name} {count}"
            for name, count in {
                "eligible": row.eligible,
                "issued": row.issued,
                "mailed": row.mailed,
                "nobodys": row.nobodys,
                **row.open.figures,
            }.items()
        )
        if row.total:
            logger.warning("Cycle %d does not come out: %s.", row.cycle.pk, figures)
        else:
            logger.info("Cycle %d comes out: %s.", row.cycle.pk, figures)
    differing = [row for row in found if row.total]
    if differing:
        _tell(differing, now)
    return found


def coordinators() -> QuerySet[User]:
    """The active staff who may close a cycle, by a role, by themselves or as administrators."""
    allowed = {"content_type__app_label": "credits", "codename": "close_cycle"}
    by_role = {f"groups__permissions__{name}": value for name, value in allowed.items()}
    by_name = {f"user_permissions__{name}": value for name, value in allowed.items()}
    return (
        User.objects.filter(Q(is_superuser=True) | Q(**by_role) | Q(**by_name), is_active=True, is_staff=True)
        .exclude(email__endswith=NOBODYS)
        .select_related("profile", "staff_scope")
        .order_by("pk")
        .distinct()
    )


def _tell(differing: list[Reconciliation], now: datetime) -> None:
    people = list(coordinators())
    day = timezone.localdate(now)
    for row in differing:
        counts = "-".join(str(count) for count in row.open.figures.values())
        told = [person for person in people if works_for(person, row.cycle.program_id)]
        if not told:
            logger.warning("Nobody is told of cycle %d: no active staff may close it.", row.cycle.pk)
        for person in told:
            profile = getattr(person, "profile", None)
            try:
                queue_mail(
                    key=f"reconciliation:{row.cycle.pk}:{day:%Y%m%d}:{counts}:{person.pk}",
                    kind="reconciliation",
                    to=person.email,
                    template="credits/mail/reconciliation",
                    context=letter_about(row) | {"name": _name(person)},
                    language=profile.language if profile else settings.LANGUAGE_CODE[:2],
                )
            except BadInputError as error:
                # An address that no mail reaches keeps nobody else from theirs.
                logger.warning("Coordinator %d cannot be told: %s", person.pk, error)


def letter_about(row: Reconciliation) -> dict[str, object]:
    """What the mail about `row` says; its sentences are put into the reader's language when it is rendered."""
    return {
        "cycle": row.cycle,
        "program": row.cycle.program,
        "total": row.total,
        "lines": [_counted(name, count) for name, count in row.open.figures.items() if count],
        "url": settings.PORTAL_URL + reverse("admin:credits_cycleclosing_close", args=[row.cycle.pk]),
        "mails_url": settings.PORTAL_URL + reverse("admin:outbox_outgoingmail_changelist"),
    }


def _count(name: str, count: int) -> str:
    return str(WORDS[name] % {"count": count})


_counted = lazy(_count, str)
"""Put into words when the mail is rendered, in its reader's language: a plural's `%` is done at once."""


def _name(person: User) -> str:
    profile = getattr(person, "profile", None)
    return (profile.preferred_name or profile.legal_name) if profile else person.email
