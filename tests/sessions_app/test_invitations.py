"""Inviting: from a roster or pasted addresses, each person once, whoever has an account matched."""

from __future__ import annotations

import io
from datetime import timedelta
from functools import partial
from typing import Any

import openpyxl
import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import BadInputError, MoveRefusedError
from core.models import StoredFile
from participants.models import User
from sessions_app.models import Cycle, Enrolment, Invitation, Roster
from sessions_app.rosters import FILE_PROBLEMS, RosterProblem, parse_pasted
from sessions_app.services import (
    apply_roster,
    invite,
    invite_pasted,
    map_roster,
    read_roster,
    revoke_invitations,
    upload_roster,
)
from sessions_app.services.invitations import Standing
from sessions_app.services.invitations.words import FILE_WORDS, ROW_WORDS
from tests.clock import toronto
from tests.database import refused_by, write
from tests.factories import make_cycle, make_enrolment, make_user
from tests.history import audit_row, events
from tests.races import at_once

NOW = toronto(2025, 9, 12, 10)
Status = Enrolment.Status


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle(sessions=4, name="Fall 2025")


@pytest.fixture
def upload(cycle, coordinator):
    def do(content: bytes | str, filename: str = "roster.csv", **values: Any) -> Roster:
        content = content.encode() if isinstance(content, str) else content
        values = {"cycle_id": cycle.pk, "by": coordinator, "now": NOW} | values
        return upload_roster(filename=filename, content=content, **values)

    return do


@pytest.fixture
def apply(coordinator):
    return partial(apply_roster, by=coordinator, now=NOW)


@pytest.fixture
def paste(cycle, coordinator):
    return partial(invite_pasted, cycle_id=cycle.pk, by=coordinator, now=NOW)


def emails() -> list[str]:
    return sorted(Invitation.objects.values_list("email", flat=True))


def preview(roster: Roster) -> list[tuple[int, str, str]]:
    people = read_roster(roster, now=NOW).people
    return [
        (candidate.row.number, candidate.row.email, candidate.standing) for candidate in people.candidates
    ]


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


ROSTER = """\
Clinic,Courriel,Full name,Shoe size,Category,Profession,CPSO number,Language
Lakeside,ann@clinic.example,Ann Lee,38,Family physician,,123456,English
Clinique du Lac,NOE@clinique.example,Noé Lefèbvre-Côté,43,,Nurse practitioner,,Français
"""


# --- rosters --------------------------------------------------------------------------------------------------------


def test_roster_is_kept_mapped_and_invites_nobody_yet(cycle, coordinator, upload):
    roster = upload(ROSTER)

    assert roster.mapping == {
        "email": 1,
        "name": 2,
        "category": 4,
        "profession": 5,
        "licence_number": 6,
        "practice_name": 0,
        "language": 7,
    }
    assert bytes(roster.file.content) == ROSTER.encode()
    assert (roster.uploaded_by, roster.uploaded_at, roster.applied_at) == (coordinator, NOW, None)
    assert audit_row(roster, "insert") == ("roster.upload", coordinator.pk, "")
    assert read_roster(roster, now=NOW).unused == ("Shoe size",)
    assert preview(roster) == [(2, "ann@clinic.example", "new"), (3, "noe@clinique.example", "new")]
    assert emails() == []


def test_the_same_file_again_is_the_same_roster(upload, cycle):
    first = upload(ROSTER)

    assert upload(ROSTER, "copy.csv") == first
    assert upload(ROSTER + "Hill,bo@clinic.example,Bo,,,,,\n") != first
    assert upload(ROSTER, cycle_id=make_cycle(cycle.program, sessions=4).pk) != first


def test_apply_invites_everybody_with_what_the_roster_tells(cycle, coordinator, upload, apply):
    roster = upload(ROSTER)

    assert apply(roster_id=roster.pk, days_valid=14, is_preapproved=True) == 2

    ann, noe = Invitation.objects.order_by("email")
    assert (ann.name, ann.category, ann.licence_number, ann.practice_name, ann.language) == (
        "Ann Lee",
        "family_physician",
        "123456",
        "Lakeside",
        "en",
    )
    assert (noe.email, noe.name, noe.category, noe.profession, noe.language) == (
        "noe@clinique.example",
        "Noé Lefèbvre-Côté",
        "other",
        "nurse_practitioner",
        "fr",
    )
    assert (ann.cycle, ann.roster, ann.account, ann.invited_by) == (cycle, roster, None, coordinator)
    assert (ann.invited_at, ann.expires_at, ann.mailed_at) == (NOW, NOW + timedelta(days=14), None)
    assert ann.is_preapproved
    roster.refresh_from_db()
    assert (roster.applied_at, roster.applied_by) == (NOW, coordinator)
    assert audit_row(ann, "insert") == ("roster.apply", coordinator.pk, "")


