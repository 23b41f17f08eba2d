"""Reads of cases that pages and reminders share."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from cases.models import CaseReview, CaseSubmission, RecommendationLetter
from sessions_app.models import Cycle, EchoSession, Enrolment, PresenterSlot

Status = CaseSubmission.Status
SHOWN = (Status.SCHEDULED, Status.PRESENTED, Status.RECOMMENDATIONS_SENT)
"""What the enrolled see of a session from its day on (rule 22)."""


UNFINISHED = (Status.DRAFT, Status.RETURNED)
"""With the author, who can write."""

TO_RESCHEDULE = Q(status=Status.SCHEDULED) & (
    Q(session__status=EchoSession.Status.CANCELLED)
    | ~Exists(PresenterSlot.objects.filter(session=OuterRef("session"), enrolment=OuterRef("presenter")))
)
"""Scheduled for a session that was cancelled, or in which the presenter has no slot any more.

A case gets its session with a slot. Who lets it go, or leaves the cycle, frees it while the session is to come; once
that has begun, it stays on record.
"""


def session_cases(session: EchoSession, *, now: datetime) -> QuerySet[CaseSubmission]:
    """The cases of a session that its people may see from the session's day on; the caller looks at the day.

    `has_letter` tells whether the cycle may read the answer by now.
    """
    letters = RecommendationLetter.objects.filter(case=OuterRef("pk"), visible_to_cycle_at__lte=now)
    shown = session.cases.filter(status__in=SHOWN).exclude(TO_RESCHEDULE)
    return shown.annotate(has_letter=Exists(letters)).order_by("echo_id")


def own_cases_of(enrolment: Enrolment) -> QuerySet[CaseSubmission]:
    """The cases that somebody brings to a cycle, the newest first, with all that `case_line` says of them."""
    return (
        CaseSubmission.objects.filter(presenter=enrolment)
        .select_related("presenter", "session", "follow_up")
        .order_by("-created_at", "-pk")
    )


def unfinished_cases(enrolment_ids: Iterable[int | None]) -> dict[int, CaseSubmission]:
    """The case that each of these is writing, or has got back to change: the one that moved last."""
    cases = CaseSubmission.objects.filter(presenter__in=list(enrolment_ids), status__in=UNFINISHED)
    return {case.presenter_id: case for case in cases.order_by("moved_at", "pk")}


def slots_without_case() -> QuerySet[PresenterSlot]:
    """The slots of running cycles whose presenter has handed in no case for them, in sessions that take place.

    A case that is not scheduled, or to be rescheduled, may be for any session; one that is scheduled is for its own. A
    draft, or a case that came back, is not handed in.
    """
    handed_in = CaseSubmission.objects.filter(
        Q(session__isnull=True) | Q(session=OuterRef("session")) | TO_RESCHEDULE,
        presenter=OuterRef("enrolment"),
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


# --- the review desk ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits for a coordinator, each the longest waiting first; of drafts there is only how many."""

    to_review: list[CaseSubmission]
    to_schedule: list[CaseSubmission]
    to_reschedule: list[CaseSubmission]
    to_mark: list[CaseSubmission]
    scheduled: list[CaseSubmission]
    presented: list[CaseSubmission]
    returned: list[CaseSubmission]
    drafts: int
    answered: int


def desk(*, now: datetime, cycle: Cycle | None = None, programs: Collection[int] | None = None) -> Desk:
    """All cases by what they wait for at `now`, of one cycle or of all; of `programs` alone, where not None."""
    cases = CaseSubmission.objects.all()
    if programs is not None:
        cases = cases.filter(presenter__cycle__program__in=programs)
    if cycle is not None:
        cases = cases.filter(presenter__cycle=cycle)
    counts = cases.aggregate(
        drafts=Count("pk", filter=Q(status=Status.DRAFT)),
        answered=Count("pk", filter=Q(status=Status.RECOMMENDATIONS_SENT)),
    )
    waiting = list(
        cases.exclude(status__in=(Status.DRAFT, Status.RECOMMENDATIONS_SENT))
        .select_related("presenter__participant__profile", "presenter__cycle__program", "session", "version")
        # A list shows no text.
        .defer("version__content", "version__findings", "version__attestation")
        .order_by("moved_at", "pk")
    )

    def having(*statuses: str) -> list[CaseSubmission]:
        return [case for case in waiting if case.status in statuses]

    scheduled = having(Status.SCHEDULED)
    to_reschedule = ids_to_reschedule(scheduled)
    lost = [case for case in scheduled if case.pk in to_reschedule]
    over = [case for case in scheduled if case not in lost and case.session and case.session.ends_at <= now]
    return Desk(
        to_review=having(Status.SUBMITTED, Status.IN_REVIEW),
        to_schedule=having(Status.APPROVED),
        to_reschedule=lost,
        to_mark=over,
        scheduled=[case for case in scheduled if case not in lost and case not in over],
        presented=having(Status.PRESENTED),
        returned=having(Status.RETURNED),
        drafts=counts["drafts"],
        answered=counts["answered"],
    )


def is_to_reschedule(case: CaseSubmission) -> bool:
    """Whether a scheduled case has lost its session (TO_RESCHEDULE): it waits for another one."""
    return bool(ids_to_reschedule([case]))


def ids_to_reschedule(cases: Iterable[CaseSubmission]) -> set[int]:
    """Which of these cases have lost their session, by their ids (1 query, and none where none is scheduled)."""
    ids = [case.pk for case in cases if case.status == Status.SCHEDULED]
    if not ids:
        return set()
    return set(CaseSubmission.objects.filter(TO_RESCHEDULE, pk__in=ids).values_list("pk", flat=True))


def sessions_for(case: CaseSubmission, *, now: datetime) -> QuerySet[EchoSession]:
    """The coming sessions of the presenter's cycle in which they have a slot, or one is free.

    The one that the case has is none of them, unless the presenter let it go: they may take it back.
    """
    mine = PresenterSlot.objects.filter(session=OuterRef("pk"), enrolment=case.presenter_id)
    free = PresenterSlot.objects.filter(session=OuterRef("pk"), enrolment=None)
    return (
        EchoSession.objects.filter(
            cycle=case.presenter.cycle_id,
            status__in=(EchoSession.Status.PLANNED, EchoSession.Status.CONFIRMED),
            ends_at__gt=now,
        )
        .annotate(is_own=Exists(mine))
        .filter(Q(is_own=True) | Q(Exists(free), starts_at__gt=now))
        .exclude(pk=0 if is_to_reschedule(case) else case.session_id or 0)
        .order_by("starts_at", "pk")
    )


def reviews_of(case: CaseSubmission) -> QuerySet[CaseReview]:
    """What coordinators decided about a case's versions, the newest first."""
    return (
        CaseReview.objects.filter(version__case=case)
        .select_related("version", "reviewed_by__profile")
        .order_by("-reviewed_at", "-pk")
    )
