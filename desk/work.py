"""What waits in cycles, counted: a fixed number of queries, however many cycles, people and sessions there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from cases.models import CaseSubmission
from cases.queries import TO_RESCHEDULE, slots_without_case
from credits.issued import latest_mail, matters_no_more
from credits.models import Certificate, Waiver
from outbox.models import OutgoingMail
from outbox.states import UNDELIVERED
from sessions_app.models import (
    Attendance,
    Cycle,
    EchoSession,
    Enrolment,
    PresenterSlot,
    Speaker,
    UnmatchedName,
)
from surveys.models import Instrument, Response, SurveyWindow

ANSWER_DAYS = 7
"""Days after a case was presented when a letter that is not signed yet is worth asking about."""

Case = CaseSubmission.Status


@dataclass(frozen=True, slots=True)
class SessionState:
    """A session that takes place, with what it has and what it lacks."""

    session: EchoSession
    speakers: int
    undisclosed: int
    presenters: int
    free_slots: int
    present: int
    unmatched: int

    def is_over(self, *, now: datetime) -> bool:
        """Whether it has ended at `now`."""
        return self.session.ends_at <= now

    def is_today(self, *, now: datetime) -> bool:
        """Whether it is held today in Toronto, and not over."""
        same_day = timezone.localdate(self.session.starts_at) == timezone.localdate(now)
        return same_day and not self.is_over(now=now)


@dataclass(frozen=True, slots=True)
class SurveyState:
    """A survey of a cycle: how many it is asked of, and how many of them have answered."""

    window: SurveyWindow
    asked: int
    answered: int

    @property
    def open(self) -> int:
        """How many have not answered."""
        return max(self.asked - self.answered, 0)

    def is_open(self, *, now: datetime) -> bool:
        """Whether it can be answered at `now`."""
        closes_at = self.window.closes_at
        return self.window.opens_at <= now and (closes_at is None or now < closes_at)


@dataclass(slots=True)
class CycleWork:
    """All that waits in one cycle."""

    cycle: Any
    """The cycle, with the counts of `_counted` as attributes."""
    sessions: list[SessionState] = field(default_factory=list)
    surveys: list[SurveyState] = field(default_factory=list)
    without_case: list[PresenterSlot] = field(default_factory=list)

    def today(self, *, now: datetime) -> SessionState | None:
        """The session that is held today and is not over."""
        return next((state for state in self.sessions if state.is_today(now=now)), None)

    def next_session(self, *, now: datetime) -> SessionState | None:
        """The session that runs at `now` or comes next."""
        return next((state for state in self.sessions if not state.is_over(now=now)), None)


def cycle_work(cycles: QuerySet[Cycle], *, now: datetime) -> list[CycleWork]:
    """What waits in each of `cycles`, in their order (4 queries)."""
    found = {cycle.pk: CycleWork(cycle) for cycle in _counted(cycles.select_related("program"), now=now)}
    for state in _session_states(found):
        found[state.session.cycle_id].sessions.append(state)
    for survey in _surveys(found, now=now):
        found[survey.window.cycle_id].surveys.append(survey)
    slots = slots_without_case().filter(session__cycle__in=list(found), session__starts_at__gt=now)
    for slot in slots.select_related("session", "enrolment__participant__profile"):
        found[slot.session.cycle_id].without_case.append(slot)
    return list(found.values())


def undelivered_mails() -> QuerySet[OutgoingMail]:
    """Mails that did not arrive, or may not have, without those that a certificate needs no more."""
    return OutgoingMail.objects.filter(~matters_no_more(), status__in=sorted(UNDELIVERED))


def _counted(cycles: QuerySet[Cycle], *, now: datetime) -> QuerySet[Any]:
    """The cycles, each with its counts (1 query)."""
    people = Enrolment.objects.filter(cycle=OuterRef("pk"))
    cases = CaseSubmission.objects.filter(presenter__cycle=OuterRef("pk"))
    scheduled = cases.filter(status=Case.SCHEDULED)
    certificates = Certificate.objects.filter(enrolment__cycle=OuterRef("pk"))
    counts = {
        "approved": (people.filter(status=Enrolment.Status.APPROVED), "cycle"),
        "applied": (people.filter(status=Enrolment.Status.APPLIED), "cycle"),
        "waitlisted": (people.filter(status=Enrolment.Status.WAITLISTED), "cycle"),
        "to_review": (cases.filter(status__in=[Case.SUBMITTED, Case.IN_REVIEW]), "presenter__cycle"),
        "to_schedule": (cases.filter(status=Case.APPROVED), "presenter__cycle"),
        # Whose presenter has left waits for nothing.
        "to_reschedule": (
            scheduled.filter(TO_RESCHEDULE, presenter__status=Enrolment.Status.APPROVED),
            "presenter__cycle",
        ),
        "to_mark": (
            scheduled.filter(session__ends_at__lte=now).exclude(TO_RESCHEDULE),
            "presenter__cycle",
        ),
        "unanswered": (
            cases.filter(status=Case.PRESENTED, session__ends_at__lte=now - timedelta(days=ANSWER_DAYS)),
            "presenter__cycle",
        ),
        "undrawn": (certificates.filter(status=Certificate.Status.FAILED), "enrolment__cycle"),
        "waiting_certificates": (
            certificates.filter(status=Certificate.Status.PENDING),
            "enrolment__cycle",
        ),
        "issued": (certificates.filter(status=Certificate.Status.ISSUED), "enrolment__cycle"),
        "astray": (
            certificates.annotate(mail_status=latest_mail("status")).filter(
                status=Certificate.Status.ISSUED, mail_status__in=sorted(UNDELIVERED)
            ),
            "enrolment__cycle",
        ),
        "waivers": (
            Waiver.objects.filter(enrolment__cycle=OuterRef("pk"), status=Waiver.Status.ASKED),
            "enrolment__cycle",
        ),
    }
    longest = people.filter(status=Enrolment.Status.APPLIED).order_by().values("cycle")
    # Nothing of a mail says which cycle it is about: those to its people are counted.
    mails = undelivered_mails().filter(
        recipient__in=Enrolment.objects.filter(cycle=OuterRef(OuterRef("pk"))).values("participant__email")
    )
    everything = mails.annotate(all=Value(1)).order_by().values("all")
    return cycles.annotate(
        undelivered=Coalesce(
            Subquery(everything.annotate(number=Count("pk")).values("number"), output_field=IntegerField()), 0
        ),
        applied_since=Subquery(longest.annotate(since=Min("applied_at")).values("since")),
        **{name: _count(rows, by=by) for name, (rows, by) in counts.items()},
    )


def _session_states(cycle_ids: Iterable[int]) -> list[SessionState]:
    """The sessions of the cycles that take place, in order (1 query)."""
    speakers = Speaker.objects.filter(session=OuterRef("pk"))
    slots = PresenterSlot.objects.filter(session=OuterRef("pk"))
    present = Attendance.objects.filter(session=OuterRef("pk"), minutes__gt=0, is_guest=False)
    names = UnmatchedName.objects.filter(report__session=OuterRef("pk"), outcome=UnmatchedName.Outcome.OPEN)
    rows: QuerySet[Any] = (
        EchoSession.objects.filter(cycle__in=list(cycle_ids))
        .exclude(status=EchoSession.Status.CANCELLED)
        .annotate(
            speaker_count=_count(speakers, by="session"),
            undisclosed=_count(speakers.filter(disclosure=Speaker.Disclosure.MISSING), by="session"),
            presenter_count=_count(slots.filter(enrolment__isnull=False), by="session"),
            free_slots=_count(slots.filter(enrolment=None), by="session"),
            present=_count(present, by="session"),
            unmatched=_count(names, by="report__session"),
        )
        .order_by("starts_at", "pk")
    )
    return [
        SessionState(
            session=row,
            speakers=row.speaker_count,
            undisclosed=row.undisclosed,
            presenters=row.presenter_count,
            free_slots=row.free_slots,
            present=row.present,
            unmatched=row.unmatched,
        )
        for row in rows
    ]


def _surveys(cycle_ids: Collection[int], *, now: datetime) -> list[SurveyState]:
    """The surveys of the cycles, of evaluations those that are open, each with who is asked and who has answered.

    1 query.
    """
    people = Enrolment.objects.filter(
        cycle=OuterRef("cycle"), status=Enrolment.Status.APPROVED, participant__is_active=True
    )
    there = Attendance.objects.filter(
        session=OuterRef("session"), minutes__gt=0, is_guest=False, enrolment__participant__is_active=True
    ).filter(enrolment__status=Enrolment.Status.APPROVED)
    answered = Response.objects.filter(
        window=OuterRef("pk"),
        status=Response.Status.SUBMITTED,
        enrolment__status=Enrolment.Status.APPROVED,
        enrolment__participant__is_active=True,
    )
    windows: QuerySet[Any] = (
        SurveyWindow.objects.filter(
            ~Q(instrument__kind=Instrument.Kind.EVALUATION)
            | (Q(closes_at=None) | Q(closes_at__gt=now)) & Q(opens_at__lte=now),
            cycle__in=list(cycle_ids),
        )
        .select_related("instrument", "session")
        .annotate(
            people=_count(people, by="cycle"),
            there=_count(there, by="session"),
            answered=_count(answered, by="window"),
        )
        .order_by("opens_at", "pk")
    )
    return [
        SurveyState(
            window=window,
            asked=window.there if window.instrument.kind == Instrument.Kind.EVALUATION else window.people,
            answered=window.answered,
        )
        for window in windows
    ]


def by_program(work: Iterable[CycleWork]) -> dict[Any, list[CycleWork]]:
    """The cycles under their programs, in the order they come."""
    found: dict[Any, list[CycleWork]] = defaultdict(list)
    for one in work:
        found[one.cycle.program].append(one)
    return dict(found)


def _count(rows: QuerySet[Any], *, by: str) -> Coalesce:
    """How many of `rows`, which refer to the outer row by `by`; counted for each outer row by itself."""
    counted = rows.order_by().values(by).annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
