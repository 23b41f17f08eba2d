"""Writing recommendations: each in their own text, nothing overwritten, and the program's library of suggestions."""

from __future__ import annotations

from functools import partial

import pghistory.models
import pytest
from django.db import connection

from cases.models import CaseSubmission, Heading, Recommendation, SuggestedRecommendation
from cases.screening import IdentifiersFoundError
from cases.services import ConfirmFirstError, keep_suggestion, save_recommendations
from cases.services.recommending import Draft
from core.errors import BadInputError, MoveRefusedError, NotAllowedError
from tests import factories as make
from tests.clock import toronto
from tests.races import THREADS, at_once

pytestmark = pytest.mark.django_db

NOW = toronto(2025, 9, 24, 10)
LATER = toronto(2025, 9, 24, 11)
PHARMA, REFERRAL = Heading.PHARMACOLOGICAL.value, Heading.REFERRAL.value
SECRET = "Marigold tincture, as the patient asked."


@pytest.fixture
def case() -> CaseSubmission:
    return make.make_case(status="scheduled")


@pytest.fixture
def member(case):
    return make.make_hub_member(case.presenter.cycle.program)


def save(case, by, text, *, revision=0, heading=PHARMA, now=NOW):
    return save_recommendations(case_id=case.pk, drafts={heading: Draft(text, revision)}, by=by, now=now)


def verbs() -> list[str]:
    return [context.metadata["verb"] for context in pghistory.models.Context.objects.order_by("created_at")]


def everything_on_record() -> str:
    """Every row of every history table and of the audit trail, as text."""
    with connection.cursor() as cursor:
        tables = [
            table
            for table in connection.introspection.table_names(cursor)
            if table.endswith("event") or table.startswith("pghistory")
        ]
        found = []
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {connection.ops.quote_name(table)} t")  # noqa: S608
            found += [row[0] for row in cursor.fetchall()]
    assert found
    return "\n".join(found)


def test_each_writes_their_own_text_under_a_heading(case, member):
    colleague = make.make_hub_member(case.presenter.cycle.program, may_sign=False)

    first = save(case, member.user, "Taper slowly.")
    save(case, colleague.user, "Add a liniment.")
    second = save(case, member.user, "Taper slowly, by a tenth.", revision=1, now=LATER)

    rows = {row.author: row for row in Recommendation.objects.all()}
    assert (rows[member.user].text, rows[member.user].revision) == ("Taper slowly, by a tenth.", 2)
    assert rows[member.user].saved_at == LATER
    assert rows[colleague.user].text == "Add a liniment."
    assert (first.kept[PHARMA].revision, second.kept[PHARMA].revision) == (1, 2)
    assert verbs() == ["recommendation.save"] * 3


def test_another_window_overwrites_nothing(case, member):
    save(case, member.user, "From the first window.")

    written = save(case, member.user, "From the second window.", revision=0, now=LATER)

    assert written.conflicts == (PHARMA,)
    assert written.kept[PHARMA].text == "From the first window."
    assert Recommendation.objects.get().text == "From the first window."


def test_conflict_keeps_no_other_heading_from_being_saved(case, member):
    save(case, member.user, "From the first window.")

    written = save_recommendations(
        case_id=case.pk,
        drafts={PHARMA: Draft("Old.", 0), REFERRAL: Draft("A community program.", 0)},
        by=member.user,
        now=LATER,
    )

    assert written.conflicts == (PHARMA,)
    assert Recommendation.objects.get(heading=REFERRAL).text == "A community program."


def test_saving_twice_keeps_it_once(case, member):
    save(case, member.user, "Taper slowly.")
    again = save(case, member.user, "Taper slowly.", now=LATER)

    row = Recommendation.objects.get()
    assert (row.revision, row.saved_at, again.conflicts) == (1, NOW, ())
    assert again.kept[PHARMA].revision == 1


def test_nothing_written_makes_no_row(case, member):
    save(case, member.user, "  \r\n ")

    assert not Recommendation.objects.exists()


def test_text_is_kept_without_control_characters(case, member):
    save(case, member.user, "First\r\nsecond\x00\x07\rthird\r\n\r\nSubject: none")

    assert Recommendation.objects.get().text == "First\nsecond\nthird\n\nSubject: none"


@pytest.mark.parametrize("heading", ["", "surgery", "ASSESSMENT"])
def test_unknown_heading_is_refused(case, member, heading):
    with pytest.raises(BadInputError, match="no such heading"):
        save(case, member.user, "Taper.", heading=heading)


