"""Writing a case: beginning one, saving what is typed, and throwing a draft away."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cases.access import EDITABLE
from cases.content import Content, tidy
from cases.models import CaseSubmission, CaseText
from cases.screening import FindingRow, screen_content
from cases.services.moving import locked_case
from core import audit
from core.errors import DomainError, MoveRefusedError, NotAllowedError
from participants.models import User
from participants.queries import has_agreed_to_participate
from sessions_app.models import Cycle, Enrolment


class ConflictError(DomainError):
    """The case was saved elsewhere in the meantime: `revision` is what is kept now, and `saved_at` says since when."""

    def __init__(self, *, revision: int, saved_at: datetime) -> None:
        super().__init__(
            _("This case was saved from another tab or device in the meantime. Nothing was overwritten.")
        )
        self.revision = revision
        self.saved_at = saved_at


@dataclass(frozen=True, slots=True)
class Saved:
    """A case's text as it is kept after a save; `is_new` is False where the same text was kept already."""

    content: Content
    findings: list[FindingRow]
    revision: int
    saved_at: datetime
    is_new: bool


@transaction.atomic
def start_case(*, enrolment: Enrolment, by: User, now: datetime) -> CaseSubmission:
    """Begin a case in the cycle of `enrolment`, or go on with a draft in which nothing is written yet.

    Raises NotAllowedError unless it is `by`'s own approved enrolment in a published cycle, and the participation
    agreement is given.
    """
    # Its row is the lock: a button pressed twice begins one case.
    enrolment = Enrolment.objects.select_for_update(of=("self",)).select_related("cycle").get(pk=enrolment.pk)
    if (
        enrolment.participant_id != by.pk
        or enrolment.status != Enrolment.Status.APPROVED
        or enrolment.cycle.status != Cycle.Status.PUBLISHED
    ):
        raise NotAllowedError(_("Cases are brought by those who are enrolled in a cycle that is running."))
    if not has_agreed_to_participate(by):
        raise NotAllowedError(
            _("Before you write a case, answer the participation agreement. You find it in your profile.")
        )
    untouched = CaseSubmission.objects.filter(
        presenter=enrolment, status=CaseSubmission.Status.DRAFT, text__revision=0
    ).first()
    if untouched is not None:
        return untouched
    with audit.act("case.start", by=by):
        case = CaseSubmission.objects.create(presenter=enrolment, created_at=now, moved_at=now)
        CaseText.objects.create(case=case, saved_at=now)
    return case


@transaction.atomic
def save_draft(*, case_id: int, content: Mapping[str, Any], revision: int, by: User, now: datetime) -> Saved:
    """Keep `content` as the case's text, whole, and screen it for identifiers (rule 24).

    `revision` is that of the text which `content` was made from. The text of before is kept nowhere. The same content
    again changes nothing, whatever the revision: an answer that was lost may be asked for twice.

    Raises NotAllowedError for anybody but the author, MoveRefusedError once the case is handed in, BadInputError for
    what cannot be kept (`cases.content.tidy`), and ConflictError when somebody saved another text in the meantime.
    """
    kept = tidy(content)
    case = locked_case(case_id)
    _require_author(case, by)
    if case.status not in EDITABLE:
        raise MoveRefusedError(
            _("This case has been handed in. It can be changed again if a coordinator returns it to you.")
        )
    text, _created = CaseText.objects.select_for_update().get_or_create(case=case, defaults={"saved_at": now})
    if text.content == kept and text.revision:
        return Saved(text.content, text.findings, text.revision, text.saved_at, is_new=False)
    if text.revision != revision:
        raise ConflictError(revision=text.revision, saved_at=text.saved_at)
    # Under the lock: only who has the latest revision gets here, and the explanations stay with their words.
    findings = screen_content(kept, earlier_content=text.content, earlier_findings=text.findings)
    with audit.act("case.save", by=by):
        text.content, text.findings = kept, findings
        text.revision, text.saved_at = text.revision + 1, now
        text.save(update_fields=["content", "findings", "revision", "saved_at"])
    return Saved(text.content, text.findings, text.revision, text.saved_at, is_new=True)


@transaction.atomic
def delete_draft(*, case_id: int, by: User) -> None:
    """Delete a case that was never handed in, with its text; one that has gone already is none.

    The audit trail keeps that it was there; it never held a word of it. Raises NotAllowedError for anybody but the
    author, and MoveRefusedError for a case that was handed in.
    """
    case = (
        CaseSubmission.objects.select_for_update(of=("self",))
        .select_related("presenter")
        .filter(pk=case_id)
        .first()
    )
    if case is None:
        return
    _require_author(case, by)
    if case.status != CaseSubmission.Status.DRAFT:
        raise MoveRefusedError(_("Only a draft can be deleted. This case has been handed in before."))
    with audit.act("case.delete", by=by):
        case.delete()


def _require_author(case: CaseSubmission, by: User) -> None:
    if case.presenter.participant_id != by.pk:
        raise NotAllowedError(_("Only the author of a case can change it."))
