from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest

from cases.models import (
    ECHO_ID_ALPHABET,
    CaseFollowUp,
    CaseReading,
    CaseReview,
    CaseSubmission,
    CaseText,
    CaseVersion,
    HubMember,
    LibraryEntry,
    Recommendation,
    SuggestedRecommendation,
    new_echo_id,
)
from cases.states import ALLOWED, CaseStatus
from tests.clock import toronto
from tests.database import refused_by, write
from tests.factories import (
    make_case,
    make_cycle,
    make_enrolment,
    make_hub_member,
    make_letter,
    make_program,
    make_user,
)
from tests.history import events

pytestmark = pytest.mark.django_db

NOW = toronto(2025, 9, 20, 10)
WITH_SESSION = {CaseStatus.SCHEDULED, CaseStatus.PRESENTED, CaseStatus.RECOMMENDATIONS_SENT}


@pytest.fixture
def case(db) -> CaseSubmission:
    return make_case(make_enrolment(make_cycle(sessions=1)))


@pytest.fixture
def handed_in(db) -> CaseVersion:
    version = make_case(status="in_review").version
    assert version is not None
    return version


# --- the case -------------------------------------------------------------------------------------------------------


def test_case_name_is_random_and_readable():
    names = {new_echo_id() for _time in range(200)}

    assert len(names) == 200
    assert all(re.fullmatch(f"ECHO-[{ECHO_ID_ALPHABET}]{{8}}", name) for name in names)


def test_case_name_is_unique(case):
    with refused_by("cases_casesubmission_echo_id_key"):
        CaseSubmission.objects.create(presenter=case.presenter, echo_id=case.echo_id)


def test_case_keeps_its_name(case):
    with refused_by("case_keeps_its_name"):
        write(case, echo_id="ECHO-AAAAAAAA")


def test_case_status_is_known(handed_in):
    with refused_by("cases_casesubmission_status_known"):
        CaseSubmission.objects.create(presenter=handed_in.case.presenter, status="lost", version=handed_in)


@pytest.mark.parametrize("status", sorted(set(CaseStatus) - {CaseStatus.DRAFT}))
def test_case_has_a_session_from_scheduling_on(handed_in, status):
    if status in WITH_SESSION:
        with refused_by("cases_casesubmission_scheduled_has_session"):
            CaseSubmission.objects.create(
                presenter=handed_in.case.presenter, status=status.value, version=handed_in
            )
    else:
        CaseSubmission.objects.create(
            presenter=handed_in.case.presenter, status=status.value, version=handed_in
        )


@pytest.mark.parametrize("status", list(CaseStatus))
def test_case_has_a_version_from_handing_in_on_and_not_before(handed_in, status):
    presenter = handed_in.case.presenter
    session = presenter.cycle.sessions.get() if status in WITH_SESSION else None
    version = handed_in if status == CaseStatus.DRAFT else None

    with refused_by("cases_casesubmission_handed_in_has_version"):
        CaseSubmission.objects.create(
            presenter=presenter, status=status.value, session=session, version=version
        )


@pytest.mark.parametrize(
    ("old", "new"),
    [(old, new) for old, new in sorted(set(product(CaseStatus, repeat=2)) - ALLOWED) if old != new],
)
def test_database_refuses_every_move_that_is_not_of_the_rule(old, new):
    case = make_case(status=old.value)

    with refused_by("case_moves"):
        write(case, status=new.value)


def test_case_has_one_text(case):
    with refused_by("cases_casetext_case_id_key"):
        CaseText.objects.create(case=case)


def test_history_of_a_text_tells_that_it_changed_and_not_what_it_said(case):
    write(case.text, content={"pain_history": "zzsecret"}, findings=[{"path": "zzsecret"}], revision=2)

    (_begun, changed) = events(case.text)
    assert (changed.revision, changed.case_id) == (2, case.pk)
    assert not {field.name for field in changed._meta.fields} & {"content", "findings"}


# --- versions -------------------------------------------------------------------------------------------------------


def test_version_number_stands_once_in_a_case(handed_in):
    with refused_by("cases_caseversion_number_once"):
        CaseVersion.objects.create(
            case=handed_in.case, number=1, content={}, attestation="–", signed_name="–", submitted_at=NOW
        )


@pytest.mark.parametrize("values", [{"content": {"goals": "other"}}, {"findings": [{}]}])
def test_version_never_changes(handed_in, values: dict[str, Any]):
    with refused_by("version_never_changes"):
        write(handed_in, **values)


def test_version_is_struck_out_once(handed_in):
    write(handed_in, content={}, findings=[], struck_at=NOW, struck_by=make_user())

    with refused_by("version_never_changes"):
        write(handed_in, struck_at=NOW.replace(hour=11))


@pytest.mark.parametrize(
    "values",
    [
        {"content": {"goals": "kept"}},
        {"findings": [{"path": "goals"}], "content": {}},
        {"content": {}, "struck_by": None},
    ],
)
def test_version_that_is_struck_out_is_empty_and_says_by_whom(handed_in, values: dict[str, Any]):
    with refused_by("cases_caseversion_struck_is_empty"):
        write(handed_in, **({"struck_at": NOW, "struck_by": make_user()} | values))


