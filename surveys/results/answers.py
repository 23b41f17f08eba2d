"""What was chosen, and what was written: the latter under pseudonyms, with names taken out."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from core.templatetags.portal import localized_text
from sessions_app.models import Cycle
from surveys import rules
from surveys.models import Answer, Pseudonym, Question, Response
from surveys.queries import asked_questions
from surveys.results.analysis import MINIMUM
from surveys.results.data import cycle_windows
from surveys.rules import QuestionKind


@dataclass(frozen=True, slots=True)
class Counts:
    """A question of choices: how many of the n who answered chose each; None where fewer than MINIMUM answered."""

    question: Question
    kind: str
    n: int
    counts: tuple[tuple[str, int], ...] | None


@dataclass(frozen=True, slots=True)
class OpenAnswers:
    """Answers in words: `rows` of (survey, question, pseudonym, text), and how many are not screened yet."""

    rows: QuerySet[Answer]
    waiting: int


def choice_counts(cycle: Cycle) -> list[Counts]:
    """The choices of every survey but the evaluations, in the order they are asked."""
    found = []
    for kind, window in cycle_windows(cycle).items():
        questions = [one for one in asked_questions(window.instrument_id) if one.kind in rules.CHOICES]
        chosen: dict[int, Counter[str]] = {one.pk: Counter() for one in questions}
        people: Counter[int] = Counter()
        answers = Answer.objects.filter(
            response__window=window, response__status=Response.Status.SUBMITTED, question__in=questions
        )
        for question, choices in answers.values_list("question", "choices"):
            chosen[question].update(choices)
            people[question] += 1
        for one in questions:
            n = people[one.pk]
            counts = tuple((text, chosen[one.pk][key]) for key, text in choice_texts(one))
            found.append(Counts(one, kind, n, counts if n >= MINIMUM else None))
    return found


def choice_texts(question: Question) -> list[tuple[str, str]]:
    """The key and the words of each choice."""
    if question.kind == QuestionKind.CONSENT:
        return [(rules.YES, rules.YES), (rules.NO, rules.NO)]
    return [(choice.key, localized_text(choice, "text")) for choice in question.choices.all()]


def open_answers(cycle: Cycle) -> OpenAnswers:
    """Every submitted answer in words of the cycle, screened, under its writer's pseudonym, in no telling order."""
    code = Pseudonym.objects.filter(
        program=cycle.program_id, participant=OuterRef("response__enrolment__participant")
    )
    texts = Answer.objects.filter(
        response__window__cycle=cycle, response__status=Response.Status.SUBMITTED
    ).exclude(text="")
    rows = (
        texts.filter(screened__isnull=False)
        .annotate(pseudonym=Subquery(code.values("code")[:1]))
        .select_related("screened", "question__instrument", "response__window__session")
        .order_by(
            "question__instrument__kind", "response__window__opens_at", "question__position", "pseudonym"
        )
    )
    return OpenAnswers(rows, texts.filter(screened__isnull=True).count())
