"""Asking to be erased: what goes, what stays and until when, and that nothing of a person is left in any table."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.utils import timezone

from cases.models import (
    CaseReading,
    CaseReview,
    CaseSubmission,
    CaseText,
    CaseVersion,
    HubMember,
    Recommendation,
)
from core.errors import MoveRefusedError, NotAllowedError
from core.models import StoredFile
from core.retention import kept_until
from credits.facts import CertificateFacts
from credits.models import Certificate
from credits.services.rendering import queue_certificate_mail
from outbox.models import OutgoingMail
from participants import tasks
from participants.holdings import kept_of, removed_of
from participants.models import AccountMerge, Erasure, Profile, User
from participants.services import erase_account, finish_erasures, merge_accounts, save_profile
from sessions_app.models import Attendance, Enrolment, Invitation, PlaceOffer, Roster
from surveys.models import Answer, Response
from tests import factories as make
from tests.belongings import (
    EMAIL,
    FORGETTABLE,
    NAMES,
    OLD_EMAIL,
    PROFILE,
    log_in,
    make_owner,
    own_everything,
    send_mail,
    settle,
)
from tests.clock import toronto
from tests.database import refused_by, sql, write
from tests.history import audit_row, event_model, events
from tests.races import THREADS, at_once

pytestmark = pytest.mark.django_db

EVIDENCE = {"core_storedfile"}
"""Files: certificates and reports of attendance are kept as they were; rosters are looked at below."""


def text_columns() -> list[tuple[str, str]]:
    """Every column of every table that can hold words, those of the audit trail and of JSON included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND data_type IN ('text', 'character varying', 'jsonb', 'json', 'inet', 'ARRAY', 'bytea', 'USER-DEFINED')"
        )
        return [(table, column) for table, column in cursor.fetchall()]


def found(words: tuple[str, ...]) -> set[str]:
    """Where any of the words stands: "table.column: word"."""
    places = set()
    with connection.cursor() as cursor:
        for table, column in text_columns():
            name, cell = connection.ops.quote_name(table), connection.ops.quote_name(column)
            for word in words:
                look = f"SELECT 1 FROM {name} WHERE {cell}::text ILIKE %s LIMIT 1"  # noqa: S608  # quoted above
                cursor.execute(look, [f"%{word}%"])
                if cursor.fetchone():
                    places.add(f"{table}.{column}: {word}")
    return places


def erase(user: User, *, now: datetime | None = None) -> Erasure:
    return erase_account(user=user, by=user, now=now or timezone.now())


def note_in_the_log(user: User) -> None:
    """What the administration's own log says after a coordinator changed a name."""
    for row in (user, user.profile):
        LogEntry.objects.create(
            user=make.make_user(is_staff=True),
            content_type=ContentType.objects.get_for_model(row),
            object_id=str(row.pk),
            object_repr=str(row),
            action_flag=CHANGE,
            change_message='[{"changed": {"name": "profile", "object": "Zoraida Quimby-Vantongeren"}}]',
        )


@pytest.fixture
def owner() -> User:
    """A person with one of everything, after some changes, with another account that was merged into theirs."""
    user = make_owner()
    enrolment = own_everything(user)
    other = make.make_user("zq.other@quimby.example", name="Z. Quimby-Vantongeren", preferred_name="Zozoquim")
    make.make_enrolment(enrolment.cycle, other)
    merge_accounts(
        kept_id=user.pk, gone_id=other.pk, by=make.make_user(), reason="zzreason by mail.", now=timezone.now()
    )
    settle(*OutgoingMail.objects.exclude(status="sent"))
    save_profile(user=user, by=user, values={"specialty": "Advanced Quimbology"})
    note_in_the_log(user)
    return user


# --- with records ---------------------------------------------------------------------------------------------------


def test_nothing_but_the_kept_name_is_left_in_any_table(owner: User) -> None:
    assert {place.split(": ")[1] for place in found(FORGETTABLE)} == set(FORGETTABLE)

    erase(owner)

    # The last letters are still to be sent: what they say goes when they are.
    letters = {place for place in found(FORGETTABLE) if not place.startswith("core_storedfile")}
    assert {place.split(".")[0] for place in letters} == {"outbox_outgoingmail"}
    settle(*OutgoingMail.objects.exclude(status="sent"))
    finish_erasures(now=timezone.now())
    assert {place for place in found(FORGETTABLE) if place.split(".")[0] not in EVIDENCE} == set()
    assert {place.split(":")[0] for place in found(NAMES)} == {
        "participants_profile.legal_name",
        "participants_profile.licence_number",
        "participants_profileevent.legal_name",
        "participants_profileevent.licence_number",
        # Part of the evidence of attendance: a name on a report, and whose it is.
        "sessions_app_unmatchedname.key",
        "sessions_app_unmatchedname.name",
        "sessions_app_unmatchednameevent.key",
        "sessions_app_unmatchednameevent.name",
    }


