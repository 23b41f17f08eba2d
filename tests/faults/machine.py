"""A machine of the test's own: PostgreSQL, Valkey, Celery workers and beat as real processes, to be killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Self
from urllib.parse import quote

import psutil  # type: ignore[import-untyped]  # ships no types
import pytest
from django.conf import settings
from django.db import OperationalError, connection

from echo_portal.embedded import processes
from echo_portal.embedded.places import database_account, make_places, places_for
from echo_portal.embedded.postgres import DATABASE, ROLE, Postgres
from echo_portal.embedded.valkey import Valkey

START_SECONDS = 30


def wait_for(condition: Callable[[], object], *, seconds: float, what: str, pause: float = 0.05) -> None:
    """Return as soon as `condition` holds; fail the test when it does not within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(pause)


def database_url() -> str:
    """The address of the database that this process uses, for another process."""
    database = connection.settings_dict
    host, port = quote(database["HOST"], safe=""), f":{database['PORT']}" if database["PORT"] else ""
    secret = f":{quote(database['PASSWORD'], safe='')}" if database["PASSWORD"] else ""
    return f"postgresql://{quote(database['USER'], safe='')}{secret}@{host}{port}/{quote(database['NAME'], safe='')}"


class Machine:
    """Services and workers that nobody else on this machine shares; all end with the `with` block."""

    def __init__(
        self, folder: Path, *, smtp_port: int, smtp_timeout: int = 1, poll_seconds: float = 1
    ) -> None:
        self.folder = folder
        self.places = places_for(folder)
        self.account = database_account()
        self.postgres = Postgres(self.places, account=self.account)
        self.valkey = Valkey(self.places)
        self.database_url = ""
        self.workers: list[subprocess.Popen[bytes]] = []
        self.environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("SMTP_", "MAIL_"))
        } | {
            "DJANGO_SETTINGS_MODULE": "tests.quick_settings",
            "POLL_SECONDS": str(poll_seconds),
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(smtp_port),
            "SMTP_SECURITY": "none",
            "SMTP_TIMEOUT_SECONDS": str(smtp_timeout),
        }
        self._services: dict[str, subprocess.Popen[bytes]] = {}
        self._stack = ExitStack()
        self._log: IO[bytes] | None = None

    def __enter__(self) -> Self:
        make_places(self.places, account=self.account)
        self._log = self._stack.enter_context((self.folder / "processes.log").open("ab"))
        return self

    def __exit__(self, *reason: object) -> None:
        for process in [*self.workers, *self._services.values()]:
            with suppress(ProcessLookupError):
                processes.kill_session(process)
            process.wait()
        self._stack.close()

    def said(self) -> str:
        """What all processes wrote."""
        return (self.folder / "processes.log").read_text(errors="replace")

    # --- services ----------------------------------------------------------------------------------------------------

    def start_service(self, service: Postgres | Valkey) -> None:
        """Start it, after a kill too, and wait until it answers."""
        service.prepare()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            process = service.start(self._output())
            self._services[service.name] = process
            while process.poll() is None and time.monotonic() < deadline:
                if service.is_ready(process):
                    return
                time.sleep(0.02)
            # The last children of one that was killed may hold its memory for a moment.
            time.sleep(0.2)
        raise AssertionError(f"{service.name} does not start: {self.said()[-2000:]}")

    def end_service(self, service: Postgres | Valkey, by: signal.Signals) -> None:
        """Send the signal and wait for the end."""
        process = self._services.pop(service.name)
        process.send_signal(by)
        process.wait(20)

    def flush_valkey(self) -> None:
        """Every queue, nudge and binding is gone."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            client.connect(str(self.valkey.socket))
            client.sendall(b"FLUSHALL\r\n")
            assert client.recv(16).startswith(b"+OK")

    @contextmanager
    def own_broker(self) -> Iterator[None]:
        """What this process asks of workers goes to the machine's own Valkey until the block ends."""
        with pytest.MonkeyPatch.context() as patch:
            # Celery looks here first.
            patch.setenv("CELERY_BROKER_URL", self.valkey.url)
            patch.setattr(settings, "REDIS_URL", self.valkey.url)
            yield

    @contextmanager
    def own_database(self) -> Iterator[None]:
        """This process, too, uses the machine's own PostgreSQL, freshly migrated, until the block ends."""
        self.start_service(self.postgres)
        before = dict(connection.settings_dict)
        connection.close()
        connection.settings_dict.update(
            NAME=DATABASE, USER=ROLE, PASSWORD="", HOST=str(self.places.run / "postgres"), PORT=""
        )
        try:
            self.run("manage.py", "migrate", "--verbosity", "0")
            yield
        finally:
            connection.close()
            connection.settings_dict.update(before)

    # --- processes of the portal -------------------------------------------------------------------------------------

    def run(self, *arguments: str) -> None:
        """Run a Python program of the portal to its end."""
        subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=self._portal_environment(),
            stdout=self._output(),
            stderr=subprocess.STDOUT,
            check=True,
            timeout=120,
        )

    def start_worker(self, *, concurrency: int = 2) -> subprocess.Popen[bytes]:
        """A real Celery worker with its pool of processes."""
        return self._celery(
            "worker",
            "--concurrency",
            str(concurrency),
            "--without-gossip",
            "--without-mingle",
            "--loglevel",
            "INFO",
        )

    def start_beat(self) -> subprocess.Popen[bytes]:
        """What polls the tables."""
        return self._celery(
            "beat", "--loglevel", "WARNING", "--schedule", str(self.folder / "beat"), "--pidfile", ""
        )

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """SIGKILL the worker and all of its pool."""
        with suppress(ProcessLookupError):
            processes.kill_session(worker)
        worker.wait(10)
        self.workers.remove(worker)

    def kill_one_of_the_pool(
        self, worker: subprocess.Popen[bytes], choose: Callable[[list[int]], int]
    ) -> bool:
        """SIGKILL one process that works; the worker replaces it. False where none is there at the moment."""
        with suppress(psutil.Error):
            pool = [child.pid for child in psutil.Process(worker.pid).children()]
            if pool:
                with suppress(ProcessLookupError):
                    os.kill(choose(pool), signal.SIGKILL)
                    return True
        return False

    def is_idle(self, worker: subprocess.Popen[bytes]) -> bool:
        """Whether the processes of the worker's pool did next to nothing for half a second."""
        with suppress(psutil.Error):
            pool = psutil.Process(worker.pid).children()
            before = sum(sum(child.cpu_times()[:2]) for child in pool)
            time.sleep(0.5)
            return bool(sum(sum(child.cpu_times()[:2]) for child in pool) - before < 0.05)
        # One that looked for a library, say, has ended meanwhile.
        return False

    def _celery(self, *arguments: str) -> subprocess.Popen[bytes]:
        self.workers.append(
            processes.start(
                [sys.executable, "-W", "ignore", "-m", "celery", "-A", "echo_portal", *arguments],
                environment=self._portal_environment(),
                output=self._output(),
                cwd=Path(settings.BASE_DIR),
            )
        )
        return self.workers[-1]

    def _portal_environment(self) -> dict[str, str]:
        return self.environment | {"DATABASE_URL": database_url(), "REDIS_URL": self.valkey.url}

    def _output(self) -> IO[bytes]:
        assert self._log is not None, "use the machine in a with block"
        return self._log


def patiently(read: Callable[[], Any]) -> Any:
    """What `read` returns, once the database that was restarted under this process's connection is back."""
    for _time in range(100):
        try:
            return read()
        except OperationalError:
            connection.close()
            time.sleep(0.1)
    return read()
