"""What "My cycle" says, put together from the ledger and the surveys: plain values for the template."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from credits.models import CreditLine
from credits.queries import Ledger, LedgerRow, LineTotal
from credits.rules import Missing, NotCredited
from sessions_app.models import EchoSession
from surveys.models import Instrument
from surveys.queries import SurveyState

CONDITIONS = (
    (Missing.PRE_SURVEY, Instrument.Kind.PRE),
    (Missing.POST_SURVEY, Instrument.Kind.POST),
    (Missing.REFLECTION, Instrument.Kind.REFLECTION),
)


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the conditions of the certificate: met or not, and the survey that meets it (None: not set up yet)."""

    kind: Instrument.Kind
    is_met: bool
    survey: SurveyState | None


@dataclass(frozen=True, slots=True)
class SeasonRow:
    """A Thursday of the season: attended, missed, cancelled or to come."""

    row: LedgerRow
    state: str


@dataclass(frozen=True, slots=True)
class CyclePage:
    """All that the page shows."""

    next_session: EchoSession | None
    next_position: int
    sessions_total: int
    to_do: list[SurveyState]
    season: list[SeasonRow]
    conditions: list[Condition]
    missing: tuple[Missing, ...]
    line: CreditLine | None
    totals: list[LineTotal]
    hours: Decimal
    amount: Decimal
    now: datetime

    @property
    def is_claimable(self) -> bool:
        """Whether the gate is passed (rule 13)."""
        return not self.missing


def cycle_page(
    *, ledger: Ledger, surveys: list[SurveyState], line: CreditLine | None, now: datetime
) -> CyclePage:
    """Put together what one participant sees of one cycle at `now`."""
    running = [row for row in ledger.rows if row.session.status != EchoSession.Status.CANCELLED]
    upcoming = [
        (position, row.session) for position, row in enumerate(running, 1) if row.session.ends_at > now
    ]
    position, next_session = upcoming[0] if upcoming else (0, None)
    by_kind = {state.window.instrument.kind: state for state in surveys}
    return CyclePage(
        next_session=next_session,
        next_position=position,
        sessions_total=len(running),
        to_do=[state for state in surveys if state.is_open and not state.is_submitted][:3],
        season=[SeasonRow(row, _season_state(row)) for row in ledger.rows],
        conditions=[
            Condition(kind, condition not in ledger.missing, by_kind.get(kind))
            for condition, kind in CONDITIONS
        ],
        missing=ledger.missing,
        line=line,
        totals=ledger.totals,
        hours=sum((total.hours for total in ledger.totals), Decimal(0)),
        amount=ledger.amount,
        now=now,
    )


def _season_state(row: LedgerRow) -> str:
    if row.reason == NotCredited.CANCELLED:
        return "cancelled"
    if not row.is_over:
        return "to_come"
    if row.reason is None:
        return "attended"
    return "missed" if row.reason == NotCredited.ABSENT else "not_credited"