def test_lists_of_people_to_invite_lose_the_line_of_whoever_is_erased(owner: User) -> None:
    cycle = Roster.objects.get().cycle
    make.make_roster(cycle, content=b"Email,Name\njo" + EMAIL.encode() + b",Somebody else\n")

    erase(owner)

    struck, untouched = Roster.objects.order_by("pk")
    assert bytes(struck.file.content) == b"Email,Name\r\nkept@clinic.example,Kept\r\n"
    assert b"jo" + EMAIL.encode() in bytes(untouched.file.content)
    assert not StoredFile.objects.filter(content__contains=b"," + PROFILE["name"].encode()).exists()


def test_records_are_kept_with_the_name_and_the_licence(owner: User) -> None:
    enrolment = Enrolment.objects.get(participant=owner, certificates__isnull=False)

    erasure = erase(owner)

    profile = Profile.objects.get(user=owner)
    assert (profile.legal_name, profile.licence_number) == (PROFILE["name"], PROFILE["licence_number"])
    assert (profile.category, profile.college, profile.preferred_name) == ("family_physician", "cpso", "")
    assert (profile.practising_since, profile.practice_name, profile.postal_prefix) == (None, "", "")
    assert Attendance.objects.filter(enrolment=enrolment, minutes=90).count() == 2
    assert Response.objects.filter(enrolment=enrolment, status="submitted").count() == 3
    assert Answer.objects.filter(response__enrolment=enrolment).exclude(text="").count() == 1
    assert Certificate.objects.get(enrolment=enrolment).facts["participant_name"]
    assert erasure.kept_until == kept_until(enrolment.cycle.ends_on)
    assert erasure.finished_at is None
    assert not Answer.objects.filter(response__status="draft").exists()
    assert [case.status for case in CaseSubmission.objects.filter(presenter=enrolment)] == [
        "recommendations_sent"
    ]


def test_certificate_can_still_be_verified(owner: User) -> None:
    certificate = Certificate.objects.get()
    before = Client().get(f"/verify/{certificate.token}/").content

    erase(owner)

    after = Client().get(f"/verify/{certificate.token}/")
    assert after.status_code == 200
    assert certificate.facts["participant_name"] in after.content.decode()
    assert len(after.content) == len(before)


def test_certificate_made_later_is_mailed_to_nobody(owner: User) -> None:
    certificate = Certificate.objects.select_related("document").get()
    erase(owner)
    assert certificate.document is not None

    queue_certificate_mail(
        Certificate.objects.get(), CertificateFacts.from_json(certificate.facts), certificate.document
    )

    assert not OutgoingMail.objects.filter(kind="certificate").exists()


def test_running_enrolments_are_left_and_their_places_offered_on(owner: User) -> None:
    waiting = Enrolment.objects.get(participant=owner, status="waitlisted")
    next_one = make.make_enrolment(waiting.cycle, status="waitlisted", waitlisted_at=timezone.now())
    write(waiting.cycle, capacity=1)

    erase(owner)

    waiting.refresh_from_db()
    assert waiting.status == "withdrawn"
    assert PlaceOffer.objects.get(enrolment=waiting).outcome == "declined"
    assert PlaceOffer.objects.get(enrolment=next_one).outcome == "open"
    assert not Enrolment.objects.filter(participant=owner, status="approved").exists()


def test_closed_cycle_stays_as_it_was(db: None) -> None:
    user = make_owner()
    cycle = make.make_season(sessions=1, status="closed")
    graduate = make.make_graduate(cycle, user)

    erase(user)

    graduate.refresh_from_db()
    assert graduate.status == "approved"


def test_account_is_an_empty_shell_that_nobody_opens(owner: User) -> None:
    owner.set_password("a long enough password")
    owner.save()
    key = log_in(owner)

    erase(owner)

    owner.refresh_from_db()
    assert owner.email == f"erased-{owner.pk}@erased.invalid"
    assert not owner.is_active
    assert not owner.has_usable_password()
    assert not EmailAddress.objects.filter(user=owner).exists()
    assert not UserSession.objects.filter(user=owner).exists()
    assert not Session.objects.filter(session_key=key).exists()
    assert not Client().login(email=EMAIL, password="a long enough password")
    assert User.objects.create_user(EMAIL).pk != owner.pk  # the address is free again


def test_old_address_hears_of_it_in_a_last_mail_that_says_what_is_kept(owner: User) -> None:
    write(owner.profile, language="fr")

    erase(owner)

    mail = OutgoingMail.objects.get(key=f"account-erased:{owner.pk}")
    assert (mail.recipient, mail.language, mail.status) == (EMAIL, "fr", "queued")
    assert str(timezone.localdate().year + 6) in mail.body_text
    assert "Zozoquim" in mail.body_text


