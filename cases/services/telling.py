"""What presenters and the hub's team are told of a case by mail: that something waits, and where, never its text."""

from typing import Any

from django.conf import settings
from django.urls import reverse

from cases.models import CaseSubmission, HubMember
from outbox.services import Letter, queue_mails
from participants.models import User


def tell_presenter(
    case: CaseSubmission, step: str, *, key: str, page: str = "cases:case-detail", **context: Any
) -> None:
    """Queue the letter `step` (a template of cases/mail) to the presenter, once for each `key`.

    It leads to `page`, a URL name that takes the ECHO ID. Nobody is told whose account is closed.
    """
    user = case.presenter.participant
    if user.is_active:
        queue_mails([_letter(case, step, user=user, key=key, page=page, context=context)])


def tell_hub(case: CaseSubmission, step: str, *, key: str, **context: Any) -> int:
    """Queue the letter `step` to each of the program's hub team, once for each `key`; returns how many are new."""
    members = HubMember.objects.filter(
        program=case.presenter.cycle.program_id, is_active=True, user__is_active=True, user__is_staff=True
    ).select_related("user__profile")
    return queue_mails(
        [
            _letter(
                case,
                step,
                user=member.user,
                key=f"{key}:{member.user_id}",
                page="cases:case-detail",
                context=context,
            )
            for member in members
        ]
    )


def _letter(
    case: CaseSubmission, step: str, *, user: User, key: str, page: str, context: dict[str, Any]
) -> Letter:
    profile = getattr(user, "profile", None)
    return Letter(
        key=key,
        kind="case",
        to=user.email,
        template=f"cases/mail/{step}",
        context={
            "name": user.get_short_name(),
            "echo_id": case.echo_id,
            "program": case.presenter.cycle.program,
            "url": settings.PORTAL_URL + reverse(page, args=[case.echo_id]),
            **context,
        },
        language=profile.language if profile else settings.LANGUAGE_CODE,
    )
