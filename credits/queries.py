"""The ledger: what each enrolment of a cycle has earned and why, computed set-based (rules 8 to 14)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import QuerySet, Sum
from django.utils import timezone

from credits import rules
from credits.models import Accreditation, Certificate, CreditLine, Waiver
from credits.rules import Gate, Missing, NotCredited
from credits.states import LIVE
from participants.models import Profile
from sessions_app.models import Attendance, Cycle, EchoSession, Enrolment
from surveys.models import Instrument
from surveys.queries import submitted_kinds

CONDITION_OF = {
    Instrument.Kind.PRE: Missing.PRE_SURVEY,
    Instrument.Kind.POST: Missing.POST_SURVEY,
    Instrument.Kind.REFLECTION: Missing.REFLECTION,
}
"""Which condition of the certificate each survey of the gate meets (rule 13)."""


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One session in somebody's ledger: minutes attended, hours credited, or why none.

    `line` is the credit line it falls under; `ahead` is what it can still earn: the full hours while it is to come.
    """

    session: EchoSession
    minutes: int | None
    hours: Decimal
    reason: NotCredited | None
    identifier: str
    is_over: bool
    line: CreditLine | None
    ahead: Decimal


@dataclass(frozen=True)
class LineTotal:
    """What an enrolment has earned under one credit line."""

    line: CreditLine
    rows: list[LedgerRow]
    claimed_before: Decimal

    @cached_property
    def hours(self) -> Decimal:
        """Credited hours in this cycle."""
        return sum((row.hours for row in self.rows), Decimal(0))

    @cached_property
    def amount(self) -> Decimal:
        """Credits or hours claimable for this cycle."""
        return rules.claimable(self.hours, terms=self.line.terms, claimed_before=self.claimed_before)

    @property
    def taken_by_cap(self) -> Decimal:
        """What was earned and cannot be claimed, because the cap is reached."""
        return self.hours * self.line.per_hour - self.amount


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a line comes to for somebody who attends all that is still to come."""

    line: CreditLine
    sessions: int
    hours: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Ledger:
    """An enrolment's sessions, totals and what is missing for its certificate.

    `certified` are the accreditations of all its certificates, `live` those of the ones that were not ended.
    """

    enrolment: Enrolment
    profile: Profile | None
    rows: list[LedgerRow]
    totals: list[LineTotal]
    gate: Gate
    certified: frozenset[int] = field(default_factory=frozenset)
    live: frozenset[int] = field(default_factory=frozenset)
    waived: frozenset[Missing] = field(default_factory=frozenset)
    claims: "tuple[_Claim, ...]" = ()

    @cached_property
    def amount(self) -> Decimal:
        """Claimable under all lines together; nearly always there is one."""
        return sum((total.amount for total in self.totals), Decimal(0))

    @cached_property
    def missing(self) -> tuple[Missing, ...]:
        """What is still missing; empty means eligible."""
        return rules.missing(self.gate, claimable_amount=self.amount)

    @property
    def prospects(self) -> list[Prospect]:
        """For each line with sessions to come, what all of them would bring it to."""
        ahead: dict[CreditLine, list[Decimal]] = {}
        for row in self.rows:
            if row.line is not None and row.ahead:
                ahead.setdefault(row.line, []).append(row.ahead)
        earned = {total.line: total.hours for total in self.totals}
        prospects = []
        for line, coming in ahead.items():
            hours = earned.get(line, Decimal(0)) + sum(coming)
            amount = rules.claimable(
                hours, terms=line.terms, claimed_before=_claimed_under(line, self.claims)
            )
            prospects.append(Prospect(line, len(coming), hours, amount))
        return prospects

    @property
    def to_issue(self) -> list[LineTotal]:
        """The totals that are due a certificate and have none yet.

        None while a certificate counts under a grant that counts nothing any more, after a change of category, say:
        the same hours would be certified twice. It is revoked first.
        """
        if self.missing or self.live - {total.line.accreditation_id for total in self.totals}:
            return []
        return [
            total
            for total in self.totals
            if total.amount > 0 and total.line.accreditation_id not in self.certified
        ]


def cycle_ledgers(cycle: Cycle, *, enrolments: QuerySet[Enrolment] | None = None) -> list[Ledger]:
    """The ledgers of a cycle's enrolments (by default of those approved) in a fixed number of queries."""
    if enrolments is None:
        enrolments = cycle.enrolments.filter(status=Enrolment.Status.APPROVED)
    people = list(
        enrolments.select_related("participant__profile").order_by("participant__profile__legal_name", "pk")
    )
    ids = [enrolment.pk for enrolment in people]
    scope = _Scope(cycle)
    # Plain values: a cycle of ten thousand has two hundred thousand attendances.
    attendances: dict[int, dict[int, _Presence]] = defaultdict(dict)
    for enrolment_id, session_id, minutes, is_guest in Attendance.objects.filter(
        enrolment__in=ids
    ).values_list("enrolment_id", "session_id", "minutes", "is_guest"):
        attendances[enrolment_id][session_id] = _Presence(minutes, is_guest)
    kinds = submitted_kinds(cycle.pk)
    certified: dict[int, set[int]] = defaultdict(set)
    live: dict[int, set[int]] = defaultdict(set)
    # Revoked ones count as well: what a person revoked does not come back by itself.
    for enrolment_id, accreditation_id, status in Certificate.objects.filter(enrolment__in=ids).values_list(
        "enrolment_id", "accreditation_id", "status"
    ):
        certified[enrolment_id].add(accreditation_id)
        if status in LIVE:
            live[enrolment_id].add(accreditation_id)
    claims = _claims_elsewhere(cycle, people)
    waived: dict[int, set[Missing]] = defaultdict(set)
    for enrolment_id, condition in Waiver.objects.filter(
        enrolment__in=ids, status=Waiver.Status.GRANTED
    ).values_list("enrolment_id", "condition"):
        waived[enrolment_id].add(Missing(condition))
    return [
        scope.ledger(
            enrolment,
            attendances=attendances[enrolment.pk],
            kinds=kinds.get(enrolment.pk, set()),
            certified=frozenset(certified[enrolment.pk]),
            live=frozenset(live[enrolment.pk]),
            waived=frozenset(waived[enrolment.pk]),
            claims=tuple(claims.get(enrolment.participant_id, ())),
        )
        for enrolment in people
    ]


