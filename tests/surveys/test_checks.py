"""What keeps an instrument from being released, and what is worth a second look, each by an example."""

from __future__ import annotations

import pytest

from surveys.checks import problems, warnings
from surveys.models import Construct, Instrument
from tests.database import write
from tests.factories import make_instrument, make_program, make_section, make_survey_question

pytestmark = pytest.mark.django_db


@pytest.fixture
def instrument(db) -> Instrument:
    """In order as it stands: all kinds, one condition."""
    instrument = make_instrument(
        make_program(), questions=["scale", "single", "consent", "number", "short", "text", "matrix"]
    )
    section, matrix = instrument.sections.get(), question(instrument, "q7")
    make_survey_question(section, "item", matrix=matrix)
    write(question(instrument, "q4"), shown_if=question(instrument, "q2"), shown_if_answers=["a", "b"])
    return instrument


def question(instrument, key):
    return instrument.questions.get(key=key)


def said(findings) -> str:
    return " ".join(map(str, findings))


def test_whole_instrument_has_no_problem(instrument):
    assert problems(instrument) == []


def test_instrument_without_a_question_asks_nothing():
    assert "asks nothing" in said(problems(make_instrument(make_program(), questions=[])))
    assert "asks nothing" in said(problems(make_instrument(make_program(), questions=["matrix"])))


def test_matrix_needs_items(instrument):
    question(instrument, "q8").delete()

    (found,) = problems(instrument)
    assert str(found) == "The matrix “q7” has no items."
    assert found.question == question(instrument, "q7")


def test_item_has_the_scale_and_the_condition_of_its_matrix(instrument):
    write(question(instrument, "q8"), maximum=7)
    assert "“q8” differs from its matrix" in said(problems(instrument))

    write(question(instrument, "q8"), maximum=5)
    write(question(instrument, "q7"), shown_if=question(instrument, "q2"), shown_if_answers=["a"])
    assert "“q8” differs from its matrix" in said(problems(instrument))


def test_choices_are_at_least_two(instrument):
    question(instrument, "q2").choices.exclude(key="a").delete()
    write(question(instrument, "q4"), shown_if_answers=["a"])

    assert said(problems(instrument)) == "“q2” offers fewer than two choices."


def test_scale_runs_over_whole_numbers(instrument):
    write(question(instrument, "q1"), minimum="1.5")

    assert said(problems(instrument)) == "The scale of “q1” does not run over whole numbers."


@pytest.mark.parametrize("key", ["q6", "q5", "q7"])
def test_condition_looks_at_an_earlier_question_that_can_decide(instrument, key):
    write(question(instrument, "q4"), shown_if=question(instrument, key), shown_if_answers=["1"])

    assert "“q4” is shown by the answer to a question that comes later" in said(problems(instrument))


@pytest.mark.parametrize(
    ("key", "answer", "exists"),
    [
        ("q1", "5", True),
        ("q1", "6", False),
        ("q2", "c", True),
        ("q2", "z", False),
        ("q3", "no", True),
        ("q3", "maybe", False),
    ],
)
def test_condition_names_answers_that_exist(instrument, key, answer, exists):
    write(question(instrument, "q4"), shown_if=question(instrument, key), shown_if_answers=[answer])

    found = said(problems(instrument))
    assert found == ("" if exists else "“q4” is shown by an answer that does not exist.")


def test_construct_has_one_scale_and_is_told_of_once(instrument):
    construct = Construct.objects.create(program=instrument.program, key="trust", name="Trust")
    for key in ("q1", "q8"):
        write(question(instrument, key), construct=construct)
    assert problems(instrument) == []

    for maximum in (7, 9):
        make_survey_question(instrument.sections.get(), maximum=maximum, construct=construct)
    assert said(problems(instrument)) == (
        "The questions of the construct “Trust” have different scales: it has no mean."
    )


def test_reflection_asks_for_words():
    program = make_program()

    assert "answered in words" in said(problems(make_instrument(program, "reflection")))
    assert problems(make_instrument(program, "reflection", questions=["text"], version=2)) == []


def test_reflection_asks_everybody_for_words():
    reflection = make_instrument(make_program(), "reflection", questions=["consent", "text"])
    what = question(reflection, "q2")
    assert problems(reflection) == []

    write(what, shown_if=question(reflection, "q1"), shown_if_answers=["yes"])
    (found,) = problems(reflection)
    assert str(found) == (
        "“q2” is shown by certain answers only: a reflection needs a question that is answered in words and that "
        "everybody is asked."
    )
    assert found.question == what

    make_survey_question(reflection.sections.get(), "short")
    assert problems(reflection) == []


def test_missing_french_is_a_warning():
    instrument = make_instrument(make_program(), questions=["single"])
    assert said(warnings(instrument)) == (
        "Its title or introduction has no French text. The section “Section 1” has no French text. "
        "“q1” has no French text."
    )

    write(instrument, title_fr="Sondage")
    write(instrument.sections.get(), title_fr="Partie 1")
    write(question(instrument, "q1"), text_fr="Question 1")
    instrument.refresh_from_db()
    assert said(warnings(instrument)) == "“q1” has choices without French text."

    question(instrument, "q1").choices.update(text_fr="Choix")
    assert warnings(instrument) == []


def test_scale_without_words_at_its_ends_is_a_warning(instrument):
    write(question(instrument, "q1"), low_label="Not at all", high_label="Fully")

    found = said(warnings(instrument))
    assert "The ends of the scale “q7” have no labels." in found
    assert "scale “q1”" not in found


def test_questions_without_a_partner_are_a_warning(instrument):
    program = instrument.program
    assert "Not paired" not in said(warnings(instrument))

    make_instrument(program, "post", questions=["scale", "scale"], title="Older")
    newest = make_instrument(program, "post", questions=["scale"], version=2, title="Afterwards")
    assert "Not paired, as “Afterwards (v2)” does not ask them: q2, q4, q8." in said(warnings(instrument))
    assert "Not paired" not in said(warnings(newest))


def test_partner_with_another_scale_is_a_warning(instrument):
    post = make_instrument(instrument.program, "post", title="Afterwards")
    assert "in another way" not in said(warnings(instrument))

    write(question(post, "q1"), maximum=7)
    for one in (instrument, post):
        assert "“q1” is answered in another way" in said(warnings(one))


def test_other_kinds_need_no_partner():
    program = make_program()
    make_instrument(program, "pre", questions=["text"])

    assert "Not paired" not in said(warnings(make_instrument(program, "evaluation")))


def test_sections_may_be_many(instrument):
    make_survey_question(make_section(instrument), "multiple")

    assert problems(instrument) == []
