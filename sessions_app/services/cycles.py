"""Publishing a cycle, and taking it back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import MoveRefusedError
from participants.models import User
from sessions_app.models import Cycle
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
