"""What "My cycle" says, put together from the ledger, the surveys and the cases: plain values for the template."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cases.models import CaseSubmission
from cases.my_cases import case_line
from cases.queries import slots_without_case, unfinished_cases
from core.templatetags.portal import eastern_date, localized_text, short_day
from credits.ledger_page import NOT_CREDITED, Condition, conditions, prospect_sentences
from credits.models import CreditLine
from credits.queries import Ledger, LedgerRow, LineTotal
from credits.rules import Missing, NotCredited
from sessions_app.models import EchoSession
from sessions_app.rules import JOIN_MINUTES, is_joinable
from surveys.answer_page import survey_title
from surveys.queries import SurveyState


@dataclass(frozen=True, slots=True)
class SeasonItem:
    """A Thursday of the season, as the timeline component shows it."""

    date: str
    state: str
    word: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True)
class ToDo:
    """Something that can be done now: a survey, a case, or the agreement without which nothing else is shown."""

    label: str
    detail: str
    url: str
    action: str


@dataclass(frozen=True, slots=True)
class CyclePage:
    """All that the page shows."""

    next_session: EchoSession | None
    next_position: int
    sessions_total: int
    to_do: list[ToDo]
    season: list[SeasonItem]
    conditions: list[Condition]
    prospects: list[str]
    missing: tuple[Missing, ...]
    line: CreditLine | None
    totals: list[LineTotal]
    hours: Decimal
    amount: Decimal
    has_agreed: bool
    is_open: bool
    join_minutes: int

    @property
    def is_claimable(self) -> bool:
        """Whether the gate is passed (rule 13)."""
        return not self.missing


def cycle_page(
    *, ledger: Ledger, surveys: list[SurveyState], line: CreditLine | None, has_agreed: bool, now: datetime
) -> CyclePage:
    """Put together what one participant sees of one cycle at `now`.

    `has_agreed` is whether the participation agreement in force is given: without it no link to a session is shown, and
    with it from JOIN_MINUTES before the session on.
    """
    running = [row.session for row in ledger.rows if row.session.status != EchoSession.Status.CANCELLED]
    upcoming = [(position, session) for position, session in enumerate(running, 1) if session.ends_at > now]
    position, next_session = upcoming[0] if upcoming else (0, None)
    to_do = [] if has_agreed else [_agree(ledger.enrolment.cycle_id)]
    to_do += [_to_do(state) for state in surveys if state.is_open and not state.is_submitted]
    to_do += _cases(ledger, now=now)
    return CyclePage(
        next_session=next_session,
        next_position=position,
        sessions_total=len(running),
        to_do=to_do[:3],
        season=[_season_item(row, next_session) for row in ledger.rows],
        conditions=conditions(ledger, surveys),
        prospects=prospect_sentences(ledger),
        missing=ledger.missing,
        line=line,
        totals=ledger.totals,
        hours=sum((total.hours for total in ledger.totals), Decimal(0)),
        amount=ledger.amount,
        has_agreed=has_agreed,
        is_open=next_session is not None and _is_open(next_session, now=now),
        join_minutes=JOIN_MINUTES,
    )


def _is_open(session: EchoSession, *, now: datetime) -> bool:
    return is_joinable(starts_at=session.starts_at, ends_at=session.ends_at, status=session.status, now=now)


def _season_item(row: LedgerRow, next_session: EchoSession | None) -> SeasonItem:
    day = timezone.localtime(row.session.starts_at).date()
    topic = localized_text(row.session, "topic")
    state, word = _season_state(row, next_session)
    url = reverse("cases:session-detail", args=[row.session.pk])
    return SeasonItem(date=short_day(day), state=state, word=word, detail=topic, url=url)


def _season_state(row: LedgerRow, next_session: EchoSession | None) -> tuple[str, str]:
    if row.reason == NotCredited.CANCELLED:
        return "cancelled", ""
    if next_session is not None and row.session.pk == next_session.pk:
        return "next", ""
    if not row.is_over:
        return "upcoming", ""
    if row.reason is None:
        return "attended", ""
    if row.reason == NotCredited.ABSENT:
        return "missed", ""
    return "missed", str(NOT_CREDITED[row.reason])


def _agree(cycle_id: int) -> ToDo:
    back = reverse("credits:cycle-detail", args=[cycle_id])
    return ToDo(
        label=_("Participation agreement"),
        detail=_("Until you have agreed, no case and no session link is shown."),
        url=f"{reverse('participants:agreements')}?{urlencode({'next': back})}",
        action=_("Read and agree"),
    )


def _cases(ledger: Ledger, *, now: datetime) -> list[ToDo]:
    """A case for each slot that has none handed in, and one that came back although no slot asks for it."""
    slots = slots_without_case().filter(enrolment=ledger.enrolment, session__starts_at__gt=now)
    own = unfinished_cases([ledger.enrolment.pk]).get(ledger.enrolment.pk)
    line = case_line(own, has_slot=True) if own else None
    url, action = reverse("cases:case-list"), _("Start your case")
    if line is not None:
        url, action = line.steps[0].url, line.steps[0].label
    to_do = [
        ToDo(
            label=_("Your case"),
            detail=_("You present on %(day)s, and your case is not handed in yet.")
            % {"day": eastern_date(slot.session.starts_at)},
            url=url,
            action=action,
        )
        for slot in slots.select_related("session")
    ]
    if not to_do and line is not None and line.case.status == CaseSubmission.Status.RETURNED:
        to_do = [ToDo(label=_("Your case"), detail=line.meaning, url=url, action=action)]
    return to_do


def _to_do(state: SurveyState) -> ToDo:
    instrument, closes = state.window.instrument, state.closes_at
    until = _("Open until %(day)s") % {"day": eastern_date(closes)} if closes else ""
    return ToDo(
        label=str(instrument.get_kind_display()),
        detail=" · ".join(part for part in (survey_title(state.window), until) if part),
        url=reverse("surveys:response-edit", args=[state.window.pk]),
        action=_("Go on answering") if state.is_started else _("Answer"),
    )
