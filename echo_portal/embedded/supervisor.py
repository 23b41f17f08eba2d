"""The portal on one machine: starts every part in order, prefixes their logs, and ends them together."""

import http.client
import importlib.util
import os
import re
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from echo_portal.embedded import processes
from echo_portal.embedded.environment import has, missing_services, portal_environment
from echo_portal.embedded.errors import EmbeddedError
from echo_portal.embedded.places import (
    CHECKOUT,
    Places,
    database_account,
    make_places,
    places_for,
    var_folder,
)
from echo_portal.embedded.run import server_lock, server_state
from echo_portal.embedded.services import Services, write_json

START_SECONDS = 60.0
STOP_SECONDS = 10.0
COLOURS = {"web": 36, "worker": 32, "beat": 33, "mail": 35, "portal": 1}
# What listens everywhere, and where such a server is asked from this machine.
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  a person asked for it, with HOST
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequestedError(Exception):
    """Somebody asked the supervisor to end."""


@dataclass
class Child:
    """A running part of the portal; its output is read line by line, and passed on unless it is held."""

    name: str
    process: subprocess.Popen[bytes]
    output: IO[bytes]
    is_held: bool = False
    unfinished_line: bytes = b""
    said: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Address:
    """Where the web server listens, and what people type."""

    host: str
    port: int

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in {"127.0.0.1", "localhost", "::1"}

    @property
    def url(self) -> str:
        """What people type."""
        anywhere = self.is_local or self.host in ANYWHERE
        return f"http://{'localhost' if anywhere else self._bracketed}:{self.port}"

    @property
    def bind(self) -> str:
        """What the web server is told."""
        return f"{self._bracketed}:{self.port}"

    @property
    def probe_host(self) -> str:
        """Where we ask whether it is well."""
        return ANYWHERE.get(self.host, self.host)

    @property
    def _bracketed(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


def address_from(environment: Mapping[str, str]) -> Address:
    """PORT (default 8000) and HOST (default this machine only)."""
    wanted = environment.get("PORT") or "8000"
    if not wanted.isdecimal() or not 0 < int(wanted) < 65536:
        raise EmbeddedError(f"PORT is {wanted!r}: it must be a number from 1 to 65535.")
    return Address(environment.get("HOST") or "127.0.0.1", int(wanted))


def require_free(address: Address) -> None:
    """Raise EmbeddedError, before anything has started, where the web server could not listen."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the web server does: connections of the last run that are still closing are not in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise EmbeddedError(
                f"The portal cannot listen on {address.bind} ({error.strerror}): "
                f"choose another port, for example PORT={address.port % 65535 + 1} ./script/server"
            ) from error


class Supervisor:
    """Starts the parts, watches them, and ends them."""

    def __init__(self, address: Address, environment: Mapping[str, str]) -> None:
        self.address = address
        self.environment = dict(environment)
        self.children: list[Child] = []
        self.services: Services | None = None
        self._output = selectors.DefaultSelector()
        self._stop_requests = 0
        self._is_ready = False
        self._colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    # --- the whole of it ------------------------------------------------------------------------------------
    def run(self) -> int:
        """Run until asked to end (returns 0) or until a part ends by itself or cannot start (returns 1)."""
        for number in STOP_SIGNALS:
            signal.signal(number, self._request_stop)
        try:
            self._start_everything()
            self._is_ready = True
            while True:
                self._attend(0.5)
        except StopRequestedError:
            self.say("Ending the portal.")
            return 0
        except EmbeddedError as error:
            self.say(f"The portal ends: {error}")
            return 1
        except BrokenPipeError:
            # Whoever read our output is gone; there is nobody left to tell.
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  lives as long as we do
            return 1
        finally:
            self._end_everything()

    def _start_everything(self) -> None:
        self.services = Services(missing_services(self.environment), var_folder())
        self.services.acquire()
        places = self.services.places
        smtp_port = self._start_catcher(places) if not has(self.environment, "SMTP_HOST") else ""
        self.environment = portal_environment(
            self.environment,
            places=places,
            urls=self.services.urls,
            kind=self.environment.get("ECHO_ENV") or "development",
            portal_url=self.address.url,
            smtp_port=smtp_port or "9",
        )
        if not self.address.is_local and not self.environment.get("ALLOWED_HOSTS"):
            names = ["localhost", "127.0.0.1", "[::1]", self.address.host, socket.gethostname()]
            self.environment["ALLOWED_HOSTS"] = ",".join(names)
        write_json(
            places.run / "server.json",
            {"url": self.address.url, "smtp_port": smtp_port, "pid": str(os.getpid())},
        )
        self._prepare("prepare_portal")
        logins = self._load_demo() if self.environment.get("ECHO_DEMO") != "no" else []
        self._start_portal(places)
        self._wait_until(self._is_healthy, "the web server did not say that it is well (/healthz)")
        self._wait_to_hear("worker", r" ready\.$")
        self._announce(logins)

    def _start_catcher(self, places: Places) -> str:
        """Start the mail catcher and return its port; without aiosmtpd, say what that means and return ''."""
        if importlib.util.find_spec("aiosmtpd") is None:
            self.say("Mail stays queued: install aiosmtpd to catch it here, or set SMTP_HOST.")
            return ""
        self._start("mail", sys.executable, "-m", "echo_portal.embedded", "mail", str(places.mail))
        return self._wait_to_hear("mail", r"^port \d+$")

    def _start_portal(self, places: Places) -> None:
        """Start the web server, a worker and the beat."""
        python = sys.executable
        web = [python, "-m", "gunicorn", "echo_portal.wsgi:application", "--bind", self.address.bind]
        web += ["--config", "python:echo_portal.web_server"]
        web += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--graceful-timeout", "5"]
        # Loaded once, then forked: a start is seconds shorter.
        self._start("web", *web, "--preload", "--no-control-socket")
        # A bare machine is often a container whose only user is root; our workers read JSON and nothing else.
        celery = [
            python,
            "-W",
            "ignore::UserWarning:celery.platforms",
            "-m",
            "celery",
            "-q",
            "-A",
            "echo_portal",
        ]
        # One worker has nobody to exchange news with.
        alone = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        self._start("worker", *celery, "worker", "--concurrency", "2", "--loglevel", "INFO", *alone)
        schedule = ["--schedule", str(places.run / "beat-schedule"), "--pidfile", ""]
        self._start("beat", *celery, "beat", "--loglevel", "WARNING", *schedule)

    def _prepare(self, command: str) -> None:
        child = self._start("prepare", sys.executable, "manage.py", command)
        if code := self._wait_for_end(child):
            raise EmbeddedError(f"'manage.py {command}' failed with exit code {code}.")

    def _load_demo(self) -> list[str]:
        """Load the demonstration once, and return who can log in; without it the portal is still a portal."""
        self.say("Loading the demonstration program, unless it is there", name="demo")
        child = self._start("demo", sys.executable, "manage.py", "load_demo", "--show-logins", is_held=True)
        if self._wait_for_end(child) == 0:
            return child.said
        for line in [*child.said, "The demonstration program could not be loaded; the reason is above."]:
            self.say(line, name="demo")
        return []

    def _announce(self, logins: list[str]) -> None:
        """Say where the portal is; without a prefix, so that it stands out."""
        lines = ["", f"The portal runs at {self.address.url}/"]
        if "MAIL_CATCHER_DIR" in self.environment:
            lines.append(f"Its mail goes no further than {self.address.url}/dev/mail/")
        self._write("\n".join([*lines, *logins, "Ctrl-C ends it.", ""]))

    # --- parts ----------------------------------------------------------------------------------------------
    def _start(self, name: str, *command: str, is_held: bool = False) -> Child:
        process = processes.start(
            command,
            environment=self.environment | {"PYTHONUNBUFFERED": "1"},
            output=subprocess.PIPE,
            cwd=CHECKOUT,
        )
        output = cast("IO[bytes]", process.stdout)
        child = Child(name, process, output, is_held)
        self.children.append(child)
        os.set_blocking(output.fileno(), False)
        self._output.register(output, selectors.EVENT_READ, child)
        return child

    def _wait_for_end(self, child: Child) -> int:
        """Wait for a part that is meant to end, and return its exit code."""
        while child.process.poll() is None:
            self._attend(0.1, ending=child)
        self._hear_out(child)
        self.children.remove(child)
        return child.process.returncode

    def _attend(self, seconds: float, *, ending: Child | None = None) -> None:
        """Pass on what the parts say for up to `seconds`; raise when we should end or a part has ended.

        `ending` is a part that may end.
        """
        self._pass_output_on(seconds)
        if self._stop_requests:
            raise StopRequestedError
        for child in self.children:
            if child is not ending and (code := child.process.poll()) is not None:
                self._hear_out(child)
                raise EmbeddedError(f"its part '{child.name}' ended by itself ({how_it_ended(code)}).")
        for use in self.services.uses if self.services else ():
            if not use.is_alive():
                raise EmbeddedError(f"its part '{use.name}' ended by itself; its log is {use.log}.")

    def _wait_until(self, condition: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise EmbeddedError(f"{otherwise} within {START_SECONDS:.0f} seconds.")
            self._attend(0.1)

    def _wait_to_hear(self, name: str, pattern: str) -> str:
        """Wait for a line of this part that matches, and return its last word."""
        child = next(child for child in self.children if child.name == name)
        self._wait_until(
            lambda: any(re.search(pattern, line) for line in child.said), f"its part '{name}' was not ready"
        )
        return next(line for line in child.said if re.search(pattern, line)).split()[-1]

    def _is_healthy(self) -> bool:
        connection = http.client.HTTPConnection(self.address.probe_host, self.address.port, timeout=2)
        try:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    # --- ending ---------------------------------------------------------------------------------------------
    def _request_stop(self, *_: object) -> None:
        self._stop_requests += 1

    def _end_everything(self) -> None:
        """End the parts together, the services last; a second Ctrl-C ends them at once."""
        for child in self.children:
            if child.process.poll() is None:
                child.process.terminate()
        asked, deadline = self._stop_requests, time.monotonic() + STOP_SECONDS
        while any(child.process.poll() is None for child in self.children):
            if self._stop_requests > asked or time.monotonic() > deadline:
                for child in self.children:
                    if child.process.poll() is None:
                        processes.kill_session(child.process)
                        child.process.wait()
            self._pass_output_on(0.1)
        if self.services:
            (self.services.places.run / "server.json").unlink(missing_ok=True)
            self.services.release(wait_seconds=STOP_SECONDS)

    # --- output ---------------------------------------------------------------------------------------------
    def say(self, line: str, *, name: str = "portal") -> None:
        """One line of one part."""
        prefix = f"{name:<8} |"
        if self._colour and (colour := COLOURS.get(name)):
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        self._write(f"{prefix} {line}".rstrip())

    def _write(self, text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    def _hear_out(self, child: Child) -> None:
        """Pass on the last words of a part that has ended; not for long, as its own children may hold the line."""
        deadline = time.monotonic() + 1
        while not child.output.closed and time.monotonic() < deadline:
            self._pass_output_on(0.05)

    def _pass_output_on(self, seconds: float) -> None:
        for key, _ in self._output.select(seconds):
            child: Child = key.data
            try:
                chunk = os.read(key.fd, 65536)
            except BlockingIOError:
                continue
            *lines, child.unfinished_line = (child.unfinished_line + chunk).split(b"\n")
            if not chunk:
                self._output.unregister(child.output)
                child.output.close()
                lines = [child.unfinished_line] if child.unfinished_line else []
            for line in lines:
                text = line.decode(errors="replace").rstrip()
                if not self._is_ready:
                    child.said.append(text)
                if not child.is_held:
                    self.say(text, name=child.name)


def how_it_ended(code: int) -> str:
    """An exit code as a person reads it."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def serve_portal() -> int:
    """Run the portal of this checkout until somebody ends it; returns the exit code."""
    address = address_from(os.environ)
    places = places_for(var_folder())
    make_places(places, account=database_account())
    lock = server_lock(places)
    try:
        # Not at once: others ask for a moment whether it is held.
        lock.hold(seconds=0.5)
    except EmbeddedError:
        running = server_state(places)
        raise EmbeddedError(
            f"This checkout's portal is already running{' at ' + running['url'] if running else ''}: "
            "use it, or end it first."
        ) from None
    require_free(address)
    try:
        return Supervisor(address, os.environ).run()
    finally:
        lock.release()
