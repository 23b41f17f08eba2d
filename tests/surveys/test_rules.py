"""The rules of answering and asking, on plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.rules import (
    Asked,
    Merge,
    Problem,
    QuestionKind,
    due_step,
    fingerprint,
    merge,
    out_of_order,
    plain,
    problem,
    shown,
    unanswered,
)

TORONTO = ZoneInfo("America/Toronto")
OPENS = datetime(2025, 9, 4, 9, tzinfo=TORONTO)


def ask(number: int = 1, kind: str = "scale", **values: Any) -> Asked:
    if kind in {"scale", "item"}:
        values = {"minimum": Decimal(1), "maximum": Decimal(5)} | values
    if kind in {"single", "multiple"}:
        values = {"choices": ("a", "b", "none")} | values
    return Asked(id=number, kind=QuestionKind(kind), **values)


@pytest.mark.parametrize(
    ("question", "value", "found"),
    [
        (ask(), Decimal(1), None),
        (ask(), Decimal(5), None),
        (ask(), Decimal(0), Problem.OUT_OF_RANGE),
        (ask(), Decimal(6), Problem.OUT_OF_RANGE),
        (ask(), Decimal("2.5"), Problem.TOO_PRECISE),
        (ask(), Decimal("NaN"), Problem.NOT_A_NUMBER),
        (ask(), Decimal("Infinity"), Problem.NOT_A_NUMBER),
        (ask(), "3", Problem.NOT_A_NUMBER),
        (ask(kind="item"), Decimal(3), None),
        (ask(kind="number"), Decimal(10**8), Problem.OUT_OF_RANGE),
        (ask(kind="number"), Decimal(-(10**8)), Problem.OUT_OF_RANGE),
        (ask(kind="number", places=1), Decimal("2.5"), None),
        (ask(kind="number", places=1), Decimal("2.55"), Problem.TOO_PRECISE),
        (ask(kind="single"), ("a",), None),
        (ask(kind="single"), ("a", "b"), Problem.ONE_CHOICE),
        (ask(kind="single"), ("z",), Problem.NOT_A_CHOICE),
        (ask(kind="single"), (), Problem.NOT_A_CHOICE),
        (ask(kind="single"), "a", Problem.NOT_A_CHOICE),
        (ask(kind="multiple"), ("a", "b"), None),
        (ask(kind="multiple", exclusive=frozenset({"none"})), ("a", "none"), Problem.EXCLUSIVE),
        (ask(kind="multiple", exclusive=frozenset({"none"})), ("none",), None),
        (ask(kind="consent"), ("yes",), None),
        (ask(kind="consent"), ("maybe",), Problem.NOT_A_CHOICE),
        (ask(kind="short"), "x" * 200, None),
        (ask(kind="short"), "x" * 201, Problem.TOO_LONG),
        (ask(kind="text"), "x" * 10_000, None),
        (ask(kind="text"), "x" * 50_000, Problem.TOO_LONG),
        (ask(kind="matrix"), Decimal(3), Problem.NOT_ASKED),
    ],
)
def test_value_is_an_answer_or_is_told_why_not(question, value, found):
    assert problem(question, value) == found


CHAIN = [
    ask(1, "single"),
    ask(2, "consent", shown_if=1, shown_if_answers=frozenset({"a"})),
    ask(3, "text", shown_if=2, shown_if_answers=frozenset({"no"})),
    ask(4, "matrix"),
    ask(5, "item", is_required=False),
]


@pytest.mark.parametrize(
    ("answers", "visible", "missing"),
    [
        ({}, {1, 4, 5}, [1]),
        ({1: ("a",)}, {1, 2, 4, 5}, [2]),
        ({1: ("b",)}, {1, 4, 5}, []),
        ({1: ("a",), 2: ("no",)}, {1, 2, 3, 4, 5}, [3]),
        ({1: ("a",), 2: ("no",), 3: "Not yet."}, {1, 2, 3, 4, 5}, []),
        # What was answered before does not show what depends on a question that is gone.
        ({1: ("b",), 2: ("no",)}, {1, 4, 5}, []),
    ],
)
def test_condition_shows_and_asks_for_what_depends_on_it(answers, visible, missing):
    assert shown(CHAIN, answers) == visible
    assert unanswered(CHAIN, answers) == missing


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        # Every text is hidden: what hides it is the way to words.
        ({1: ("b",)}, [1]),
        ({1: ("a",), 2: ("yes",)}, [2]),
        ({1: ("a",), 2: ("yes",), 3: "Hidden by now."}, [2]),
        ({1: ("a",), 2: ("no",)}, [3]),
        ({1: ("a",), 2: ("no",), 3: "Not yet."}, []),
    ],
)
def test_words_are_looked_for_in_what_is_shown(answers, missing):
    assert unanswered(CHAIN, answers, needs_words=True) == missing


def test_words_may_be_in_any_shown_text():
    texts = [
        ask(1, "single", is_required=False),
        ask(2, "text", is_required=False),
        ask(3, "short", is_required=False),
    ]

    assert unanswered(texts, {1: ("a",)}, needs_words=True) == [2, 3]
    assert unanswered(texts, {3: "Sleep."}, needs_words=True) == []
    assert unanswered([ask(1)], {1: Decimal(3)}, needs_words=True) == []


def test_condition_on_a_scale_compares_whole_numbers_however_they_are_written():
    questions = [ask(1), ask(2, "text", shown_if=1, shown_if_answers=frozenset({"5"}))]
    assert shown(questions, {1: Decimal("5.00")}) == {1, 2}
    assert shown(questions, {1: Decimal(4)}) == {1}


@pytest.mark.parametrize(
    ("seen", "kept", "sent", "step"),
    [
        (None, "theirs", "mine", Merge.TAKE),
        ("", None, "mine", Merge.TAKE),
        (fingerprint("old"), "old", "mine", Merge.TAKE),
        # This page has not changed it: what another device wrote stays.
        (fingerprint("old"), "theirs", "old", Merge.KEEP),
        (fingerprint("old"), "same", "same", Merge.KEEP),
        (fingerprint("old"), "theirs", "mine", Merge.CONFLICT),
        (fingerprint("old"), "theirs", None, Merge.CONFLICT),
        # It was taken out elsewhere: the words sent are the only ones there are.
        (fingerprint("old"), None, "mine", Merge.TAKE),
        (fingerprint(Decimal(1)), Decimal(2), Decimal(3), Merge.TAKE),
        (fingerprint(("a",)), ("b",), ("c",), Merge.TAKE),
        ("forged", "theirs", "mine", Merge.CONFLICT),
    ],
)
def test_merge_of_two_devices(seen, kept, sent, step):
    assert merge(seen=seen, kept=kept, sent=sent) == step


texts = st.text(min_size=1, max_size=30)
texts_or_none = st.none() | texts
# The answers to one question are all of one kind.
numbers = st.none() | st.integers(-99, 99).map(Decimal)
keys = st.none() | st.sets(st.sampled_from("abc"), min_size=1).map(lambda chosen: tuple(sorted(chosen)))
pairs = st.one_of(*(st.tuples(kind, kind) for kind in (texts_or_none, numbers, keys)))


@given(seen=texts_or_none, kept=texts, sent=texts_or_none)
def test_merge_never_loses_a_text_the_page_has_not_seen(seen, kept, sent):
    step = merge(seen=fingerprint(seen), kept=kept, sent=sent)
    assert step != Merge.TAKE or kept == seen


@given(seen=texts_or_none, kept=texts_or_none, sent=texts)
def test_merge_never_drops_words_just_written(seen, kept, sent):
    step = merge(seen=fingerprint(seen), kept=kept, sent=sent)
    assert step != Merge.KEEP or sent in (seen, kept)


@given(pair=pairs)
def test_fingerprints_are_equal_exactly_for_equal_answers(pair):
    one, other = pair
    assert (fingerprint(one) == fingerprint(other)) == (one == other)


@given(number=st.decimals(-9999, 9999, places=2), zeros=st.integers(0, 3))
def test_fingerprint_and_words_of_a_number_do_not_depend_on_how_it_is_written(number, zeros):
    longer = number.quantize(Decimal(10) ** -(2 + zeros))
    assert fingerprint(longer) == fingerprint(number)
    assert plain(longer) == plain(number)
    assert Decimal(plain(number)) == number


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("0", "0"),
        ("0.00", "0"),
        ("-0", "0"),
        ("100", "100"),
        ("1E+2", "100"),
        ("2.50", "2.5"),
        ("-3.0", "-3"),
    ],
)
def test_number_is_written_plainly(number, words):
    assert plain(Decimal(number)) == words


@pytest.mark.parametrize(
    ("after", "step"),
    [
        (timedelta(seconds=-1), None),
        (timedelta(0), "invitation"),
        (timedelta(days=2, hours=23), "invitation"),
        (timedelta(days=3), None),
        (timedelta(days=7), "day-7"),
        (timedelta(days=9), "day-7"),
        (timedelta(days=10), None),
        (timedelta(days=14), "day-14"),
        (timedelta(days=16), None),
    ],
)
def test_mail_due_after_the_opening(after, step):
    closes = OPENS + timedelta(days=16)
    assert (
        due_step(
            opens_at=OPENS, closes_at=closes, asked_from=OPENS, reminder_days=[14, 7, 7, 0], now=OPENS + after
        )
        == step
    )


def test_days_count_from_who_joined_late():
    joined = OPENS + timedelta(days=5)
    due = lambda now: due_step(  # noqa: E731  # one line each
        opens_at=OPENS, closes_at=None, asked_from=joined, reminder_days=[7], now=now
    )
    assert due(OPENS + timedelta(days=4)) is None
    assert due(joined) == "invitation"
    assert due(OPENS + timedelta(days=9)) is None
    assert due(joined + timedelta(days=7)) == "day-7"


def test_reminder_comes_at_the_same_hour_after_the_clocks_go_back():
    opens = datetime(2025, 10, 30, 9, tzinfo=TORONTO)
    due = lambda now: due_step(  # noqa: E731  # one line each
        opens_at=opens, closes_at=None, asked_from=opens, reminder_days=[7], now=now
    )
    # 9:00 in standard time is 14:00 UTC; 13:59 UTC is a minute before.
    assert due(datetime(2025, 11, 6, 13, 59, tzinfo=UTC).astimezone(TORONTO)) is None
    assert due(datetime(2025, 11, 6, 14, 0, tzinfo=UTC).astimezone(TORONTO)) == "day-7"


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("scale", []),
        ("single", []),
        ("multiple", []),
        ("consent", []),
        ("item", [2]),
        ("number", [2]),
        ("short", [2]),
        ("text", [2]),
        ("matrix", [2]),
    ],
)
def test_condition_looks_back_at_a_question_with_choices(kind, wrong):
    second = ask(2, "text", shown_if=1, shown_if_answers=frozenset({"a"}))
    assert out_of_order([ask(1, kind), second]) == wrong
    assert out_of_order([second, ask(1, kind)]) == [2]


def test_condition_on_itself_is_out_of_order():
    assert out_of_order([ask(1, "single", shown_if=1, shown_if_answers=frozenset({"a"}))]) == [1]
