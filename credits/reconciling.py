"""Do the closed cycles come out? Who is due a certificate, who has one, whose mail went out; a few queries for all."""

from collections import Counter, defaultdict
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)

from core.personal import NOBODYS
from credits.issued import certificate_mails, gate_is_met
from credits.models import Certificate, CreditLine, Waiver
from credits.queries import cycle_ledgers
from outbox.states import WAITING, MailStatus
from sessions_app.models import Attendance, Cycle, EchoSession, Enrolment
from surveys.queries import submitted_gate_responses

LOOK_BACK = timedelta(days=400)
"""Cycles closed longer ago are looked at only while a certificate of theirs waits or has failed."""

PATIENCE = timedelta(hours=1)
"""What has waited longer than this is not simply on its way any more."""

LATE_PATIENCE = timedelta(minutes=2)
"""The poll that issues to late finishers runs every minute; who waits longer was missed."""

LATE = "late"


@dataclass(frozen=True, slots=True)
class OpenItems:
    """What keeps a closed cycle from coming out, each certificate or mail counted once."""

    not_issued: int = 0
    """Certificates that are due and do not exist."""
    certificates_waiting: int = 0
    """Those not drawn within an hour of getting their number."""
    certificates_failed: int = 0
    not_mailed: int = 0
    """Valid certificates without a mail, lost or never written; those of people who have no address excepted."""
    mails_late: int = 0
    """Mails that still wait an hour after they were written."""
    mails_failed: int = 0
    mails_ambiguous: int = 0
    mails_bounced: int = 0

    @property
    def figures(self) -> dict[str, int]:
        """Each count by its name, in this order."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def total(self) -> int:
        """0 when the cycle comes out."""
        return sum(self.figures.values())


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """A closed cycle: eligible = issued + in progress + open, issued = mailed + nobody's + in progress + open."""

    cycle: Cycle
    eligible: int
    """Certificates that are due: those that exist and were not ended, and those that should."""
    issued: int
    mailed: int
    """Issued, and a mail server has accepted the latest mail and not returned it."""
    nobodys: int
    """Issued to people who were erased or merged away: there is no address any more."""
    open: OpenItems

    @property
    def total(self) -> int:
        """What needs a person; must be 0."""
        return self.open.total


def reconciliations(*, now: datetime) -> list[Reconciliation]:
    """Each cycle that was closed within 400 days, or has certificates that wait or failed, the last closed first.

    Three queries for all cycles together. Ledgers (queries.cycle_ledgers) are computed only of those who have answered
    everything, were there, and have no certificate of a grant that covers them; so only for cycles with such people.
    """
    cycles = list(_cycles(now))
    ids = [cycle.pk for cycle in cycles]
    counts = _counts(ids, now)
    candidates = _candidates(ids, now)
    return [_reconciled(cycle, counts[cycle.pk], candidates.get(cycle.pk, [])) for cycle in cycles]


def _cycles(now: datetime) -> QuerySet[Cycle]:
    unfinished = Certificate.objects.filter(
        enrolment__cycle=OuterRef("pk"), status__in=[Certificate.Status.PENDING, Certificate.Status.FAILED]
    )
    return (
        Cycle.objects.filter(status=Cycle.Status.CLOSED)
        .filter(Q(closed_at__gte=now - LOOK_BACK) | Exists(unfinished))
        .select_related("program")
        .order_by("-closed_at", "pk")
    )


