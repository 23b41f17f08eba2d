"""The second factor: how its secrets are kept, that every way in asks for it, and that it works once."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from core.errors import NotAllowedError
from outbox.models import OutgoingMail
from participants.models import SecondFactor, User
from participants.second_factor import (
    SecondFactorAdapter,
    SecretUnreadableError,
    needs_second_factor,
    use_totp_code,
)
from participants.services.second_factors import remove_second_factors
from participants.templatetags.accounts import device_name, in_fours
from tests.factories import give_second_factor, make_user, totp_code
from tests.history import event_model
from tests.participants.passkeys import Passkey
from tests.participants.test_account_mails import CODE

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough phrase 42"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"
CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)


class Browser(Client):
    """A browser of its own, with its own session."""

    def __init__(self, user_agent: str = FIREFOX) -> None:
        super().__init__(headers={"user-agent": user_agent})

    def send(self, page: str, /, *args: Any, **data: Any) -> Any:
        return self.post(reverse(page, args=args), data)

    def log_in(self, user: User) -> Any:
        return self.send("account_login", login=user.email, password=PASSWORD)

    def open_the_locks(self, seed: str = "", *, steps: int = 0) -> None:
        """Say who one is, as is asked before the account's protection is changed."""
        if seed:
            answer = self.send("mfa_reauthenticate", code=totp_code(seed, steps=steps))
        else:
            answer = self.send("account_reauthenticate", password=PASSWORD)
        assert answer.status_code == 302, answer.content.decode()

    def is_in(self) -> bool:
        return self.get("/profile/").status_code == 200

    def data(self, name: str) -> dict[str, Any]:
        """The options that a page hands to the device."""
        page = self.get(reverse(name)).content.decode()
        found = re.search(r'<script id="passkey-data" type="application/json">(.*?)</script>', page)
        assert found, page
        data: dict[str, Any] = json.loads(found[1])
        return data

    def add(self, passkey: Passkey, **data: Any) -> Any:
        options = self.data("mfa_add_webauthn")["creation_options"]
        return self.send("mfa_add_webauthn", name="Phone", credential=passkey.create(options), **data)

    def log_in_with(self, passkey: Passkey) -> Any:
        options = self.get(reverse("mfa_login_webauthn"), headers={"accept": "application/json"}).json()
        return self.send("mfa_login_webauthn", credential=passkey.get(options["request_options"]))


@pytest.fixture
def browser() -> Browser:
    return Browser()


