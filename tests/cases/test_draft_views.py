"""The form of a case in the browser: who may open it, what it saves, what it answers."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import CaseSubmission, CaseText
from participants.models import Agreement, User
from sessions_app.models import Enrolment
from tests import factories as make
from tests.cases import drafting
from tests.cases.test_content import EVERYTHING

pytestmark = pytest.mark.django_db

SCRIPT = {"X-Requested-With": "fetch"}
NUMBER = "1234567897"


def typed(content: dict[str, Any], **more: Any) -> dict[str, list[Any]]:
    """The fields as the test client takes them: more than one value a name is a list to it."""
    return dict(drafting.typed(content, **more).lists())


def url(case: CaseSubmission, page: str = "edit") -> str:
    return reverse(f"cases:case-{page}", args=[case.echo_id])


def browser(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user)
    return client


@pytest.fixture
def draft() -> CaseSubmission:
    return make.make_case()


@pytest.fixture
def author(draft: CaseSubmission) -> Client:
    return browser(draft.presenter.participant)


def kept(case: CaseSubmission) -> Any:
    return CaseText.objects.get(case=case).content


# --- who may ---


@pytest.mark.parametrize("page", ["edit", "hints", "delete"])
def test_a_draft_exists_for_its_author_alone(draft: CaseSubmission, page: str) -> None:
    colleague = make.make_enrolment(draft.presenter.cycle).participant
    boss = make.make_user(is_staff=True, name="Coordinator")
    boss.is_superuser = True
    boss.save()
    hub = make.make_hub_member(draft.presenter.cycle.program).user
    for user in (colleague, make.make_user(), boss, hub):
        for method in ("get", "post"):
            response = getattr(browser(user), method)(url(draft, page), {"text": NUMBER})
            assert response.status_code == (405 if (page, method) == ("hints", "get") else 404)
    for method in ("get", "post"):
        response = getattr(browser(None), method)(url(draft, page))
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("account_login"))
    assert kept(draft) == make.CASE_CONTENT


def test_the_form_shows_what_is_kept_and_no_cache_keeps_it(author: Client, draft: CaseSubmission) -> None:
    response = author.get(url(draft))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    html = response.content.decode()
    assert make.CASE_CONTENT["pain_history"] in html
    # The title names the case by its ID.
    assert f"<title>Write case {draft.echo_id}" in html
    assert "At or above 90" not in html
    assert "This is at or above 90 mg of morphine a day." in html


def test_the_form_costs_the_same_however_long_the_case_is(
    author: Client, draft: CaseSubmission, django_assert_num_queries: Any
) -> None:
    author.get(url(draft))
    with django_assert_num_queries(3):
        author.get(url(draft))
    rows = [{"name": f"drug {number}"} for number in range(30)]
    CaseText.objects.filter(case=draft).update(content={**EVERYTHING, "medications": rows})
    with django_assert_num_queries(3):
        author.get(url(draft))


def test_what_was_handed_in_is_read_and_no_longer_written() -> None:
    case = make.make_case(status="submitted")
    author = browser(case.presenter.participant)
    response = author.get(url(case))
    assert (response.status_code, response["Location"]) == (302, url(case, "detail"))
    response = author.post(url(case), typed({"onset": "Later."}, revision=1))
    assert response.status_code == 422
    # What was typed is still there.
    assert "Later." in response.content.decode()
    assert author.post(url(case, "hints"), {"text": "x"}).status_code == 404
    assert kept(case) == make.CASE_CONTENT


def test_a_returned_case_shows_what_is_asked_for() -> None:
    case = make.make_case(status="returned")
    html = browser(case.presenter.participant).get(url(case)).content.decode()
    assert "Please say what was tried before." in html
    assert url(case, "delete") not in html


# --- beginning ---


def test_start_is_a_button_that_leads_to_the_form() -> None:
    enrolment = make.make_enrolment(make.make_cycle(sessions=1))
    author = browser(enrolment.participant)
    start = reverse("cases:case-start", args=[enrolment.cycle_id])
    assert author.get(start).status_code == 405
    response = author.post(start)
    case = CaseSubmission.objects.get()
    assert (response.status_code, response["Location"]) == (302, url(case))
    assert author.post(start)["Location"] == url(case)
    page = author.get(url(case))
    assert page.status_code == 200
    assert "Saved" not in page.context["saved"]


def test_start_is_for_who_is_in_the_cycle_and_has_agreed() -> None:
    enrolment = make.make_enrolment(make.make_cycle(sessions=1), status=Enrolment.Status.WAITLISTED)
    start = reverse("cases:case-start", args=[enrolment.cycle_id])
    for user in (enrolment.participant, make.make_user()):
        assert browser(user).post(start).status_code == 404
    assert browser(None).post(start).status_code == 302
    Agreement.objects.create(
        kind="participation", version=99, title="T", text="x", published_at=make.OPENED_AT
    )
    member = make.make_enrolment(enrolment.cycle, make.make_user(has_agreed=False)).participant
    response = browser(member).post(start)
    assert response.status_code == 403
    assert "participation agreement" in response.content.decode()
    assert not CaseSubmission.objects.exists()


# --- saving without the script ---


def test_save_keeps_everything_and_says_so(author: Client, draft: CaseSubmission) -> None:
    response = author.post(url(draft), typed(EVERYTHING, revision=1, save="1"), follow=True)
    assert kept(draft) == EVERYTHING
    assert response.redirect_chain == [(url(draft), 302)]
    assert "Your case is saved." in response.content.decode()


def test_save_and_check_goes_on_to_the_check(author: Client, draft: CaseSubmission) -> None:
    response = author.post(url(draft), typed(EVERYTHING, revision=1, check="1"))
    assert (response.status_code, response["Location"]) == (302, url(draft, "check"))


def test_another_medication_saves_and_gives_an_empty_row(author: Client, draft: CaseSubmission) -> None:
    response = author.post(url(draft), typed(EVERYTHING, revision=1, add="1"))
    assert response["Location"] == url(draft) + "?add=1#last-medication"
    assert kept(draft) == EVERYTHING
    page = author.get(response["Location"])
    assert page.context["form"].rows == 2


def test_notes_stand_beside_the_field_after_a_save(author: Client, draft: CaseSubmission) -> None:
    content = {
        **EVERYTHING,
        "medications": [{"name": "codeine"}, {"name": "oxycodone", "effect": f"HCN {NUMBER}"}],
    }
    response = author.post(url(draft), typed(content, revision=1), follow=True)
    html = response.content.decode()
    assert f"<q>{NUMBER}</q>" in html.partition('id="id_medications-1-effect_notes"')[2]
    assert "Something must be changed" in html


def test_what_cannot_be_read_answers_422_and_keeps_the_rest(author: Client, draft: CaseSubmission) -> None:
    sent = typed(make.CASE_CONTENT, revision=1, age="fifty", sleep="Five hours.")
    response = author.post(url(draft), sent)
    html = response.content.decode()
    assert response.status_code == 422
    assert "<title>Error: " in html
    assert 'class="error-summary" tabindex="-1" autofocus' in html
    assert '<a href="#id_age">' in html
    assert 'value="fifty"' in html
    # The rest is saved, and the next save is made from that.
    assert kept(draft) == {**make.CASE_CONTENT, "sleep": "Five hours."}
    assert 'name="revision" value="2"' in html


@pytest.mark.parametrize("field", ["onset", "gender", "medications-0-dose"])
def test_a_hundred_thousand_characters_are_refused_clearly(
    author: Client, draft: CaseSubmission, field: str
) -> None:
    response = author.post(url(draft), typed(make.CASE_CONTENT, revision=1, **{field: "pain " * 20_000}))
    assert response.status_code == 422
    assert "This has 100000 characters" in response.content.decode()
    assert kept(draft) == make.CASE_CONTENT


def test_a_case_that_is_too_long_as_a_whole_is_refused_clearly(author: Client, draft: CaseSubmission) -> None:
    long = dict.fromkeys(("onset", "sleep", "social", "goals"), "x" * 20000)
    response = author.post(url(draft), typed(long, revision=1))
    html = response.content.decode()
    assert response.status_code == 422
    assert "longer than 60000 characters" in html
    assert html.count("x" * 20_000) == 4
    assert 'name="revision" value="1"' in html
    assert kept(draft) == make.CASE_CONTENT


@pytest.mark.parametrize("revision", ["", "x", "-1", "²", "9" * 400, None])
def test_a_revision_that_is_none_overwrites_nothing(
    author: Client, draft: CaseSubmission, revision: str | None
) -> None:
    sent = typed({"onset": "New."})
    if revision is not None:
        sent["revision"] = [revision]
    assert author.post(url(draft), sent).status_code == 409
    assert kept(draft) == make.CASE_CONTENT


def test_a_conflict_shows_both_and_overwrites_only_when_chosen(author: Client, draft: CaseSubmission) -> None:
    author.post(url(draft), typed({"onset": "From the phone.", "sleep": "Same."}, revision=1))
    mine = typed({"onset": "From the desk.", "sleep": "Same."}, revision=1)
    response = author.post(url(draft), mine)
    html = response.content.decode()
    assert response.status_code == 409
    assert "From the desk." in html
    assert "From the phone." in html
    assert html.count("Saved meanwhile:") == 1
    assert "Not saved: another version was saved meanwhile." in html
    assert kept(draft)["onset"] == "From the phone."
    # An ordinary save is still refused; the choice is a button of its own.
    assert 'name="revision" value="1"' in html
    assert author.post(url(draft), mine).status_code == 409
    mine["keep"] = ["2"]
    assert author.post(url(draft), mine).status_code == 302
    assert kept(draft)["onset"] == "From the desk."


# --- saving by the script ---


def test_the_script_is_told_the_state_the_revision_and_the_notes(
    author: Client, draft: CaseSubmission
) -> None:
    rows = {
        "medications-0-name": "",
        "medications-1-name": "codeine",
        "medications-1-effect": f"HCN {NUMBER}",
    }
    sent = typed(
        {"peg_pain": 7, "peg_enjoyment": 8, "peg_activity": 9}, revision=1, medication_rows="2", **rows
    )
    response = author.post(url(draft), sent, headers=SCRIPT)
    answer = response.json()
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert answer["state"].startswith("Saved ")
    assert answer["state"].endswith("ET")
    assert (answer["revision"], answer["invalid"]) == (2, [])
    fragments = answer["fragments"]
    # The row above is empty and not kept; the note stands at the row that was typed in.
    assert NUMBER in fragments["id_medications-1-effect_notes"]
    assert fragments["id_medications-0-effect_notes"] == ""
    assert fragments["conflict"] == ""
    assert "8 of 10" in fragments["reading-peg"]
    assert fragments["reading-med"] == ""
    assert "Something must be changed" in fragments["progress"]


def test_the_script_is_told_what_could_not_be_read(author: Client, draft: CaseSubmission) -> None:
    sent = typed({}, revision=1, age="fifty", sleep="Five hours.")
    answer = author.post(url(draft), sent, headers=SCRIPT).json()
    assert answer["invalid"] == ["id_age"]
    assert "whole years" in answer["fragments"]["id_age_notes"]
    assert "except what is marked" in answer["state"]
    assert kept(draft) == {"age": "57", "sleep": "Five hours."}


def test_the_script_is_told_of_a_conflict_and_of_a_case_that_is_too_long(
    author: Client, draft: CaseSubmission
) -> None:
    author.post(url(draft), typed({"onset": "From the phone."}, revision=1), headers=SCRIPT)
    response = author.post(url(draft), typed({"onset": "From the desk."}, revision=1), headers=SCRIPT)
    answer = response.json()
    assert response.status_code == 409
    assert 'name="keep" value="2"' in answer["fragments"]["conflict"]
    assert "How and when it began" in answer["fragments"]["conflict"]
    assert "From the phone" not in response.content.decode()
    long = dict.fromkeys(("onset", "sleep", "social", "goals"), "x" * 20000)
    response = author.post(url(draft), typed(long, revision=2), headers=SCRIPT)
    assert response.status_code == 422
    assert "60000 characters" in response.json()["state"]
    assert kept(draft) == {"onset": "From the phone."}


# --- hints ---


def test_hints_quote_what_is_found_and_say_what_to_write_instead(
    author: Client, draft: CaseSubmission
) -> None:
    response = author.post(url(draft, "hints"), {"text": f"HCN {NUMBER} and again {NUMBER}"})
    html = response.content.decode()
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert html.count(f"<q>{NUMBER}</q>") == 1
    assert "Leave it out." in html
    assert author.post(url(draft, "hints"), {"text": "Low back pain, MED 120 mg."}).content == b""
    assert author.post(url(draft, "hints"), {}).content == b""
    # Nothing of it is kept.
    assert kept(draft) == make.CASE_CONTENT


def test_hints_quote_markup_as_text(author: Client, draft: CaseSubmission) -> None:
    html = author.post(
        url(draft, "hints"), {"text": f"<b>HCN</b> <script>{NUMBER}</script>"}
    ).content.decode()
    assert NUMBER in html
    assert "<script" not in html


def test_hints_do_not_read_what_cannot_be_saved(author: Client, draft: CaseSubmission) -> None:
    response = author.post(url(draft, "hints"), {"text": f"{NUMBER} " * 9_100})
    assert (response.status_code, response.content) == (413, b"")


# --- deleting ---


def test_delete_asks_first_and_then_leads_to_the_list(author: Client, draft: CaseSubmission) -> None:
    assert author.get(url(draft, "delete")).status_code == 200
    assert CaseSubmission.objects.exists()
    response = author.post(url(draft, "delete"))
    assert (response.status_code, response["Location"]) == (302, reverse("cases:case-list"))
    assert not CaseSubmission.objects.exists()
    assert author.post(url(draft, "delete")).status_code == 404


def test_delete_is_for_drafts_only() -> None:
    case = make.make_case(status="returned")
    assert browser(case.presenter.participant).post(url(case, "delete")).status_code == 404
    assert CaseSubmission.objects.exists()


# --- what leaks nowhere ---


def test_no_log_holds_what_was_typed(
    author: Client, draft: CaseSubmission, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sent = typed({"onset": f"HCN {NUMBER}"}, revision=1)
    for revision in ("1", "1"):
        sent |= {"revision": [revision], "sleep": [f"{NUMBER} {len(caplog.records)}"]}
        author.post(url(draft), sent)
    author.post(url(draft, "hints"), {"text": NUMBER})
    author.post(url(draft), typed({"onset": NUMBER * 3_000}, revision=3))
    said = [record.getMessage() for record in caplog.records if record.name != "django.db.backends"]
    assert said
    assert not [line for line in said if NUMBER in line]