def _counts(cycle_ids: list[int], now: datetime) -> dict[int, Counter[tuple[str, str]]]:
    """For each cycle how many certificates by their status and, where issued, what became of the latest mail."""
    mail = certificate_mails(OuterRef("document")).annotate(
        state=Case(
            When(status__in=list(WAITING), queued_at__lt=now - PATIENCE, then=Value(LATE)),
            default=F("status"),
            output_field=CharField(),
        )
    )
    rows = (
        Certificate.objects.filter(enrolment__cycle__in=cycle_ids)
        .order_by()
        .annotate(
            is_nobodys=Q(enrolment__participant__email__endswith=NOBODYS),
            is_old=Q(created_at__lt=now - PATIENCE),
            # Only a valid certificate's mail matters: one that was corrected went out with a mail of its own.
            mail=Case(
                When(status=Certificate.Status.ISSUED, then=Subquery(mail.values("state")[:1])),
                default=Value(""),
                output_field=CharField(),
            ),
        )
        .values_list("enrolment__cycle_id", "status", "mail", "is_nobodys", "is_old")
        .annotate(count=Count("pk"))
    )
    counts: dict[int, Counter[tuple[str, str]]] = defaultdict(Counter)
    for cycle_id, status, state, is_nobodys, is_old, count in rows:
        what = "" if status == Certificate.Status.ISSUED else "old" if is_old else "new"
        if status == Certificate.Status.ISSUED:
            what = "nobodys" if is_nobodys else state or "none"
        counts[cycle_id][status, what] += count
    return counts


def _candidates(cycle_ids: list[int], now: datetime) -> dict[int, list[int]]:
    """For each cycle the enrolments whose ledger has to be looked at (1 query).

    They have met the gate longer ago than the poll takes, were in a session, and have no certificate, ended ones
    included, under some accreditation that covers their category on a day of the cycle.
    """
    held = EchoSession.objects.filter(
        cycle=OuterRef(OuterRef("cycle")),
        starts_at__date__gte=OuterRef("accreditation__valid_from"),
        starts_at__date__lte=OuterRef("accreditation__valid_to"),
    )
    certified = Certificate.objects.filter(
        enrolment=OuterRef(OuterRef("pk")), accreditation=OuterRef("accreditation")
    )
    uncertified = CreditLine.objects.filter(
        category=OuterRef("participant__profile__category"), accreditation__program=OuterRef("cycle__program")
    ).filter(Exists(held), ~Exists(certified))
    present = Attendance.objects.filter(enrolment=OuterRef("pk"), is_guest=False, minutes__gt=0)
    rows = (
        Enrolment.objects.filter(cycle__in=cycle_ids, status=Enrolment.Status.APPROVED)
        .filter(Exists(uncertified), Exists(present))
        .annotate(
            answered_at=Max("responses__submitted_at", filter=Q(responses__in=submitted_gate_responses())),
            waived_at=Max("waivers__decided_at", filter=Q(waivers__status=Waiver.Status.GRANTED)),
        )
        .filter(
            gate_is_met(),
            Q(answered_at__isnull=True) | Q(answered_at__lt=now - LATE_PATIENCE),
            Q(waived_at__isnull=True) | Q(waived_at__lt=now - LATE_PATIENCE),
        )
        .order_by("pk")
        .values_list("cycle_id", "pk")
    )
    candidates: dict[int, list[int]] = defaultdict(list)
    for cycle_id, enrolment_id in rows:
        candidates[cycle_id].append(enrolment_id)
    return candidates


def _reconciled(cycle: Cycle, counts: Counter[tuple[str, str]], candidates: list[int]) -> Reconciliation:
    status = Certificate.Status
    not_issued = 0
    if candidates:
        ledgers = cycle_ledgers(cycle, enrolments=Enrolment.objects.filter(pk__in=candidates))
        not_issued = sum(len(ledger.to_issue) for ledger in ledgers)
    issued = sum(count for (state, _what), count in counts.items() if state == status.ISSUED)
    waiting = sum(count for (state, _what), count in counts.items() if state == status.PENDING)
    failed = sum(count for (state, _what), count in counts.items() if state == status.FAILED)
    return Reconciliation(
        cycle=cycle,
        eligible=issued + waiting + failed + not_issued,
        issued=issued,
        mailed=counts[status.ISSUED, MailStatus.SENT],
        nobodys=counts[status.ISSUED, "nobodys"],
        open=OpenItems(
            not_issued=not_issued,
            certificates_waiting=counts[status.PENDING, "old"],
            certificates_failed=failed,
            not_mailed=counts[status.ISSUED, "none"],
            mails_late=counts[status.ISSUED, LATE],
            mails_failed=counts[status.ISSUED, MailStatus.FAILED],
            mails_ambiguous=counts[status.ISSUED, MailStatus.AMBIGUOUS],
            mails_bounced=counts[status.ISSUED, MailStatus.BOUNCED],
        ),
    )
