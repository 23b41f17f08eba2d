"""A coordinator's first day: led to set up a second factor, with an app and with a passkey, then asked for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import Group
from playwright.sync_api import Page, expect

from participants.models import User
from tests.e2e.bars import WCAG
from tests.e2e.conftest import PHONE, Visitor
from tests.factories import make_user, totp_code

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PASSWORD = "a walk along the Rideau 1832"


@pytest.fixture
def newcomer(roles: None) -> User:
    """A coordinator with a password and nothing more."""
    user = make_user("cora@echo.example", name="Cora Coordinator", password=PASSWORD)
    user.is_staff = True
    user.save(update_fields=["is_staff"])
    user.groups.add(Group.objects.get(name="Coordinators"))
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def log_in(visitor: Visitor) -> Page:
    page = visitor.go("/accounts/login/")
    page.get_by_label("Email", exact=True).fill("cora@echo.example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Log in", exact=True).click()
    return page


def confirm_password(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def look(visitor: Visitor) -> None:
    """What the sweep of every page asks, of a page that only a journey reaches."""
    page = visitor.page
    assert visitor.complaints == []
    assert page.locator("h1").count() == 1
    assert not page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"
    )
    report = Axe().run(page, options=WCAG)
    found = [
        f"{violation['id']} {node['html'][:160]}"
        for violation in report.response["violations"]
        for node in violation["nodes"][:2]
    ]
    assert found == [], page.url
    # axe brings styles of its own, which the policy rightly refuses.
    visitor.complaints.clear()


def plug_in_a_phone(visitor: Visitor) -> Any:
    """Chromium's own authenticator: one that asks for a finger, and is given it at once."""
    device = visitor.context.new_cdp_session(visitor.page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return device


@pytest.mark.parametrize("javascript", [True, False])
def test_coordinator_sets_up_an_app_and_is_asked_for_its_code(
    visit: Callable[..., Visitor], newcomer: User, javascript: bool
) -> None:
    desk = visit(javascript=javascript)
    page = log_in(desk)
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
    expect(page.get_by_text("Your account has access to the administration")).to_be_visible()
    desk.go("/admin/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")

    page.get_by_role("link", name="Set up an app").click()
    confirm_password(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up an app")
    expect(page.get_by_role("img", name=re.compile("QR code"))).to_be_visible()
    if javascript:
        look(desk)
    seed = page.locator(".key code").inner_text().replace(" ", "")
    assert f"secret={seed}" in (
        page.get_by_role("link", name="Open the app from here").get_attribute("href") or ""
    )
    page.get_by_label("Code from the app").fill("000")
    page.get_by_role("button", name="Finish").click()
    expect(page).to_have_title(re.compile("^Error: "))
    page.get_by_label("Code from the app").fill(totp_code(seed))
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    assert page.locator(".codes code").count() == 10
    if javascript:
        look(desk)
    page.get_by_role("link", name="Go to the administration").click()
    expect(page).to_have_url(desk.base + "/admin/")

    # At another computer.
    home = visit(size=PHONE, javascript=javascript)
    page = log_in(home)
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    if javascript:
        look(home)
    home.go("/admin/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm that it is you")
    page.get_by_label("Code").fill(totp_code(seed))
    page.get_by_role("main").get_by_role("button", name="Log in").click()
    home.go("/admin/")
    expect(page).to_have_url(home.base + "/admin/")

    # The only second factor stays; both computers are listed, and one of them is logged out.
    home.go("/accounts/sessions/")
    expect(page.get_by_text("You are logged in on 2 devices.")).to_be_visible()
    if javascript:
        look(home)
    page.get_by_role("button", name="Log out everywhere else").click()
    expect(page.get_by_text("You are logged out everywhere but here.")).to_be_visible()
    desk.go("/admin/")
    expect(desk.page).to_have_url(re.compile("/accounts/login/"))


def test_coordinator_logs_in_with_a_passkey_alone(visit: Callable[..., Visitor], newcomer: User) -> None:
    phone = visit(size=PHONE)
    plug_in_a_phone(phone)
    page = log_in(phone)
    page.get_by_role("link", name="Add a passkey").click()
    confirm_password(page)
    expect(page.get_by_role("checkbox", name="Log in with it alone, without a password")).to_be_checked()
    page.get_by_label("Name").fill("My phone")
    look(phone)
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    page.get_by_role("link", name="Go to the administration").click()
    expect(page).to_have_url(phone.base + "/admin/")

    phone.go("/accounts/2fa/webauthn/")
    expect(page.get_by_role("rowheader", name="My phone")).to_be_visible()
    look(phone)
    page.get_by_role("link", name="Rename My phone").click()
    page.get_by_label("Name").fill("Old phone")
    look(phone)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Remove Old phone").click()
    look(phone)
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page).to_have_title(re.compile("^Error: "))
    expect(page.locator(".error-summary")).to_contain_text("needs a second factor")
    look(phone)

    phone.go("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    phone.go("/admin/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url(lambda url: "/login" not in url)
    phone.go("/admin/")
    expect(page).to_have_url(phone.base + "/admin/")

    # After the password, the same passkey answers the question.
    phone.go("/accounts/logout/")
    page.get_by_role("main").get_by_role("button", name="Log out").click()
    page = log_in(phone)
    look(phone)
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    phone.go("/admin/")
    expect(page).to_have_url(phone.base + "/admin/")


def test_log_in_page_says_so_when_the_device_gives_no_passkey(
    visit: Callable[..., Visitor], newcomer: User
) -> None:
    phone = visit(size=PHONE)
    plug_in_a_phone(phone)
    page = phone.go("/accounts/login/")

    page.get_by_role("button", name="Log in with a passkey").click()

    expect(page.get_by_text("That did not work: the device gave no passkey.")).to_be_visible()
    look(phone)


def test_log_in_page_offers_no_passkey_without_javascript(
    visit: Callable[..., Visitor], newcomer: User
) -> None:
    page = visit(javascript=False).go("/accounts/login/")

    expect(page.get_by_role("button", name="Log in with a passkey")).to_be_hidden()
    expect(page.get_by_role("main").get_by_role("button", name="Log in", exact=True)).to_be_visible()
