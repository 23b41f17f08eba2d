"""Identifiers and case texts, seeded into every way in, are looked for in every way out (quality: security, 11)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import DataError, connection, transaction
from django.test import Client
from django.urls import reverse
from psycopg2 import sql  # type: ignore[import-untyped]  # the driver ships no types

from cases import case_views, draft_views
from cases.models import CaseSubmission, CaseText, CaseVersion, Heading
from core.log_format import DiscreetFormatter
from outbox.models import MailAttachment, OutgoingMail
from participants.models import User
from tests import factories as make
from tests.cases import drafting

pytestmark = pytest.mark.django_db

# Words that stand nowhere else: each is looked for as it is, and without the spaces and dashes in it.
NUMBER = "1234-567-897"
NAME = "Zbigniew Quartermoor"
PHONE = "613 555 0143"
STORY = "qxfracture of the left shin on ice"
ADVICE = "qxtaper by a tenth every four weeks"
COMMENT = "qxplease say what was tried"
SEEDS = (
    NUMBER,
    "1234567897",
    NAME,
    "Quartermoor",
    PHONE,
    "6135550143",
    STORY,
    "qxfracture",
    ADVICE,
    "qxtaper",
    COMMENT,
)
"""Of a patient, and of what clinicians wrote."""

IDENTIFYING = f"{STORY}. Pt {NAME}, HCN {NUMBER}, tel {PHONE}."


@dataclass
class Outside:
    """All that leaves the pages themselves: the log, addresses, titles, headers, cookies, sessions."""

    log: StringIO
    seen: dict[str, str] = field(default_factory=dict)

    def look_at(self, response: Any) -> None:
        """Remember what an answer says outside its body."""
        path = response.wsgi_request.get_full_path()
        title = re.search(r"<title>(.*?)</title>", response.content.decode(errors="replace"), re.DOTALL)
        self.seen[f"{len(self.seen)} {path}"] = " ".join(
            [path, title[1] if title else "", str(response.headers), str(response.cookies)]
        )

    def everything(self) -> dict[str, str]:
        """By where it is."""
        mails = "\n".join(
            f"{m.key} {m.subject} {m.body_text} {m.body_html}" for m in OutgoingMail.objects.all()
        )
        sessions = "\n".join(str(session.get_decoded()) for session in Session.objects.all())
        return {
            **self.seen,
            "the log": self.log.getvalue(),
            "the mails": mails,
            "the mails' attachments": str(list(MailAttachment.objects.values_list("filename", flat=True))),
            "the sessions": sessions,
            "the caches": _cached(),
            "the audit trail": _history(),
        }


def _cached() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(cache_key || value, ' ') FROM core_cache")
        return str(cursor.fetchone()[0]) + str(cache.get("nothing"))


def _history() -> str:
    """Every table of the audit trail, with the deeds' own words."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()"
            " AND (table_name LIKE 'cases_%event' OR table_name LIKE 'pghistory_%')"
        )
        for (table,) in cursor.fetchall():
            query = "SELECT string_agg(row_to_json(event)::text, ' ') FROM {} event"
            cursor.execute(sql.SQL(query).format(sql.Identifier(table)))
            found.append(f"{table}: {cursor.fetchone()[0]}")
    assert len(found) > 5
    return "\n".join(found)


@pytest.fixture
def outside() -> Iterator[Outside]:
    """The log as production writes it, from DEBUG on but for the statements, which production never logs."""
    log = StringIO()
    handler = logging.StreamHandler(log)
    handler.setFormatter(DiscreetFormatter("%(levelname)s %(name)s %(message)s"))
    root, statements = logging.getLogger(), logging.getLogger("django.db.backends")
    levels = root.level, statements.level
    root.setLevel(logging.DEBUG)
    statements.setLevel(logging.WARNING)
    loggers = [root, logging.getLogger("django.server"), logging.getLogger("django")]
    for logger in loggers:
        logger.addHandler(handler)
    yield Outside(log)
    for logger in loggers:
        logger.removeHandler(handler)
    root.setLevel(levels[0])
    statements.setLevel(levels[1])


def browser(user: User, **more: Any) -> Client:
    client = Client(raise_request_exception=False, **more)
    client.force_login(user)
    return client


def url(case: CaseSubmission, page: str) -> str:
    return reverse(f"cases:case-{page}", args=[case.echo_id])


def sent(content: dict[str, Any], **more: Any) -> dict[str, list[Any]]:
    return dict(drafting.typed(content, **more).lists())


def found_in(outside: Outside) -> dict[str, list[str]]:
    """Where each seed leaked; empty when none did."""
    return {
        where: leaks
        for where, words in outside.everything().items()
        if (leaks := [seed for seed in SEEDS if seed.casefold() in words.casefold()])
    }


def test_the_look_itself_finds_what_is_there(outside: Outside) -> None:
    logging.getLogger("cases").warning("Saved %s", NAME)
    make.make_case(content={"pain_history": STORY})

    assert found_in(outside) == {"the log": [NAME, "Quartermoor"]}


