"""A section of a survey as a form: what it reads, what it refuses, and the marks it carries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from surveys.forms import SectionForm
from surveys.models import Instrument
from surveys.queries import asked_questions
from surveys.rules import MAX_LENGTH, QuestionKind, fingerprint
from tests.factories import make_instrument, make_program, make_section, make_survey_question

pytestmark = pytest.mark.django_db


@pytest.fixture
def instrument(db) -> Instrument:
    """Every kind: q1 scale, q2 one, q3 several, q4 number, q5 short, q6 text, q7 matrix, q8 its item, q9 consent."""
    instrument = make_instrument(make_program(), questions=[])
    section = make_section(instrument)
    section.instrument = instrument
    make_survey_question(section, "scale", low_label="Not at all", high_label="Very")
    make_survey_question(section, "single")
    several = make_survey_question(section, "multiple")
    several.choices.filter(key="c").update(is_exclusive=True)
    make_survey_question(section, "number", minimum=0, maximum=60, places=1, unit="years", unit_fr="ans")
    make_survey_question(section, "short")
    make_survey_question(section, "text")
    matrix = make_survey_question(section, "matrix", low_label="Never", high_label="Always")
    make_survey_question(section, "item", matrix=matrix)
    make_survey_question(section, "consent")
    return instrument


def form(instrument: Instrument, data: dict[str, Any] | None = None, **answers: Any) -> SectionForm:
    """The section's form, with `data` by key of question."""
    questions = asked_questions(instrument.pk)
    names = {question.key: f"q{question.pk}" for question in questions}
    sent = None if data is None else {names[key]: value for key, value in data.items()}
    kept = {question.pk: answers[question.key] for question in questions if question.key in answers}
    return SectionForm(sent, questions=questions, answers=kept, section_id=questions[-1].section_id)


def read(instrument: Instrument, **data: Any) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """What was read and what was refused, by key of question."""
    made = form(instrument, data)
    made.is_valid()
    keys = {question.pk: question.key for question in made.questions.values()}
    answers = {keys[pk]: value for pk, value in made.sent().items() if value is not None}
    errors = {made.questions[name].key: list(map(str, found)) for name, found in made.errors.items()}
    return answers, errors


def test_section_form_reads_every_kind_of_answer(instrument):
    answers, errors = read(
        instrument,
        q1="4",
        q2="b",
        q3=["b", "a"],
        q4="12,5",
        q5=" Kingston ",
        q6="Sleep first.\r\nThen dose.",
        q8="5",
        q9="no",
    )

    assert errors == {}
    assert answers == {
        "q1": Decimal(4),
        "q2": ("b",),
        "q3": ("a", "b"),
        "q4": Decimal("12.5"),
        "q5": "Kingston",
        "q6": "Sleep first.\nThen dose.",
        "q8": Decimal(5),
        "q9": ("no",),
    }


def test_section_form_takes_blank_for_no_answer(instrument):
    answers, errors = read(instrument, q1="", q2="", q4=" ", q5="  ", q6="\n\t \xa0")

    assert (answers, errors) == ({}, {})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        *[("q1", value) for value in ("0", "6", "3.5", "three", "-1", "NaN")],
        ("q2", "d"),
        ("q3", ["a", "d"]),
        ("q3", ["a", "c"]),  # c excludes the others
        *[("q4", value) for value in ("-1", "61", "3.25", "many", "NaN", "Infinity", "1e9", "9" * 400)],
        ("q5", "x" * (MAX_LENGTH[QuestionKind.SHORT] + 1)),
        ("q6", "x" * (MAX_LENGTH[QuestionKind.TEXT] + 1)),
        ("q6", "x" * 50_000),
        ("q8", "6"),
        ("q9", "perhaps"),
    ],
)
def test_section_form_refuses_what_is_no_answer_and_keeps_the_rest(instrument, key, value):
    others = {"q1": "3", "q5": "Kingston"}
    answers, errors = read(instrument, **others | {key: value})

    assert list(errors) == [key]
    assert set(answers) == set(others) - {key}


def test_section_form_shows_what_was_kept(instrument):
    made = form(
        instrument, q1=Decimal("3.00"), q2=("b",), q3=("a", "c"), q4=Decimal("12.50"), q6="Sleep first."
    )

    html = "".join(str(field) for field in made)
    assert html.count("checked") == 4
    assert 'value="12.5"' in html
    assert "Sleep first." in html
    with override("fr"):
        number = next(
            field
            for field in form(instrument, q4=Decimal("12.50"))
            if "numeric" in str(field) or "decimal" in str(field)
        )
        assert 'value="12,5"' in str(number)
        assert "ans, de 0 à 60" in str(number.help_text)


def test_section_form_names_the_ends_of_a_matrix_on_each_item(instrument):
    made = form(instrument)
    (item,) = [block for block in made.blocks() if block.items]

    assert [field.label for field in item.items] == ["Question 8?"]
    assert "Never" in str(item.items[0])
    assert "Always" in str(item.items[0])


def test_section_form_marks_each_answer_it_was_filled_with(instrument):
    made = form(instrument, q1=Decimal(3), q6="Sleep first.")
    names = {question.key: name for name, question in made.questions.items()}
    marks = dict(made.marks())

    assert marks[f"seen_{names['q1']}"] == fingerprint(Decimal("3.00"))
    assert marks[f"seen_{names['q6']}"] == fingerprint("Sleep first.")
    assert marks[f"seen_{names['q2']}"] == ""
    # A mark does not give the text away.
    assert "Sleep" not in "".join(marks.values())


def test_section_form_says_when_a_question_is_asked(instrument):
    section = instrument.sections.last()
    single = instrument.questions.get(key="q2")
    make_survey_question(section, "text", key="why", shown_if=single, shown_if_answers=["a", "b"])

    blocks = {block.question.key: block for block in form(instrument, q2=("c",)).blocks()}
    assert not blocks["why"].is_shown
    assert blocks["why"].condition == "Only if you answered “Choice a, Choice b” to: Question 2?"
    assert {block.question.key: block for block in form(instrument, q2=("b",)).blocks()}["why"].is_shown


def test_markup_in_a_question_is_shown_as_it_was_typed(instrument):
    question = make_survey_question(
        asked_questions(instrument.pk)[-1].section,
        "number",
        help="<button>Help</button>",
        unit="<script>x</script>",
        minimum=0,
        maximum=9,
    )
    page = str(form(instrument)[f"q{question.pk}"].as_field_group())

    assert "&lt;button&gt;Help&lt;/button&gt;" in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "<button>" not in page
    assert "<script>" not in page