def test_apply_twice_invites_each_once(upload, apply):
    roster = upload(ROSTER)

    assert [apply(roster_id=roster.pk), apply(roster_id=roster.pk)] == [2, 0]
    assert len(emails()) == 2
    assert len(events(roster, "update")) == 1


@pytest.mark.django_db(transaction=True)
def test_lists_applied_at_once_invite_each_once(cycle, coordinator, upload, apply):
    rosters = [upload(ROSTER), upload(ROSTER.replace("Ann Lee", "Anne Lee"))]
    paste = partial(invite_pasted, cycle_id=cycle.pk, text="ann@clinic.example", by=coordinator, now=NOW)

    results = at_once([*[partial(apply, roster_id=roster.pk) for roster in rosters * 4], *[paste] * 4])

    assert sum(results) == 2
    assert emails() == ["ann@clinic.example", "noe@clinique.example"]


def test_apply_is_all_or_nothing(cycle, upload, apply):
    roster = upload(ROSTER)
    write(cycle, status=Cycle.Status.PLANNED)

    with pytest.raises(BadInputError, match="Publish the cycle first"):
        apply(roster_id=roster.pk)

    roster.refresh_from_db()
    assert (emails(), roster.applied_at) == ([], None)


def test_rows_with_problems_are_told_by_number_and_left_out(upload, apply):
    roster = upload(
        'Email,Name,Category\nann@clinic.example,Ann,\n,Nobody,\nann@clinic.example,Ann again,\n"b@c",B,\n'
        "carl@clinic.example,=HYPERLINK(1),\n"
        'dee@clinic.example,"Dee\nBcc: all@clinic.example",\neve@clinic.example,Eve,Wizard\n'
    )

    people = read_roster(roster, now=NOW).people
    assert {(found.row.number, *found.problems) for found in people.refused} == {
        (3, "There is no email address."),
        (4, "The same address stands in row 2."),
        (5, "“b@c” is not an email address."),
        (6, "Full name: “=HYPERLINK(1)” looks like a formula. Write the value itself."),
        (7, "Full name: “Dee Bcc: all@clinic.example” holds a line break. Write it on one line."),
    }
    assert [found.problems for found in people.incomplete] == [
        ["“Wizard” does not say which professional category. It stays open; the person chooses it."]
    ]
    assert apply(roster_id=roster.pk) == 2
    assert emails() == ["ann@clinic.example", "eve@clinic.example"]


@pytest.mark.parametrize(
    "name", ["محمد بن عبد الله", "Nguyễn Thị Ánh", "Ḥéctor O’Neil-Ωmega III", "李小龍", "x" * 200]
)
def test_names_are_kept_as_typed(upload, apply, name):
    roster = upload(workbook(("Email", "Name"), ("a@clinic.example", name)), "roster.xlsx")

    apply(roster_id=roster.pk)

    assert Invitation.objects.get().name == name


def test_column_is_mapped_by_hand(coordinator, upload, apply):
    roster = upload("Contact,Who,Email 2\nann@clinic.example,Ann Lee,\n")
    remap = partial(map_roster, roster_id=roster.pk, by=coordinator)

    changed = remap(mapping={"name": 1, "email": 0})
    remap(mapping={"email": 0, "name": 1})

    assert changed.mapping == {"email": 0, "name": 1}
    assert audit_row(changed, "update") == ("roster.map", coordinator.pk, "")
    assert len(events(changed, "update")) == 1
    apply(roster_id=roster.pk)
    assert Invitation.objects.get().name == "Ann Lee"
    with pytest.raises(MoveRefusedError, match="invited already"):
        remap(mapping={"email": 0})


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({}, "Choose the column that holds the email"),
        ({"name": 1}, "Choose the column that holds the email"),
        ({"email": 0, "name": 0}, "The column “Email” is chosen twice"),
        ({"email": 0, "name": 2}, "no such column"),
        ({"email": -1}, "no such column"),
    ],
)
def test_mapping_that_cannot_be_read_is_refused(coordinator, upload, mapping, words):
    roster = upload("Email,Name\nann@clinic.example,Ann\n")

    with pytest.raises(BadInputError, match=words):
        map_roster(roster_id=roster.pk, mapping=mapping, by=coordinator)

    roster.refresh_from_db()
    assert roster.mapping == {"email": 0, "name": 1}


