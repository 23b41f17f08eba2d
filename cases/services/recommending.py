"""Writing recommendations: each of the hub's team under each heading, and the program's library of suggestions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.access import HUB_READS, hub_memberships
from cases.content import clean_text
from cases.models import CaseSubmission, Heading, HubMember, Recommendation, SuggestedRecommendation
from cases.services.moving import locked_case
from cases.services.screened import require_screened
from core import audit
from core.errors import BadInputError, MoveRefusedError, NotAllowedError
from participants.models import User

MAX_TEXT = 5000
"""Characters of one person under one heading."""
MAX_SUGGESTION = 2000


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wrote under a heading, and the revision of the text that they wrote it over; 0 of none."""

    text: str
    revision: int


@dataclass(frozen=True, slots=True)
class Written:
    """What is kept after a save: one's own texts by their heading.

    Under `conflicts` somebody with the same account saved another text meanwhile: it was not overwritten.
    """

    kept: Mapping[str, Recommendation]
    conflicts: tuple[str, ...]


@transaction.atomic
def save_recommendations(*, case_id: int, drafts: Mapping[str, Draft], by: User, now: datetime) -> Written:
    """Keep what `by` recommends under the headings of `drafts`; the texts of before are kept nowhere.

    The same text again changes nothing, whatever its revision: an answer that was lost may be asked for twice. What
    cannot be kept under one heading, because another text was saved from another window, keeps no other from being
    saved.

    Raises NotAllowedError for who is not in the program's hub team, MoveRefusedError before the case is approved, and
    BadInputError for an unknown heading or a text that is too long.
    """
    texts = {heading: _tidy(heading, draft.text) for heading, draft in drafts.items()}
    case = locked_case(case_id)
    require_hub_member(case, by)
    if case.status not in HUB_READS:
        raise MoveRefusedError(_("Recommendations are written once the case is approved."))
    known = {row.heading: row for row in case.recommendations.select_for_update().filter(author=by)}
    kept, conflicts = {}, []
    with audit.act("recommendation.save", by=by):
        for heading, text in texts.items():
            row = known.get(heading) or Recommendation(case=case, heading=heading, author=by)
            if row.text != text:
                if row.revision != drafts[heading].revision:
                    conflicts.append(heading)
                else:
                    row.text, row.revision, row.saved_at = text, row.revision + 1, now
                    row.save()
            kept[heading] = row
    return Written(kept, tuple(conflicts))


@transaction.atomic
def keep_suggestion(
    *, program_id: int, heading: str, text: str, by: User, now: datetime, is_confirmed: bool = False
) -> SuggestedRecommendation:
    """Add `text` to the program's library, to be used again; one that is there already is given back as it is.

    Raises NotAllowedError for who is not in the program's hub team, BadInputError for a text that is empty or too
    long, and as `require_screened` does.
    """
    if not hub_memberships(by).filter(program=program_id).exists():
        raise NotAllowedError(_("Only the program's hub team adds to its library."))
    text = _tidy(heading, text).strip()
    if not text:
        raise BadInputError(_("Write the recommendation first, then keep it as a suggestion."))
    if len(text) > MAX_SUGGESTION:
        raise BadInputError(
            _("A suggestion has at most %(limit)d characters. Shorten it, then keep it.")
            % {"limit": MAX_SUGGESTION}
        )
    require_screened({heading: text}, is_confirmed=is_confirmed)
    with audit.act("suggestion.keep", by=by):
        suggestion, _is_new = SuggestedRecommendation.objects.get_or_create(
            program_id=program_id, heading=heading, text=text, defaults={"added_at": now}
        )
    return suggestion


def require_hub_member(case: CaseSubmission, user: User) -> HubMember:
    """The membership of `user` in the hub team of the case's program; raises NotAllowedError without one."""
    member = hub_memberships(user).filter(program=case.presenter.cycle.program_id).first()
    if member is None:
        raise NotAllowedError(_("Recommendations are written by the program's hub team."))
    return member


def _tidy(heading: str, text: str) -> str:
    if heading not in Heading.values:
        raise BadInputError(_("There is no such heading. Open the page anew, then save again."))
    # Before it is read: a hostile length costs nothing.
    if len(text) > 2 * MAX_TEXT or len(kept := clean_text(text)) > MAX_TEXT:
        raise BadInputError(
            _(
                "The text under “%(heading)s” is longer than %(limit)d characters. Shorten it, then save again."
            )
            % {"heading": Heading(heading).label, "limit": MAX_TEXT}
        )
    return kept if kept.strip() else ""
