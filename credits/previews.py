"""Facts of a certificate that nobody was given: what a credit line's certificates will look like."""

from decimal import Decimal

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from credits.facts import CertificateFacts, Language
from credits.models import CreditLine, SessionIdentifier
from credits.queries import Ledger, LedgerRow, LineTotal
from credits.rules import AttendancePolicy, Gate, attended_hours
from credits.services.issuing import certificate_facts
from participants.models import Profile
from sessions_app.models import Cycle, EchoSession, Enrolment

NO_CODE = "SAMPLE"
"""Where the address on a sample leads: to no certificate."""


def sample_facts(line: CreditLine, *, language: Language) -> CertificateFacts:
    """What a certificate under `line` would say, for somebody in every session of the program's latest cycle.

    Worded by what words the real ones; number, name and address say that it is a sample.
    """
    accreditation = line.accreditation
    program = accreditation.program
    sessions = list(
        EchoSession.objects.filter(cycle__program=program)
        .exclude(status=EchoSession.Status.CANCELLED)
        .filter(starts_at__date__range=(accreditation.valid_from, accreditation.valid_to))
        .order_by("-cycle__starts_on", "starts_at")
        .select_related("cycle__program")
    )
    with translation.override(language):
        number, name, unnamed = _("SAMPLE"), _("Sample, not a certificate"), _("Sample")
    cycle = (
        sessions[0].cycle
        if sessions
        else Cycle(
            program=program,
            name=unnamed,
            starts_on=accreditation.valid_from,
            ends_on=accreditation.valid_to,
        )
    )
    identifiers = dict(
        SessionIdentifier.objects.filter(accreditation=accreditation).values_list("session_id", "identifier")
    )
    rows = [
        LedgerRow(
            session=session,
            minutes=session.minutes,
            hours=attended_hours(
                session.minutes,
                session_minutes=session.minutes,
                policy=AttendancePolicy(program.attendance_policy),
                threshold=program.threshold_share,
            ),
            reason=None,
            identifier=identifiers.get(session.pk, ""),
            is_over=True,
            line=line,
            ahead=Decimal(0),
        )
        for session in sessions
        if session.cycle_id == cycle.pk
    ]
    total = LineTotal(line, rows, claimed_before=Decimal(0))
    return certificate_facts(
        ledger=Ledger(
            enrolment=Enrolment(cycle=cycle),
            profile=Profile(legal_name=name, language=language, category=line.category),
            rows=rows,
            totals=[total],
            gate=Gate(*[True] * 5),
        ),
        total=total,
        number=number,
        token=NO_CODE,
        now=timezone.now(),
        hubs=[row.hub for row in program.program_hubs.select_related("hub")],
    )
