from __future__ import annotations

from functools import partial
from itertools import product

import pytest

from cases.models import CaseSubmission
from cases.services import move_case
from cases.states import ALLOWED, CaseStatus
from core.errors import BadInputError, MoveRefusedError
from tests.clock import toronto
from tests.database import write
from tests.factories import make_cycle, make_enrolment, make_user
from tests.history import audit_row
from tests.races import THREADS, at_once

NOW = toronto(2025, 9, 20, 10)


@pytest.fixture
def case(family_physician) -> CaseSubmission:
    return make_case(make_enrolment(make_cycle(sessions=1), family_physician))


def make_case(presenter) -> CaseSubmission:
    return CaseSubmission.objects.create(presenter=presenter)


@pytest.mark.parametrize(("old", "new"), sorted(ALLOWED))
def test_move_case_makes_the_moves_of_the_rule(case, coordinator, old, new):
    session = case.presenter.cycle.sessions.get()
    write(case, status=old.value, session=session)

    move_case(case_id=case.pk, to=new, by=coordinator, now=NOW, session=session)

    case.refresh_from_db()
    assert (case.status, case.moved_at) == (new, NOW)
    assert audit_row(case, "update") == (f"case.{new.value}", coordinator.pk, "")


@pytest.mark.parametrize(("old", "new"), sorted(set(product(CaseStatus, repeat=2)) - ALLOWED))
def test_move_case_refuses_every_other_move(case, coordinator, old, new):
    session = case.presenter.cycle.sessions.get()
    write(case, status=old.value, session=session)

    with pytest.raises(MoveRefusedError):
        move_case(case_id=case.pk, to=new, by=coordinator, now=NOW, session=session)

    case.refresh_from_db()
    assert case.status == old


def test_move_case_schedules_into_a_session_of_the_presenters_cycle_only(case, coordinator):
    write(case, status=CaseStatus.APPROVED.value)
    elsewhere = make_cycle(case.presenter.cycle.program, sessions=1).sessions.get()
    schedule = partial(move_case, case_id=case.pk, to=CaseStatus.SCHEDULED, by=coordinator, now=NOW)

    for session in (None, elsewhere):
        with pytest.raises(BadInputError, match="own cycle"):
            schedule(session=session)
    own = case.presenter.cycle.sessions.get()

    assert schedule(session=own).session == own


@pytest.mark.django_db(transaction=True)
def test_case_submitted_twenty_times_at_once_is_submitted_once():
    coordinator = make_user(is_staff=True)
    case = make_case(make_enrolment(make_cycle()))

    results = at_once(
        [partial(move_case, case_id=case.pk, to=CaseStatus.SUBMITTED, by=coordinator, now=NOW)] * THREADS
    )

    assert sum(isinstance(result, CaseSubmission) for result in results) == 1
    assert sum(isinstance(result, MoveRefusedError) for result in results) == THREADS - 1
