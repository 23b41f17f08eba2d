"""The agreements: versions that freeze, answers that can change, the page, the next log-in and the gate."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.errors import BadInputError
from participants.models import Agreement, AgreementAnswer, User
from participants.queries import (
    answers_in_force,
    current_agreements,
    has_agreed_to_participate,
    unanswered_agreements,
)
from participants.services import answer_agreements, next_agreement_version, publish_agreement
from tests import factories as make
from tests.clock import toronto
from tests.database import delete, refused_by, write
from tests.factories import OPENED_AT, give_second_factor, make_user, totp_code
from tests.history import audit_row, events
from tests.participants.passkeys import Passkey
from tests.participants.test_account_mails import CODE
from tests.participants.test_second_factor import PASSWORD, Browser, newest_mail, person
from tests.races import THREADS, at_once

pytestmark = pytest.mark.django_db

NOW = toronto(2026, 1, 15, 9)
PAGE = "/agreements/"
MEETING = "https://video.example.org/the-room"


def text(kind: str) -> Agreement:
    return next(agreement for agreement in current_agreements() if agreement.kind == kind)


def new_version(kind: str = "participation") -> Agreement:
    """A second version of the kind, in force."""
    draft = next_agreement_version(agreement_id=text(kind).pk, by=make_user())
    return publish_agreement(agreement_id=draft.pk, by=make_user(), now=NOW)


@pytest.fixture
def newcomer(db: None) -> User:
    return make_user("nora@clinic.example", has_agreed=False)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- what the database refuses --------------------------------------------------------------------------------------


def test_first_versions_are_in_force_from_the_start() -> None:
    assert [(agreement.kind, agreement.version) for agreement in current_agreements()] == [
        ("participation", 1),
        ("research", 1),
        ("recording", 1),
    ]
    assert all(agreement.title_fr and agreement.text_fr for agreement in current_agreements())


def draft(**values: Any) -> Agreement:
    return Agreement.objects.create(
        **({"kind": "research", "version": 2, "title": "T", "text": "x"} | values)
    )


def test_a_version_is_made_once() -> None:
    with refused_by("participants_agreement_version_once"):
        draft(version=1)


def test_versions_are_counted_from_one() -> None:
    with refused_by("participants_agreement_version_positive"):
        draft(version=0)


def test_only_known_kinds_are_agreed_to() -> None:
    with refused_by("participants_agreement_kind_known"):
        draft(kind="marketing")


@pytest.mark.parametrize("change", [{"text": "Another."}, {"published_at": None}, {"version": 7}])
def test_published_text_is_frozen(change: dict[str, Any]) -> None:
    with refused_by("agreement_published_is_frozen"):
        write(text("participation"), **change)


def test_published_text_is_not_deleted_and_a_draft_can_change() -> None:
    with refused_by("agreement_published_is_frozen"):
        delete(text("participation"))
    write(draft(), text="Better words.")


def test_an_agreement_is_answered_once_by_each(family_physician: User) -> None:
    with refused_by("participants_agreementanswer_once"):
        AgreementAnswer.objects.create(
            user=family_physician, agreement=text("research"), is_given=False, answered_at=NOW
        )


# --- services ---------------------------------------------------------------------------------------------------


def test_answers_are_kept_with_their_date_and_the_same_answer_keeps_the_first(newcomer: User) -> None:
    answers = {text("participation").pk: True, text("research").pk: False}

    for later in range(2):
        answer_agreements(user=newcomer, by=newcomer, answers=answers, now=NOW + timedelta(days=later))

    kept = {answer.agreement.kind: answer for answer in answers_in_force(newcomer)}
    assert {kind: answer.is_given for kind, answer in kept.items()} == {
        "participation": True,
        "research": False,
    }
    assert {answer.answered_at for answer in kept.values()} == {NOW}
    assert [agreement.kind for agreement in unanswered_agreements(newcomer)] == ["recording"]
    assert audit_row(kept["research"], "insert") == ("agreement.answer", newcomer.pk, "")


def test_a_mind_that_changes_leaves_both_answers_on_record(family_physician: User) -> None:
    answer_agreements(
        user=family_physician, by=family_physician, answers={text("research").pk: False}, now=NOW
    )

    kept = AgreementAnswer.objects.get(user=family_physician, agreement__kind="research")
    assert (kept.is_given, kept.answered_at) == (False, NOW)
    assert [event.is_given for event in events(kept)] == [True, False]


def test_no_address_of_a_machine_is_kept() -> None:
    names = {field.name for field in AgreementAnswer._meta.concrete_fields}

    assert names == {"id", "user", "agreement", "is_given", "answered_at"}


def test_a_draft_cannot_be_agreed_to(newcomer: User) -> None:
    with pytest.raises(BadInputError, match="not in force"):
        answer_agreements(user=newcomer, by=newcomer, answers={draft().pk: True}, now=NOW)


def test_a_new_version_is_asked_of_everybody_and_the_old_yes_does_not_count(family_physician: User) -> None:
    assert has_agreed_to_participate(family_physician)

    second = new_version()

    assert not has_agreed_to_participate(family_physician)
    assert unanswered_agreements(family_physician) == [second]
    answer_agreements(user=family_physician, by=family_physician, answers={second.pk: True}, now=NOW)
    assert has_agreed_to_participate(family_physician)
    assert AgreementAnswer.objects.filter(user=family_physician, agreement__kind="participation").count() == 2


def test_publishing_twice_and_copying_twice_change_nothing(coordinator: User) -> None:
    first = text("recording")
    drafts = {next_agreement_version(agreement_id=first.pk, by=coordinator).pk for _time in range(2)}

    (pk,) = drafts
    for later in range(2):
        published = publish_agreement(agreement_id=pk, by=coordinator, now=NOW + timedelta(days=later))

    assert (published.version, published.text, published.published_at) == (2, first.text, NOW)
    assert audit_row(published, "insert") == ("agreement.next-version", coordinator.pk, "")
    assert audit_row(published, "update") == ("agreement.publish", coordinator.pk, "")


@pytest.mark.django_db(transaction=True)
def test_twenty_devices_that_answer_at_once_leave_one_answer() -> None:
    user = make_user(has_agreed=False)
    agreement = Agreement.objects.create(
        kind="participation", version=9, title="T", text="x", published_at=OPENED_AT
    )

    results = at_once(
        [
            partial(answer_agreements, user=user, by=user, answers={agreement.pk: at % 2 == 0}, now=NOW)
            for at in range(THREADS)
        ]
    )

    assert results == [None] * THREADS
    assert AgreementAnswer.objects.filter(user=user).count() == 1


# --- the page -------------------------------------------------------------------------------------------------------


def answers(*, participation: str = "on", research: str = "yes", recording: str = "no") -> dict[str, str]:
    wanted = {"participation": participation, "research": research, "recording": recording}
    return {f"agreement_{text(kind).pk}": value for kind, value in wanted.items() if value}


def test_page_asks_for_all_and_chooses_nothing(newcomer: User) -> None:
    page = logged_in(newcomer).get(PAGE)

    html = page.content.decode()
    assert "checked" not in html
    assert html.index("Participation agreement") < html.index("Consent to evaluation research")
    assert "Cases and the discussion of cases are never recorded." in html
    assert "Version 1" in html


def test_page_keeps_the_answers_and_leads_on(newcomer: User) -> None:
    response = logged_in(newcomer).post(PAGE, answers() | {"next": "/programs/"})

    assert (response.status_code, response["Location"]) == (302, "/programs/")
    assert [answer.is_given for answer in answers_in_force(newcomer)] == [True, True, False]


def test_page_leads_nowhere_else(newcomer: User) -> None:
    response = logged_in(newcomer).post(PAGE, answers() | {"next": "https://elsewhere.example/"})

    assert response["Location"] == PAGE


@pytest.mark.parametrize(
    ("left_out", "words"), [("participation", "Tick the box"), ("research", "Choose yes or no")]
)
def test_page_says_what_has_no_answer_and_keeps_the_rest(newcomer: User, left_out: str, words: str) -> None:
    response = logged_in(newcomer).post(PAGE, answers(**{left_out: ""}))

    assert response.status_code == 422
    html = response.content.decode()
    assert words in html
    assert "<title>Error: " in html
    assert html.count("checked") == 2
    assert answers_in_force(newcomer) == []


def test_consents_can_be_taken_back_and_given_again(family_physician: User) -> None:
    client = logged_in(family_physician)
    research = text("research")
    for answer, is_given in (("no", False), ("no", False), ("yes", True)):
        client.post(PAGE, {"change": research.pk, "answer": answer})
        assert AgreementAnswer.objects.get(user=family_physician, agreement=research).is_given is is_given


def test_participation_can_be_withdrawn_and_the_page_says_what_follows(family_physician: User) -> None:
    client = logged_in(family_physician)
    assert "no case and no session link is shown" in client.get(PAGE).content.decode()

    response = client.post(PAGE, {"change": text("participation").pk, "answer": "no"}, follow=True)

    assert "You have withdrawn the participation agreement" in response.content.decode()
    assert not has_agreed_to_participate(family_physician)
    client.post(PAGE, {"change": text("participation").pk, "answer": "yes"})
    assert has_agreed_to_participate(family_physician)


@pytest.mark.parametrize(
    "data", [{"change": "0", "answer": "yes"}, {"change": "x", "answer": "yes"}, {"answer": "maybe"}]
)
def test_page_refuses_what_it_did_not_offer(family_physician: User, data: dict[str, str]) -> None:
    data = {"change": str(text("research").pk)} | data

    response = logged_in(family_physician).post(PAGE, data)

    assert response.status_code >= 400
    assert all(answer.is_given for answer in answers_in_force(family_physician))


def test_answer_to_an_old_version_cannot_be_turned_round(family_physician: User) -> None:
    old = text("research")
    new_version("research")

    logged_in(family_physician).post(PAGE, {"change": old.pk, "answer": "no"})

    assert AgreementAnswer.objects.get(user=family_physician, agreement=old).is_given


# --- the next log-in ------------------------------------------------------------------------------------------------

ASKED = "/agreements/?next=%2Fmy%2Fcertificates%2F"
GOING = {"next": "/my/certificates/"}


def test_log_in_by_password_goes_over_a_new_agreement() -> None:
    user = person()
    browser = Browser()
    assert (
        browser.send("account_login", login=user.email, password=PASSWORD, **GOING)["Location"]
        == GOING["next"]
    )
    browser.send("account_logout")
    new_version()

    response = browser.send("account_login", login=user.email, password=PASSWORD, **GOING)

    assert response["Location"] == ASKED
    assert browser.get(ASKED).status_code == 200
    response = browser.post(ASKED, {f"agreement_{text('participation').pk}": "on", **GOING})
    assert response["Location"] == GOING["next"]
    browser.send("account_logout")
    assert (
        browser.send("account_login", login=user.email, password=PASSWORD, **GOING)["Location"]
        == GOING["next"]
    )


def test_log_in_by_code_goes_over_a_new_agreement() -> None:
    user, browser = person(), Browser()
    new_version()

    browser.send("account_request_login_code", email=user.email, **GOING)
    found = CODE.search(newest_mail(user).body_text)
    assert found
    response = browser.send("account_confirm_login_code", code=found[0], **GOING)

    assert response["Location"] == ASKED


def test_log_in_with_a_second_factor_goes_over_a_new_agreement() -> None:
    user, browser = person(), Browser()
    seed = give_second_factor(user)
    new_version()

    response = browser.send("account_login", login=user.email, password=PASSWORD, **GOING)
    assert response["Location"].startswith(reverse("mfa_authenticate"))
    response = browser.post(response["Location"], {"code": totp_code(seed)})

    assert response["Location"] == ASKED


def test_log_in_with_a_passkey_goes_over_a_new_agreement() -> None:
    user, browser, passkey = person(), Browser(), Passkey()
    browser.log_in(user)
    browser.open_the_locks()
    browser.add(passkey, passwordless="on")
    browser.send("account_logout")
    new_version()

    response = browser.log_in_with(passkey)

    assert response["Location"] == "/agreements/?next=%2Fmy%2F"


def test_log_in_asks_staff_and_new_accounts_nothing() -> None:
    new_version()
    browser = Browser()
    staff = person("cora@echo.example")
    User.objects.filter(pk=staff.pk).update(is_staff=True)
    seed = give_second_factor(staff)
    response = browser.send("account_login", login=staff.email, password=PASSWORD)
    response = browser.post(response["Location"], {"code": totp_code(seed)})
    assert response["Location"] == "/my/"

    bare = User.objects.create_user("bare@clinic.example", PASSWORD)
    EmailAddress.objects.create(user=bare, email=bare.email, verified=True, primary=True)
    assert Browser().log_in(bare)["Location"] == "/my/"


# --- the gate -------------------------------------------------------------------------------------------------------


@pytest.fixture
def running(newcomer: User) -> Any:
    """A cycle with a session tomorrow, whose link is known; the newcomer has a place."""
    now = timezone.now()
    cycle = make.make_cycle(starts_on=timezone.localdate(now) - timedelta(days=7))
    make.make_session(cycle, starts_at=now + timedelta(minutes=10), meeting_url=MEETING, status="confirmed")
    make.make_enrolment(cycle, newcomer)
    return cycle


def test_no_session_link_without_the_participation_agreement(newcomer: User, running: Any) -> None:
    client = logged_in(newcomer)
    page = f"/my/cycles/{running.pk}/"

    html = client.get(page).content.decode()

    assert MEETING not in html
    assert "Join the session" not in html
    assert f'href="/agreements/?next=%2Fmy%2Fcycles%2F{running.pk}%2F"' in html
    assert "Read and agree" in html

    make.agree(newcomer)
    html = client.get(page).content.decode()
    assert MEETING in html
    assert "Read and agree" not in html


def test_session_link_goes_when_the_agreement_is_withdrawn_or_renewed(newcomer: User, running: Any) -> None:
    make.agree(newcomer)
    client, page = logged_in(newcomer), f"/my/cycles/{running.pk}/"
    assert MEETING in client.get(page).content.decode()

    client.post(PAGE, {"change": text("participation").pk, "answer": "no"})
    assert MEETING not in client.get(page).content.decode()
    client.post(PAGE, {"change": text("participation").pk, "answer": "yes"})
    new_version()
    assert MEETING not in client.get(page).content.decode()


# --- the administration ---------------------------------------------------------------------------------------------
LIST = "/admin/participants/agreement/"


def test_coordinator_copies_edits_and_publishes_a_version(coordinator: User) -> None:
    client, first = logged_in(coordinator), text("research")

    client.post(LIST, {"action": "copy_to_next_version", "_selected_action": first.pk})
    second = Agreement.objects.get(kind="research", version=2)
    values = {"title": "Research", "text": "New words.", "title_fr": "", "text_fr": ""}
    response = client.post(f"{LIST}{second.pk}/change/", values)
    assert response.status_code == 302, response.content.decode()
    client.post(LIST, {"action": "publish", "_selected_action": [first.pk, second.pk], "confirmed": "yes"})

    second.refresh_from_db()
    assert (second.text, second.published_at is None) == ("New words.", False)
    assert audit_row(second, "update")[:2] == ("agreement.publish", coordinator.pk)
    assert events(first).count() == 1


def test_published_version_is_read_only_in_the_administration(coordinator: User) -> None:
    client, first = logged_in(coordinator), text("research")

    page = client.get(f"{LIST}{first.pk}/change/")
    response = client.post(f"{LIST}{first.pk}/change/", {"title": "Mine", "text": "Mine"})

    assert 'name="text"' not in page.content.decode()
    assert response.status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{first.pk}/delete/").status_code == 403


def test_administration_counts_who_agreed(coordinator: User, family_physician: User, newcomer: User) -> None:
    answer_agreements(user=newcomer, by=newcomer, answers={text("research").pk: False}, now=NOW)

    shown = logged_in(coordinator).get(LIST).context["cl"].result_list.get(kind="research")

    assert (shown.yes, shown.no) == (2, 1)


def test_answers_are_looked_at_and_not_changed(coordinator: User, family_physician: User) -> None:
    client = logged_in(coordinator)
    answer = AgreementAnswer.objects.filter(user=family_physician).first()
    assert answer
    url = "/admin/participants/agreementanswer/"

    assert client.get(f"{url}?q=fatima&is_given__exact=1&agreement__kind__exact=research").status_code == 200
    assert client.get(f"{url}{answer.pk}/change/").status_code == 200
    assert client.post(f"{url}{answer.pk}/change/", {"is_given": ""}).status_code == 403
    assert client.get(f"{url}add/").status_code == 403


def test_nobody_is_asked_who_is_not_logged_in(client: Client) -> None:
    assert "/accounts/login/" in client.get(PAGE)["Location"]
