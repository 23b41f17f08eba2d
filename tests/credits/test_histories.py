"""A thousand random histories of cycles, caps, corrections, revocations: no cap is passed, ledger equals certificate.

What should come out is reckoned here from the bare minutes, by nothing of the portal's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import BadInputError, MoveRefusedError
from credits.models import Accreditation, Certificate
from credits.queries import enrolment_ledger
from credits.services import close_cycle, correct_certificate, issue_late_finishers, revoke_certificate
from participants.enums import Category
from sessions_app.models import Cycle, Enrolment
from tests.clock import toronto
from tests.database import write
from tests.factories import (
    make_accreditation,
    make_attendance,
    make_cycle,
    make_document,
    make_enrolment,
    make_program,
    make_user,
    make_waiver,
)

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]

HISTORIES = 1000
SHARES = 8
"""The histories are told in parts, so that they can be told side by side."""

NOW = toronto(2026, 8, 1, 9)
LIVE = ("pending", "issued", "failed")
LINES: dict[str, Any] = {
    "family_physician": {"category": Category.FAMILY_PHYSICIAN, "per_hour": Decimal(2)},
    "specialist": {
        "category": Category.SPECIALIST,
        "unit": "hours",
        "per_hour": Decimal(1),
        "credit_name": "Section 3 (MOC)",
    },
}

minutes = st.sampled_from([90, 70, 54, 53, 20, 0])
seasons = st.lists(st.lists(minutes, min_size=4, max_size=4), min_size=2, max_size=3)
events = st.lists(
    st.one_of(
        st.tuples(st.just("close"), st.integers(0, 2)),
        st.tuples(st.just("close"), st.integers(0, 2)),
        st.tuples(st.just("attend"), st.integers(0, 2), st.integers(0, 3), minutes),
        st.tuples(st.just("revoke"), st.integers(0, 2)),
        st.tuples(st.just("correct"), st.integers(0, 2)),
        st.tuples(st.just("category"), st.sampled_from(sorted(LINES))),
        st.tuples(st.just("cap"), st.sampled_from(sorted(LINES)), st.integers(1, 30)),
        st.tuples(st.just("rate"), st.sampled_from(["1", "1.5", "2"])),
        st.tuples(st.just("late")),
    ),
    min_size=4,
    max_size=12,
)


class History:
    """One person, a grant with two lines, and two or three cycles of four sessions under it."""

    def __init__(self, cap: int, minutes: list[list[int]], pro_rata: bool) -> None:
        self.by, second = make_user(is_staff=True), make_user(is_staff=True)
        program = make_program(attendance_policy="pro_rata" if pro_rata else "threshold")
        self.is_pro_rata = pro_rata
        self.grant: Accreditation = make_accreditation(
            program, lines=[line | {"cap": Decimal(cap)} for line in LINES.values()]
        )
        self.person = make_user(category=Category.FAMILY_PHYSICIAN)
        self.cycles: list[Cycle] = []
        self.enrolments: list[Enrolment] = []
        for number, counts in enumerate(minutes):
            cycle = make_cycle(program, sessions=4, starts_on=date(2025, 9, 11) + timedelta(weeks=8 * number))
            enrolment = make_enrolment(cycle, self.person)
            for condition in ("pre_survey", "post_survey", "reflection"):
                make_waiver(enrolment, condition, status="granted", asked_by=self.by, decided_by=second)
            for session, count in zip(cycle.sessions.order_by("starts_at"), counts, strict=True):
                make_attendance(enrolment, session, minutes=count, by=self.by)
            self.cycles.append(cycle)
            self.enrolments.append(enrolment)

    def tell(self, event: tuple[Any, ...]) -> None:
        """Let the event happen; one about a cycle that this history has not is none."""
        name, *rest = event
        if name in {"attend", "close", "revoke", "correct"} and rest[0] >= len(self.cycles):
            return
        getattr(self, name)(*rest)

    def attend(self, cycle: int, place: int, count: int) -> None:
        session = self.cycles[cycle].sessions.order_by("starts_at")[place]
        write(self.enrolments[cycle].attendances.get(session=session), minutes=count)

    def close(self, cycle: int) -> None:
        with self.judged(self.enrolments[cycle]):
            close_cycle(cycle_id=self.cycles[cycle].pk, by=self.by, now=NOW)

    def late(self) -> None:
        before = set(Certificate.objects.values_list("pk", flat=True))
        issue_late_finishers(now=NOW)
        new = Certificate.objects.exclude(pk__in=before).count()
        self.issue()
        assert new <= len(self.cycles)

    def revoke(self, cycle: int) -> None:
        if certificate := self.live(self.enrolments[cycle]):
            revoke_certificate(certificate_id=certificate.pk, by=self.by, reason="A complaint.", now=NOW)

    def correct(self, cycle: int) -> None:
        if certificate := self.live(self.enrolments[cycle]):
            with self.judged(self.enrolments[cycle], replaced=certificate):
                try:
                    correct_certificate(
                        certificate_id=certificate.pk, by=self.by, reason="The minutes.", now=NOW
                    )
                except BadInputError:
                    assert self.due(self.enrolments[cycle])[1] == 0

    def category(self, category: str) -> None:
        write(self.person.profile, category=category)

    def cap(self, category: str, cap: int) -> None:
        write(self.grant.lines.get(category=category), cap=Decimal(cap))

    def rate(self, rate: str) -> None:
        write(self.grant.lines.get(category="family_physician"), per_hour=Decimal(rate))

    def live(self, enrolment: Enrolment) -> Certificate | None:
        return enrolment.certificates.filter(status__in=LIVE).first()

    def issue(self) -> None:
        """The workers have drawn what waited."""
        for row in Certificate.objects.filter(status="pending"):
            document = make_document()
            write(row, status="issued", document=document, sha256=document.sha256, issued_at=NOW)

    def due(self, enrolment: Enrolment) -> tuple[Decimal, Decimal]:
        """Hours and amount that a certificate of the enrolment must state now, from the bare minutes."""
        line = self.grant.lines.get(category=type(self.person.profile).objects.get(user=self.person).category)
        hours = Decimal(0)
        for count in enrolment.attendances.values_list("minutes", flat=True):
            if self.is_pro_rata:
                hours += Decimal(count // 15) / 4
            elif count >= 54:
                hours += Decimal("1.5")
        taken = Decimal(0)
        for other in Certificate.objects.filter(enrolment__participant=self.person, status__in=LIVE).exclude(
            enrolment=enrolment
        ):
            taken += other.amount if other.line_id == line.pk else other.hours * line.per_hour
        amount = min(hours * line.per_hour, max(line.cap - taken, Decimal(0)))
        return hours, amount.quantize(Decimal("0.01"), rounding="ROUND_DOWN")

    @contextmanager
    def judged(self, enrolment: Enrolment, replaced: Certificate | None = None) -> Iterator[None]:
        """A certificate made in the block says what is due, fits under the cap, and equals the ledger."""
        had_any = enrolment.certificates.exists()
        hours, amount = self.due(enrolment)
        before = self.live(enrolment)
        yield
        after = self.live(enrolment)
        if after is None:
            assert amount == 0 or had_any
        elif after != before:
            assert (after.hours, after.amount) == (hours, amount)
            assert Decimal(after.facts["amount"]) == amount
            (total,) = enrolment_ledger(enrolment).totals
            assert (total.hours, total.amount) == (hours, amount)
            assert after.supersedes == replaced
        self.issue()

    def check(self) -> None:
        """What holds at any moment."""
        rows = list(Certificate.objects.filter(enrolment__participant=self.person))
        live = [row for row in rows if row.status in LIVE]
        assert len({row.enrolment_id for row in live}) == len(live)
        for line in self.grant.lines.all():
            mine = [row for row in live if row.line_id == line.pk]
            # A cap that was lowered since takes nothing back; nothing is ever given above the cap of its day.
            caps = [Decimal(row.facts["maximum"]) for row in mine]
            assert sum((row.amount for row in mine), Decimal(0)) <= max(caps, default=Decimal(0))
        serials = sorted(Certificate.objects.values_list("serial", flat=True))
        assert serials == list(range(1, len(serials) + 1))


@pytest.mark.parametrize("share", range(SHARES))
@settings(
    max_examples=HISTORIES // SHARES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(cap=st.integers(1, 30), minutes=seasons, pro_rata=st.booleans(), told=events)
def test_no_history_passes_a_cap_and_ledger_equals_certificate(share, cap, minutes, pro_rata, told):
    with transaction.atomic():
        history = History(cap, minutes, pro_rata)
        for event in told:
            try:
                history.tell(event)
            except MoveRefusedError:
                assert event[0] in {"revoke", "correct"}
            history.check()
        transaction.set_rollback(True)
