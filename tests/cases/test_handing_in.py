"""Checking, explaining and handing in a case, and that a draft's earlier text is kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import translation
from pghistory.models import Events
from psycopg2 import sql  # type: ignore[import-untyped]  # the driver ships no types

from cases.models import CaseReview, CaseSubmission, CaseText, CaseVersion
from cases.screening import IdentifiersFoundError, finding_key
from cases.services import (
    CaseChangedError,
    check_case,
    explain_findings,
    save_draft,
    submit_case,
)
from core.errors import BadInputError, MoveRefusedError, NotAllowedError
from outbox.models import OutgoingMail
from sessions_app.models import Cycle, Enrolment
from tests.clock import toronto
from tests.factories import (
    CASE_CONTENT,
    make_case,
    make_cycle,
    make_enrolment,
    make_user,
)
from tests.races import THREADS, at_once

NOW = toronto(2025, 9, 22, 9)
NAME = "Noémie L’Écuyer-Roy"
SEED = "1234-567-897"
WHY_NOT = "It is what we call the big city here."
Status = CaseSubmission.Status


def case_of(content: dict[str, Any] | None = None, *, status: str = Status.DRAFT) -> CaseSubmission:
    """A case of Noémie's in a running cycle."""
    enrolment = make_enrolment(make_cycle(sessions=1), make_user(name=NAME))
    return make_case(enrolment, status=status, content=content)


def hand_in(case: CaseSubmission, **values: Any) -> CaseVersion:
    """Hand it in as its author does."""
    return submit_case(
        **{
            "case_id": case.pk,
            "revision": 1,
            "signed_name": NAME,
            "by": case.presenter.participant,
            "now": NOW,
            **values,
        }
    )


def ask(case: CaseSubmission, words: str = "Toronto", *, tier: str = "confirm") -> str:
    """Put a finding about `words` into the text of a case, whatever the screen would say; returns its key."""
    text = case.text
    start = text.content["pain_history"].index(words)
    text.findings = [
        {
            "path": "pain_history",
            "start": start,
            "end": start + len(words),
            "kind": "PLACE",
            "tier": tier,
            "reason": "gazetteer",
            "explanation": "",
        }
    ]
    text.save(update_fields=["findings"])
    return finding_key(text.findings[0], {"pain_history": text.content["pain_history"]})


# --- checking -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_check_screens_what_is_saved_and_keeps_what_it_found() -> None:
    case = case_of({"pain_history": f"HCN {SEED}"})

    text = check_case(case_id=case.pk, by=case.presenter.participant)

    assert [row["kind"] for row in text.findings] == ["HEALTH_NUMBER"]
    case.text.refresh_from_db()
    assert case.text.findings == text.findings
    assert case.text.revision == 1
    assert check_case(case_id=case.pk, by=case.presenter.participant).findings == text.findings


@pytest.mark.django_db
def test_check_is_the_authors() -> None:
    with pytest.raises(NotAllowedError):
        check_case(case_id=case_of().pk, by=make_user(is_staff=True))


# --- explaining -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_explanation_is_kept_once_and_taken_back() -> None:
    case = case_of({"pain_history": "She moved to Toronto."})
    key, by = ask(case), case.presenter.participant
    for words, kept in ((f" {WHY_NOT}\n", WHY_NOT), (WHY_NOT, WHY_NOT), ("", "")):
        explain_findings(case_id=case.pk, revision=1, explanations={key: words}, by=by)

        case.text.refresh_from_db()
        assert [row["explanation"] for row in case.text.findings] == [kept]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("explanation", "error"),
    [
        ("too short", BadInputError),
        ("x" * 501, BadInputError),
        (f"Her HCN is {SEED}.", IdentifiersFoundError),
        ("\x00" * 20, BadInputError),
    ],
)
def test_explanation_that_explains_nothing_or_identifies_is_refused(
    explanation: str, error: type[Exception]
) -> None:
    case = case_of({"pain_history": "She moved to Toronto."})
    key, by = ask(case), case.presenter.participant
    if "\x00" in explanation:
        # What is left of it is nothing: it explains nothing.
        explain_findings(case_id=case.pk, revision=1, explanations={key: explanation}, by=by)
    else:
        with pytest.raises(error) as refused:
            explain_findings(case_id=case.pk, revision=1, explanations={key: explanation}, by=by)
        assert explanation not in str(refused.value)

    case.text.refresh_from_db()
    assert case.text.findings[0]["explanation"] == ""


