"""What keeps an instrument from being released, and what is worth a second look before it is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from surveys import rules
from surveys.models import Instrument, Question
from surveys.queries import asked_questions
from surveys.rules import QuestionKind

PARTNERS = {Instrument.Kind.PRE: Instrument.Kind.POST, Instrument.Kind.POST: Instrument.Kind.PRE}
"""The kinds whose answers are compared question by question."""
PAIRED = rules.NUMBERS | {QuestionKind.SINGLE, QuestionKind.MULTIPLE}
WITH_CHOICES = frozenset({QuestionKind.SINGLE, QuestionKind.MULTIPLE})


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about an instrument in words, and the question it is about; None for the whole."""

    text: str
    question: Question | None = None

    def __str__(self) -> str:
        return self.text


def problems(instrument: Instrument) -> list[Finding]:
    """What keeps `instrument` from being released; empty for nothing (3 queries)."""
    questions = asked_questions(instrument.pk)
    if not any(question.kind != QuestionKind.MATRIX for question in questions):
        return [Finding(_("It asks nothing yet: add a question."))]
    found = [finding for question in questions for finding in _question_problems(question, questions)]
    found += _order_problems(questions)
    found += _construct_problems(questions)
    if instrument.kind == Instrument.Kind.REFLECTION:
        found += _words_problems(questions)
    return found


def warnings(instrument: Instrument) -> list[Finding]:
    """What does not keep it from being released, but may be forgotten (about 6 queries)."""
    questions = asked_questions(instrument.pk)
    return [
        *_french_warnings(instrument, questions),
        *_label_warnings(questions),
        *_partner_warnings(instrument, questions),
    ]


def _question_problems(question: Question, questions: Sequence[Question]) -> Iterator[Finding]:
    words = {"key": question.key}
    if question.kind == QuestionKind.MATRIX and not any(one.matrix_id == question.pk for one in questions):
        yield Finding(_("The matrix “%(key)s” has no items.") % words, question)
    if question.kind in WITH_CHOICES and len(question.choices.all()) < 2:
        yield Finding(_("“%(key)s” offers fewer than two choices.") % words, question)
    if question.kind in rules.SCALES and not _is_whole(question):
        yield Finding(_("The scale of “%(key)s” does not run over whole numbers.") % words, question)
    matrix = question.matrix
    if matrix is not None:
        of_matrix = (matrix.minimum, matrix.maximum, matrix.shown_if_id, set(matrix.shown_if_answers))
        own = (question.minimum, question.maximum, question.shown_if_id, set(question.shown_if_answers))
        if of_matrix != own:
            yield Finding(
                _("The item “%(key)s” differs from its matrix in scale or condition: save the matrix again.")
                % words,
                question,
            )


def _is_whole(question: Question) -> bool:
    ends = (question.minimum, question.maximum)
    return all(end is not None and end == int(end) for end in ends)


def _order_problems(questions: Sequence[Question]) -> Iterator[Finding]:
    by_id = {question.pk: question for question in questions}
    unfit = set(rules.out_of_order(question.asked for question in questions))
    for question in questions:
        words = {"key": question.key}
        # An item has the condition of its matrix, which is complained of once.
        if question.shown_if_id is None or question.matrix_id is not None:
            continue
        if question.pk in unfit:
            text = _(
                "“%(key)s” is shown by the answer to a question that comes later, or that cannot decide it: a "
                "scale, choices or a consent can, when they come before."
            )
            yield Finding(text % words, question)
        elif set(question.shown_if_answers) - answers_of(by_id[question.shown_if_id]):
            text = _("“%(key)s” is shown by an answer that does not exist.")
            yield Finding(text % words, question)


def answers_of(question: Question) -> set[str]:
    """The answers to a question that a condition can name; its choices are to be prefetched."""
    if question.kind == QuestionKind.CONSENT:
        return {rules.YES, rules.NO}
    if question.kind in rules.SCALES and question.minimum is not None and question.maximum is not None:
        return {str(number) for number in range(int(question.minimum), int(question.maximum) + 1)}
    return {choice.key for choice in question.choices.all()}


