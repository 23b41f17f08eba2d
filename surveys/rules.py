"""What a survey asks, what answers it and when people are asked: pure, on plain values. Standard library only."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256


class QuestionKind(StrEnum):
    """How a question is answered. A matrix is the scale over its items; it is not answered itself."""

    SCALE = "scale"
    SINGLE = "single"
    MULTIPLE = "multiple"
    NUMBER = "number"
    SHORT = "short"
    TEXT = "text"
    MATRIX = "matrix"
    ITEM = "item"
    CONSENT = "consent"


NUMBERS = frozenset({QuestionKind.SCALE, QuestionKind.ITEM, QuestionKind.NUMBER})
"""Answered by a number."""
CHOICES = frozenset({QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.CONSENT})
"""Answered by the keys of choices."""
TEXTS = frozenset({QuestionKind.SHORT, QuestionKind.TEXT})
"""Answered in words."""
SCALES = frozenset({QuestionKind.SCALE, QuestionKind.MATRIX, QuestionKind.ITEM})
"""Have a lowest and a highest whole number."""
YES, NO = "yes", "no"
"""The two choices of a consent."""
MAX_LENGTH = {QuestionKind.SHORT: 200, QuestionKind.TEXT: 10_000}
"""Characters of an answer in words."""
LOWEST, HIGHEST = 0, 10
"""A scale runs from no less than LOWEST to no more than HIGHEST."""

Value = Decimal | str | tuple[str, ...]
"""An answer: a number, words, or keys of choices in the order of the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as the rules need it; answers are kept under its `id`.

    It is shown if it has no condition, or if the question `shown_if` is shown and answered with one of
    `shown_if_answers` (keys of choices, or whole numbers of a scale as text).
    """

    id: int
    kind: QuestionKind
    is_required: bool = True
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    places: int = 0
    choices: tuple[str, ...] = ()
    exclusive: frozenset[str] = frozenset()
    shown_if: int | None = None
    shown_if_answers: frozenset[str] = frozenset()


class Problem(StrEnum):
    """Why a value is no answer to a question."""

    NOT_A_NUMBER = "not_a_number"
    OUT_OF_RANGE = "out_of_range"
    TOO_PRECISE = "too_precise"
    NOT_A_CHOICE = "not_a_choice"
    ONE_CHOICE = "one_choice"
    EXCLUSIVE = "exclusive"
    TOO_LONG = "too_long"
    NOT_ASKED = "not_asked"


def plain(number: Decimal) -> str:
    """A number as it is written: no exponent, no zeros at its end."""
    return format(number.normalize(), "f") if number else "0"


def problem(question: Asked, value: Value) -> Problem | None:
    """What keeps `value` from being an answer to `question`; None for nothing. Blank is for the caller to sort out."""
    if question.kind in NUMBERS:
        return _number_problem(question, value)
    if question.kind in CHOICES:
        return _choice_problem(question, value)
    if question.kind in TEXTS:
        if not isinstance(value, str) or len(value) > MAX_LENGTH[question.kind]:
            return Problem.TOO_LONG
        return None
    return Problem.NOT_ASKED


def _number_problem(question: Asked, value: Value) -> Problem | None:
    if not isinstance(value, Decimal) or not value.is_finite():
        return Problem.NOT_A_NUMBER
    if question.minimum is not None and value < question.minimum:
        return Problem.OUT_OF_RANGE
    if question.maximum is not None and value > question.maximum:
        return Problem.OUT_OF_RANGE
    if abs(value) >= 10**8:
        return Problem.OUT_OF_RANGE
    return Problem.TOO_PRECISE if value != round(value, question.places) else None


def _choice_problem(question: Asked, value: Value) -> Problem | None:
    offered = (YES, NO) if question.kind == QuestionKind.CONSENT else question.choices
    if not isinstance(value, tuple) or not value or not set(value) <= set(offered):
        return Problem.NOT_A_CHOICE
    if question.kind != QuestionKind.MULTIPLE and len(value) != 1:
        return Problem.ONE_CHOICE
    return Problem.EXCLUSIVE if len(value) > 1 and question.exclusive & set(value) else None


def as_words(value: Value) -> frozenset[str]:
    """An answer as a condition compares it."""
    if isinstance(value, Decimal):
        return frozenset({plain(value)})
    return frozenset({value} if isinstance(value, str) else value)


def shown(questions: Sequence[Asked], answers: Mapping[int, Value]) -> set[int]:
    """The ids of the questions that are to be answered, given the answers so far.

    A condition looks only at questions before its own, so one pass in order suffices; what depends on a question that
    is not shown is not shown either, whatever was answered to it before.
    """
    found: set[int] = set()
    for question in questions:
        if question.shown_if is None:
            found.add(question.id)
        elif question.shown_if in found:
            value = answers.get(question.shown_if)
            if value is not None and as_words(value) & question.shown_if_answers:
                found.add(question.id)
    return found


def unanswered(
    questions: Sequence[Asked], answers: Mapping[int, Value], *, needs_words: bool = False
) -> list[int]:
    """The ids of required questions that are shown and have no answer, in the order they are asked.

    With `needs_words` those that can bring the words as well, where no answer to a shown question is in words.
    """
    visible = shown(questions, answers)
    wordless = needs_words and not any(isinstance(answers.get(id_), str) for id_ in visible)
    for_words = _ways_to_words(questions, visible) if wordless else set()
    return [
        question.id
        for question in questions
        if question.id in for_words
        or (
            question.is_required
            and question.kind != QuestionKind.MATRIX
            and question.id in visible
            and question.id not in answers
        )
    ]


def _ways_to_words(questions: Sequence[Asked], visible: Collection[int]) -> set[int]:
    """The shown questions that are answered in words; where all are hidden, the shown ones that hide them."""
    texts = {question.id for question in questions if question.kind in TEXTS}
    ways: dict[int | None, int | None] = {}
    for question in questions:
        ways[question.id] = question.id if question.id in visible else ways.get(question.shown_if)
    return texts & set(visible) or {way for text in texts if (way := ways[text]) is not None}


def fingerprint(value: Value | None) -> str:
    """A short mark of an answer: a page carries it to say which answer it was filled with. "" is no answer.

    It tells two answers apart; it does not give a text away.
    """
    if value is None:
        return ""
    words = plain(value) if isinstance(value, Decimal) else value
    return sha256(repr(words).encode()).hexdigest()[:16]


class Merge(StrEnum):
    """What to do with an answer that comes from a page."""

    TAKE = "take"
    KEEP = "keep"
    CONFLICT = "conflict"


def merge(*, seen: str | None, kept: Value | None, sent: Value | None) -> Merge:
    """What becomes of `sent` where `kept` is in the database and `seen` is the fingerprint the page was filled with.

    A page that has not changed an answer leaves what another device has written meanwhile. Where both have changed it,
    the later number or choice counts; of two texts neither is lost: that is a conflict for the person to settle.
    `seen` None (a page without marks) always takes.
    """
    if seen is None or fingerprint(kept) == seen:
        return Merge.TAKE
    if fingerprint(sent) in {seen, fingerprint(kept)}:
        return Merge.KEEP
    is_text = isinstance(kept, str) or isinstance(sent, str)
    return Merge.CONFLICT if is_text and kept is not None else Merge.TAKE


INVITATION = "invitation"
LAPSES_AFTER = timedelta(days=3)
"""A mail that could not be queued for so long is not sent late: the next one comes in its place."""


def days_after(moment: datetime, days: int) -> datetime:
    """The same time of day `days` later on the clocks of `moment`'s zone, which may go back or forward on the way."""
    return moment + timedelta(days=days)


