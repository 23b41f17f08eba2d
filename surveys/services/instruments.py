"""Versions of instruments: made, released, copied and read from files."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError, MoveRefusedError
from participants.models import User
from sessions_app.models import Objective, Program
from surveys import interchange
from surveys.checks import problems
from surveys.models import Choice, Construct, Instrument, Question, Section
from surveys.rules import QuestionKind


@transaction.atomic
def next_version(*, instrument_id: int, by: User) -> Instrument:
    """Copy an instrument whole as the version after the latest; the copy can be edited, then released (rule 28)."""
    original = Instrument.objects.get(pk=instrument_id)
    program = _locked(original.program_id)
    with audit.act("instrument.next_version", by=by):
        return _copied(original, program, original.kind)


@transaction.atomic
def duplicate_instrument(*, instrument_id: int, program_id: int, kind: str, by: User) -> Instrument:
    """Copy an instrument whole as the next version of `kind` in that program, not released.

    In another program its constructs are those with the same keys, made where there are none, and its objectives
    those with the same positions, dropped where there are none. Raises BadInputError for an unknown kind.
    """
    original = Instrument.objects.get(pk=instrument_id)
    program = _locked(program_id)
    if kind not in Instrument.Kind.values:
        raise BadInputError(_("There is no such kind of survey."))
    with audit.act("instrument.duplicate", by=by):
        return _copied(original, program, kind)


def next_number(*, program_id: int, kind: str) -> int:
    """The version a new instrument gets; call it in the transaction that makes it, others wait for its end."""
    return _next_number(_locked(program_id), kind)


def _copied(original: Instrument, program: Program, kind: str) -> Instrument:
    copy = Instrument.objects.get(pk=original.pk)
    copy.pk, copy.program, copy.kind = None, program, kind
    copy.version, copy.is_released = _next_number(program, kind), False
    copy.save(force_insert=True)
    copy_parts(original, copy)
    return copy


@transaction.atomic
def release_instrument(*, instrument_id: int, by: User) -> Instrument:
    """Let cycles ask this version. Raises BadInputError with all that keeps it from being asked."""
    instrument = _locked_instrument(instrument_id)
    if instrument.is_released:
        return instrument
    if found := problems(instrument):
        raise BadInputError(" ".join(str(finding) for finding in found))
    with audit.act("instrument.release", by=by):
        instrument.is_released = True
        instrument.save(update_fields=["is_released"])
    return instrument


@transaction.atomic
def withdraw_release(*, instrument_id: int, by: User) -> Instrument:
    """Let no cycle ask this version any more. Raises MoveRefusedError once one does."""
    instrument = _locked_instrument(instrument_id)
    if not instrument.is_released:
        return instrument
    if instrument.windows.exists():
        raise MoveRefusedError(
            _("A cycle uses this version: make the next version instead, and release that.")
        )
    with audit.act("instrument.withdraw_release", by=by):
        instrument.is_released = False
        instrument.save(update_fields=["is_released"])
    return instrument


@transaction.atomic
def import_instrument(*, program_id: int, data: Any, by: User) -> Instrument:
    """Make the next version of the program's instrument from data (surveys.interchange), not released.

    Constructs and objectives are found as in `duplicate_instrument`. Raises UnfitDataError, a BadInputError, with
    all that is wrong with the data.
    """
    found = interchange.checked(data)
    program = _locked(program_id)
    with audit.act("instrument.import", by=by):
        instrument = Instrument.objects.create(
            program=program,
            kind=found["kind"],
            version=_next_number(program, found["kind"]),
            **{name: found[name] for name in interchange.TITLED},
        )
        _Writing(instrument, found).write()
    return instrument


def _locked(program_id: int) -> Program:
    """One at a time for each program: two copies at once get two numbers."""
    return Program.objects.select_for_update().get(pk=program_id)


def _locked_instrument(instrument_id: int) -> Instrument:
    return Instrument.objects.select_for_update().get(pk=instrument_id)


def _next_number(program: Program, kind: str) -> int:
    """The version after the latest of its kind; the program's row is locked."""
    latest = Instrument.objects.filter(program=program, kind=kind).aggregate(latest=Max("version"))["latest"]
    return (latest or 0) + 1