def enrolment_ledger(enrolment: Enrolment) -> Ledger:
    """The ledger of one enrolment, whatever its state."""
    return cycle_ledgers(enrolment.cycle, enrolments=Enrolment.objects.filter(pk=enrolment.pk))[0]


@dataclass(frozen=True, slots=True)
class _Claim:
    """What certificates of other cycles grant a person under one credit line."""

    accreditation_id: int
    line_id: int
    hours: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class _Presence:
    minutes: int
    is_guest: bool


class _Scope:
    """What is the same for every enrolment of a cycle: its sessions, lines, session IDs and policy."""

    def __init__(self, cycle: Cycle) -> None:
        self.policy = rules.AttendancePolicy(cycle.program.attendance_policy)
        self.threshold = cycle.program.threshold_share
        self.sessions = list(cycle.sessions.all())
        self.days = {session.pk: session.held_on.date() for session in self.sessions}
        self.over = {session.pk: session.ends_at <= timezone.now() for session in self.sessions}
        self.known_lines: dict[tuple[int, str], CreditLine | None] = {}
        self.known_hours: dict[tuple[int, int], Decimal] = {}
        self.lines: dict[str, list[CreditLine]] = defaultdict(list)
        lines = CreditLine.objects.filter(accreditation__program=cycle.program_id)
        for line in lines.select_related("accreditation__signature").defer(
            "accreditation__signature__content"
        ):
            self.lines[line.category].append(line)
        self.identifiers = {
            (accreditation_id, session_id): identifier
            for accreditation_id, session_id, identifier in Accreditation.objects.filter(
                program=cycle.program_id, session_identifiers__session__cycle=cycle
            ).values_list("pk", "session_identifiers__session_id", "session_identifiers__identifier")
        }

    def ledger(
        self,
        enrolment: Enrolment,
        *,
        attendances: dict[int, _Presence],
        kinds: set[str],
        certified: frozenset[int],
        live: frozenset[int],
        waived: frozenset[Missing],
        claims: tuple[_Claim, ...],
    ) -> Ledger:
        profile = getattr(enrolment.participant, "profile", None)
        rows: list[LedgerRow] = []
        by_line: dict[CreditLine, list[LedgerRow]] = {}
        for session in self.sessions:
            line = self._line(session, profile)
            row = self._row(enrolment, session, attendances.get(session.pk), line)
            rows.append(row)
            if line is not None and row.reason is None:
                by_line.setdefault(line, []).append(row)
        return Ledger(
            enrolment=enrolment,
            profile=profile,
            rows=rows,
            totals=[
                LineTotal(line, credited, _claimed_under(line, claims)) for line, credited in by_line.items()
            ],
            gate=Gate(
                is_enrolled=enrolment.status == Enrolment.Status.APPROVED,
                has_profile=profile is not None,
                has_pre_survey=Instrument.Kind.PRE in kinds or Missing.PRE_SURVEY in waived,
                has_post_survey=Instrument.Kind.POST in kinds or Missing.POST_SURVEY in waived,
                has_reflection=Instrument.Kind.REFLECTION in kinds or Missing.REFLECTION in waived,
            ),
            certified=certified,
            live=live,
            waived=waived,
            claims=claims,
        )

    def line_for(self, profile: Profile | None) -> CreditLine | None:
        """The line that the cycle's last session falls under, or the latest there is: for what has no credit yet."""
        if profile is None or not (lines := self.lines[profile.category]):
            return None
        for session in reversed(self.sessions):
            if line := self._line(session, profile):
                return line
        return max(lines, key=lambda line: line.accreditation.valid_to)

    def _line(self, session: EchoSession, profile: Profile | None) -> CreditLine | None:
        if profile is None:
            return None
        key = (session.pk, profile.category)
        if key not in self.known_lines:
            day = self.days[session.pk]
            self.known_lines[key] = next(
                (
                    line
                    for line in self.lines[profile.category]
                    if line.accreditation.valid_from <= day <= line.accreditation.valid_to
                ),
                None,
            )
        return self.known_lines[key]

    def _hours(self, session: EchoSession, minutes: int) -> Decimal:
        key = (session.pk, minutes)
        if key not in self.known_hours:
            self.known_hours[key] = rules.attended_hours(
                minutes, session_minutes=session.minutes, policy=self.policy, threshold=self.threshold
            )
        return self.known_hours[key]

    def _row(
        self,
        enrolment: Enrolment,
        session: EchoSession,
        presence: _Presence | None,
        line: CreditLine | None,
    ) -> LedgerRow:
        minutes = presence.minutes if presence else None
        hours = self._hours(session, minutes or 0)
        reason = rules.why_not_credited(
            minutes=minutes,
            hours=hours,
            held_on=self.days[session.pk],
            enrolled_on=enrolment.enrolled_on,
            is_guest=presence.is_guest if presence else False,
            is_cancelled=session.status == EchoSession.Status.CANCELLED,
            is_accredited=line is not None,
        )
        return LedgerRow(
            session=session,
            minutes=minutes,
            hours=Decimal(0) if reason else hours,
            reason=reason,
            identifier=self.identifiers.get((line.accreditation_id, session.pk), "") if line else "",
            is_over=self.over[session.pk],
            line=line,
            ahead=self._ahead(enrolment, session, line, reason),
        )

    def _ahead(
        self,
        enrolment: Enrolment,
        session: EchoSession,
        line: CreditLine | None,
        reason: NotCredited | None,
    ) -> Decimal:
        """The hours that a session to come earns whoever stays to its end."""
        if self.over[session.pk] or line is None or reason is None:
            return Decimal(0)
        if session.status == EchoSession.Status.CANCELLED or not _is_enrolled_on(
            enrolment, self.days[session.pk]
        ):
            return Decimal(0)
        return self._hours(session, session.minutes)


