from __future__ import annotations

import re

import pytest

from cases.models import ECHO_ID_ALPHABET, CaseSubmission, new_echo_id
from cases.states import CaseStatus
from tests.database import refused_by, write
from tests.factories import make_cycle, make_enrolment

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(db) -> CaseSubmission:
    return CaseSubmission.objects.create(presenter=make_enrolment(make_cycle(sessions=1)))


def test_case_name_is_random_and_readable():
    names = {new_echo_id() for _time in range(200)}

    assert len(names) == 200
    assert all(re.fullmatch(f"ECHO-[{ECHO_ID_ALPHABET}]{{8}}", name) for name in names)


def test_case_name_is_unique(case):
    with refused_by("cases_casesubmission_echo_id_key"):
        CaseSubmission.objects.create(presenter=case.presenter, echo_id=case.echo_id)


def test_case_status_is_known(case):
    with refused_by("cases_casesubmission_status_known"):
        write(case, status="lost")


@pytest.mark.parametrize("status", list(CaseStatus))
def test_case_has_a_session_from_scheduling_on(case, status):
    if status in {CaseStatus.SCHEDULED, CaseStatus.PRESENTED, CaseStatus.RECOMMENDATIONS_SENT}:
        with refused_by("cases_casesubmission_scheduled_has_session"):
            write(case, status=status.value)
    else:
        write(case, status=status.value)
        case.refresh_from_db()
        assert case.status == status
