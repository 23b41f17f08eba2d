"""Deliver what is due: SMTP outside any transaction, its outcome written back fenced by the lease."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from core.leases import LostLeaseError, claim, held
from outbox import answers, queries
from outbox.models import MailAttempt, OutgoingMail
from outbox.rendering import build, sender_domain
from outbox.services.holding import is_mail_held
from outbox.smtp import FINAL_REPLY_FACTOR, Answer, Relay, Server
from outbox.states import SETTLED, MailStatus, Outcome

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

DATABASE_AWAY = (OperationalError, InterfaceError)

SETTLING = (
    "status",
    "attempts",
    "ambiguous_tries",
    "next_attempt_at",
    "lease_token",
    "leased_until",
    "smtp_reply",
    "last_error",
    "sent_at",
    "body_text",
    "body_html",
)

PATIENCE = (0.2, 0.5, 1, 2, 4, 8)
"""Seconds between tries to write back while the database restarts: an accepted mail must not be forgotten."""


@dataclass(frozen=True)
class Delivered:
    """What one round did: mails by the state they are in now."""

    sent: int = 0
    retry: int = 0
    failed: int = 0
    ambiguous: int = 0
    is_server_reached: bool = True

    @property
    def total(self) -> int:
        """Mails that were dealt with."""
        return self.sent + self.retry + self.failed + self.ambiguous


class _Clock:
    """The caller's `now`, moving on: a round may take minutes, and each lease counts from its claim."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._started = time.monotonic()

    def now(self) -> datetime:
        return self._now + timedelta(seconds=time.monotonic() - self._started)


def deliver_due(*, now: datetime, limit: int) -> Delivered:
    """Deliver up to `limit` mails that are due at `now`, codes before the rest, over one connection.

    Safe to run in several workers at once, and to kill at any moment (docs/outbox.md). While the mail server
    cannot be reached, no mail loses a try; it is called again after a growing pause. While mail is held (MailHold),
    codes alone go out; under HOLD_ALL_MAIL nothing does.
    """
    if settings.HOLD_ALL_MAIL:
        return Delivered()
    clock = _Clock(now)
    counts: Counter[str] = Counter()
    counts[MailStatus.FAILED] += _give_up_old_secrets(now)
    if queries.server_resting_until(now=now) is not None:
        return _summary(counts, is_server_reached=False)
    is_server_reached = True
    with Relay(_server()) as relay:
        while is_server_reached and counts.total() < limit:
            if not relay.is_open and not queries.is_something_due(now=clock.now()):
                break
            trouble = None if relay.is_open else relay.open()
            claimed = _claim_next(clock.now())
            if claimed is None:
                break
            mail, attempt = claimed
            if attempt is None:
                counts[mail.status] += 1
                continue
            answer = trouble or _try(mail, attempt, relay, clock)
            if answer is None:
                continue
            is_server_reached = answer.outcome is not Outcome.UNREACHABLE
            status = _steadily(partial(_write_back, mail, attempt, answer, clock))
            if status is not None:
                counts[status] += 1
    return _summary(counts, is_server_reached=is_server_reached)


def _summary(counts: Counter[str], *, is_server_reached: bool) -> Delivered:
    delivered = Delivered(
        sent=counts[MailStatus.SENT],
        retry=counts[MailStatus.RETRY],
        failed=counts[MailStatus.FAILED],
        ambiguous=counts[MailStatus.AMBIGUOUS],
        is_server_reached=is_server_reached,
    )
    if delivered.total:
        logger.info(
            "Mail: %d sent, %d to be tried again, %d failed, %d ambiguous.",
            delivered.sent,
            delivered.retry,
            delivered.failed,
            delivered.ambiguous,
        )
    return delivered


def _server() -> Server:
    return Server(
        host=settings.SMTP_HOST,
        port=settings.SMTP_PORT,
        user=settings.SMTP_USER,
        password=settings.SMTP_PASSWORD,
        security=settings.SMTP_SECURITY,
        timeout=settings.SMTP_TIMEOUT_SECONDS,
        hello=sender_domain(),
    )


def lease_seconds() -> int:
    """How long a claim holds: the longest that one stretch of SMTP may take, and a little more."""
    return int((FINAL_REPLY_FACTOR + 2) * settings.SMTP_TIMEOUT_SECONDS)


def _give_up_old_secrets(now: datetime) -> int:
    """Fail the codes that could not be sent for an hour, and erase them."""
    return OutgoingMail.objects.filter(
        is_secret=True,
        status__in=[MailStatus.QUEUED, MailStatus.RETRY],
        queued_at__lt=now - answers.SECRET_LIFE,
    ).update(
        status=MailStatus.FAILED,
        body_text="",
        body_html="",
        last_error="Not sent in time: the code in it no longer holds.",
    )


@transaction.atomic
def _claim_next(now: datetime) -> tuple[OutgoingMail, MailAttempt | None] | None:
    """Claim the next mail and open a try; no try where a worker that died has used up the last one."""
    claimed = (
        # Somebody is waiting at the screen for a code; ten thousand certificates must not stand before it.
        claim(
            queries.waiting().filter(is_secret=True),
            now=now,
            seconds=lease_seconds(),
            status=MailStatus.SENDING,
        )
        # Codes go out while the rest is held: nobody could log in to release it.
        or (
            not is_mail_held()
            and claim(
                queries.waiting().filter(is_secret=False),
                now=now,
                seconds=lease_seconds(),
                status=MailStatus.SENDING,
            )
        )
    )
    if not claimed:
        return None
    mail = claimed[0]
    last = mail.tries.order_by("-number").first()
    if last is not None and last.finished_at is None and not _close_interrupted(mail, last, now):
        return mail, None
    number = last.number + 1 if last else 1
    return mail, MailAttempt.objects.create(mail=mail, number=number, started_at=now)