def _is_enrolled_on(enrolment: Enrolment, day: date) -> bool:
    return enrolment.enrolled_on is not None and enrolment.enrolled_on <= day


def line_for(cycle: Cycle, profile: Profile | None) -> CreditLine | None:
    """The credit line that applies to somebody in a cycle, credits or not."""
    return _Scope(cycle).line_for(profile)


def _claims_elsewhere(cycle: Cycle, people: list[Enrolment]) -> dict[int, list[_Claim]]:
    """For each participant what is certified under the program's accreditations in other cycles (1 query)."""
    rows = (
        Certificate.objects.filter(
            enrolment__participant__in=[enrolment.participant_id for enrolment in people],
            accreditation__program=cycle.program_id,
            status__in=list(LIVE),
        )
        .exclude(enrolment__cycle=cycle)
        .values_list("enrolment__participant_id", "accreditation_id", "line_id")
        .annotate(hours_sum=Sum("hours"), amount_sum=Sum("amount"))
    )
    claims: dict[int, list[_Claim]] = defaultdict(list)
    for participant_id, *claim in rows:
        claims[participant_id].append(_Claim(*claim))
    return claims


def _claimed_under(line: CreditLine, claims: Iterable[_Claim]) -> Decimal:
    """What `claims` take of the cap of `line` (rule 10).

    Somebody whose category changed was certified in another line's unit: those hours count as this line counts them.
    """
    return sum(
        (
            claim.amount if claim.line_id == line.pk else claim.hours * line.per_hour
            for claim in claims
            if claim.accreditation_id == line.accreditation_id
        ),
        Decimal(0),
    )
