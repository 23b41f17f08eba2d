"""A coordinator reads what was handed in, and approves it, returns it, or strikes it out (rules 22, 24 and 35)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from cases.content import clean_text
from cases.models import CaseReview, CaseSubmission, CaseText, CaseVersion, LibraryEntry
from cases.services.moving import locked_case, move
from cases.services.screened import require_screened
from cases.services.telling import tell_hub, tell_presenter
from cases.states import CaseStatus
from core import audit
from core.errors import BadInputError, MoveRefusedError
from participants.models import User

Status = CaseSubmission.Status


@transaction.atomic
def start_review(*, case_id: int, by: User, now: datetime) -> CaseSubmission:
    """Take a case that was handed in under review; one that is under review already stays so.

    Raises MoveRefusedError for a case in any other state.
    """
    case = locked_case(case_id)
    if case.status == Status.IN_REVIEW:
        return case
    with audit.act("case.start-review", by=by):
        move(case, CaseStatus.IN_REVIEW, now=now)
    return case


@transaction.atomic
def approve_case(
    *, case_id: int, version_id: int, by: User, now: datetime, comments: str = "", is_confirmed: bool = False
) -> CaseReview:
    """Release the version that the reviewer has read: the hub's team sees it at once, and all are told.

    Raises MoveRefusedError when the case is not under review, when another version was handed in meanwhile or when
    this one is struck out, and as `require_screened` does for the comments.
    """
    comments = clean_text(comments).strip()
    require_screened({"comments": comments}, is_confirmed=is_confirmed)
    case = _under_review(case_id, version_id)
    assert case.version is not None  # constraint cases_casesubmission_handed_in_has_version
    if case.version.struck_at is not None:
        raise MoveRefusedError(_("This version is struck out. Return the case to its author instead."))
    with audit.act("case.approve", by=by):
        review = _record(case.version, CaseReview.Decision.APPROVED, comments, by=by, now=now)
        move(case, CaseStatus.APPROVED, now=now)
    tell_presenter(case, "case_approved", key=f"case-approved:{case.version.pk}")
    tell_hub(case, "hub_case_approved", key=f"hub-case-approved:{case.version.pk}")
    return review


@transaction.atomic
def return_case(
    *, case_id: int, version_id: int, comments: str, by: User, now: datetime, is_confirmed: bool = False
) -> CaseReview:
    """Give a case back to its author, with what they are to change; the mail says only that it came back.

    Raises BadInputError without comments, MoveRefusedError when the case is not under review or another version was
    handed in meanwhile, and as `require_screened` does.
    """
    comments = clean_text(comments).strip()
    if not comments:
        raise BadInputError(_("Write what the author is to change."))
    require_screened({"comments": comments}, is_confirmed=is_confirmed)
    case = _under_review(case_id, version_id)
    assert case.version is not None  # constraint cases_casesubmission_handed_in_has_version
    with audit.act("case.return", by=by):
        review = _record(case.version, CaseReview.Decision.RETURNED, comments, by=by, now=now)
        move(case, CaseStatus.RETURNED, now=now)
    tell_presenter(case, "case_returned", key=f"case-returned:{case.version.pk}")
    return review


@transaction.atomic
def strike_version(
    *, case_id: int, version_id: int, reason: str, by: User, now: datetime, is_confirmed: bool = False
) -> CaseVersion:
    """Empty a version that holds what must not be kept; that there was one, and its attestation, stay on record.

    With the version handed in last go the words that the library finds the case by and, where its author can no
    longer mend it, the author's own copy. Striking out twice does it once. The reason stands in the audit trail.

    Raises BadInputError without a reason, and as `require_screened` does for it.
    """
    reason = " ".join(clean_text(reason).split())
    require_screened({"reason": reason}, is_confirmed=is_confirmed)
    case = locked_case(case_id)
    version = CaseVersion.objects.select_for_update().get(pk=version_id, case=case)
    if version.struck_at is not None:
        return version
    if not reason:
        raise BadInputError(_("Write why it is struck out, without repeating what it says."))
    with audit.act("case.strike", by=by, reason=reason):
        version.content, version.findings = {}, []
        version.struck_at, version.struck_by = now, by
        version.save(update_fields=["content", "findings", "struck_at", "struck_by"])
        if case.version_id == version.pk:
            LibraryEntry.objects.filter(case=case).delete()
            if case.status not in {Status.SUBMITTED, Status.IN_REVIEW, Status.RETURNED}:
                _empty_text(case, now=now)
    return version


def _under_review(case_id: int, version_id: int) -> CaseSubmission:
    """The case, locked, if it is under review and `version_id` is what was handed in last."""
    case = locked_case(case_id)
    if case.status != Status.IN_REVIEW:
        raise MoveRefusedError(
            _("Only a case that is in review can be decided. This one is “%(status)s”.")
            % {"status": case.get_status_display()}
        )
    if case.version_id != version_id:
        raise MoveRefusedError(_("The author has handed in another version meanwhile. Open the case anew."))
    return case


def _record(
    version: CaseVersion, decision: CaseReview.Decision, comments: str, *, by: User, now: datetime
) -> CaseReview:
    return CaseReview.objects.create(
        version=version, decision=decision, comments=comments, reviewed_by=by, reviewed_at=now
    )


def _empty_text(case: CaseSubmission, *, now: datetime) -> None:
    text = CaseText.objects.select_for_update().filter(case=case).first()
    if text is not None:
        text.content, text.findings, text.saved_at = {}, [], now
        text.revision += 1
        text.save(update_fields=["content", "findings", "revision", "saved_at"])
