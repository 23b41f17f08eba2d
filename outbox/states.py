"""The life of a mail, and what one try to deliver it came to. What is not listed is refused."""

from enum import StrEnum


class MailStatus(StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENDING = "sending"
    RETRY = "retry"
    SENT = "sent"
    FAILED = "failed"
    AMBIGUOUS = "ambiguous"
    BOUNCED = "bounced"


class Outcome(StrEnum):
    """What one try came to."""

    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNREACHABLE = "unreachable"
    AMBIGUOUS = "ambiguous"
    LOST = "lost"


_M = MailStatus

ALLOWED: frozenset[tuple[MailStatus, MailStatus]] = frozenset(
    {
        (_M.QUEUED, _M.SENDING),
        (_M.RETRY, _M.SENDING),
        # A worker died, its lease ran out, and another worker takes the mail over.
        (_M.SENDING, _M.SENDING),
        (_M.SENDING, _M.SENT),
        (_M.SENDING, _M.RETRY),
        (_M.SENDING, _M.FAILED),
        (_M.SENDING, _M.AMBIGUOUS),
        # A code that nobody could use any more is not sent late.
        (_M.QUEUED, _M.FAILED),
        (_M.RETRY, _M.FAILED),
        # A person decides: send it again, or it did arrive.
        (_M.FAILED, _M.QUEUED),
        (_M.AMBIGUOUS, _M.QUEUED),
        (_M.AMBIGUOUS, _M.SENT),
        # A server on the way returned what ours had accepted.
        (_M.SENT, _M.BOUNCED),
        (_M.AMBIGUOUS, _M.BOUNCED),
        (_M.BOUNCED, _M.QUEUED),
    }
)

WAITING: frozenset[MailStatus] = frozenset({_M.QUEUED, _M.SENDING, _M.RETRY})
"""The portal has still to deal with these by itself; a mail that is being sent waits for its lease to end."""

SETTLED: frozenset[MailStatus] = frozenset({_M.SENT, _M.FAILED, _M.AMBIGUOUS, _M.BOUNCED})
"""The portal does no more about these by itself."""

ACCEPTED: frozenset[MailStatus] = frozenset({_M.SENT, _M.BOUNCED})
"""A mail server has taken these, whatever became of them later."""

UNDELIVERED: frozenset[MailStatus] = frozenset({_M.FAILED, _M.AMBIGUOUS, _M.BOUNCED})
"""A person has to decide about these."""


def may_move(old: MailStatus, new: MailStatus) -> bool:
    """Whether a mail may go from `old` to `new`."""
    return (old, new) in ALLOWED
