"""`manage.py note_bounce < mail`: a mail server hands over what came back; its answer is the exit code."""

import logging
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from core.errors import MoveRefusedError
from outbox.notices import MAX_BYTES, read_notice
from outbox.services import StillBeingSentError, note_bounce

logger = logging.getLogger(__name__)

CHUNK = 64 * 1024


class Command(BaseCommand):
    help = (
        "Read one mail from the standard input and, if it is a delivery status notification (RFC 3464) about a mail "
        "of the portal's, note that the mail came back. Exits 0, also for any other mail, and 75 (EX_TEMPFAIL) when "
        "the mail server should hand it over again later. Never prints any of the mail."
    )
    # The mail server waits; and whatever a check has to say would be sent to whoever wrote the mail.
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Read, note, and answer by the exit code."""
        if not self._note(_content()):
            raise SystemExit(os.EX_TEMPFAIL)

    def _note(self, content: bytes) -> bool:
        """Whether the mail server may forget the mail."""
        notice = read_notice(content)
        if notice is None:
            logger.info("A mail of %d bytes is no notification of a failure: left as it is.", len(content))
            return True
        try:
            mail = note_bounce(
                message_id=notice.message_id, diagnostic=notice.diagnostic, by=None, now=timezone.now()
            )
        except StillBeingSentError:
            return False
        except MoveRefusedError:
            logger.info("A notification is about a mail that has not come back now: left as it is.")
        except (DatabaseError, InterfaceError) as error:
            # The message of the error may hold what the mail said.
            logger.error("A notification could not be noted (%s).", type(error).__name__)  # noqa: TRY400
            return False
        else:
            if mail is None:
                logger.info("A notification is about no mail that the portal knows: left as it is.")
        return True


def _content() -> bytes:
    """The beginning of the standard input; the rest is read and dropped, or the mail server would see a broken pipe."""
    kept = sys.stdin.buffer.read(MAX_BYTES)
    while sys.stdin.buffer.read(CHUNK):
        pass
    return kept