def _words_problems(questions: Sequence[Question]) -> Iterator[Finding]:
    """A reflection is worth nothing without words, so nobody may get past it without being asked for some."""
    texts = [question for question in questions if question.kind in rules.TEXTS]
    if not texts:
        yield Finding(_("A reflection needs a question that is answered in words."))
    elif all(question.shown_if_id is not None for question in texts):
        text = _(
            "“%(key)s” is shown by certain answers only: a reflection needs a question that is answered in words and "
            "that everybody is asked."
        )
        yield Finding(text % {"key": texts[0].key}, texts[0])


def _construct_problems(questions: Sequence[Question]) -> Iterator[Finding]:
    ranges: dict[int, tuple[Any, Any]] = {}
    told: set[int] = set()
    for question in questions:
        construct = question.construct_id
        if construct is None or question.kind not in rules.NUMBERS:
            continue
        ends = ranges.setdefault(construct, (question.minimum, question.maximum))
        if ends != (question.minimum, question.maximum) and construct not in told:
            told.add(construct)
            text = _("The questions of the construct “%(name)s” have different scales: it has no mean.")
            yield Finding(text % {"name": question.construct}, question)


TRANSLATED = ("text", "help", "unit", "low_label", "high_label")


def _french_warnings(instrument: Instrument, questions: Sequence[Question]) -> Iterator[Finding]:
    if _lacks_french(instrument, "title", "introduction"):
        yield Finding(_("Its title or introduction has no French text."))
    for section in instrument.sections.all():
        if _lacks_french(section, "title", "introduction"):
            yield Finding(_("The section “%(title)s” has no French text.") % {"title": section.title})
    for question in questions:
        if _lacks_french(question, *TRANSLATED):
            yield Finding(_("“%(key)s” has no French text.") % {"key": question.key}, question)
        elif any(_lacks_french(choice, "text") for choice in question.choices.all()):
            yield Finding(_("“%(key)s” has choices without French text.") % {"key": question.key}, question)


def _lacks_french(thing: Any, *fields: str) -> bool:
    return any(getattr(thing, field) and not getattr(thing, f"{field}_fr") for field in fields)


def _label_warnings(questions: Sequence[Question]) -> Iterator[Finding]:
    for question in questions:
        is_scale = question.kind in {QuestionKind.SCALE, QuestionKind.MATRIX}
        if is_scale and not (question.low_label and question.high_label):
            text = _("The ends of the scale “%(key)s” have no labels.")
            yield Finding(text % {"key": question.key}, question)


def _partner_warnings(instrument: Instrument, questions: Sequence[Question]) -> Iterator[Finding]:
    """Pre and post are compared by key: what has no partner, or another scale there, is not compared."""
    partner_kind = PARTNERS.get(Instrument.Kind(instrument.kind))
    if partner_kind is None:
        return
    other = (
        Instrument.objects.filter(program=instrument.program_id, kind=partner_kind)
        .order_by("-version")
        .first()
    )
    if other is None:
        return
    theirs = {question.key: question for question in asked_questions(other.pk)}
    compared = [question for question in questions if question.kind in PAIRED]
    alone = [question.key for question in compared if question.key not in theirs]
    if alone:
        text = _("Not paired, as “%(other)s” does not ask them: %(keys)s.")
        yield Finding(text % {"other": other, "keys": ", ".join(alone)})
    for question in compared:
        partner = theirs.get(question.key)
        if partner is not None and _measure(partner) != _measure(question):
            text = _("“%(key)s” is answered in another way in “%(other)s”: the two cannot be compared.")
            yield Finding(text % {"key": question.key, "other": other}, question)


def _measure(question: Question) -> tuple[Any, ...]:
    """How a question is answered: what two questions must share to be compared."""
    return (
        question.kind if question.kind in rules.CHOICES else "number",
        question.minimum,
        question.maximum,
        question.is_reversed,
        frozenset(choice.key for choice in question.choices.all()),
    )