def copy_parts(original: Instrument, copy: Instrument) -> None:
    """Copy sections, questions and choices; what questions say of each other then means the copies."""
    sections = {}
    for section in original.sections.all():
        old = section.pk
        section.pk, section.instrument = None, copy
        section.save(force_insert=True)
        sections[old] = section
    copies: dict[int, Question] = {}
    conditions: dict[int, int] = {}
    originals = list(original.questions.select_related("construct", "objective"))
    constructs, objectives = _constructs_there(copy.program, originals), _objectives(copy.program)
    # A matrix before its items; conditions last, as they may look anywhere.
    for question in sorted(originals, key=lambda question: question.matrix_id is not None):
        old = question.pk
        if question.shown_if_id is not None:
            conditions[old] = question.shown_if_id
        answers, question.shown_if, question.shown_if_answers = question.shown_if_answers, None, []
        if question.matrix_id is not None:
            question.matrix = copies[question.matrix_id]
        question.construct = constructs[question.construct.key] if question.construct else None
        question.objective = objectives.get(question.objective.position) if question.objective else None
        question.pk, question.instrument, question.section = None, copy, sections[question.section_id]
        question.save(force_insert=True)
        copies[old] = question
        if old in conditions:
            question.shown_if_answers = answers
    for old, other in conditions.items():
        question = copies[old]
        question.shown_if = copies[other]
        question.save(update_fields=["shown_if", "shown_if_answers"])
    choices = list(Choice.objects.filter(question__instrument=original))
    for choice in choices:
        choice.pk, choice.question = None, copies[choice.question_id]
    Choice.objects.bulk_create(choices)


def _constructs_there(program: Program, questions: list[Question]) -> dict[str, Construct]:
    """The program's constructs by key, with those of `questions` that it had not."""
    names = {
        question.construct.key: (question.construct.name, question.construct.name_fr)
        for question in questions
        if question.construct is not None
    }
    return _ensured_constructs(program, names)


def _ensured_constructs(program: Program, names: Mapping[str, tuple[str, str]]) -> dict[str, Construct]:
    found = {construct.key: construct for construct in program.constructs.all()}
    for key, (name, name_fr) in names.items():
        if key not in found:
            found[key] = Construct.objects.create(program=program, key=key, name=name, name_fr=name_fr)
    return found


def _objectives(program: Program) -> dict[int, Objective]:
    return {objective.position: objective for objective in program.objectives.all()}


class _Writing:
    """An instrument's parts, written from data that has been checked."""

    def __init__(self, instrument: Instrument, data: Mapping[str, Any]) -> None:
        self.instrument = instrument
        self.data = data
        self.constructs = _ensured_constructs(
            instrument.program, {one["key"]: (one["name"], one["name_fr"]) for one in data["constructs"]}
        )
        self.objectives = _objectives(instrument.program)
        self.questions: dict[str, Question] = {}

    def write(self) -> None:
        """Everything in order; conditions last, as they may look anywhere."""
        for place, data in enumerate(self.data["sections"], 1):
            titles = {name: data[name] for name in interchange.TITLED}
            section = Section.objects.create(instrument=self.instrument, position=place, **titles)
            for question in data["questions"]:
                self.write_question(section, question)
        for data in self.data["sections"]:
            for question in data["questions"]:
                if question["shown_if"]:
                    self.write_condition(question)

    def write_question(self, section: Section, data: Mapping[str, Any]) -> None:
        ends = {name: _decimal(data[name]) for name in ("minimum", "maximum")}
        question = self.create(
            section,
            data,
            kind=data["kind"],
            places=data["places"],
            is_research_consent=data["is_research_consent"],
            **ends,
            **{name: data[name] for name in interchange.SCALED},
        )
        for item in data["items"]:
            self.create(section, item, kind=QuestionKind.ITEM.value, matrix=question, **ends)
        Choice.objects.bulk_create(
            Choice(question=question, position=place, **choice)
            for place, choice in enumerate(data["choices"], 1)
        )

    def create(self, section: Section, data: Mapping[str, Any], **values: Any) -> Question:
        question = Question.objects.create(
            instrument=self.instrument,
            section=section,
            position=len(self.questions) + 1,
            key=data["key"],
            is_required=data["is_required"],
            is_reversed=data["is_reversed"],
            construct=self.constructs[data["construct"]] if data["construct"] else None,
            objective=self.objectives.get(data["objective"]),
            **{name: data[name] for name in interchange.WORDED},
            **values,
        )
        self.questions[question.key] = question
        return question

    def write_condition(self, data: Mapping[str, Any]) -> None:
        """An item is shown when its matrix is."""
        condition = data["shown_if"]
        for key in (data["key"], *(item["key"] for item in data["items"])):
            question = self.questions[key]
            question.shown_if = self.questions[condition["question"]]
            question.shown_if_answers = condition["answers"]
            question.save(update_fields=["shown_if", "shown_if_answers"])


def _decimal(number: float | None) -> Decimal | None:
    return None if number is None else Decimal(str(number))
