"""Reads of the hub's answers: what is written on a case, what its letter would hold, and what waits for whom."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TypedDict

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from cases.models import (
    CaseSubmission,
    Heading,
    HubMember,
    Recommendation,
    RecommendationLetter,
    SuggestedRecommendation,
)
from cases.queries import SHOWN, ids_to_reschedule
from participants.models import User
from sessions_app.models import EchoSession

Status = CaseSubmission.Status
_ORDER = {heading: place for place, heading in enumerate(Heading.values)}


class LetterItem(TypedDict):
    """One recommendation as a letter keeps it."""

    heading: str
    text: str
    author: str
    title: str


def recommendations_of(case: CaseSubmission) -> list[Recommendation]:
    """What everybody has written on the case so far, in the order of the letter; who emptied a text wrote none."""
    rows = (
        Recommendation.objects.filter(case=case)
        .exclude(text="")
        .select_related("author__profile")
        .order_by("pk")
    )
    return sorted(rows, key=lambda row: _ORDER[row.heading])


def titles_of(case: CaseSubmission) -> dict[int, str]:
    """The titles in letters of the program's team, by account; of former members, too: what they wrote stays."""
    members = HubMember.objects.filter(program=case.presenter.cycle.program_id)
    return {member.user_id: member.title or member.title_fr for member in members}


def letter_items(case: CaseSubmission, rows: Iterable[Recommendation]) -> list[LetterItem]:
    """What a letter signed now would say, with each author's name and title."""
    titles = titles_of(case)
    return [
        LetterItem(
            heading=row.heading,
            text=row.text.strip(),
            author=row.author.get_full_name(),
            title=titles.get(row.author_id, ""),
        )
        for row in rows
    ]


def fingerprint(*, number: int, rows: Iterable[Recommendation]) -> str:
    """What a letter of this number is made of, in a word that changes with every save: holds nothing of the texts."""
    made_of = [number, *sorted([row.pk, row.revision] for row in rows)]
    return sha256(json.dumps(made_of).encode()).hexdigest()


def newest_letter(case: CaseSubmission) -> RecommendationLetter | None:
    """The letter that is in force."""
    return case.letters.order_by("-number").first()


def suggestions_for(program_id: int) -> dict[str, list[SuggestedRecommendation]]:
    """What the program's library offers, by heading."""
    found: dict[str, list[SuggestedRecommendation]] = {heading: [] for heading in Heading.values}
    for suggestion in SuggestedRecommendation.objects.filter(program=program_id, is_active=True):
        found[suggestion.heading].append(suggestion)
    return found


@dataclass(frozen=True, slots=True)
class HubCase:
    """A case on the hub's list: who has written, under what nobody has, and how much of it is the reader's own."""

    case: CaseSubmission
    writers: list[str]
    missing: list[str]
    own: int
    letter: RecommendationLetter | None
    is_lost: bool
    """Whether its session takes place without it, or not at all."""


@dataclass(frozen=True, slots=True)
class HubDesk:
    """What somebody of the hub's team has before them: the next session first, then what is late, then the answered."""

    coming: list[HubCase]
    presented: list[HubCase]
    answered: list[HubCase]
    has_more: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is no case at all."""
        return not (self.coming or self.presented or self.answered)


ANSWERED = 20
"""So many answered cases the list shows; the library has the others."""


def hub_desk(user: User, *, programs: Iterable[int]) -> HubDesk:
    """The cases of `programs`, from their approval on, as `user` finds them."""
    of_programs = (
        CaseSubmission.objects.filter(presenter__cycle__program__in=list(programs))
        .select_related("presenter__cycle__program", "session")
        .prefetch_related(
            Prefetch(
                "recommendations",
                Recommendation.objects.exclude(text="")
                .select_related("author__profile")
                .defer("text")
                .order_by("pk"),
            ),
            Prefetch("letters", RecommendationLetter.objects.defer("items", "opening").order_by("-number")),
        )
    )
    waiting = of_programs.filter(status__in=(Status.APPROVED, Status.SCHEDULED, Status.PRESENTED)).order_by(
        F("session__starts_at").asc(nulls_last=True), "moved_at", "pk"
    )
    answered = of_programs.filter(status=Status.RECOMMENDATIONS_SENT).order_by("-moved_at", "-pk")
    coming = list(waiting)
    lost = ids_to_reschedule(coming)
    waits = [_hub_case(case, user, is_lost=case.pk in lost) for case in coming]
    shown = list(answered[: ANSWERED + 1])
    return HubDesk(
        coming=[row for row in waits if row.case.status != Status.PRESENTED],
        presented=[row for row in waits if row.case.status == Status.PRESENTED],
        answered=[_hub_case(case, user) for case in shown[:ANSWERED]],
        has_more=len(shown) > ANSWERED,
    )


def _hub_case(case: CaseSubmission, user: User, *, is_lost: bool = False) -> HubCase:
    rows = list(case.recommendations.all())
    written = {row.heading for row in rows}
    letters = list(case.letters.all())
    return HubCase(
        case=case,
        # Each once, in the order in which they began.
        writers=list(dict.fromkeys(row.author.get_full_name() for row in rows)),
        missing=[str(heading.label) for heading in Heading if heading.value not in written],
        own=sum(row.author_id == user.pk for row in rows),
        letter=letters[0] if letters else None,
        is_lost=is_lost,
    )


def letters_for_cycle(*, now: datetime) -> QuerySet[RecommendationLetter]:
    """The letters in force that a cycle sees at `now`: released, not replaced by a later one."""
    later = RecommendationLetter.objects.filter(case=OuterRef("case"), number__gt=OuterRef("number"))
    return RecommendationLetter.objects.filter(~Q(Exists(later)), visible_to_cycle_at__lte=now)


def taught_cases(*, now: datetime) -> QuerySet[CaseSubmission]:
    """The cases of the library: presented and answered, the answer released, and nothing of them struck out."""
    return CaseSubmission.objects.filter(
        Exists(letters_for_cycle(now=now).filter(case=OuterRef("pk"))),
        status__in=SHOWN,
        version__struck_at=None,
        session__starts_at__lte=now,
    ).exclude(session__status=EchoSession.Status.CANCELLED)
