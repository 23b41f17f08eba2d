"""The moves of a case."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.models import CaseSubmission
from cases.states import CaseStatus, may_move
from core import audit
from core.errors import BadInputError, MoveRefusedError
from participants.models import User
from sessions_app.models import EchoSession


@transaction.atomic
def move_case(
    *, case_id: int, to: CaseStatus, by: User, now: datetime, session: EchoSession | None = None
) -> CaseSubmission:
    """Move a case to the state `to` (rule 22); scheduling needs the session it is presented in.

    Raises MoveRefusedError for a move that is not allowed, a repeated one included, and BadInputError when a
    case is scheduled without a session of its own cycle.
    """
    case = CaseSubmission.objects.select_for_update(of=("self",)).select_related("presenter").get(pk=case_id)
    if not may_move(CaseStatus(case.status), to):
        raise MoveRefusedError(
            _("A case that is “%(old)s” cannot become “%(new)s”.")
            % {"old": case.get_status_display(), "new": CaseSubmission.Status(to.value).label}
        )
    if to == CaseStatus.SCHEDULED:
        if session is None or session.cycle_id != case.presenter.cycle_id:
            raise BadInputError(_("Choose a session of the presenter's own cycle."))
        case.session = session
    with audit.act(f"case.{to.value}", by=by):
        case.status = CaseSubmission.Status(to.value)
        case.moved_at = now
        case.save(update_fields=["status", "session", "moved_at"])
    return case
