"""What the database keeps about plans, windows, extensions, requests to answer and pseudonyms, broken by raw writes."""

from __future__ import annotations

import pytest

from sessions_app.models import Cycle, Enrolment
from surveys.models import (
    Pseudonym,
    PseudonymLookup,
    ScreenedAnswer,
    SurveyAsk,
    SurveyPlan,
    SurveyWindow,
    WindowExtension,
)
from tests.clock import toronto
from tests.database import delete, refused_by, write
from tests.factories import (
    OPENED_AT,
    make_cycle,
    make_enrolment,
    make_instrument,
    make_program,
    make_response,
    make_session,
    make_user,
    make_window,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle(sessions=1)


@pytest.fixture
def window(cycle) -> SurveyWindow:
    return make_window(cycle)


@pytest.fixture
def enrolment(cycle) -> Enrolment:
    return make_enrolment(cycle)


def make_plan(**values: object) -> SurveyPlan:
    values = {"kind": "pre", "opens_from": "first_day"} | values
    values.setdefault("program", make_program())
    return SurveyPlan.objects.create(**values)


def test_plan_is_one_of_a_kind():
    first = make_plan()

    with refused_by("surveys_surveyplan_once"):
        make_plan(program=first.program)


def test_plan_counts_from_what_is_known():
    with refused_by("surveys_surveyplan_kind_known"):
        make_plan(kind="quiz")
    with refused_by("surveys_surveyplan_opens_from_known"):
        make_plan(opens_from="easter")
    with refused_by("surveys_surveyplan_closes_from_known"):
        make_plan(closes_from="easter")
    with refused_by("surveys_surveyplan_reminder_days_known"):
        make_plan(reminder_days=[4])


@pytest.mark.parametrize(
    "values",
    [
        {"opens_from": "session"},
        {"kind": "evaluation"},
        {"kind": "evaluation", "opens_from": "session", "closes_from": "last_day"},
    ],
)
def test_plan_counts_from_the_session_for_evaluations_alone(values):
    with refused_by("surveys_surveyplan_session_for_evaluation"):
        make_plan(**values)


def test_window_reminds_on_known_days(window):
    with refused_by("surveys_surveywindow_reminder_days_known"):
        write(window, reminder_days=[4])


def test_evaluation_exists_once_a_session(cycle):
    evaluation = make_window(cycle, "evaluation", session=cycle.sessions.get())

    with refused_by("survey_window_one_per_kind"):
        make_window(cycle, instrument=evaluation.instrument, session=evaluation.session)
    make_window(cycle, "evaluation", session=make_session(cycle, week=1))


def test_window_asks_what_is_released_about_its_own_session(cycle):
    unreleased = make_instrument(cycle.program, is_released=False)
    elsewhere = make_cycle(sessions=1).sessions.get()

    with refused_by("survey_window_asks_its_own_program"):
        make_window(cycle, instrument=unreleased)
    for kind, session in (("evaluation", None), ("post", cycle.sessions.get()), ("evaluation", elsewhere)):
        with refused_by("survey_window_asks_its_own_program"):
            make_window(cycle, kind, session=session)


def test_extension_is_one_a_person_with_a_reason(window, enrolment):
    values = {
        "window": window,
        "enrolment": enrolment,
        "closes_at": toronto(2025, 12, 1),
        "granted_by": make_user(is_staff=True),
    }
    with refused_by("surveys_windowextension_has_reason"):
        WindowExtension.objects.create(**values, reason=" \n")
    WindowExtension.objects.create(**values, reason="On leave.")

    with refused_by("surveys_windowextension_once"):
        WindowExtension.objects.create(**values, reason="Still on leave.")
    with refused_by("window_extension_belongs_to_the_cycle"):
        WindowExtension.objects.create(**values | {"enrolment": make_enrolment(make_cycle())}, reason="No.")


def test_each_step_is_asked_once_of_who_has_not_answered(window, enrolment):
    SurveyAsk.objects.create(window=window, enrolment=enrolment, step="invitation")

    with refused_by("surveys_surveyask_once"):
        SurveyAsk.objects.create(window=window, enrolment=enrolment, step="invitation")
    for step in ("", "day-x", "hand-yesterday"):
        with refused_by("surveys_surveyask_step_known"):
            SurveyAsk.objects.create(window=window, enrolment=enrolment, step=step)
    with refused_by("survey_ask_belongs_to_the_cycle"):
        SurveyAsk.objects.create(window=window, enrolment=make_enrolment(make_cycle()), step="day-3")
    make_response(enrolment, window, submitted_at=OPENED_AT)
    with refused_by("survey_ask_only_while_unanswered"):
        SurveyAsk.objects.create(window=window, enrolment=enrolment, step="day-3")


def test_pseudonym_is_one_a_person_and_program():
    program, person = make_program(), make_user()
    first = Pseudonym.objects.create(program=program, participant=person)

    with refused_by("surveys_pseudonym_once"):
        Pseudonym.objects.create(program=program, participant=person)
    with refused_by("surveys_pseudonym_code_key"):
        Pseudonym.objects.create(program=program, participant=make_user(), code=first.code)
    with refused_by("pseudonym_keeps_its_code"):
        write(first, code="ABCDEFGH")
    assert Pseudonym.objects.create(program=make_program(), participant=person).code != first.code


def test_lookup_of_a_pseudonym_has_a_reason_and_is_kept():
    pseudonym = Pseudonym.objects.create(program=make_program(), participant=make_user())
    who = make_user(is_staff=True)
    with refused_by("surveys_pseudonymlookup_has_reason"):
        PseudonymLookup.objects.create(pseudonym=pseudonym, looked_up_by=who, reason=" ")
    kept = PseudonymLookup.objects.create(pseudonym=pseudonym, looked_up_by=who, reason="A withdrawal.")

    with refused_by("pseudonym_lookup_is_kept"):
        write(kept, reason="Another.")
    with refused_by("pseudonym_lookup_is_kept"):
        delete(kept)


def test_answer_is_screened_once(window, enrolment):
    answer = make_response(enrolment, window).answers.get()
    ScreenedAnswer.objects.create(answer=answer, text="[name] taught me.", findings=1)

    with refused_by("surveys_screenedanswer_answer_id_key"):
        ScreenedAnswer.objects.create(answer=answer, text="Again.")