def test_nothing_typed_into_a_case_leaves_its_pages(outside: Outside) -> None:
    case = make.make_case(content={})
    author = browser(case.presenter.participant)
    typed = sent(make.CASE_CONTENT | {"pain_history": IDENTIFYING, "goals": STORY}, revision=1)

    for answer in (
        author.post(url(case, "hints"), {"field": "pain_history", "text": IDENTIFYING}),
        author.post(url(case, "edit"), typed | {"age": ["old"]}),  # refused
        author.post(url(case, "edit"), typed),
        author.post(url(case, "edit"), typed),  # a conflict
        author.post(url(case, "edit"), typed | {"revision": ["2"], "goals": [NAME * 5000]}),  # too long
        author.post(url(case, "edit"), typed | {"revision": ["2"], "goals": [f"{NAME}\x00"]}),
        author.get(url(case, "edit")),
        author.get(url(case, "check")),
        author.post(url(case, "check"), {"revision": "2", "hand-in": "1", "signed_name": NAME}),
        author.get(url(case, "edit"), {"q": "1"}),
        browser(make.make_user()).get(url(case, "detail")),  # not found
        Client().get(url(case, "detail")),
        browser(case.presenter.participant, enforce_csrf_checks=True).post(url(case, "edit"), typed),
        author.put(url(case, "edit"), IDENTIFYING, content_type="text/plain"),
        author.get(reverse("cases:case-list")),
    ):
        outside.look_at(answer)

    assert STORY in str(CaseText.objects.get(case=case).content)
    assert found_in(outside) == {}


def test_nothing_leaves_when_saving_breaks(outside: Outside, monkeypatch: pytest.MonkeyPatch) -> None:
    case = make.make_case(content={})
    author = browser(case.presenter.participant)
    typed = sent(make.CASE_CONTENT | {"pain_history": IDENTIFYING}, revision=1)

    def refuse(**given: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT %s::int", [given["content"]["pain_history"]])

    monkeypatch.setattr(draft_views, "save_draft", refuse)
    monkeypatch.setattr(case_views, "check_case", lambda **_given: int(IDENTIFYING[:0] or "x"))
    answers = [author.post(url(case, "edit"), typed), author.get(url(case, "check"))]

    for answer in answers:
        assert answer.status_code == 500
        assert "qxfracture" not in answer.content.decode()
        outside.look_at(answer)
    assert DataError.__name__ in outside.log.getvalue()
    assert found_in(outside) == {}


def test_nothing_written_in_review_or_by_the_hub_leaves_its_pages(outside: Outside, roles_of: Any) -> None:
    case = make.make_case(status="submitted", content=make.CASE_CONTENT | {"pain_history": STORY})
    coordinator, signer = roles_of(case)
    desk, hub, author = browser(coordinator), browser(signer), browser(case.presenter.participant)
    review = reverse("admin:cases_casesubmission_review", args=[case.pk])
    outside.look_at(desk.get(review))
    outside.look_at(desk.post(review, {"start": "1"}))
    outside.look_at(
        desk.post(review, {"decision": "returned", "comments": f"{COMMENT}. {NAME}, HCN {NUMBER}"})
    )
    answered = make.make_case(
        case.presenter, status="presented", content=make.CASE_CONTENT | {"pain_history": STORY}
    )
    write = {f"text_{heading}": "" for heading in Heading.values} | {
        f"revision_{heading}": "0" for heading in Heading.values
    }
    for answer in (
        hub.get(url(answered, "recommend")),
        hub.post(url(answered, "recommend"), write | {"text_referral": ADVICE, "save": "1"}),
        hub.post(url(answered, "recommend"), write | {"text_referral": f"{ADVICE} {NAME}", "save": "1"}),
        hub.get(url(answered, "sign")),
        hub.post(url(answered, "sign"), {"seen": "0", "opening": IDENTIFYING, "cycle_sees": "now"}),
        author.get(url(answered, "detail")),
        author.get(url(answered, "summary")),
    ):
        outside.look_at(answer)
    make.make_letter(
        answered,
        items=[{"heading": "referral", "text": ADVICE, "author": "Paula", "title": ""}],
    )
    for page in ("letter", "letter-pdf", "follow-up"):
        outside.look_at(author.get(url(answered, page)))
    outside.look_at(author.post(url(answered, "follow-up"), {"outcome": "better", "text": IDENTIFYING}))
    outside.look_at(author.get(reverse("cases:library"), {"q": "shin"}))
    outside.look_at(desk.get(reverse("admin:cases_casesubmission_changelist")))

    assert CaseVersion.objects.filter(content__pain_history=STORY).count() == 2
    assert found_in(outside) == {}


@pytest.fixture
def roles_of(coordinator: User) -> Any:
    """A coordinator, and a signer of the hub of a case."""

    def make_both(case: CaseSubmission) -> tuple[User, User]:
        return coordinator, make.make_hub_member(case.presenter.cycle.program).user

    return make_both