JOINING_DAYS = 14
"""So long after joining somebody can answer a pre-survey, though it has closed for the others."""


def due_step(
    *,
    opens_at: datetime,
    closes_at: datetime | None,
    asked_from: datetime,
    reminder_days: Collection[int],
    now: datetime,
) -> str | None:
    """The mail that is due at `now` to somebody who has not answered: "invitation", "day-7", or None.

    `asked_from` is when the person joined: days count from the later of that and the opening, on local clocks (all
    datetimes are aware, in the portal's zone). Of several that have come due only the latest is meant; one that is
    more than LAPSES_AFTER late has lapsed. Nothing is due before the opening and from the closing on (rule 30).
    """
    begins = max(opens_at, asked_from)
    if now < begins or (closes_at is not None and now >= closes_at):
        return None
    steps = [(begins, INVITATION)]
    steps += [(days_after(begins, day), f"day-{day}") for day in sorted(set(reminder_days)) if day > 0]
    moment, step = [one for one in steps if one[0] <= now][-1]
    return step if now < moment + LAPSES_AFTER else None


class Anchor(StrEnum):
    """What the dates of a survey are counted from."""

    REGISTRATION = "registration"
    FIRST_DAY = "first_day"
    LAST_SESSION = "last_session"
    LAST_DAY = "last_day"
    SESSION = "session"


def moment_of(anchor: Anchor | str, days: int, anchors: Mapping[Anchor, datetime]) -> datetime | None:
    """`days` after (before, if negative) the anchor, on local clocks; None where the cycle has no such moment."""
    base = anchors.get(Anchor(anchor))
    return None if base is None else days_after(base, days)


def out_of_order(questions: Iterable[Asked]) -> list[int]:
    """The ids of those whose condition looks at a question that does not come before, or that cannot be a condition."""
    before: dict[int, QuestionKind] = {}
    wrong: list[int] = []
    for question in questions:
        if question.shown_if is not None and before.get(question.shown_if) not in (
            QuestionKind.SCALE,
            QuestionKind.SINGLE,
            QuestionKind.MULTIPLE,
            QuestionKind.CONSENT,
        ):
            wrong.append(question.id)
        before[question.id] = question.kind
    return wrong