def test_roster_without_an_address_column_is_kept_for_mapping(upload, apply):
    roster = upload("Who,Where\nann at clinic,Here\n")

    seen = read_roster(roster, now=NOW)

    assert (seen.headers, seen.problem) == (
        ("Who", "Where"),
        "Choose the column that holds the email addresses.",
    )
    with pytest.raises(BadInputError, match="Choose the column"):
        apply(roster_id=roster.pk)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "nothing in this file"),
        (b"Email,Name\n", "nobody"),
        (b"%PDF-1.7 something", "neither a CSV file nor an Excel"),
        (b"\xd0\xcf\x11\xe0" + b"\x00" * 600, r"old version of Excel"),
        (b"PK\x03\x04 not a workbook", "neither a CSV file nor an Excel"),
        (b"Email,Name\na@b.example,\x81\x8d\n", "cannot be read"),
        (b"Email\n" + b"a@b.example\n" * 10_001, "more than 10,000 people"),
        (b"Email\n" + b"x" * (5 * 1024 * 1024), "more than 5 MB"),
        (b",".join([b"Email"] * 51) + b"\na@b.example\n", "more than 50 columns"),
        (b'Email,Name\na@b.example,"Ann\n', "In row 2, a quotation mark stands alone"),
        (b"a@b.example,Ann\n", "Row 1 holds an address"),
    ],
)
def test_file_that_cannot_be_used_is_refused_with_words(upload, content, words):
    with pytest.raises(BadInputError, match=words):
        upload(content)

    assert (Roster.objects.count(), StoredFile.objects.count()) == (0, 0)


def test_every_problem_has_words():
    assert set(FILE_WORDS) == set(FILE_PROBLEMS)
    assert set(ROW_WORDS) == set(RosterProblem) - FILE_PROBLEMS


def test_workbook_under_a_csv_name_is_read(upload):
    roster = upload(workbook(("Email", "Name"), ("ann@clinic.example", "Ann")), "roster.csv")

    assert roster.file.content_type.endswith("spreadsheetml.sheet")
    assert preview(roster) == [(2, "ann@clinic.example", "new")]


def test_file_name_is_kept_on_one_line(upload):
    assert upload(ROSTER, "ros\r\nX-Evil: 1\u202e.csv" + "x" * 300).filename.startswith("ros X-Evil: 1 .csvx")
    assert upload(ROSTER + "\n", "").filename == "roster.csv"


# --- who can be invited ---------------------------------------------------------------------------------------------


def test_accounts_are_matched_and_who_is_in_the_cycle_is_not_invited(cycle, paste, coordinator):
    by_login = make_user("ann@clinic.example", language="fr")
    by_address = make_user("bo@private.example")
    EmailAddress.objects.create(user=by_address, email="bo@clinic.example", verified=True)
    unproven = make_user("cy@private.example")
    EmailAddress.objects.create(user=unproven, email="cy@clinic.example", verified=False)
    for number, status in enumerate([Status.APPLIED, Status.APPROVED, Status.WAITLISTED, Status.DECLINED]):
        values = {"waitlisted_at": NOW} if status == Status.WAITLISTED else {}
        make_enrolment(cycle, make_user(f"in{number}@clinic.example"), status=status, **values)
    make_enrolment(cycle, make_user("back@clinic.example"), status=Status.WITHDRAWN)
    off = make_user("off@clinic.example")
    write(off, is_active=False)

    invited = paste(
        text="Ann@Clinic.example bo@clinic.example cy@clinic.example in0@clinic.example in1@clinic.example\n"
        "in2@clinic.example in3@clinic.example back@clinic.example off@clinic.example bo@private.example"
    )

    assert invited == 4
    assert {
        invitation.email: (invitation.account, invitation.language)
        for invitation in Invitation.objects.select_related("account")
    } == {
        "ann@clinic.example": (by_login, "fr"),
        "bo@clinic.example": (by_address, "en"),
        "cy@clinic.example": (None, "en"),
        "back@clinic.example": (User.objects.get(email="back@clinic.example"), "en"),
    }


def test_preview_says_where_each_stands(cycle, upload, paste, coordinator):
    bo = make_user("bo@clinic.example")
    EmailAddress.objects.create(user=bo, email="bo@private.example", verified=True)
    make_enrolment(cycle, make_user("in@clinic.example"))
    make_enrolment(cycle, make_user("no@clinic.example"), status=Status.DECLINED)
    write(make_user("off@clinic.example"), is_active=False)
    paste(text="was@clinic.example, late@clinic.example")
    Invitation.objects.filter(email="late@clinic.example").update(
        invited_at=NOW - timedelta(days=40), expires_at=NOW - timedelta(days=10)
    )
    lines = ["new", "bo", "in", "no", "off", "was", "late"]
    roster = upload(
        "Email\n" + "".join(f"{who}@clinic.example\n" for who in lines) + "bo@private.example\n@\n"
    )

    assert [standing for _number, _email, standing in preview(roster)] == [
        Standing.NEW,
        Standing.NEW,
        Standing.IN_CYCLE,
        Standing.DECLINED,
        Standing.SWITCHED_OFF,
        Standing.INVITED,
        Standing.RENEWED,
        Standing.TWICE,
        Standing.UNUSABLE,
    ]
    people = read_roster(roster, now=NOW).people
    assert (len(people.invitable), people.with_account) == (3, 1)
    assert (len(people.refused), len(people.here_already)) == (4, 2)


