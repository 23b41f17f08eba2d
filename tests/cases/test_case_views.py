"""The pages around a case: the list, the check, the case as it is read, and its summary."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from cases.models import CaseFollowUp, CaseReading, CaseSubmission
from cases.services import save_draft
from participants.models import User
from sessions_app.models import EchoSession
from tests.cases.reviewing import let_go
from tests.database import write
from tests.factories import (
    CASE_CONTENT,
    make_case,
    make_cycle,
    make_enrolment,
    make_hub_member,
    make_letter,
    make_session,
    make_slot,
    make_user,
)

pytestmark = pytest.mark.django_db

NAME = "Noémie L’Écuyer"
SEED = "1234-567-897"
WHY_NOT = "Thousands of people live around it."
ASKED = {**CASE_CONTENT, "pain_history": "She lives near Kapuskasing since the fall."}
"""The screen asks about the town, and wants nothing changed."""
Status = CaseSubmission.Status


@pytest.fixture
def author(client: Client) -> User:
    user = make_user(name=NAME)
    client.force_login(user)
    return user


def case_of(author: User, *, status: str = Status.DRAFT, **values: Any) -> CaseSubmission:
    """A case of the author's in a running cycle whose session is today."""
    now = timezone.now()
    cycle = make_cycle(starts_on=timezone.localdate(now))
    make_session(cycle, starts_at=now, status=EchoSession.Status.CONFIRMED)
    return make_case(make_enrolment(cycle, author), status=status, **values)


def made_coordinator(user: User) -> User:
    user.user_permissions.add(
        *Permission.objects.filter(codename__in=["review_casesubmission", "view_casesubmission"])
    )
    return user


def page_of(case: CaseSubmission, page: str = "") -> str:
    return f"/cases/{case.echo_id}/{page}"


def explanation_fields(answer: Any) -> dict[str, str]:
    """The names of the lines for explanations, with what stands in them."""
    return {name: field.value() for name, field in _fields(answer) if name.startswith("explanation-")}


def _fields(answer: Any) -> Iterator[tuple[str, Any]]:
    return ((field.name, field) for field in answer.context["form"])


# --- the list -------------------------------------------------------------------------------------------------------


def test_list_asks_for_the_log_in(client: Client) -> None:
    assert client.get("/cases/").status_code == 302


def test_list_says_where_each_case_stands_and_what_is_next(client: Client, author: User) -> None:
    cases = {status: case_of(author, status=status) for status in Status}
    somebody_elses = make_case()

    page = client.get("/cases/").content.decode()

    for status, case in cases.items():
        assert case.echo_id in page
        assert str(status.label) in page
    assert somebody_elses.echo_id not in page
    for status, name in [
        (Status.DRAFT, "check/"),
        (Status.RETURNED, "edit/"),
        (Status.SCHEDULED, "summary/"),
        (Status.RECOMMENDATIONS_SENT, "letter/"),
        (Status.RECOMMENDATIONS_SENT, "follow-up/"),
    ]:
        assert f'href="{page_of(cases[status], name)}"' in page
    assert f'href="/cycles/{cases[Status.APPROVED].presenter.cycle_id}/present/"' in page


def test_list_does_not_send_who_has_a_session_to_choose_one(client: Client, author: User) -> None:
    case = case_of(author, status=Status.APPROVED)
    session = make_session(case.presenter.cycle, starts_at=timezone.now() + timedelta(days=7))
    make_slot(session, case.presenter)

    assert "/present/" not in client.get("/cases/").content.decode()


def test_author_who_let_the_session_go_is_told_to_choose_another(client: Client, author: User) -> None:
    case = case_of(author, status=Status.SCHEDULED)
    assert "You present it on" in client.get(page_of(case)).content.decode()

    let_go(case)

    for page in ("/cases/", page_of(case)):
        words = client.get(page).content.decode()
        assert "You present it on" not in words
        assert "What it needs now is a session." in words
    assert "/present/" in client.get("/cases/").content.decode()
    make_slot(
        make_session(case.presenter.cycle, starts_at=timezone.now() + timedelta(days=7)), case.presenter
    )
    assert "A coordinator puts it into your session next." in client.get(page_of(case)).content.decode()


def test_author_who_left_the_cycle_is_told_that_the_case_is_not_presented(
    client: Client, author: User
) -> None:
    case = let_go(case_of(author, status=Status.SCHEDULED))
    write(case.presenter, status="withdrawn")

    words = client.get("/cases/").content.decode()

    assert "You are not in this cycle any more, so the case is not presented." in words
    assert "/present/" not in words


def test_list_offers_a_case_in_each_running_cycle(client: Client, author: User) -> None:
    assert "/cases/start/" not in client.get("/cases/").content.decode()
    cycles = [make_enrolment(make_cycle(name=name), author).cycle for name in ("Fall", "Winter")]
    make_enrolment(make_cycle(status="closed"), author)

    page = client.get("/cases/").content.decode()

    assert set(re.findall(r"/cases/start/(\d+)/", page)) == {str(cycle.pk) for cycle in cycles}
    assert "no case yet" in page


