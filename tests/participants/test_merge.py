"""Two accounts of one person become one: with everything they own, recorded, once, and never by half."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from cases.models import CaseReading, HubMember, Recommendation
from core.errors import BadInputError, MoveRefusedError
from credits.models import Certificate
from credits.queries import enrolment_ledger
from outbox.models import OutgoingMail
from participants.models import AccountMerge, AgreementAnswer, CategoryRequest, Profile, User
from participants.queries import current_agreements
from participants.services import erase_account, merge_accounts
from participants.twins import found_by, is_alike, likely_twins, plain_name
from sessions_app.models import ApplicationAnswer, Attendance, CalendarFeed, Enrolment, PlaceOffer
from surveys.models import Response, WindowExtension
from tests import factories as make
from tests.belongings import log_in
from tests.clock import toronto
from tests.database import refused_by, write
from tests.history import audit_row, events
from tests.races import THREADS, at_once

pytestmark = pytest.mark.django_db

NOW = toronto(2025, 9, 20, 10)


def merge(
    kept: User, gone: User, *, by: User | None = None, reason: str = "Told us by phone."
) -> AccountMerge:
    return merge_accounts(
        kept_id=kept.pk, gone_id=gone.pk, by=by or make.make_user(is_staff=True), reason=reason, now=NOW
    )


@pytest.fixture
def kept(db: None) -> User:
    return make.make_user("noe@clinique.example", name="Noé Lefèbvre-Côté", preferred_name="Noé")


@pytest.fixture
def gone(db: None) -> User:
    return make.make_user("n.lefebvre@hospital.example", name="Noe Lefebvre Cote", has_agreed=False)


# --- the account ----------------------------------------------------------------------------------------------------


def test_merge_is_recorded_with_who_why_and_what_moved(kept: User, gone: User, coordinator: User) -> None:
    make.make_enrolment(make.make_cycle(), gone)

    record = merge(kept, gone, by=coordinator, reason="  Told us\nby phone.  ")

    assert (record.kept, record.gone, record.merged_by, record.merged_at) == (kept, gone, coordinator, NOW)
    assert (record.gone_email, record.reason) == ("n.lefebvre@hospital.example", "Told us by phone.")
    assert record.moved == {"enrolments": 1, "addresses": 1}
    assert audit_row(record, "insert") == ("account.merge", coordinator.pk, "Told us by phone.")
    assert audit_row(gone, "update") == ("account.merge", coordinator.pk, "Told us by phone.")


def test_account_that_went_is_a_shell_that_nobody_opens(kept: User, gone: User) -> None:
    gone.set_password("a long enough password")
    gone.save()
    make.give_second_factor(gone)
    log_in(gone)

    merge(kept, gone)

    gone.refresh_from_db()
    assert (gone.email, gone.is_active) == (f"merged-{gone.pk}@merged.invalid", False)
    assert not gone.has_usable_password()
    assert not Authenticator.objects.filter(user=gone).exists()
    assert not UserSession.objects.filter(user=gone).exists()
    assert not Client().login(email="n.lefebvre@hospital.example", password="a long enough password")


def test_one_logs_in_with_either_address_and_the_password_that_stays(kept: User, gone: User) -> None:
    kept.set_password("the password that stays")
    kept.save()
    for user in (kept, gone):
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    old = gone.email

    merge(kept, gone)

    for address in (kept.email, old):
        client = Client()
        client.post("/accounts/login/", {"login": address, "password": "the password that stays"})
        assert client.session["_auth_user_id"] == str(kept.pk), address
    assert EmailAddress.objects.get(email=old).primary is False
    assert EmailAddress.objects.get_primary(kept).email == kept.email


def test_address_that_was_never_confirmed_stays_unconfirmed(kept: User, gone: User) -> None:
    old = gone.email

    merge(kept, gone)

    assert EmailAddress.objects.get(email=old, user=kept).verified is False


def test_address_that_both_had_is_one_and_confirmed(kept: User, gone: User) -> None:
    EmailAddress.objects.create(user=kept, email="both@clinic.example", verified=False)
    EmailAddress.objects.create(user=gone, email="both@clinic.example", verified=True)

    merge(kept, gone)

    assert EmailAddress.objects.get(email="both@clinic.example").user == kept
    assert EmailAddress.objects.get(email="both@clinic.example").verified


def test_both_addresses_are_told(kept: User, gone: User) -> None:
    merge(kept, gone)

    mails = OutgoingMail.objects.filter(key__startswith="account-merged")
    assert {mail.recipient for mail in mails} == {"noe@clinique.example", "n.lefebvre@hospital.example"}
    assert "Noé" in mails[0].body_text


# --- profile, agreements --------------------------------------------------------------------------------------------


def test_profile_that_stays_wins_and_is_filled_in(kept: User, gone: User) -> None:
    Profile.objects.filter(user=gone).update(
        preferred_name="Noe", licence_number="12345", practice_city="Kingston", practising_since=2001
    )
    Profile.objects.filter(user=kept).update(practice_city="Sudbury")

    record = merge(kept, gone)

    profile = Profile.objects.get(user=kept)
    assert (profile.legal_name, profile.preferred_name) == ("Noé Lefèbvre-Côté", "Noé")
    assert (profile.practice_city, profile.licence_number) == ("Sudbury", "12345")
    assert profile.practising_since == 2001
    assert not Profile.objects.filter(user=gone).exists()
    assert record.moved["profile_fields"] == 2


def test_profile_moves_where_there_is_none(gone: User) -> None:
    bare = User.objects.create_user("new@clinic.example")

    merge(bare, gone)

    assert Profile.objects.get(user=bare).legal_name == "Noe Lefebvre Cote"


def test_one_request_for_another_category_stays_open(kept: User, gone: User, coordinator: User) -> None:
    for user in (kept, gone):
        CategoryRequest.objects.create(profile=user.profile, category="specialist", reason="Certified.")

    merge(kept, gone, by=coordinator)

    own, theirs = CategoryRequest.objects.filter(profile__user=kept).order_by("pk")
    assert (own.status, theirs.status, theirs.decided_by) == ("open", "refused", coordinator)


def test_later_answer_to_an_agreement_counts(kept: User, gone: User) -> None:
    research = next(text for text in current_agreements() if text.kind == "research")
    AgreementAnswer.objects.create(user=gone, agreement=research, is_given=False, answered_at=NOW)

    merge(kept, gone)

    answer = AgreementAnswer.objects.get(user=kept, agreement=research)
    assert (answer.is_given, answer.answered_at) == (False, NOW)
    assert not AgreementAnswer.objects.filter(user=gone).exists()


# --- one cycle, two enrolments --------------------------------------------------------------------------------------


def pair(kept: User, gone: User, *, sessions: int = 2, **values: Any) -> tuple[Enrolment, Enrolment]:
    """Both are in a cycle with everything that issuing needs."""
    cycle = make.make_season(sessions=sessions, **values)
    return make.make_enrolment(cycle, kept), make.make_enrolment(cycle, gone)


def test_attendance_moves_where_there_is_none_and_the_longer_presence_counts(
    kept: User, gone: User, coordinator: User
) -> None:
    own, theirs = pair(kept, gone, sessions=4)
    first, second, third, fourth = own.cycle.sessions.all()
    make.make_attendance(own, second, minutes=90)
    make.make_attendance(own, third, minutes=20)
    make.make_attendance(own, fourth, minutes=80, is_guest=True)
    for session, minutes in ((first, 45), (second, 30), (third, 60), (fourth, 70)):
        make.make_attendance(theirs, session, minutes=minutes)

    record = merge(kept, gone, by=coordinator)

    attended = Attendance.objects.filter(enrolment=own).order_by("session__starts_at")
    assert [attendance.minutes for attendance in attended] == [45, 90, 60, 70]
    changed = attended[2]
    assert (changed.source, changed.recorded_by, changed.recorded_at) == ("manual", coordinator, NOW)
    assert "longer presence" in changed.reason
    assert not attended[3].is_guest
    assert record.moved["attendances"] == 3
    assert audit_row(changed, "update") == ("account.merge", coordinator.pk, "Told us by phone.")


def test_report_that_stays_the_longer_keeps_its_evidence(kept: User, gone: User) -> None:
    own, theirs = pair(kept, gone, sessions=1)
    session = own.cycle.sessions.get()
    make.make_attendance(own, session, minutes=90, report=make.make_report(session))
    make.make_attendance(theirs, session, minutes=60)

    merge(kept, gone)

    assert Attendance.objects.get(enrolment=own).source == "report"
    assert Attendance.objects.get(enrolment=theirs).minutes == 60


def test_emptied_enrolment_is_withdrawn_and_its_place_offered_on(kept: User, gone: User) -> None:
    own, theirs = pair(kept, gone, ends_on=date(2025, 12, 1), capacity=2)
    waiting = make.make_enrolment(own.cycle, status="waitlisted")

    merge(kept, gone)

    theirs.refresh_from_db()
    assert (theirs.participant, theirs.status) == (gone, "withdrawn")
    assert PlaceOffer.objects.get(enrolment=waiting).outcome == "open"
    assert not OutgoingMail.objects.filter(key__startswith="enrolment-withdrawn").exists()


def test_earlier_day_of_enrolment_counts(kept: User, gone: User) -> None:
    own, theirs = pair(kept, gone)
    write(own, enrolled_on=date(2025, 9, 18))
    write(theirs, enrolled_on=date(2025, 9, 11))

    merge(kept, gone)

    own.refresh_from_db()
    assert own.enrolled_on == date(2025, 9, 11)


@pytest.mark.parametrize(
    ("own", "theirs", "survives"),
    [
        ("approved", "approved", "own"),
        ("approved", "waitlisted", "own"),
        ("waitlisted", "approved", "theirs"),
        ("applied", "waitlisted", "theirs"),
        ("declined", "approved", "theirs"),
        ("withdrawn", "applied", "theirs"),
        ("declined", "declined", "own"),
    ],
)
def test_enrolment_that_got_further_survives(
    kept: User, gone: User, own: str, theirs: str, survives: str
) -> None:
    cycle = make.make_cycle(capacity=2)
    enrolments = {
        "own": make.make_enrolment(cycle, kept, status=own),
        "theirs": make.make_enrolment(cycle, gone, status=theirs),
    }

    merge(kept, gone)

    left = Enrolment.objects.get(participant=kept)
    assert left == enrolments[survives]
    assert left.status == {"own": own, "theirs": theirs}[survives]
    emptied = Enrolment.objects.get(participant=gone)
    assert emptied.status in {"withdrawn", "declined"}


def test_answers_cases_and_offers_of_the_other_enrolment_come_along(kept: User, gone: User) -> None:
    own, theirs = pair(kept, gone)
    why, learn = make.make_question(own.cycle, "why"), make.make_question(own.cycle, "learn")
    ApplicationAnswer.objects.create(enrolment=own, question=why, text="Mine.")
    ApplicationAnswer.objects.create(enrolment=theirs, question=why, text="Theirs.")
    ApplicationAnswer.objects.create(enrolment=theirs, question=learn, text="Much.")
    case = make.make_case(theirs, status="returned")

    merge(kept, gone)

    assert {answer.text for answer in own.application_answers.all()} == {"Mine.", "Much."}
    case.refresh_from_db()
    assert case.presenter == own


def test_what_both_did_for_the_hub_is_one_persons(kept: User, gone: User) -> None:
    case = make.make_case(status="presented")
    program, other = case.presenter.cycle.program, make.make_program()
    make.make_hub_member(program, kept, title="", may_sign=False)
    make.make_hub_member(program, gone, title="Pain physician", is_active=False)
    make.make_hub_member(other, gone)
    for user, heading, text in (
        (kept, "referral", "Ask a physiotherapist."),
        (gone, "referral", "Ask a psychologist."),
        (gone, "interventional", "No block now."),
    ):
        Recommendation.objects.create(case=case, heading=heading, author=user, text=text)
    CaseReading.objects.create(case=case, version=case.version, what="case", reader=gone)

    record = merge(kept, gone)

    member = HubMember.objects.get(program=program)
    assert (member.user, member.title, member.may_sign, member.is_active) == (
        kept,
        "Pain physician",
        True,
        True,
    )
    assert HubMember.objects.get(program=other).user == kept
    assert dict(Recommendation.objects.filter(author=kept).values_list("heading", "text")) == {
        "referral": "Ask a physiotherapist.\n\nAsk a psychologist.",
        "interventional": "No block now.",
    }
    assert not Recommendation.objects.filter(author=gone).exists()
    assert CaseReading.objects.get().reader == kept
    assert {key: record.moved[key] for key in ("hub_memberships", "recommendations", "case_readings")} == {
        "hub_memberships": 2,
        "recommendations": 2,
        "case_readings": 1,
    }


def test_submitted_survey_moves_and_wins_over_a_draft(kept: User, gone: User) -> None:
    own, theirs = pair(kept, gone)
    windows = {window.instrument.kind: window for window in own.cycle.survey_windows.all()}
    draft = make.make_response(own, windows["pre"])
    submitted = make.make_response(theirs, windows["pre"], submitted_at=NOW)
    alone = make.make_response(theirs, windows["post"], submitted_at=NOW)
    mine = make.make_response(own, windows["reflection"], submitted_at=NOW)
    second = make.make_response(theirs, windows["reflection"], submitted_at=NOW)

    record = merge(kept, gone)

    assert set(Response.objects.filter(enrolment=own)) == {submitted, alone, mine}
    assert set(Response.objects.filter(enrolment=theirs)) == {draft, second}
    assert record.moved["responses"] == 2
    assert enrolment_ledger(own).gate.has_post_survey
    with refused_by("response_submitted_is_final"):
        write(alone, enrolment=theirs)


def test_longer_of_two_extensions_of_a_survey_counts(kept: User, gone: User) -> None:
    own, theirs = pair(kept, gone)
    desk, months = make.make_user(is_staff=True), {"pre": (1, None), "post": (1, 2), "reflection": (2, 1)}
    windows = {window.instrument.kind: window for window in own.cycle.survey_windows.all()}
    for kind, (for_gone, for_kept) in months.items():
        for enrolment, month in ((theirs, for_gone), (own, for_kept)):
            if month:
                WindowExtension.objects.create(
                    window=windows[kind],
                    enrolment=enrolment,
                    closes_at=toronto(2027, month, 1),
                    reason=f"Until {month}.",
                    granted_by=desk,
                )

    record = merge(kept, gone)

    found = own.survey_extensions.values_list("window__instrument__kind", "closes_at", "reason")
    assert sorted(found) == [
        ("post", toronto(2027, 2, 1), "Until 2."),
        ("pre", toronto(2027, 1, 1), "Until 1."),
        ("reflection", toronto(2027, 2, 1), "Until 2."),
    ]
    assert record.moved["survey_extensions"] == 2


def test_credit_of_both_accounts_is_one(kept: User, gone: User) -> None:
    own, theirs = pair(kept, gone)
    first, second = own.cycle.sessions.all()
    make.make_attendance(own, first)
    make.make_attendance(theirs, second)
    make.answer_surveys(own, "pre", "post")
    make.answer_surveys(theirs, "reflection")

    merge(kept, gone)

    ledger = enrolment_ledger(Enrolment.objects.get(participant=kept))
    assert ledger.amount == 6
    assert not ledger.missing


# --- certificates ---------------------------------------------------------------------------------------------------


def test_certificates_come_with_the_enrolment_and_stay_as_they_are(kept: User, gone: User) -> None:
    other_cycle = make.make_season(sessions=1)
    certificate = make.make_certificate(
        make.make_graduate(other_cycle, gone), other_cycle.program.accreditations.get()
    )

    record = merge(kept, gone)

    assert Certificate.objects.get(enrolment__participant=kept) == certificate
    assert record.moved["certificates"] == 1


def test_certified_enrolment_of_the_account_that_goes_survives(kept: User, gone: User) -> None:
    own, theirs = pair(kept, gone)
    make.make_attendance(own, own.cycle.sessions.all()[0])
    certificate = make.make_certificate(theirs, own.cycle.program.accreditations.get())

    merge(kept, gone)

    theirs.refresh_from_db()
    assert theirs.participant == kept
    assert Certificate.objects.get(enrolment__participant=kept) == certificate
    assert theirs.attendances.count() == 1
    own.refresh_from_db()
    assert (own.participant, own.status) == (gone, "withdrawn")


def test_two_valid_certificates_for_a_cycle_are_refused(kept: User, gone: User) -> None:
    own, theirs = pair(kept, gone)
    accreditation = own.cycle.program.accreditations.get()
    first, second = make.make_certificate(own, accreditation), make.make_certificate(theirs, accreditation)

    with pytest.raises(MoveRefusedError, match="Revoke one first") as refused:
        merge(kept, gone)

    assert first.number in str(refused.value)
    assert second.number in str(refused.value)
    assert not AccountMerge.objects.exists()


def test_revoked_certificate_stands_in_no_ones_way(kept: User, gone: User) -> None:
    own, theirs = pair(kept, gone)
    accreditation = own.cycle.program.accreditations.get()
    make.make_certificate(own, accreditation)
    make.make_certificate(theirs, accreditation, status="revoked")

    merge(kept, gone)

    assert Enrolment.objects.get(participant=kept) == own


def test_different_categories_are_refused_once_something_was_earned(kept: User, gone: User) -> None:
    cycle = make.make_season(sessions=1)
    Profile.objects.filter(user=gone).update(category="specialist")
    make.make_graduate(cycle, gone)

    with pytest.raises(MoveRefusedError, match="different professional categories"):
        merge(kept, gone)


# --- calendar, invitations ------------------------------------------------------------------------------------------


def test_calendar_moves_only_where_there_is_none(kept: User, gone: User) -> None:
    feed = CalendarFeed.objects.create(user=gone)
    merge(kept, gone)
    feed.refresh_from_db()
    assert feed.user == kept

    third = make.make_user()
    CalendarFeed.objects.create(user=third)
    merge(kept, third)
    assert CalendarFeed.objects.get() == feed


def test_invitation_to_either_address_is_the_persons(kept: User, gone: User) -> None:
    invitation = make.make_invitation(make.make_cycle(), gone.email, account=gone)

    merge(kept, gone)

    invitation.refresh_from_db()
    assert invitation.account == kept


# --- once, in order -------------------------------------------------------------------------------------------------


def test_merging_twice_is_merging_once(kept: User, gone: User) -> None:
    first = merge(kept, gone)
    history = events(gone).count()

    assert merge(kept, gone, reason="Again.") == first
    assert (events(gone).count(), AccountMerge.objects.count()) == (history, 1)
    assert OutgoingMail.objects.filter(key__startswith="account-merged").count() == 2


@pytest.mark.django_db(transaction=True)
def test_merging_at_once_merges_once() -> None:
    kept, gone, by = make.make_user(), make.make_user(), make.make_user(is_staff=True)
    pair(kept, gone)
    one_way = partial(merge, kept, gone, by=by)
    other_way = partial(merge, gone, kept, by=by)

    results = at_once([one_way, other_way] * (THREADS // 2))

    record = AccountMerge.objects.get()
    assert {type(result) for result in results} == {AccountMerge, MoveRefusedError}
    assert all(result == record for result in results if isinstance(result, AccountMerge))
    assert Enrolment.objects.filter(status="approved").count() == 1
    assert Enrolment.objects.get(status="approved").participant == record.kept


def test_merges_can_follow_each_other(kept: User, gone: User) -> None:
    third = make.make_user("third@clinic.example")
    make.make_enrolment(make.make_cycle(), third)
    merge(gone, third)

    merge(kept, gone)

    assert Enrolment.objects.get(participant=kept)
    assert EmailAddress.objects.filter(user=kept).count() == 2


def test_failure_halfway_leaves_both_as_they_were(
    kept: User, gone: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from participants.records import AccountRecords

    make.make_enrolment(make.make_cycle(), gone)

    def fail(*args: Any, **values: Any) -> None:
        raise RuntimeError("halfway")

    monkeypatch.setattr(AccountRecords, "merge", fail)
    with pytest.raises(RuntimeError, match="halfway"):
        merge(kept, gone)

    assert Enrolment.objects.get().participant == gone
    assert User.objects.get(pk=gone.pk).is_active


# --- refusals -------------------------------------------------------------------------------------------------------


def test_reason_is_required(kept: User, gone: User) -> None:
    with pytest.raises(BadInputError, match="how you know"):
        merge(kept, gone, reason=" \n ")


def test_account_is_not_merged_with_itself_or_with_nobody(kept: User) -> None:
    with pytest.raises(MoveRefusedError, match="the same one"):
        merge(kept, kept)
    with pytest.raises(BadInputError, match="no account"):
        merge(kept, User(pk=987_654_321))


@pytest.mark.parametrize("access", ["is_staff", "is_superuser"])
@pytest.mark.parametrize("which", ["kept", "gone"])
def test_staff_are_not_merged(kept: User, gone: User, access: str, which: str) -> None:
    write({"kept": kept, "gone": gone}[which], **{access: True})

    with pytest.raises(MoveRefusedError, match="has access to the administration"):
        merge(kept, gone)


def test_account_that_ended_is_not_merged(kept: User, gone: User) -> None:
    merge(kept, gone)
    third, fourth = make.make_user(), make.make_user()
    erase_account(user=fourth, by=fourth, now=timezone.now())

    for one, other in ((third, gone), (gone, third)):
        with pytest.raises(MoveRefusedError, match="merged into another account"):
            merge(one, other)
    for one, other in ((third, fourth), (fourth, third)):
        with pytest.raises(MoveRefusedError, match="erased at its owner's wish"):
            merge(one, other)


def row(kept: User, gone: User, **values: Any) -> dict[str, Any]:
    return {
        "kept": kept,
        "gone": gone,
        "gone_email": gone.email,
        "reason": "One person.",
        "merged_at": NOW,
        "merged_by": kept,
    } | values


def test_database_refuses_a_merge_with_oneself_without_a_reason_or_twice(kept: User, gone: User) -> None:
    with refused_by("participants_accountmerge_two_accounts"):
        AccountMerge.objects.create(**row(kept, kept))
    with refused_by("participants_accountmerge_has_reason"):
        AccountMerge.objects.create(**row(kept, gone, reason=" \t"))
    AccountMerge.objects.create(**row(kept, gone))
    with refused_by("participants_accountmerge_gone_id_key"):
        AccountMerge.objects.create(**row(kept, gone))


# --- finding the other account --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Noé Lefèbvre-Côté", "Noe Lefebvre Cote", True),
        ("Dr. Noé Lefèbvre-Côté, MD", "Lefebvre-Cote Noe", True),
        ("Fatima Al-Sayed, MD", "Fatima Al Sayed", True),
        ("Anna Lee", "Hanna Levy", False),
        ("Siobhán O’Brien", "Sean O’Brien", False),
        ("MD", "MD", False),
    ],
)
def test_names_are_compared_without_accents_titles_and_order(one: str, other: str, alike: bool) -> None:
    assert is_alike(plain_name(one), plain_name(other)) is alike


def test_likely_twins_have_the_licence_or_the_name(kept: User, gone: User) -> None:
    Profile.objects.filter(user=kept).update(licence_number="A1")
    same_licence = make.make_user(name="Quite Another", licence_number="a1")
    make.make_user(name="Somebody Else", licence_number="B2")

    assert [twin.account for twin in likely_twins(kept, among=User.objects.all())] == [same_licence, gone]
    assert likely_twins(User.objects.create_user("bare@clinic.example"), among=User.objects.all()) == []


def test_search_finds_by_any_address_name_or_licence_and_none_that_ended(kept: User, gone: User) -> None:
    EmailAddress.objects.create(user=gone, email="second@hospital.example")
    Profile.objects.filter(user=gone).update(licence_number="77123")

    for words in ("n.lefebvre", "second@hospital", "lefebvre cote", "77123"):
        assert found_by(words, among=User.objects.all(), besides=kept) == [gone], words
    assert found_by("  ", among=User.objects.all(), besides=kept) == []
    assert found_by("noe@clinique", among=User.objects.all(), besides=kept) == []
    merge(kept, gone)
    assert found_by("merged", among=User.objects.all(), besides=kept) == []


# --- the administration ---------------------------------------------------------------------------------------------


@pytest.fixture
def desk(coordinator: User) -> Client:
    client = Client()
    client.force_login(coordinator)
    return client


def test_coordinator_merges_from_the_page_of_an_account(desk: Client, kept: User, gone: User) -> None:
    make.make_enrolment(make.make_cycle(), gone)
    link = f"/admin/participants/user/{kept.pk}/merge/"
    assert link in desk.get(f"/admin/participants/user/{kept.pk}/change/").content.decode()

    chosen = desk.get(link).content.decode()
    assert f"?with={gone.pk}" in chosen
    assert "A similar name" in chosen
    preview = desk.get(f"{link}?with={gone.pk}").content.decode()
    assert "Enrolments" in preview
    assert gone.email in preview
    done = desk.post(f"{link}?with={gone.pk}", {"kept": kept.pk, "reason": "By phone."}, follow=True)

    assert "was merged into this account" in done.content.decode()
    assert AccountMerge.objects.get().kept == kept
    listed = desk.get("/admin/participants/accountmerge/").content.decode()
    assert "n.lefebvre@hospital.example" in listed
    record = AccountMerge.objects.get()
    assert (
        "enrolments: 1" in desk.get(f"/admin/participants/accountmerge/{record.pk}/change/").content.decode()
    )


def test_the_other_account_can_be_the_one_that_stays(desk: Client, kept: User, gone: User) -> None:
    desk.post(
        f"/admin/participants/user/{kept.pk}/merge/?with={gone.pk}", {"kept": gone.pk, "reason": "By phone."}
    )

    assert AccountMerge.objects.get().kept == gone


def test_merge_without_a_reason_or_a_choice_is_given_back(desk: Client, kept: User, gone: User) -> None:
    answer = desk.post(f"/admin/participants/user/{kept.pk}/merge/?with={gone.pk}", {"reason": ""})

    assert answer.status_code == 422
    assert "<title>Error: " in answer.content.decode()
    assert not AccountMerge.objects.exists()


def test_search_on_the_page_says_when_nothing_is_found(desk: Client, kept: User) -> None:
    page = desk.get(f"/admin/participants/user/{kept.pk}/merge/", {"q": "nobody@nowhere"}).content.decode()

    assert "No other account has that" in page


def test_page_says_why_two_cannot_be_merged(desk: Client, kept: User, gone: User, coordinator: User) -> None:
    page = desk.get(f"/admin/participants/user/{kept.pk}/merge/?with={coordinator.pk}").content.decode()
    assert "has access to the administration" in page
    assert '<button class="button" type="submit">Merge' not in page

    merge(kept, gone)
    assert (
        "merged into another account"
        in desk.get(f"/admin/participants/user/{gone.pk}/merge/").content.decode()
    )
    for other in ("0", "x", "9" * 40):
        assert desk.get(f"/admin/participants/user/{kept.pk}/merge/?with={other}").status_code == 404


def test_merging_needs_its_permission(kept: User, gone: User) -> None:
    staff = make.make_user("new@echo.example", is_staff=True)
    client = Client()
    client.force_login(staff)

    assert client.get(f"/admin/participants/user/{kept.pk}/merge/").status_code == 403
    assert (
        client.post(
            f"/admin/participants/user/{kept.pk}/merge/?with={gone.pk}", {"kept": kept.pk, "reason": "x"}
        ).status_code
        == 403
    )


def test_preview_asks_a_fixed_number_of_questions(
    desk: Client, kept: User, gone: User, django_assert_max_num_queries: Any
) -> None:
    for _number in range(5):
        make.make_graduate(make.make_season(sessions=3), gone)

    with django_assert_max_num_queries(124):
        desk.get(f"/admin/participants/user/{kept.pk}/merge/?with={gone.pk}")