@pytest.mark.parametrize("length", [5001, 100_000])
def test_long_text_is_refused_without_being_quoted(case, member, length):
    with pytest.raises(BadInputError, match="longer than 5000 characters") as refused:
        save(case, member.user, "Opioid " * (length // 7 + 1))

    assert "Opioid" not in str(refused.value)
    assert not Recommendation.objects.exists()


@pytest.mark.parametrize("status", ["draft", "submitted", "in_review", "returned"])
def test_nothing_is_written_before_the_approval(status):
    case = make.make_case(status=status)
    member = make.make_hub_member(case.presenter.cycle.program)

    with pytest.raises(MoveRefusedError, match="once the case is approved"):
        save(case, member.user, "Taper.")


@pytest.mark.parametrize("status", ["approved", "scheduled", "presented", "recommendations_sent"])
def test_recommendations_are_written_from_the_approval_on(status):
    case = make.make_case(status=status)
    member = make.make_hub_member(case.presenter.cycle.program)

    assert save(case, member.user, "Taper.").kept[PHARMA].revision == 1


def test_only_the_programs_team_writes(case, member):
    elsewhere = make.make_hub_member(make.make_program())
    gone = make.make_hub_member(case.presenter.cycle.program, is_active=False)
    unprotected = make.make_hub_member(case.presenter.cycle.program, make.make_user())

    for user in (elsewhere.user, gone.user, unprotected.user, case.presenter.participant):
        with pytest.raises(NotAllowedError):
            save(case, user, "Taper.")
    assert not Recommendation.objects.exists()


def test_history_tells_of_a_save_and_never_what_it_said(case, member):
    save(case, member.user, SECRET)
    save(case, member.user, "Something else.", revision=1)

    record = everything_on_record()
    assert "recommendation.save" in record
    assert "Marigold" not in record
    assert "Something else" not in record


@pytest.mark.django_db(transaction=True)
def test_many_windows_at_once_keep_one_text():
    case = make.make_case(status="approved")
    member = make.make_hub_member(case.presenter.cycle.program)

    results = at_once([partial(save, case, member.user, f"Text {number}.") for number in range(THREADS)])

    row = Recommendation.objects.get()
    assert row.revision == 1
    assert sum(not written.conflicts for written in results) == 1
    assert all(written.kept[PHARMA].text == row.text for written in results)


# --- suggestions ----------------------------------------------------------------------------------------------------


def keep(case, by, text, **values):
    return keep_suggestion(
        program_id=case.presenter.cycle.program_id, heading=PHARMA, text=text, by=by, now=NOW, **values
    )


def test_suggestion_is_kept_once(case, member):
    first = keep(case, member.user, " Taper by a tenth every four weeks.\n")
    again = keep(case, member.user, "Taper by a tenth every four weeks.")

    assert first == again == SuggestedRecommendation.objects.get()
    assert (first.text, first.heading, first.added_at) == (
        "Taper by a tenth every four weeks.",
        PHARMA,
        NOW,
    )
    assert verbs()[-1] == "suggestion.keep"


def test_suggestion_that_is_offered_no_longer_stays_so(case, member):
    suggestion = keep(case, member.user, "Taper.")
    SuggestedRecommendation.objects.update(is_active=False)

    assert keep(case, member.user, "Taper.") == suggestion
    assert not SuggestedRecommendation.objects.get().is_active


def test_suggestion_with_an_identifier_is_refused(case, member):
    with pytest.raises(IdentifiersFoundError) as refused:
        keep(case, member.user, "HCN 1234567897 takes gabapentin.")

    assert "1234567897" not in str(refused.value)
    assert not SuggestedRecommendation.objects.exists()


def test_suggestion_that_may_identify_is_asked_about(case, member):
    text = "Refer to the Maple Leaf Pain Clinic."
    with pytest.raises(ConfirmFirstError) as asked:
        keep(case, member.user, text)

    assert "Maple" not in str(asked.value)
    assert keep(case, member.user, text, is_confirmed=True).text == text


@pytest.mark.parametrize(("text", "reason"), [("", "Write the recommendation"), ("x" * 2001, "at most 2000")])
def test_suggestion_is_neither_empty_nor_long(case, member, text, reason):
    with pytest.raises(BadInputError, match=reason):
        keep(case, member.user, text)


def test_suggestion_is_kept_by_the_team_alone(case, outsider):
    elsewhere = make.make_hub_member(make.make_program())

    for user in (outsider, elsewhere.user):
        with pytest.raises(NotAllowedError):
            keep(case, user, "Taper.")
