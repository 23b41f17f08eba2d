"""One connection to the mail server, and one mail handed over at a time: every end of it is an `Answer`.

smtplib's own `sendmail` does not tell whether a connection was lost before or after the message was complete,
and that is the one thing that decides whether a mail may be sent again.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from outbox.answers import Stage, judge
from outbox.states import Outcome

REPLY_LENGTH = 500
PIECE = 64 * 1024
FINAL_REPLY_FACTOR = 6
"""A server may scan a message before it answers: it gets this many time-outs (RFC 5321, 4.5.3.2.6)."""
SERVICE_CLOSING = 421
NEEDS_UTF8 = 553
"""What a server that knows of SMTPUTF8 but refuses the address would say (RFC 6531, 3.5)."""


@dataclass(frozen=True)
class Server:
    """Where and how mail is handed over; `timeout` in seconds, `security` is none, starttls or tls."""

    host: str
    port: int
    user: str
    password: str
    security: str
    timeout: float
    hello: str


@dataclass(frozen=True)
class Envelope:
    """A finished message, its lines ended by CR LF, and whom it is from and for."""

    sender: str
    recipient: str
    content: bytes

    @property
    def needs_utf8(self) -> bool:
        """Whether an address can only be named to a server that offers SMTPUTF8 (RFC 6531)."""
        return not (self.sender.isascii() and self.recipient.isascii())


@dataclass(frozen=True)
class Answer:
    """What a try came to, and the server's words or ours for it."""

    outcome: Outcome
    reply: str


