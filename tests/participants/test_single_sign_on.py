"""Single sign-on, against a real provider: Canaille, in a thread on this machine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib.admin import site
from django.test import Client
from django.urls import NoReverseMatch, reverse

from outbox.models import OutgoingMail
from participants.models import User
from participants.single_sign_on import nonce_of
from tests.factories import give_second_factor, make_user, totp_code

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parent.parent.parent
CALLBACK = "http://testserver/accounts/oidc/sso/login/callback/"
EMAIL = "fatima@hospital.example"
PASSWORD = "a long enough phrase 42"


@dataclass
class Organization:
    """The provider, and what somebody's browser does there."""

    server: Any

    def vouch_for(self, email: str = EMAIL, *, verified: str = "true", name: str = "fatima"):
        """Somebody who is logged in there; `verified` is what it says of every address."""
        server = self.server
        server.app.config["CANAILLE_OIDC"]["USERINFO_MAPPING"]["EMAIL_VERIFIED"] = verified
        person = server.random_user(user_name=name, emails=[email], preferred_language="en")
        server.login(person)
        return person

    def visit(self, url: str, answer: str = "accept") -> str:
        """Say yes or no there; the address one is sent back to."""
        assert url.startswith(self.server.url)
        page = requests.post(url, data={"answer": answer}, allow_redirects=False, timeout=10)
        assert page.status_code in {301, 302, 303}, page.text
        return page.headers["Location"]


@pytest.fixture
def organization(iam_server, settings):
    client = iam_server.models.Client(
        client_id="portal",
        client_secret="not a secret",
        client_name="ECHO Portal",
        redirect_uris=[CALLBACK],
        client_uri="http://testserver/",
        contacts=["portal@echo.example"],
        grant_types=["authorization_code"],
        response_types=["code"],
        scope=["openid", "profile", "email"],
        token_endpoint_auth_method="client_secret_post",
    )
    iam_server.backend.save(client)
    client.audience = [client]
    iam_server.backend.save(client)
    settings.ROOT_URLCONF = "tests.participants.single_sign_on_urls"
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [
                {
                    "provider_id": "sso",
                    "name": "Hospital <account>",
                    "client_id": "portal",
                    "secret": "not a secret",
                    "settings": {"server_url": iam_server.url.rstrip("/"), "email_authentication": True},
                }
            ],
        }
    }
    yield Organization(iam_server)
    iam_server.logout()
    for model in (iam_server.models.Token, iam_server.models.AuthorizationCode, iam_server.models.Consent):
        for row in iam_server.backend.query(model):
            iam_server.backend.delete(row)
    for person in iam_server.backend.query(iam_server.models.User):
        iam_server.backend.delete(person)
    iam_server.backend.delete(client)


def begin(client: Client, **query: str) -> str:
    """Press the button on the log-in page; the provider's address."""
    response = client.post(reverse("openid_connect_login", args=["sso"], query=query or None))
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def log_in(client: Client, organization: Organization, answer: str = "accept", **query: str) -> Any:
    """All the way there and back."""
    back = organization.visit(begin(client, **query), answer)
    assert back.startswith(CALLBACK)
    return client.get(back.removeprefix("http://testserver"))


def user_of(client: Client) -> User | None:
    pk = client.session.get("_auth_user_id")
    return User.objects.get(pk=pk) if pk else None


def joined(user: User) -> list[str]:
    return list(SocialAccount.objects.filter(user=user).values_list("uid", flat=True))


def account(email: str = EMAIL, *, verified: bool = True, **kwargs) -> User:
    user = make_user(email, password=PASSWORD, **kwargs)
    EmailAddress.objects.create(user=user, email=email, verified=verified, primary=True)
    return user


def test_button_is_on_the_log_in_page_and_posts(organization) -> None:
    page = Client().get(reverse("account_login"), {"next": "/certificates/"}).content.decode()

    assert "Log in with Hospital &lt;account&gt;" in page
    form = re.search(r'<form[^>]*method="post" action="(/accounts/oidc/sso/login/[^"]*)"', page)
    assert form
    assert parse_qs(urlsplit(form[1]).query)["next"] == ["/certificates/"]


def test_link_alone_logs_nobody_in_but_asks(organization) -> None:
    response = Client().get(reverse("openid_connect_login", args=["sso"]))

    assert response.status_code == 200
    assert "Log in with Hospital &lt;account&gt;" in response.content.decode()
    client = Client(enforce_csrf_checks=True)
    assert client.post(reverse("openid_connect_login", args=["sso"])).status_code == 403


