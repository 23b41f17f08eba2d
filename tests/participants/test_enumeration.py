"""Nobody learns from the portal whether an address has an account: not from words, not from work, not from time."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from outbox.models import OutgoingMail
from participants.level_timing import HASHING_SECONDS, PLAIN_SECONDS
from participants.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough phrase 42"
NOBODY = "nobody@clinic.example"
KNOWN = "sarahb@clinic.example"
assert len(NOBODY) == len(KNOWN)


class CountingHasher(PBKDF2PasswordHasher):
    """Hashes quickly and counts how often."""

    algorithm = "counting"
    iterations = 1
    count = 0

    def encode(self, *args, **kwargs):
        type(self).count += 1
        return super().encode(*args, **kwargs)


@pytest.fixture(autouse=True)
def _counting(settings) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]


def known(kind: str) -> User:
    user = make_user(
        KNOWN, password=None if kind == "without password" else PASSWORD, is_staff=kind == "staff"
    )
    user.is_active = kind != "inactive"
    user.save()
    if kind != "without an address of its own":
        EmailAddress.objects.create(user=user, email=KNOWN, verified=kind != "unconfirmed", primary=True)
    return user


KINDS = (
    "confirmed",
    "unconfirmed",
    "inactive",
    "without password",
    "staff",
    "without an address of its own",
)
FORMS = {
    "account_signup": {"email": "", "password1": PASSWORD},
    "account_login": {"login": "", "password": "not the password 42"},
    "account_reset_password": {"email": ""},
    "account_request_login_code": {"email": ""},
}
CODE_PAGES = {
    "account_signup": "account_email_verification_sent",
    "account_reset_password": "account_confirm_password_reset_code",
    "account_request_login_code": "account_confirm_login_code",
}


@dataclass
class Stranger:
    """Asks for one address in a new browser, and keeps what can be told apart."""

    email: str
    client: Client = field(default_factory=Client)
    seen: list[tuple[object, ...]] = field(default_factory=list)
    hashes: int = 0
    mails: int = 0

    def post(self, name: str, data: dict[str, str]) -> None:
        hashes, mails = CountingHasher.count, OutgoingMail.objects.count()
        self.look(self.client.post(reverse(name), data))
        self.hashes += CountingHasher.count - hashes
        self.mails += OutgoingMail.objects.count() - mails

    def ask(self, form: str) -> None:
        self.post(form, {key: value or self.email for key, value in FORMS[form].items()})

    def look(self, response: Any) -> None:
        """One answer and, where it leads on, the page it leads to."""
        body = re.sub(r'(csrfmiddlewaretoken" value)="\w+"', r"\1", response.content.decode())
        headers = {key: value for key, value in response.items() if key not in {"Date", "Expires"}}
        cookies = sorted((name, len(morsel.value)) for name, morsel in response.cookies.items())
        self.seen.append((response.status_code, body.replace(self.email, "…"), headers, cookies))
        if response.status_code == 302:
            self.look(self.client.get(response["Location"]))


def both(form: str) -> tuple[Stranger, Stranger]:
    strangers = Stranger(KNOWN), Stranger(NOBODY)
    for stranger in strangers:
        stranger.ask(form)
    return strangers


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_address_with_an_account_is_answered_like_one_without(form: str, kind: str) -> None:
    known(kind)

    one, other = both(form)

    assert one.seen == other.seen
    assert len(one.seen) == (1 if form == "account_login" else 2)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_address_with_an_account_makes_as_many_hashes_and_mails(form: str, kind: str) -> None:
    known(kind)

    one, other = both(form)

    assert one.hashes == other.hashes == (1 if form in {"account_signup", "account_login"} else 0)
    assert one.mails == other.mails == (0 if form == "account_login" else 1)


@pytest.mark.parametrize("form", CODE_PAGES)
def test_page_for_the_code_tells_nothing_however_often_it_is_tried(form: str) -> None:
    known("confirmed")
    one, other = both(form)

    for stranger in (one, other):
        for data in ({"code": "WRNG-2345"}, {"action": "resend"}, {"code": "WRNG-2346"}):
            stranger.post(CODE_PAGES[form], data)
        # While a code is awaited, log-in and sign-up lead back to its page.
        stranger.look(stranger.client.get(reverse("account_login")))
        for _ in range(3):
            stranger.post(CODE_PAGES[form], {"code": "WRNG-2347"})

    assert one.seen == other.seen


def test_sign_up_checks_the_password_for_both() -> None:
    known("confirmed")
    strangers = Stranger(KNOWN), Stranger(NOBODY)

    for stranger in strangers:
        stranger.post("account_signup", {"email": stranger.email, "password1": "password"})

    assert strangers[0].seen == strangers[1].seen
    assert strangers[0].seen[0][0] == 422
    assert strangers[0].hashes == strangers[1].hashes == 0


def test_wrong_password_is_hashed_once() -> None:
    known("confirmed")
    stranger = Stranger(KNOWN)

    stranger.ask("account_login")

    assert stranger.hashes == 1


def taken(client: Client, name: str, data: dict[str, str] | None = None) -> float:
    start = time.monotonic()
    client.post(reverse(name), data) if data is not None else client.get(reverse(name))
    return time.monotonic() - start


def test_answers_about_an_address_are_held_back(settings) -> None:
    settings.LEVEL_ANSWERS = True

    for form, step in (
        ("account_login", HASHING_SECONDS),
        ("account_signup", HASHING_SECONDS),
        ("account_reset_password", PLAIN_SECONDS),
        ("account_request_login_code", PLAIN_SECONDS),
    ):
        client = Client()
        data = {key: value or NOBODY for key, value in FORMS[form].items()}
        assert taken(client, form, data) >= step
        if form in CODE_PAGES:
            assert taken(client, CODE_PAGES[form]) >= PLAIN_SECONDS
            assert taken(client, CODE_PAGES[form], {"code": "WRNG-2345"}) >= PLAIN_SECONDS


def test_other_answers_are_not_held_back(settings) -> None:
    settings.LEVEL_ANSWERS = True
    known("confirmed")
    client = Client()
    taken(client, "account_login")

    # One of these may be slow on a busy machine; not all of them.
    assert min(taken(client, "account_login") for _ in range(5)) < PLAIN_SECONDS
    assert taken(client, "account_login", {"login": KNOWN, "password": PASSWORD}) < HASHING_SECONDS
    assert client.session["_auth_user_id"]
    assert min(taken(client, "account_change_password") for _ in range(5)) < PLAIN_SECONDS


def attempt(number: int, *, forwarded: str = "", remote: str = "198.51.100.7", email: str = "") -> str:
    """The text of the answer to a wrong password; each browser is a new one."""
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    response = Client(headers=headers, REMOTE_ADDR=remote).post(
        reverse("account_login"),
        {"login": email or f"person{number}@clinic.example", "password": "not the password 42"},
    )
    assert response.status_code in {422, 429}
    return response.content.decode()


TOO_MANY = "Too many failed login attempts"


@pytest.fixture
def limits(settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {}
    cache.clear()


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize(
    ("proxies", "forwarded"),
    [(0, "203.0.113.{}"), (1, "203.0.113.{}, 192.0.2.44"), (1, "192.0.2.{}, 10.0.0.1, 192.0.2.44")],
)
def test_limits_hold_against_an_invented_forwarded_address(proxies: int, forwarded: str, settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    for number in range(10):
        assert TOO_MANY not in attempt(number, forwarded=forwarded.format(number))

    assert TOO_MANY in attempt(11, forwarded=forwarded.format(11))


@pytest.mark.usefixtures("limits")
@pytest.mark.parametrize("proxies", [0, 1])
def test_limits_are_those_of_one_address(proxies: int, settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    for number in range(11):
        attempt(number, forwarded="192.0.2.44" if proxies else "")

    # Somebody else behind the same proxy, or with no proxy from elsewhere, is not locked out.
    if proxies:
        assert TOO_MANY not in attempt(12, forwarded="192.0.2.45")
    else:
        assert TOO_MANY not in attempt(12, remote="198.51.100.8")


@pytest.mark.usefixtures("limits")
def test_one_account_is_tried_five_times_from_wherever(settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    known("confirmed")
    for number in range(5):
        assert TOO_MANY not in attempt(number, forwarded=f"192.0.2.{number}", email=KNOWN)

    assert TOO_MANY in attempt(6, forwarded="192.0.2.6", email=KNOWN)


@pytest.mark.usefixtures("limits")
def test_limit_says_the_same_for_an_address_without_an_account() -> None:
    known("confirmed")
    answers = []
    for email in (KNOWN, NOBODY):
        cache.clear()
        for number in range(5):
            attempt(number, email=email)
        answers.append(re.sub(r'value="\w{64}"', "", attempt(6, email=email)).replace(email, "…"))

    assert answers[0] == answers[1]
    assert TOO_MANY in answers[0]


@pytest.mark.usefixtures("limits")
def test_sign_up_and_reset_are_limited_by_network_address() -> None:
    for form in ("account_signup", "account_reset_password"):
        statuses = []
        for number in range(21):
            data = {key: value or f"p{number}@clinic.example" for key, value in FORMS[form].items()}
            client = Client(headers={"x-forwarded-for": f"203.0.113.{number}"}, REMOTE_ADDR="198.51.100.7")
            statuses.append(client.post(reverse(form), data).status_code)
        assert statuses == [302] * 20 + [429]
