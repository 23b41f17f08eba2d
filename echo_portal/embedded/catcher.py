"""A real SMTP server that keeps what it is sent: one .eml file a message, and nothing leaves the machine."""

import asyncio
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from aiosmtpd.smtp import SMTP, Envelope, Session


class FolderHandler:
    """Writes each accepted message to a folder, with its envelope as X-Envelope-… headers."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    # aiosmtpd calls the method by this name, with these arguments.
    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message; it is on disk before the sender hears that it was accepted."""
        content = envelope.content or b""
        body = content if isinstance(content, bytes) else content.encode()
        headers = [f"X-Envelope-From: {envelope.mail_from}"]
        headers += [f"X-Envelope-To: {recipient}" for recipient in envelope.rcpt_tos]
        # Named by time, so that a listing is in order; the rest keeps two of one moment apart.
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}"
        unfinished = self.folder / f"{name}.part"
        unfinished.write_bytes("".join(f"{header}\r\n" for header in headers).encode() + body)
        unfinished.rename(self.folder / f"{name}.eml")
        return "250 Message kept"


async def serve(folder: Path, *, on_ready: Callable[[int], None], until: asyncio.Event) -> None:
    """Catch mail on a free port of 127.0.0.1, which `on_ready` is told, until the event is set."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = FolderHandler(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(handler, enable_SMTPUTF8=True, hostname="localhost"), "127.0.0.1", 0
    )
    async with server:
        on_ready(server.sockets[0].getsockname()[1])
        await until.wait()


class MailCatcher:
    """A catcher in a thread of this process, for tests and commands: `with MailCatcher(folder) as mail:`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 0
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._until: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *reason: object) -> None:
        if self._loop and self._until:
            self._loop.call_soon_threadsafe(self._until.set)
        self._thread.join(10)

    def files(self) -> list[Path]:
        """The messages caught so far, oldest first."""
        return sorted(self.folder.glob("*.eml"))

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._until = asyncio.Event()

        def ready(port: int) -> None:
            self.port = port
            self._ready.set()

        await serve(self.folder, on_ready=ready, until=self._until)