def test_last_mails_are_forgotten_once_they_are_sent(owner: User) -> None:
    erase(owner)
    last = OutgoingMail.objects.get(key=f"account-erased:{owner.pk}")
    finish_erasures(now=timezone.now())
    last.refresh_from_db()
    assert last.recipient == EMAIL

    settle(*OutgoingMail.objects.exclude(status="sent"))
    tasks.finish_erasures()

    last.refresh_from_db()
    assert (last.recipient, last.subject, last.body_text) == ("erased@erased.invalid", "–", "")
    assert last.smtp_reply == last.tries.get().reply == ""


def test_mails_of_somebody_who_has_the_address_now_are_theirs(db: None) -> None:
    user = make_owner()
    send_mail(OLD_EMAIL)
    theirs = send_mail(OLD_EMAIL.replace("before", "later"))
    make.make_user(OLD_EMAIL)

    erase(user)

    assert OutgoingMail.objects.filter(recipient=OLD_EMAIL).exists()
    theirs.refresh_from_db()
    assert theirs.body_text


def test_erasing_is_recorded_under_whose_wish_it_was(owner: User) -> None:
    erasure = erase(owner)

    assert audit_row(erasure, "insert") == ("account.erase", owner.pk, "")
    assert {event.email for event in events(owner)} == {f"erased-{owner.pk}@erased.invalid"}


def test_erasing_twice_changes_nothing(owner: User) -> None:
    first = erase(owner, now=timezone.now() - timedelta(days=1))
    mails = OutgoingMail.objects.count()
    history = event_model(User).objects.count()

    again = erase(User.objects.get(pk=owner.pk))

    assert (again.pk, again.asked_at) == (first.pk, first.asked_at)
    assert OutgoingMail.objects.count() == mails
    assert event_model(User).objects.count() == history


@pytest.mark.django_db(transaction=True)
def test_erasing_at_once_erases_once() -> None:
    user = make_owner()
    make.make_graduate(make.make_season(sessions=1), user)

    results = at_once([partial(erase, user)] * THREADS)

    assert {result.pk for result in results} == {Erasure.objects.get().pk}
    assert OutgoingMail.objects.filter(key__startswith="account-erased").count() == 1


# --- without records ------------------------------------------------------------------------------------------------


def without_records() -> User:
    user = make_owner()
    enrolment = make.make_enrolment(make.make_cycle(ends_on=date(2099, 1, 1)), user, status="applied")
    make.make_response(enrolment, make.make_window(enrolment.cycle, "reflection"))
    note_in_the_log(user)
    return user


def test_without_records_nothing_is_left_at_all() -> None:
    user = without_records()

    erasure = erase(user)
    settle(*OutgoingMail.objects.exclude(status="sent"))
    finish_erasures(now=timezone.now())

    assert found((*FORGETTABLE, *NAMES, "Zoraida")) == set()
    assert not Profile.objects.filter(user=user).exists()
    assert (erasure.kept_until, erasure.finished_at) == (None, erasure.asked_at)
    assert Enrolment.objects.get(participant=user).status == "withdrawn"


def test_case_that_was_presented_stays_without_a_name() -> None:
    user = without_records()
    enrolment = Enrolment.objects.get(participant=user)
    session = make.make_session(enrolment.cycle)
    presented = make.make_case(enrolment, session=session, status="presented")
    kept = kept_of([user])

    erasure = erase(user)

    assert CaseSubmission.objects.get() == presented
    assert CaseVersion.objects.get().content == make.CASE_CONTENT
    assert CaseVersion.objects.get().signed_name == ""
    assert {event.signed_name for event in events(CaseVersion.objects.get())} == {""}
    assert not CaseText.objects.exists()
    assert erasure.kept_until is None
    assert [record.needs_name for record in kept] == [False, False]


def test_cases_that_were_not_presented_go_with_their_history() -> None:
    user = without_records()
    enrolment = Enrolment.objects.get(participant=user)
    make.make_session(enrolment.cycle)
    for status in ("draft", "submitted", "returned", "approved", "scheduled"):
        make.make_case(enrolment, status=status)

    erase(user)

    for model in (CaseSubmission, CaseText, CaseVersion, CaseReview):
        assert not model.objects.exists(), model
        assert not event_model(model).objects.exists(), model


