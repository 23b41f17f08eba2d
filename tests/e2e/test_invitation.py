"""From a coordinator's roster to an application: mail, link, sign-up without a code, a profile filled in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from playwright.sync_api import expect

from sessions_app.models import Cycle, Enrolment
from tests.e2e.conftest import PHONE, Post, Visitor
from tests.factories import make_cycle, make_hub, make_program, make_user

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

EMAIL = "zoe@clinique.example"
NAME = "Zoé Nguyễn-O’Brien"
PASSWORD = "a walk along the Cataraqui 1832"
ROSTER = f"""\
Nom;Adresse;Courriel;Profession;Ville
{NAME};{EMAIL};zoe@home.example;Infirmière praticienne;Kingston
Bo Li;bo.li@clinic.example;bo@home.example;Wizard;
Nobody;not an address;no@home.example;;
=1+1;eve@clinic.example;eve@home.example;;
Zoé encore;{EMAIL.upper()};z@home.example;;
"""


@pytest.fixture
def cycle(transactional_db: None) -> Cycle:
    """A cycle in its second week whose registration is over: an invitation is the only way in."""
    now = timezone.now()
    today = timezone.localdate(now)
    return make_cycle(
        make_program(hubs=[make_hub()]),
        name="Winter season",
        starts_on=today - timedelta(days=9),
        ends_on=today + timedelta(days=60),
        registration_opens_at=now - timedelta(days=30),
        registration_closes_at=now - timedelta(days=1),
    )


@pytest.mark.parametrize("javascript", [True, False], ids=["JavaScript", "no JavaScript"])
def test_roster_becomes_a_mail_a_link_and_an_application(  # noqa: PLR0917  # fixtures
    visit: Callable[..., Visitor],
    post: Post,
    roles: None,
    agreements: None,
    cycle: Cycle,
    tmp_path: Path,
    javascript: bool,
) -> None:
    coordinator = make_user("cora@echo.example", name="Cora Coordinator", is_staff=True)
    coordinator.groups.add(Group.objects.get(name="Coordinators"))
    roster = tmp_path / "liste.csv"
    roster.write_text(ROSTER, encoding="utf-8")

    # The coordinator hands it in from the cycle's page; the wrong column was taken for the address.
    desk = visit(coordinator, javascript=javascript)
    page = desk.go(f"/admin/sessions_app/cycle/{cycle.pk}/change/")
    page.get_by_role("link", name="Invite people").click()
    page.get_by_label("Roster", exact=True).set_input_files(roster)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check the roster before anybody is invited")
    page.get_by_label("Email address").select_option(label="Adresse")
    page.get_by_role("button", name="Read the columns this way").click()
    expect(page.get_by_text("Columns that are not used: Courriel")).to_be_visible()

    # Errors by row; the others can be invited.
    expect(page.get_by_text("2 people will be invited.")).to_be_visible()
    expect(page.get_by_text("3 rows cannot be invited.")).to_be_visible()
    refused = page.get_by_role("table", name="Rows that cannot be invited")
    for row, words in (
        (4, "“not an address” is not an email address."),
        (5, "“=1+1” looks like a formula."),
        (6, "The same address stands in row 2."),
    ):
        expect(refused.get_by_role("row", name=re.compile(f"^{row} .*{re.escape(words)}"))).to_be_visible()
    open_rows = page.get_by_role("table", name=re.compile("with something left open"))
    expect(open_rows.get_by_role("row", name=re.compile("^3 bo.li@clinic.example"))).to_be_visible()
    page.get_by_label("Approve these people in advance").check()
    page.get_by_role("button", name="Invite 2 people").click()
    expect(page.get_by_text("2 people are invited. The emails go out within minutes.")).to_be_visible()

    # The mail arrives, by itself, with a link.
    mail = post.to(EMAIL, about="You are invited to Winter season")
    found = re.search(r"http\S+/invitations/\S+", text_of(mail))
    assert found, text_of(mail)
    link = urlsplit(found[0]).path

    # The clinician joins with a phone: no code, the profile filled in, straight to the application.
    clinician = visit(size=PHONE, javascript=javascript)
    page = clinician.go(link)
    expect(page.get_by_text("Cora Coordinator invites you to join Winter season")).to_be_visible()
    page.get_by_role("button", name="Join").click()
    expect(page.locator("[name=email]")).to_have_value(EMAIL)
    page.locator("[name=password1]").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign up").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your profile")
    expect(page.get_by_label("Name as licensed")).to_have_value(NAME)
    expect(page.get_by_label("Other health professional")).to_be_checked()
    expect(page.get_by_label("Profession", exact=True)).to_have_value("nurse_practitioner")
    expect(page.get_by_label("City or town")).to_have_value("Kingston")
    page.get_by_role("button", name="Save and go on").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Apply for a place")
    page.get_by_role("checkbox").check()
    for no in page.get_by_role("radio", name=re.compile("^No")).all():
        no.check()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("You have a place. Welcome!")).to_be_visible()
    assert Enrolment.objects.get().participant.email == EMAIL

    # The coordinator sees what became of both.
    page = desk.go("/admin/sessions_app/invitation/")
    expect(page.get_by_role("row", name=re.compile(f"{EMAIL}.*Approved"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("bo.li@clinic.example.*Emailed"))).to_be_visible()

    # The link still leads where it led, and nowhere for anybody else.
    expect(clinician.go(link).get_by_role("button", name="Join")).to_be_visible()
    stranger = visit()
    expect(stranger.go(link[:-3] + "x/").get_by_role("heading", level=1)).to_have_text(
        "This link does not work"
    )


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    text: str = part.get_content()
    return text
