"""Instruments are released when they are whole, copied whole, and read from data as the next version."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from pghistory.models import Events

from core.errors import BadInputError, MoveRefusedError
from sessions_app.models import Objective, Program
from surveys.interchange import UnfitDataError, as_data
from surveys.models import Choice, Construct, Instrument, Question
from surveys.services.instruments import (
    duplicate_instrument,
    import_instrument,
    next_version,
    release_instrument,
    withdraw_release,
)
from tests.factories import (
    make_cycle,
    make_enrolment,
    make_instrument,
    make_program,
    make_response,
    make_section,
    make_survey_question,
    make_user,
    make_window,
)
from tests.races import THREADS, at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(db) -> Program:
    return make_program()


@pytest.fixture
def coordinator():
    return make_user(is_staff=True)


@pytest.fixture
def draft(program) -> Instrument:
    """Not released: a choice decides on a matrix, in another section; a construct and an objective."""
    instrument = make_instrument(program, questions=["single"], is_released=False)
    single = instrument.questions.get()
    condition: dict[str, Any] = {"shown_if": single, "shown_if_answers": ["a"]}
    section = make_section(instrument)
    matrix = make_survey_question(section, "matrix", key="tasks", **condition)
    confidence = Construct.objects.create(program=program, key="confidence", name="Confidence")
    assess = Objective.objects.create(program=program, position=2, text="Assess pain.")
    for key in ("start", "taper"):
        make_survey_question(
            section, "item", key=key, matrix=matrix, construct=confidence, objective=assess, **condition
        )
    return instrument


def verb_of(instrument: Instrument) -> str:
    return str(Events.objects.tracks(instrument).order_by("-pgh_id")[0].pgh_context["verb"])


def test_release_lets_cycles_ask_and_is_on_record(draft, coordinator):
    release_instrument(instrument_id=draft.pk, by=coordinator)

    draft.refresh_from_db()
    assert draft.is_released
    assert verb_of(draft) == "instrument.release"
    release_instrument(instrument_id=draft.pk, by=coordinator)


def test_release_of_what_is_not_whole_says_why(draft, coordinator):
    draft.questions.filter(matrix__isnull=False).delete()

    with pytest.raises(BadInputError, match="“tasks” has no items"):
        release_instrument(instrument_id=draft.pk, by=coordinator)
    draft.refresh_from_db()
    assert not draft.is_released


def test_release_is_withdrawn_until_a_cycle_asks(draft, coordinator):
    release_instrument(instrument_id=draft.pk, by=coordinator)
    withdraw_release(instrument_id=draft.pk, by=coordinator)
    draft.refresh_from_db()
    assert not draft.is_released
    assert verb_of(draft) == "instrument.withdraw_release"
    withdraw_release(instrument_id=draft.pk, by=coordinator)

    release_instrument(instrument_id=draft.pk, by=coordinator)
    draft.refresh_from_db()
    make_window(make_cycle(draft.program), instrument=draft)
    with pytest.raises(MoveRefusedError, match="A cycle uses this version"):
        withdraw_release(instrument_id=draft.pk, by=coordinator)


def test_next_version_of_a_frozen_instrument_is_the_same_and_can_be_edited(draft, coordinator):
    release_instrument(instrument_id=draft.pk, by=coordinator)
    draft.refresh_from_db()
    cycle = make_cycle(draft.program)
    make_response(make_enrolment(cycle), make_window(cycle, instrument=draft))

    copy = next_version(instrument_id=draft.pk, by=coordinator)

    assert (copy.version, copy.is_released) == (2, False)
    assert as_data(copy) == as_data(draft)
    copy.questions.filter(key="start").update(text="Start an opioid")


def test_duplicate_in_the_program_counts_the_versions_of_its_kind(draft, coordinator):
    post = duplicate_instrument(
        instrument_id=draft.pk, program_id=draft.program_id, kind="post", by=coordinator
    )

    assert (post.kind, post.version, post.is_released) == ("post", 1, False)
    assert as_data(post) == as_data(draft) | {"kind": "post"}
    assert Construct.objects.count() == 1
    assert verb_of(post) == "instrument.duplicate"


def test_duplicate_elsewhere_finds_constructs_by_key_and_objectives_by_position(draft, coordinator):
    there = make_program()
    theirs = Construct.objects.create(program=there, key="confidence", name="Self-efficacy")
    objective = Objective.objects.create(program=there, position=2, text="Talk about pain.")

    copy = duplicate_instrument(instrument_id=draft.pk, program_id=there.pk, kind="pre", by=coordinator)

    start = copy.questions.get(key="start")
    assert (start.construct, start.objective) == (theirs, objective)


def test_duplicate_elsewhere_makes_constructs_and_drops_objectives_it_has_not(draft, coordinator):
    there = make_program()

    copy = duplicate_instrument(instrument_id=draft.pk, program_id=there.pk, kind="pre", by=coordinator)

    start = copy.questions.get(key="start")
    assert start.construct is not None
    assert start.construct.program == there
    assert start.construct.name == "Confidence"
    assert start.objective is None


def test_duplicate_of_an_unknown_kind_is_refused(draft, coordinator):
    with pytest.raises(BadInputError, match="no such kind"):
        duplicate_instrument(instrument_id=draft.pk, program_id=draft.program_id, kind="exam", by=coordinator)


def test_import_makes_the_next_version_with_all_its_parts(draft, coordinator):
    made = import_instrument(program_id=draft.program_id, data=as_data(draft), by=coordinator)

    assert (made.version, made.is_released) == (2, False)
    assert as_data(made) == as_data(draft)
    item = made.questions.get(key="start")
    assert item.kind == "item"
    assert [item.minimum, item.maximum] == [Decimal(1), Decimal(5)]
    assert item.shown_if == made.questions.get(key="q1")
    assert verb_of(made) == "instrument.import"
    release_instrument(instrument_id=made.pk, by=coordinator)


def test_import_of_unfit_data_writes_nothing(draft, coordinator):
    data = as_data(draft)
    data["sections"][1]["questions"][0]["shown_if"]["question"] = "nowhere"

    with pytest.raises(UnfitDataError):
        import_instrument(program_id=draft.program_id, data=data, by=coordinator)
    assert Instrument.objects.count() == 1


def test_copy_leaves_the_original_alone(draft, coordinator):
    before = (as_data(draft), Question.objects.count(), Choice.objects.count())

    next_version(instrument_id=draft.pk, by=coordinator)

    assert (as_data(draft), Question.objects.count(), Choice.objects.count()) == (
        before[0],
        2 * before[1],
        2 * before[2],
    )


@pytest.mark.django_db(transaction=True)
def test_imports_at_once_get_a_version_each():
    instrument, by = make_instrument(make_program()), make_user(is_staff=True)
    data = as_data(instrument)

    at_once([partial(import_instrument, program_id=instrument.program_id, data=data, by=by)] * THREADS)

    assert sorted(Instrument.objects.values_list("version", flat=True)) == list(range(1, THREADS + 2))


@pytest.mark.django_db(transaction=True)
def test_release_taken_back_while_a_cycle_begins_to_ask_leaves_one_of_the_two():
    by = make_user(is_staff=True)
    for _round in range(20):
        cycle = make_cycle(sessions=0)
        instrument = make_instrument(cycle.program)
        back = partial(withdraw_release, instrument_id=instrument.pk, by=by)
        ask = partial(make_window, cycle, instrument=instrument)

        results = at_once([back, ask])

        assert sum(isinstance(result, Exception) for result in results) == 1, results
        instrument.refresh_from_db()
        assert instrument.is_released == instrument.windows.exists()
