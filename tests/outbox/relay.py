"""A real SMTP server on this machine that answers as a test tells it to."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from ssl import SSLContext
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

DROP = "drop"
HANG = "hang"


@dataclass(frozen=True)
class Received:
    """A message that the server has accepted, whether or not it said so."""

    recipient: str
    content: bytes

    @property
    def message(self) -> EmailMessage:
        # As a mail program stores it: lines ended by LF.
        parsed = message_from_bytes(self.content.replace(b"\r\n", b"\n"), policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


class ScriptedRelay:
    """`script[stage]` holds the answers of that stage, one for each time it is reached; then all goes well.

    Stages: greeting, ehlo, auth, mail, rcpt, data, body (in the middle of the message), end (after its last dot).
    Answers: a reply such as "451 later", DROP to cut the connection, HANG to say nothing, None to go on.
    """

    def __init__(self, *, port: int = 0, listen_tls: SSLContext | None = None, **options: Any) -> None:
        self.script: dict[str, Iterator[str | None]] = defaultdict(lambda: iter(()))
        self.decide: Callable[[str, str], str | None] = lambda _stage, _recipient: None
        self.reached: Callable[[str, str], None] = lambda _stage, _recipient: None
        self.accepted: list[Received] = []
        self.connections = 0
        self.log: list[str] = []
        self.options: dict[str, Any] = {"enable_SMTPUTF8": True, **options}
        self._port = port
        self._listen_tls = listen_tls
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def plan(self, stage: str, answers: Iterable[str | None]) -> None:
        self.script[stage] = iter(answers)

    def start(self) -> "ScriptedRelay":
        self._thread.start()
        assert self._ready.wait(5)
        return self

    @property
    def port(self) -> int:
        return self._port

    def stop(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)

    def answer(self, stage: str, recipient: str = "") -> str | None:
        self.log.append(stage)
        self.reached(stage, recipient)
        return next(self.script[stage], None) or self.decide(stage, recipient)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(
                lambda: _Scripted(self, **self.options), "127.0.0.1", self._port, ssl=self._listen_tls
            )
        )
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.close()


class _Handler:
    async def handle_DATA(self, server: "_Scripted", _session: Any, envelope: Any) -> str:  # noqa: N802
        recipient = envelope.rcpt_tos[0]
        reply = await asyncio.to_thread(server.relay.answer, "end", recipient)
        if reply is None or reply.startswith("2") or reply in {DROP, HANG}:
            server.relay.accepted.append(Received(recipient, envelope.original_content))
        if reply == HANG:
            await asyncio.sleep(60)
        if reply == DROP:
            server.cut()
        return reply or "250 taken"


class _Scripted(SMTP):
    def __init__(self, relay: ScriptedRelay, **options: Any) -> None:
        super().__init__(
            _Handler(),
            auth_require_tls=False,
            authenticator=lambda *_arguments: AuthResult(success=True),
            **options,
        )
        self.relay = relay

    def cut(self) -> None:
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()

    async def is_handled(self, stage: str, recipient: str = "") -> bool:
        reply = self.relay.answer(stage, recipient)
        if reply is None:
            return False
        if reply == HANG:
            await asyncio.sleep(60)
        elif reply == DROP:
            self.cut()
        else:
            await self.push(reply)
            if reply.startswith("421"):
                self.cut_soon()
        return True

    def cut_soon(self) -> None:
        if self.transport is not None:
            self.transport.close()

    async def _handle_client(self) -> None:
        self.relay.connections += 1
        if await self.is_handled("greeting"):
            self.cut_soon()
            return
        await super()._handle_client()

    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802
        if not await self.is_handled("ehlo"):
            await super().smtp_EHLO(hostname)

    async def smtp_HELO(self, hostname: str) -> None:  # noqa: N802
        if not await self.is_handled("helo"):
            await super().smtp_HELO(hostname)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        if not await self.is_handled("auth"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802
        if not await self.is_handled("mail"):
            await super().smtp_MAIL(arg)

    async def smtp_RCPT(self, arg: str | None) -> None:  # noqa: N802
        recipient = (arg or "").partition("<")[2].partition(">")[0]
        if not await self.is_handled("rcpt", recipient):
            await super().smtp_RCPT(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        assert self.envelope is not None
        recipient = self.envelope.rcpt_tos[0] if self.envelope.rcpt_tos else ""
        if await self.is_handled("data", recipient):
            return
        body = self.relay.answer("body", recipient)
        if body is None:
            await super().smtp_DATA(arg)
            return
        await self.push("354 go on")
        await self._reader.read(200)
        if body == HANG:
            await asyncio.sleep(60)
        self.cut()