@pytest.mark.django_db
def test_what_must_be_changed_is_not_explained_away() -> None:
    case = case_of({"pain_history": "She moved to Toronto."})
    key = ask(case, tier="stop")

    explain_findings(case_id=case.pk, revision=1, explanations={key: WHY_NOT}, by=case.presenter.participant)

    case.text.refresh_from_db()
    assert case.text.findings[0]["explanation"] == ""


@pytest.mark.django_db
def test_explaining_is_the_authors_on_the_newest_text_of_an_open_case() -> None:
    case, closed = case_of(), case_of(status=Status.SUBMITTED)

    with pytest.raises(NotAllowedError):
        explain_findings(case_id=case.pk, revision=1, explanations={}, by=make_user())
    with pytest.raises(CaseChangedError):
        explain_findings(case_id=case.pk, revision=0, explanations={}, by=case.presenter.participant)
    with pytest.raises(MoveRefusedError):
        explain_findings(case_id=closed.pk, revision=1, explanations={}, by=closed.presenter.participant)


# --- handing in -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_submit_keeps_the_signed_version_and_tells_the_office() -> None:
    case = case_of()
    with translation.override("fr"):
        version = hand_in(case, signed_name="  noemie   l'ecuyer roy ")

    case.refresh_from_db()
    assert (case.status, case.version, case.moved_at) == (Status.SUBMITTED, version, NOW)
    assert (version.number, version.content, version.submitted_at) == (1, CASE_CONTENT, NOW)
    assert version.signed_name == "noemie l'ecuyer roy"
    assert len(version.attestation) > 200
    mail = OutgoingMail.objects.get(recipient=case.presenter.cycle.program.contact_email)
    assert case.echo_id in mail.subject
    assert f"/cases/{case.echo_id}/" in mail.body_text
    assert "back pain" not in mail.body_text + mail.body_html
    assert NAME not in mail.body_text + mail.body_html
    event = Events.objects.filter(pgh_model="cases.CaseSubmissionEvent", pgh_label="update").latest(
        "pgh_created_at"
    )
    assert event.pgh_context["verb"] == "case.submit"
    assert event.pgh_context["user"] == case.presenter.participant.pk


@pytest.mark.django_db
def test_submit_twice_hands_in_once_and_again_after_a_return() -> None:
    case = case_of()
    first = hand_in(case)

    assert hand_in(case) == first
    assert case.versions.count() == 1

    CaseSubmission.objects.filter(pk=case.pk).update(status=Status.IN_REVIEW)
    assert hand_in(case) == first
    CaseReview.objects.create(
        version=first,
        decision=CaseReview.Decision.RETURNED,
        comments="What was tried?",
        reviewed_by=make_user(is_staff=True),
        reviewed_at=NOW,
    )
    CaseSubmission.objects.filter(pk=case.pk).update(status=Status.RETURNED)
    second = hand_in(case, now=NOW + timedelta(days=1))

    case.refresh_from_db()
    assert (second.number, case.version, case.status) == (2, second, Status.SUBMITTED)
    assert OutgoingMail.objects.filter(kind="case", subject__contains="again").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "values", "error"),
    [
        ({"pain_history": f"HCN {SEED}"}, {}, BadInputError),
        ({"question_1": ""}, {}, BadInputError),
        ({"medications": []}, {}, BadInputError),
        ({}, {"signed_name": "Somebody Else"}, BadInputError),
        ({}, {"signed_name": ""}, BadInputError),
        ({}, {"revision": 0}, CaseChangedError),
        ({}, {"revision": 2}, CaseChangedError),
    ],
)
def test_submit_refuses_what_is_not_ready(
    content: dict[str, Any], values: dict[str, Any], error: type[Exception]
) -> None:
    # Stored findings are not trusted: here are none.
    case = case_of({**CASE_CONTENT, **content})

    with pytest.raises(error) as refused:
        hand_in(case, **values)

    assert SEED not in str(refused.value)
    case.refresh_from_db()
    assert (case.status, case.versions.count()) == (Status.DRAFT, 0)
    assert not OutgoingMail.objects.exists()


@pytest.mark.django_db
def test_submit_wants_every_finding_explained_and_keeps_the_explanation() -> None:
    case = case_of({**CASE_CONTENT, "pain_history": "She lives near Kapuskasing since the fall."})
    by = case.presenter.participant
    text = check_case(case_id=case.pk, by=by)
    assert {row["tier"] for row in text.findings} == {"confirm"}

    with pytest.raises(BadInputError):
        hand_in(case)
    keys = {finding_key(row, {"pain_history": text.content["pain_history"]}) for row in text.findings}
    explain_findings(case_id=case.pk, revision=1, explanations=dict.fromkeys(keys, WHY_NOT), by=by)
    version = hand_in(case)

    assert {row["explanation"] for row in version.findings} == {WHY_NOT}


