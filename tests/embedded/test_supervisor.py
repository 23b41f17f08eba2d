import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # ships no types
import pytest

from echo_portal.embedded.errors import EmbeddedError
from echo_portal.embedded.supervisor import Address, address_from, how_it_ended, require_free


@pytest.mark.parametrize(
    ("environment", "bind", "url", "probe_host"),
    [
        ({}, "127.0.0.1:8000", "http://localhost:8000", "127.0.0.1"),
        ({"PORT": "8123", "HOST": ""}, "127.0.0.1:8123", "http://localhost:8123", "127.0.0.1"),
        ({"HOST": "::"}, "[::]:8000", "http://localhost:8000", "::1"),
        ({"HOST": "::1"}, "[::1]:8000", "http://localhost:8000", "::1"),
        ({"HOST": "clinic.example"}, "clinic.example:8000", "http://clinic.example:8000", "clinic.example"),
    ],
)
def test_address_is_read_from_the_environment(
    environment: dict[str, str], bind: str, url: str, probe_host: str
) -> None:
    address = address_from(environment)

    assert (address.bind, address.url, address.probe_host) == (bind, url, probe_host)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eight", "80.0"])
def test_address_refuses_a_port_that_is_none(port: str) -> None:
    with pytest.raises(EmbeddedError, match="must be a number from 1 to 65535"):
        address_from({"PORT": port})


def test_port_in_use_is_reported_with_another_to_choose() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(EmbeddedError, match=rf"cannot listen on 127\.0\.0\.1:{port} .*PORT={port + 1} "):
            require_free(Address("127.0.0.1", port))

    require_free(Address("127.0.0.1", port))


@pytest.mark.parametrize(("code", "words"), [(1, "exit code 1"), (-9, "killed by SIGKILL")])
def test_how_it_ended_is_said_in_words(code: int, words: str) -> None:
    assert how_it_ended(code) == words


# A supervisor of three small parts, real processes all; the whole portal is in tests/faults/test_supervisor.py.
SMALL = """
import sys
from echo_portal.embedded.supervisor import Address, Supervisor

class Small(Supervisor):
    def _start_everything(self):
        for name, script in zip(("one", "two"), sys.argv[1:]):
            self._start(name, "sh", "-c", script)
            self._wait_to_hear(name, "^begun")

sys.exit(Small(Address("127.0.0.1", 1), {"PATH": "/usr/bin:/bin"}).run())
"""
LIVES = "echo begun; echo $$; exec sleep 60"
IS_STUBBORN = "trap '' TERM; echo begun; while true; do sleep 1; done"
SPEAKS_AND_DIES = "echo begun; echo a; printf b; exit 3"


def small(*scripts: str) -> subprocess.Popen[str]:
    checkout = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", SMALL, *scripts],
        env={"PATH": os.environ["PATH"]},
        cwd=checkout,
        stdout=subprocess.PIPE,
        text=True,
    )


def hear(supervisor: subprocess.Popen[str], line: str) -> None:
    assert supervisor.stdout
    while (heard := supervisor.stdout.readline()) != f"{line}\n":
        assert heard, f"ended without {line!r}"


@pytest.mark.parametrize("asked_by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_supervisor_that_is_asked_to_end_ends_its_parts_and_returns_0(asked_by: signal.Signals) -> None:
    with small(LIVES, LIVES) as supervisor:
        hear(supervisor, "two      | begun")

        supervisor.send_signal(asked_by)

        hear(supervisor, "portal   | Ending the portal.")
        assert supervisor.wait(5) == 0


def test_supervisor_names_the_part_that_ended_and_returns_1() -> None:
    with small(LIVES, SPEAKS_AND_DIES) as supervisor:
        # What it said last is not lost, without a line's end though it be.
        hear(supervisor, "two      | a")
        hear(supervisor, "two      | b")
        hear(supervisor, "portal   | The portal ends: its part 'two' ended by itself (exit code 3).")
        assert supervisor.wait(5) == 1


def test_supervisor_does_not_wait_when_it_is_asked_twice() -> None:
    with small(LIVES, IS_STUBBORN) as supervisor:
        hear(supervisor, "two      | begun")
        supervisor.send_signal(signal.SIGINT)
        hear(supervisor, "portal   | Ending the portal.")
        with pytest.raises(subprocess.TimeoutExpired):
            supervisor.wait(1)

        supervisor.send_signal(signal.SIGINT)

        assert supervisor.wait(5) == 0


def test_parts_end_with_a_killed_supervisor() -> None:
    with small(LIVES, LIVES) as supervisor:
        hear(supervisor, "two      | begun")
        assert supervisor.stdout
        part = psutil.Process(int(supervisor.stdout.readline().split()[-1]))
        assert part.is_running()

        supervisor.kill()

        # Its parent's heir reaps it; a part that lived on would keep us waiting for a minute.
        assert supervisor.wait(5) == -signal.SIGKILL
        part.wait(5)