def _close_interrupted(mail: OutgoingMail, attempt: MailAttempt, now: datetime) -> bool:
    """Record the try of a worker that died; whether the mail, claimed anew, may be tried again."""
    outcome = Outcome.AMBIGUOUS if attempt.transmitted_at else Outcome.LOST
    reply = "The worker ended " + (
        "before it heard the answer." if attempt.transmitted_at else "before the message was complete."
    )
    _finish(attempt, Answer(outcome, reply), now)
    if outcome is Outcome.AMBIGUOUS:
        mail.ambiguous_tries += 1
    # This claim has counted itself already.
    step = _next_step(mail, outcome, tries=mail.attempts - 1)
    if step.status is MailStatus.RETRY:
        # The lease that ran out was the pause.
        mail.save(update_fields=["ambiguous_tries"])
        return True
    mail.attempts -= 1
    _settle(mail, step, Answer(outcome, reply), now)
    return False


def _try(mail: OutgoingMail, attempt: MailAttempt, relay: Relay, clock: _Clock) -> Answer | None:
    """Hand the mail over; None when the lease was lost on the way and the mail is somebody else's now."""
    try:
        envelope = _steadily(partial(build, mail))
    except DATABASE_AWAY:
        raise
    except Exception as error:  # noqa: BLE001  # whatever is wrong with one mail must not stop the others
        logger.warning("Mail %d cannot be built (%s).", mail.pk, type(error).__name__)
        return Answer(Outcome.PERMANENT, f"The mail cannot be built: {type(error).__name__}: {error}"[:500])
    mark = partial(_mark_transmitted, mail, attempt, clock)
    try:
        return relay.send(envelope, before_last_dot=lambda: _steadily(mark))
    except LostLeaseError:
        logger.warning("Mail %d: the lease ran out while it was being sent; another worker has it.", mail.pk)
        return None


@transaction.atomic
def _mark_transmitted(mail: OutgoingMail, attempt: MailAttempt, clock: _Clock) -> None:
    """Note, and commit, that from here on the server may have the mail; and hold the lease for the answer.

    Without this note a worker killed now would be taken for one killed before: its copy could not be traced.
    """
    now = clock.now()
    mine = OutgoingMail.objects.filter(pk=mail.pk, lease_token=mail.lease_token)
    if not mine.update(leased_until=now + timedelta(seconds=lease_seconds())):
        raise LostLeaseError(f"mail {mail.pk} is held by another worker")
    attempt.transmitted_at = now
    attempt.save(update_fields=["transmitted_at"])


@transaction.atomic
def _write_back(mail: OutgoingMail, attempt: MailAttempt, answer: Answer, clock: _Clock) -> str | None:
    """Record the answer and move the mail on; None when the lease was lost and another worker has done so."""
    try:
        row = held(OutgoingMail.objects.all(), pk=mail.pk, token=mail.lease_token)
    except LostLeaseError:
        logger.warning("Mail %d: the answer (%s) came after the lease had run out.", mail.pk, answer.outcome)
        return None
    now = clock.now()
    _finish(attempt, answer, now)
    if answer.outcome is Outcome.UNREACHABLE:
        # The server's trouble is not the mail's.
        row.attempts -= 1
    if answer.outcome is Outcome.AMBIGUOUS:
        row.ambiguous_tries += 1
    step = _next_step(row, answer.outcome, tries=row.attempts)
    _settle(row, step, answer, now)
    return row.status


def _next_step(mail: OutgoingMail, outcome: Outcome, *, tries: int) -> answers.Step:
    """Where the mail goes from here; one that was called off meanwhile is not tried again."""
    step = answers.next_step(outcome, tries=tries, ambiguous=mail.ambiguous_tries)
    if not mail.is_called_off or step.status is not MailStatus.RETRY:
        return step
    return answers.Step(MailStatus.AMBIGUOUS if outcome is Outcome.AMBIGUOUS else MailStatus.FAILED)


def _finish(attempt: MailAttempt, answer: Answer, now: datetime) -> None:
    attempt.finished_at = now
    attempt.outcome = answer.outcome.value
    attempt.reply = answer.reply.replace("\x00", "")
    attempt.save(update_fields=["finished_at", "outcome", "reply"])


def _settle(mail: OutgoingMail, step: answers.Step, answer: Answer, now: datetime) -> None:
    """Let go of a mail that this worker holds."""
    mail.status = step.status.value
    mail.next_attempt_at = now + step.wait
    mail.lease_token = None
    mail.leased_until = None
    mail.smtp_reply = answer.reply.replace("\x00", "")
    if step.status is MailStatus.SENT:
        mail.last_error = ""
    elif not mail.is_called_off:
        mail.last_error = mail.smtp_reply
    mail.sent_at = now if step.status is MailStatus.SENT else None
    if mail.is_secret and step.status in SETTLED:
        mail.body_text = ""
        mail.body_html = ""
    mail.save(update_fields=SETTLING)
    if step.status in {MailStatus.FAILED, MailStatus.AMBIGUOUS}:
        logger.warning("Mail %d is %s after %d tries.", mail.pk, step.status, mail.attempts)


def _steadily(write: Callable[[], Result]) -> Result:
    """Run a short transaction, again if the database went away under it; its fence makes that safe."""
    for pause in PATIENCE:
        try:
            return write()
        except DATABASE_AWAY:
            if connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(pause)
    return write()