def test_what_one_wrote_for_the_hub_stays_and_the_place_in_its_team_goes() -> None:
    user = without_records()
    case = make.make_case(status="recommendations_sent")
    member = make.make_hub_member(case.presenter.cycle.program, user, title="zzhub")
    Recommendation.objects.create(case=case, heading="referral", author=user, text="Ask a physiotherapist.")
    letter = make.make_letter(case, by=user)
    CaseReading.objects.create(case=case, version=case.version, what="case", reader=user)
    kept = kept_of([user])

    erase(user)

    assert not HubMember.objects.filter(pk=member.pk).exists()
    assert found(("zzhub",)) == set()
    letter.refresh_from_db()
    assert letter.signed_name == "Dr. Paula Specialist"
    assert Recommendation.objects.get().text == "Ask a physiotherapist."
    assert CaseReading.objects.get().reader == user
    assert {record.what for record in kept} >= {
        "1 letter of recommendations that you signed",
        "1 recommendation that you wrote",
        "the record of 1 reading of a case",
    }
    assert not any(record.needs_name for record in kept)


def test_records_of_a_cycle_over_for_six_years_are_kept_no_longer() -> None:
    user = make_owner()
    graduate = make.make_graduate(make.make_season(sessions=1, starts_on=date(2018, 3, 1)), user)

    erasure = erase(user)

    assert erasure.kept_until is None
    assert Attendance.objects.get(enrolment=graduate).reason == "–"
    assert not Answer.objects.filter(response__enrolment=graduate).exclude(text="").exists()
    assert Answer.objects.filter(response__enrolment=graduate, number=3).count() == 2


# --- when the time is over ------------------------------------------------------------------------------------------


def test_what_was_kept_is_blanked_when_its_time_is_over(owner: User) -> None:
    erasure = erase(owner)
    assert erasure.kept_until is not None
    settle(*OutgoingMail.objects.exclude(status="sent"))
    last_day = toronto(erasure.kept_until.year, erasure.kept_until.month, erasure.kept_until.day, 12)

    assert finish_erasures(now=last_day) == 0
    assert finish_erasures(now=last_day + timedelta(days=1)) == 1
    assert finish_erasures(now=last_day + timedelta(days=1)) == 0

    profile = Profile.objects.get(user=owner)
    assert (profile.legal_name, profile.licence_number, profile.college) == ("–", "", "")
    assert profile.category == "family_physician"
    assert found(NAMES) == set()
    assert Attendance.objects.filter(enrolment__participant=owner, minutes=90).count() == 2
    erasure.refresh_from_db()
    assert erasure.finished_at == last_day + timedelta(days=1)
    assert audit_row(erasure, "update") == ("account.finish-erasure", None, "")
    assert Client().get(f"/verify/{Certificate.objects.get().token}/").status_code == 200


@pytest.mark.parametrize(
    ("ends_on", "until"), [(date(2026, 3, 12), date(2032, 3, 12)), (date(2028, 2, 29), date(2034, 2, 28))]
)
def test_six_years_are_counted_as_the_database_counts_them(ends_on: date, until: date) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT (%s::date + INTERVAL '6 years')::date", [ends_on])
        assert cursor.fetchone() == (until,)
    assert kept_until(ends_on) == until


# --- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("access", ["is_staff", "is_superuser"])
def test_staff_cannot_erase_themselves(access: str) -> None:
    user = make_owner()
    write(user, **{access: True})

    with pytest.raises(NotAllowedError, match="remove it first"):
        erase(user)

    assert not Erasure.objects.exists()
    assert User.objects.get(pk=user.pk).email == EMAIL


def test_account_that_was_merged_is_erased_with_the_one_it_went_into(owner: User) -> None:
    gone = AccountMerge.objects.get().gone

    with pytest.raises(MoveRefusedError, match="merged into another"):
        erase(gone)
    erase(owner)

    merge = AccountMerge.objects.get()
    assert (merge.gone_email, merge.reason) == (f"merged-{gone.pk}@merged.invalid", "–")
    assert [event.email for event in events(gone)] == [f"merged-{gone.pk}@merged.invalid"] * events(
        gone
    ).count()


def test_database_refuses_an_erasure_without_an_end() -> None:
    with refused_by("participants_erasure_ends"):
        Erasure.objects.create(user=make.make_user(), asked_at=timezone.now())


def test_database_refuses_a_second_erasure() -> None:
    user = make.make_user()
    values: dict[str, Any] = {"user": user, "asked_at": timezone.now(), "kept_until": date(2032, 1, 1)}
    Erasure.objects.create(**values)

    with refused_by("participants_erasure_user_id_key"):
        Erasure.objects.create(**values)


def test_history_is_append_only_again_after_an_erasure(owner: User) -> None:
    erase(owner)

    for model in (User, Profile, Invitation):
        with refused_by("append_only"):
            sql("DELETE FROM {}", event_model(model)._meta.db_table)


def test_page_says_what_goes_in_the_order_one_looks_for_it(owner: User) -> None:
    phrases = removed_of([owner])

    assert phrases[0] == "your email addresses and your password: you can no longer log in"
    assert phrases[-1].startswith("the record of ")
    assert any("leave" in phrase for phrase in phrases)
    assert len(phrases) == len(set(phrases)) >= 8
