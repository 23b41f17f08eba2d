from __future__ import annotations

from datetime import date, timedelta

import pytest

from sessions_app.models import Cycle, EchoSession, Enrolment
from sessions_app.queries import approved_enrolments, next_session, public_cycles, public_programs
from tests.factories import make_cycle, make_enrolment, make_program, make_session

pytestmark = pytest.mark.django_db


def test_next_session_is_the_one_that_runs_or_comes_next():
    cycle = make_cycle(sessions=0)
    first, third = make_session(cycle), make_session(cycle, week=2)
    make_session(cycle, week=1, status=EchoSession.Status.CANCELLED)

    assert next_session(cycle, now=first.starts_at - timedelta(days=90)) == first
    assert next_session(cycle, now=first.ends_at - timedelta(seconds=1)) == first
    assert next_session(cycle, now=first.ends_at) == third
    assert next_session(cycle, now=third.ends_at) is None


def test_next_session_is_of_this_cycle():
    cycle = make_cycle(sessions=0)
    make_cycle(cycle.program, sessions=3)

    assert next_session(cycle, now=make_session(make_cycle()).starts_at) is None


def test_public_cycles_hide_what_is_only_planned():
    program = make_program()
    old = make_cycle(program, starts_on=date(2024, 9, 12), status=Cycle.Status.CLOSED)
    new = make_cycle(program, starts_on=date(2025, 9, 11))
    make_cycle(program, status=Cycle.Status.PLANNED)
    make_cycle()

    assert list(public_cycles(program)) == [new, old]


@pytest.mark.parametrize("number", [1, 3])
def test_public_pages_take_the_same_queries_for_one_as_for_three(number, django_assert_num_queries):
    programs = [make_program() for _program in range(number)]
    for _cycle in range(number):
        make_cycle(programs[0], sessions=number)

    with django_assert_num_queries(4):
        for program in public_programs():
            assert [row.hub.city for row in program.program_hubs.all()] == ["Toronto", "Toronto"]
            assert list(program.objectives.all()) == []
    with django_assert_num_queries(2):
        for cycle in public_cycles(programs[0]):
            assert len([session.hub for session in cycle.sessions.all()]) == number


@pytest.mark.parametrize("status", list(Enrolment.Status))
def test_approved_enrolments_are_those_with_a_place(status):
    cycle = make_cycle()
    make_enrolment(make_cycle(cycle.program))
    enrolment = make_enrolment(cycle, status=status)

    assert list(approved_enrolments(cycle)) == ([enrolment] if status == "approved" else [])
