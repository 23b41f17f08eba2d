"""Who may read which case: every state × everybody who might try, with a word in the case that nobody else may see."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.http import Http404
from django.test import Client

from cases.access import Relation, hub_case, is_hub_member, own_case, readable_case
from cases.models import CaseSubmission
from participants.models import User
from sessions_app.models import Cycle, EchoSession, Enrolment
from tests.cases.reviewing import let_go
from tests.clock import toronto
from tests.factories import (
    CASE_CONTENT,
    make_case,
    make_cycle,
    make_enrolment,
    make_hub_member,
    make_program,
    make_session,
    make_user,
)

pytestmark = pytest.mark.django_db

Status = CaseSubmission.Status
SECRET = "allodynia after the chainsaw"
DAY = toronto(2025, 9, 11, 0, 0)
"""The first minute of the session's day."""
BEFORE = DAY - timedelta(minutes=1)
LATER = toronto(2025, 12, 1)

DRAFT = {Status.DRAFT}
HANDED_IN = set(Status) - DRAFT
APPROVED = {Status.APPROVED, Status.SCHEDULED, Status.PRESENTED, Status.RECOMMENDATIONS_SENT}
SHOWN = APPROVED - {Status.APPROVED}

READS = {
    "author": (Relation.AUTHOR, set(Status)),
    "author who left the cycle": (Relation.AUTHOR, set(Status)),
    "coordinator": (Relation.COORDINATOR, HANDED_IN),
    "hub": (Relation.HUB, APPROVED),
    "peer": (Relation.PARTICIPANT, SHOWN),
    "peer, the session cancelled": (None, set()),
    "peer, without the agreement": (None, set()),
    "peer, no longer approved": (None, set()),
    "waiting for a place": (None, set()),
    "participant of another cycle": (None, set()),
    "outsider": (None, set()),
    "staff without a role": (None, set()),
    "coordinator who is no staff any more": (None, set()),
    "hub, no longer active": (None, set()),
    "hub of another program": (None, set()),
    "hub, no staff": (None, set()),
}


@dataclass
class Scene:
    """A case, and somebody who tries to read it."""

    case: CaseSubmission
    user: User


def scene(who: str, status: str) -> Scene:
    """The case in the state `status`, the session on DAY, and `who`."""
    program = make_program()
    cycle = make_cycle(program, name="Fall")
    session = make_session(
        cycle,
        status=EchoSession.Status.CANCELLED if who.endswith("cancelled") else EchoSession.Status.CONFIRMED,
    )
    presenter = make_enrolment(cycle)
    case = make_case(
        presenter, status=status, session=session, content={**CASE_CONTENT, "pain_history": SECRET}
    )
    if who == "author who left the cycle":
        Enrolment.objects.filter(pk=presenter.pk).update(status=Enrolment.Status.WITHDRAWN)
    return Scene(case, PEOPLE[who](cycle, presenter))


def coordinator(*, is_staff: bool = True) -> User:
    user = make_user(is_staff=is_staff)
    user.user_permissions.add(Permission.objects.get(codename="review_casesubmission"))
    return user


def participant(cycle: Cycle, *, status: str = Enrolment.Status.APPROVED, has_agreed: bool = True) -> User:
    return make_enrolment(cycle, make_user(has_agreed=has_agreed), status=status).participant


PEOPLE: dict[str, Callable[[Cycle, Enrolment], User]] = {
    "author": lambda _cycle, presenter: presenter.participant,
    "author who left the cycle": lambda _cycle, presenter: presenter.participant,
    "coordinator": lambda _cycle, _presenter: coordinator(),
    "coordinator who is no staff any more": lambda _cycle, _presenter: coordinator(is_staff=False),
    "hub": lambda cycle, _presenter: make_hub_member(cycle.program).user,
    "hub, no longer active": lambda cycle, _presenter: make_hub_member(cycle.program, is_active=False).user,
    "hub, no staff": lambda cycle, _presenter: make_hub_member(cycle.program, make_user()).user,
    "hub of another program": lambda _cycle, _presenter: make_hub_member(make_program()).user,
    "staff without a role": lambda _cycle, _presenter: make_user(is_staff=True),
    "peer": lambda cycle, _presenter: participant(cycle),
    "peer, the session cancelled": lambda cycle, _presenter: participant(cycle),
    "peer, without the agreement": lambda cycle, _presenter: participant(cycle, has_agreed=False),
    "peer, no longer approved": lambda cycle, _presenter: participant(
        cycle, status=Enrolment.Status.WITHDRAWN
    ),
    "waiting for a place": lambda cycle, _presenter: participant(cycle, status=Enrolment.Status.WAITLISTED),
    "participant of another cycle": lambda cycle, _presenter: participant(
        make_cycle(cycle.program, sessions=1)
    ),
    "outsider": lambda _cycle, _presenter: make_user(),
}


