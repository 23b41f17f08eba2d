"""An instrument as JSON."""

import json
from collections.abc import Iterator
from decimal import Decimal

from surveys.interchange.form import SCALED, SCHEMA, TITLED, WORDED, Data
from surveys.models import Construct, Instrument, Question
from surveys.queries import asked_questions


def as_data(instrument: Instrument) -> Data:
    """The instrument as plain data, whole and in order (4 queries)."""
    questions = asked_questions(instrument.pk)
    keys = {question.pk: question.key for question in questions}
    constructs = Construct.objects.in_bulk({one.construct_id for one in questions if one.construct_id})
    used = dict.fromkeys(
        question.construct_id for question in _nested(questions) if question.construct_id is not None
    )
    positions = dict(
        Question.objects.filter(instrument=instrument, objective__isnull=False).values_list(
            "pk", "objective__position"
        )
    )

    def item(question: Question) -> Data:
        construct = constructs.get(question.construct_id or 0)
        return {
            "key": question.key,
            **{name: getattr(question, name) for name in WORDED},
            "is_required": question.is_required,
            "construct": construct.key if construct else None,
            "objective": positions.get(question.pk),
            "is_reversed": question.is_reversed,
        }

    def whole(question: Question) -> Data:
        condition = None
        if question.shown_if_id is not None:
            condition = {"question": keys[question.shown_if_id], "answers": list(question.shown_if_answers)}
        return {
            "kind": question.kind,
            **item(question),
            "minimum": _number(question.minimum),
            "maximum": _number(question.maximum),
            "places": question.places,
            **{name: getattr(question, name) for name in SCALED},
            "shown_if": condition,
            "is_research_consent": question.is_research_consent,
            "choices": [
                {
                    "key": choice.key,
                    "text": choice.text,
                    "text_fr": choice.text_fr,
                    "is_correct": choice.is_correct,
                    "is_exclusive": choice.is_exclusive,
                }
                for choice in question.choices.all()
            ],
            "items": [item(one) for one in questions if one.matrix_id == question.pk],
        }

    return {
        "schema": SCHEMA,
        "kind": instrument.kind,
        **{name: getattr(instrument, name) for name in TITLED},
        "constructs": [
            {"key": one.key, "name": one.name, "name_fr": one.name_fr}
            for one in (constructs[pk] for pk in used)
        ],
        "sections": [
            {
                **{name: getattr(section, name) for name in TITLED},
                "questions": [
                    whole(question)
                    for question in questions
                    if question.section_id == section.pk and question.matrix_id is None
                ],
            }
            for section in instrument.sections.all()
        ],
    }


def _nested(questions: list[Question]) -> Iterator[Question]:
    """The questions with each matrix before its own items, as the data has them."""
    for question in questions:
        if question.matrix_id is None:
            yield question
            yield from (one for one in questions if one.matrix_id == question.pk)


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def as_json(instrument: Instrument) -> str:
    """The instrument as a file that people can read."""
    return json.dumps(as_data(instrument), ensure_ascii=False, indent=2) + "\n"
