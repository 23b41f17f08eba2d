"""Publishing a cycle, taking it back, and the questions it asks."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import MoveRefusedError
from participants.models import User
from sessions_app.models import Cycle, CycleQuestion
from sessions_app.states import CYCLE_MOVES, may_move


@transaction.atomic
def move_cycle(*, cycle_id: int, to: Cycle.Status, by: User | None, now: datetime) -> Cycle:
    """Move a cycle to the state `to`. `by` is None when the portal closes it after the grace period.

    Raises MoveRefusedError for a move that is not allowed, a repeated one included.
    """
    cycle = Cycle.objects.select_for_update().get(pk=cycle_id)
    if not may_move(CYCLE_MOVES, cycle.status, to):
        raise MoveRefusedError(
            _("A cycle that is “%(old)s” cannot become “%(new)s”.")
            % {"old": cycle.get_status_display(), "new": to.label}
        )
    with audit.act(f"cycle.{to.value}", by=by):
        cycle.status = to
        if to == Cycle.Status.CLOSED:
            cycle.closed_at, cycle.closed_by = now, by
        cycle.save(update_fields=["status", "closed_at", "closed_by"])
    return cycle


STANDARD_QUESTIONS = (
    CycleQuestion(
        key="why",
        text="Why would you like to join?",
        text_fr="Pourquoi souhaitez-vous participer?",
        is_required=True,
        is_asked_once=True,
    ),
    CycleQuestion(
        key="learn",
        text="What would you like to learn?",
        text_fr="Qu’aimeriez-vous apprendre?",
    ),
    CycleQuestion(
        key="prescribes",
        kind=CycleQuestion.Kind.YES_NO,
        text="Do you prescribe opioids?",
        text_fr="Prescrivez-vous des opioïdes?",
        is_required=True,
    ),
)
"""What a program's first cycle asks its applicants, until a coordinator words it otherwise."""


@transaction.atomic
def add_questions(*, cycle_id: int, by: User | None) -> list[CycleQuestion]:
    """Give a cycle without questions those of the program's latest cycle that has some, else the standard ones.

    A cycle that has questions keeps them: running it twice changes nothing.
    """
    cycle = Cycle.objects.select_for_update().get(pk=cycle_id)
    if cycle.questions.exists():
        return list(cycle.questions.all())
    latest = (
        Cycle.objects.filter(program_id=cycle.program_id, questions__isnull=False)
        .order_by("-starts_on", "-pk")
        .first()
    )
    with audit.act("cycle.add-questions", by=by):
        return [
            CycleQuestion.objects.create(
                cycle=cycle,
                position=position,
                key=question.key,
                kind=question.kind,
                text=question.text,
                text_fr=question.text_fr,
                is_required=question.is_required,
                is_asked_once=question.is_asked_once,
            )
            for position, question in enumerate(
                latest.questions.all() if latest else STANDARD_QUESTIONS, start=1
            )
        ]
