"""The demonstration: every fact of the program, every state a coordinator meets, and the same story each time."""

from __future__ import annotations

import random
import re
import statistics
import unicodedata
from collections import Counter
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Avg, F
from django.utils import timezone, translation

from cases.models import CaseSubmission, LibraryEntry, RecommendationLetter
from credits.models import Accreditation, Certificate, CreditLine, SessionIdentifier
from credits.queries import cycle_ledgers
from credits.rules import Missing, NotCredited
from credits.services import issue_late_finishers
from credits.signatures import store_signature
from echo_portal.demo import load, program_text
from echo_portal.demo.cases import HUB_SPECIALIST
from echo_portal.demo.conduct import Conduct, conducts
from echo_portal.demo.people import NURSE_LOGIN, PEOPLE, some_people
from echo_portal.demo.schedule import HOLIDAYS, demo_calendar, season, session_times
from echo_portal.demo.signature import signature_png
from outbox.models import OutgoingMail
from participants.licences import looks_like
from participants.models import AgreementAnswer, Profile, User
from sessions_app.models import (
    Attendance,
    Cycle,
    EchoSession,
    Enrolment,
    PlaceOffer,
    Program,
    Speaker,
    UnmatchedName,
)
from surveys.models import Answer, Instrument, Question, Response, SurveyAsk, SurveyWindow
from surveys.queries import asked_questions
from surveys.rules import out_of_order, shown, unanswered
from surveys.services import submit_response
from surveys.services.asking import ask_due
from surveys.services.windows import tend_windows
from tests.loops import no_loop_of_a_browser
from tests.migrated import put_agreements_back, put_roles_back

