"""What people do in a cycle: how long they stay, what they answer and what they leave out. Pure, and by chance."""

import random
from enum import StrEnum

SESSION_MINUTES = 90
COUNTS_FROM = 54
"""60 % of a session: from here on the demonstration program credits it."""


class Conduct(StrEnum):
    """How somebody goes through a cycle; every state that a coordinator meets is among them."""

    COMPLETES = "completes"
    COMPLETES_LATE = "completes late"
    FORGETS_POST = "forgets the post-survey"
    FORGETS_REFLECTION = "forgets the reflection"
    MISSED_PRE = "missed the pre-survey"
    NEVER_CAME = "answers, but never came"
    SILENT = "came, but answered nothing"
    WITHDRAWS = "withdraws"

    @property
    def answers_pre(self) -> bool:
        """Whether the pre-survey is answered."""
        return self not in {Conduct.MISSED_PRE, Conduct.SILENT}

    @property
    def answers_post(self) -> bool:
        """Whether the post-survey is answered before the cycle closes."""
        return self not in {Conduct.FORGETS_POST, Conduct.COMPLETES_LATE, Conduct.SILENT, Conduct.WITHDRAWS}

    @property
    def answers_reflection(self) -> bool:
        """Whether the reflection question is answered before the cycle closes."""
        return self not in {Conduct.FORGETS_REFLECTION, Conduct.SILENT, Conduct.WITHDRAWS}

    @property
    def comes(self) -> bool:
        """Whether any session is attended."""
        return self is not Conduct.NEVER_CAME


OTHER_WAYS = (
    Conduct.FORGETS_POST,
    Conduct.FORGETS_REFLECTION,
    Conduct.COMPLETES_LATE,
    Conduct.MISSED_PRE,
    Conduct.NEVER_CAME,
    Conduct.SILENT,
)


LARGE = 100
"""From so many people on, as many answer as the program has published: 64 % before, 45 % after."""


def conducts(count: int, rng: random.Random) -> list[Conduct]:
    """How `count` people go through a cycle: most of them well; of fifteen and more, each other way is somebody's.

    A large cohort loses as many to its surveys as the program's own did.
    """
    chosen = list(OTHER_WAYS[: count * 2 // 5])
    ways = (Conduct.COMPLETES, *OTHER_WAYS)
    weights = (36, 22, 2, 2, 4, 2, 32) if count >= LARGE else (60, 2, 2, 1, 1, 1, 1)
    chosen += rng.choices(ways, weights, k=count - len(chosen))
    if count:
        chosen[-1] = Conduct.COMPLETES
    rng.shuffle(chosen)
    return chosen


def diligence(rng: random.Random) -> float:
    """The share of sessions that somebody comes to."""
    return rng.choice((0.95, 0.9, 0.9, 0.8, 0.8, 0.65, 0.5))


def minutes_at_session(rng: random.Random, *, share: float) -> int | None:
    """How long somebody is there: nearly all of it, part of it, a glance; None when they do not come."""
    if rng.random() >= share:
        return None
    mood = rng.random()
    if mood < 0.82:
        return rng.randint(80, SESSION_MINUTES)
    if mood < 0.94:
        return rng.randint(COUNTS_FROM, 79)
    return rng.randint(8, COUNTS_FROM - 1)
