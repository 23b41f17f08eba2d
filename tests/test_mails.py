"""Every mail that the portal words itself: its plain and its HTML part say the same, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.utils.html import strip_tags

from core.personal import Kept
from credits.reconciling import OpenItems, Reconciliation
from credits.services.reconciliation import letter_about
from outbox.rendering import one_line, render
from participants.models import CategoryRequest
from sessions_app.models import Speaker
from tests import factories as make
from tests.clock import toronto
from tests.credits.certificates import certificate_facts
from tests.test_french_pages import ENGLISH

URL = "https://portal.example.ca/somewhere/"


def joining() -> Mapping[str, Any]:
    cycle = make.make_cycle(name="Fall 2025", name_fr="Automne 2025")
    cycle.program.name_fr = "Douleur & cie"
    return {
        "name": "Siobhán O'Brien",
        "cycle": cycle,
        "program": cycle.program,
        "url": URL,
        "program_url": URL,
        "place_url": URL,
        "calendar_url": f"{URL}calendar.ics",
        "held_until": toronto(2025, 9, 20, 12),
    }


def invited() -> Mapping[str, Any]:
    return {
        **joining(),
        "inviter": "Cora Coordinator",
        "until": toronto(2025, 10, 12, 10),
        "is_preapproved": True,
        "has_account": False,
    }


def session() -> Mapping[str, Any]:
    cycle = make.make_cycle()
    cycle.program.name_fr = "Douleur & cie"
    session = make.make_session(cycle, topic_fr="Sommeil & cie")
    Speaker.objects.create(session=session, name="Dre Ruth Ng", affiliation_fr="Université Queen’s")
    return {
        "name": "Siobhán O'Brien",
        "session": session,
        "program": cycle.program,
        "url": URL,
        "calendar_url": URL,
        "join_url": "https://video.example/room",
        "presents": True,
    }


def session_changed(**what: bool) -> Callable[[], Mapping[str, Any]]:
    was = {"was_starts_at": toronto(2025, 9, 10, 12, 30), "was_ends_at": toronto(2025, 9, 10, 14)}
    return lambda: {**session(), **was, **what}


def presenting(**step: bool) -> Callable[[], Mapping[str, Any]]:
    def context() -> Mapping[str, Any]:
        session = make.make_session(
            make.make_cycle(), topic="Pain & sleep", topic_fr="Douleur & sommeil", week=1
        )
        session.cycle.program.name_fr = "Douleur & cie"
        return {
            "name": "Siobhán O'Brien",
            "session": session,
            "cycle": session.cycle,
            "program": session.cycle.program,
            "url": URL,
            "case_url": URL,
            "cases_url": URL,
            "slots_url": URL,
            **step,
        }

    return context


def about_a_case(**step: bool) -> Callable[[], Mapping[str, Any]]:
    return lambda: {**presenting(**step)(), "echo_id": "ECHO-7KQ2M9XA"}


def left(because: str) -> Callable[[], Mapping[str, Any]]:
    return lambda: {**joining(), "because": because}


def erased() -> Mapping[str, Any]:
    until = date(2032, 3, 12)
    return {
        "name": "Siobhán O'Brien",
        "kept": [Kept(what="2 certificats", why="Un registre & cie.", until=until)],
        "kept_until": until,
        "url": URL,
    }


def certificate() -> Mapping[str, Any]:
    facts = certificate_facts(
        document_title="Certificat de participation",
        cycle_name="Automne 2025",
        program_name="Douleur & cie",
        credit_name="Mainpro+",
    )
    return {"name": "Siobhán O'Brien", "facts": facts, "download_url": URL}


def differing() -> Mapping[str, Any]:
    row = Reconciliation(
        cycle=make.make_cycle(name="Fall 2025", name_fr="Automne 2025"),
        eligible=40,
        issued=30,
        mailed=20,
        nobodys=0,
        open=OpenItems(1, 2, 3, 1, 2, 3, 1, 2),
    )
    row.cycle.program.name_fr = "Douleur & cie"
    return {**letter_about(row), "name": "Siobhán O'Brien", "url": URL}


def category_decided() -> Mapping[str, Any]:
    asked = CategoryRequest(category="other", profession="midwife")
    return {"name": "Siobhán O'Brien", "asked": asked, "is_granted": True, "url": URL}


def asked() -> Mapping[str, Any]:
    return {
        "name": "Siobhán O'Brien",
        "program": joining()["program"],
        "surveys": [
            {"title": "Après & avant", "closes_at": toronto(2026, 3, 12, 17), "url": URL, "is_begun": True},
            {"title": "Réflexion", "closes_at": None, "url": URL, "is_begun": False},
        ],
        "is_for_credit": True,
    }


MAILS: dict[str, Callable[[], Mapping[str, Any]]] = {
    "sessions_app/mail/received": joining,
    "sessions_app/mail/approved": joining,
    "sessions_app/mail/waitlisted": joining,
    "sessions_app/mail/offered": joining,
    "sessions_app/mail/declined": joining,
    "sessions_app/mail/withdrawn": left("wish"),
    "sessions_app/mail/session_changed": session_changed(is_moved=True, has_new_link=True),
    "sessions_app/mail/session_cancelled": session_changed(),
    "sessions_app/mail/session_reminder": session,
    "participants/mail/category_decided": category_decided,
    "participants/mail/address_changed": lambda: {
        "name": "Siobhán O'Brien",
        "before": "old@clinic.example",
        "after": "new@clinic.example",
        "url": URL,
    },
    "participants/mail/second_factor_removed": lambda: {"name": "Siobhán O'Brien", "url": URL},
    "participants/mail/merged": lambda: {
        "name": "Siobhán O'Brien",
        "kept_email": "siobhan@hospital.example",
        "gone_email": "siobhan@clinic.example",
        "url": URL,
    },
    "participants/mail/erased": erased,
    "sessions_app/mail/invitation": invited,
    "sessions_app/mail/invitation_reminder": invited,
    "sessions_app/mail/slot_taken": presenting(is_assigned=True),
    "sessions_app/mail/slot_released": presenting(is_own=True),
    "cases/mail/presenter_reminder": presenting(is_begun=True),
    "cases/mail/case_waits": lambda: {**joining(), "echo_id": "ECHO-2345ABCD", "is_again": True},
    "cases/mail/case_returned": about_a_case(),
    "cases/mail/case_approved": about_a_case(),
    "cases/mail/case_scheduled": about_a_case(),
    "cases/mail/hub_case_approved": about_a_case(),
    "cases/mail/hub_case_scheduled": about_a_case(is_moved=True),
    "cases/mail/follow_up_asked": about_a_case(),
    "cases/mail/letter_signed": about_a_case(is_correction=True),
    "credits/mail/certificate": certificate,
    "credits/mail/reconciliation": differing,
    "surveys/mail/invitation": asked,
    "surveys/mail/reminder": asked,
}


def test_every_mail_is_looked_at_here() -> None:
    folder = settings.BASE_DIR / "templates"
    found = {str(path.relative_to(folder)) for path in folder.glob("*/mail/*.subject.txt")}

    assert found == {f"{name}.subject.txt" for name in MAILS}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", MAILS)
def test_mail_says_the_same_in_both_parts(name: str, language: str) -> None:
    mail = render(name, MAILS[name](), language=language)

    shown = one_line(unescape(strip_tags(mail.html)))
    lines = [line for line in mail.text.splitlines() if line]
    assert len(lines) >= 5
    assert [line for line in lines if one_line(line) not in shown] == []
    assert {"en": "Hello Siobhán O'Brien,", "fr": "Bonjour Siobhán O'Brien,"}[language] in lines
    assert f'href="{URL}"' in mail.html
    assert not re.search(r"[{}]|&#|%\(", mail.subject + mail.text)
    if language == "fr":
        assert ENGLISH.findall(mail.subject + mail.text) == []
