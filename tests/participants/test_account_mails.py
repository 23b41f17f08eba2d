"""The mails that allauth sends: driven by its real pages, in our words, in the reader's language."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from outbox.models import OutgoingMail
from participants.adapter import AccountAdapter
from tests.factories import make_user
from tests.test_french_pages import ENGLISH

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough phrase 42"
CODE = re.compile(r"^[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}$", re.MULTILINE)


@dataclass
class Somebody:
    """A browser in one language, and the mail it causes."""

    client: Client

    def post(self, name: str, **data: str) -> None:
        response = self.client.post(reverse(name), data)
        assert response.status_code == 302, response.content.decode()

    def mail(self) -> OutgoingMail:
        """The newest mail."""
        return OutgoingMail.objects.latest("pk")

    def code(self) -> str:
        """The code in the newest mail, which no list of mails may show."""
        mail = self.mail()
        assert mail.is_secret
        return CODE.search(mail.body_text)[0]  # type: ignore[index]  # a mail without a code fails here


@pytest.fixture(params=["en", "fr"])
def somebody(request: pytest.FixtureRequest) -> Somebody:
    return Somebody(Client(headers={"accept-language": request.param, "user-agent": "Firefox O'Brien"}))


def check(mail: OutgoingMail, *, to: str, subject: dict[str, str], holds: str) -> None:
    assert mail.recipient == to
    assert mail.subject == subject[mail.language]
    assert holds in mail.body_text
    assert mail.body_text.endswith(f"\n\n-- \nECHO Portal\n{settings.PORTAL_URL}")
    assert mail.body_text.startswith({"en": "Hello,\n\n", "fr": "Bonjour,\n\n"}[mail.language])
    assert not re.search(r"\n{3}|[{}]|&#|%\(", mail.body_text), mail.body_text
    if mail.language == "fr":
        assert ENGLISH.findall(mail.body_text) == []
    assert words_of(mail.body_html) == mail.body_text.replace("\n-- \n", "\n").split()
    assert f'lang="{mail.language}"' in mail.body_html
    assert f"<title>{mail.subject}</title>" in mail.body_html


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.is_body = False

    def handle_starttag(self, tag, attrs) -> None:
        self.is_body = self.is_body or tag == "body"
        self.text += "\n" if tag == "br" else ""

    def handle_data(self, data) -> None:
        self.text += data if self.is_body else ""


def words_of(html: str) -> list[str]:
    """What a reader of the HTML reads."""
    parser = _Words()
    parser.feed(html)
    return parser.text.split()


def sign_up(somebody: Somebody, email: str) -> None:
    somebody.post("account_signup", email=email, password1=PASSWORD)
    somebody.post("account_email_verification_sent", code=somebody.code())


def test_sign_up_sends_a_code(somebody: Somebody) -> None:
    somebody.post("account_signup", email="o'brien@clinic.example", password1=PASSWORD)

    check(
        somebody.mail(),
        to="o'brien@clinic.example",
        subject={"en": "Confirm your email address", "fr": "Confirmez votre adresse courriel"},
        holds=somebody.code(),
    )


def test_sign_up_with_a_known_address_says_so_by_mail_only(somebody: Somebody) -> None:
    make_user("o'brien@clinic.example")

    somebody.post("account_signup", email="o'brien@clinic.example", password1=PASSWORD)

    check(
        somebody.mail(),
        to="o'brien@clinic.example",
        subject={"en": "You have an account already", "fr": "Vous avez déjà un compte"},
        holds=f"{settings.PORTAL_URL}/accounts/login/",
    )
    assert "o'brien@clinic.example" in somebody.mail().body_text
    assert not somebody.mail().is_secret


def test_log_in_by_code_sends_it(somebody: Somebody) -> None:
    make_user("o'brien@clinic.example")

    somebody.post("account_request_login_code", email="o'brien@clinic.example")

    check(
        somebody.mail(),
        to="o'brien@clinic.example",
        subject={"en": "Your log-in code", "fr": "Votre code de connexion"},
        holds=somebody.code(),
    )


def test_unknown_address_is_told_by_mail_only(somebody: Somebody) -> None:
    somebody.post("account_request_login_code", email="o'brien@clinic.example")

    check(
        somebody.mail(),
        to="o'brien@clinic.example",
        subject={"en": "No account has this address", "fr": "Aucun compte n’a cette adresse"},
        holds="o'brien@clinic.example",
    )
    assert "/accounts/signup/" in somebody.mail().body_text


def test_password_reset_sends_a_code_and_then_a_notice(somebody: Somebody) -> None:
    make_user("o'brien@clinic.example", password=PASSWORD)

    somebody.post("account_reset_password", email="o'brien@clinic.example")
    check(
        somebody.mail(),
        to="o'brien@clinic.example",
        subject={
            "en": "Your code to choose a new password",
            "fr": "Votre code pour choisir un nouveau mot de passe",
        },
        holds=somebody.code(),
    )
    somebody.post("account_confirm_password_reset_code", code=somebody.code())
    somebody.post("account_complete_password_reset", password1=f"{PASSWORD}!", password2=f"{PASSWORD}!")

    check_notice(
        somebody.mail(),
        to="o'brien@clinic.example",
        subject={"en": "Your password was reset", "fr": "Votre mot de passe a été réinitialisé"},
    )


def test_password_change_is_told(somebody: Somebody) -> None:
    sign_up(somebody, "o'brien@clinic.example")

    somebody.post(
        "account_change_password",
        oldpassword=PASSWORD,
        password1=f"{PASSWORD}!",
        password2=f"{PASSWORD}!",
    )

    check_notice(
        somebody.mail(),
        to="o'brien@clinic.example",
        subject={"en": "Your password was changed", "fr": "Votre mot de passe a été changé"},
    )


def test_first_password_is_told(somebody: Somebody) -> None:
    user = make_user("o'brien@clinic.example")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    somebody.post("account_request_login_code", email=user.email)
    somebody.post("account_confirm_login_code", code=somebody.code())

    somebody.post("account_set_password", password1=PASSWORD, password2=PASSWORD)

    check_notice(
        somebody.mail(),
        to="o'brien@clinic.example",
        subject={"en": "Your account has a password now", "fr": "Votre compte a maintenant un mot de passe"},
    )


def test_another_address_is_confirmed_made_primary_and_the_old_one_removed(somebody: Somebody) -> None:
    sign_up(somebody, "o'brien@clinic.example")
    somebody.post("account_reauthenticate", password=PASSWORD)

    somebody.post("account_email", email="siobhan@clinic.example", action_add="")
    check(
        somebody.mail(),
        to="siobhan@clinic.example",
        subject={"en": "Confirm your email address", "fr": "Confirmez votre adresse courriel"},
        holds=somebody.code(),
    )
    assert "siobhan@clinic.example" in somebody.mail().body_text
    somebody.post("account_email_verification_sent", code=somebody.code())

    somebody.post("account_email", email="siobhan@clinic.example", action_primary="")
    check_notice(
        somebody.mail(),
        to="o'brien@clinic.example",
        subject={"en": "Your email address was changed", "fr": "Votre adresse courriel a été changée"},
    )
    assert "o'brien@clinic.example" in somebody.mail().body_text
    assert "siobhan@clinic.example" in somebody.mail().body_text

    somebody.post("account_email", email="o'brien@clinic.example", action_remove="")
    check_notice(
        somebody.mail(),
        to="siobhan@clinic.example",
        subject={"en": "An email address was removed", "fr": "Une adresse courriel a été retirée"},
    )
    assert "o'brien@clinic.example" in somebody.mail().body_text


def check_notice(mail: OutgoingMail, *, to: str, subject: dict[str, str]) -> None:
    """A notice says from where, with what and when (Toronto), and what to do if it was somebody else."""
    check(mail, to=to, subject=subject, holds=f"\n{settings.PORTAL_URL}/accounts/password/reset/\n")
    assert "127.0.0.1" in mail.body_text
    assert "Firefox O'Brien" in mail.body_text
    zone = {"en": r", \d\d:\d\d\sET\n", "fr": r", \d{1,2}\sh(\s\d\d)?\sHE\n"}[mail.language]
    assert re.search(zone, mail.body_text), mail.body_text
    assert "portal@echo.example" in mail.body_text
    assert not mail.is_secret


TEMPLATES = Path(settings.BASE_DIR) / "templates"
EVERY_MAIL = sorted(
    str(path.relative_to(TEMPLATES)).removesuffix("_message.txt")
    for path in TEMPLATES.glob("*/email/*_message.txt")
    if not path.name.startswith("base_")
)


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("template", EVERY_MAIL)
def test_every_account_mail_says_the_same_as_text_and_as_html(template: str, language: str) -> None:
    context = {
        "code": "WXYZ-2345",
        "signup_url": "https://portal.example.ca/accounts/signup/?a=1&b=2",
        "password_reset_url": "https://portal.example.ca/accounts/password/reset/",
        "from_email": "o'brien@clinic.example",
        "to_email": "siobhan@clinic.example",
        "deleted_email": "noe@clinique.example",
        "timestamp": timezone.now(),
        "ip": "192.0.2.1",
        # Whoever changes an account chooses this.
        "user_agent": "<b>Firefox</b> https://evil.example/ & www.evil.example",
        "provider": SimpleNamespace(name="Hospital <East>"),
    }
    with translation.override(language):
        AccountAdapter().send_mail(template, "o'brien@clinic.example", context)

    mail = OutgoingMail.objects.get()
    assert words_of(mail.body_html) == mail.body_text.replace("\n-- \n", "\n").split()
    assert not re.search(r"[{}]|&#|&amp;|&lt;", mail.body_text), mail.body_text
    links = re.findall(r'href="([^"]+)"', mail.body_html)
    assert all(link.startswith((settings.PORTAL_URL, "https://portal.example.ca/")) for link in links), links
    assert "<b>" not in mail.body_html
    assert ("<strong>WXYZ-2345</strong>" in mail.body_html) == ("WXYZ-2345" in mail.body_text)
    assert mail.is_secret == ("WXYZ-2345" in mail.body_text)


def test_every_mail_is_found() -> None:
    assert {"account/email/login_code", "mfa/email/totp_activated"} < set(EVERY_MAIL)
