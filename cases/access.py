"""Who may read which case (rule 22). Whoever may not is told that it does not exist.

Every page that shows a case's text goes through here, is marked `no_store`, and records the reading
(`cases.services.record_reading`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from cases.models import CaseSubmission, CaseVersion, HubMember
from cases.queries import SHOWN, is_to_reschedule
from participants.models import User
from participants.queries import has_agreed_to_participate
from sessions_app.models import Cycle, EchoSession, Enrolment
from sessions_app.scope import works_for

Status = CaseSubmission.Status

EDITABLE = (Status.DRAFT, Status.RETURNED)
"""While the author works on it."""
HUB_READS = (Status.APPROVED, *SHOWN)
"""What the hub team reads: from the approval on."""


class Relation(StrEnum):
    """What somebody is to a case; of several, the first."""

    AUTHOR = "author"
    COORDINATOR = "coordinator"
    HUB = "hub"
    PARTICIPANT = "participant"


@dataclass(frozen=True, slots=True)
class Access:
    """A case that somebody may read, as what, and which version of it: None for the author's own draft."""

    case: CaseSubmission
    relation: Relation
    version: CaseVersion | None

    @property
    def is_author(self) -> bool:
        """Whether it is the reader's own case."""
        return self.relation == Relation.AUTHOR

    @property
    def is_coordinator(self) -> bool:
        """Whether the reader reviews it."""
        return self.relation == Relation.COORDINATOR

    @property
    def is_hub(self) -> bool:
        """Whether the reader answers it."""
        return self.relation == Relation.HUB


def readable_case(user: User, echo_id: str, *, now: datetime) -> Access:
    """The case as `user` may read it at `now`; Http404 for everybody else, and for a case that is not there."""
    case = _case(CaseSubmission.objects.all(), echo_id)
    relation = _relation(user, case, now=now)
    if relation is None:
        raise Http404
    return Access(case=case, relation=relation, version=case.version)


def own_case(user: User, echo_id: str, *, statuses: Collection[str] = tuple(Status)) -> CaseSubmission:
    """The case that `user` brings, with its text as it is being written, in one of `statuses`; else Http404."""
    cases = CaseSubmission.objects.select_related("text")
    return _case(cases.filter(presenter__participant=user, status__in=statuses), echo_id)


def hub_case(user: User, echo_id: str) -> CaseSubmission:
    """The case, from its approval on, for who is in the program's hub team; else Http404."""
    case = _case(CaseSubmission.objects.filter(status__in=HUB_READS), echo_id)
    if not _is_in_hub_team(user, case):
        raise Http404
    return case


def hub_memberships(user: User) -> QuerySet[HubMember]:
    """The hub teams that `user` is in. Only staff: they alone are held to a second factor."""
    members = HubMember.objects.filter(user=user, is_active=True)
    return members if user.is_staff and user.is_active else members.none()


def is_hub_member(user: User) -> bool:
    """Whether `user` answers the cases of some program."""
    return hub_memberships(user).exists()


def may_review(user: User) -> bool:
    """Whether `user` reviews cases: the coordinators."""
    return user.is_staff and user.has_perm("cases.review_casesubmission")


def _case(cases: QuerySet[CaseSubmission], echo_id: str) -> CaseSubmission:
    cases = cases.select_related("presenter__cycle__program", "presenter__participant", "session", "version")
    case = cases.filter(echo_id=echo_id).first()
    if case is None:
        raise Http404
    return case


def _relation(user: User, case: CaseSubmission, *, now: datetime) -> Relation | None:
    if case.presenter.participant_id == user.pk:
        return Relation.AUTHOR
    if case.status == Status.DRAFT:
        return None
    if may_review(user) and works_for(user, case.presenter.cycle.program_id):
        return Relation.COORDINATOR
    if case.status in HUB_READS and _is_in_hub_team(user, case):
        return Relation.HUB
    if _is_before_group(case, now=now) and _is_in_cycle(user, case) and has_agreed_to_participate(user):
        return Relation.PARTICIPANT
    return None


def _is_in_hub_team(user: User, case: CaseSubmission) -> bool:
    return hub_memberships(user).filter(program=case.presenter.cycle.program_id).exists()


def _is_before_group(case: CaseSubmission, *, now: datetime) -> bool:
    """Whether the day of the case's session has come in Toronto, and it is or was presented there."""
    session = case.session
    if case.status not in SHOWN or session is None or session.status == EchoSession.Status.CANCELLED:
        return False
    return timezone.localdate(now) >= timezone.localdate(session.starts_at) and not is_to_reschedule(case)


def _is_in_cycle(user: User, case: CaseSubmission) -> bool:
    enrolments = Enrolment.objects.filter(
        participant=user, cycle=case.presenter.cycle_id, status=Enrolment.Status.APPROVED
    )
    return enrolments.exclude(cycle__status=Cycle.Status.PLANNED).exists()
