"""The hub's letter: signed by one for all who wrote, corrected by another letter, released to the cycle (rule 27)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from cases.access import may_review
from cases.content import clean_text
from cases.hub_queries import fingerprint, letter_items, newest_letter, recommendations_of
from cases.models import CaseSubmission, HubMember, Recommendation, RecommendationLetter
from cases.services.library import index_case
from cases.services.moving import locked_case, move
from cases.services.recommending import require_hub_member
from cases.services.screened import require_screened
from cases.services.telling import tell_presenter
from cases.states import CaseStatus
from core import audit
from core.errors import BadInputError, DomainError, MoveRefusedError, NotAllowedError
from participants.models import User
from sessions_app.scope import works_for

Status = CaseSubmission.Status

MAX_OPENING = 2000
MAX_CORRECTION = 500
TO_THE_CYCLE_AFTER = timedelta(days=7)
"""So long the presenter has a letter alone, unless the signer says otherwise."""


class LetterChangedError(DomainError):
    """Somebody wrote, or signed, after the letter was looked at."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Something was written or signed after you opened this page. Read the letter again, then sign it."
            )
        )


def letter_texts(*, opening: str, correction: str, rows: list[Recommendation]) -> dict[str, str]:
    """All that a letter would say, by keys that tell where: what is screened."""
    texts = {"opening": opening, "correction": correction}
    return texts | {f"{row.heading}.{row.author_id}": row.text for row in rows}


def sign_letter(
    *,
    case_id: int,
    seen: str,
    by: User,
    now: datetime,
    opening: str = "",
    correction: str = "",
    to_cycle_after: timedelta = TO_THE_CYCLE_AFTER,
    is_confirmed: bool = False,
) -> RecommendationLetter:
    """Sign what the team has written as the letter to the presenter, who has it at once and is told by mail.

    `seen` is the `hub_queries.fingerprint` of the letter that the signer has read. The first letter moves the case on,
    and the cycle sees it after `to_cycle_after`; a later one takes its place, says what is corrected, and is seen by
    the cycle when the one before was to be. Signing what one has just signed gives that letter back.

    Raises NotAllowedError for who may not sign for the program, MoveRefusedError before the case was presented,
    LetterChangedError where the letter is not the one that was seen, BadInputError where nothing is recommended or no
    word says what is corrected, and as `require_screened` does for all that the letter says.
    """
    case = CaseSubmission.objects.select_related("presenter__cycle").get(pk=case_id)
    require_signer(case, by)
    opening, correction = _tidy(opening, MAX_OPENING), " ".join(_tidy(correction, MAX_CORRECTION).split())
    rows = recommendations_of(case)
    # Reading it takes the screen a moment, in which nobody need wait: what was screened is compared under the lock.
    screened = fingerprint(number=0, rows=rows)
    require_screened(
        letter_texts(opening=opening, correction=correction, rows=rows), is_confirmed=is_confirmed
    )
    with transaction.atomic(), audit.act("letter.sign", by=by):
        case = locked_case(case_id)
        member = require_signer(case, by)
        before, rows = newest_letter(case), recommendations_of(case)
        if before and before.signed_by_id == by.pk and seen == fingerprint(number=before.number, rows=rows):
            return before
        number = before.number + 1 if before else 1
        if seen != fingerprint(number=number, rows=rows) or screened != fingerprint(number=0, rows=rows):
            raise LetterChangedError
        _require_signable(case, rows=rows, before=before, correction=correction)
        if case.status == Status.PRESENTED:
            move(case, CaseStatus.RECOMMENDATIONS_SENT, now=now)
        letter = RecommendationLetter.objects.create(
            case=case,
            number=number,
            opening=opening,
            items=letter_items(case, rows),
            correction=correction if before else "",
            signed_by=by,
            signed_name=by.get_full_name(),
            signed_title=member.title or member.title_fr,
            signed_at=now,
            visible_to_cycle_at=max(now, before.visible_to_cycle_at) if before else now + to_cycle_after,
        )
        index_case(case=case, letter=letter, now=now)
        tell_presenter(
            case,
            "letter_signed",
            key=f"case-letter:{letter.pk}",
            page="cases:case-letter",
            is_correction=before is not None,
        )
    return letter


@transaction.atomic
def release_letter(*, letter_id: int, by: User, now: datetime) -> RecommendationLetter:
    """Let the cycle see a letter from `now` on; one that it sees already stays as it is.

    Raises NotAllowedError for who neither reviews cases nor signs for the program, and MoveRefusedError for a letter
    that was replaced.
    """
    case = locked_case(RecommendationLetter.objects.values_list("case_id", flat=True).get(pk=letter_id))
    if not may_release(case, by):
        raise NotAllowedError(_("Letters are released by coordinators and by those who sign for the hub."))
    letter = RecommendationLetter.objects.select_for_update().get(pk=letter_id)
    if letter.visible_to_cycle_at <= now:
        return letter
    if case.letters.filter(number__gt=letter.number).exists():
        raise MoveRefusedError(_("A corrected letter has taken the place of this one. Release that one."))
    with audit.act("letter.release", by=by):
        letter.visible_to_cycle_at = now
        letter.save(update_fields=["visible_to_cycle_at"])
    return letter


def require_signer(case: CaseSubmission, user: User) -> HubMember:
    """The membership by which `user` signs for the case's program; raises NotAllowedError without one."""
    member = require_hub_member(case, user)
    if not member.may_sign:
        raise NotAllowedError(
            _(
                "You write recommendations; others of your team sign the letter. A coordinator can change that."
            )
        )
    return member


def may_release(case: CaseSubmission, user: User) -> bool:
    """Whether `user` may let the cycle see the letters of the case."""
    if may_review(user) and works_for(user, case.presenter.cycle.program_id):
        return True
    try:
        require_signer(case, user)
    except NotAllowedError:
        return False
    return True


def _require_signable(
    case: CaseSubmission,
    *,
    rows: list[Recommendation],
    before: RecommendationLetter | None,
    correction: str,
) -> None:
    if case.status not in {Status.PRESENTED, Status.RECOMMENDATIONS_SENT}:
        raise MoveRefusedError(_("The letter is signed once the case has been presented."))
    if not rows:
        raise BadInputError(_("Nobody has recommended anything yet. Write first, then sign."))
    if before and not correction:
        raise BadInputError(_("Write what is corrected: the presenter has the letter of before."))


def _tidy(text: str, limit: int) -> str:
    if len(text) > 2 * limit or len(kept := clean_text(text).strip()) > limit:
        raise BadInputError(
            _("This is longer than %(limit)d characters. Shorten it, then sign again.") % {"limit": limit}
        )
    return kept
