"""Writes the demonstration's questionnaires into the rows of instruments, and when they are asked into plans."""

from typing import Any

from echo_portal.demo.survey_text import CONSTRUCTS, INSTRUMENTS, PLANS, Ask
from sessions_app.models import Objective, Program
from surveys.models import Choice, Construct, Instrument, Question, Section, SurveyPlan


def build_questionnaires(program: Program) -> dict[str, Instrument]:
    """The released instruments of the program by their kind, its constructs and plans."""
    constructs = {
        key: Construct.objects.create(program=program, key=key, name=english, name_fr=french)
        for key, (english, french) in CONSTRUCTS.items()
    }
    objectives = {objective.position: objective for objective in program.objectives.all()}
    instruments = {kind: _instrument(program, kind, constructs, objectives) for kind in INSTRUMENTS}
    for kind, plan in PLANS.items():
        SurveyPlan.objects.create(program=program, kind=kind, **plan)
    return instruments


def asks(kind: str) -> list[Ask]:
    """The questions of a questionnaire in their order, items of a matrix after it."""
    return [
        ask
        for page in INSTRUMENTS[kind].pages
        for question in page.questions
        for ask in (question, *question.items)
    ]


def _instrument(
    program: Program, kind: str, constructs: dict[str, Construct], objectives: dict[int, Objective]
) -> Instrument:
    text = INSTRUMENTS[kind]
    instrument = Instrument.objects.create(
        program=program,
        kind=kind,
        is_released=True,
        **_texts(title=text.title, introduction=text.introduction),
    )
    sections = Section.objects.bulk_create(
        Section(
            instrument=instrument, position=at, **_texts(title=page.title, introduction=page.introduction)
        )
        for at, page in enumerate(text.pages, 1)
    )
    questions: dict[str, Question] = {}
    for section, page in zip(sections, text.pages, strict=True):
        position = 0
        for ask in page.questions:
            for one in (ask, *ask.items):
                position += 1
                question = _question(one, constructs, objectives)
                question.instrument, question.section, question.position = instrument, section, position
                question.matrix = None if one is ask else questions[ask.key]
                question.shown_if = questions[one.shown_if] if one.shown_if else None
                question.save(force_insert=True)
                questions[one.key] = question
    Choice.objects.bulk_create(
        Choice(
            question=questions[ask.key],
            position=at,
            key=option.key,
            is_correct=option.is_correct,
            is_exclusive=option.is_exclusive,
            **_texts(text=option.text),
        )
        for ask in asks(kind)
        for at, option in enumerate(ask.options, 1)
    )
    return instrument


def _question(ask: Ask, constructs: dict[str, Construct], objectives: dict[int, Objective]) -> Question:
    return Question(
        key=ask.key,
        kind=ask.kind,
        is_required=ask.is_required,
        minimum=ask.minimum,
        maximum=ask.maximum,
        shown_if_answers=list(ask.shown_if_answers),
        construct=constructs.get(ask.construct),
        objective=None if ask.objective is None else objectives[ask.objective],
        is_reversed=ask.is_reversed,
        is_research_consent=ask.is_research_consent,
        **_texts(text=ask.text, help=ask.help, unit=ask.unit, low_label=ask.low, high_label=ask.high),
    )


def _texts(**pairs: tuple[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, (english, french) in pairs.items():
        values |= {name: english, f"{name}_fr": french}
    return values
