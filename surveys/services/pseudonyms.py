"""What people are called where nobody is to be named, and the one recorded way back (rule 32)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import BadInputError, NotAllowedError
from participants.models import User
from sessions_app.scope import limited
from surveys.models import Pseudonym, PseudonymLookup


def ensure_pseudonyms(*, program_id: int, participant_ids: Iterable[int]) -> None:
    """Give each of `participant_ids` a pseudonym in the program; whoever has one keeps it."""
    wanted = set(participant_ids)
    known = Pseudonym.objects.filter(program=program_id, participant__in=wanted)
    missing = wanted - set(known.values_list("participant_id", flat=True))
    Pseudonym.objects.bulk_create(
        [Pseudonym(program_id=program_id, participant_id=pk) for pk in sorted(missing)], ignore_conflicts=True
    )


@transaction.atomic
def look_up_pseudonym(*, code: str, by: User, reason: str, now: datetime) -> Pseudonym:
    """Say whom a pseudonym belongs to, and keep that it was asked, by whom and why.

    Raises NotAllowedError without the permission surveys.link_pseudonym, and BadInputError for a blank reason or a
    code that nobody has in the programs that `by` works for.
    """
    if not by.has_perm("surveys.link_pseudonym"):
        raise NotAllowedError(_("Only those with the role for it may link a pseudonym to a person."))
    if not reason.strip():
        raise BadInputError(_("Say why you need to know: it is kept."))
    known = limited(Pseudonym.objects.select_related("participant", "program"), by, "program")
    pseudonym = known.filter(code=code.strip().upper()).first()
    if pseudonym is None:
        raise BadInputError(_("Nobody has this pseudonym. Look at the export again."))
    PseudonymLookup.objects.create(
        pseudonym=pseudonym, looked_up_by=by, looked_up_at=now, reason=reason.strip()
    )
    return pseudonym
