"""Ledgers as a test asks for them."""

from __future__ import annotations

from credits.queries import Ledger, cycle_ledgers
from credits.rules import NotCredited
from sessions_app.models import Cycle, Enrolment


def ledger_of(enrolment: Enrolment) -> Ledger:
    """The ledger of one enrolment, with everything read afresh."""
    cycle = Cycle.objects.select_related("program").get(pk=enrolment.cycle_id)
    (ledger,) = cycle_ledgers(cycle, enrolments=Enrolment.objects.filter(pk=enrolment.pk))
    return ledger


def reasons(ledger: Ledger) -> list[NotCredited | None]:
    """Why each session of the cycle earned nothing; None where it counts."""
    return [row.reason for row in ledger.rows]
