"""One search over people, sessions, cases and certificates: each found by those who may see such records."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from cases.models import CaseSubmission
from core.templatetags.portal import localized_text, session_range
from credits.models import Certificate
from participants.models import User
from sessions_app.models import Cycle, EchoSession, Program

Rows = TypeVar("Rows", bound=QuerySet[Any])

LIMIT = 10
"""Hits of a kind that are shown; the list of the kind has all of them."""
LONGEST = 100
"""Characters of a question that are looked at."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found, and where it is."""

    label: str
    detail: str
    url: str
    is_exact: bool = False


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found of one kind; `more_url` leads to the list of all, where there are more than are shown."""

    heading: str
    hits: list[Hit]
    more_url: str


def find(question: str, *, may: Callable[[str], bool], programs: Collection[int] | None) -> list[Hits]:
    """What the words find, by kind; of `programs` alone, where that is not None. One query a kind.

    People are found by name, address or licence number, sessions by topic or speaker, cases by their ECHO ID,
    certificates by their number, cycles and programs by name. A case is never found by what it says.
    """
    words = question[:LONGEST].replace("\x00", " ").split()
    if not words:
        return []
    found = []
    for permission, search in SEARCHES:
        if may(permission):
            heading, rows, list_url = search(words, programs)
            hits = list(rows)
            if hits:
                more = f"{list_url}" if len(hits) > LIMIT else ""
                found.append(Hits(heading, hits[:LIMIT], more))
    return found


def only_exact(found: Iterable[Hits]) -> Hit | None:
    """The one record that was named in full, by its ECHO ID or its number; None where there is none, or are more."""
    exact = [hit for hits in found for hit in hits.hits if hit.is_exact]
    return exact[0] if len(exact) == 1 else None


Found = tuple[str, Iterator[Hit], str]


def _people(words: list[str], programs: Collection[int] | None) -> Found:
    people = User.objects.filter(
        _all(words, "email", "profile__legal_name", "profile__preferred_name", "profile__licence_number")
    )
    if programs is not None:
        people = people.filter(enrolments__cycle__program__in=programs).distinct()
    people = people.select_related("profile").order_by("email")
    hits = (
        Hit(
            user.get_full_name(),
            " · ".join(part for part in (user.email, "" if user.is_active else _("switched off")) if part),
            reverse("admin:participants_user_change", args=[user.pk]),
        )
        for user in people[: LIMIT + 1]
    )
    return _("People"), hits, _list("participants_user", words)


def _cases(words: list[str], programs: Collection[int] | None) -> Found:
    # An ECHO ID is one word; nobody looks for a case by its beginning alone.
    wanted = "".join(words).upper()
    cases = CaseSubmission.objects.filter(echo_id__icontains=wanted).exclude(
        status=CaseSubmission.Status.DRAFT
    )
    cases = _of_programs(cases, programs, "presenter__cycle__program")
    hits = (
        Hit(
            case.echo_id,
            f"{case.get_status_display()} · {localized_text(case.presenter.cycle, 'name')}",
            reverse("admin:cases_casesubmission_review", args=[case.pk]),
            is_exact=case.echo_id.upper() == wanted,
        )
        for case in cases.select_related("presenter__cycle").order_by("-created_at")[: LIMIT + 1]
    )
    return _("Cases"), hits, _list("cases_casesubmission", words)


def _certificates(words: list[str], programs: Collection[int] | None) -> Found:
    wanted = "".join(words).upper()
    certificates = Certificate.objects.filter(Q(number__istartswith=wanted) | Q(token__iexact=wanted))
    certificates = _of_programs(certificates, programs, "accreditation__program")
    hits = (
        Hit(
            certificate.number,
            f"{certificate.facts.get('participant_name', '')} · {certificate.get_status_display()}",
            reverse("admin:credits_certificate_change", args=[certificate.pk]),
            is_exact=wanted in (certificate.number.upper(), certificate.token.upper()),
        )
        for certificate in certificates.order_by("-serial")[: LIMIT + 1]
    )
    return _("Certificates"), hits, _list("credits_certificate", words)


def _sessions(words: list[str], programs: Collection[int] | None) -> Found:
    sessions = EchoSession.objects.filter(_all(words, "topic", "topic_fr", "speakers__name"))
    sessions = _of_programs(sessions, programs, "cycle__program").distinct()
    hits = (
        Hit(
            localized_text(session, "topic"),
            f"{session_range(session.starts_at, session.ends_at)} · {localized_text(session.cycle, 'name')}",
            reverse("admin:sessions_app_echosession_change", args=[session.pk]),
        )
        for session in sessions.select_related("cycle").order_by("-starts_at")[: LIMIT + 1]
    )
    return _("Sessions"), hits, _list("sessions_app_echosession", words)


def _cycles(words: list[str], programs: Collection[int] | None) -> Found:
    cycles = Cycle.objects.filter(_all(words, "name", "name_fr", "program__name", "program__name_fr"))
    cycles = _of_programs(cycles, programs, "program")
    hits = (
        Hit(
            localized_text(cycle, "name"),
            f"{localized_text(cycle.program, 'name')} · {cycle.get_status_display()}",
            reverse("admin:cycle-desk", args=[cycle.pk]),
        )
        for cycle in cycles.select_related("program").order_by("-starts_on")[: LIMIT + 1]
    )
    return _("Cycles"), hits, _list("sessions_app_cycle", words)


def _programs(words: list[str], programs: Collection[int] | None) -> Found:
    rows = _of_programs(Program.objects.filter(_all(words, "name", "name_fr", "slug")), programs, "pk")
    hits = (
        Hit(
            localized_text(program, "name"),
            program.slug,
            reverse("admin:sessions_app_program_change", args=[program.pk]),
        )
        for program in rows.order_by("name")[: LIMIT + 1]
    )
    return _("Programs"), hits, _list("sessions_app_program", words)


SEARCHES: tuple[tuple[str, Callable[[list[str], Collection[int] | None], Found]], ...] = (
    ("participants.view_user", _people),
    ("cases.review_casesubmission", _cases),
    ("credits.view_certificate", _certificates),
    ("sessions_app.view_echosession", _sessions),
    ("sessions_app.view_cycle", _cycles),
    ("sessions_app.view_program", _programs),
)
"""Each kind with the permission to find it, in the order they are shown."""


def _all(words: list[str], *fields: str) -> Q:
    """Every word stands in one of the fields, in any order."""
    condition = Q()
    for word in words:
        one = Q()
        for name in fields:
            one |= Q(**{f"{name}__icontains": word})
        condition &= one
    return condition


def _of_programs(rows: Rows, programs: Collection[int] | None, path: str) -> Rows:
    return rows if programs is None else rows.filter(**{f"{path}__in": programs})


def _list(model: str, words: list[str]) -> str:
    return f"{reverse(f'admin:{model}_changelist')}?{urlencode({'q': ' '.join(words)})}"