class Relay:
    """The mail server, as one worker uses it: a connection is opened when needed and kept for more mails."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._connection: smtplib.SMTP | None = None
        self._used = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_open(self) -> bool:
        """Whether there is a connection that nobody has said goodbye on."""
        return self._connection is not None and self._connection.sock is not None

    def open(self) -> Answer | None:
        """Connect, agree on TLS and log in. None when the server is ready, else why it is not."""
        connection: smtplib.SMTP | None = None
        try:
            connection = self._connect()
            connection.ehlo_or_helo_if_needed()
            if self.server.security == "starttls":
                connection.starttls(context=ssl.create_default_context())
                connection.ehlo_or_helo_if_needed()
            if self.server.user:
                connection.login(self.server.user, self.server.password)
            if connection.sock is not None:
                # The last dot goes in a packet of its own, which must not wait for the one before it.
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            if connection is not None:
                connection.close()
            return Answer(judge(Stage.SERVER, None), _readable(error))
        self._connection = connection
        self._used = False
        return None

    def send(self, envelope: Envelope, *, before_last_dot: Callable[[], None]) -> Answer:
        """Hand one mail over. `before_last_dot` is called when the message is complete but for its end.

        If it raises, the connection is dropped, so that the server discards what it has.
        """
        if self._connection is None:
            raise RuntimeError("Open the connection before handing a mail over.")
        reused, self._used = self._used, True
        code, text = self._greet(self._connection, envelope)
        if reused and code in (None, SERVICE_CLOSING):
            # The server has closed a connection that served earlier mails, as it may: no answer to this one.
            self.close()
            trouble = self.open()
            if trouble is not None:
                return trouble
            self._used = True
            code, text = self._greet(self._connection, envelope)
        if not _is_good(code):
            return self._refused(Stage.SENDER, code, text)
        return self._hand_over(self._connection, envelope, before_last_dot)

    def close(self) -> None:
        """Say goodbye if anybody listens."""
        connection, self._connection = self._connection, None
        if connection is None or connection.sock is None:
            return
        try:
            connection.sock.settimeout(min(self.server.timeout, 2))
            connection.quit()
        except (smtplib.SMTPException, OSError):
            connection.close()

    def _connect(self) -> smtplib.SMTP:
        server = self.server
        if server.security == "tls":
            return smtplib.SMTP_SSL(
                server.host,
                server.port,
                local_hostname=server.hello,
                timeout=server.timeout,
                context=ssl.create_default_context(),
            )
        return smtplib.SMTP(server.host, server.port, local_hostname=server.hello, timeout=server.timeout)

    def _greet(self, connection: smtplib.SMTP, envelope: Envelope) -> tuple[int | None, str]:
        """Name the sender, and what the message needs."""
        options = [f"size={len(envelope.content)}"] if connection.has_extn("size") else []
        if envelope.needs_utf8:
            if not connection.has_extn("smtputf8"):
                return NEEDS_UTF8, "the mail server takes no address with letters beyond ASCII (SMTPUTF8)"
            options += ["SMTPUTF8", *(["BODY=8BITMIME"] if connection.has_extn("8bitmime") else [])]
        return _exchange(lambda: connection.mail(envelope.sender, options))

    def _hand_over(
        self, connection: smtplib.SMTP, envelope: Envelope, before_last_dot: Callable[[], None]
    ) -> Answer:
        code, text = _exchange(lambda: connection.rcpt(envelope.recipient))
        if not _is_good(code):
            return self._refused(Stage.RECIPIENT, code, text)
        code, text = _exchange(lambda: connection.docmd("DATA"))
        if code != 354:
            return self._refused(Stage.DATA, code, text)
        return self._transmit(connection, envelope.content, before_last_dot)

    def _transmit(
        self, connection: smtplib.SMTP, content: bytes, before_last_dot: Callable[[], None]
    ) -> Answer:
        body = re.sub(rb"^\.", b"..", content, flags=re.MULTILINE)
        if not body.endswith(b"\r\n"):
            body += b"\r\n"
        try:
            # Each piece has the time-out to itself: a big attachment on a slow line is no failure.
            for start in range(0, len(body), PIECE):
                connection.send(body[start : start + PIECE])
        except (smtplib.SMTPException, OSError) as error:
            return self._refused(Stage.DATA, None, str(error))
        try:
            before_last_dot()
        except BaseException:
            connection.close()
            raise
        try:
            connection.send(b".\r\n")
        except (smtplib.SMTPException, OSError) as error:
            # The three bytes were not taken: the message is incomplete, and the server drops it.
            return self._refused(Stage.DATA, None, str(error))
        if connection.sock is not None:
            connection.sock.settimeout(self.server.timeout * FINAL_REPLY_FACTOR)
        code, text = _exchange(connection.getreply)
        if connection.sock is not None:
            connection.sock.settimeout(self.server.timeout)
        if _is_good(code):
            return Answer(Outcome.ACCEPTED, _reply(code, text))
        return self._refused(Stage.END, code, text)

    def _refused(self, stage: Stage, code: int | None, text: str) -> Answer:
        """Judge a reply that ends the try, and make the connection fit for the next mail, or drop it."""
        connection = self._connection
        if connection is not None and connection.sock is not None:
            in_step = code is not None and code != SERVICE_CLOSING and 400 <= code < 600
            reset, _text = _exchange(lambda: connection.docmd("RSET")) if in_step else (None, "")
            if not _is_good(reset):
                connection.close()
        return Answer(judge(stage, code), f"{stage}: {_reply(code, text)}"[:REPLY_LENGTH])


def _exchange(step: Callable[[], tuple[int, bytes]]) -> tuple[int | None, str]:
    """The code and text that `step` brings; no code when the connection broke or what came is no reply."""
    try:
        code, text = step()
    except smtplib.SMTPResponseException as error:
        # smtplib makes up a code 500 for a line that is too long: the server never said so.
        return None, _decoded(error.smtp_error)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return None, str(error)
    return (code if 200 <= code < 600 else None), _decoded(text)


def _is_good(code: int | None) -> bool:
    return code is not None and 200 <= code < 300


def _reply(code: int | None, text: str) -> str:
    return f"{code} {text}".strip()[:REPLY_LENGTH] if code else (text or "no reply")[:REPLY_LENGTH]


def _readable(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _reply(error.smtp_code, _decoded(error.smtp_error))
    return f"{type(error).__name__}: {error}".replace("\x00", "")[:REPLY_LENGTH]


def _decoded(text: bytes | str) -> str:
    # PostgreSQL keeps no NUL, and a list shows one line.
    plain = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return " ".join(plain.replace("\x00", "").split())
