"""The ledger in words: each session with what it earned or why not, the totals, and what is still missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.templatetags.portal import eastern_date, localized_text, quarter_hours
from credits.models import CreditLine
from credits.queries import CONDITION_OF, Ledger, LedgerRow
from credits.rules import Missing, NotCredited
from surveys.models import Instrument
from surveys.queries import SurveyState

NOT_CREDITED = {
    NotCredited.ABSENT: gettext_lazy("Not there"),
    NotCredited.BELOW_THRESHOLD: gettext_lazy("Not long enough to count"),
    NotCredited.BEFORE_ENROLMENT: gettext_lazy("Before the enrolment"),
    NotCredited.GUEST: gettext_lazy("Attended as a guest"),
    NotCredited.CANCELLED: gettext_lazy("The session was cancelled"),
    NotCredited.NOT_ACCREDITED: gettext_lazy("Outside the accreditation"),
}
"""Why a session earned nothing, in words."""

MISSING = {
    Missing.ENROLMENT: gettext_lazy("An approved enrolment"),
    Missing.PROFILE: gettext_lazy("The professional profile"),
    Missing.PRE_SURVEY: gettext_lazy("The pre-survey"),
    Missing.POST_SURVEY: gettext_lazy("The post-survey"),
    Missing.REFLECTION: gettext_lazy("The reflection question"),
    Missing.CREDIT: gettext_lazy("A session that earns credit"),
}
"""What a certificate still needs, in words."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the certificate, as the checklist component shows it."""

    label: str
    done: bool
    detail: str
    url: str
    action: str


@dataclass(frozen=True, slots=True)
class SessionLine:
    """One session: when it was, how long somebody was there, and what came of it."""

    day: str
    topic: str
    session_id: str
    minutes: int | None
    hours: Decimal
    word: str
    is_credited: bool
    url: str


@dataclass(frozen=True, slots=True)
class TotalLine:
    """What a credit line comes to: hours times its rate, what earlier claims and the cap took, what is left."""

    line: CreditLine
    calculation: str
    amount: str
    taken: str
    claimed_before: str


def session_lines(ledger: Ledger) -> list[SessionLine]:
    """The sessions in their order, each with its outcome in words."""
    return [
        SessionLine(
            day=eastern_date(row.session.starts_at),
            topic=localized_text(row.session, "topic"),
            session_id=row.identifier,
            minutes=row.minutes,
            hours=row.hours,
            word=outcome_word(row),
            is_credited=row.reason is None,
            url=reverse("cases:session-detail", args=[row.session.pk]),
        )
        for row in ledger.rows
    ]


def outcome_word(row: LedgerRow) -> str:
    """Why a session was credited, or why not, or that it is still to come."""
    if row.reason is None:
        return _("Credited")
    if row.reason == NotCredited.ABSENT and not row.is_over:
        return _("To come")
    return str(NOT_CREDITED[row.reason])


def in_unit(amount: Decimal, line: CreditLine) -> str:
    """An amount as the line counts: "24 credits", "1.5 hours"."""
    figures = {"amount": quarter_hours(amount)}
    whole = 1 if amount == 1 else 2
    if line.unit == CreditLine.Unit.CREDITS:
        return ngettext("%(amount)s credit", "%(amount)s credits", whole) % figures
    return ngettext("%(amount)s hour", "%(amount)s hours", whole) % figures


def total_lines(ledger: Ledger) -> list[TotalLine]:
    """Each credit line's sum, as it is reckoned: sum first, cap last (rule 9)."""
    lines = []
    for total in ledger.totals:
        line, hours = total.line, quarter_hours(total.hours)
        if line.per_hour == 1:
            calculation = _("%(hours)s hours credited") % {"hours": hours}
        else:
            calculation = _("%(hours)s hours credited, at %(rate)s an hour") % {
                "hours": hours,
                "rate": quarter_hours(line.per_hour),
            }
        lines.append(
            TotalLine(
                line=line,
                calculation=calculation,
                amount=_("%(amount)s of at most %(cap)s")
                % {"amount": in_unit(total.amount, line), "cap": quarter_hours(line.cap)},
                taken=in_unit(total.taken_by_cap, line) if total.taken_by_cap else "",
                claimed_before=in_unit(total.claimed_before, line) if total.claimed_before else "",
            )
        )
    return lines


def prospect_sentences(ledger: Ledger) -> list[str]:
    """What attending all that is to come would lead to; nothing when nothing is to come."""
    return [
        ngettext(
            "If you attend the session that is left, you reach %(amount)s.",
            "If you attend the %(count)d sessions that are left, you reach %(amount)s.",
            prospect.sessions,
        )
        % {"count": prospect.sessions, "amount": in_unit(prospect.amount, prospect.line)}
        for prospect in ledger.prospects
    ]


def conditions(ledger: Ledger, surveys: list[SurveyState], *, with_links: bool = True) -> list[Condition]:
    """The surveys that the certificate asks for: done, waived, or missing with a link to do it (rule 13)."""
    by_kind = {state.window.instrument.kind: state for state in surveys}
    return [
        _condition(
            kind,
            by_kind.get(kind),
            is_met=condition not in ledger.missing,
            is_waived=condition in ledger.waived,
            with_links=with_links,
        )
        for kind, condition in CONDITION_OF.items()
    ]


def _condition(
    kind: Instrument.Kind, state: SurveyState | None, *, is_met: bool, is_waived: bool, with_links: bool
) -> Condition:
    url = action = detail = ""
    if is_met and is_waived:
        detail = _("Waived by the coordination.")
    elif state is not None and not is_met:
        if state.is_open:
            if with_links:
                url = reverse("surveys:response-edit", args=[state.window.pk])
                action = _("Go on answering") if state.is_started else _("Answer")
            if state.closes_at:
                detail = _("Open until %(day)s") % {"day": eastern_date(state.closes_at)}
        elif state.is_ahead:
            detail = _("Opens on %(day)s") % {"day": eastern_date(state.window.opens_at)}
        elif with_links:
            detail = _("Closed. Write to the coordinator if you still want to answer.")
        else:
            detail = _("Closed.")
    return Condition(label=str(kind.label), done=is_met, detail=detail, url=url, action=action)


def csv_rows(ledger: Ledger) -> Iterator[list[Any]]:
    """The ledger as a table: a heading, a row for each session, and the totals."""
    yield [_("Date"), _("Session"), _("Session ID"), _("Minutes"), _("Hours"), _("Outcome")]
    for row in ledger.rows:
        yield [
            timezone.localdate(row.session.starts_at).isoformat(),
            localized_text(row.session, "topic"),
            row.identifier,
            row.minutes,
            row.hours,
            outcome_word(row),
        ]
    for total in ledger.totals:
        yield [_("Total"), localized_text(total.line, "credit_name"), "", "", total.hours, ""]
        yield [
            _("Claimable"),
            localized_text(total.line, "credit_name"),
            "",
            "",
            total.amount,
            total.line.get_unit_display(),
        ]
