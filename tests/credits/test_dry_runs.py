"""What is kept of a look at a cycle, what changed since, and a closing that issues only what was looked at."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from credits.closing import changes, fingerprint, last_dry_run, outcomes
from credits.models import Certificate, DryRun
from credits.queries import cycle_ledgers
from credits.rules import Missing
from credits.services import close_cycle, make_dry_run
from credits.services.closing import ChangedSinceError
from sessions_app.models import Cycle, Enrolment
from tests.clock import toronto
from tests.database import refused_by, write
from tests.factories import (
    answer_surveys,
    make_attendance,
    make_enrolment,
    make_graduate,
    make_season,
    make_user,
)

NOW = toronto(2025, 10, 2, 9)


@pytest.fixture
def cycle(db) -> Cycle:
    return make_season(sessions=2)


@pytest.fixture
def late(cycle) -> Enrolment:
    """In every session; no survey answered."""
    enrolment = make_enrolment(cycle, make_user(name="Lena Late"))
    for session in cycle.sessions.all():
        make_attendance(enrolment, session)
    return enrolment


def changed(cycle: Cycle):
    run = last_dry_run(cycle)
    assert run is not None
    return changes(run.outcomes, cycle_ledgers(cycle))


def test_dry_run_issues_nothing_and_says_who_made_it(cycle, late, coordinator):
    make_graduate(cycle)

    run = make_dry_run(cycle_id=cycle.pk, by=coordinator, now=NOW)

    assert (run.made_by, run.made_at) == (coordinator, NOW)
    assert len(run.outcomes) == 2
    assert not Certificate.objects.exists()
    cycle.refresh_from_db()
    assert cycle.status == Cycle.Status.PUBLISHED


def test_dry_run_again_finds_nothing_changed(cycle, late):
    make_dry_run(cycle_id=cycle.pk, by=None, now=NOW)
    assert changed(cycle) == []


def test_changes_name_who_finished_joined_and_left(cycle, late):
    leaver = make_graduate(cycle, make_user(name="Abe Away"))
    make_dry_run(cycle_id=cycle.pk, by=None, now=NOW)
    answer_surveys(late)
    write(leaver, status=Enrolment.Status.WITHDRAWN)
    make_enrolment(cycle, make_user(name="Nina New"))

    away, finished, joined = changed(cycle)

    assert (away.name, away.now) == ("Abe Away", None)
    assert away.before is not None
    assert away.before.amount == Decimal(6)
    assert finished.name == "Lena Late"
    assert finished.before is not None
    assert finished.before.missing == (Missing.PRE_SURVEY, Missing.POST_SURVEY, Missing.REFLECTION)
    assert finished.now is not None
    assert finished.now.is_due
    assert (joined.name, joined.before) == ("Nina New", None)


def test_closing_is_kept_as_what_was_found(cycle, late, coordinator):
    make_graduate(cycle)
    close_cycle(cycle_id=cycle.pk, by=coordinator, now=NOW)

    run = last_dry_run(cycle)
    assert run is not None
    assert run.made_by == coordinator
    assert {bool(row["missing"]) for row in run.outcomes.values()} == {True, False}


def test_closing_refuses_when_what_was_looked_at_has_changed(cycle, late, coordinator):
    seen = fingerprint(outcomes(cycle_ledgers(cycle)))
    answer_surveys(late)

    with pytest.raises(ChangedSinceError):
        close_cycle(cycle_id=cycle.pk, by=coordinator, now=NOW, seen=seen)
    assert not Certificate.objects.exists()
    cycle.refresh_from_db()
    assert cycle.status == Cycle.Status.PUBLISHED

    seen = fingerprint(outcomes(cycle_ledgers(cycle)))
    assert len(close_cycle(cycle_id=cycle.pk, by=coordinator, now=NOW, seen=seen)) == 1


def test_dry_run_is_kept_as_it_was(cycle):
    run = make_dry_run(cycle_id=cycle.pk, by=None, now=NOW)
    with refused_by("dry_run_is_kept"):
        write(run, outcomes={})


# --- the command ----------------------------------------------------------------------------------------------------


def said(*args: str) -> str:
    output = StringIO()
    call_command("close_cycle", *args, stdout=output)
    return output.getvalue()


def test_command_says_who_gets_what_and_who_not_and_why(cycle, late):
    make_graduate(cycle, make_user(name="Greta Graduate"))

    first = said(str(cycle.pk), "--dry-run")

    assert "1 to issue:\n  Greta Graduate: 6 credits, Mainpro+" in first
    assert "1 not eligible:\n  Lena Late: The pre-survey; The post-survey; The reflection question" in first
    assert "No earlier dry run" in first
    assert not Certificate.objects.exists()
    answer_surveys(late)
    assert "1 changed since" in (second := said(str(cycle.pk), "--dry-run"))
    assert "Lena Late: nothing (The pre-survey; The post-survey; The reflection question) → 6" in second
    assert DryRun.objects.count() == 2


def test_command_closes_by_number_or_name_and_twice_issues_nothing(cycle):
    make_graduate(cycle)
    write(cycle, name="Fall 2025")

    assert "Closed. 1 certificates" in said("Fall 2025")
    assert "Closed. 0 certificates" in (again := said(str(cycle.pk)))
    assert "1 have theirs already." in again
    assert Certificate.objects.count() == 1


def test_command_refuses_what_it_cannot_tell_or_do(cycle):
    other = make_season(sessions=1)
    write(cycle, name="Twins")
    write(other, name="Twins")

    for wanted, problem in (("Twins", "Several"), ("999999", "no cycle"), ("Nothing", "no cycle")):
        with pytest.raises(CommandError, match=problem):
            said(wanted)
    write(other.sessions.all()[0], starts_at=toronto(2090, 1, 5, 12), ends_at=toronto(2090, 1, 5, 13))
    with pytest.raises(CommandError, match="sessions to come"):
        said(str(other.pk))
