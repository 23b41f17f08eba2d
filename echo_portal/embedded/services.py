"""Services shared by every command of a checkout: started by the first, kept while anyone uses them.

Each service has a keeper, a small process that is the service's parent. Users hold a shared file lock; the
keeper waits until it can hold that lock alone, which is when the last user has ended, in whatever way,
and then stops the service. So a `kill -9` leaves nothing behind, and no command takes another's database.
"""

# ruff: noqa: S603  our own programs, started without a shell, are what this module is about

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Protocol

from echo_portal.embedded.errors import EmbeddedError
from echo_portal.embedded.locks import FileLock
from echo_portal.embedded.places import (
    CHECKOUT,
    Places,
    database_account,
    make_places,
    places_for,
    require_supported_system,
)
from echo_portal.embedded.postgres import Postgres
from echo_portal.embedded.processes import stop
from echo_portal.embedded.valkey import Valkey

# A database that was killed under load replays its log before it answers.
START_SECONDS = 90
LOG_BYTES = 5_000_000


class Service(Protocol):
    """What a keeper needs to know of the service it keeps."""

    name: str
    stop_signal: signal.Signals

    @property
    def url(self) -> str:
        """Where it answers."""

    def prepare(self) -> None:
        """Make it ready to start, whatever its last run left behind."""

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start it."""

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether it answers."""


class ServiceUse:
    """One command's use of one service, from `acquire` to `release` or to the command's death."""

    def __init__(self, name: str, places: Places, *, throwaway: bool = False) -> None:
        self.name = name
        self.places = places
        self.throwaway = throwaway
        self._users = FileLock(places.run / f"{name}.users")
        self._keeper = FileLock(places.run / f"{name}.keeper")
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What the service and its keeper say."""
        return self.places.logs / f"{self.name}.log"

    def acquire(self) -> None:
        """Count as a user, and have a keeper started if the service has none."""
        # Waits while a keeper that saw its last user go stops the service.
        self._users.share()
        with FileLock(self.places.run / f"{self.name}.start"):
            if not self.is_alive():
                self._start_keeper()

    def url(self) -> str:
        """Where the service answers; waits until it does. Raises EmbeddedError with the keeper's reason."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            found = read_json(state_file(self.places, self.name))
            if error := found.get("error"):
                raise EmbeddedError(error)
            if (url := found.get("url")) and self.is_alive():
                return url
            if self._child and self._child.poll() is not None:
                break
            time.sleep(0.02)
        raise EmbeddedError(f"{self.name} did not start; its log is {self.log}.")

    def is_alive(self) -> bool:
        """Whether the service has a keeper; a keeper ends with its service."""
        return self._keeper.is_held_elsewhere()

    def release(self, *, wait_seconds: float = 0) -> None:
        """Stop counting as a user; wait up to `wait_seconds` for the service to end."""
        self._users.release()
        deadline = time.monotonic() + wait_seconds
        while self.is_alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        if self._child:
            self._child.poll()

    def _start_keeper(self) -> None:
        state_file(self.places, self.name).unlink(missing_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        command = [sys.executable, "-m", "echo_portal.embedded", "keep", self.name, str(self.places.var)]
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(
                [*command, *(["--throwaway"] if self.throwaway else [])],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=CHECKOUT,
                # Away from the terminal's Ctrl-C and from the session of whoever happened to be first.
                start_new_session=True,
                env=os.environ | {"ECHO_VAR_DIR": str(self.places.var)},
            )
        # The start lock is let go only when the keeper holds its own, so nobody starts a second one.
        deadline = time.monotonic() + 20
        while not self.is_alive() and self._child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)


class Services:
    """The use of several services together."""

    def __init__(self, names: Sequence[str], var: Path, *, throwaway: bool = False) -> None:
        self.places = places_for(var)
        self.throwaway = throwaway
        self.uses = [ServiceUse(name, self.places, throwaway=throwaway) for name in names]
        self.urls: dict[str, str] = {}

    def acquire(self) -> "Services":
        """Start what is not running yet, wait until all answer, and fill in `urls`."""
        require_supported_system()
        make_places(self.places, account=database_account())
        try:
            for use in self.uses:
                use.acquire()
            self.urls = {use.name: use.url() for use in self.uses}
        except BaseException:
            self.release()
            raise
        return self

    def release(self, *, wait_seconds: float = 0) -> None:
        """Let all of them go; see ServiceUse.release."""
        for use in self.uses:
            use.release(wait_seconds=wait_seconds)

    def remove(self) -> None:
        """Remove everything of a throwaway set that has been released."""
        for folder in (*self.places.outside, self.places.var):
            shutil.rmtree(folder, ignore_errors=True)


def state_file(places: Places, name: str) -> Path:
    """What a keeper says of its service: `url` and `pid`, or the `error` that kept it from starting."""
    return places.run / f"{name}.json"


def read_json(path: Path) -> dict[str, str]:
    """The file's content; empty when there is none."""
    try:
        content: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return content


def write_json(path: Path, content: dict[str, str]) -> None:
    """Write the file in one step, so that no reader sees half of it."""
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(content), encoding="utf-8")
    unfinished.replace(path)


def keep(name: str, var: Path, *, throwaway: bool) -> int:
    """Run the service until its last user has ended; returns an exit code. It is the keeper's whole life."""
    places = places_for(var)
    own = FileLock(places.run / f"{name}.keeper")
    own.hold(seconds=10)
    users = FileLock(places.run / f"{name}.users")
    state = state_file(places, name)
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    service: Service = (
        Postgres(places, account=database_account(), throwaway=throwaway)
        if name == Postgres.name
        else Valkey(places)
    )
    try:
        service.prepare()
        process = _start(service, places.logs / f"{name}.log")
    except EmbeddedError as error:
        write_json(state, {"error": str(error)})
        return 1
    write_json(state, {"url": service.url, "pid": str(process.pid)})
    try:
        while process.poll() is None and not users.try_hold() and not ended.wait(0.2):
            pass
        return 1 if process.poll() is not None else 0
    finally:
        stop(process, first=service.stop_signal, seconds=20)
        state.unlink(missing_ok=True)
        # In this order: whoever waits to be a user must not take this keeper for a living one.
        own.release()
        users.release()


def _start(service: Service, log: Path) -> subprocess.Popen[bytes]:
    """Start the service and wait until it answers.

    A killed PostgreSQL's last children may hold its memory for a moment, so a failed start is tried again.
    """
    deadline = time.monotonic() + START_SECONDS
    for attempt in range(4):
        time.sleep(attempt)
        process = service.start(sys.stdout.buffer)
        while process.poll() is None:
            if service.is_ready(process):
                return process
            if time.monotonic() > deadline:
                stop(process, first=service.stop_signal)
                raise EmbeddedError(f"{service.name} did not answer within {START_SECONDS} seconds ({log}).")
            time.sleep(0.02)
    raise EmbeddedError(f"{service.name} ended while starting; the reason is in its log, {log}.")
