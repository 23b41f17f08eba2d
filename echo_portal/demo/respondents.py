"""What somebody answers: one latent ability, what was learned, and chance. Pure; the same for the same seed.

A cohort made of them looks like a real one: what people say before and after goes together, most gain, those who came
more often gain more, the best have no room left, and some leave out what is not required.
"""

import math
import random
from collections.abc import Iterable
from decimal import Decimal

from echo_portal.demo.survey_text import INSTRUMENTS, Ask, words_en, words_fr

Reply = int | str | tuple[str, ...]
"""A number, words, or keys of choices."""

CONFIDENCES: tuple[str, ...] = tuple(
    dict.fromkeys(
        ask.key
        for page in INSTRUMENTS["pre"].pages
        for question in page.questions
        for ask in (question, *question.items)
        if ask.construct in {"confidence", "self_efficacy"} and ask.kind != "matrix"
    )
)
RIGHT: dict[str, str] = {
    ask.key: next(option.key for option in ask.options if option.is_correct)
    for page in INSTRUMENTS["pre"].pages
    for ask in page.questions
    if ask.construct == "knowledge"
}
# Where people begin, apart from the average person's average question; and how many know the answer.
DEPTH = {"buprenorphine": -0.6, "opioid-rotate": -0.4, "mentoring": -0.4, "non-drug": 0.4, "attitudes": 0.3}
EASE = {
    "dose-marks": 0.5,
    "codeine": 0.35,
    "naloxone": 0.55,
    "taper-pace": 0.65,
    "nsaid": 0.6,
    "first-line": 0.6,
}
CONSENTING = 0.8


class Respondent:
    """One person. `attended` is the share of sessions, 0 to 1, that what was learned depends on."""

    def __init__(self, seed: str, *, language: str, years: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311  # play, not secrecy
        self.language = language
        self.years = years
        self.attended = 0.0
        self.ability = self.rng.gauss(0, 1)
        self.learning = self.rng.gauss(0, 1)
        self.is_willing = self.rng.random()
        self.before = {
            key: 2.5 + 0.55 * self.ability + DEPTH.get(key, 0) + self.rng.gauss(0, 0.55)
            for key in CONFIDENCES
        }
        self.noise = {key: self.rng.gauss(0, 0.5) for key in CONFIDENCES}
        self.fading = {key: self.rng.gauss(-0.1, 0.4) for key in CONFIDENCES}
        self.knew = {
            key: self.rng.random() < 1 / (1 + math.exp(-(math.log(p / (1 - p)) + 0.8 * self.ability)))
            for key, p in EASE.items()
        }
        self.draws = {key: self.rng.random() for key in EASE}
        self.own = str(seed)

    def answers(self, kind: str, questions: Iterable[Ask], *, about: str = "") -> dict[str, Reply]:
        """Key → reply to the questions of a questionnaire, those of optional ones that are not left out.

        `about` tells sessions apart. What a condition hides may be among the replies.
        """
        rng = random.Random(f"{self.own}:{kind}:{about}")  # noqa: S311
        replies: dict[str, Reply] = {}
        for ask in questions:
            is_answered = ask.is_required or rng.random() < (0.42 if ask.kind == "text" else 0.94)
            reply = self._reply(kind, ask, rng)
            if is_answered and reply is not None:
                replies[ask.key] = reply
        return replies

    def _reply(self, kind: str, ask: Ask, rng: random.Random) -> Reply | None:
        if ask.key in self.before:
            return self._confidence(kind, ask)
        match ask.kind:
            case "text":
                return rng.choice(_words(self.language, ask.key))
            case "number":
                return self.years if ask.key == "years" else min(120, round(math.exp(rng.gauss(2.3, 0.7))))
            case "scale":
                return _scale(rng.gauss(4.1 + 0.2 * self.learning, 0.75))
            case _:
                return self._choices(kind, ask, rng)

    def _choices(self, kind: str, ask: Ask, rng: random.Random) -> Reply | None:
        if ask.key in RIGHT:
            return (self._knowledge(kind, ask, rng),)
        if ask.kind == "consent":
            return ("yes" if self.is_willing < CONSENTING else "no",)
        if ask.kind == "single":
            return (self._single(ask, rng),)
        return self._multiple(kind, ask, rng) if ask.kind == "multiple" else None

    def _confidence(self, kind: str, ask: Ask) -> int:
        value = self.before[ask.key]
        if kind != "pre":
            value += 0.1 + 0.8 * self.attended + 0.65 * self.learning + self.noise[ask.key]
        if kind == "follow_up":
            value += self.fading[ask.key]
        score = _scale(value)
        return 6 - score if ask.is_reversed else score

    def _knowledge(self, kind: str, ask: Ask, rng: random.Random) -> str:
        knows = self.knew[ask.key]
        if kind != "pre":
            knows = self.draws[ask.key] < (0.93 if knows else 0.15 + 0.4 * self.attended)
        if knows:
            return RIGHT[ask.key]
        wrong = [option.key for option in ask.options if not option.is_correct]
        # Last of them is "not sure", which is more often so before.
        return rng.choice([*wrong, *wrong[-1:] * (2 if kind == "pre" else 0)])

    def _single(self, ask: Ask, rng: random.Random) -> str:
        keys = [option.key for option in ask.options]
        weights = {
            "opioid-role": (50, 15, 30, 5),
            "naloxone-offered": (30, 35, 20, 15),
            "recommend": (86, 12, 2),
            "bias": (96, 4),
        }.get(ask.key)
        return rng.choices(keys, weights)[0]

    def _multiple(self, kind: str, ask: Ask, rng: random.Random) -> tuple[str, ...]:
        share = 0.25 + 0.35 * self.attended if ask.key == "changes" else 0.45
        if kind == "follow_up":
            share *= 0.85
        chosen = tuple(
            option.key for option in ask.options if not option.is_exclusive and rng.random() < share
        )
        return chosen or tuple(option.key for option in ask.options if option.is_exclusive)


def _words(language: str, key: str) -> tuple[str, ...]:
    source = words_fr if language == "fr" else words_en
    by_key: dict[str, tuple[str, ...]] = {
        "hopes": source.HOPES,
        "improve": source.IMPROVEMENTS,
        "reflection": source.REFLECTIONS,
        "change-example": source.EXAMPLES,
        "will-change": source.CHANGES_AFTER_SESSION,
        "bias-how": source.BIAS,
        "obstacles": source.OBSTACLES,
    }
    return by_key[key]


def _scale(value: float) -> int:
    return min(5, max(1, round(value)))


def as_value(reply: Reply) -> Decimal | str | tuple[str, ...]:
    """A reply as the rules of surveys take it."""
    return Decimal(reply) if isinstance(reply, int) else reply
