"""Three in ten tries to hand over a mail fail, each in a way that its recipient and the seed decide."""

from __future__ import annotations

import hashlib
import random
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple

from tests.outbox.relay import DROP, HANG, Received, ScriptedRelay

SEED = 2014
FATES: dict[tuple[str, str] | None, int] = {
    None: 70,
    ("rcpt", "450 greylisted"): 5,
    ("end", "451 out of disk space"): 5,
    ("body", DROP): 8,
    ("end", DROP): 6,
    # Silence that is longer than the sender's patience.
    ("rcpt", HANG): 6,
}


class Copy(NamedTuple):
    """One message that the server took, without its content: a thousand PDFs are a hundred megabytes."""

    message_id: str
    recipient: str
    sha256: str


class _Copies(list[Received]):
    """Keeps what a message is told by."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Copy] = []

    def append(self, received: Received) -> None:
        message = message_from_bytes(received.content, policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        documents = [part.get_content() for part in message.iter_attachments()]
        content = documents[0] if documents and isinstance(documents[0], bytes) else b""
        self.kept.append(
            Copy(str(message["Message-ID"]), received.recipient, hashlib.sha256(content).hexdigest())
        )


class BadRelay(ScriptedRelay):
    """A mail server in bad weather: the same for the same recipient's first, second, … try, whoever makes it."""

    def __init__(self, *, seed: int = SEED) -> None:
        super().__init__()
        self._seed = seed
        self._dice: dict[str, random.Random] = {}
        self._fates: dict[str, tuple[str, str] | None] = {}
        self._copies = _Copies()
        self.accepted = self._copies
        self.decide = self._decide
        self.failures: dict[str, int] = {}
        self.tries = 0

    @property
    def copies(self) -> list[Copy]:
        """What was taken, whether the sender heard of it or not."""
        return self._copies.kept

    def _decide(self, stage: str, recipient: str) -> str | None:
        if stage == "rcpt":
            dice = self._dice.setdefault(recipient, random.Random(f"{self._seed}:{recipient}"))  # noqa: S311
            self._fates[recipient] = dice.choices(list(FATES), list(FATES.values()))[0]
            self.tries += 1
        fate = self._fates.get(recipient)
        if fate is None or fate[0] != stage:
            return None
        name = f"{stage} {fate[1]}"
        self.failures[name] = self.failures.get(name, 0) + 1
        return fate[1]