def test_expired_invitation_is_renewed_with_its_link(paste, coordinator):
    paste(text="Ann Lee <ann@clinic.example>", language="fr")
    old = Invitation.objects.get()
    write(old, expires_at=NOW + timedelta(days=1), mailed_at=NOW, reminders=2, reminded_at=NOW, opened_at=NOW)

    assert paste(text="ann@clinic.example") == 0
    later = NOW + timedelta(days=2)
    assert paste(text="ann@clinic.example", now=later) == 1

    new = Invitation.objects.get()
    assert (new.pk, new.name, new.invited_at) == (old.pk, "Ann Lee", later)
    assert new.expires_at == later + timedelta(days=30)
    assert (new.mailed_at, new.reminders, new.reminded_at, new.opened_at) == (None, 0, None, None)


def test_whoever_was_taken_back_can_be_invited_anew(paste, coordinator):
    paste(text="ann@clinic.example")
    revoke_invitations(invitation_ids=[Invitation.objects.get().pk], by=coordinator, now=NOW)

    assert paste(text="ann@clinic.example") == 1
    assert Invitation.objects.count() == 2


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"days_valid": 0}, "1 to 180 days"),
        ({"days_valid": 181}, "1 to 180 days"),
        ({"language": "de"}, "no such language"),
        ({"now": toronto(2025, 10, 3)}, "This cycle is over"),
        ({"text": "x" * (5 * 1024 * 1024 + 1)}, "more than 5 MB"),
    ],
)
def test_invite_refuses_terms_that_lead_nowhere(paste, values, words):
    with pytest.raises(BadInputError, match=words):
        paste(**({"text": "ann@clinic.example"} | values))

    assert emails() == []


def test_pasted_rubbish_invites_nobody_and_stops_nobody(paste):
    assert paste(text="Hello,\nann@clinic.example; nonsense\n<b>@x\n\r\nBo Li <bo@clinic.example>") == 2
    assert emails() == ["ann@clinic.example", "bo@clinic.example"]


def test_number_of_queries_does_not_grow_with_the_list(cycle, coordinator):
    def queries(start: int, count: int) -> tuple[int, int]:
        text = "\n".join(f"p{number}@clinic.example" for number in range(start, start + count))
        for number in range(start, start + count, 3):
            make_user(f"p{number}@clinic.example")
        with CaptureQueriesContext(connection) as captured:
            done = invite(cycle_id=cycle.pk, rows=parse_pasted(text), by=coordinator, now=NOW)
        return done, len(captured)

    assert queries(0, 3)[1] == queries(1000, 300)[1]
    assert Invitation.objects.filter(account__isnull=False).count() == 101


# --- what the database refuses --------------------------------------------------------------------------------------


@pytest.fixture
def invitation(paste) -> Invitation:
    paste(text="Ann Lee <ann@clinic.example>")
    return Invitation.objects.get()


def test_database_keeps_one_standing_invitation_an_address(invitation):
    twin = Invitation.objects.get()
    twin.pk = None

    with refused_by("sessions_app_invitation_once"):
        twin.save(force_insert=True)
    twin.pk, twin.revoked_at = None, NOW
    twin.save(force_insert=True)


def test_database_refuses_an_invitation_that_ends_before_it_begins(invitation):
    with refused_by("sessions_app_invitation_expires_later"):
        write(invitation, expires_at=invitation.invited_at)


@pytest.mark.parametrize("name", ["Ann\nBcc: all@x.example", "Ann\r", "\n"])
def test_database_refuses_a_name_of_two_lines(invitation, name):
    with refused_by("sessions_app_invitation_name_one_line"):
        write(invitation, name=name)


def test_database_keeps_a_file_once_a_cycle(upload):
    roster = upload(ROSTER)
    roster.pk = None

    with refused_by("sessions_app_roster_file_once"):
        roster.save(force_insert=True)


@pytest.mark.parametrize("half", ["applied_at", "applied_by"])
def test_database_wants_to_know_who_applied_a_roster(upload, coordinator, half):
    roster = upload(ROSTER)

    with refused_by("sessions_app_roster_applied_has_actor"):
        write(roster, **{half: NOW if half == "applied_at" else coordinator})