def test_request_to_the_provider_proves_its_origin(organization) -> None:
    query = parse_qs(urlsplit(begin(Client())).query)

    assert query["code_challenge_method"] == ["S256"]
    assert len(query["state"][0]) >= 16
    assert query["redirect_uri"] == [CALLBACK]
    assert set(query["scope"][0].split()) == {"openid", "profile", "email"}
    assert query["nonce"] == [nonce_of(query["state"][0])]


def test_answer_with_another_nonce_is_refused(organization) -> None:
    organization.vouch_for()
    client = Client()
    asked = begin(client)
    nonce = parse_qs(urlsplit(asked).query)["nonce"][0]

    back = organization.visit(asked.replace(nonce, nonce_of("another question")))
    response = client.get(back.removeprefix("http://testserver"))

    assert response.status_code == 401
    assert user_of(client) is None
    assert User.objects.count() == 0


def test_new_person_gets_an_account_without_a_password(organization) -> None:
    organization.vouch_for()
    client = Client()

    response = log_in(client, organization)

    user = User.objects.get(email=EMAIL)
    assert user_of(client) == user
    assert not user.has_usable_password()
    assert EmailAddress.objects.get(user=user).verified
    assert joined(user) == ["fatima"]
    # No mail: the provider has confirmed the address.
    assert OutgoingMail.objects.count() == 0
    page = client.get(response["Location"], follow=True)
    assert page.status_code == 200
    assert reverse("participants:profile-edit") in page.content.decode()


def test_nothing_but_the_address_is_kept(organization) -> None:
    organization.vouch_for()

    log_in(Client(), organization)
    log_in(Client(), organization)

    assert SocialAccount.objects.get().extra_data == {"email": EMAIL}
    assert SocialToken.objects.count() == 0


def test_person_comes_back_to_the_page_asked_for(organization) -> None:
    organization.vouch_for()
    account()
    client = Client()

    assert log_in(client, organization, next="/certificates/")["Location"].endswith("/certificates/")


def test_existing_person_is_joined_by_a_verified_address_and_told(organization) -> None:
    organization.vouch_for()
    user = account()
    client = Client()

    log_in(client, organization)

    assert user_of(client) == user
    assert User.objects.count() == 1
    assert joined(user) == ["fatima"]
    mail = OutgoingMail.objects.get()
    assert (mail.recipient, mail.subject) == (EMAIL, "Single sign-on was added to your account")
    assert "Hospital <account>" in mail.body_text
    assert user.check_password(PASSWORD)
    # The second time there is nothing to tell.
    log_in(Client(), organization)
    assert OutgoingMail.objects.count() == 1


@pytest.mark.parametrize("claim", ["false", "", "False", "no"])
def test_unverified_address_opens_no_account(claim: str, organization) -> None:
    organization.vouch_for(verified=claim)
    user = account()
    client = Client()

    response = log_in(client, organization)

    assert response.status_code == 403
    assert "has not confirmed your email address" in response.content.decode()
    assert user_of(client) is None
    assert joined(user) == []
    assert OutgoingMail.objects.count() == 0


def test_unverified_address_makes_no_account_and_tells_no_difference(organization) -> None:
    organization.vouch_for(verified="false")
    unknown = log_in(Client(), organization)
    account()
    known = log_in(Client(), organization)

    assert User.objects.count() == 1
    assert unknown.status_code == known.status_code == 403
    # But for the form's token and the way back to this page in the other language.
    one, other = (re.sub(rb'value="[^"]*"', b"", page.content) for page in (unknown, known))
    assert one == other


def test_account_of_somebody_who_only_claimed_the_address_loses_its_password(organization) -> None:
    """Whoever signs up with another's address and waits does not share the account afterwards."""
    organization.vouch_for()
    user = account(verified=False)
    client = Client()

    response = log_in(client, organization)

    user.refresh_from_db()
    assert not user.has_usable_password()
    # The portal asks for its own proof of the address as well.
    assert response["Location"] == reverse("account_email_verification_sent")
    assert user_of(client) is None
    assert joined(user) == []