@pytest.mark.django_db
@pytest.mark.parametrize("status", [Status.APPROVED, Status.SCHEDULED, Status.PRESENTED])
def test_submit_is_refused_once_the_case_is_approved(status: str) -> None:
    case = case_of(status=status)

    with pytest.raises(MoveRefusedError):
        hand_in(case)

    assert case.versions.count() == 1


@pytest.mark.django_db
def test_submit_is_for_the_author_in_a_running_cycle() -> None:
    case, left, closed = case_of(), case_of(), case_of()
    Enrolment.objects.filter(pk=left.presenter_id).update(status=Enrolment.Status.WITHDRAWN)
    Cycle.objects.filter(pk=closed.presenter.cycle_id).update(status=Cycle.Status.CLOSED, closed_at=NOW)

    with pytest.raises(NotAllowedError):
        hand_in(case, by=make_user(name=NAME))
    for refused in (left, closed):
        with pytest.raises(MoveRefusedError):
            hand_in(refused)
    assert not CaseVersion.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_submit_at_once_makes_one_version_and_one_mail() -> None:
    case = case_of()

    results = at_once([lambda: hand_in(case)] * THREADS)

    version = CaseVersion.objects.get()
    assert results == [version] * THREADS
    assert OutgoingMail.objects.filter(kind="case").count() == 1


@pytest.mark.django_db(transaction=True)
def test_submit_against_a_save_keeps_one_of_the_two_whole() -> None:
    case = case_of()
    by = case.presenter.participant
    other = {**CASE_CONTENT, "goals": "To sleep through."}

    results = at_once(
        [
            lambda: hand_in(case),
            lambda: save_draft(case_id=case.pk, content=other, revision=1, by=by, now=NOW),
        ]
    )

    case.refresh_from_db()
    refused = [result for result in results if isinstance(result, Exception)]
    assert len(refused) == 1
    if case.status == Status.SUBMITTED:
        assert isinstance(refused[0], MoveRefusedError)
        assert case.version is not None
        assert case.version.content == CaseText.objects.get().content == CASE_CONTENT
    else:
        assert isinstance(refused[0], CaseChangedError)
        assert CaseText.objects.get().content == other


# --- nothing is kept ------------------------------------------------------------------------------------------------


def columns_of_text() -> Iterator[tuple[str, str]]:
    """Every column of the database that can hold words."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables"
            " USING (table_schema, table_name) WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'"
            " AND (data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'bytea', 'tsvector'))"
        )
        yield from cursor.fetchall()


def holding(words: str) -> list[str]:
    """The columns that hold `words` somewhere, as text."""
    found = []
    with connection.cursor() as cursor:
        for table, column in columns_of_text():
            names = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
            query = sql.SQL("SELECT EXISTS (SELECT FROM {table} WHERE position(%s in {column}::text) > 0)")
            cursor.execute(query.format(**names), [words])
            if cursor.fetchone()[0]:
                found.append(f"{table}.{column}")
    return found


@pytest.mark.django_db
def test_identifier_that_was_typed_and_removed_is_kept_nowhere() -> None:
    case = case_of({**CASE_CONTENT, "pain_history": "Low back pain."})
    by = case.presenter.participant
    typed = {**CASE_CONTENT, "pain_history": f"Low back pain, HCN {SEED}."}

    saved = save_draft(case_id=case.pk, content=typed, revision=1, by=by, now=NOW)
    check_case(case_id=case.pk, by=by)
    with pytest.raises(BadInputError):
        hand_in(case, revision=saved.revision)
    # While it stands in the text, it stands there alone.
    assert holding(SEED) == ["cases_casetext.content"]
    save_draft(case_id=case.pk, content=CASE_CONTENT, revision=saved.revision, by=by, now=NOW)

    assert holding(SEED) == []
    hand_in(case, revision=saved.revision + 1)
    assert holding(SEED) == []
    # What is handed in is kept: in the text, the version, and nowhere else.
    assert set(holding("worse with sitting")) == {"cases_casetext.content", "cases_caseversion.content"}
    assert Events.objects.filter(pgh_model="cases.CaseTextEvent").count() >= 2