def person(email: str = "ann@clinic.example", **fields: Any) -> User:
    user = make_user(email, password=PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def staff(**fields: Any) -> User:
    """Has access to the administration and has no second factor yet."""
    user = person(**fields)
    User.objects.filter(pk=user.pk).update(is_staff=True)
    return User.objects.get(pk=user.pk)


def newest_mail(user: User) -> OutgoingMail:
    return OutgoingMail.objects.filter(recipient=user.email).latest("pk")


# --- secrets at rest ------------------------------------------------------------------------------------------------


def test_seeds_are_not_in_the_database(browser: Browser) -> None:
    browser.log_in(person())
    browser.open_the_locks()
    seed = browser.get(reverse("mfa_activate_totp")).context["form"].secret
    answer = browser.send("mfa_activate_totp", code=totp_code(seed))

    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, data::text FROM mfa_authenticator ORDER BY type")
        stored = cursor.fetchall()
    assert [kind for kind, _data in stored] == ["recovery_codes", "totp"]
    codes = browser.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert len(codes) == 10
    for _kind, data in stored:
        assert seed not in data
        assert not any(code in data for code in codes)
    secrets = [json.loads(data).get("seed") or json.loads(data)["secret"] for _kind, data in stored]
    assert all(secret.startswith("gAAAA") for secret in secrets)


def test_secret_is_read_after_the_key_was_changed(settings: Any) -> None:
    adapter = SecondFactorAdapter()
    kept = adapter.encrypt("JBSWY3DPEHPK3PXP")

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the next key"
    assert adapter.decrypt(kept) == "JBSWY3DPEHPK3PXP"

    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(SecretUnreadableError, match="key was changed"):
        adapter.decrypt(kept)


def test_secrets_are_never_stored_alike() -> None:
    adapter = SecondFactorAdapter()
    assert adapter.encrypt("JBSWY3DPEHPK3PXP") != adapter.encrypt("JBSWY3DPEHPK3PXP")


def test_log_in_with_an_unreadable_secret_says_what_to_do(browser: Browser, settings: Any) -> None:
    user = person()
    seed = give_second_factor(user)
    Authenticator.objects.update(data={"secret": "gAAAAAB-of-another-key"})
    browser.log_in(user)

    answer = browser.send("mfa_authenticate", code=totp_code(seed))

    assert answer.status_code == 409
    assert "Write to the address" in answer.content.decode()


# --- every way in asks ----------------------------------------------------------------------------------------------


def expect_the_question(browser: Browser, answer: Any, seed: str) -> None:
    """Halfway in is not in; the code of the app opens the door."""
    assert answer["Location"] == reverse("mfa_authenticate")
    assert not browser.is_in()
    wrong = browser.send("mfa_authenticate", code="000000" if totp_code(seed) != "000000" else "000001")
    assert wrong.status_code == 422
    assert "not right" in wrong.content.decode()
    assert not browser.is_in()
    assert browser.send("mfa_authenticate", code=totp_code(seed)).status_code == 302
    assert browser.is_in()


def test_log_in_by_password_asks_for_the_code(browser: Browser) -> None:
    user = person()
    seed = give_second_factor(user)

    expect_the_question(browser, browser.log_in(user), seed)


def test_log_in_by_mailed_code_asks_for_the_code(browser: Browser) -> None:
    user = person()
    seed = give_second_factor(user)
    browser.send("account_request_login_code", email=user.email)
    mailed = CODE.search(newest_mail(user).body_text)
    assert mailed

    expect_the_question(browser, browser.send("account_confirm_login_code", code=mailed[0]), seed)


def test_log_in_after_a_password_reset_asks_for_the_code(browser: Browser) -> None:
    user = person()
    seed = give_second_factor(user)
    browser.send("account_reset_password", email=user.email)
    mailed = CODE.search(newest_mail(user).body_text)
    assert mailed
    browser.send("account_confirm_password_reset_code", code=mailed[0])
    browser.send("account_complete_password_reset", password1=f"{PASSWORD}!", password2=f"{PASSWORD}!")
    assert not browser.is_in()

    answer = browser.send("account_login", login=user.email, password=f"{PASSWORD}!")

    expect_the_question(browser, answer, seed)


def test_log_in_by_password_asks_for_the_passkey_of_who_has_no_app(browser: Browser) -> None:
    user, passkey = person(), Passkey()
    browser.log_in(user)
    browser.open_the_locks()
    browser.add(passkey)
    other = Browser()

    assert other.log_in(user)["Location"] == reverse("mfa_authenticate")
    assert not other.is_in()
    options = other.data("mfa_authenticate")["request_options"]
    assert Browser().send("mfa_authenticate", credential=passkey.get(options))["Location"] == reverse(
        "account_login"
    )
    assert other.send("mfa_authenticate", credential=Passkey().get(options)).status_code == 422
    options = other.data("mfa_authenticate")["request_options"]
    other.send("mfa_authenticate", credential=passkey.get(options))
    assert other.is_in()


def test_passkey_alone_counts_as_both(browser: Browser) -> None:
    user, passkey = staff(), Passkey()
    browser.log_in(user)
    browser.open_the_locks()
    assert browser.add(passkey, passwordless="on")["Location"] == reverse("mfa_view_recovery_codes")
    assert browser.get(reverse("mfa_list_webauthn")).status_code == 200
    # Even with an app beside it.
    give_second_factor(user)
    other = Browser()

    answer = other.log_in_with(passkey)

    assert answer.status_code == 302
    assert answer["Location"] != reverse("mfa_authenticate")
    assert other.get("/admin/").status_code == 200


@pytest.mark.parametrize("passkey", [Passkey(is_verified=False), Passkey(b"another")])
def test_passkey_without_a_finger_or_of_somebody_else_opens_nothing(
    browser: Browser, passkey: Passkey
) -> None:
    user, own = person(), Passkey()
    browser.log_in(user)
    browser.open_the_locks()
    browser.add(own)
    other = Browser()
    passkey.owner = own.owner
    if passkey.identity == own.identity:
        passkey.key = own.key

    answer = other.log_in_with(passkey)

    assert answer["Location"] == reverse("account_login")
    assert not other.is_in()


def test_passkey_of_a_switched_off_account_opens_nothing(browser: Browser) -> None:
    user, passkey = person(), Passkey()
    browser.log_in(user)
    browser.open_the_locks()
    browser.add(passkey)
    User.objects.filter(pk=user.pk).update(is_active=False)
    other = Browser()

    other.log_in_with(passkey)

    assert not other.is_in()


def test_passkey_of_somebody_else_can_be_neither_renamed_nor_removed(browser: Browser) -> None:
    browser.log_in(person())
    browser.open_the_locks()
    browser.add(Passkey())
    row = Authenticator.objects.get(type="webauthn")
    other = Browser()
    other.log_in(person("bo@clinic.example"))
    other.open_the_locks()

    assert other.send("mfa_edit_webauthn", row.pk, name="Mine").status_code == 404
    assert other.send("mfa_remove_webauthn", row.pk).status_code == 404
    assert browser.send("mfa_edit_webauthn", row.pk, name="").status_code == 422
    assert browser.send("mfa_edit_webauthn", row.pk, name="x" * 61).status_code == 422
    browser.send("mfa_edit_webauthn", row.pk, name="My phone")
    row.refresh_from_db()
    assert str(row) == "My phone"


def test_single_factor_is_enough_for_a_participant(browser: Browser) -> None:
    user = person()
    assert not needs_second_factor(user)

    browser.log_in(user)

    assert browser.is_in()


# --- each code once -------------------------------------------------------------------------------------------------


def test_code_that_was_used_opens_nothing(browser: Browser) -> None:
    user = person()
    code = totp_code(give_second_factor(user))
    browser.log_in(user)
    browser.send("mfa_authenticate", code=code)
    assert browser.is_in()
    # Another web process, whose cache knows nothing of it.
    cache.clear()
    thief = Browser()
    thief.log_in(user)

    answer = thief.send("mfa_authenticate", code=code)

    assert answer.status_code == 422
    assert not thief.is_in()


def test_code_older_than_one_that_was_used_opens_nothing() -> None:
    user = person()
    seed = give_second_factor(user)
    row = Authenticator.objects.get(user=user)

    assert use_totp_code(row, totp_code(seed))
    assert not use_totp_code(row, totp_code(seed))
    assert not use_totp_code(row, totp_code(seed, steps=-1))
    assert use_totp_code(row, totp_code(seed, steps=1))
    assert not use_totp_code(row, "")


def test_code_of_half_a_minute_ago_works_and_older_ones_do_not(browser: Browser) -> None:
    user = person()
    seed = give_second_factor(user)
    browser.log_in(user)

    assert browser.send("mfa_authenticate", code=totp_code(seed, steps=-3)).status_code == 422
    assert browser.send("mfa_authenticate", code=totp_code(seed, steps=-1)).status_code == 302


def test_code_also_works_once_to_open_the_locks(browser: Browser) -> None:
    user = person()
    seed = give_second_factor(user)
    browser.log_in(user)
    code = totp_code(seed)
    browser.send("mfa_authenticate", code=code)
    cache.clear()

    assert browser.send("mfa_reauthenticate", code=code).status_code == 422
    browser.open_the_locks(seed, steps=1)


def test_recovery_code_works_once(browser: Browser) -> None:
    user = person()
    browser.log_in(user)
    browser.open_the_locks()
    seed = browser.get(reverse("mfa_activate_totp")).context["form"].secret
    browser.send("mfa_activate_totp", code=totp_code(seed))
    first, *rest = browser.get(reverse("mfa_view_recovery_codes")).context["unused_codes"]
    assert first in browser.get(reverse("mfa_download_recovery_codes")).content.decode()
    other, third = Browser(), Browser()

    other.log_in(user)
    other.send("mfa_authenticate", code=first)
    third.log_in(user)
    third.send("mfa_authenticate", code=first)

    assert other.is_in()
    assert not third.is_in()
    assert browser.get(reverse("mfa_view_recovery_codes")).context["unused_codes"] == rest
    browser.send("mfa_generate_recovery_codes")
    assert not set(rest) & set(browser.get(reverse("mfa_view_recovery_codes")).context["unused_codes"])


def test_guessing_codes_ends_after_some(browser: Browser, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {}
    cache.clear()
    user = person()
    seed = give_second_factor(user)
    browser.log_in(user)
    for guess in range(10):
        browser.send("mfa_authenticate", code=f"{guess:06}")

    answer = browser.send("mfa_authenticate", code=totp_code(seed))

    assert answer.status_code == 422
    assert "Too many" in answer.content.decode()
    assert not browser.is_in()
    cache.clear()


# --- staff ----------------------------------------------------------------------------------------------------------


def test_staff_are_led_to_set_up_and_then_let_through(browser: Browser) -> None:
    user = staff()
    browser.log_in(user)
    for path in ("/", "/my/", "/admin/", "/profile/", "/accounts/password/change/", "/accounts/sessions/"):
        assert browser.get(path)["Location"] == "/accounts/2fa/", path
    page = browser.get("/accounts/2fa/").content.decode()
    assert "Your account has access to the administration" in page

    browser.open_the_locks()
    seed = browser.get(reverse("mfa_activate_totp")).context["form"].secret
    page = browser.get(reverse("mfa_activate_totp")).content.decode()
    seed = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")  # type: ignore[index]
    assert "<svg" in page
    assert "data:image" not in page
    refused = browser.send("mfa_activate_totp", code="12345")
    assert refused.status_code == 422
    # The same key, so that the app need not be told another.
    assert refused.context["form"].secret == seed
    browser.send("mfa_activate_totp", code=totp_code(seed))

    assert browser.get("/admin/").status_code == 200
    assert (
        "Your account has access to the administration" not in browser.get("/accounts/2fa/").content.decode()
    )


def test_superuser_without_the_staff_flag_needs_one_as_well() -> None:
    user = person()
    user.is_superuser = True
    assert needs_second_factor(user)


def test_last_second_factor_of_staff_stays(browser: Browser) -> None:
    user = staff()
    seed = give_second_factor(user)
    browser.log_in(user)
    browser.send("mfa_authenticate", code=totp_code(seed))
    browser.open_the_locks(seed, steps=1)

    page = browser.get(reverse("mfa_deactivate_totp")).content.decode()
    assert "needs a second factor" in page
    assert browser.send("mfa_deactivate_totp").status_code == 422
    assert Authenticator.objects.filter(user=user, type="totp").exists()

    # With a passkey beside it the app may go; then the passkey is the last.
    browser.add(Passkey())
    assert browser.send("mfa_deactivate_totp").status_code == 302
    row = Authenticator.objects.get(user=user, type="webauthn")
    refused = browser.send("mfa_remove_webauthn", row.pk)
    assert refused.status_code == 422
    assert "needs a second factor" in refused.content.decode()
    assert Authenticator.objects.filter(pk=row.pk).exists()


def test_participant_may_do_without_again(browser: Browser) -> None:
    user = person()
    browser.log_in(user)
    browser.open_the_locks()
    browser.add(Passkey())
    row = Authenticator.objects.get(user=user, type="webauthn")

    assert browser.send("mfa_remove_webauthn", row.pk).status_code == 302

    # Recovery codes for nothing are gone as well.
    assert not Authenticator.objects.filter(user=user).exists()


def test_first_second_factor_ends_sessions_that_were_begun_without(browser: Browser) -> None:
    user = staff()
    lurker = Browser(CHROME)
    lurker.log_in(user)
    assert lurker.get("/accounts/2fa/").status_code == 200
    browser.log_in(user)
    browser.open_the_locks()
    browser.add(Passkey())

    assert lurker.get("/accounts/2fa/").status_code == 302
    assert lurker.get("/admin/").status_code != 200
    assert browser.get("/admin/").status_code == 200


# --- sessions -------------------------------------------------------------------------------------------------------


def test_sessions_are_listed_and_the_others_can_be_ended(browser: Browser) -> None:
    user = person()
    stranger = Browser()
    stranger.log_in(person("bo@clinic.example"))
    other = Browser(CHROME)
    other.log_in(user)
    browser.log_in(user)
    page = browser.get(reverse("usersessions_list")).content.decode()
    assert "You are logged in on 2 devices." in page
    assert "Chrome on Linux" in page
    assert page.count("This device") == 1
    stolen = other.cookies[django_settings.SESSION_COOKIE_NAME].value

    browser.send("usersessions_list")

    assert browser.is_in()
    assert not other.is_in()
    thief = Browser()
    thief.cookies[django_settings.SESSION_COOKIE_NAME] = stolen
    assert not thief.is_in()
    assert stranger.is_in()
    assert "You are logged in on 1 device." in browser.get(reverse("usersessions_list")).content.decode()


def test_one_session_is_ended_and_nobody_elses(browser: Browser) -> None:
    user = person()
    stranger, other, third = Browser(), Browser(CHROME), Browser()
    stranger.log_in(person("bo@clinic.example"))
    for one in (other, third, browser):
        one.log_in(user)
        one.get(reverse("usersessions_list"))
    ids = {session.session_key: session.pk for session in UserSession.objects.all()}
    key = django_settings.SESSION_COOKIE_NAME

    refused = browser.post(reverse("participants:session-end", args=[ids[stranger.cookies[key].value]]))
    ended = browser.post(reverse("participants:session-end", args=[ids[other.cookies[key].value]]))
    again = browser.post(reverse("participants:session-end", args=[ids[other.cookies[key].value]]))

    assert (refused.status_code, ended.status_code, again.status_code) == (404, 302, 404)
    assert stranger.is_in()
    assert third.is_in()
    assert browser.is_in()
    assert not other.is_in()


def test_password_of_a_stranger_ends_when_the_owner_confirms_by_a_log_in_code(browser: Browser) -> None:
    stranger = Browser()
    stranger.send("account_signup", email="ann@clinic.example", password1=PASSWORD)
    user = User.objects.get()
    assert not EmailAddress.objects.get().verified

    browser.send("account_request_login_code", email=user.email)
    code = re.search(r"^\s*([A-Z0-9]{3,4}-[A-Z0-9]{3,4})\s*$", newest_mail(user).body_text, re.MULTILINE)
    assert code
    browser.send("account_confirm_login_code", code=code[1])

    assert browser.is_in()
    assert EmailAddress.objects.get().verified
    user.refresh_from_db()
    assert not user.has_usable_password()
    stranger.send("account_login", login=user.email, password=PASSWORD)
    assert not stranger.is_in()


def test_session_of_a_switched_off_account_ends(browser: Browser) -> None:
    user = person()
    browser.log_in(user)
    assert browser.is_in()

    User.objects.filter(pk=user.pk).update(is_active=False)

    assert not browser.is_in()


def test_session_id_changes_at_log_in(browser: Browser) -> None:
    user = person()
    seed = give_second_factor(user)
    browser.get(reverse("account_login"))
    browser.log_in(user)
    halfway = browser.cookies[django_settings.SESSION_COOKIE_NAME].value

    browser.send("mfa_authenticate", code=totp_code(seed))

    assert browser.is_in()
    assert browser.cookies[django_settings.SESSION_COOKIE_NAME].value != halfway
    fixed = Browser()
    fixed.cookies[django_settings.SESSION_COOKIE_NAME] = halfway
    assert not fixed.is_in()


def test_password_change_ends_other_sessions(browser: Browser) -> None:
    user = person()
    other = Browser(CHROME)
    other.log_in(user)
    browser.log_in(user)
    browser.send(
        "account_change_password",
        oldpassword=PASSWORD,
        password1="another 42 words",
        password2="another 42 words",
    )

    assert not other.is_in()


# --- notices, and help ----------------------------------------------------------------------------------------------


def test_every_mail_and_message_of_allauth_is_in_our_words() -> None:
    never_sent = {
        "account/email/email_confirm",  # an address is confirmed by a code, on the page
        "account/email/password_reset_key",  # and so is a new password
    }
    theirs = Path(allauth.__file__).parent / "templates"
    ours = django_settings.BASE_DIR / "templates"
    missing = {
        str(path.relative_to(theirs))
        for app in ("account/email", "mfa/email", "mfa/messages", "usersessions/messages")
        for path in (theirs / app).glob("*.txt")
        if not (ours / path.relative_to(theirs)).exists()
    }
    assert missing == {f"{name}_{part}.txt" for name in never_sent for part in ("message", "subject")}


def test_every_change_of_the_second_factor_is_told_by_mail(browser: Browser) -> None:
    user = person()
    browser.log_in(user)
    browser.open_the_locks()
    told = []

    def note() -> None:
        mail = newest_mail(user)
        assert mail.body_text.startswith("Hello,\n\n")
        assert "If it was not you, choose a new password at once" in mail.body_text
        assert "Firefox" in mail.body_text
        told.append(mail.subject)

    seed = browser.get(reverse("mfa_activate_totp")).context["form"].secret
    with TestCase.captureOnCommitCallbacks(execute=True):
        browser.send("mfa_activate_totp", code=totp_code(seed))
    note()
    assert seed not in newest_mail(user).body_text
    browser.add(Passkey())
    note()
    with TestCase.captureOnCommitCallbacks(execute=True):
        browser.send("mfa_generate_recovery_codes")
    note()
    browser.send("mfa_remove_webauthn", Authenticator.objects.get(type="webauthn").pk)
    note()
    browser.send("mfa_deactivate_totp")
    note()

    assert told == [
        "Your account asks for a code now",
        "A passkey was added to your account",
        "New recovery codes were made for your account",
        "A passkey was removed from your account",
        "Your account asks for no code from the app any more",
    ]


def test_lost_phone_is_helped_by_the_administration(browser: Browser, admin_client: Client) -> None:
    user = person()
    seed = give_second_factor(user)
    browser.log_in(user)
    browser.send("mfa_authenticate", code=totp_code(seed))
    action = {"action": "remove_second_factor", "_selected_action": [user.pk]}

    admin_client.post(reverse("admin:participants_user_changelist"), action)
    admin_client.post(reverse("admin:participants_user_changelist"), action)

    assert not Authenticator.objects.filter(user=user).exists()
    assert not browser.is_in()
    mails = OutgoingMail.objects.filter(recipient=user.email)
    assert [mail.subject for mail in mails] == ["Your second factor was removed"]
    browser.log_in(user)
    assert browser.is_in()


def test_second_factor_of_staff_is_removed_by_an_administrator_alone(coordinator: User) -> None:
    colleague = make_user(is_staff=True)
    root = User.objects.create_superuser("root@echo.example")
    give_second_factor(root)
    now = timezone.now()

    for user, by in ((colleague, coordinator), (root, coordinator), (root, root)):
        with pytest.raises(NotAllowedError):
            remove_second_factors(user=user, by=by, now=now)
    assert remove_second_factors(user=colleague, by=root, now=now)
    assert not remove_second_factors(user=colleague, by=root, now=now)

    event = event_model(SecondFactor).objects.filter(pgh_label="delete").latest("pgh_id")
    assert (event.user_id, event.type) == (colleague.pk, "totp")
    assert (event.pgh_context.metadata["verb"], event.pgh_context.metadata["user"]) == (
        "second_factor.remove",
        root.pk,
    )


# --- words ----------------------------------------------------------------------------------------------------------


def test_key_is_shown_in_fours() -> None:
    assert in_fours("ABCDEFGHIJ") == "ABCD EFGH IJ"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Windows"),
        (CHROME, "Chrome on Linux"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/18.6 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "An unknown browser"),
        ("", "An unknown browser"),
    ],
)
def test_device_is_named_in_plain_words(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name
