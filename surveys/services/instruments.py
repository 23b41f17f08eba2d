"""Versions of instruments."""

from django.db import transaction

from core import audit
from participants.models import User
from sessions_app.models import Program
from surveys.models import Choice, Instrument, Question


@transaction.atomic
def next_version(*, instrument_id: int, by: User) -> Instrument:
    """Copy an instrument whole as the version after the latest; the copy can be edited, then released (rule 28)."""
    # One at a time for each program: two copies at once get two numbers.
    original = Instrument.objects.select_related("program").get(pk=instrument_id)
    Program.objects.select_for_update().get(pk=original.program_id)
    latest = (
        Instrument.objects.filter(program=original.program, kind=original.kind)
        .order_by("-version")
        .values_list("version", flat=True)[0]
    )
    with audit.act("instrument.next_version", by=by):
        copy = Instrument.objects.get(pk=instrument_id)
        copy.pk, copy.version, copy.is_released = None, latest + 1, False
        copy.save(force_insert=True)
        copy_parts(original, copy)
    return copy


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
    originals = list(original.questions.all())
    # A matrix before its items; conditions last, as they may look anywhere.
    for question in sorted(originals, key=lambda question: question.matrix_id is not None):
        old = question.pk
        if question.shown_if_id is not None:
            conditions[old] = question.shown_if_id
        answers, question.shown_if, question.shown_if_answers = question.shown_if_answers, None, []
        if question.matrix_id is not None:
            question.matrix = copies[question.matrix_id]
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
