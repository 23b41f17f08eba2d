"""Beginning, saving and deleting a case."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from pghistory.models import Context, Events

from cases.deidentification.findings import Kind, Tier
from cases.models import CaseSubmission, CaseText
from cases.services import ConflictError, delete_draft, save_draft, start_case
from core.errors import BadInputError, MoveRefusedError, NotAllowedError
from participants.models import Agreement
from sessions_app.models import Cycle, Enrolment
from tests import factories as make
from tests.clock import toronto
from tests.history import audit_row, event_model
from tests.races import THREADS, at_once

pytestmark = pytest.mark.django_db

NOW = toronto(2025, 9, 21, 12, 31)
SECRET = "1234567897"


def save(case: CaseSubmission, content: dict[str, Any], *, revision: int = 1, **values: Any) -> Any:
    values.setdefault("by", case.presenter.participant)
    return save_draft(
        case_id=case.pk, content=content, revision=revision, now=values.pop("now", NOW), **values
    )


def verbs() -> list[str]:
    return [context.metadata["verb"] for context in Context.objects.order_by("created_at")]


# --- beginning ---


def test_start_case_begins_a_draft_with_an_empty_text() -> None:
    enrolment = make.make_enrolment(make.make_cycle(sessions=1))
    case = start_case(enrolment=enrolment, by=enrolment.participant, now=NOW)
    assert (case.status, case.presenter, case.created_at) == ("draft", enrolment, NOW)
    assert (case.text.content, case.text.findings, case.text.revision) == ({}, [], 0)
    assert verbs() == ["case.start"]


def test_start_case_goes_on_with_an_untouched_draft() -> None:
    enrolment = make.make_enrolment(make.make_cycle(sessions=1))
    first = start_case(enrolment=enrolment, by=enrolment.participant, now=NOW)
    assert start_case(enrolment=enrolment, by=enrolment.participant, now=NOW) == first
    save(first, {"age": "57"}, revision=0)
    assert start_case(enrolment=enrolment, by=enrolment.participant, now=NOW) != first


def test_start_case_is_for_those_who_are_enrolled_in_a_running_cycle() -> None:
    cycle = make.make_cycle(sessions=1)
    waiting = make.make_enrolment(cycle, status=Enrolment.Status.WAITLISTED)
    closed = make.make_enrolment(make.make_cycle(sessions=1, status=Cycle.Status.CLOSED))
    own = make.make_enrolment(cycle)
    for enrolment, by in (
        (waiting, waiting.participant),
        (closed, closed.participant),
        (own, make.make_user()),
    ):
        with pytest.raises(NotAllowedError):
            start_case(enrolment=enrolment, by=by, now=NOW)
    assert not CaseSubmission.objects.exists()


def test_start_case_asks_for_the_participation_agreement() -> None:
    Agreement.objects.create(kind="participation", version=99, title="T", text="x", published_at=NOW)
    enrolment = make.make_enrolment(make.make_cycle(sessions=1), make.make_user(has_agreed=False))
    with pytest.raises(NotAllowedError, match="agreement"):
        start_case(enrolment=enrolment, by=enrolment.participant, now=NOW)


# --- saving ---


def test_save_draft_keeps_the_text_screens_it_and_raises_the_revision() -> None:
    case = make.make_case(content={})
    saved = save(case, {"onset": f"Her HCN {SECRET}.", "age": "57", "sleep": " "})
    text = CaseText.objects.get(case=case)
    assert text.content == saved.content == {"onset": f"Her HCN {SECRET}.", "age": "57"}
    assert (text.revision, text.saved_at) == (saved.revision, saved.saved_at) == (2, NOW)
    assert saved.is_new
    assert [(row["path"], row["kind"], row["tier"]) for row in text.findings] == [
        ("onset", Kind.HEALTH_NUMBER, Tier.STOP)
    ]
    assert text.findings == saved.findings


def test_save_draft_leaves_one_record_that_holds_no_text() -> None:
    case = make.make_case(content={})
    before = Events.objects.count()
    save(case, {"onset": f"Her HCN {SECRET}."})
    assert Events.objects.count() == before + 1
    assert audit_row(case.text, "update") == ("case.save", case.presenter.participant_id, "")
    fields = {field.name for field in event_model(CaseText)._meta.fields if not field.name.startswith("pgh_")}
    assert fields == {"id", "case", "revision", "saved_at"}


def test_what_is_removed_from_a_draft_is_nowhere_in_the_database() -> None:
    case = make.make_case(content={})
    save(case, {"onset": f"Her HCN {SECRET}."})
    save(case, {"onset": "Six years ago."}, revision=2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        for (table,) in cursor.fetchall():
            name = connection.ops.quote_name(table)
            cursor.execute(
                f"SELECT count(*) FROM {name} AS row WHERE row::text LIKE %s",  # noqa: S608  (quoted)
                [f"%{SECRET}%"],
            )
            assert cursor.fetchone()[0] == 0, table


def test_save_draft_twice_changes_nothing_the_second_time() -> None:
    case = make.make_case(content={})
    save(case, {"onset": "Six years ago."})
    before = Events.objects.count()
    # An answer that was lost: the same text with the revision of before.
    again = save(case, {"onset": "Six years ago."}, now=NOW + timedelta(minutes=1))
    assert (again.revision, again.saved_at, again.is_new) == (2, NOW, False)
    assert Events.objects.count() == before


def test_save_draft_overwrites_nothing_that_was_saved_meanwhile() -> None:
    case = make.make_case(content={})
    save(case, {"onset": "From the phone."})
    with pytest.raises(ConflictError) as conflict:
        save(case, {"onset": "From the desk."}, now=NOW + timedelta(minutes=1))
    assert (conflict.value.revision, conflict.value.saved_at) == (2, NOW)
    assert "phone" not in str(conflict.value)
    assert CaseText.objects.get(case=case).content == {"onset": "From the phone."}
    # Chosen deliberately: the newer revision is named.
    save(case, {"onset": "From the desk."}, revision=2)
    assert CaseText.objects.get(case=case).content == {"onset": "From the desk."}


def test_save_draft_keeps_explanations_with_their_words() -> None:
    case = make.make_case(content={})
    (row,) = save(case, {"social": "Lives in Sudbury."}).findings
    assert row["tier"] == Tier.CONFIRM
    CaseText.objects.filter(case=case).update(findings=[row | {"explanation": "So do many thousands."}])
    (moved,) = save(case, {"social": "She lives in Sudbury."}, revision=2).findings
    assert (moved["start"], moved["explanation"]) == (13, "So do many thousands.")
    assert save(case, {"social": "She lives in a city."}, revision=3).findings == []
    (again,) = save(case, {"social": "Lives in Sudbury."}, revision=4).findings
    assert again["explanation"] == ""


@pytest.mark.parametrize("status", ["draft", "returned"])
def test_save_draft_works_while_the_author_has_the_case(status: str) -> None:
    case = make.make_case(status=status)
    assert save(case, {"age": "57"}).is_new
    case.refresh_from_db()
    assert case.status == status


@pytest.mark.parametrize(
    "status", ["submitted", "in_review", "approved", "scheduled", "presented", "recommendations_sent"]
)
def test_save_draft_refuses_what_was_handed_in(status: str) -> None:
    case = make.make_case(status=status)
    with pytest.raises(MoveRefusedError):
        save(case, {"age": "57"})
    assert CaseText.objects.get(case=case).content == make.CASE_CONTENT


def test_save_draft_is_for_the_author_alone() -> None:
    case = make.make_case()
    for stranger in (
        make.make_user(),
        make.make_user(is_staff=True),
        make.make_enrolment(case.presenter.cycle).participant,
    ):
        with pytest.raises(NotAllowedError):
            save(case, {"age": "57"}, by=stranger)


def test_save_draft_refuses_what_is_too_long_and_keeps_the_text() -> None:
    case = make.make_case()
    with pytest.raises(BadInputError):
        save(case, {"onset": "x" * 20_001})
    assert CaseText.objects.get(case=case).revision == 1


@pytest.mark.django_db(transaction=True)
def test_of_twenty_saves_at_once_one_wins_and_the_others_are_told() -> None:
    case = make.make_case(content={})
    deeds = [
        lambda number=number: save(case, {"onset": f"From device {number}."}) for number in range(THREADS)
    ]
    results = at_once(deeds)
    won = [result for result in results if not isinstance(result, Exception)]
    assert len(won) == 1
    assert all(isinstance(result, ConflictError) for result in results if isinstance(result, Exception))
    text = CaseText.objects.get(case=case)
    assert (text.revision, text.content) == (2, won[0].content)


@pytest.mark.django_db(transaction=True)
def test_a_button_pressed_twenty_times_begins_one_case() -> None:
    enrolment = make.make_enrolment(make.make_cycle(sessions=1))
    results = at_once([lambda: start_case(enrolment=enrolment, by=enrolment.participant, now=NOW)] * THREADS)
    assert len({case.pk for case in results}) == 1
    assert CaseSubmission.objects.count() == 1


# --- deleting ---


def test_delete_draft_takes_the_text_away_and_keeps_the_record_of_it() -> None:
    case = make.make_case()
    by = case.presenter.participant
    delete_draft(case_id=case.pk, by=by)
    assert not CaseSubmission.objects.exists()
    assert not CaseText.objects.exists()
    assert verbs() == ["case.delete"]
    delete_draft(case_id=case.pk, by=by)
    assert verbs() == ["case.delete"]


def test_delete_draft_refuses_what_was_handed_in_and_strangers() -> None:
    returned = make.make_case(status="returned")
    with pytest.raises(MoveRefusedError):
        delete_draft(case_id=returned.pk, by=returned.presenter.participant)
    draft = make.make_case()
    with pytest.raises(NotAllowedError):
        delete_draft(case_id=draft.pk, by=make.make_user())
    assert CaseSubmission.objects.count() == 2
