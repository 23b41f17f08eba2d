"""What a mail of a program looks like: its newest real records where it has some, made-up links in any case."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import override

from core.templatetags.portal import NBSP, localized_text
from desk.mail_texts import MailText
from outbox.rendering import Rendered, render_default, render_words
from sessions_app.models import Cycle, EchoSession, Enrolment, MailWording, Program
from sessions_app.wordings import values


@dataclass(frozen=True, slots=True)
class Sample:
    """What a mail would be filled with, and whether a participant of the program stands for its reader."""

    context: Mapping[str, Any]
    is_real: bool


def sample(program: Program, *, language: str, reader: str) -> Sample:
    """The program's newest cycle, its next session and its newest participant; where there is none, a made-up one.

    The links lead nowhere: a preview shows nobody's key. `reader` is the name where nobody takes part yet.
    """
    now = timezone.now()
    cycle = program.cycles.order_by("-starts_on", "-pk").first()
    newest = (
        Enrolment.objects.filter(cycle=cycle, status=Enrolment.Status.APPROVED)
        .select_related("participant__profile")
        .order_by("-pk")
        .first()
    )
    if cycle is None:
        today = timezone.localdate(now)
        cycle = Cycle(
            pk=0,
            program=program,
            name="Fall 2026",
            name_fr="Automne 2026",
            starts_on=today,
            ends_on=today + timedelta(weeks=20),
        )
    cycle.program = program
    session = None
    if cycle.pk:
        sessions = cycle.sessions.exclude(status=EchoSession.Status.CANCELLED)
        session = sessions.filter(starts_at__gt=now).first() or sessions.last()
    if session is None:
        session = EchoSession(
            cycle=cycle,
            topic="Assessing pain",
            topic_fr="Évaluer la douleur",
            starts_at=now,
            ends_at=now + timedelta(minutes=90),
        )
        session.pk = 0
    session.cycle = cycle
    site = settings.PORTAL_URL
    with override(language):
        facts = SimpleNamespace(
            cycle_name=localized_text(cycle, "name"),
            program_name=localized_text(program, "name"),
            number="ECHO-2026-000042",
            amount=Decimal(24),
            unit="credits",
            credit_name="Mainpro+",
            document_title="Attestation" if language == "fr" else "Certificate",
            verification_url=f"{site}/verify/…",
        )
        survey = "Sondage préalable" if language == "fr" else "Pre-survey"
    context = {
        "name": newest.participant.get_short_name() if newest else reader,
        "program": program,
        "cycle": cycle,
        "session": session,
        "facts": facts,
        "url": f"{site}/…/page/",
        "program_url": f"{site}/programs/{program.slug}/",
        "calendar_url": f"{site}/…/calendar/",
        "place_url": f"{site}/…/place/",
        "case_url": f"{site}/…/case/",
        "cases_url": f"{site}/…/case/",
        "slots_url": f"{site}/…/present/",
        "download_url": f"{site}/…/download/",
        "join_url": session.meeting_url or f"{site}/…/join/",
        "must_agree": False,
        "presents": False,
        "held_until": session.starts_at + timedelta(days=2),
        "until": session.starts_at + timedelta(days=2),
        "was_starts_at": session.starts_at - timedelta(days=7),
        "was_ends_at": session.ends_at - timedelta(days=7),
        "is_moved": True,
        "inviter": "Dr. Ada Okonkwo",
        "is_preapproved": False,
        "has_account": False,
        "echo_id": "ECHO-7KQ2M9XA",
        "because": "office",
        "is_begun": False,
        "is_for_credit": True,
        "surveys": [
            {"title": survey, "closes_at": session.ends_at, "url": f"{site}/surveys/…/", "is_begun": False}
        ],
    }
    return Sample(context, is_real=newest is not None)


def default_words(text: MailText, context: Mapping[str, Any], *, language: str) -> tuple[str, str]:
    """The portal's own subject and text with places where values would stand: what an editor begins with."""
    marked = _for(text, _marked(context))
    rendered = render_default(text.mail, marked, language=language)
    with override(language):
        found = values(" ".join(f"{{{{ {name} }}}}" for name in text.places), marked)
    # A subject's non-breaking spaces have become plain ones.
    filled = {value.replace(NBSP, " "): name for name, value in found.items() if value}
    if not filled:
        return rendered.subject, rendered.text.strip()
    # The longest first: an address may be a part of another. One pass, so nothing is replaced twice; only whole words,
    # so that no number is found within another.
    longest = sorted(filled, key=len, reverse=True)
    anyone = "|".join(re.escape(value).replace("\\ ", f"[ {NBSP}]") for value in longest)
    pattern = re.compile(rf"(?<!\w)(?:{anyone})(?!\w)")

    def place(match: re.Match[str]) -> str:
        return f"{{{{ {filled[match[0].replace(NBSP, ' ')]} }}}}"

    return pattern.sub(place, rendered.subject), pattern.sub(place, rendered.text.strip())


def _marked(context: Mapping[str, Any]) -> dict[str, Any]:
    """The sample with names that occur in no sentence: a person called Jo must not be found in "Join"."""
    program, cycle, session = (copy(context[name]) for name in ("program", "cycle", "session"))
    cycle.program, session.cycle = program, cycle
    program.name = program.name_fr = "Qx1Program"
    cycle.name = cycle.name_fr = "Qx2Cycle"
    session.topic = session.topic_fr = "Qx3Topic"
    facts = copy(context["facts"])
    facts.program_name, facts.cycle_name = program.name, cycle.name
    names = {"name": "Qx4Name", "inviter": "Qx5Inviter"}
    return {**context, **names, "program": program, "cycle": cycle, "session": session, "facts": facts}


def preview(text: MailText, words: tuple[str, str], context: Mapping[str, Any], *, language: str) -> Rendered:
    """The words as they would arrive."""
    subject, body = words
    with override(language):
        found = values(f"{subject}\n{body}", _for(text, context))
    return render_words(subject, body, found, language=language)


def wordings(program: Program) -> dict[tuple[str, str], MailWording]:
    """The program's own words, by mail and language (1 query)."""
    return {(one.mail, one.language): one for one in MailWording.objects.filter(program=program)}


def _for(text: MailText, context: Mapping[str, Any]) -> Mapping[str, Any]:
    """What this mail's template gets: the facts are a certificate's alone."""
    return context if "number" in text.places else {k: v for k, v in context.items() if k != "facts"}
