"""What became of it: the presenter is asked once, three months after the letter, and may answer from the letter on."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from cases.content import clean_text
from cases.models import CaseFollowUp, CaseSubmission, RecommendationLetter
from cases.services.moving import locked_case
from cases.services.screened import require_screened
from cases.services.telling import tell_presenter
from core import audit
from core.errors import BadInputError, MoveRefusedError, NotAllowedError
from outbox.models import OutgoingMail
from participants.models import User
from sessions_app.models import Enrolment

ASK_AFTER = timedelta(days=90)
"""After the first letter of a case was signed."""
ASK_UNTIL = timedelta(days=365)
"""What is older is not asked about any more, so that the daily search does not grow for ever."""


def ask_for_follow_ups(*, now: datetime) -> int:
    """Ask, once a case, what became of the patient; returns how many mails were queued.

    Asked is who is still in the cycle with an account that is in use, and has not reported by themselves.
    """
    signed = RecommendationLetter.objects.filter(
        case=OuterRef("pk"), number=1, signed_at__lte=now - ASK_AFTER, signed_at__gt=now - ASK_UNTIL
    )
    due = CaseSubmission.objects.filter(
        Exists(signed),
        status=CaseSubmission.Status.RECOMMENDATIONS_SENT,
        follow_up=None,
        presenter__status=Enrolment.Status.APPROVED,
        presenter__participant__is_active=True,
    ).select_related("presenter__participant__profile", "presenter__cycle__program")
    cases = {f"case-follow-up:{case.pk}": case for case in due.order_by("pk")}
    known = set(OutgoingMail.objects.filter(key__in=cases).values_list("key", flat=True))
    new = {key: case for key, case in cases.items() if key not in known}
    for key, case in new.items():
        tell_presenter(case, "follow_up_asked", key=key, page="cases:case-follow-up")
    return len(new)


@transaction.atomic
def report_follow_up(
    *, case_id: int, outcome: str, text: str, by: User, now: datetime, is_confirmed: bool = False
) -> CaseFollowUp:
    """Keep the presenter's report of what became of the patient; the same report twice is kept once.

    Raises NotAllowedError for anybody but the presenter, MoveRefusedError before the letter and for another report
    after the first, BadInputError for one that says nothing, and as `require_screened` does.
    """
    text = clean_text(text).strip()
    require_screened({"text": text}, is_confirmed=is_confirmed)
    case = locked_case(case_id)
    if case.presenter.participant_id != by.pk:
        raise NotAllowedError(_("Only the person who presented a case can report on it."))
    if case.status != CaseSubmission.Status.RECOMMENDATIONS_SENT:
        raise MoveRefusedError(_("Report on a case once you have its recommendations."))
    if outcome not in CaseFollowUp.Outcome.values or not text:
        raise BadInputError(_("Choose how the patient is, and write what happened."))
    known = CaseFollowUp.objects.filter(case=case).first()
    if known is not None:
        if (known.outcome, known.text) == (outcome, text):
            return known
        raise MoveRefusedError(
            _("You have reported on this case already. Write to the coordinator to add something.")
        )
    with audit.act("case.follow-up", by=by):
        return CaseFollowUp.objects.create(case=case, outcome=outcome, text=text, reported_at=now)
