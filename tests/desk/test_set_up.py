"""The set-up guide ticks itself by what is on record, from a program's name to its open registration."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from desk.set_up import set_ups
from sessions_app.models import Program
from surveys.models import SurveyPlan
from tests import factories as make
from tests.database import write

pytestmark = pytest.mark.django_db


def steps(program: Program) -> dict[str, bool]:
    set_up = set_ups(Program.objects.filter(pk=program.pk))[0]
    return {step.label: step.done for step in set_up.steps}


def done(program: Program) -> set[str]:
    return {label for label, is_done in steps(program).items() if is_done}


def test_every_step_is_ticked_by_its_own_record() -> None:
    program = Program.objects.create(name="Pain", slug="pain", summary="", mission="", contact_email="a@b.ca")
    ticked = {"Name the program"}
    # Nothing that is empty in English asks for French, but the name.
    assert done(program) == ticked
    texts = dict.fromkeys(("summary", "mission", "format_text", "credit_text", "funding"), "Text.")
    write(program, **texts)
    program.refresh_from_db()
    ticked |= {"Write the public page"}
    assert done(program) == ticked
    write(program, name_fr="Douleur", **{f"{name}_fr": text for name, text in texts.items()})
    ticked |= {"Add the French text"}
    assert done(program) == ticked
    program.program_hubs.create(hub=make.make_hub())
    program.objectives.create(position=1, text="Assess pain.")
    ticked |= {"Name the hubs", "List the objectives"}
    assert done(program) == ticked
    member = make.make_hub_member(program, may_sign=False)
    assert done(program) == ticked
    write(member, may_sign=True)
    ticked |= {"Gather the hub’s team"}
    assert done(program) == ticked
    today = timezone.localdate()
    grant = make.make_accreditation(
        program, valid_from=today, valid_to=today + timedelta(days=400), signature=None
    )
    ticked |= {"Enter the accreditation"}
    assert done(program) == ticked
    write(grant, signature=make.make_document())
    ticked |= {"Add the physician’s signature"}
    assert done(program) == ticked
    for kind in ("pre", "post", "reflection"):
        make.make_instrument(program, kind)
        SurveyPlan.objects.get_or_create(program=program, kind=kind, defaults={"opens_from": "first_day"})
    ticked |= {"Release the instruments", "Plan when each one opens"}
    assert done(program) == ticked
    assert steps(program)["Create the first cycle"] is False


def test_the_cycle_follows_once_it_is_there() -> None:
    program = make.make_program()
    cycle = make.make_cycle(program, status="planned")
    first, second = (make.make_session(cycle, week=week) for week in range(2))
    own = {
        "Create the cycle",
        "Choose what applicants are asked",
        "Build the season",
        "Find the speakers",
        "Collect their disclosures",
        "Add the meeting links",
        "Invite people",
        "Open registration",
    }
    ticked = {"Create the cycle", "Build the season"}
    assert done(program) & own == ticked
    make.make_speaker(first)
    assert done(program) & own == ticked
    make.make_speaker(second, disclosure="missing")
    assert done(program) & own == ticked | {"Find the speakers"}
    second.speakers.update(disclosure="none")
    first.speakers.update(disclosure="none")
    cycle.sessions.update(meeting_url="https://video.example/room")
    make.make_question(cycle)
    make.make_invitation(cycle, "ann@clinic.example")
    assert done(program) & own == own - {"Open registration"}
    write(cycle, status="published")
    assert done(program) & own == own


def test_accreditation_must_cover_the_cycle_and_every_category() -> None:
    program = make.make_program()
    today = timezone.localdate()
    grant = make.make_accreditation(
        program,
        valid_from=today,
        valid_to=today + timedelta(days=100),
        lines=[{"category": "family_physician"}, {"category": "other"}],
    )
    make.make_cycle(program, starts_on=today + timedelta(days=200), ends_on=today + timedelta(days=250))
    set_up = set_ups(Program.objects.filter(pk=program.pk))[0]
    step = next(step for step in set_up.steps if step.label == "Enter the accreditation")
    assert (step.done, step.detail) == (False, "No accreditation covers the dates of the cycle.")
    write(grant, valid_to=today + timedelta(days=300))
    set_up = set_ups(Program.objects.filter(pk=program.pk))[0]
    step = next(step for step in set_up.steps if step.label == "Enter the accreditation")
    assert step.detail == "No credit rule for: Specialist physician."


def test_guide_leads_to_pages_that_are_there_in_few_questions(client, coordinator) -> None:
    client.force_login(coordinator)
    bare = make.make_program(slug="bare", name="Bare")
    make.make_session(make.make_cycle(make.make_program(slug="half"), status="planned"))
    client.get("/admin/set-up/")
    with CaptureQueriesContext(connection) as two:
        response = client.get("/admin/set-up/")
    links = [step.url for each in response.context["set_ups"] for step in each.steps if not step.done]
    assert links
    for url in links:
        assert client.get(url).status_code == 200, url
    for number in range(3):
        make.make_session(make.make_cycle(make.make_program(slug=f"more{number}"), status="planned"))
    with CaptureQueriesContext(connection) as five:
        client.get("/admin/set-up/")
    assert len(two) == len(five) == 14
    assert "Create the first cycle" in client.get(f"/admin/set-up/{bare.pk}/").content.decode()
    assert client.get("/admin/set-up/99999/").status_code == 404


def test_guide_begins_where_there_is_no_program(client, coordinator) -> None:
    client.force_login(coordinator)
    words = client.get("/admin/set-up/").content.decode()
    assert "There is no program yet" in words
    assert "/admin/sessions_app/program/add/" in words
