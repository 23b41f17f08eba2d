"""Children that do not outlive their parent, and how they are ended."""

# ruff: noqa: S603  our own programs, started without a shell, are what this module is about

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from echo_portal.embedded.places import Account

PR_SET_PDEATHSIG = 1
# Loaded before any fork: between fork and exec only simple calls are safe.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def end_with_parent(death_signal: int) -> Callable[[], None]:
    """What a child runs just before exec, so that the kernel sends it `death_signal` when its parent dies.

    Must run after the child has changed its user, which clears the setting; subprocess does it in that order.
    Parents must start such children from their main thread: it is the thread's death that counts.
    """
    parent = os.getpid()

    def prepare() -> None:
        if _LIBC is not None:
            _LIBC.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
            # The parent may have died between fork and prctl.
            if os.getppid() != parent:
                os._exit(1)

    return prepare


def start(
    arguments: Sequence[str | Path],
    *,
    environment: Mapping[str, str] | None = None,
    output: IO[bytes] | int | None = None,
    account: Account | None = None,
    own_session: bool = True,
    death_signal: int = signal.SIGTERM,
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program that ends with us; in a session of its own, so that a Ctrl-C reaches only us."""
    return subprocess.Popen(
        [str(argument) for argument in arguments],
        env=dict(environment) if environment is not None else None,
        stdin=subprocess.DEVNULL if own_session else None,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        start_new_session=own_session,
        # One system call, in a process without threads; there is no other way to ask for it.
        preexec_fn=end_with_parent(death_signal),  # noqa: PLW1509
        cwd=cwd,
    )


def stop(process: subprocess.Popen[bytes], *, first: int = signal.SIGTERM, seconds: float = 10.0) -> int:
    """Ask the process to end and wait; after `seconds` end its whole session. Returns its exit code."""
    if process.poll() is None:
        process.send_signal(first)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            kill_session(process)
    return process.wait()


def kill_session(process: subprocess.Popen[bytes]) -> None:
    """SIGKILL the process and everything else in the session that it leads."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()
