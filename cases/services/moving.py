"""The one way in which a case changes its state (rule 22). Every service that moves a case uses it."""

from datetime import datetime

from django.utils.translation import gettext as _

from cases.models import CaseSubmission
from cases.states import CaseStatus, may_move
from core.errors import MoveRefusedError


def locked_case(case_id: int) -> CaseSubmission:
    """The case, locked until the transaction ends, with its presenter's enrolment and cycle.

    Raises CaseSubmission.DoesNotExist when it has gone.
    """
    return (
        CaseSubmission.objects.select_for_update(of=("self",))
        .select_related("presenter__cycle")
        .get(pk=case_id)
    )


def move(case: CaseSubmission, to: CaseStatus, *, now: datetime, also: tuple[str, ...] = ()) -> None:
    """Move a locked case to the state `to`, and save the fields of `also` with it.

    Raises MoveRefusedError for a move that the rule does not list, a repeated one included.
    """
    if not may_move(CaseStatus(case.status), to):
        raise MoveRefusedError(
            _("A case that is “%(old)s” cannot become “%(new)s”.")
            % {"old": case.get_status_display(), "new": CaseSubmission.Status(to.value).label}
        )
    case.status = CaseSubmission.Status(to.value)
    case.moved_at = now
    case.save(update_fields=["status", "moved_at", *also])
