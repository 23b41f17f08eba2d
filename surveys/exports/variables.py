"""The variables of an export: one or more a question, with the labels and codes that statistics programs show."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext as _

from core.templatetags.portal import labelled, localized_text
from surveys import rules
from surveys.models import Question
from surveys.rules import QuestionKind

NAME_LENGTH = 64
"""Bytes that SPSS allows in the name of a variable."""


class Measure(StrEnum):
    """What a variable's values are good for, in the words of SPSS."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    SCALE = "scale"


@dataclass(frozen=True, slots=True)
class Variable:
    """A column: its name, what it says, and what its codes mean. `question` is None for what nobody was asked.

    `choice` is the key of the choice that a 0/1 column of a question of several choices stands for.
    """

    name: str
    label: str
    measure: Measure
    is_text: bool = False
    values: tuple[tuple[int, str], ...] = ()
    survey: str = ""
    question: Question | None = field(default=None, compare=False)
    choice: str = ""


def base_name(survey: str, key: str) -> str:
    """The start of a variable's name: letters, digits and underscores, a letter first."""
    return re.sub(r"[^a-z0-9_]", "_", f"{survey}_{key}".lower())[: NAME_LENGTH - 8]


def signature(question: Question) -> tuple[object, ...]:
    """What must be the same for two versions of a question to share a column."""
    choices = tuple((choice.key, choice.is_correct) for choice in question.choices.all())
    scale = (question.minimum, question.maximum, question.places, question.unit)
    return (question.kind, *scale, question.is_reversed, choices)


def variables_of(question: Question, survey: str, name: str) -> list[Variable]:
    """The columns of a question; a question of several choices has one for each choice."""
    label = localized_text(question, "text")
    kind = QuestionKind(question.kind)
    if kind == QuestionKind.MULTIPLE:
        return [
            Variable(
                name=f"{name}_{re.sub(r'[^a-z0-9_]', '_', choice.key)}"[:NAME_LENGTH],
                label=labelled(label, localized_text(choice, "text")),
                measure=Measure.NOMINAL,
                values=((0, _("not chosen")), (1, _("chosen"))),
                survey=survey,
                question=question,
                choice=choice.key,
            )
            for choice in question.choices.all()
        ]
    values: tuple[tuple[int, str], ...] = ()
    measure = Measure.NOMINAL
    if kind == QuestionKind.SINGLE:
        values = tuple(
            (code, localized_text(choice, "text")) for code, choice in enumerate(question.choices.all(), 1)
        )
    elif kind == QuestionKind.CONSENT:
        values = ((0, _("no")), (1, _("yes")))
    elif kind in rules.SCALES:
        ends = question.matrix or question
        measure = Measure.ORDINAL
        pairs = ((question.minimum, "low_label"), (question.maximum, "high_label"))
        values = tuple(
            (int(number), localized_text(ends, which))
            for number, which in pairs
            if number is not None and localized_text(ends, which)
        )
    elif kind == QuestionKind.NUMBER:
        measure = Measure.SCALE
    return [
        Variable(
            name=name,
            label=label,
            measure=measure,
            is_text=kind in rules.TEXTS,
            values=values,
            survey=survey,
            question=question,
        )
    ]


def unique(variables: Iterable[Variable]) -> list[Variable]:
    """The variables under names of which no two are the same, whatever was cut off."""
    taken: set[str] = set()
    found = []
    for variable in variables:
        name, number = variable.name, 1
        while name in taken:
            number += 1
            name = f"{variable.name[: NAME_LENGTH - 4]}_{number}"
        taken.add(name)
        found.append(
            Variable(
                name=name,
                label=variable.label,
                measure=variable.measure,
                is_text=variable.is_text,
                values=variable.values,
                survey=variable.survey,
                question=variable.question,
                choice=variable.choice,
            )
        )
    return found