def test_address_that_was_given_to_somebody_else_opens_no_account(organization) -> None:
    organization.vouch_for(name="fatima")
    log_in(Client(), organization)
    user = User.objects.get()
    organization.vouch_for(name="successor")
    client = Client()

    log_in(client, organization)

    assert user_of(client) is None
    assert joined(user) == ["fatima"]
    assert OutgoingMail.objects.get().subject == "You have an account already"


def test_no_at_the_provider_comes_back_to_a_page_that_says_so(organization) -> None:
    organization.vouch_for()
    client = Client()

    response = client.get(log_in(client, organization, answer="deny")["Location"])

    assert response.status_code == 200
    assert "You stopped the log-in at your organization." in response.content.decode()
    assert user_of(client) is None
    assert User.objects.count() == 0


@pytest.mark.parametrize("state", ["", "somebody-elses-state"])
def test_answer_to_a_question_that_was_not_asked_is_refused(state: str, organization) -> None:
    organization.vouch_for()
    client = Client()
    back = urlsplit(organization.visit(begin(client)))
    code = parse_qs(back.query)["code"][0]

    response = client.get(back.path, {"code": code} | ({"state": state} if state else {}))

    assert response.status_code == 401
    assert "did not work" in response.content.decode()
    assert user_of(client) is None


def test_answer_given_to_another_browser_is_refused(organization) -> None:
    organization.vouch_for()
    back = organization.visit(begin(Client())).removeprefix("http://testserver")
    victim = Client()

    assert victim.get(back).status_code == 401
    assert user_of(victim) is None


def test_answer_works_once(organization) -> None:
    organization.vouch_for()
    client = Client()
    back = organization.visit(begin(client)).removeprefix("http://testserver")
    client.get(back)
    client.post(reverse("account_logout"))

    assert client.get(back).status_code == 401
    assert user_of(client) is None


def test_staff_are_asked_for_their_second_factor_before_anything_is_joined(organization) -> None:
    organization.vouch_for()
    user = account()
    user.is_staff = True
    user.save()
    seed = give_second_factor(user)
    client = Client()

    response = log_in(client, organization)

    assert response["Location"] == reverse("mfa_authenticate")
    assert user_of(client) is None
    assert client.get(reverse("admin:index")).status_code == 302
    assert joined(user) == []
    client.post(reverse("mfa_authenticate"), {"code": totp_code(seed)})
    assert user_of(client) == user
    assert joined(user) == ["fatima"]


@pytest.mark.parametrize("is_joined", [False, True])
def test_staff_without_a_second_factor_do_not_get_in(is_joined: bool, organization) -> None:
    organization.vouch_for()
    user = account()
    if is_joined:
        log_in(Client(), organization)
    user.is_staff = True
    user.save()
    client = Client()

    response = log_in(client, organization)

    assert response.status_code == 403
    assert "has no second factor yet" in response.content.decode()
    assert user_of(client) is None
    assert joined(user) == (["fatima"] if is_joined else [])


def test_account_that_was_closed_stays_closed(organization) -> None:
    organization.vouch_for()
    user = account()
    user.is_active = False
    user.save()
    client = Client()

    assert log_in(client, organization)["Location"] == reverse("account_inactive")
    assert user_of(client) is None
    assert joined(user) == []


