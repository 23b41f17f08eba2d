"""What a closing would do, as plain values that can be kept, and what changed from one time to the next."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from credits.models import DryRun
from credits.queries import Ledger
from credits.rules import Missing
from sessions_app.models import Cycle, Enrolment

Outcomes = dict[str, dict[str, Any]]


def outcomes(ledgers: Iterable[Ledger]) -> Outcomes:
    """For each enrolment what it would get: the amounts by line, and what is missing. As it is stored, so as JSON."""
    return {
        str(ledger.enrolment.pk): {
            "lines": {
                str(total.line.pk): format(total.amount, "f") for total in ledger.totals if total.amount > 0
            },
            "missing": [name.value for name in ledger.missing],
            "certified": bool(ledger.certified),
        }
        for ledger in ledgers
    }


def fingerprint(found: Outcomes) -> str:
    """Tells whether two looks at a cycle saw the same: what is confirmed is what was looked at."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one enrolment gets: an amount, 0 if nothing, and what is missing for it."""

    amount: Decimal
    missing: tuple[Missing, ...]

    @property
    def is_due(self) -> bool:
        """Whether there is a certificate."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Change:
    """What an enrolment would have got last time, and would get now; None where it was or is not there."""

    name: str
    before: Outcome | None
    now: Outcome | None


def last_dry_run(cycle: Cycle) -> DryRun | None:
    """The latest dry run on record."""
    return DryRun.objects.filter(cycle=cycle).select_related("made_by").first()


def changes(before: Outcomes, ledgers: Iterable[Ledger]) -> list[Change]:
    """What differs between a dry run and now, by name (1 query for those who have left)."""
    now = {str(ledger.enrolment.pk): ledger for ledger in ledgers}
    current = outcomes(now.values())
    left = [int(key) for key in before if key not in now]
    gone = Enrolment.objects.filter(pk__in=left) if left else Enrolment.objects.none()
    names = {key: ledger.enrolment.participant.get_full_name() for key, ledger in now.items()}
    names |= {
        str(enrolment.pk): enrolment.participant.get_full_name()
        for enrolment in gone.select_related("participant__profile")
    }
    found = [
        Change(names.get(key, ""), _outcome(before.get(key)), _outcome(current.get(key)))
        for key in before.keys() | current.keys()
        if _outcome(before.get(key)) != _outcome(current.get(key))
    ]
    return sorted(found, key=lambda change: change.name)


def _outcome(kept: Mapping[str, Any] | None) -> Outcome | None:
    if kept is None:
        return None
    amounts = [Decimal(amount) for amount in kept["lines"].values()]
    return Outcome(sum(amounts, Decimal(0)), tuple(Missing(name) for name in kept["missing"]))
