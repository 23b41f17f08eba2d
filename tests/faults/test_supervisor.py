"""The real `python -m echo_portal.embedded server`: ended politely, killed, and started again."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types
import psycopg2  # type: ignore[import-untyped]  # ships no types
import pytest

from echo_portal.embedded.places import places_for
from echo_portal.embedded.services import read_json, state_file

pytestmark = pytest.mark.faults

CHECKOUT = Path(__file__).resolve().parents[2]


class Portal:
    """One portal with a `var/` and a port of its own."""

    def __init__(self, var: Path) -> None:
        self.var = var
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        # Nothing of the tests' own services: this portal brings all of its own.
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "LANG": "C.UTF-8",
            "ECHO_VAR_DIR": str(var),
            "PORT": str(self.port),
            # The demonstration program has tests of its own.
            "ECHO_DEMO": "no",
            "DJANGO_SETTINGS_MODULE": "tests.quick_settings",
        }
        self.output = var / "output"

    def start(self) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "echo_portal.embedded", "server"],
                env=self.environment,
                cwd=CHECKOUT,
                stdout=output,
                stderr=output,
            )

    def refused_start(self) -> str:
        """What a start that must fail says."""
        done = subprocess.run(
            [sys.executable, "-m", "echo_portal.embedded", "server"],
            env=self.environment,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert done.stdout == ""
        return done.stderr

    def wait_until_ready(self, supervisor: subprocess.Popen[bytes], *, seconds: float = 90) -> None:
        deadline = time.monotonic() + seconds
        while "The portal runs at" not in self.said() and time.monotonic() < deadline:
            assert supervisor.poll() is None, self.said()
            time.sleep(0.1)
        assert self.health() == 200, self.said()

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def health(self) -> int:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return int(answer.status)
        except urllib.error.URLError:
            return 0

    def database(self) -> str:
        return read_json(state_file(places_for(self.var), "postgres"))["url"]

    def processes(self) -> list[psutil.Process]:
        """All that bear this portal's mark, and all that descend from those or share their sessions."""
        marked, sessions = set(), set()
        for process in psutil.process_iter():
            try:
                marks = " ".join([*process.cmdline(), process.environ().get("ECHO_VAR_DIR", "")])
                if str(self.var) in marks:
                    marked |= {process, *process.children(recursive=True)}
                    sessions.add(os.getsid(process.pid))
            except (psutil.Error, OSError):
                continue
        for process in psutil.process_iter():
            try:
                if os.getsid(process.pid) in sessions - {os.getsid(0)}:
                    marked.add(process)
            except (psutil.Error, OSError):
                continue
        return [process for process in marked if process.is_running()]

    def left_over(self, processes: list[psutil.Process], *, seconds: float) -> list[str]:
        """Which of these, or of any that came later, still live after at most `seconds`."""
        deadline = time.monotonic() + seconds
        while True:
            living = {process for process in [*processes, *self.processes()] if is_living(process)}
            if not living or time.monotonic() > deadline:
                return [str(process) for process in living]
            time.sleep(0.2)


def is_living(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@pytest.fixture
def portal() -> Iterator[Portal]:
    var = Path(tempfile.mkdtemp(prefix="echo-server-", dir="/tmp"))
    var.chmod(0o755)
    portal = Portal(var)
    yield portal
    for process in portal.processes():
        with suppress(psutil.NoSuchProcess):
            process.kill()
    for folder in (*places_for(var).outside, var):
        shutil.rmtree(folder, ignore_errors=True)


def test_portal_survives_a_kill_keeps_its_data_and_ends_when_asked(portal: Portal) -> None:
    """One test for the whole life: a first start is the slowest thing here."""
    # First start: everything runs, and a second server of the same checkout is refused in one sentence.
    supervisor = portal.start()
    portal.wait_until_ready(supervisor)
    for part in ("mail", "prepare", "web", "worker"):
        assert re.search(rf"^{part} +\| ", portal.said(), re.MULTILINE), part
    with psycopg2.connect(portal.database()) as connection:
        connection.cursor().execute("CREATE TABLE kept AS SELECT 42 AS n")
    connection.close()
    refusal = portal.refused_start()
    assert refusal.startswith(
        f"This checkout's portal is already running at http://localhost:{portal.port}: "
    )
    assert len(refusal.splitlines()) == 1

    # kill -9: the kernel tells the parts, the locks tell the services.
    before = portal.processes()
    assert len(before) >= 12, before
    supervisor.kill()
    supervisor.wait()
    assert portal.left_over(before, seconds=20) == []

    # Second start, over the stale files of the first; Ctrl-C ends it with 0.
    supervisor = portal.start()
    portal.wait_until_ready(supervisor)
    with psycopg2.connect(portal.database()) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT n FROM kept")
        assert cursor.fetchone() == (42,)
    connection.close()
    before = portal.processes()
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(30) == 0, portal.said()
    assert portal.left_over(before, seconds=2) == []


def test_port_in_use_is_refused_before_anything_starts(portal: Portal) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", portal.port))
        taken.listen()

        refusal = portal.refused_start()

    assert refusal.startswith(f"The portal cannot listen on 127.0.0.1:{portal.port} (")
    assert len(refusal.splitlines()) == 1
    assert portal.processes() == []


def test_server_starts_no_service_whose_address_is_set(portal: Portal) -> None:
    portal.environment |= {
        "ECHO_ENV": "development",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SMTP_HOST": "127.0.0.1",
    }

    supervisor = portal.start()

    # The database that was named does not exist, so this portal cannot start; its own must not stand in.
    assert supervisor.wait(60) == 1
    assert "'manage.py prepare_portal' failed" in portal.said()
    assert not (portal.var / "postgres" / "18").exists()
    assert list((portal.var / "log").iterdir()) == []
    assert "mail     |" not in portal.said()