def test_one_joins_and_leaves_by_oneself(organization) -> None:
    organization.vouch_for("work@hospital.example", verified="false")
    user = account()
    client = Client()
    client.post(reverse("account_login"), {"login": EMAIL, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    assert (
        "Link it to Hospital &lt;account&gt;"
        in client.get(reverse("socialaccount_connections")).content.decode()
    )

    log_in(client, organization, process="connect")

    assert joined(user) == ["fatima"]
    page = client.get(reverse("socialaccount_connections")).content.decode()
    assert "linked to Hospital &lt;account&gt;, as work@hospital.example." in page
    response = client.post(
        reverse("socialaccount_connections"), {"account": SocialAccount.objects.get().pk}, follow=True
    )
    assert "The connection is removed." in response.content.decode()
    assert joined(user) == []
    assert [mail.subject for mail in OutgoingMail.objects.order_by("pk")] == [
        "Single sign-on was added to your account",
        "Single sign-on was removed from your account",
    ]


def test_only_way_in_cannot_be_removed(organization) -> None:
    organization.vouch_for()
    client = Client()
    log_in(client, organization)

    response = client.post(reverse("socialaccount_connections"), {"account": SocialAccount.objects.get().pk})

    assert response.status_code == 422
    assert "Set a password first." in response.content.decode()
    assert SocialAccount.objects.count() == 1


def test_account_of_another_person_cannot_be_joined(organization) -> None:
    organization.vouch_for()
    other = account()
    log_in(Client(), organization)
    account("siobhan@clinic.example")
    client = Client()
    client.post(reverse("account_login"), {"login": "siobhan@clinic.example", "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    log_in(client, organization, process="connect")

    assert joined(other) == ["fatima"]
    assert SocialAccount.objects.count() == 1


def test_provider_that_does_not_answer_is_said(organization, settings) -> None:
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"]["server_url"] = "http://localhost:9"

    response = Client().post(reverse("openid_connect_login", args=["sso"]))

    assert response.status_code == 401
    assert "does not answer" in response.content.decode()


def test_provider_in_the_database_is_not_trusted(organization) -> None:
    SocialApp.objects.create(
        provider="openid_connect",
        provider_id="evil",
        name="Evil",
        client_id="evil",
        settings={"server_url": "https://evil.example", "email_authentication": True},
    )

    assert "Evil" not in Client().get(reverse("account_login")).content.decode()
    assert Client().post(reverse("openid_connect_login", args=["evil"])).status_code == 404
    assert not site.is_registered(SocialApp)


PAGES = {
    # Who is logged out, who is logged in; what a form sent without data answers.
    "socialaccount_login_cancelled": (200, 200, 405, 405),
    "socialaccount_login_error": (401, 401, 405, 405),
    "socialaccount_signup": (302, 302, 302, 302),
    "socialaccount_connections": (302, 200, 302, 422),
    "openid_connect_login": (200, 200, 302, 302),
    "openid_connect_callback": (401, 401, 401, 401),
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_open_to_whom_they_should_be(name: str, organization, family_physician) -> None:
    url = reverse(name, args=["sso"] if name.startswith("openid") else [])
    member = Client()
    member.force_login(family_physician)

    answers = (
        Client().get(url).status_code,
        member.get(url).status_code,
        Client().post(url).status_code,
        member.post(url).status_code,
    )

    assert answers == PAGES[name]


def test_every_page_is_looked_at_here() -> None:
    from allauth.socialaccount import urls as stock

    from participants import single_sign_on_urls as ours

    names = {
        pattern.name for pattern in [*stock.urlpatterns, *ours.urlpatterns] if getattr(pattern, "name", None)
    }
    assert names == set(PAGES)


def test_without_a_provider_there_is_no_trace_of_it() -> None:
    for name in PAGES:
        with pytest.raises(NoReverseMatch):
            reverse(name, args=["sso"] if name.startswith("openid") else [])
    for path in ("/accounts/oidc/sso/login/", "/accounts/sso/", "/accounts/sso/signup/"):
        assert Client().get(path).status_code == 404
    assert "/oidc/" not in Client().get(reverse("account_login")).content.decode()


ASK = """
import json, django; django.setup()
from django.conf import settings
from django.urls import reverse
print(json.dumps([
    reverse("openid_connect_callback", args=["sso"]),
    settings.SOCIALACCOUNT_PROVIDERS["openid_connect"],
    [str(source) for source in settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"]],
]))
"""


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """A process of the portal with these variables set."""
    return subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "echo_portal.settings"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_provider_is_configured_by_the_environment(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from the provider\n", encoding="utf-8")

    process = start(
        OIDC_ISSUER="https://login.hospital.example/realms/staff/",
        OIDC_CLIENT_ID="portal",
        OIDC_CLIENT_SECRET_FILE=str(secret),
    )

    assert process.returncode == 0, process.stderr
    callback, provider, form_action = json.loads(process.stdout)
    assert f"http://testserver{callback}" == CALLBACK
    assert provider["OAUTH_PKCE_ENABLED"] is True
    assert provider["APPS"] == [
        {
            "provider_id": "sso",
            "name": "login.hospital.example",
            "client_id": "portal",
            "secret": "from the provider",
            "settings": {
                "server_url": "https://login.hospital.example/realms/staff",
                "email_authentication": True,
            },
        }
    ]
    assert form_action == ["'self'", "https://login.hospital.example"]


def test_provider_without_its_client_stops_the_start() -> None:
    process = start(OIDC_ISSUER="https://login.hospital.example")

    assert "The setting OIDC_CLIENT_ID is missing." in process.stderr