@pytest.mark.parametrize(
    "values", [{"signed_name": "Somebody Else"}, {"attestation": "Nothing."}, {"number": 3}]
)
def test_version_keeps_its_signature_when_it_is_struck_out(handed_in, values: dict[str, Any]):
    struck = {"content": {}, "findings": [], "struck_at": NOW, "struck_by": make_user()}

    with refused_by("version_keeps_its_signature"):
        write(handed_in, **struck, **values)


# --- reviews, readings, reports -------------------------------------------------------------------------------------


def make_review(version: CaseVersion, **values: Any) -> CaseReview:
    values = {"decision": "approved", "reviewed_by": make_user(), "reviewed_at": NOW} | values
    return CaseReview.objects.create(version=version, **values)


def test_version_is_reviewed_once(handed_in):
    make_review(handed_in)

    with refused_by("cases_casereview_version_id_key"):
        make_review(handed_in)


@pytest.mark.parametrize("values", [{"decision": "returned", "comments": " \n"}, {"decision": "lost"}])
def test_case_that_is_returned_says_why(handed_in, values: dict[str, Any]):
    with refused_by("cases_casereview_returned_says_why"):
        make_review(handed_in, **values)


def test_review_never_changes(handed_in):
    review = make_review(handed_in)

    with refused_by("review_never_changes"):
        write(review, comments="Other words.")


def test_reading_keeps_what_was_read_and_can_change_its_reader(handed_in):
    reading = CaseReading.objects.create(
        case=handed_in.case, version=handed_in, what="review", reader=make_user()
    )
    write(reading, reader=make_user())

    with refused_by("reading_keeps_what_was_read"):
        write(reading, what="case")


def test_follow_up_says_something(case):
    with refused_by("cases_casefollowup_says_something"):
        CaseFollowUp.objects.create(case=case, outcome="better", text=" \t", reported_at=NOW)


def test_case_has_one_follow_up(case):
    CaseFollowUp.objects.create(case=case, outcome="better", text="Sleeps.", reported_at=NOW)

    with refused_by("cases_casefollowup_case_id_key"):
        CaseFollowUp.objects.create(case=case, outcome="same", text="Walks.", reported_at=NOW)


# --- the hub's answer -----------------------------------------------------------------------------------------------


def test_somebody_is_once_in_a_hub_team():
    member = make_hub_member(make_program())

    with refused_by("cases_hubmember_once_a_program"):
        HubMember.objects.create(program=member.program, user=member.user)


def test_somebody_recommends_once_under_a_heading(case):
    author = make_user()
    Recommendation.objects.create(case=case, heading="referral", author=author)

    with refused_by("cases_recommendation_one_a_heading"):
        Recommendation.objects.create(case=case, heading="referral", author=author)


def test_heading_of_a_recommendation_is_known(case):
    with refused_by("cases_recommendation_heading_known"):
        Recommendation.objects.create(case=case, heading="surgical", author=make_user())


def test_heading_of_a_suggestion_is_known():
    with refused_by("cases_suggestedrecommendation_heading_known"):
        SuggestedRecommendation.objects.create(program=make_program(), heading="surgical", text="Rest.")


def test_suggestion_stands_once_under_a_heading():
    program, text = make_program(), "Walk ten minutes a day. " * 80
    SuggestedRecommendation.objects.create(program=program, heading="referral", text=text)
    # An index of an expression, which PostgreSQL does not count among the constraints.
    rule = "cases_suggestedrecommendation_once"

    with refused_by(rule):
        SuggestedRecommendation.objects.create(program=program, heading="referral", text=text)


def test_letter_number_stands_once_in_a_case(case):
    make_letter(case)

    with refused_by("cases_recommendationletter_number_once"):
        make_letter(case, number=1)


@pytest.mark.parametrize(("number", "correction"), [(1, "A dose."), (2, ""), (2, " ")])
def test_corrected_letter_says_what_is_corrected_and_the_first_nothing(case, number, correction):
    with refused_by("cases_recommendationletter_correction_says_what"):
        make_letter(case, number=number, correction=correction)


def test_letter_reaches_its_presenter_first(case):
    with refused_by("cases_recommendationletter_presenter_first"):
        make_letter(case, signed_at=NOW, visible_to_cycle_at=NOW.replace(hour=9))


def test_letter_recommends_something(case):
    with refused_by("cases_recommendationletter_recommends_something"):
        make_letter(case, items=[])


def test_letter_never_changes_but_for_when_the_cycle_sees_it(case):
    letter = make_letter(case, signed_at=NOW)
    write(letter, visible_to_cycle_at=NOW.replace(day=27))

    with refused_by("letter_never_changes"):
        write(letter, opening="Dear colleague,")


def test_case_stands_once_in_the_library(case):
    LibraryEntry.objects.create(case=case, search="", indexed_at=NOW)

    with refused_by("cases_libraryentry_case_id_key"):
        LibraryEntry.objects.create(case=case, search="", indexed_at=NOW)
