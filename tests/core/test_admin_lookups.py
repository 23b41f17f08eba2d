"""What a list may be narrowed by, what a number may be typed for, and how large a request may be."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from core.uploads import MOST_BYTES
from outbox.models import OutgoingMail
from participants.models import User
from sessions_app.models import ScopedProgram, StaffScope
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client, coordinator: User) -> Client:
    client.force_login(coordinator)
    return client


@pytest.mark.parametrize(
    "query",
    [
        "participants/user/?email=a@b.example&password__startswith=argon2",
        "participants/user/?password__startswith=argon2",
        "outbox/outgoingmail/?body_text__contains=1",
        "cases/recommendationletter/?opening__icontains=opioid",
        "cases/casefollowup/?text__icontains=a",
        "cases/casereview/?comments__icontains=a",
        "sessions_app/enrolment/?participant__password__startswith=argon2",
    ],
)
@pytest.mark.parametrize("page", ["", "export/csv/"])
def test_list_is_not_narrowed_by_what_it_does_not_show(desk: Client, query: str, page: str) -> None:
    path, _mark, asked = query.partition("?")
    answer = desk.get(f"/admin/{path}{page}?{asked}", follow=True)
    assert answer.status_code == 400 or answer.redirect_chain[-1][0].endswith("?e=1")


@pytest.mark.parametrize(
    "query",
    [
        "participants/user/?is_active__exact=1",
        "participants/user/?profile__category__exact=other",
        "outbox/outgoingmail/?status__in=failed,bounced",
        "sessions_app/enrolment/?cycle__id__exact=1&status__exact=applied",
        "sessions_app/echosession/?starts_at__year=2026&starts_at__month=3",
        "sessions_app/invitation/?fate=waiting&cycle__id__exact=1",
    ],
)
def test_list_is_narrowed_by_what_it_shows_or_filters_by(desk: Client, query: str) -> None:
    assert desk.get(f"/admin/{query}").status_code == 200


# --- accounts of the staff ---


def account(user: User, **changes: object) -> dict[str, object]:
    return {"email": user.email, "is_active": "on"} | changes


def test_coordinator_changes_no_account_of_the_staff(desk: Client) -> None:
    boss = make.make_user("boss@echo.example", is_staff=True)
    boss.is_superuser = True
    boss.save()

    desk.post(f"/admin/participants/user/{boss.pk}/change/", {"email": "mine@evil.example"})

    boss.refresh_from_db()
    assert (boss.email, boss.is_active) == ("boss@echo.example", True)
    assert not OutgoingMail.objects.exists()


def test_both_addresses_are_told_of_a_new_one(desk: Client) -> None:
    ann = make.make_user("ann@clinic.example", language="fr")

    url = f"/admin/participants/user/{ann.pk}/change/"
    assert desk.post(url, account(ann, email="ann@new.example")).status_code == 302

    ann.refresh_from_db()
    assert ann.email == "ann@new.example"
    mails = {mail.recipient: mail for mail in OutgoingMail.objects.all()}
    assert mails.keys() == {"ann@clinic.example", "ann@new.example"}
    assert all("ann@clinic.example" in mail.body_text for mail in mails.values())
    assert {mail.language for mail in mails.values()} == {"fr"}

    # The same address, and one as long as they come.
    desk.post(url, account(ann, email="Ann@New.Example"))
    assert OutgoingMail.objects.count() == 2
    long = f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 50}.example"
    assert desk.post(url, account(ann, email=long)).status_code == 302
    assert OutgoingMail.objects.filter(recipient=long).exists()


# --- numbers of records ---


def test_number_of_another_programs_record_says_nothing(client: Client) -> None:
    mine, theirs = make.make_season(), make.make_season(name="Their season")
    user = make.make_user(is_staff=True)
    user.groups.add(Group.objects.get(name="Coordinators"))
    ScopedProgram.objects.create(scope=StaffScope.objects.create(account=user), program=mine.program)
    client.force_login(user)
    own = make.make_enrolment(mine, make.make_user("own@clinic.example"))
    other = make.make_enrolment(theirs, make.make_user("other@clinic.example"))

    pages = {
        one.pk: client.get("/admin/sessions_app/attendance/add/", {"enrolment": one.pk}).content.decode()
        for one in (own, other)
    }
    assert "own@clinic.example" in pages[own.pk]
    assert "other@clinic.example" not in pages[other.pk]
    assert client.get("/admin/sessions_app/attendance/add/", {"enrolment": "x"}).status_code == 200


# --- requests ---


def test_request_larger_than_any_form_is_refused_before_it_is_read() -> None:
    answer = Client().post(
        "/verify/",
        {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7", content_type="application/pdf")},
        CONTENT_LENGTH=str(MOST_BYTES + 1),
    )
    assert answer.status_code == 400
    assert settings.FILE_UPLOAD_HANDLERS == ["core.uploads.BoundedUploads"]


def test_request_of_a_bearable_size_is_read() -> None:
    answer = Client().post("/verify/", {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")})
    assert answer.status_code != 400
    assert "a.pdf" not in answer.content.decode()


def test_file_with_an_endless_ending_is_read() -> None:
    name = f"a.{'x' * 240}"
    assert Client().post("/verify/file/", {"file": SimpleUploadedFile(name, b"%PDF-1.7")}).status_code < 500
    assert Client().post("/verify/", {"file": SimpleUploadedFile(name, b"%PDF-1.7")}).status_code < 500