# A Monday in November: both cycles lie across a change of the clocks, one in March and one in November.
TODAY = date(2026, 11, 23)
TORONTO = ZoneInfo("America/Toronto")


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demonstration, loaded once for the tests of this module and rolled back after them.

    Tests with real transactions run before these and leave an empty database behind.
    """
    with no_loop_of_a_browser(), django_db_blocker.unblock(), transaction.atomic():
        if not Group.objects.exists():
            put_roles_back()
            put_agreements_back()
        program = load.load_demo(seed=1, today=TODAY)
        assert program is not None
        yield program
        transaction.set_rollback(True)


@pytest.fixture
def savepoint(demo):
    """What a test changes is taken back."""
    with transaction.atomic():
        yield demo
        transaction.set_rollback(True)


@pytest.fixture
def finished(demo) -> Cycle:
    return Cycle.objects.get(program=demo, status=Cycle.Status.CLOSED)


@pytest.fixture
def running(demo) -> Cycle:
    return Cycle.objects.get(program=demo, status=Cycle.Status.PUBLISHED)


# --- the program ------------------------------------------------------------------------------------------------
FACTS = {
    "name": ["ECHO Ontario Chronic Pain & Opioid Stewardship"],
    "summary": ["2014", "first ECHO in Ontario"],
    "mission": ["community of practice", "confidence"],
    "format_text": ["Thursday", "12:30 to 14:00", "de-identified", "specialist team", "community partners"],
    "funding": ["Ministry of Health and Long-Term Care", "free"],
    "importance": ["1 in 5", "1 in 7", "2014/15", "3,241", "734", "2015"],
    "credit_text": [
        "2 credits an hour", "3 credits", "1.5", "registered", "College of Family Physicians of Canada", "160 Mainpro+",
        "Section 3", "Maintenance of Certification", "80 hours", "pre-survey", "post-survey", "reflection", "emailed",
    ],
    "reference": ["Boulanger A, Clark AJ, Squire P", "Pain Res Manag. 2007;12(1):39–47"],
}  # fmt: skip
FACTS_FR = {
    "name_fr": ["Douleur chronique"],
    "summary_fr": ["2014", "premier programme ECHO de l’Ontario"],
    "mission_fr": ["communauté de pratique", "confiance"],
    "format_text_fr": ["jeudis", "12 h 30 à 14 h", "téléclinique", "dépersonnalisé"],
    "funding_fr": ["ministère de la Santé et des Soins de longue durée", "gratuit"],
    "importance_fr": ["1 personne sur 5", "1 personne sur 7", "2014-2015", "3 241", "734", "2015"],
    "credit_text_fr": [
        "2 crédits par heure",
        "3 crédits",
        "160 crédits Mainpro+",
        "section 3",
        "80 heures",
        "DPC",
    ],
}


@pytest.mark.parametrize(("field", "words"), [*FACTS.items(), *FACTS_FR.items()])
def test_program_states_its_facts(demo, field, words):
    text = re.sub(r"\s", " ", getattr(demo, field))
    assert [word for word in words if word.replace("\u00a0", " ") not in text] == []


def test_program_has_both_hubs_and_five_objectives(demo):
    assert [(row.hub.name.split(",")[0], row.hub.city) for row in demo.program_hubs.all()] == [
        ("University Health Network", "Toronto"),
        ("Queen's University", "Kingston"),
    ]
    assert [objective.position for objective in demo.objectives.all()] == [1, 2, 3, 4, 5]
    assert demo.began_year == 2014


@pytest.mark.parametrize("language", ["en", "fr"])
def test_public_page_shows_the_program(demo, client, language):
    with translation.override(language):
        page = client.get(f"/programs/{program_text.SLUG}/", headers={"accept-language": language})
    assert page.status_code == 200
    text = page.content.decode()
    expected = "734 décès" if language == "fr" else "734 opioid-related deaths"
    assert expected in text


def test_every_french_text_is_written(demo):
    blank = []
    for model in apps.get_models():
        if model._meta.app_label in {"sessions_app", "surveys", "credits"} and not model._meta.proxy:
            names = {field.name for field in model._meta.get_fields()}
            for name in sorted(names):
                if name.endswith("_fr") and name[:-3] in names:
                    blank += [
                        (model.__name__, name)
                        for row in model._default_manager.all()
                        if getattr(row, name[:-3]) and not getattr(row, name).strip()
                    ]
    assert blank == []


def test_three_accreditations_have_the_published_numbers(demo):
    lines = {
        line.category: (line.unit, line.per_hour, line.cap)
        for line in CreditLine.objects.filter(accreditation__program=demo)
    }
    assert lines == {
        "family_physician": ("credits", Decimal(2), Decimal(160)),
        "specialist": ("hours", Decimal(1), Decimal(80)),
        "other": ("hours", Decimal(1), Decimal(80)),
    }
    for accreditation in demo.accreditations.all():
        accreditation.full_clean()
        assert accreditation.signature is not None
        assert accreditation.physician_name
        for line in accreditation.lines.all():
            line.full_clean()


def test_accreditations_cover_every_session_and_name_it(demo):
    held = EchoSession.objects.filter(cycle__program=demo).exclude(status=EchoSession.Status.CANCELLED)
    for accreditation in Accreditation.objects.filter(program=demo):
        assert all(
            accreditation.valid_from <= session.held_on.date() <= accreditation.valid_to for session in held
        )
        named = SessionIdentifier.objects.filter(accreditation=accreditation)
        assert set(named.values_list("session", flat=True)) == set(held.values_list("pk", flat=True))
        assert named.values("identifier").distinct().count() == held.count()


def test_signature_is_the_same_at_every_call_and_passes_the_check():
    assert signature_png() == signature_png()
    assert signature_png().startswith(b"\x89PNG")


@pytest.mark.django_db
def test_signature_is_accepted_as_an_upload_would_be():
    assert store_signature(signature_png()).content_type == "image/png"


def test_pre_and_post_survey_pair_item_by_item(demo):
    paired = ("confidence", "self_efficacy", "knowledge")
    keys = {
        kind: set(
            demo.instruments.get(kind=kind)
            .questions.filter(construct__key__in=paired)
            .exclude(kind="matrix")
            .values_list("key", flat=True)
        )
        for kind in ("pre", "post", "follow_up")
    }
    assert keys["pre"] == keys["post"]
    assert len(keys["pre"]) == 5 + 9 + 6
    assert keys["follow_up"] < keys["pre"]
    reflection = demo.instruments.get(kind="reflection").questions.get()
    assert (reflection.kind, reflection.is_required) == ("text", True)


def test_every_kind_of_survey_is_released_and_planned(demo):
    kinds = {"pre", "post", "reflection", "evaluation", "follow_up"}
    assert set(demo.instruments.filter(is_released=True).values_list("kind", flat=True)) == kinds
    assert set(demo.survey_plans.values_list("kind", flat=True)) == kinds
    for instrument in demo.instruments.all():
        questions = asked_questions(instrument.pk)
        assert out_of_order(question.asked for question in questions) == []
        for question in questions:
            question.full_clean()
    assert demo.instruments.get(kind="pre").questions.get(is_research_consent=True).kind == "consent"


def test_each_knowledge_question_has_one_right_answer(demo):
    for kind in ("pre", "post"):
        asked = demo.instruments.get(kind=kind).questions.filter(construct__key="knowledge")
        assert asked.count() == 6
        for question in asked:
            assert question.choices.filter(is_correct=True).count() == 1
            assert question.choices.last().key == "not-sure"


# --- the calendar -----------------------------------------------------------------------------------------------
def test_calendar_holds_on_every_day_of_four_years():
    day = date(2025, 1, 1)
    while day < date(2029, 1, 1):
        calendar = demo_calendar(day)
        days = [*calendar.finished, *calendar.running]
        assert days == sorted(set(days))
        assert len(calendar.finished) == len(calendar.running) == 20
        assert all(one.weekday() == 3 and (one.month, one.day) not in HOLIDAYS for one in days)
        assert len(calendar.held) == 10
        # The next session is the next Thursday that is no holiday.
        assert day <= calendar.running[10]
        between = {day + timedelta(days=ahead) for ahead in range((calendar.running[10] - day).days)}
        assert {(one.month, one.day) for one in between if one.weekday() == 3} <= HOLIDAYS
        # The finished cycle was over, its grace period included, before the running one began.
        assert calendar.running[0] - calendar.finished[-1] > timedelta(days=15)
        assert season(calendar.finished[0]) != season(calendar.running[0])
        day += timedelta(days=1)


def test_half_past_twelve_stays_so_across_the_change_of_clocks(finished, running):
    for cycle in (finished, running):
        sessions = list(cycle.sessions.all())
        assert {timezone.localtime(one.starts_at).time() for one in sessions} == {time(12, 30)}
        assert {timezone.localtime(one.ends_at).time() for one in sessions} == {time(14, 0)}
    assert len({one.held_on.utcoffset() for one in running.sessions.all()}) == 2
    assert session_times(date(2026, 7, 2))[0] == datetime(2026, 7, 2, 12, 30, tzinfo=TORONTO)


def test_finished_cycle_was_closed_by_the_portal_after_its_grace_period(finished):
    assert finished.closed_by is None
    assert finished.closed_at >= finished.closes_by_itself_on
    statuses = Counter(finished.sessions.values_list("status", flat=True))
    assert statuses == {"held": 19, "cancelled": 1}


def test_running_cycle_is_half_over_and_open_for_registration(running):
    statuses = list(running.sessions.values_list("status", flat=True))
    assert statuses == ["held"] * 10 + ["confirmed"] + ["planned"] * 9
    assert running.is_open_for_registration(now=datetime(2026, 11, 23, 9, 0, tzinfo=TORONTO))
    windows = {
        window.instrument.kind: window for window in running.survey_windows.filter(session__isnull=True)
    }
    now = datetime(2026, 11, 23, 9, 0, tzinfo=TORONTO)
    assert {kind: window.is_open(now=now) for kind, window in windows.items()} == {
        "pre": True,
        "post": False,
        "reflection": False,
        "follow_up": False,
    }
    assert running.survey_windows.filter(session__isnull=False).count() == 20


# --- the people -------------------------------------------------------------------------------------------------
def test_forty_participants_of_three_categories_a_quarter_of_them_in_french(demo):
    profiles = Profile.objects.filter(user__email__in=[person.email for person in PEOPLE])
    assert profiles.count() == 40
    assert set(profiles.values_list("category", flat=True)) == {"family_physician", "specialist", "other"}
    assert 8 <= profiles.filter(language="fr").count() <= 12
    for profile in profiles:
        profile.full_clean()
        assert looks_like(profile.college, profile.licence_number), profile.licence_number
        # Two zeros in front: nobody's number.
        assert re.match(r"[A-Z]*00", profile.licence_number)
        assert profile.practice_type
        assert profile.postal_prefix


def test_everybody_of_the_demonstration_has_agreed_to_take_part_and_not_all_to_the_rest(demo):
    answers = AgreementAnswer.objects.filter(user__email__in=[person.email for person in PEOPLE])
    assert answers.filter(agreement__kind="participation", is_given=True).count() == 40
    assert 0 < answers.filter(agreement__kind="research", is_given=False).count() < 20
    assert not answers.filter(answered_at__lt=F("agreement__published_at")).exists()


def test_names_are_those_of_ontario():
    letters = {letter for person in PEOPLE for letter in person.legal_name if letter.isalpha()}
    scripts = {unicodedata.name(letter).split()[0] for letter in letters}
    assert scripts >= {
        "LATIN", "ARABIC", "CJK", "HANGUL", "CYRILLIC", "GREEK", "HEBREW", "TAMIL", "GURMUKHI", "DEVANAGARI",
        "CANADIAN",
    }  # fmt: skip
    names = " ".join(person.legal_name for person in PEOPLE)
    assert {"'", "-", ":"} <= set(names)
    assert len({person.legal_name for person in PEOPLE}) == len({person.email for person in PEOPLE}) == 40


def test_addresses_can_never_reach_anybody():
    assert {person.email.rpartition("@")[2] for person in PEOPLE} == {"example.org"}


@pytest.mark.parametrize("count", [1, 6, 40, 300])
def test_some_people_are_as_many_as_asked_and_all_different(count):
    people = some_people(count, random.Random(3))  # noqa: S311
    assert len({person.email for person in people}) == count
    assert all(len(person.legal_name.strip()) > 2 for person in people)
    if count >= 6:
        assert len({person.category for person in people}) == 3


@pytest.mark.parametrize("count", [0, 1, 2, 5, 15, 38])
def test_conducts_are_as_many_as_people_and_somebody_completes(count):
    for seed in range(20):
        ways = conducts(count, random.Random(seed))  # noqa: S311
        assert len(ways) == count
        assert count == 0 or Conduct.COMPLETES in ways
        assert count < 15 or len(set(ways)) == len(Conduct) - 1  # withdrawing is decided elsewhere


# --- what happened ----------------------------------------------------------------------------------------------
def test_every_reason_for_no_certificate_is_there(finished):
    reasons = Counter(reason for ledger in cycle_ledgers(finished) for reason in ledger.missing)
    assert set(reasons) == {Missing.PRE_SURVEY, Missing.POST_SURVEY, Missing.REFLECTION, Missing.CREDIT}
    statuses = Counter(finished.enrolments.values_list("status", flat=True))
    assert statuses == {"approved": 33, "withdrawn": 2, "declined": 1}


def test_every_reason_for_no_credit_is_there(finished, running):
    reasons = {
        row.reason for cycle in (finished, running) for ledger in cycle_ledgers(cycle) for row in ledger.rows
    }
    assert reasons == {
        None,
        NotCredited.ABSENT,
        NotCredited.BELOW_THRESHOLD,
        NotCredited.BEFORE_ENROLMENT,
        NotCredited.GUEST,
        NotCredited.CANCELLED,
    }


def test_certificates_are_numbered_without_gap_for_exactly_the_eligible(finished):
    certificates = Certificate.objects.filter(enrolment__cycle=finished)
    eligible = {ledger.enrolment.pk for ledger in cycle_ledgers(finished) if not ledger.missing}
    assert len(eligible) >= 20
    assert sorted(certificates.values_list("enrolment", flat=True)) == sorted(eligible)
    assert sorted(certificates.values_list("serial", flat=True)) == list(range(1, len(eligible) + 1))
    # The workers draw and mail them.
    assert set(certificates.values_list("status", flat=True)) == {Certificate.Status.PENDING}


def test_certificates_state_what_each_category_earns(finished):
    found = set()
    for certificate in Certificate.objects.filter(enrolment__cycle=finished).select_related("line"):
        rate = Decimal(2) if certificate.line.category == "family_physician" else Decimal(1)
        assert certificate.amount == certificate.hours * rate
        assert certificate.hours == sum(Decimal(row["hours"]) for row in certificate.facts["sessions"])
        assert all(row["session_id"] for row in certificate.facts["sessions"])
        found.add(certificate.line.category)
    assert found == {"family_physician", "specialist", "other"}


def test_one_certificate_came_late(finished):
    assert finished.closed_at is not None
    late = Certificate.objects.filter(enrolment__cycle=finished, created_at__gt=finished.closed_at)
    assert late.count() >= 1
    for certificate in late:
        last = certificate.enrolment.responses.order_by("-submitted_at")[0]
        assert last.submitted_at is not None
        assert finished.closed_at < last.submitted_at < certificate.created_at


def test_running_cycle_has_applications_that_wait(running):
    statuses = Counter(running.enrolments.values_list("status", flat=True))
    assert statuses["applied"] == 4
    assert statuses["waitlisted"] == statuses["withdrawn"] == 1
    assert statuses["approved"] >= 25


def test_most_have_answered_the_pre_survey_of_the_running_cycle(running):
    window = running.survey_windows.get(instrument__kind="pre")
    submitted = window.responses.filter(status=Response.Status.SUBMITTED).count()
    approved = running.enrolments.filter(status=Enrolment.Status.APPROVED).count()
    assert approved * 3 // 4 <= submitted < approved
    assert window.responses.filter(status=Response.Status.DRAFT).count() == 1


def test_attendance_comes_from_reports_and_two_entries_by_hand(demo):
    rows = Attendance.objects.filter(session__cycle__program=demo)
    assert rows.filter(source="manual").count() == 2
    assert all(row.reason for row in rows.filter(source="manual"))
    assert rows.filter(source="report").count() > 500
    # Nothing from the future.
    assert not rows.filter(session__starts_at__gte=datetime(2026, 11, 23, tzinfo=TORONTO)).exists()


def test_history_sends_no_mail_but_the_offer_made_today(demo):
    (mail,) = OutgoingMail.objects.all()
    offer = PlaceOffer.objects.get()

    assert mail.recipient == offer.enrolment.participant.email
    assert "/place/" in mail.body_text
    assert offer.enrolment.status == Enrolment.Status.WAITLISTED


def _some_answer(question: Question) -> Decimal | tuple[str, ...] | None:
    if question.kind in {"scale", "item"}:
        return Decimal(4)
    return (question.choices.all()[0].key,) if question.kind in {"single", "multiple"} else None


def test_tending_and_asking_after_loading_changes_nothing_and_writes_to_nobody(savepoint):
    now = datetime(2026, 11, 23, 9, 0, tzinfo=TORONTO)
    mails = OutgoingMail.objects.count()

    assert tend_windows(now=now) == 0
    assert ask_due(now=now) == 0
    assert OutgoingMail.objects.count() == mails
    assert SurveyAsk.objects.exists()


@pytest.mark.parametrize("kind", ["confidence", "self_efficacy"])
def test_people_gain_and_their_answers_go_together(finished, kind):
    before, after = (_means(finished, when, kind) for when in ("pre", "post"))
    pairs = [(before[pk], after[pk]) for pk in sorted(before.keys() & after.keys())]
    gains = [late - early for early, late in pairs]
    assert len(pairs) >= 20
    assert 0.4 < statistics.mean(gains) / statistics.stdev(gains) < 1.7
    assert statistics.correlation(*zip(*pairs, strict=True)) > 0.3


def _means(cycle: Cycle, when: str, construct: str) -> dict[int, float]:
    answers = Answer.objects.filter(
        response__window__cycle=cycle,
        response__window__instrument__kind=when,
        response__status=Response.Status.SUBMITTED,
        question__construct__key=construct,
        question__is_reversed=False,
    )
    means = answers.values("response__enrolment").annotate(mean=Avg("number"))
    return {row["response__enrolment"]: float(row["mean"]) for row in means}


def test_most_consent_to_research_and_not_all(demo):
    answers = Answer.objects.filter(question__is_research_consent=True, question__instrument__program=demo)
    yes = answers.filter(choices=["yes"]).count()
    assert 0.6 < yes / answers.count() < 0.95


def test_sessions_are_evaluated_by_some_of_those_who_came(finished):
    evaluations = Response.objects.filter(
        window__cycle=finished, window__session__isnull=False, status=Response.Status.SUBMITTED
    )
    came = Attendance.objects.filter(session__cycle=finished, minutes__gt=0, is_guest=False)
    assert 0.2 < evaluations.count() / came.count() < 0.7
    pairs = set(came.values_list("enrolment", "session"))
    assert set(evaluations.values_list("enrolment", "window__session")) <= pairs
    for response in evaluations.select_related("window"):
        assert response.submitted_at is not None
        assert response.window.opens_at <= response.submitted_at
        assert response.window.closes_at is not None
        assert response.submitted_at < response.window.closes_at


def test_every_submitted_response_is_whole(demo):
    asked = {
        instrument.pk: [question.asked for question in asked_questions(instrument.pk)]
        for instrument in demo.instruments.all()
    }
    for response in Response.objects.filter(status=Response.Status.SUBMITTED).select_related("window"):
        questions = asked[response.window.instrument_id]
        values = {answer.question_id: answer.value for answer in response.answers.all()}
        assert unanswered(questions, values) == []
        assert values.keys() <= shown(questions, values)


def test_nurse_is_one_answer_away_from_a_certificate(savepoint):
    enrolment = Enrolment.objects.get(participant__email=NURSE_LOGIN.email, cycle__status=Cycle.Status.CLOSED)
    (ledger,) = [one for one in cycle_ledgers(enrolment.cycle) if one.enrolment == enrolment]
    assert ledger.missing == (Missing.POST_SURVEY,)
    window = SurveyWindow.objects.get(cycle=enrolment.cycle, instrument__kind=Instrument.Kind.POST)
    now = datetime(2026, 11, 23, 12, 0, tzinfo=TORONTO)
    submit_response(
        window_id=window.pk,
        by=enrolment.participant,
        answers={question.pk: _some_answer(question) for question in asked_questions(window.instrument_id)},
        now=now,
    )
    assert issue_late_finishers(now=now) == 1
    assert enrolment.certificates.count() == 1
    call_command("load_demo", "--show-logins", stdout=(out := StringIO()))
    assert "answer the post-survey" not in out.getvalue()


# --- loading ----------------------------------------------------------------------------------------------------
def test_loading_again_changes_nothing(savepoint):
    before = (User.objects.count(), Attendance.objects.count(), Answer.objects.count())
    assert load.load_demo(seed=2, today=TODAY) is None
    out = StringIO()
    call_command("load_demo", stdout=out)
    assert "there already" in out.getvalue()
    call_command("load_demo", "--quiet", stdout=(quiet := StringIO()))
    assert quiet.getvalue() == ""
    assert before == (User.objects.count(), Attendance.objects.count(), Answer.objects.count())


def _story() -> dict[str, object]:
    """Everything that the seed decides: who attended how long, answered what, and is eligible."""
    return {
        "minutes": sorted(
            Attendance.objects.values_list("enrolment__participant__email", "session__starts_at", "minutes")
        ),
        "answers": sorted(
            map(
                str,
                Answer.objects.values_list(
                    "response__enrolment__participant__email", "response__window__opens_at", "question__key",
                    "number", "text", "choices",
                ),
            )
        ),
        "times": sorted(
            Response.objects.exclude(submitted_at=None).values_list(
                "enrolment__participant__email", "submitted_at"
            )
        ),
        "enrolments": sorted(
            Enrolment.objects.values_list("participant__email", "cycle__name", "status", "applied_at")
        ),
        "certificates": sorted(
            Certificate.objects.values_list("number", "enrolment__participant__email", "hours", "amount")
        ),
    }  # fmt: skip


def _told(seed: int) -> dict[str, object]:
    with transaction.atomic():
        load.load_demo(seed=seed, today=TODAY)
        story = _story()
        transaction.set_rollback(True)
    return story


@pytest.mark.django_db
def test_same_seed_tells_the_same_story_and_another_seed_another():
    first = _told(5)
    assert all(first.values())
    assert _told(5) == first
    other = _told(6)
    assert other["minutes"] != first["minutes"]
    assert other["certificates"] != first["certificates"]


@pytest.mark.django_db
def test_production_gets_no_accounts_with_a_known_password(settings):
    settings.IS_PRODUCTION = True
    with pytest.raises(CommandError, match="known password"):
        call_command("load_demo")
    assert not Program.objects.exists()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_somebody_elses_account_is_not_taken_over():
    User.objects.create_user(load.COORDINATOR, "somebody's own password")
    with pytest.raises(CommandError, match="is an account already"):
        call_command("load_demo")
    assert not Program.objects.exists()


# --- logging in -------------------------------------------------------------------------------------------------
def test_logins_are_shown_and_open_the_door(demo, client):
    call_command("load_demo", "--show-logins", stdout=(out := StringIO()))
    shown = re.findall(r"(\S+@example\.org)", out.getvalue())
    staff = [load.COORDINATOR, load.ADMINISTRATOR, HUB_SPECIALIST]
    assert shown == [*staff, *(person.email for person in load.LOGINS)]
    assert load.PASSWORD in out.getvalue()
    assert (
        f"/my/cycles/{demo.cycles.get(status=Cycle.Status.CLOSED).pk}/ (answer the post-survey"
        in out.getvalue()
    )
    for email in shown:
        assert client.login(email=email, password=load.PASSWORD), email
        assert EmailAddress.objects.filter(email=email, verified=True, primary=True).exists()


def test_demo_has_a_case_in_every_state_and_a_team_that_answers(savepoint, client):
    states = Counter(CaseSubmission.objects.values_list("status", flat=True))
    assert states == {
        "draft": 1,
        "submitted": 1,
        "approved": 1,
        "scheduled": 1,
        "presented": 1,
        "recommendations_sent": 3,
    }
    assert LibraryEntry.objects.count() == RecommendationLetter.objects.count() == 3
    assert not OutgoingMail.objects.filter(kind="case").exists()
    client.force_login(User.objects.get(email=HUB_SPECIALIST))
    page = client.get("/cases/hub/").content.decode()
    for case in CaseSubmission.objects.exclude(status__in=("draft", "submitted")):
        assert case.echo_id in page
        assert client.get(f"/cases/{case.echo_id}/recommendations/").status_code == 200
    for letter in RecommendationLetter.objects.select_related("case"):
        assert client.get(f"/cases/{letter.case.echo_id}/letter/").status_code == 200
    assert "3 cases found" in client.get("/cases/library/?q=sleep").content.decode()


def test_staff_log_in_with_a_code_that_a_command_prints(savepoint, client):
    for email in (load.COORDINATOR, load.ADMINISTRATOR):
        entered = client.post("/accounts/login/", {"login": email, "password": load.PASSWORD})
        assert entered["Location"] == "/accounts/2fa/authenticate/"
        call_command("one_time_code", email, stdout=(out := StringIO()))
        client.post("/accounts/2fa/authenticate/", {"code": out.getvalue().strip()})
        assert client.get("/admin/").status_code == 200
        client.post("/accounts/logout/")


def test_a_login_that_was_switched_off_is_not_shown(savepoint):
    User.objects.filter(email=load.ADMINISTRATOR).update(is_active=False)
    call_command("load_demo", "--show-logins", stdout=(out := StringIO()))
    assert load.ADMINISTRATOR not in out.getvalue()
    assert load.COORDINATOR in out.getvalue()


def test_coordinator_works_by_role_and_not_as_superuser(demo):
    coordinator = User.objects.get(email=load.COORDINATOR)
    assert (coordinator.is_staff, coordinator.is_superuser) == (True, False)
    assert list(coordinator.groups.values_list("name", flat=True)) == ["Coordinators"]
    assert coordinator.has_perm("credits.close_cycle")
    assert not coordinator.has_perm("credits.delete_certificate")


def test_participants_have_no_way_into_the_administration(demo):
    assert not User.objects.filter(email__in=[person.email for person in PEOPLE], is_staff=True).exists()


# --- the season -------------------------------------------------------------------------------------------------
def test_season_shows_what_a_coordinator_must_still_see_to(demo, running):
    coming = running.sessions.filter(status=EchoSession.Status.PLANNED)
    disclosures = set(Speaker.objects.filter(session__cycle=running).values_list("disclosure", flat=True))

    assert coming.filter(speakers__isnull=True).exists()
    assert coming.filter(speakers__disclosure="missing").exists()
    assert disclosures == {"missing", "none", "declared"}
    assert coming.filter(slots__enrolment__isnull=True).exists()
    assert coming.filter(slots__enrolment__isnull=False).exists()


def test_sessions_that_were_held_have_speaker_objectives_materials_and_presenter(demo, finished):
    held = finished.sessions.filter(status=EchoSession.Status.HELD)

    assert held.filter(speakers__disclosure="missing").count() == 0
    assert held.filter(speakers__isnull=True).count() == 0
    assert held.filter(session_objectives__isnull=True).count() == 0
    assert {file is None for file in held.values_list("materials__file", flat=True)} == {True, False}
    assert held.filter(slots__enrolment__isnull=False).count() > 10


def test_names_on_the_latest_report_wait_for_a_person(demo, running):
    waiting = UnmatchedName.objects.filter(report__session__cycle=running, outcome="open")
    latest = running.sessions.filter(status=EchoSession.Status.HELD).latest("starts_at")

    names = set(waiting.filter(report__session=latest).values_list("name", flat=True))

    assert "iPad (2)" in names
    assert len(names) == 4
    assert latest.attendances.filter(source="report").count() > 20
