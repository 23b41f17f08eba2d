"""A cycle's results: rule 31's figures from what people submitted, and nothing about fewer than five."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from participants.enums import Category
from sessions_app.models import Cycle, Enrolment
from surveys.models import Answer, Choice, Construct, Response, ScreenedAnswer, SurveyWindow
from surveys.results import as_json, choice_counts, cycle_results, open_answers, session_evaluations
from surveys.services import ensure_pseudonyms
from tests.factories import (
    OPENED_AT,
    make_attendance,
    make_cycle,
    make_enrolment,
    make_instrument,
    make_survey_question,
    make_user,
    make_window,
)

pytestmark = pytest.mark.django_db

PRE, POST = (3, 4, 2, 5, 3), (5, 5, 4, 6, 4)


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle(sessions=2)


def paired_survey(
    cycle: Cycle, keys: tuple[str, ...] = ("q1",), maximum: int = 7
) -> tuple[SurveyWindow, SurveyWindow]:
    """A pre- and a post-survey of the same scales, which measure one construct."""
    construct, _is_new = Construct.objects.get_or_create(
        program=cycle.program, key="confidence", defaults={"name": "Confidence"}
    )
    windows = []
    for kind in ("pre", "post"):
        instrument = make_instrument(cycle.program, kind, questions=[])
        section = instrument.sections.get()
        for key in keys:
            make_survey_question(section, "scale", key=key, maximum=maximum, construct=construct)
        windows.append(make_window(cycle, kind, instrument=instrument))
    return windows[0], windows[1]


def answer(enrolment: Enrolment, window: SurveyWindow, **values: object) -> Response:
    response = Response.objects.create(window=window, enrolment=enrolment, started_at=OPENED_AT)
    for key, value in values.items():
        question = window.instrument.questions.get(key=key)
        field = "text" if isinstance(value, str) else "choices" if isinstance(value, list) else "number"
        Answer.objects.create(response=response, question=question, **{field: value})
    Response.objects.filter(pk=response.pk).update(status="submitted", submitted_at=OPENED_AT)
    ensure_pseudonyms(program_id=window.cycle.program_id, participant_ids=[enrolment.participant_id])
    return response


def people(cycle: Cycle, number: int, category: str = Category.OTHER) -> list[Enrolment]:
    return [make_enrolment(cycle, make_user(category=category)) for _ in range(number)]


def test_results_are_those_of_the_rule(cycle):
    pre, post = paired_survey(cycle)
    for enrolment, before, after in zip(people(cycle, 5), PRE, POST, strict=True):
        answer(enrolment, pre, q1=before)
        answer(enrolment, post, q1=after)
    *only_before, draft = people(cycle, 6)
    for enrolment in only_before:
        answer(enrolment, pre, q1=7)
    Response.objects.create(window=post, enrolment=draft, started_at=OPENED_AT)

    results = cycle_results(cycle)
    (item,) = results.items

    assert (item.n_pre, item.n_post, item.n_paired) == (10, 5, 5)
    figures = item.figures
    assert figures is not None
    assert figures.mean_difference == pytest.approx(1.4)
    assert figures.sd_difference == pytest.approx(0.548, abs=5e-4)
    assert figures.t == pytest.approx(5.72, abs=5e-3)
    assert figures.df == 4
    assert figures.dz == pytest.approx(2.56, abs=5e-3)
    assert item.counts_pre == (0, 1, 2, 1, 1, 0, 5)
    assert item.counts_post == (0, 0, 0, 2, 2, 1, 0)
    assert {rate.kind: (rate.asked, rate.submitted) for rate in results.rates} == {
        "pre": (11, 10),
        "post": (11, 5),
    }


@pytest.mark.parametrize("number", [1, 4])
def test_answers_of_the_few_who_answered_once_do_not_follow_by_subtraction(cycle, number):
    pre, post = paired_survey(cycle, ("q1", "q2"))
    for enrolment, before, after in zip(people(cycle, 5), PRE, POST, strict=True):
        answer(enrolment, pre, q1=before, q2=before)
        answer(enrolment, post, q1=after, q2=after)
    for enrolment in people(cycle, number):
        answer(enrolment, pre, q1=7, q2=7)

    results = cycle_results(cycle)

    for measure in (*results.items, *results.constructs):
        assert measure.figures is not None
        assert (measure.n_pre, measure.n_paired) == (5, 5)
        assert measure.figures.mean_pre == measure.figures.mean_pre_paired == pytest.approx(3.4)
    assert results.items[0].counts_pre == (0, 1, 2, 1, 1, 0, 0)
    assert results.constructs[0].alpha_pre is not None
    assert results.constructs[0].alpha_pre.n == 5


def test_alpha_is_of_complete_rows(cycle):
    pre, _post = paired_survey(cycle, ("q1", "q2", "q3"))
    rows = ((3, 4, 3), (5, 5, 4), (2, 2, 1), (4, 5, 4), (4, 4, 4))
    for enrolment, (one, two, three) in zip(people(cycle, 5), rows, strict=True):
        answer(enrolment, pre, q1=one, q2=two, q3=three)
    for enrolment in people(cycle, 5):
        answer(enrolment, pre, q1=7)

    (construct,) = cycle_results(cycle).constructs

    assert construct.alpha_pre is not None
    assert construct.alpha_pre.n == 5
    assert construct.alpha_pre.alpha == pytest.approx(0.9685, abs=1e-4)
    assert construct.figures is None


def test_reversed_item_is_turned_and_knowledge_is_scored(cycle):
    construct = Construct.objects.create(program=cycle.program, key="knowledge", name="Knowledge")
    windows = {}
    for kind in ("pre", "post"):
        instrument = make_instrument(cycle.program, kind, questions=[])
        section = instrument.sections.get()
        make_survey_question(section, "scale", key="doubt", is_reversed=True)
        quiz = make_survey_question(section, "single", key="quiz", construct=construct)
        Choice.objects.filter(question=quiz, key="b").update(is_correct=True)
        windows[kind] = make_window(cycle, kind, instrument=instrument)
    for enrolment in people(cycle, 6):
        answer(enrolment, windows["pre"], doubt=5, quiz=["a"])
        answer(enrolment, windows["post"], doubt=2, quiz=["b"])

    measures = {one.key: one for one in cycle_results(cycle).items}

    assert measures["doubt"].figures is not None
    assert measures["doubt"].figures.mean_difference == pytest.approx(3)
    assert measures["quiz"].figures is not None
    assert (measures["quiz"].figures.mean_pre, measures["quiz"].figures.mean_post) == (0, 1)
    # Everybody moved alike: Student's test has nothing to divide by.
    assert measures["quiz"].figures.t is None


def test_question_in_another_range_is_not_paired_and_is_named(cycle):
    pre, _post = paired_survey(cycle)
    SurveyWindow.objects.filter(cycle=cycle, instrument__kind="post").delete()
    other = make_instrument(cycle.program, "post", version=2, questions=[])
    make_survey_question(other.sections.get(), "scale", key="q1", maximum=5)
    make_window(cycle, "post", instrument=other)
    answer(people(cycle, 1)[0], pre, q1=4)

    results = cycle_results(cycle)

    assert results.unpaired == ("q1",)
    assert results.items == ()


def test_fewer_than_five_pairs_are_not_shown(cycle):
    pre, post = paired_survey(cycle)
    for enrolment in people(cycle, 4):
        answer(enrolment, pre, q1=3)
        answer(enrolment, post, q1=5)

    results = cycle_results(cycle)

    (item,) = results.items
    assert (item.n_paired, item.figures, item.counts_pre, item.counts_post) == (4, None, None, None)
    assert results.is_small
    assert all(row.n is None for by in results.by_category for row in by.rows)


def test_small_group_is_hidden_and_cannot_be_found_by_subtraction(cycle):
    pre, post = paired_survey(cycle)
    sizes = {Category.FAMILY_PHYSICIAN: 9, Category.SPECIALIST: 6, Category.OTHER: 3}
    for category, number in sizes.items():
        for at, enrolment in enumerate(people(cycle, number, category)):
            answer(enrolment, pre, q1=2 + at % 2)
            answer(enrolment, post, q1=4 + at % 3)

    (by_category,) = cycle_results(cycle).by_category

    shown = {row.group: row.n for row in by_category.rows}
    assert shown == {Category.FAMILY_PHYSICIAN: 9, Category.SPECIALIST: None, Category.OTHER: None}
    assert [row.group for row in by_category.rows if row.figures] == [Category.FAMILY_PHYSICIAN]


def test_change_is_set_against_sessions_attended(cycle):
    pre, post = paired_survey(cycle)
    sessions = list(cycle.sessions.all())
    for at, enrolment in enumerate(people(cycle, 18)):
        attended = at % 3
        for session in sessions[:attended]:
            make_attendance(enrolment, session)
        answer(enrolment, pre, q1=2)
        answer(enrolment, post, q1=3 + attended)

    (dose,) = cycle_results(cycle).by_attendance

    assert dose.correlation is not None
    assert dose.correlation.rho == pytest.approx(1)
    assert {row.group: row.n for row in dose.bands.rows} == {"under_half": 6, "half_to_80": 6, "from_80": 6}


def test_results_cost_the_same_queries_for_six_as_for_thirty():
    counts = []
    for number in (6, 30):
        cycle = make_cycle(sessions=1)
        pre, post = paired_survey(cycle)
        for enrolment in people(cycle, number):
            answer(enrolment, pre, q1=2)
            answer(enrolment, post, q1=4)
        with CaptureQueriesContext(connection) as queries:
            cycle_results(cycle)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 20


def test_cycle_without_surveys_or_answers_has_empty_results(cycle):
    assert cycle_results(cycle).items == ()
    paired_survey(cycle)

    results = cycle_results(cycle)

    assert [one.figures for one in results.items] == [None]
    assert session_evaluations(cycle).sessions == ()
    assert json.dumps(as_json(results, session_evaluations(cycle)), allow_nan=False)


# --- evaluations, choices, words ------------------------------------------------------------------------------------


def test_evaluations_are_of_those_who_were_there(cycle):
    instrument = make_instrument(cycle.program, "evaluation", questions=["scale"])
    first, second = cycle.sessions.all()
    for session, number in ((first, 6), (second, 2)):
        window = make_window(cycle, "evaluation", instrument=instrument, session=session)
        for enrolment in people(cycle, number):
            make_attendance(enrolment, session)
            answer(enrolment, window, q1=4)
    make_attendance(people(cycle, 1)[0], first, is_guest=True)

    found = session_evaluations(cycle)

    assert [row.attended for row in found.sessions] == [6, 2]
    # Two sessions: the one that is shown would tell the other.
    assert [row.submitted for row in found.sessions] == [None, None]
    assert found.means["q1"] == (8, 4.0)


def test_choices_are_counted_from_five_on(cycle):
    instrument = make_instrument(cycle.program, "pre", questions=["multiple", "consent"])
    window = make_window(cycle, "pre", instrument=instrument)
    for enrolment in people(cycle, 5):
        answer(enrolment, window, q1=["a", "c"], q2=["yes"])

    several, consent = choice_counts(cycle)

    assert (several.n, several.counts) == (5, (("Choice a", 5), ("Choice b", 0), ("Choice c", 5)))
    assert consent.counts == (("yes", 5), ("no", 0))


def test_open_answers_are_listed_screened_and_under_pseudonyms(cycle):
    instrument = make_instrument(cycle.program, "reflection", questions=["text"])
    window = make_window(cycle, "reflection", instrument=instrument)
    one, two = people(cycle, 2)
    kept = answer(one, window, q1="I learned it from Dr. Jane Doe.")
    answer(two, window, q1="Sleep first.")
    ScreenedAnswer.objects.create(answer=kept.answers.get(), text="I learned it from [name].", findings=1)

    found = open_answers(cycle)

    assert [row.screened.text for row in found.rows] == ["I learned it from [name]."]
    assert [vars(row)["pseudonym"] for row in found.rows] == [one.participant.pseudonyms.get().code]
    assert found.waiting == 1


# --- the command ----------------------------------------------------------------------------------------------------


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("survey_results", *arguments, stdout=out)
    return out.getvalue()


def test_command_prints_json_and_a_table(cycle):
    pre, post = paired_survey(cycle)
    for enrolment, before, after in zip(people(cycle, 5), PRE, POST, strict=True):
        answer(enrolment, pre, q1=before)
        answer(enrolment, post, q1=after)

    printed = json.loads(run(str(cycle.pk), "--json"))

    (item,) = printed["items"]
    assert (item["n_pre"], item["n_post"], item["n_paired"]) == (5, 5, 5)
    assert item["figures"]["dz"] == pytest.approx(2.556, abs=1e-3)
    assert printed["response_rates"][0] == {"survey": "pre", "asked": 5, "submitted": 5, "share": 1.0}
    table = run(f"{cycle.program.slug}/{cycle.name}")
    assert "dz 2.56" in table
    assert "n = 5" in table


def test_command_names_a_cycle_that_is_not_there():
    with pytest.raises(CommandError, match="No cycle"):
        run("9999")
    with pytest.raises(CommandError, match="No cycle"):
        run("pain/Nowhere")