@pytest.mark.parametrize(("is_hub", "is_coordinator"), [(False, False), (True, False), (False, True)])
def test_list_shows_the_ways_of_hub_and_coordinators_to_them_alone(
    client: Client, is_hub: bool, is_coordinator: bool
) -> None:
    user = make_user(is_staff=is_hub or is_coordinator)
    client.force_login(user)
    if is_hub:
        make_hub_member(make_cycle().program, user)
    if is_coordinator:
        made_coordinator(user)

    page = client.get("/cases/").content.decode()

    assert ("/cases/hub/" in page) is is_hub
    assert ("/admin/cases/casesubmission/" in page) is is_coordinator


@pytest.mark.parametrize("rows", [1, 3])
def test_list_takes_as_many_queries_for_many_as_for_one(
    client: Client, author: User, rows: int, django_assert_num_queries: Any
) -> None:
    for _row in range(rows):
        case_of(author, status=Status.RECOMMENDATIONS_SENT)
    client.get("/cases/")

    with django_assert_num_queries(5):
        client.get("/cases/")


# --- the check ------------------------------------------------------------------------------------------------------


def test_check_shows_what_must_be_changed_and_where(client: Client, author: User) -> None:
    case = case_of(author, content={"pain_history": f"HCN {SEED} at <b>birth</b>"})

    answer = client.get(page_of(case, "check/"))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
    assert re.search(rf'<mark class="problem">[^<]*{SEED}<a href="#note-id_pain_history-1"', page)
    assert "Health number" in page
    assert "&lt;b&gt;birth&lt;/b&gt;" in page
    assert f'href="{page_of(case, "edit/")}#id_pain_history"' in page
    assert f'href="{page_of(case, "edit/")}#id_question_1"' in page
    assert 'name="hand-in"' not in page
    case.text.refresh_from_db()
    assert case.text.findings
    assert not CaseReading.objects.exists()


def test_check_keeps_explanations_then_hands_in(client: Client, author: User) -> None:
    case = case_of(author, content=ASKED)
    url = page_of(case, "check/")
    fields = explanation_fields(client.get(url))
    assert fields

    kept = client.post(url, {"revision": 1, "save": 1, **dict.fromkeys(fields, WHY_NOT)})
    assert kept["Location"] == url
    assert set(explanation_fields(client.get(url)).values()) == {WHY_NOT}

    signed = {"attests": "on", "signed_name": "noemie l'ecuyer", "hand-in": 1}
    done = client.post(url, {"revision": 1, **dict.fromkeys(fields, WHY_NOT), **signed})

    assert done["Location"] == page_of(case)
    case.refresh_from_db()
    assert case.status == Status.SUBMITTED
    assert client.post(url, {"revision": 1, **signed})["Location"] == page_of(case)
    assert case.versions.count() == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"attests": ""}, "Tick this"),
        ({"signed_name": ""}, "Type your name"),
        ({"signed_name": "Somebody Else"}, NAME),
        ({"explanation": ""}, "Change the words"),
        ({"explanation": "no"}, "at least 10 characters"),
        ({"explanation": f"She is HCN {SEED} there"}, "Health number"),
    ],
)
def test_check_says_what_is_in_the_way_and_keeps_what_was_typed(
    client: Client, author: User, typed: dict[str, str], said: str
) -> None:
    case = case_of(author, content=ASKED)
    url = page_of(case, "check/")
    lines = dict.fromkeys(explanation_fields(client.get(url)), typed.get("explanation", WHY_NOT))
    signed = {"attests": "on", "signed_name": NAME, "hand-in": 1, "revision": 1}

    answer = client.post(url, {**signed, **typed, **lines})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error:" in page
    assert said in page
    assert set(explanation_fields(answer).values()) == set(lines.values())
    case.refresh_from_db()
    assert case.status == Status.DRAFT


def test_check_of_an_older_text_shows_the_newest_and_hands_nothing_in(client: Client, author: User) -> None:
    case = case_of(author, content=ASKED)
    url = page_of(case, "check/")
    lines = dict.fromkeys(explanation_fields(client.get(url)), WHY_NOT)
    newer = {**ASKED, "goals": "To hold the grandchild."}
    save_draft(case_id=case.pk, content=newer, revision=1, by=author, now=timezone.now())

    answer = client.post(url, {"revision": 1, "attests": "on", "signed_name": NAME, "hand-in": 1, **lines})

    page = answer.content.decode()
    assert answer.status_code == 409
    assert "hold the grandchild" in page
    assert 'name="revision" value="2"' in page
    assert set(explanation_fields(answer).values()) == {WHY_NOT}
    assert answer.context["form"]["attests"].value() is None
    case.refresh_from_db()
    assert case.status == Status.DRAFT


def test_check_is_for_an_open_case_of_ones_own(client: Client, author: User) -> None:
    assert client.get(page_of(make_case(), "check/")).status_code == 404
    approved = case_of(author, status=Status.APPROVED)
    for method in (client.get, client.post):
        assert method(page_of(approved, "check/"))["Location"] == page_of(approved)


