"""Begin and end a look through a participant's eyes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core import audit
from core.errors import BadInputError, MoveRefusedError
from participants.models import ParticipantView, User, ViewedPage
from participants.models.viewing import LASTS


@transaction.atomic
def start_view(*, participant_id: int, reason: str, by: User, now: datetime) -> ParticipantView:
    """Look at the pages of a participant for half an hour; a look that is open ends.

    Raises BadInputError without a reason, MoveRefusedError for accounts that are nobody's, or of the staff.
    """
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise BadInputError(_("Write down why you need to see these pages."))
    # The viewer's row is the lock: two starts at once follow each other.
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    participant = User.objects.get(pk=participant_id)
    if participant.is_staff or participant.is_superuser or not participant.is_active:
        raise MoveRefusedError(
            _("Only the pages of participants can be looked at, while their account is active.")
        )
    end_view(by=by, now=now)
    with audit.act("participant.view", by=by, reason=reason):
        return ParticipantView.objects.create(
            viewer=by, participant=participant, reason=reason, started_at=now
        )


@transaction.atomic
def end_view(*, by: User, now: datetime) -> int:
    """End what `by` has open; how many, which is one at most."""
    with audit.act("participant.view_end", by=by):
        return ParticipantView.objects.filter(viewer=by, ended_at=None).update(ended_at=now)


def open_view(*, viewer: User, now: datetime) -> ParticipantView | None:
    """The look that `viewer` has open and that has not run out (1 query)."""
    return (
        ParticipantView.objects.filter(
            viewer=viewer, ended_at=None, started_at__gt=now - LASTS, participant__is_active=True
        )
        .select_related("participant__profile")
        .first()
    )


def note_page(view: ParticipantView, page: str, *, now: datetime) -> None:
    """Keep that a page was looked at."""
    ViewedPage.objects.create(view=view, page=page, viewed_at=now)
