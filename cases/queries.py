"""Reads of cases that pages and reminders share."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from cases.models import CaseSubmission
from sessions_app.models import Cycle, EchoSession, Enrolment, PresenterSlot

Status = CaseSubmission.Status
SHOWN = (Status.SCHEDULED, Status.PRESENTED, Status.RECOMMENDATIONS_SENT)
"""What the enrolled see of a session from its day on (rule 22)."""


def session_cases(session: EchoSession) -> QuerySet[CaseSubmission]:
    """The cases of a session that its people may see from the session's day on; the caller looks at the day."""
    return session.cases.filter(status__in=SHOWN).order_by("echo_id")


def slots_without_case() -> QuerySet[PresenterSlot]:
    """The slots of running cycles whose presenter has handed in no case for them, in sessions that take place.

    A case that is not scheduled yet may be for any session; one that is scheduled is for its own. A draft, or a case
    that came back, is not handed in.
    """
    handed_in = CaseSubmission.objects.filter(
        Q(session__isnull=True) | Q(session=OuterRef("session")), presenter=OuterRef("enrolment")
    ).exclude(status__in=(Status.DRAFT, Status.RETURNED))
    return (
        PresenterSlot.objects.filter(
            ~Exists(handed_in),
            enrolment__status=Enrolment.Status.APPROVED,
            session__cycle__status=Cycle.Status.PUBLISHED,
        )
        .exclude(session__status=EchoSession.Status.CANCELLED)
        .order_by("session__starts_at", "pk")
    )
