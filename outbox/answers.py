"""What each answer of the mail server means, and what follows from it (the table in docs/outbox.md)."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from outbox.states import MailStatus, Outcome

WAITS: tuple[timedelta, ...] = (
    timedelta(seconds=15),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=17),
)
"""The wait after the first, second, … refusal for now.

Quick at first, for greylisting; more than a day in all, so that a relay whose daily quota is used up, or that
is ill from Friday evening to Saturday evening, costs no mail.
"""

MAX_TRIES = len(WAITS) + 1
"""Tries that count against a mail; then it is dead and waits for a person."""

MAX_AMBIGUOUS = 2
"""A mail whose answer was lost this often is not sent again by itself: it may have arrived each time."""

AMBIGUOUS_WAIT = timedelta(minutes=5)
"""The pause before a mail whose answer was lost is sent once more."""

SECRET_LIFE = timedelta(hours=1)
"""A code not sent for this long is given up: it no longer opens anything, and it must not lie about."""


class Stage(StrEnum):
    """How far a try had come when its answer arrived, or failed to."""

    SERVER = "connection"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "message"
    END = "end of message"


AUTHENTICATION_CODES: frozenset[int] = frozenset({530, 534, 535, 538})
"""RFC 4954: the server wants a log-in, or a better one. It says nothing about the mail at hand."""


def judge(stage: Stage, code: int | None) -> Outcome:
    """What the reply `code` at `stage` means for the mail; None where no readable reply came (RFC 5321, 4.2).

    Only replies that end the try are judged: 2xx on the way, and 354 before the message, go on.
    """
    if stage is Stage.SERVER or (stage is Stage.SENDER and code in AUTHENTICATION_CODES):
        return Outcome.UNREACHABLE
    kind = code // 100 if code else 0
    if kind == 5:
        return Outcome.PERMANENT
    if kind == 4:
        return Outcome.TEMPORARY
    if stage is Stage.END:
        return Outcome.ACCEPTED if kind == 2 else Outcome.AMBIGUOUS
    return Outcome.TEMPORARY


@dataclass(frozen=True)
class Step:
    """Where a mail goes after a try, and after what wait it is tried again."""

    status: MailStatus
    wait: timedelta = timedelta(0)


def next_step(outcome: Outcome, *, tries: int, ambiguous: int) -> Step:
    """Where a mail goes after a try with this outcome.

    `tries` are those that count, this one included (a server that cannot be reached counts against no mail);
    `ambiguous` are those whose answer was lost, this one included.
    """
    is_last = tries >= MAX_TRIES
    match outcome:
        case Outcome.ACCEPTED:
            step = Step(MailStatus.SENT)
        case Outcome.PERMANENT:
            step = Step(MailStatus.FAILED)
        case Outcome.UNREACHABLE:
            step = Step(MailStatus.RETRY, server_pause(1))
        case Outcome.AMBIGUOUS if is_last or ambiguous >= MAX_AMBIGUOUS:
            step = Step(MailStatus.AMBIGUOUS)
        case Outcome.AMBIGUOUS:
            step = Step(MailStatus.RETRY, AMBIGUOUS_WAIT)
        case Outcome.TEMPORARY | Outcome.LOST if is_last:
            step = Step(MailStatus.FAILED)
        case _:
            step = Step(MailStatus.RETRY, WAITS[max(tries, 1) - 1])
    return step


def server_pause(failures: int) -> timedelta:
    """How long nobody calls the server after it could not be reached `failures` times in a row.

    15 s, doubling, at most 5 minutes: a server that is back is soon noticed, and one that counts failed
    log-ins is not made to lock the portal out.
    """
    return timedelta(seconds=min(15 * 2 ** max(failures - 1, 0), 300))


LONGEST_RUN = 6
"""Failures in a row after which the pause grows no more."""
