"""What the page says, in the certificate's language: figures, dates and the sentence people would write."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache
from urllib.parse import urlsplit

from django.utils.dates import MONTHS
from django.utils.translation import gettext, ngettext, override, pgettext

from core.pdf import clean, direction
from credits.facts import CertificateFacts, CreditedSession, Language


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One line of the session table."""

    held_on: str
    title: str
    direction: str
    session_id: str
    hours: str


@dataclass(frozen=True, slots=True)
class CertificateView:
    """The strings the template prints. Nothing here is markup; the template escapes all of it."""

    language: Language
    document_title: str
    number: str
    issued_on: str
    issued_on_iso: str
    program_name: str
    accredited_title: str
    hubs: tuple[str, ...]
    name: str
    name_direction: str
    name_size: str
    earned: str
    earned_is_short: bool
    attended_sessions: str
    attended_hours: str
    cycle_name: str
    cycle_dates: str
    place: str
    rows: tuple[SessionRow, ...]
    total_hours: str
    maximum: str
    accreditor: str
    statement: str
    physician_name: str
    physician_title: str
    has_signature: bool
    verification_url: str
    verification_address: str
    supersedes: str
    page_label: str
    page_of: str


def certificate_view(facts: CertificateFacts) -> CertificateView:
    """Word the facts in their own language, whatever language is active around."""
    language = facts.language
    places = decimals([session.hours for session in facts.sessions] + [facts.total_hours])
    name = clean(facts.participant_name)
    with override(language):
        earned = amount_in_words(facts.amount, facts)
        return CertificateView(
            language=language,
            document_title=clean(facts.document_title),
            number=clean(facts.number),
            issued_on=long_date(facts.issued_on, language),
            issued_on_iso=facts.issued_on.isoformat(),
            program_name=clean(facts.program_name),
            accredited_title=clean(facts.accredited_title),
            hubs=tuple(clean(hub) for hub in facts.hubs),
            name=name,
            name_direction=direction(name),
            name_size=name_size(name),
            earned=earned,
            # A short amount is kept on one line; a long name of the credit must wrap.
            earned_is_short=len(earned) <= 40,
            attended_sessions=ngettext("%(count)d session", "%(count)d sessions", len(facts.sessions))
            % {"count": len(facts.sessions)},
            attended_hours=hours_in_words(facts.total_hours, language),
            cycle_name=clean(facts.cycle_name),
            cycle_dates=gettext("%(start)s to %(end)s")
            % {
                "start": long_date(facts.cycle_starts_on, language),
                "end": long_date(facts.cycle_ends_on, language),
            },
            place=clean(facts.place),
            rows=tuple(_row(session, language, places) for session in facts.sessions),
            total_hours=short_hours(facts.total_hours, language, places),
            maximum=amount_in_words(facts.maximum, facts),
            accreditor=clean(facts.accreditor),
            statement=clean(facts.statement),
            physician_name=clean(facts.physician_name),
            physician_title=clean(facts.physician_title),
            has_signature=bool(facts.signature_sha256),
            verification_url=facts.verification_url,
            verification_address=address(facts.verification_url),
            supersedes=clean(facts.supersedes),
            page_label=gettext("Page"),
            page_of=pgettext("page 1 of 2", "of"),
        )


@lru_cache(maxsize=4096)  # the sessions of a cycle are on everybody's certificate
def _row(session: CreditedSession, language: Language, places: int) -> SessionRow:
    return SessionRow(
        held_on=long_date(session.held_on, language),
        title=clean(session.title),
        direction=direction(session.title),
        session_id=clean(session.session_id),
        hours=short_hours(session.hours, language, places),
    )


def name_size(name: str) -> str:
    """A size class that sets the name in at most three lines; East Asian characters count double."""
    width = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in name)
    if width <= 38:
        return "name-full"
    if width <= 84:
        return "name-long"
    return "name-longest"


def figure(value: Decimal, language: Language, places: int | None = None) -> str:
    """A figure as people write it: "60", "1.5", in French "1,5"; equal `places` line figures up."""
    count = decimals([value]) if places is None else places
    text = f"{value:.{count}f}"
    return text.replace(".", ",") if language == "fr" else text


def decimals(values: Iterable[Decimal]) -> int:
    """How many decimals the most precise of these figures needs."""
    exponents = (value.normalize().as_tuple().exponent for value in values)
    return max((-exponent for exponent in exponents if isinstance(exponent, int) and exponent < 0), default=0)


def short_hours(value: Decimal, language: Language, places: int | None = None) -> str:
    """Hours in a table: "1.5 h"."""
    return f"{figure(value, language, places)} h"


def hours_in_words(value: Decimal, language: Language) -> str:
    """Hours in a sentence: "1 hour", "1.5 hours"."""
    return ngettext("%(amount)s hour", "%(amount)s hours", _plural(value, language)) % {
        "amount": figure(value, language)
    }


def amount_in_words(value: Decimal, facts: CertificateFacts) -> str:
    """The amount with its unit and name: "60 Mainpro+ credits", "30 hours of continuing education"."""
    values = {"amount": figure(value, facts.language), "name": clean(facts.credit_name)}
    count = _plural(value, facts.language)
    if facts.unit == "credits":
        return ngettext("%(amount)s %(name)s credit", "%(amount)s %(name)s credits", count) % values
    return ngettext("%(amount)s hour of %(name)s", "%(amount)s hours of %(name)s", count) % values


def _plural(value: Decimal, language: Language) -> int:
    """The whole number whose plural form fits: English says 1.5 hours, French says 1,5 heure."""
    return int(value.to_integral_value(ROUND_FLOOR if language == "fr" else ROUND_CEILING))


@lru_cache(maxsize=1024)
def long_date(day: date, language: Language) -> str:
    """A date as "March 12, 2026"; in French "12 mars 2026" and, for a first, "1er mars 2026"."""
    with override(language):
        month = str(MONTHS[day.month])
    if language == "fr":
        return f"{'1er' if day.day == 1 else day.day} {month} {day.year}"
    return f"{month} {day.day}, {day.year}"


def address(url: str) -> str:
    """The address as it is read and typed: without the scheme."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}{'?' if parts.query else ''}{parts.query}"
