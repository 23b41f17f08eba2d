"""What the demonstration's questionnaires are written with. Every text is a pair: English, French."""

from dataclasses import dataclass, field, replace

Pair = tuple[str, str]
NO_TEXT: Pair = ("", "")


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a question."""

    key: str
    text: Pair
    is_correct: bool = False
    is_exclusive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A question. A matrix has `items`, each of them a question of its own on the matrix's scale."""

    key: str
    kind: str
    text: Pair
    help: Pair = NO_TEXT
    is_required: bool = True
    minimum: int | None = None
    maximum: int | None = None
    unit: Pair = NO_TEXT
    low: Pair = NO_TEXT
    high: Pair = NO_TEXT
    options: tuple[Option, ...] = ()
    items: tuple["Ask", ...] = ()
    shown_if: str = ""
    shown_if_answers: tuple[str, ...] = ()
    construct: str = ""
    objective: int | None = None
    is_reversed: bool = False
    is_research_consent: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One section."""

    title: Pair
    questions: tuple[Ask, ...]
    introduction: Pair = NO_TEXT


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """An instrument."""

    title: Pair
    introduction: Pair
    pages: tuple[Page, ...] = field(default_factory=tuple)


def matrix(ask: Ask, *rows: tuple[str, Pair]) -> Ask:
    """The matrix `ask` with an item for each row of key and text."""
    return replace(
        ask,
        items=tuple(
            Ask(
                key=key,
                kind="item",
                text=text,
                minimum=ask.minimum,
                maximum=ask.maximum,
                low=ask.low,
                high=ask.high,
                construct=ask.construct,
            )
            for key, text in rows
        ),
    )
