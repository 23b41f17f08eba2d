"""The coordinator's way to invite people, and to see what became of them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from participants.models import User
from sessions_app.invitation_queries import Fate
from sessions_app.models import Cycle, Enrolment, Invitation, Roster
from sessions_app.rosters import check_rows, guess_mapping, read_table
from tests.factories import make_cycle, make_enrolment, make_invitation, make_roster, make_user

LIST = "admin:sessions_app_invitation_changelist"
TERMS = {"way": "invite", "days_valid": "30", "language": "en"}


@pytest.fixture
def desk(client: Client, coordinator: User) -> Client:
    client.force_login(coordinator)
    return client


@pytest.fixture
def cycle(db: None) -> Cycle:
    today = timezone.localdate()
    return make_cycle(
        name="This season", starts_on=today - timedelta(days=9), ends_on=today + timedelta(days=60)
    )


def invite_url(cycle: Cycle) -> str:
    return reverse("admin:sessions_app_cycle_invite", args=[cycle.pk])


def check_url(roster: Roster) -> str:
    return reverse("admin:sessions_app_roster_check", args=[roster.pk])


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def hand_in(desk: Client, cycle: Cycle, content: bytes, name: str = "roster.csv") -> Any:
    return desk.post(invite_url(cycle), {"way": "file", "file": SimpleUploadedFile(name, content)})


# --- the way in -----------------------------------------------------------------------------------------------------


def test_cycles_lead_to_inviting(desk, cycle):
    for url in (
        reverse("admin:sessions_app_cycle_changelist"),
        reverse("admin:sessions_app_cycle_change", args=[cycle.pk]),
        reverse(LIST),
    ):
        assert f'href="{invite_url(cycle)}"' in desk.get(url).content.decode(), url


def test_roster_is_handed_in_mapped_checked_and_invited(desk, cycle):
    make_enrolment(cycle, make_user("in@clinic.example"))
    content = (
        "Contact,Who,Shoe size\nann@clinic.example,Ann Lee,38\nin@clinic.example,In,40\nnobody,Nobody,41\n"
    )

    handed_in = hand_in(desk, cycle, content.encode())

    roster = Roster.objects.get()
    assert handed_in["Location"] == check_url(roster)
    first = text_of(desk.get(check_url(roster)))
    assert "Choose the column that holds the email addresses." in first
    assert "Invite 1 person" not in first

    refused = desk.post(check_url(roster), {"way": "columns", "email": "", "name": "1"})
    assert refused.status_code == 422
    assert "<title>Error: " in refused.content.decode()
    twice = desk.post(check_url(roster), {"way": "columns", "email": "0", "name": "0"})
    assert twice.status_code == 422
    assert "The column “Contact” is chosen twice." in text_of(twice)
    mapped = desk.post(check_url(roster), {"way": "columns", "email": "0", "name": "1"})
    assert mapped["Location"] == check_url(roster)

    seen = text_of(desk.get(check_url(roster)))
    assert "1 person will be invited" in seen
    assert "1 person is in the cycle, or invited to it, already." in seen
    assert "1 row cannot be invited." in seen
    assert "4 nobody Nobody “nobody” is not an email address." in seen
    assert "Columns that are not used: Shoe size" in seen
    assert not Invitation.objects.exists()

    done = desk.post(check_url(roster), {**TERMS, "is_preapproved": "on", "language": "fr"}, follow=True)
    assert "1 person is invited. The email goes out within minutes." in text_of(done)
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.name, invitation.language) == ("ann@clinic.example", "Ann Lee", "fr")
    assert invitation.is_preapproved
    again = text_of(desk.get(check_url(roster)))
    assert "The people of this roster were invited on" in again
    assert "Read the columns this way" not in again


def test_addresses_are_pasted_checked_and_invited(desk, cycle):
    text = "Ann Lee <ann@clinic.example>\nnonsense@\nbo@clinic.example"

    checked = desk.post(invite_url(cycle), {"way": "check", "addresses": text})

    assert checked.status_code == 200
    assert "2 people will be invited" in text_of(checked)
    assert "2 nonsense@ – “nonsense@” is not an email address." in text_of(checked)
    assert not Invitation.objects.exists()
    refused = desk.post(invite_url(cycle), {**TERMS, "addresses": text, "days_valid": "999"})
    assert refused.status_code == 422
    assert 'value="999"' in refused.content.decode()
    done = desk.post(invite_url(cycle), {**TERMS, "addresses": text}, follow=True)
    assert "2 people are invited." in text_of(done)
    assert [redirect for redirect, _status in done.redirect_chain] == [
        f"{reverse(LIST)}?cycle__id__exact={cycle.pk}"
    ]
    again = desk.post(invite_url(cycle), {**TERMS, "addresses": text}, follow=True)
    assert "Nobody was invited" in text_of(again)


@pytest.mark.parametrize("text", ["", "   ", ",;\n"])
def test_nothing_pasted_asks_for_an_address(desk, cycle, text):
    refused = desk.post(invite_url(cycle), {"way": "check", "addresses": text})

    assert refused.status_code == 422
    assert "Paste at least one address." in text_of(refused)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "There is nothing in this file."),
        (b"PK\x03\x04", "neither a CSV file nor an Excel workbook"),
        (b"x" * (5 * 1024 * 1024 + 1), "more than 5 MB"),
        (b"Email\n" + b"a@b.example\n" * 10_001, "more than 10,000 people"),
    ],
)
def test_file_that_cannot_be_used_is_refused_where_it_was_chosen(desk, cycle, content, words):
    refused = hand_in(desk, cycle, content)

    assert refused.status_code == 422
    assert words in text_of(refused)
    assert not Roster.objects.exists()


def test_cycle_that_nobody_can_join_offers_no_form(desk, cycle):
    planned = make_cycle(name="Next", status=Cycle.Status.PLANNED)

    assert "it is not published, or it is over" in text_of(desk.get(invite_url(planned)))
    assert hand_in(desk, planned, b"Email\na@b.example\n").status_code == 422
    assert f'href="{invite_url(planned)}"' not in desk.get(reverse(LIST)).content.decode()


def test_what_a_roster_says_is_shown_as_text(desk, cycle):
    name = "<img src=x onerror=alert(1)>"
    hand_in(desk, cycle, f'Email,Name,<script>\nann@clinic.example,"{name}",\n'.encode(), "<b>.csv")

    page = desk.get(check_url(Roster.objects.get())).content.decode()

    assert "<img src=x" not in page
    assert "<script>" not in page
    assert "<b>.csv" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_sample_is_a_roster_that_is_read_whole(desk, language):
    response = desk.get(
        reverse("admin:sessions_app_invitation_sample"), headers={"accept-language": language}
    )

    assert response["Content-Disposition"] == 'attachment; filename="roster.csv"'
    table = read_table(response.content)
    mapping = guess_mapping(table.headers)
    assert sorted(mapping.values()) == list(range(8)) == list(range(len(table.headers)))
    for row in check_rows(table, mapping):
        assert (row.problems, row.is_usable) == ((), True)
        assert row.name
        assert row.category
        assert row.language


def test_ten_thousand_rows_are_shown_in_part(desk, cycle):
    rows = "".join(f"p{number}@clinic.example,P\n" for number in range(3000)) + "x,\n" * 3000
    hand_in(desk, cycle, b"Email,Name\n" + rows.encode())

    page = desk.get(check_url(Roster.objects.get()))

    assert "3000 people will be invited" in text_of(page).replace(",", "")
    assert "The first 100 of 3000 are shown." in text_of(page).replace(",", "")
    assert len(page.content) < 120_000


# --- who may --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sessions_app_cycle_invite", "sessions_app_roster_check"])
def test_staff_without_the_permission_cannot_invite(client, cycle, name):
    staff = make_user("new@echo.example", is_staff=True)
    client.force_login(staff)
    roster = make_roster(cycle)
    url = reverse(f"admin:{name}", args=[cycle.pk if name.endswith("invite") else roster.pk])

    assert client.get(url).status_code == 403
    assert client.post(url, {**TERMS, "addresses": "a@b.example"}).status_code == 403
    assert client.get(reverse("admin:sessions_app_invitation_sample")).status_code == 403
    assert not Invitation.objects.exists()


# --- what became of them --------------------------------------------------------------------------------------------


def make_all(cycle: Cycle) -> dict[str, Invitation]:
    """One invitation of each fate."""
    now = timezone.now()
    make = {
        fate: make_invitation(cycle, f"{fate}@clinic.example", invited_at=now - timedelta(days=2))
        for fate in Fate.values
    }
    change: dict[str, dict[str, Any]] = {
        Fate.WAITING: {"mailed_at": None},
        Fate.OPENED: {"opened_at": now},
        Fate.EXPIRED: {"expires_at": now - timedelta(days=1)},
        Fate.REVOKED: {"revoked_at": now},
    }
    for fate, values in change.items():
        Invitation.objects.filter(pk=make[fate].pk).update(**values)
    make_user("signed_up@clinic.example")
    for status in Enrolment.Status.values:
        values = {"waitlisted_at": now} if status == "waitlisted" else {}
        make_enrolment(cycle, make_user(f"{status}@clinic.example"), status=status, **values)
    return make


def test_list_says_and_filters_what_became_of_each(desk, cycle):
    made = make_all(cycle)

    page = desk.get(reverse(LIST))
    assert {row.email: row.fate for row in page.context["cl"].result_list} == {
        f"{fate}@clinic.example": fate for fate in Fate.values
    }
    for fate in Fate.values:
        found = desk.get(reverse(LIST), {"fate": fate}).context["cl"].result_list
        assert [row.pk for row in found] == [made[fate].pk], fate
        assert str(Fate(fate).label) in text_of(page)
    assert desk.get(reverse(LIST), {"fate": "nonsense"}).status_code == 200


def test_list_asks_the_database_as_often_for_many_as_for_few(desk, cycle):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(reverse(LIST)).status_code == 200
        return len(captured)

    desk.get(reverse(LIST))
    empty = queries()
    make_all(cycle)
    few = queries()
    sender = make_user(is_staff=True)
    for number in range(40):
        make_invitation(cycle, f"p{number}@clinic.example", by=sender)
    assert (queries(), few - empty <= 1) == (few, True)


@pytest.mark.parametrize(
    ("action", "changed", "words"),
    [
        ("remind", {"mailed", "opened", "signed_up"}, "3 people are reminded by email."),
        (
            "extend",
            {"waiting", "mailed", "opened", "signed_up", "expired"},
            "5 links work for 30 days from now.",
        ),
        # Who left could come in again with the link.
        (
            "revoke",
            {"waiting", "mailed", "opened", "signed_up", "expired", "withdrawn"},
            "6 invitations are withdrawn.",
        ),
    ],
)
def test_actions_change_whom_they_concern(desk, cycle, action, changed, words):
    made = make_all(cycle)
    before = {invitation.pk: invitation for invitation in Invitation.objects.all()}
    data = {"confirmed": "yes", "action": action, "_selected_action": list(before)}

    response = desk.post(reverse(LIST), data, follow=True)

    assert words in text_of(response)
    columns = {"remind": "reminders", "extend": "expires_at", "revoke": "revoked_at"}
    after = {
        fate: getattr(Invitation.objects.get(pk=invitation.pk), columns[action])
        for fate, invitation in made.items()
    }
    assert {
        fate for fate, value in after.items() if value != getattr(before[made[fate].pk], columns[action])
    } == changed
    again = desk.post(reverse(LIST), data, follow=True)
    assert {"remind": "Nobody was reminded", "revoke": "Nothing to withdraw"}.get(action, "") in text_of(
        again
    )


def test_actions_need_the_permission(desk, cycle, coordinator):
    invitation = make_invitation(cycle, "ann@clinic.example")
    coordinator.groups.get().permissions.remove(
        *coordinator.groups.get().permissions.filter(codename="change_invitation")
    )

    desk.post(reverse(LIST), {"confirmed": "yes", "action": "revoke", "_selected_action": [invitation.pk]})

    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_invitations_and_rosters_are_read_only(desk, cycle):
    invitation, roster = make_invitation(cycle, "ann@clinic.example"), make_roster(cycle)

    for name, row in (("invitation", invitation), ("roster", roster)):
        url = reverse(f"admin:sessions_app_{name}_change", args=[row.pk])
        assert desk.get(url).status_code == 200
        assert desk.post(url, {"email": "eve@x.example"}).status_code == 403
        assert desk.get(reverse(f"admin:sessions_app_{name}_add")).status_code == 403
        assert desk.get(reverse(f"admin:sessions_app_{name}_delete", args=[row.pk])).status_code == 403
    assert "Look at it" in text_of(desk.get(reverse("admin:sessions_app_roster_changelist")))
