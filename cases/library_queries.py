"""The library of cases: who finds what, by which words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from cases.access import hub_memberships, may_review
from cases.content.choices import SEX
from cases.hub_queries import letters_for_cycle, taught_cases
from cases.library_words import plain, searched
from cases.models import CaseFollowUp, CaseSubmission, Heading
from participants.models import User
from participants.queries import has_agreed_to_participate
from sessions_app.models import Cycle, Enrolment
from sessions_app.scope import programs_of


@dataclass(frozen=True, slots=True)
class LibraryCase:
    """A case as the library lists it."""

    case: CaseSubmission
    age: str
    sex: str
    question: str
    headings: list[str]
    outcome: str


def library_of(user: User, *, now: datetime) -> QuerySet[CaseSubmission] | None:
    """The cases that `user` finds in the library at `now`; None for who has no library at all.

    Coordinators find those of the programs they work for, the hub's team those of its programs, and participants who
    gave the participation agreement those of the cycles in which they are enrolled.
    """
    cases = taught_cases(now=now)
    programs = set(hub_memberships(user).values_list("program_id", flat=True))
    if may_review(user):
        own = programs_of(user)
        if own is None:
            return cases
        programs |= own
    cycles: set[int] = set()
    if has_agreed_to_participate(user):
        enrolments = Enrolment.objects.filter(participant=user, status=Enrolment.Status.APPROVED)
        enrolments = enrolments.exclude(cycle__status=Cycle.Status.PLANNED)
        cycles = set(enrolments.values_list("cycle_id", flat=True))
    if not programs and not cycles:
        return None
    return cases.filter(Q(presenter__cycle__program__in=programs) | Q(presenter__cycle__in=cycles))


def found_in(cases: QuerySet[CaseSubmission], words: str) -> QuerySet[CaseSubmission]:
    """Of `cases`, those that hold `words`, the best first; without words all, the newest session first.

    `words` is what people type into a search: words, "quoted phrases", or, -not. They are read in English, in French,
    and as they stand; whatever is typed is a search, and no error.
    """
    if not words:
        return cases.order_by("-session__starts_at", "-pk")
    words = searched(words)
    query = (
        SearchQuery(words, config="english", search_type="websearch")
        | SearchQuery(words, config="french", search_type="websearch")
        | SearchQuery(plain(words), config="simple", search_type="websearch")
    )
    return (
        cases.filter(library_entry__search=query)
        .annotate(rank=SearchRank(F("library_entry__search"), query))
        .order_by("-rank", "-session__starts_at", "-pk")
    )


def with_answers(cases: QuerySet[CaseSubmission], *, now: datetime) -> QuerySet[CaseSubmission]:
    """`cases` with all that `library_case` reads; of the cases' texts only the three that are listed."""
    return (
        cases.annotate(
            age=KeyTextTransform("age", "version__content"),
            sex=KeyTextTransform("sex", "version__content"),
            question=KeyTextTransform("question_1", "version__content"),
        )
        .select_related("session")
        .prefetch_related(
            Prefetch("letters", letters_for_cycle(now=now), to_attr="letters_in_force"),
            Prefetch("follow_up", CaseFollowUp.objects.defer("text")),
        )
    )


def library_case(case: Any) -> LibraryCase:
    """A case of `with_answers`, in the active language."""
    answered = {item["heading"] for letter in case.letters_in_force for item in letter.items}
    follow_up = getattr(case, "follow_up", None)
    return LibraryCase(
        case=case,
        age=case.age or "",
        sex=str(dict(SEX).get(case.sex, "")),
        question=case.question or "",
        headings=[str(heading.label) for heading in Heading if heading.value in answered],
        outcome=str(follow_up.get_outcome_display()) if follow_up else "",
    )
