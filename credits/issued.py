"""Certificates of a cycle as they stand: who is due one late, how far they are, and what became of their mails."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from core.models import StoredFile
from credits.facts import CertificateFacts
from credits.models import Certificate, Waiver
from credits.queries import CONDITION_OF, Ledger
from credits.states import LIVE
from outbox.models import OutgoingMail
from outbox.states import UNDELIVERED
from sessions_app.models import Cycle, Enrolment
from surveys.queries import submitted_gate_responses

MAIL_KIND = "certificate"


def mail_key(certificate_id: int, turn: int = 1) -> str:
    """The key of the `turn`-th mail of a certificate: queued once, whoever asks and however often (rule 18)."""
    return f"certificate:{certificate_id}" if turn == 1 else f"certificate:{certificate_id}:{turn}"


def signature_of(facts: CertificateFacts) -> bytes | None:
    """The image of the signature that the facts name, or None where they name none."""
    if not facts.signature_sha256:
        return None
    return bytes(StoredFile.objects.get(sha256=facts.signature_sha256).content)


def certificate_mails(document: int | OuterRef) -> QuerySet[OutgoingMail]:
    """The mails that carry a certificate's document, the latest first: it tells whether the certificate arrived."""
    mails = OutgoingMail.objects.filter(kind=MAIL_KIND, attachments__file=document)
    return mails.order_by("-queued_at", "-pk")


def latest_mail(field: str) -> Subquery:
    """The `field` of the latest mail of each certificate of a query; None where there is no mail."""
    return Subquery(certificate_mails(OuterRef("document")).values(field)[:1])


def matters_no_more() -> Q:
    """The condition on a mail that nobody need see to it: its certificate has ended, or a later mail carries it too."""
    carried = Certificate.objects.filter(document__mail_attachments__mail=OuterRef("pk"))
    mails = OutgoingMail.objects.filter(
        kind=MAIL_KIND, attachments__file__mail_attachments__mail=OuterRef("pk")
    )
    later = Q(queued_at__gt=OuterRef("queued_at")) | Q(queued_at=OuterRef("queued_at"), pk__gt=OuterRef("pk"))
    return Q(Exists(carried.exclude(status__in=sorted(LIVE)))) | Q(Exists(mails.filter(later)))


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A certificate whose mail did not arrive, or may not have."""

    certificate: Certificate
    mail: OutgoingMail


def undelivered(cycle: Cycle) -> list[Undelivered]:
    """The certificates of the cycle whose latest mail failed, came back or may have arrived (2 queries at most)."""
    certificates = (
        Certificate.objects.filter(enrolment__cycle=cycle, status=Certificate.Status.ISSUED)
        .annotate(mail=latest_mail("pk"), mail_status=latest_mail("status"))
        .filter(mail_status__in=sorted(UNDELIVERED))
        .select_related("enrolment__participant__profile")
        .order_by("serial")
    )
    mails = OutgoingMail.objects.defer("body_text", "body_html", "calendar").in_bulk(
        [certificate.mail for certificate in certificates]
    )
    return [Undelivered(certificate, mails[certificate.mail]) for certificate in certificates]


def mail_went_astray(certificates: Iterable[Certificate]) -> set[int]:
    """Which of these, if valid, did not reach their holder: the latest mail failed or came back (1 query at most)."""
    valid = [row.pk for row in certificates if row.status == Certificate.Status.ISSUED]
    if not valid:
        return set()
    astray = Certificate.objects.annotate(mail_status=latest_mail("status")).filter(
        pk__in=valid, mail_status__in=[OutgoingMail.Status.FAILED, OutgoingMail.Status.BOUNCED]
    )
    return set(astray.values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Difference:
    """A valid certificate that no longer says what the record says."""

    certificate_id: int
    number: str
    name: str
    name_now: str
    amount: Decimal
    amount_now: Decimal


def differences(cycle: Cycle, ledgers: Iterable[Ledger]) -> list[Difference]:
    """The valid certificates of the cycle whose name, hours or amount differ from the ledgers by now (1 query).

    None once its records were purged: the ledgers come to nothing, and the certificates stand as they were issued.
    """
    certified = [ledger for ledger in ledgers if ledger.certified]
    if not certified:
        return []
    certificates = {
        (enrolment_id, accreditation_id): values
        for enrolment_id, accreditation_id, *values in Certificate.objects.filter(
            enrolment__cycle=cycle, enrolment__cycle__purges=None, status=Certificate.Status.ISSUED
        ).values_list(
            "enrolment_id", "accreditation_id", "pk", "number", "hours", "amount", "facts__participant_name"
        )
    }
    found = []
    for ledger in certified:
        totals = {total.line.accreditation_id: total for total in ledger.totals}
        for accreditation_id in ledger.certified:
            values = certificates.get((ledger.enrolment.pk, accreditation_id))
            if values is None:
                continue
            pk, number, hours, amount, name = values
            total = totals.get(accreditation_id)
            hours_now = total.hours if total else Decimal(0)
            amount_now = total.amount if total else Decimal(0)
            name_now = ledger.profile.legal_name if ledger.profile else name
            if (hours, amount, name) != (hours_now, amount_now, name_now):
                found.append(Difference(pk, number, name, name_now, amount, amount_now))
    return found


def late_finishers() -> QuerySet[Enrolment]:
    """Enrolments of closed cycles that have answered everything, or were let off, and hold no certificate yet."""
    return Enrolment.objects.filter(
        ~Exists(Certificate.objects.filter(enrolment=OuterRef("pk"))),
        gate_is_met(),
        cycle__status=Cycle.Status.CLOSED,
        status=Enrolment.Status.APPROVED,
    )


def gate_is_met() -> Q:
    """The condition on an enrolment that each survey of the gate is answered or waived (rule 13)."""
    granted = Waiver.objects.filter(enrolment=OuterRef("pk"), status=Waiver.Status.GRANTED)
    answered = submitted_gate_responses().filter(enrolment=OuterRef("pk"))
    condition = Q()
    for kind, waived in CONDITION_OF.items():
        condition &= Q(Exists(answered.filter(window__instrument__kind=kind))) | Q(
            Exists(granted.filter(condition=waived))
        )
    return condition


@dataclass(frozen=True, slots=True)
class IssuingProgress:
    """How far the certificates of a cycle are."""

    waiting: int
    issued: int
    failed: int

    @property
    def total(self) -> int:
        """All that were begun and not revoked or superseded."""
        return self.waiting + self.issued + self.failed


def issuing_progress(cycle: Cycle) -> IssuingProgress:
    """How many certificates of the cycle wait, are issued and failed (1 query)."""
    counts = Certificate.objects.filter(enrolment__cycle=cycle).aggregate(
        **{
            status: Count("pk", filter=Q(status=status))
            for status in (Certificate.Status.PENDING, Certificate.Status.ISSUED, Certificate.Status.FAILED)
        }
    )
    return IssuingProgress(counts["pending"], counts["issued"], counts["failed"])
