"""What an account owns is shown to its owner and moves in a merge: a relation that nobody thought of fails here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.db import models
from django.utils import timezone

from core.personal import PersonalRecords, personal_records
from participants.holdings import accounts_of, sections_of
from participants.models import User
from participants.services import merge_accounts
from tests import factories as make
from tests.belongings import make_owner, own_everything, send_mail

APPS = (
    "core", "outbox", "participants", "sessions_app", "surveys", "cases", "credits", "desk", "echo_portal",
    "account", "mfa", "usersessions", "socialaccount", "admin", "auth", "sessions", "pghistory",
)  # fmt: skip

# What belongs to the person: relation → the section of the export that tells of it.
OWNED = {
    "account.EmailAddress.user": "addresses",
    "participants.AgreementAnswer.user": "agreements",
    "participants.CategoryRequest.profile": "category_requests",
    "participants.Profile.user": "profile",
    "sessions_app.ApplicationAnswer.enrolment": "application_answers",
    "sessions_app.Attendance.enrolment": "attendance",
    "sessions_app.AttendanceAlias.participant": "aliases",
    "sessions_app.CalendarFeed.user": "calendar",
    "sessions_app.Enrolment.participant": "enrolments",
    "sessions_app.Invitation.account": "invitations",
    "sessions_app.NameGiven.enrolment": "names_on_reports",
    "sessions_app.PlaceOffer.enrolment": "place_offers",
    "sessions_app.PresenterSlot.enrolment": "slots",
    "socialaccount.SocialAccount.user": "linked_accounts",
    "surveys.Response.enrolment": "surveys",
    "surveys.Answer.response": "survey_answers",
    "surveys.Pseudonym.participant": "pseudonyms",
    "surveys.SurveyAsk.enrolment": "survey_asks",
    "surveys.WindowExtension.enrolment": "survey_extensions",
    "cases.CaseFollowUp.case": "case_follow_ups",
    "cases.CaseReading.reader": "case_readings",
    "cases.CaseReview.version": "case_reviews",
    "cases.CaseSubmission.presenter": "cases",
    "cases.CaseVersion.case": "case_versions",
    "cases.HubMember.user": "hub_memberships",
    "cases.Recommendation.author": "recommendations",
    "credits.Certificate.enrolment": "certificates",
    "credits.Waiver.enrolment": "waivers",
}

# What opens an account, or tells how it ended: shown, but it ends with the account instead of moving.
ENDS = {
    "mfa.Authenticator.user": "second_factors",
    "usersessions.UserSession.user": "sessions",
    "participants.User_groups.user": "account",
    "participants.User_user_permissions.user": "account",
    "participants.AccountMerge.kept": "merges",
    "participants.Erasure.user": "erasure",
}

# A record of what was done to the account: shown, also to who was merged with it, and stays where it is.
STAYS = {"participants.ParticipantView.participant": "looks"}

# Hangs on something owned and tells nothing of its own.
PART_OF_IT = {
    "account.EmailConfirmation.email_address": "the key of a mail, gone with the address",
    "socialaccount.SocialToken.account": "a secret of the provider, gone with the link",
    "cases.CaseReading.case": "shown to who read",
    "cases.CaseReading.version": "shown to who read",
    "cases.CaseSubmission.version": "one of the case's own versions",
    "cases.CaseText.case": "shown with the case",
    "cases.LibraryEntry.case": "the case's own words, for the search",
    "cases.Recommendation.case": "shown to who wrote it",
    "cases.RecommendationLetter.case": "the hub's answer, not the person's own",
    "surveys.PseudonymLookup.pseudonym": "counted with the pseudonym",
    "surveys.ScreenedAnswer.answer": "the answer with names taken out",
    "credits.Certificate.supersedes": "both hang on the same enrolment",
}

# Who did something as staff, or to whom it was done: stays under the account that did it.
ACTOR = {
    "admin.LogEntry.user",
    "core.SavedSearch.owner",
    "participants.AccountMerge.gone",
    "participants.AccountMerge.merged_by",
    "participants.CategoryRequest.decided_by",
    "cases.CaseReview.reviewed_by",
    "cases.CaseVersion.struck_by",
    "cases.RecommendationLetter.signed_by",
    "sessions_app.Attendance.recorded_by",
    "sessions_app.AttendanceAlias.remembered_by",
    "sessions_app.AttendanceReport.applied_by",
    "sessions_app.AttendanceReport.uploaded_by",
    "sessions_app.Cycle.closed_by",
    "sessions_app.Enrolment.decided_by",
    "sessions_app.Invitation.invited_by",
    "sessions_app.Roster.applied_by",
    "sessions_app.Roster.uploaded_by",
    "sessions_app.UnmatchedName.decided_by",
    "surveys.PseudonymLookup.looked_up_by",
    "surveys.SurveyAsk.asked_by",
    "surveys.WindowExtension.granted_by",
    "credits.AuditPack.asked_by",
    "credits.AuditPackDownload.downloaded_by",
    "credits.Certificate.ended_by",
    "credits.DryRun.made_by",
    "credits.Waiver.asked_by",
    "credits.Waiver.decided_by",
    "credits.Purge.purged_by",
    "desk.GroupMessage.sent_by",
    "outbox.MailHold.held_by",
    "participants.ParticipantView.viewer",
    "sessions_app.StaffScope.account",
    "outbox.MailHold.released_by",
}


def relations(targets: set[type[models.Model]]) -> Iterator[tuple[str, type[models.Model]]]:
    """Each column that points to one of `targets`, in every table but those of the audit trail."""
    for label in APPS:
        for model in apps.get_app_config(label).get_models(include_auto_created=True):
            if model._meta.proxy or hasattr(model, "pgh_tracked_model"):
                continue
            for field in model._meta.local_fields:
                target = field.related_model
                if isinstance(target, type) and target._meta.concrete_model in targets:
                    yield f"{model._meta.label}.{field.name}", model


def all_relations() -> set[str]:
    """What points to an account, to what an account owns, to what that owns, and so on."""
    found: set[str] = set()
    owners: set[type[models.Model]] = {User}
    while True:
        new = {name: model for name, model in relations(owners) if name not in found}
        if not new:
            return found
        found |= new.keys()
        owners |= {model for name, model in new.items() if name in OWNED}


def test_every_relation_to_a_person_is_known() -> None:
    assert all_relations() == {*OWNED, *ENDS, *STAYS, *PART_OF_IT, *ACTOR}


def test_every_app_with_people_has_its_part_the_top_floor_first() -> None:
    assert [type(part).__module__.split(".")[0] for part in personal_records()] == [
        "credits",
        "cases",
        "surveys",
        "sessions_app",
        "participants",
        "outbox",
    ]
    assert all(isinstance(part, PersonalRecords) for part in personal_records())


@pytest.mark.django_db
def test_everything_a_person_owns_is_shown_to_them() -> None:
    user = make_owner()
    own_everything(user)

    sections = {section.key: section for section in sections_of([user])}

    empty = {
        relation
        for relation, key in (OWNED | ENDS | STAYS).items()
        if key not in sections or not sections[key].rows
    }
    assert empty == {"participants.AccountMerge.kept", "participants.Erasure.user"}
    assert sections["mails"].rows
    for section in sections.values():
        assert all(row.keys() == section.labels.keys() for row in section.rows), section.key


@pytest.mark.django_db
def test_everything_a_person_owns_moves_in_a_merge() -> None:
    kept, gone = make.make_user("kept@clinic.example", category="family_physician"), make_owner()
    own_everything(gone)
    before = {section.key: len(section.rows) for section in sections_of([gone])}

    merge_accounts(
        kept_id=kept.pk, gone_id=gone.pk, by=make.make_user(), reason="One person.", now=timezone.now()
    )

    for relation in OWNED:
        label, column = relation.rsplit(".", 1)
        model = apps.get_model(label)
        field = model._meta.get_field(column)
        if field.related_model is User:
            assert not model._default_manager.filter(**{column: gone}).exists(), relation
    for relation in ENDS.keys() - {"participants.AccountMerge.kept", "participants.Erasure.user"}:
        label, column = relation.rsplit(".", 1)
        assert not apps.get_model(label)._default_manager.filter(**{column: gone}).exists(), relation
    after = {section.key: len(section.rows) for section in sections_of([kept])}
    assert [len(section.rows) for section in sections_of([kept, gone]) if section.key == "looks"] == [1]
    for relation, key in OWNED.items():
        assert after[key] >= before[key], relation


@pytest.mark.django_db
def test_nothing_of_anybody_else_is_shown() -> None:
    own_everything(make_owner())
    stranger = make.make_user("otto@elsewhere.example", name="Otto Outsider", has_agreed=False)

    sections = {section.key: section.rows for section in sections_of(accounts_of(stranger)) if section.rows}

    assert sections.keys() == {"account", "profile", "changes"}


@pytest.mark.django_db
def test_an_address_that_was_only_typed_shows_no_mails() -> None:
    send_mail("victim@clinic.example")
    curious = make.make_user("curious@clinic.example")
    EmailAddress.objects.create(user=curious, email="victim@clinic.example", verified=False)

    shown = {section.key: section.rows for section in sections_of([curious])}

    assert shown["mails"] == []
    assert [row["email"] for row in shown["addresses"]] == ["victim@clinic.example"]
