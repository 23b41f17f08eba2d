"""The audit trail is written by the database itself, names who did what, and cannot be rewritten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pgtrigger
import pytest
from django.apps import apps
from django.contrib.auth.models import Group
from django.db import connection, models, transaction
from django.utils import timezone
from pghistory.models import Context

from cases.models import (
    CaseFollowUp,
    CaseSubmission,
    CaseVersion,
    Recommendation,
    SuggestedRecommendation,
)
from core import audit
from credits.models import AuditPack, AuditPackDownload, Certificate, Purge, SessionIdentifier, Waiver
from outbox.models import MailHold
from outbox.services import queue_rendered_mail
from participants.models import (
    AccountEmail,
    AccountMerge,
    AccountRole,
    Agreement,
    AgreementAnswer,
    CategoryRequest,
    Erasure,
    LinkedAccount,
    ParticipantView,
    SecondFactor,
    User,
)
from sessions_app.models import (
    EchoSession,
    MailWording,
    NameGiven,
    Objective,
    SessionObjective,
    StaffScope,
)
from sessions_app.services import calendar_feed
from surveys.models import Choice, Construct, Instrument, Pseudonym, Response, SurveyPlan, WindowExtension
from tests.database import delete, refused_by, sql, write
from tests.factories import (
    give_name,
    make_accreditation,
    make_alias,
    make_attendance,
    make_case,
    make_certificate,
    make_cycle,
    make_enrolment,
    make_hub,
    make_hub_member,
    make_instrument,
    make_invitation,
    make_letter,
    make_material,
    make_offer,
    make_program,
    make_question,
    make_report,
    make_roster,
    make_season,
    make_section,
    make_session,
    make_slot,
    make_speaker,
    make_unmatched,
    make_user,
    make_waiver,
    make_window,
)
from tests.history import event_model, events


def waiver() -> Waiver:
    return make_waiver(make_enrolment(make_cycle(sessions=1)))


def session_identifier() -> SessionIdentifier:
    session = make_cycle(sessions=1).sessions.get()
    return SessionIdentifier.objects.create(
        accreditation=make_accreditation(session.cycle.program), session=session, identifier="CERT-1"
    )


def certificate() -> models.Model:
    enrolment = make_enrolment(make_season(sessions=1))
    return make_certificate(enrolment, enrolment.cycle.program.accreditations.get(), status="pending")


def audit_pack() -> AuditPack:
    return AuditPack.objects.create(cycle=make_cycle(), asked_by=make_user())


def purge() -> models.Model:
    cycle = make_cycle(starts_on=date(2012, 1, 12), status="closed")
    return Purge.objects.create(cycle=cycle, purged_by=make_user(), attendances=1)


def attendance() -> models.Model:
    enrolment = make_enrolment(make_cycle(sessions=1))
    return make_attendance(enrolment, enrolment.cycle.sessions.get())


def response() -> models.Model:
    enrolment = make_enrolment(make_cycle())
    return Response.objects.create(enrolment=enrolment, window=make_window(enrolment.cycle))


def a_session() -> EchoSession:
    return make_cycle(sessions=1).sessions.get()


def session_objective() -> models.Model:
    session = a_session()
    objective = Objective.objects.create(program=session.cycle.program, position=1, text="Diagnose.")
    return SessionObjective.objects.create(session=session, objective=objective)


def other_objective(row: SessionObjective) -> int:
    program = row.session.cycle.program
    return Objective.objects.create(program=program, position=2, text="Treat.").pk


def name_given() -> models.Model:
    session = a_session()
    return give_name(make_unmatched(make_report(session)), make_enrolment(session.cycle))


def other_enrolment(row: NameGiven) -> int:
    return make_enrolment(row.enrolment.cycle).pk


def construct() -> Construct:
    return Construct.objects.create(program=make_program(), key="confidence", name="Confidence")


def choice() -> Choice:
    return Choice.objects.filter(question__instrument=make_instrument(make_program(), questions=["single"]))[
        0
    ]


def survey_plan() -> SurveyPlan:
    return SurveyPlan.objects.create(program=make_program(), kind="pre", opens_from="first_day")


def window_extension() -> WindowExtension:
    enrolment = make_enrolment(make_cycle())
    return WindowExtension.objects.create(
        window=make_window(enrolment.cycle),
        enrolment=enrolment,
        closes_at=timezone.now(),
        reason="On leave.",
        granted_by=make_user(is_staff=True),
    )


def pseudonym() -> Pseudonym:
    return Pseudonym.objects.create(program=make_program(), participant=make_user())


def question() -> models.Model:
    return make_instrument(make_program()).questions.get()


def agreement() -> models.Model:
    return Agreement.objects.create(kind="research", version=2, title="A draft", text="Words.")


def agreement_answer() -> models.Model:
    answer = AgreementAnswer.objects.filter(user=make_user()).first()
    assert answer
    return answer


def category_request() -> models.Model:
    return CategoryRequest.objects.create(
        profile=make_user().profile, category="specialist", reason="I finished my residency."
    )


# These three are proxies: allauth and Django write the tables, and the triggers see it whoever does.
def account_email() -> models.Model:
    row: models.Model = AccountEmail.objects.create(user=make_user(), email="other@clinic.example")
    return row


def account_role() -> models.Model:
    user = make_user()
    user.groups.add(Group.objects.create(name="Reviewers"))
    row: models.Model = AccountRole.objects.get(user=user)
    return row


def second_factor() -> models.Model:
    row: models.Model = SecondFactor.objects.get(user=make_user(is_staff=True), type="totp")
    return row


def linked_account() -> models.Model:
    row: models.Model = LinkedAccount.objects.create(user=make_user(), provider="sso", uid="1")
    return row


def application_answer() -> models.Model:
    enrolment = make_enrolment(make_cycle())
    return enrolment.application_answers.create(question=make_question(enrolment.cycle), text="To learn.")


def place_offer() -> models.Model:
    waiting = make_enrolment(make_cycle(), status="waitlisted")
    return make_offer(waiting, offered_at=waiting.applied_at)


def account_merge() -> models.Model:
    kept, gone = make_user(), make_user()
    return AccountMerge.objects.create(
        kept=kept,
        gone=gone,
        gone_email=gone.email,
        reason="By phone.",
        merged_at=timezone.now(),
        merged_by=kept,
    )


def erasure() -> models.Model:
    return Erasure.objects.create(user=make_user(), asked_at=timezone.now(), kept_until=timezone.localdate())


def follow_up() -> CaseFollowUp:
    return CaseFollowUp.objects.create(
        case=make_case(status="recommendations_sent"),
        outcome="better",
        text="She walks.",
        reported_at=timezone.now(),
    )


def version() -> CaseVersion:
    return make_case(status="submitted").versions.get()


def recommendation() -> Recommendation:
    return Recommendation.objects.create(
        case=make_case(status="approved"), heading="referral", author=make_user(is_staff=True), text="Walk."
    )


def suggestion() -> SuggestedRecommendation:
    return SuggestedRecommendation.objects.create(program=make_program(), heading="referral", text="Swim.")


# One row of every model that is tracked, and a column that may change.
TRACKED: dict[str, tuple[Callable[[], models.Model], str, object]] = {
    "participants.User": (lambda: User.objects.create_user("ann@clinic.example"), "is_active", False),
    "participants.Profile": (lambda: make_user().profile, "practice_city", "Kingston"),
    "participants.CategoryRequest": (category_request, "reason", "I moved."),
    "participants.Agreement": (agreement, "title", "Another draft"),
    "participants.AgreementAnswer": (agreement_answer, "is_given", False),
    "participants.AccountEmail": (account_email, "verified", True),
    "participants.AccountRole": (account_role, "group_id", 0),
    "participants.SecondFactor": (second_factor, "type", "webauthn"),
    "participants.LinkedAccount": (linked_account, "uid", "2"),
    "participants.AccountMerge": (account_merge, "reason", "The same licence."),
    "participants.Erasure": (erasure, "kept_until", "2033-01-01"),
    "sessions_app.Hub": (make_hub, "city", "Kingston"),
    "sessions_app.Program": (lambda: make_program(hubs=()), "mission", "Another."),
    "sessions_app.ProgramHub": (lambda: make_program().program_hubs.all()[0], "position", 9),
    "sessions_app.Objective": (
        lambda: Objective.objects.create(program=make_program(), position=1, text="Diagnose."),
        "text",
        "Treat.",
    ),
    "sessions_app.Cycle": (make_cycle, "grace_days", 3),
    "sessions_app.EchoSession": (lambda: make_session(make_cycle()), "topic", "Sleep"),
    "sessions_app.Enrolment": (lambda: make_enrolment(make_cycle()), "status", "withdrawn"),
    "sessions_app.CycleQuestion": (lambda: make_question(make_cycle()), "text", "What for?"),
    "sessions_app.ApplicationAnswer": (application_answer, "text", "To teach."),
    "sessions_app.PlaceOffer": (place_offer, "expires_at", "2030-01-01T00:00:00Z"),
    "sessions_app.CalendarFeed": (lambda: calendar_feed(make_user()), "made_at", "2030-01-01T00:00:00Z"),
    "sessions_app.AttendanceReport": (
        lambda: make_report(make_cycle(sessions=1).sessions.get()),
        "filename",
        "other.csv",
    ),
    "sessions_app.Attendance": (attendance, "minutes", 17),
    "sessions_app.Speaker": (lambda: make_speaker(a_session()), "affiliation", "UHN"),
    "sessions_app.Material": (lambda: make_material(a_session()), "title", "Handout"),
    "sessions_app.PresenterSlot": (lambda: make_slot(a_session()), "position", 9),
    "sessions_app.SessionObjective": (session_objective, "objective_id", other_objective),
    "sessions_app.UnmatchedName": (lambda: make_unmatched(make_report(a_session())), "name", "Ann"),
    "sessions_app.NameGiven": (name_given, "enrolment_id", other_enrolment),
    "sessions_app.AttendanceAlias": (lambda: make_alias(make_user()), "written", "Bob Mac"),
    "sessions_app.Invitation": (
        lambda: make_invitation(make_cycle(), "ann@clinic.example"),
        "name",
        "Ann Lee",
    ),
    "sessions_app.Roster": (lambda: make_roster(make_cycle()), "filename", "other.csv"),
    "surveys.Instrument": (lambda: make_instrument(make_program(), questions=()), "title", "Another"),
    "surveys.Question": (question, "text", "Why?"),
    "surveys.Construct": (construct, "name", "Another"),
    "surveys.Section": (lambda: make_section(make_instrument(make_program())), "title", "Another"),
    "surveys.Choice": (choice, "text", "Another"),
    "surveys.SurveyPlan": (survey_plan, "opens_days", 9),
    "surveys.WindowExtension": (window_extension, "reason", "Ill."),
    "surveys.Pseudonym": (pseudonym, "participant_id", lambda row: make_user().pk),
    "surveys.SurveyWindow": (lambda: make_window(make_cycle()), "opens_at", "2025-01-01T00:00:00Z"),
    "surveys.Response": (response, "started_at", "2025-01-01T00:00:00Z"),
    "cases.CaseSubmission": (make_case, "moved_at", "2030-01-01T00:00:00Z"),
    "cases.CaseText": (lambda: make_case().text, "revision", 7),
    "cases.CaseVersion": (version, "signed_name", "Bo"),
    "cases.CaseReview": (
        lambda: make_case(status="returned").versions.get().review,
        "reviewed_at",
        "2030-01-01T00:00:00Z",
    ),
    "cases.CaseFollowUp": (follow_up, "outcome", "worse"),
    "cases.HubMember": (lambda: make_hub_member(make_program()), "title", "Nurse"),
    "cases.Recommendation": (recommendation, "revision", 7),
    "cases.SuggestedRecommendation": (suggestion, "text", "Walk."),
    "cases.RecommendationLetter": (
        lambda: make_letter(make_case(status="presented")),
        "visible_to_cycle_at",
        "2030-01-01T00:00:00Z",
    ),
    "credits.Accreditation": (
        lambda: make_accreditation(make_program(), lines=()),
        "physician_name",
        "Dr. B",
    ),
    "credits.CreditLine": (lambda: make_accreditation(make_program()).lines.all()[0], "statement", "New."),
    "credits.SessionIdentifier": (session_identifier, "identifier", "CERT-2"),
    "credits.Certificate": (certificate, "status", "failed"),
    "credits.Waiver": (waiver, "condition", "pre_survey"),
    "credits.AuditPack": (audit_pack, "asked_at", "2030-01-01T00:00:00Z"),
    "credits.AuditPackDownload": (
        lambda: AuditPackDownload.objects.create(pack=audit_pack(), downloaded_by=make_user()),
        "downloaded_at",
        "2030-01-01T00:00:00Z",
    ),
    "participants.ParticipantView": (
        lambda: ParticipantView.objects.create(viewer=make_user(), participant=make_user(), reason="Why"),
        "reason",
        "Because",
    ),
    "sessions_app.StaffScope": (
        lambda: StaffScope.objects.create(account=make_user()),
        "account_id",
        lambda row: make_user().pk,
    ),
    "sessions_app.ScopedProgram": (
        lambda: StaffScope.objects.create(account=make_user()).programs.create(program=make_program()),
        "program_id",
        lambda row: make_program().pk,
    ),
    "sessions_app.MailWording": (
        lambda: MailWording.objects.create(
            program=make_program(), mail="x/mail/y", language="en", subject="S", text="T"
        ),
        "text",
        "Another",
    ),
    "outbox.MailHold": (
        lambda: MailHold.objects.create(held_by=make_user(), reason="Why"),
        "reason",
        "Because",
    ),
    "credits.Purge": (purge, "attendances", 9),
}

# Mails keep the record of their tries in tables of their own; only a person's decisions are events (tests/outbox).
ELSEWHERE = {"outbox.OutgoingMail"}

# What is not recorded, and why that is right.
NOT_TRACKED = {
    "cases.CaseReading": "is a record itself",
    "cases.LibraryEntry": "made anew from what is recorded",
    "core.SavedSearch": "what somebody looks for often; no record of the program",
    "core.StoredFile": "never changes; what refers to it is tracked",
    "credits.NumberSeries": "a counter: each number it gave is a certificate",
    "credits.AuditPackPart": "part of a pack, whose hash is recorded",
    "credits.CycleClosing": "a proxy of Cycle",
    "credits.DryRun": "is a record itself, and never changes",
    "desk.GroupMessage": "is a record itself, and never changes",
    "outbox.MailAttachment": "part of a queued mail, which does not change",
    "outbox.MailAttempt": "is a record itself",
    "participants.ViewedPage": "is a record itself, and never changes",
    "sessions_app.SessionNotice": "what is still to be told; the session's changes and the mails are recorded",
    "sessions_app.SessionReminder": "is a record itself",
    "surveys.PseudonymLookup": "is a record itself, and never changes",
    "surveys.ScreenedAnswer": "made anew from the answer",
    "surveys.SurveyAsk": "is a record itself",
    "surveys.Answer": "what was typed into a draft and taken back is nobody's business; submitted, it is frozen",
}

OWN_APPS = (
    "core",
    "outbox",
    "participants",
    "sessions_app",
    "surveys",
    "cases",
    "credits",
    "desk",
    "echo_portal",
)


def own_models() -> list[type[models.Model]]:
    return [
        model
        for label in OWN_APPS
        for model in apps.get_app_config(label).get_models()
        if not hasattr(model, "pgh_tracked_model")
    ]


def test_every_model_is_tracked_or_has_a_reason_not_to_be():
    assert {model._meta.label for model in own_models()} == {*TRACKED, *ELSEWHERE, *NOT_TRACKED}


@pytest.mark.django_db
@pytest.mark.parametrize("label", TRACKED)
def test_every_write_is_recorded_raw_sql_included(label):
    make, column, value = TRACKED[label]

    row = make()
    value = value(row) if callable(value) else value
    table = row._meta.db_table
    with pgtrigger.ignore(*frozen()):
        sql("UPDATE {} SET {} = %s WHERE id = %s", table, column, params=(value, row.pk))
        sql("UPDATE {} SET {} = {} WHERE id = %s", table, column, column, params=(row.pk,))  # changes nothing
    let_go(row)
    with pgtrigger.ignore(*kept_six_years(), *frozen()):
        delete(row)

    recorded = [event.pgh_label for event in events(row)]
    assert recorded == ["insert", "update", "delete"]
    before, after, last = (getattr(event, column) for event in events(row))
    assert before != after
    assert last == after


def frozen() -> list[str]:
    """The triggers that let nothing be changed: somebody who switches them off is recorded all the same."""
    return [
        trigger.get_uri(model)
        for model, trigger in pgtrigger.registered()
        if (trigger.name or "").endswith(("_never_changes", "_keeps_its_signature", "_request_is_frozen"))
    ]


def let_go(row: models.Model) -> None:
    """Take away what would keep a row from being deleted: what hangs on it, and what points to it."""
    if isinstance(row, CaseVersion):
        with pgtrigger.ignore("cases.CaseSubmission:case_moves"):
            write(row.case, status="draft", version=None)
    if isinstance(row, CaseSubmission):
        delete(row.text)
    if isinstance(row, Instrument):
        for section in row.sections.all():
            delete(section)


def kept_six_years() -> list[str]:
    return [
        trigger.get_uri(model)
        for model, trigger in pgtrigger.registered()
        if (trigger.name or "").endswith("_kept_six_years")
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("label", [*TRACKED, *ELSEWHERE])
def test_no_event_can_be_changed_or_deleted(label):
    table = event_model(apps.get_model(label))._meta.db_table
    if label in TRACKED:
        TRACKED[label][0]()
    else:
        make_decision()

    with refused_by("append_only"):
        sql("UPDATE {} SET pgh_label = 'forged'", table)
    with refused_by("append_only"):
        sql("DELETE FROM {}", table)


def make_decision() -> None:
    """A person has a failed mail sent again."""
    mail = queue_rendered_mail(
        key="test", kind="test", to="ann@clinic.example", subject="Hello", body_text="Hello.", language="en"
    )
    write(mail, recipient="bo@clinic.example")


# --- who, which verb, why -------------------------------------------------------------------------------------------


@pytest.fixture
def hub(db):
    return make_hub()


def contexts(row: models.Model) -> list[dict[str, object] | None]:
    return [event.pgh_context and event.pgh_context.metadata for event in events(row)]


@pytest.mark.django_db(transaction=True)
def test_act_names_who_did_what_and_why():
    user, hub = make_user(), make_hub()

    with audit.act("hub.rename", by=user, reason="It merged."):
        write(hub, name="North")
    write(hub, name="South")

    assert contexts(hub) == [
        None,
        {"verb": "hub.rename", "user": user.pk, "reason": "It merged."},
        None,
    ]


def test_act_of_the_portal_itself_has_no_person(hub):
    with audit.act("hub.rename", by=None):
        write(hub, name="North")

    assert contexts(hub)[-1] == {"verb": "hub.rename", "user": None, "reason": ""}


def test_acts_within_an_act_belong_to_the_outermost(hub, family_physician):
    with audit.act("program.reorganise", by=family_physician, reason="A new year."):
        with audit.act("hub.rename", by=None, reason="Inside."):
            write(hub, name="North")
        write(hub, city="Sudbury")

    assert (
        contexts(hub)[1:]
        == [{"verb": "program.reorganise", "user": family_physician.pk, "reason": "A new year."}] * 2
    )
    assert Context.objects.filter(pk__in=[event.pgh_context_id for event in events(hub)]).count() == 1


@pytest.mark.django_db(transaction=True)
def test_act_that_fails_ends_and_leaves_no_record():
    hub = make_hub()

    def fail() -> None:
        with transaction.atomic(), audit.act("hub.rename", by=None):
            write(hub, name="North")
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        fail()
    with audit.act("hub.move", by=None):
        write(hub, city="Sudbury")

    assert [context and context["verb"] for context in contexts(hub)] == [None, "hub.move"]


def test_acts_name_rows_written_in_bulk_and_by_raw_sql(db):
    user, hubs = make_user(), [make_hub(), make_hub()]

    with audit.act("hub.move", by=user):
        type(hubs[0]).objects.update(city="Sudbury")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE sessions_app_hub SET city = 'Thunder Bay'")

    for hub in hubs:
        assert [context and context["user"] for context in contexts(hub)[1:]] == [user.pk, user.pk]


def test_passwords_are_not_in_the_audit_trail():
    recorded = {field.name for field in event_model(User)._meta.concrete_fields}

    assert "password" not in recorded
    assert {"email", "is_active", "is_staff", "is_superuser"} <= recorded


def test_secrets_of_second_factors_are_not_in_the_audit_trail():
    recorded = {field.name for field in event_model(SecondFactor)._meta.concrete_fields}

    assert "data" not in recorded
    assert {"user", "type"} <= recorded


def test_work_of_the_queue_is_not_in_the_audit_trail():
    recorded = {field.name for field in event_model(Certificate)._meta.concrete_fields}

    assert recorded.isdisjoint({"attempts", "lease_token", "leased_until", "next_attempt_at", "facts"})
