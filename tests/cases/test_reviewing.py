"""Reviewing: started, approved, returned with comments, struck out; each once, recorded, and told without its text."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from cases.models import CaseReview, CaseSubmission, CaseVersion, LibraryEntry
from cases.screening import IdentifiersFoundError
from cases.services import ConfirmFirstError, approve_case, return_case, start_review, strike_version
from cases.states import CaseStatus
from core.errors import BadInputError, MoveRefusedError
from participants.models import User
from tests.cases.reviewing import ASK, STOP, mail_texts, mails
from tests.clock import toronto
from tests.database import write
from tests.factories import CASE_CONTENT, make_case, make_hub_member, make_user
from tests.history import audit_row, events
from tests.races import THREADS, at_once

pytestmark = pytest.mark.django_db

NOW = toronto(2025, 9, 21, 10)
COMMENTS = "Please say what was tried before, and for how long."


@pytest.fixture
def case(db: None) -> CaseSubmission:
    return make_case(status="in_review")


def last(case: CaseSubmission) -> CaseVersion:
    version = CaseSubmission.objects.get(pk=case.pk).version
    assert version is not None
    return version


def approve(case: CaseSubmission, by: User, **values: Any) -> CaseReview:
    return approve_case(
        **{"case_id": case.pk, "version_id": last(case).pk, "by": by, "now": NOW} | values  # type: ignore[arg-type]
    )


def give_back(case: CaseSubmission, by: User, **values: Any) -> CaseReview:
    given = {"case_id": case.pk, "version_id": last(case).pk, "comments": COMMENTS, "by": by, "now": NOW}
    return return_case(**given | values)  # type: ignore[arg-type]


def strike(case: CaseSubmission, by: User, **values: Any) -> CaseVersion:
    given = {
        "case_id": case.pk,
        "version_id": last(case).pk,
        "reason": "It holds a name.",
        "by": by,
        "now": NOW,
    }
    return strike_version(**given | values)  # type: ignore[arg-type]


DECISIONS: list[Callable[..., CaseReview]] = [approve, give_back]


# --- starting -------------------------------------------------------------------------------------------------------


def test_review_is_started_once(coordinator):
    case = make_case(status="submitted")

    started = start_review(case_id=case.pk, by=coordinator, now=NOW)
    again = start_review(case_id=case.pk, by=make_user(is_staff=True), now=NOW.replace(hour=11))

    assert (started.status, started.moved_at) == ("in_review", NOW)
    assert again.moved_at == NOW
    assert audit_row(case, "update") == ("case.start-review", coordinator.pk, "")
    assert mails() == []


@pytest.mark.parametrize("status", sorted(set(CaseStatus) - {CaseStatus.SUBMITTED, CaseStatus.IN_REVIEW}))
def test_only_a_case_that_was_handed_in_is_taken_under_review(coordinator, status):
    case = make_case(status=status.value)

    with pytest.raises(MoveRefusedError):
        start_review(case_id=case.pk, by=coordinator, now=NOW)


# --- deciding -------------------------------------------------------------------------------------------------------


def test_approved_case_is_told_to_its_presenter_and_to_the_hub(case, coordinator):
    program = case.presenter.cycle.program
    member = make_hub_member(program, make_user("hub@echo.example", is_staff=True))
    make_hub_member(program, make_user("inactive@echo.example", is_staff=True), is_active=False)
    make_hub_member(program, make_user("no-staff@echo.example"))

    review = approve(case, coordinator, comments="Thank you, well written.")

    case.refresh_from_db()
    assert (case.status, case.moved_at) == ("approved", NOW)
    assert (review.decision, review.reviewed_by, review.reviewed_at) == ("approved", coordinator, NOW)
    assert audit_row(case, "update") == ("case.approve", coordinator.pk, "")
    assert audit_row(review, "insert") == ("case.approve", coordinator.pk, "")
    assert mails() == [
        (case.presenter.participant.email, f"Your case {case.echo_id} is approved"),
        (member.user.email, f"Case {case.echo_id} is ready to be read"),
    ]
    assert f"/cases/{case.echo_id}/" in mail_texts()
    assert "well written" not in mail_texts()


def test_returned_case_is_told_by_a_mail_that_says_only_so(case, coordinator):
    make_hub_member(case.presenter.cycle.program)

    review = give_back(case, coordinator)

    case.refresh_from_db()
    assert (case.status, review.decision, review.comments) == ("returned", "returned", COMMENTS)
    assert audit_row(case, "update") == ("case.return", coordinator.pk, "")
    assert mails() == [(case.presenter.participant.email, f"Your case {case.echo_id} came back")]
    assert f"/cases/{case.echo_id}/" in mail_texts()
    assert "tried before" not in mail_texts()
    assert not {field.name for field in events(review).last()._meta.fields} & {"comments"}


def test_whose_account_is_closed_is_told_nothing(case, coordinator):
    write(case.presenter.participant, is_active=False)

    give_back(case, coordinator)

    assert mails() == []


@pytest.mark.parametrize("decide", DECISIONS)
@pytest.mark.parametrize("status", sorted(set(CaseStatus) - {CaseStatus.DRAFT, CaseStatus.IN_REVIEW}))
def test_only_a_case_under_review_is_decided(coordinator, decide, status):
    case = make_case(status=status.value)
    before = CaseReview.objects.count()

    with pytest.raises(MoveRefusedError, match="Only a case that is in review"):
        decide(case, coordinator)

    assert CaseReview.objects.count() == before
    assert mails() == []


@pytest.mark.parametrize("decide", DECISIONS)
def test_version_that_was_not_read_is_not_decided(case, coordinator, decide):
    read = last(case)
    newer = CaseVersion.objects.create(
        case=case, number=2, content=CASE_CONTENT, attestation="–", signed_name="–", submitted_at=NOW
    )
    write(case, version=newer)

    with pytest.raises(MoveRefusedError, match="another version"):
        decide(case, coordinator, version_id=read.pk)

    assert not CaseReview.objects.exists()


@pytest.mark.parametrize("comments", ["", " \n\t", "\x00"])
def test_case_is_not_returned_without_saying_why(case, coordinator, comments):
    with pytest.raises(BadInputError, match="what the author is to change"):
        give_back(case, coordinator, comments=comments)


@pytest.mark.parametrize("decide", DECISIONS)
def test_comments_hold_no_identifier(case, coordinator, decide):
    with pytest.raises(IdentifiersFoundError) as caught:
        decide(case, coordinator, comments=STOP, is_confirmed=True)
    assert "1234567897" not in str(caught.value)

    with pytest.raises(ConfirmFirstError) as asked:
        decide(case, coordinator, comments=ASK)
    assert "Sudbury" not in str(asked.value)
    assert not CaseReview.objects.exists()

    assert decide(case, coordinator, comments=ASK, is_confirmed=True).comments == ASK


def test_struck_version_is_not_approved_but_can_be_returned(case, coordinator):
    strike(case, coordinator)

    with pytest.raises(MoveRefusedError, match="struck out"):
        approve(case, coordinator)

    assert give_back(case, coordinator).decision == "returned"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("decide", DECISIONS)
def test_case_decided_twenty_times_at_once_is_decided_once(decide):
    case, coordinator = make_case(status="in_review"), make_user(is_staff=True)
    make_hub_member(case.presenter.cycle.program)

    results = at_once([partial(decide, case, coordinator)] * THREADS)

    assert sum(isinstance(result, CaseReview) for result in results) == 1
    assert sum(isinstance(result, MoveRefusedError) for result in results) == THREADS - 1
    assert len(mails()) == (2 if decide is approve else 1)


@pytest.mark.django_db(transaction=True)
def test_case_approved_and_returned_at_once_is_one_of_the_two():
    case, coordinator = make_case(status="in_review"), make_user(is_staff=True)

    results = at_once([partial(decide, case, coordinator) for decide in DECISIONS] * (THREADS // 2))

    (review,) = (result for result in results if isinstance(result, CaseReview))
    case.refresh_from_db()
    assert case.status == review.decision


# --- striking out ---------------------------------------------------------------------------------------------------


def test_struck_version_is_empty_and_keeps_its_signature(case, coordinator):
    before = last(case)

    strike(case, coordinator, reason="  It holds\na name. ")

    version = last(case)
    assert (version.content, version.findings) == ({}, [])
    assert (version.struck_at, version.struck_by) == (NOW, coordinator)
    assert (version.attestation, version.signed_name) == (before.attestation, before.signed_name)
    assert audit_row(version, "update") == ("case.strike", coordinator.pk, "It holds a name.")
    case.refresh_from_db()
    assert (case.status, case.text.content) == ("in_review", CASE_CONTENT), "its author mends it"


def test_version_is_struck_out_once(case, coordinator):
    strike(case, coordinator)
    again = strike(case, make_user(is_staff=True), now=NOW.replace(hour=12), reason="")

    assert (again.struck_at, again.struck_by) == (NOW, coordinator)
    assert events(again, "update").count() == 1


@pytest.mark.parametrize(
    ("status", "is_emptied"),
    [
        ("submitted", False),
        ("returned", False),
        ("approved", True),
        ("scheduled", True),
        ("presented", True),
        ("recommendations_sent", True),
    ],
)
def test_authors_copy_goes_once_they_cannot_mend_it(coordinator, status, is_emptied):
    case = make_case(status=status)
    LibraryEntry.objects.create(case=case, search="sciatica", indexed_at=NOW)

    strike(case, coordinator)

    case.text.refresh_from_db()
    assert (case.text.content == {}, case.text.revision) == (is_emptied, 2 if is_emptied else 1)
    assert not LibraryEntry.objects.exists()


def test_earlier_version_is_struck_out_alone(case, coordinator):
    first = last(case)
    second = CaseVersion.objects.create(
        case=case, number=2, content=CASE_CONTENT, attestation="–", signed_name="–", submitted_at=NOW
    )
    write(case, version=second)
    LibraryEntry.objects.create(case=case, search="sciatica", indexed_at=NOW)

    strike(case, coordinator, version_id=first.pk)

    assert last(case).content == CASE_CONTENT
    assert LibraryEntry.objects.exists()
    first.refresh_from_db()
    assert first.content == {}


@pytest.mark.parametrize(
    ("reason", "error"), [(" ", BadInputError), (STOP, IdentifiersFoundError), (ASK, ConfirmFirstError)]
)
def test_version_is_struck_out_for_a_reason_that_identifies_nobody(case, coordinator, reason, error):
    with pytest.raises(error):
        strike(case, coordinator, reason=reason)

    assert last(case).content == CASE_CONTENT


def test_version_of_another_case_is_not_struck_out(case, coordinator):
    other = make_case(status="in_review")

    with pytest.raises(CaseVersion.DoesNotExist):
        strike(case, coordinator, version_id=last(other).pk)

    assert last(other).content == CASE_CONTENT
