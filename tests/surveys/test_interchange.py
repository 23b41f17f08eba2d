"""An instrument as JSON: what is written is read back whole, and nothing else is read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions_app.models import Objective
from surveys import interchange
from surveys.interchange import UnfitDataError, as_data, as_json, checked, parsed
from surveys.models import Construct, Instrument
from surveys.services import duplicate_instrument, import_instrument
from tests.factories import make_program, make_user

KEYS = st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
TITLE = TEXT.filter(str.strip)


def words(*names: str) -> dict[str, st.SearchStrategy[str]]:
    return {name: TITLE if place == 0 else TEXT for place, name in enumerate(names)}


@st.composite
def instruments(draw: st.DrawFn) -> dict[str, Any]:
    """Data of an instrument that can be read: every kind, conditions on what is there, constructs that are used."""
    keys = iter(draw(st.lists(KEYS, unique=True, min_size=12, max_size=12)))
    constructs = draw(
        st.lists(
            st.fixed_dictionaries({"key": KEYS, **words("name", "name_fr")}),
            max_size=2,
            unique_by=lambda one: one["key"],
        )
    )
    named = [one["key"] for one in constructs]
    used: list[str] = []
    asked: list[str] = []

    def item() -> dict[str, Any]:
        construct = draw(st.sampled_from([None, *named]))
        if construct and construct not in used:
            used.append(construct)
        return {
            "key": next(keys),
            **{name: draw(each) for name, each in words("text", "text_fr", "help", "help_fr").items()},
            "is_required": draw(st.booleans()),
            "construct": construct,
            "objective": draw(st.sampled_from([None, 1, 2])),
            "is_reversed": draw(st.booleans()),
        }

    def question() -> dict[str, Any]:
        kind = draw(st.sampled_from(interchange.form.ASKED_KINDS))
        found: dict[str, Any] = {"kind": kind, **item()}
        is_scale, is_number = kind in {"scale", "matrix"}, kind == "number"
        low, high = sorted(draw(st.lists(st.integers(0, 10), min_size=2, max_size=2, unique=True)))
        condition = None
        depends = draw(st.booleans())
        if asked and depends:
            some = st.sampled_from([["a"], ["1", "2"], ["yes"], ["b", "a"]])
            answers: list[str] = draw(some)
            condition = {"question": draw(st.sampled_from(asked)), "answers": answers}
        has_choices = kind in {"single", "multiple"}
        choices = st.fixed_dictionaries(
            {
                "key": KEYS,
                **words("text", "text_fr"),
                "is_correct": st.booleans(),
                "is_exclusive": st.booleans(),
            }
        )
        found |= {
            "minimum": low if is_scale else draw(st.sampled_from([None, 0, 0.5])) if is_number else None,
            "maximum": high
            if is_scale
            else draw(st.sampled_from([None, 1, 60, 99.75]))
            if is_number
            else None,
            "places": draw(st.integers(0, 2)) if is_number else 0,
            **{name: draw(TEXT) for name in interchange.SCALED},
            "shown_if": condition,
            "is_research_consent": kind == "consent" and draw(st.booleans()),
            "choices": draw(st.lists(choices, max_size=3, unique_by=lambda one: one["key"]))
            if has_choices
            else [],
            "items": [item() for _ in range(draw(st.integers(0, 2)))] if kind == "matrix" else [],
        }
        asked.append(found["key"])
        return found

    sections = [
        {
            **{name: draw(each) for name, each in words(*interchange.TITLED).items()},
            "questions": [question() for _ in range(draw(st.integers(0, 2)))],
        }
        for _ in range(draw(st.integers(0, 2)))
    ]
    return {
        "schema": 1,
        "kind": draw(st.sampled_from(Instrument.Kind.values)),
        **{name: draw(each) for name, each in words(*interchange.TITLED).items()},
        "constructs": sorted(
            (one for one in constructs if one["key"] in used), key=lambda one: used.index(one["key"])
        ),
        "sections": sections,
    }


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=instruments())
def test_what_is_read_is_written_again(data: dict[str, Any]) -> None:
    program, there, by = make_program(), make_program(), make_user()
    for each in (program, there):
        each.objectives.all().delete()
        for position in (1, 2):
            Objective.objects.create(program=each, position=position, text="To taper safely")

    made = import_instrument(program_id=program.pk, data=parsed(json.dumps(data).encode()), by=by)

    assert as_data(made) == data
    assert parsed(as_json(made).encode()) == data
    copy = duplicate_instrument(instrument_id=made.pk, program_id=there.pk, kind=made.kind, by=by)
    assert as_data(copy) == data
    assert Construct.objects.filter(program=there).count() == len(data["constructs"])


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(
    data=ANYTHING
    | st.dictionaries(st.sampled_from(["schema", "kind", "title", "sections", "constructs"]), ANYTHING)
)
def test_whatever_is_no_instrument_is_refused_in_words(data: Any) -> None:
    problems = problems_of(data)

    assert len(problems) <= 20
    assert all(problem.strip() for problem in problems)
    # Words made at random never name a kind.
    assert problems


def problems_of(data: Any) -> list[str]:
    try:
        checked(data)
    except UnfitDataError as error:
        return error.problems
    return []


def whole(**question: Any) -> dict[str, Any]:
    """An instrument with one question."""
    usual = {"kind": "text", "key": "why", "text": "Why?"}
    return {
        "schema": 1,
        "kind": "pre",
        "title": "T",
        "sections": [{"title": "S", "questions": [usual | question]}],
    }


QUESTION = "sections[0].questions[0]"
SCALE = {"kind": "scale", "minimum": 1, "maximum": 5}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (whole() | {"schema": 2}, "schema: This is to be 1, the one form that is known here."),
        (whole() | {"version": 3}, "version: There is no such field."),
        (whole() | {"kind": "exam"}, "kind: This is to be one of"),
        (whole() | {"title": " "}, "title: This cannot be left empty."),
        (whole() | {"title": "T" * 201}, "title: No more than 200 characters fit here."),
        (whole() | {"sections": {}}, "sections: This is to be a list in brackets."),
        (whole() | {"sections": [{"title": "S"}] * 51}, "sections: No more than 50 are possible here."),
        (whole(key="Why"), f"{QUESTION}.key: A key has up to 50 small letters"),
        (whole(kind="item"), f"{QUESTION}.kind: This is to be one of"),
        (whole(text="a\x00b"), f"{QUESTION}.text: This has a character that cannot be kept."),
        (whole(text="a\ud800b"), f"{QUESTION}.text: This has a character that cannot be kept."),
        (
            whole(kind="scale"),
            f"{QUESTION}: A scale needs a lowest and a highest whole number, from 0 to 10.",
        ),
        (whole(**SCALE | {"maximum": 11}), f"{QUESTION}: A scale needs"),
        (whole(**SCALE | {"minimum": 1.5}), f"{QUESTION}: A scale needs"),
        (
            whole(**SCALE | {"minimum": True}),
            f"{QUESTION}.minimum: This is to be a number below 100,000,000.",
        ),
        (
            whole(kind="number", minimum=2, maximum=1),
            f"{QUESTION}: The lowest number is not below the highest.",
        ),
        (whole(kind="number", minimum=1e300), f"{QUESTION}.minimum: This is to be a number below"),
        (whole(kind="number", minimum=0.001), f"{QUESTION}.minimum: A number has no more than two decimals."),
        (whole(kind="number", places=3), f"{QUESTION}.places: This is to be a whole number from 0 to 2."),
        (whole(is_required="yes"), f"{QUESTION}.is_required: This is to be true or false."),
        (whole(is_research_consent=True), f"{QUESTION}.is_research_consent: Only a consent"),
        (whole(choices=[{"key": "a", "text": "A"}]), f"{QUESTION}.choices: Only a question of"),
        (whole(items=[{"key": "a", "text": "A"}]), f"{QUESTION}.items: An item belongs to a matrix"),
        (whole(construct="trust"), f"{QUESTION}.construct: There is no construct with the key “trust”."),
        (
            whole(shown_if={"question": "why", "answers": ["a"]}),
            f"{QUESTION}.shown_if.question: A question cannot",
        ),
        (
            whole(shown_if={"question": "gone", "answers": ["a"]}),
            f"{QUESTION}.shown_if.question: There is no",
        ),
        (
            whole(shown_if={"question": "gone", "answers": []}),
            f"{QUESTION}.shown_if.answers: A condition needs",
        ),
        (
            whole(shown_if={"question": "gone", "answers": ["a b"]}),
            f"{QUESTION}.shown_if.answers: These are to be",
        ),
        (
            whole(kind="single", choices=[{"key": "a", "text": "A"}] * 2),
            f"{QUESTION}.choices[1].key: The key “a” stands here twice.",
        ),
        (
            whole(kind="matrix", minimum=1, maximum=5, items=[{"key": "why", "text": "A"}]),
            "The key “why” is taken by",
        ),
    ],
)
def test_each_fault_is_named_with_its_place(data: Any, problem: str) -> None:
    with pytest.raises(UnfitDataError) as refused:
        checked(data)

    assert any(problem in one for one in refused.value.problems), refused.value.problems


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"{", "line 1, column 2 cannot be read"),
        (b"\xff", "not JSON in UTF-8"),
        (b'{"a": NaN}', "a number that is none"),
        (b'{"a": 1, "a": 2}', "The field “a” stands twice in one place."),
        (b"[" * 200_000, "nested too deeply"),
        (b" " * 1_000_001, "larger than 1 MB"),
        (b'{"a": ' + b"9" * 5000 + b"}", "The file is not JSON"),
    ],
)
def test_file_that_cannot_be_read_says_why(content: bytes, problem: str) -> None:
    with pytest.raises(UnfitDataError, match=problem):
        parsed(content)


def test_names_from_the_file_are_cut_where_they_are_shown() -> None:
    with pytest.raises(UnfitDataError) as refused:
        checked(whole() | {"x" * 5000: 1})

    assert len(str(refused.value)) < 120


@pytest.mark.django_db
def test_all_or_nothing_of_a_file_is_made() -> None:
    program = make_program()
    with pytest.raises(UnfitDataError):
        import_instrument(program_id=program.pk, data=whole(kind="scale"), by=make_user())

    assert not Instrument.objects.exists()