# --- the case as it is read -----------------------------------------------------------------------------------------


FOUND = [
    {
        "path": "pain_history",
        "start": 0,
        "end": 13,
        "kind": "PLACE",
        "tier": "confirm",
        "reason": "gazetteer",
        "explanation": "It is a region of the body.",
    }
]


def reader(case: CaseSubmission, who: str) -> User:
    """Somebody who may read the case, as what."""
    match who:
        case "author":
            return case.presenter.participant
        case "coordinator":
            user = make_user(is_staff=True)
            return made_coordinator(user)
        case "hub":
            return make_hub_member(case.presenter.cycle.program).user
    return make_enrolment(case.presenter.cycle).participant


@pytest.mark.parametrize("who", ["author", "coordinator", "hub", "peer"])
def test_case_is_shown_to_its_readers_with_what_is_theirs(client: Client, author: User, who: str) -> None:
    case = case_of(author, status=Status.PRESENTED, findings=FOUND)
    client.force_login(reader(case, who))

    answer = client.get(page_of(case))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store, private"
    assert re.search(r"<title>\s*" + case.echo_id, page)
    assert "a fall at work" in page
    assert "90 mg" in page
    assert (str(FOUND[0]["explanation"]) in page) is (who == "coordinator")
    assert (NAME in page) is (who == "coordinator")
    assert (page_of(case, "summary/") in page) is (who != "peer")
    assert (page_of(case, "recommendations/") in page) is (who == "hub")
    assert (f"/admin/cases/casesubmission/{case.pk}/" in page) is (who == "coordinator")
    assert CaseReading.objects.filter(what="case", version=case.version).count() == 1


def test_draft_is_shown_to_its_author_and_that_is_not_recorded(client: Client, author: User) -> None:
    case = case_of(author)

    page = client.get(page_of(case)).content.decode()

    assert "a fall at work" in page
    assert page_of(case, "check/") in page
    assert not CaseReading.objects.exists()


def test_returned_case_says_what_is_asked_for_to_its_author_alone(client: Client, author: User) -> None:
    case = case_of(author, status=Status.RETURNED)
    page = client.get(page_of(case)).content.decode()
    assert "Please say what was tried before." in page
    assert page_of(case, "edit/") in page

    client.force_login(reader(case, "coordinator"))
    assert "What is asked for" not in client.get(page_of(case)).content.decode()


def test_letter_and_outcome_are_the_groups_once_the_letter_is_released(client: Client, author: User) -> None:
    case = case_of(author, status=Status.RECOMMENDATIONS_SENT)
    now = timezone.now()
    letter = make_letter(case, signed_at=now, visible_to_cycle_at=now + timedelta(days=7))
    CaseFollowUp.objects.create(case=case, outcome="better", text="She gardens again.", reported_at=now)
    for who, sees in [("author", True), ("hub", True), ("coordinator", True), ("peer", False)]:
        client.force_login(reader(case, who))
        page = client.get(page_of(case)).content.decode()
        assert (page_of(case, "letter/") in page, "She gardens again." in page) == (sees, sees), who

    letter.visible_to_cycle_at = now
    letter.save(update_fields=["visible_to_cycle_at"])
    page = client.get(page_of(case)).content.decode()
    assert (page_of(case, "letter/") in page, "She gardens again." in page) == (True, True)


def test_author_is_asked_to_report_until_they_have(client: Client, author: User) -> None:
    case = case_of(author, status=Status.RECOMMENDATIONS_SENT)
    make_letter(case)
    assert page_of(case, "follow-up/") in client.get(page_of(case)).content.decode()

    CaseFollowUp.objects.create(case=case, outcome="same", text="No change.", reported_at=timezone.now())
    assert page_of(case, "follow-up/") not in client.get(page_of(case)).content.decode()


def test_version_that_was_struck_out_says_so(client: Client, author: User) -> None:
    case = case_of(author, status=Status.SUBMITTED)
    version = case.versions.get()
    version.content, version.findings = {}, []
    version.struck_at, version.struck_by = timezone.now(), make_user(is_staff=True)
    version.save()

    page = client.get(page_of(case)).content.decode()

    assert "struck out" in page
    assert "a fall at work" not in page


# --- the summary ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["author", "coordinator", "hub"])
def test_summary_holds_the_essentials_and_no_name(client: Client, author: User, who: str) -> None:
    case = case_of(author, status=Status.SCHEDULED, content={**CASE_CONTENT, "sleep": "Four hours."})
    user = reader(case, who)
    client.force_login(user)

    answer = client.get(page_of(case, "summary/"))

    page = answer.content.decode()
    assert answer["Cache-Control"] == "no-store, private"
    assert f"Summary of {case.echo_id}" in page
    for words in (
        "57 years",
        "Female",
        "a fall at work",
        "oxycodone",
        "90 mg",
        "8 of 10",
        "two fusions",
        "taper first",
    ):
        assert words in page, words
    assert "Four hours." not in page
    assert NAME not in page
    assert CaseReading.objects.filter(what="summary", reader=user).count() == 1
