"""One's own data: the page, the two files, and the way to being erased."""

from __future__ import annotations

import json
from datetime import datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from credits.models import Certificate
from participants.models import Erasure, User
from participants.services import merge_accounts, save_profile
from sessions_app.models import Attendance
from tests import factories as make
from tests.belongings import EMAIL, PROFILE, make_owner, own_everything
from tests.database import write

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"
PAGE, JSON, HTML = "/my/data/", "/my/data/portal-data.json", "/my/data/portal-data.html"
ERASE = "/my/data/erase/"


def logged_in(user: User) -> Client:
    """Logged in, but not asked for the password since."""
    user.set_password(PASSWORD)
    user.save()
    client = Client()
    client.force_login(user)
    return client


def confirmed(user: User) -> Client:
    """Logged in, and asked for the password just now."""
    client = logged_in(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


@pytest.fixture
def owner() -> User:
    user = make_owner()
    own_everything(user)
    Authenticator.objects.filter(user=user).delete()
    return user


def read(client: Client) -> dict[str, Any]:
    answer = client.get(JSON)
    assert answer.status_code == 200
    content: dict[str, Any] = json.loads(answer.content)
    return content


# --- the page -------------------------------------------------------------------------------------------------------


def test_page_says_what_is_held_with_how_much(owner: User) -> None:
    page = logged_in(owner).get(PAGE)

    held = dict(page.context["held"])
    assert (held["Attendance"], held["Surveys"], held["Certificates"]) == (2, 4, 1)
    assert "Accounts merged into this one" in page.context["empty"]
    for link in (JSON, HTML, ERASE):
        assert f'href="{link}"' in page.content.decode()


def test_account_pages_lead_to_it(owner: User) -> None:
    assert f'href="{PAGE}"' in logged_in(owner).get("/accounts/email/").content.decode()
    assert f'href="{PAGE}"' in Client().get("/privacy/").content.decode()


def test_new_account_without_a_profile_sees_the_little_there_is() -> None:
    client = confirmed(User.objects.create_user("new@clinic.example"))

    assert client.get(PAGE).status_code == 200
    assert read(client)["sections"]["profile"] == []
    assert b"new@clinic.example" in client.get(HTML).content
    assert client.get(ERASE).status_code == 200


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", [PAGE, JSON, HTML, ERASE])
def test_pages_ask_a_fixed_number_of_questions(path: str) -> None:
    user = make.make_user()
    client = confirmed(user)
    make.make_graduate(make.make_season(sessions=2), user)
    before = queries(client, path)

    for _number in range(4):
        make.make_graduate(make.make_season(sessions=6), user)

    assert queries(client, path) == before <= 60


# --- the files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [JSON, HTML])
def test_files_are_given_to_whoever_just_showed_their_password(owner: User, path: str) -> None:
    asked = logged_in(owner).get(path)
    assert asked.status_code == 302
    assert asked["Location"].startswith("/accounts/reauthenticate/")

    answer = confirmed(owner).get(path)
    assert answer.status_code == 200
    name = path.rsplit("/", 1)[1]
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert {"private", "no-store"} <= set(answer["Cache-Control"].split(", "))


def test_password_leads_on_to_the_file_that_was_asked_for(owner: User) -> None:
    client = logged_in(owner)
    asked = client.get(HTML)

    answer = client.post(asked["Location"], {"password": PASSWORD})

    assert answer["Location"] == HTML


@pytest.mark.parametrize("path", [PAGE, JSON, HTML])
def test_files_are_only_read(owner: User, path: str) -> None:
    assert confirmed(owner).post(path).status_code == 405


def test_json_holds_everything_in_values_a_program_reads(owner: User) -> None:
    write(owner.profile, language="fr")
    sections = read(confirmed(owner))["sections"]

    profile = sections["profile"][0]
    assert profile["legal_name"] == PROFILE["name"]
    assert (profile["category"], profile["college"]) == ("family_physician", "cpso")
    assert profile["accessibility_needs"] == PROFILE["accessibility_needs"]
    attendance = sections["attendance"][0]
    assert (attendance["minutes"], attendance["is_guest"], attendance["source"]) == (90, False, "manual")
    starts_at = datetime.fromisoformat(attendance["starts_at"])
    assert starts_at in {row.session.starts_at for row in Attendance.objects.select_related("session")}
    assert attendance["starts_at"][-6:] in {"-04:00", "-05:00"}
    assert sections["certificates"][0]["amount"] == "60.00"
    assert sections["certificates"][0]["number"] == Certificate.objects.get().number
    assert {row["email"] for row in sections["addresses"]} >= {EMAIL}
    assert sections["mails"][0]["recipient"] == EMAIL
    assert [row["answer"] for row in sections["survey_answers"]].count("3") == 2


def test_keys_are_the_same_in_every_language(owner: User) -> None:
    def keys(language: str) -> dict[str, list[list[str]]]:
        write(owner.profile, language=language)
        content = read(confirmed(owner))
        assert content["language"] == language
        return {key: sorted({tuple(row) for row in rows}) for key, rows in content["sections"].items()}  # type: ignore[misc]

    assert keys("en") == keys("fr")


def test_file_to_read_is_in_the_persons_language_and_needs_nothing_else(owner: User) -> None:
    write(owner.profile, language="fr", practice_name="<b>Pain & more</b>")
    page = confirmed(owner).get(HTML, headers={"accept-language": "en"}).content.decode()

    assert '<html lang="fr">' in page
    assert "&lt;b&gt;Pain &amp; more&lt;/b&gt;" in page
    elements: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            elements.append((tag, dict(attrs)))

    Reader().feed(page)
    assert not {tag for tag, _attrs in elements} & {"script", "style", "link", "img", "iframe", "form"}
    assert not [attrs for _tag, attrs in elements if attrs.keys() & {"style", "src", "href", "onclick"}]
    assert [tag for tag, _attrs in elements].count("h1") == 1


@pytest.mark.parametrize("path", [JSON, HTML])
def test_secrets_are_in_neither_file(owner: User, path: str) -> None:
    make.give_second_factor(owner)
    secret = Authenticator.objects.get(user=owner).data["secret"]
    Authenticator.objects.filter(user=owner).update(type="recovery_codes")  # a password is asked for again
    feed, certificate = owner.calendar_feed.token, Certificate.objects.get()

    content = confirmed(owner).get(path).content.decode()

    for word in (secret, feed, certificate.token, User.objects.get(pk=owner.pk).password, "argon2"):
        assert word not in content


def test_changes_on_record_are_told_with_whose_they_were(owner: User) -> None:
    coordinator = make.make_user(is_staff=True)
    save_profile(user=owner, by=owner, values={"practice_city": "Moosonee"})
    save_profile(user=owner, by=coordinator, values={"specialty": "Pain"})

    changes = read(confirmed(owner))["sections"]["changes"]

    told = {(row["by"], row["details"]) for row in changes}
    assert ("you", "City or town: Kapuskasing → Moosonee") in told
    assert ("office", "Specialty or focus: Quimbology → Pain") in told
    assert changes == sorted(changes, key=lambda row: row["when"], reverse=True)
    assert coordinator.email not in json.dumps(changes)


def test_accounts_that_were_merged_into_it_are_part_of_it(owner: User) -> None:
    other = make.make_user("other@clinic.example")
    merge_accounts(
        kept_id=owner.pk, gone_id=other.pk, by=make.make_user(), reason="By phone.", now=timezone.now()
    )

    sections = read(confirmed(owner))["sections"]

    assert [row["email"] for row in sections["merges"]] == ["other@clinic.example"]
    assert "other@clinic.example" in {row["email"] for row in sections["addresses"]}
    assert len(sections["account"]) == 2


# --- being erased ---------------------------------------------------------------------------------------------------


def test_page_says_what_goes_and_what_is_kept_until_when(owner: User) -> None:
    page = logged_in(owner).get(ERASE).content.decode()

    year = timezone.localdate().year + 6
    assert f"{year}" in page
    assert "Your attendance at 2 sessions" in page
    assert "3 surveys that you submitted" in page
    assert "The certificate itself" in page
    assert "Answers to surveys that you have not submitted" in page
    assert "2 cases that you have not presented" in page
    assert "1 case that you presented" in page
    assert "our place in the hub" in page


def test_page_without_records_says_that_the_name_goes_too() -> None:
    page = logged_in(make.make_user()).get(ERASE).content.decode()

    assert "Nothing has to be kept under your name." in page
    assert "Your name as licensed, category, profession, college and licence number" in page


def test_typing_the_address_erases_and_logs_out(owner: User) -> None:
    client = confirmed(owner)

    answer = client.post(ERASE, {"email": f" {EMAIL.upper()} "})

    assert answer["Location"] == "/data/erased/"
    assert Erasure.objects.get().user == owner
    assert "_auth_user_id" not in client.session
    assert "Your account is erased" in client.get("/data/erased/").content.decode()


def test_another_address_erases_nothing_and_is_given_back(owner: User) -> None:
    answer = confirmed(owner).post(ERASE, {"email": "another@clinic.example"})

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "<title>Error: " in page
    assert 'value="another@clinic.example"' in page
    assert not Erasure.objects.exists()


def test_password_is_asked_for_before_anything_is_erased(owner: User) -> None:
    client = logged_in(owner)

    answer = client.post(ERASE, {"email": EMAIL})
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert not Erasure.objects.exists()

    client.post(answer["Location"], {"password": PASSWORD})
    assert Erasure.objects.get().user == owner


def test_staff_are_told_whom_to_ask() -> None:
    staff = make.make_user("cora@echo.example", is_staff=True)
    client = logged_in(staff)

    page = client.get(ERASE).content.decode()
    assert "Ask whoever gave it to you" in page
    assert 'name="email"' not in page