def relation(found: Scene, *, now: datetime) -> Relation | None:
    """What the person is to the case at `now`; None when it does not exist for them."""
    try:
        return readable_case(found.user, found.case.echo_id, now=now).relation
    except Http404:
        return None


@pytest.mark.parametrize("who", READS)
def test_case_is_read_by_these_and_nobody_else(who: str) -> None:
    expected, statuses = READS[who]
    found = scene(who, Status.DRAFT)
    session = found.case.presenter.cycle.sessions.get()
    for status in Status:
        case = make_case(found.case.presenter, status=status, session=session)

        assert relation(Scene(case, found.user), now=LATER) == (expected if status in statuses else None), (
            status
        )


@pytest.mark.parametrize("status", sorted(SHOWN))
def test_group_reads_a_case_from_the_first_minute_of_the_sessions_day(status: str) -> None:
    found = scene("peer", status)

    assert relation(found, now=BEFORE) is None
    assert relation(found, now=DAY) == Relation.PARTICIPANT


def test_group_does_not_read_a_case_whose_presenter_let_the_session_go() -> None:
    found = scene("peer", Status.SCHEDULED)
    let_go(found.case)

    assert relation(found, now=DAY) is None


def test_group_of_a_cycle_that_is_not_published_reads_nothing() -> None:
    found = scene("peer", Status.SCHEDULED)
    Cycle.objects.update(status=Cycle.Status.PLANNED)

    assert relation(found, now=LATER) is None


def test_author_reads_what_they_handed_in_and_nobody_the_text_they_are_mending() -> None:
    found = scene("author", Status.RETURNED)

    access = readable_case(found.user, found.case.echo_id, now=LATER)

    assert access.version == found.case.version
    assert access.is_author


@pytest.mark.parametrize("echo_id", ["ECHO-22222222", "", "' OR 1=1", "echo-%"])
def test_case_that_is_not_there_is_not_found(echo_id: str) -> None:
    found = scene("author", Status.DRAFT)

    with pytest.raises(Http404):
        readable_case(found.user, echo_id, now=LATER)


def test_own_case_is_the_authors_alone_and_in_the_states_asked_for() -> None:
    found = scene("coordinator", Status.DRAFT)
    author = found.case.presenter.participant

    assert own_case(author, found.case.echo_id) == found.case
    with pytest.raises(Http404):
        own_case(found.user, found.case.echo_id)
    with pytest.raises(Http404):
        own_case(author, found.case.echo_id, statuses=[Status.RETURNED])


def test_hub_case_is_the_hubs_from_the_approval_on() -> None:
    found = scene("hub", Status.DRAFT)
    readable = set()
    for status in Status:
        case = make_case(found.case.presenter, status=status)
        with suppress(Http404):
            readable.add(hub_case(found.user, case.echo_id).status)

    assert readable == APPROVED


@pytest.mark.parametrize(
    ("who", "expected"),
    [("hub", True), ("hub, no longer active", False), ("hub, no staff", False), ("coordinator", False)],
)
def test_hub_member_is_active_and_staff(who: str, expected: bool) -> None:
    assert is_hub_member(scene(who, Status.APPROVED).user) is expected


@pytest.mark.parametrize(
    "who", [None, *(who for who, (expected, _statuses) in READS.items() if not expected)]
)
def test_page_leaks_nothing_to_who_may_not_read(client: Client, who: str | None) -> None:
    found = scene(who or "outsider", Status.SCHEDULED)
    if who:
        client.force_login(found.user)
    for page in ("", "summary/", "check/"):
        answer = client.get(f"/cases/{found.case.echo_id}/{page}")

        assert answer.status_code == (404 if who else 302), page
        assert SECRET not in answer.content.decode()


def test_summary_is_not_for_participants(client: Client) -> None:
    found = scene("peer", Status.PRESENTED)
    client.force_login(found.user)

    assert client.get(f"/cases/{found.case.echo_id}/").status_code == 200
    assert client.get(f"/cases/{found.case.echo_id}/summary/").status_code == 404
