"""What the database keeps about sections, questions, choices and constructs, broken by raw writes."""

from __future__ import annotations

import pytest

from sessions_app.models import Cycle, Objective
from surveys.models import Choice, Construct, Instrument, Question, Section
from tests.database import delete, refused_by, write
from tests.factories import (
    make_cycle,
    make_enrolment,
    make_instrument,
    make_program,
    make_response,
    make_section,
    make_survey_question,
    make_window,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def cycle(db) -> Cycle:
    return make_cycle()


@pytest.fixture
def instrument(cycle) -> Instrument:
    return make_instrument(cycle.program, questions=["scale", "single", "matrix", "number", "consent"])


@pytest.fixture
def answered(cycle, instrument: Instrument) -> Instrument:
    make_response(make_enrolment(cycle), make_window(cycle, instrument=instrument))
    return instrument


def question(instrument: Instrument, kind: str) -> Question:
    return instrument.questions.get(kind=kind)


def test_construct_key_is_unique_in_its_program():
    program = make_program()
    Construct.objects.create(program=program, key="confidence", name="Confidence")

    with refused_by("surveys_construct_key_once"):
        Construct.objects.create(program=program, key="confidence", name="Self-efficacy")
    Construct.objects.create(program=make_program(), key="confidence", name="Confidence")


def test_choice_key_is_unique_in_its_question(instrument):
    with refused_by("surveys_choice_key_once"):
        Choice.objects.create(question=question(instrument, "single"), position=9, key="a", text="Again")


@pytest.mark.parametrize("kind", ["scale", "matrix", "number", "consent"])
def test_only_questions_of_choices_have_choices(instrument, kind):
    with refused_by("choice_of_a_question_with_choices"):
        Choice.objects.create(question=question(instrument, kind), position=1, key="x", text="X")


def test_sections_and_choices_of_an_answered_instrument_are_frozen(answered):
    section, choice = answered.sections.get(), Choice.objects.all()[0]

    with refused_by("section_frozen_with_responses"):
        write(section, title="Another")
    with refused_by("section_frozen_with_responses"):
        make_section(answered)
    with refused_by("section_stays_with_responses"):
        delete(section)
    with refused_by("choice_frozen_with_responses"):
        write(choice, text="Another")
    with refused_by("choice_frozen_with_responses"):
        Choice.objects.create(question=choice.question, position=9, key="z", text="Z")
    with refused_by("choice_stays_with_responses"):
        delete(choice)


def test_section_keeps_its_instrument(instrument, cycle):
    with refused_by("section_keeps_its_instrument"):
        write(instrument.sections.get(), instrument=make_instrument(cycle.program, "post"))


@pytest.mark.parametrize(
    "values", [{"minimum": None}, {"maximum": None}, {"minimum": -1}, {"maximum": 11}, {"places": 1}]
)
@pytest.mark.parametrize("kind", ["scale", "matrix"])
def test_scale_runs_over_whole_numbers_from_0_to_10(instrument, kind, values):
    with refused_by("surveys_question_scale_has_range"):
        write(question(instrument, kind), **values)


def test_range_is_in_order_and_places_are_few(instrument):
    number = question(instrument, "number")

    with refused_by("surveys_question_range_in_order"):
        write(number, minimum=5, maximum=5)
    with refused_by("surveys_question_places_in_range"):
        write(number, places=3)


def test_item_belongs_to_a_matrix_and_nothing_else_does(instrument):
    with refused_by("surveys_question_item_has_matrix"):
        make_survey_question(instrument.sections.get(), "item")
    with refused_by("surveys_question_item_has_matrix"):
        write(question(instrument, "scale"), matrix=question(instrument, "matrix"))


def test_condition_is_whole(instrument):
    with refused_by("surveys_question_condition_is_whole"):
        write(question(instrument, "number"), shown_if=question(instrument, "single"))
    with refused_by("surveys_question_condition_is_whole"):
        write(question(instrument, "number"), shown_if_answers=["a"])


def test_only_a_consent_is_the_consent_to_research(instrument):
    write(question(instrument, "consent"), is_research_consent=True)

    with refused_by("surveys_question_research_asks_consent"):
        write(question(instrument, "single"), is_research_consent=True)


def test_question_refers_to_its_own_instrument_and_program(instrument, cycle):
    other = make_instrument(cycle.program, "post", questions=["matrix", "single"])
    foreign = make_program()
    construct = Construct.objects.create(program=foreign, key="confidence", name="Confidence")
    objective = Objective.objects.create(program=foreign, position=1, text="Assess pain.")
    scale = question(instrument, "scale")

    for values in (
        {"section": other.sections.get()},
        {"shown_if": question(other, "single"), "shown_if_answers": ["a"]},
        {"shown_if": scale, "shown_if_answers": ["3"]},
        {"construct": construct},
        {"objective": objective},
    ):
        with refused_by("question_stays_in_its_instrument"):
            write(scale, **values)
    for matrix in (question(other, "matrix"), scale):
        with refused_by("question_stays_in_its_instrument"):
            make_survey_question(instrument.sections.get(), "item", matrix=matrix)


def test_instrument_is_deleted_whole_while_nobody_asks_it(instrument):
    write(question(instrument, "number"), shown_if=question(instrument, "single"), shown_if_answers=["a"])
    make_survey_question(instrument.sections.get(), "item", matrix=question(instrument, "matrix"))

    instrument.delete()

    assert not Section.objects.exists()
    assert not Question.objects.exists()
