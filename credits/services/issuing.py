"""Giving certificates their number: one row for each that is due, in one transaction."""

from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation

from core.leases import nudge
from core.templatetags.portal import localized_text
from credits import tasks
from credits.facts import CertificateFacts, CreditedSession
from credits.models import Accreditation, Certificate, NumberSeries
from credits.models.certificate import new_token
from credits.queries import Ledger, LineTotal, cycle_ledgers
from credits.rendering import TEMPLATE_VERSION
from sessions_app.models import Cycle, Enrolment, Hub


def issue_certificates(
    *,
    cycle: Cycle,
    now: datetime,
    enrolment_ids: list[int] | None = None,
    ledgers: list[Ledger] | None = None,
) -> list[Certificate]:
    """Create the certificates that are due in `cycle` (or to `enrolment_ids` of it), each with its number and facts.

    Call inside a transaction. `ledgers` are those of all of the cycle, where they were computed since
    `lock_accreditations`. Running it again creates nothing for those who have theirs. The workers render.
    """
    if ledgers is None:
        lock_accreditations(cycle.program_id)
        enrolments = cycle.enrolments.filter(status=Enrolment.Status.APPROVED)
        if enrolment_ids is not None:
            enrolments = enrolments.filter(pk__in=enrolment_ids)
        ledgers = cycle_ledgers(cycle, enrolments=enrolments)
    due = [(ledger, total) for ledger in ledgers for total in ledger.to_issue]
    if not due:
        return []
    numbers = take_numbers(len(due), year=timezone.localdate(now).year)
    hubs = list(cycle.program.program_hubs.select_related("hub"))
    certificates = Certificate.objects.bulk_create(
        [
            new_certificate(
                ledger=ledger, total=total, year=year, serial=serial, now=now, hubs=[row.hub for row in hubs]
            )
            for (ledger, total), (year, serial) in zip(due, numbers, strict=True)
        ],
        batch_size=500,
    )
    transaction.on_commit(partial(nudge, tasks.render_due), robust=True)
    return certificates


def lock_accreditations(program_id: int) -> None:
    """One issuing at a time under an accreditation: its cap counts what other cycles' closings give (rule 10)."""
    list(
        Accreditation.objects.select_for_update()
        .filter(program=program_id)
        .order_by("pk")
        .values_list("pk", flat=True)
    )


def take_numbers(count: int, *, year: int) -> list[tuple[int, int]]:
    """The next `count` numbers of `year`. The counter stays locked until the transaction ends: no gap, no double."""
    NumberSeries.objects.get_or_create(year=year)
    series = NumberSeries.objects.select_for_update().get(year=year)
    first = series.last + 1
    series.last += count
    series.save(update_fields=["last"])
    return [(year, serial) for serial in range(first, series.last + 1)]


def new_certificate(
    *,
    ledger: Ledger,
    total: LineTotal,
    year: int,
    serial: int,
    now: datetime,
    hubs: list[Hub],
    supersedes: Certificate | None = None,
) -> Certificate:
    """A certificate not yet saved, with everything that it will print (rule 15), frozen from here on (rule 16)."""
    number, token = f"ECHO-{year}-{serial:06d}", new_token()
    facts = certificate_facts(
        ledger=ledger,
        total=total,
        number=number,
        token=token,
        now=now,
        hubs=hubs,
        supersedes=supersedes.number if supersedes else "",
    )
    return Certificate(
        enrolment=ledger.enrolment,
        accreditation=total.line.accreditation,
        line=total.line,
        year=year,
        serial=serial,
        number=number,
        token=token,
        hours=total.hours,
        amount=total.amount,
        facts=facts.to_json(),
        created_at=now,
        next_attempt_at=now,
        supersedes=supersedes,
    )


def certificate_facts(
    *,
    ledger: Ledger,
    total: LineTotal,
    number: str,
    token: str,
    now: datetime,
    hubs: list[Hub],
    supersedes: str = "",
) -> CertificateFacts:
    """What the certificate of `total` says, in the participant's language."""
    assert ledger.profile is not None  # the gate asks for a profile
    line, cycle = total.line, ledger.enrolment.cycle
    accreditation, program = line.accreditation, cycle.program
    language = ledger.profile.language
    with translation.override(language):
        return CertificateFacts(
            template_version=TEMPLATE_VERSION,
            language="fr" if language == "fr" else "en",
            document_title=localized_text(line, "document_title"),
            number=number,
            issued_on=timezone.localdate(now),
            program_name=localized_text(program, "name"),
            accredited_title=localized_text(accreditation, "accredited_title"),
            hubs=tuple(f"{localized_text(hub, 'name')}, {hub.city}" for hub in hubs),
            participant_name=ledger.profile.legal_name,
            cycle_name=localized_text(cycle, "name"),
            cycle_starts_on=cycle.starts_on,
            cycle_ends_on=cycle.ends_on,
            place=localized_text(program, "place"),
            sessions=tuple(
                CreditedSession(
                    held_on=row.session.held_on.date(),
                    title=localized_text(row.session, "topic"),
                    session_id=row.identifier,
                    hours=row.hours,
                )
                for row in total.rows
            ),
            total_hours=total.hours,
            amount=total.amount,
            unit="credits" if line.unit == line.Unit.CREDITS else "hours",
            credit_name=localized_text(line, "credit_name"),
            maximum=line.cap,
            accreditor=localized_text(accreditation, "accreditor"),
            statement=localized_text(line, "statement"),
            physician_name=accreditation.physician_name,
            physician_title=localized_text(accreditation, "physician_title"),
            signature_sha256=accreditation.signature.sha256 if accreditation.signature else "",
            verification_url=settings.PORTAL_URL + reverse("credits:certificate-verify", args=[token]),
            supersedes=supersedes,
        )
