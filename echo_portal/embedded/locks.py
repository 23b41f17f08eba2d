"""File locks: who is alive is asked of the kernel, which hears of every death, not of a pid file."""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from echo_portal.embedded.errors import EmbeddedError


class FileLock:
    """An flock on a file; it ends with the process that holds it, however that process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    def share(self, *, seconds: float = 30.0) -> None:
        """Hold the lock together with others; waits while somebody holds it alone."""
        self._wait(fcntl.LOCK_SH, seconds)

    def hold(self, *, seconds: float = 60.0) -> None:
        """Hold the lock alone; waits while anybody else holds it."""
        self._wait(fcntl.LOCK_EX, seconds)

    def try_hold(self) -> bool:
        """Hold the lock alone if nobody else holds it."""
        return self._try(fcntl.LOCK_EX)

    def is_held_elsewhere(self) -> bool:
        """Whether another process (or another FileLock) holds the lock alone."""
        if not self.path.exists():
            return False
        probe = FileLock(self.path)
        try:
            return not probe._try(fcntl.LOCK_SH)
        finally:
            probe.release()

    def release(self) -> None:
        """Let go; harmless when nothing is held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.hold()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _try(self, operation: int) -> bool:
        if self._descriptor is None:
            # Python's descriptors close at exec, so no child keeps the lock alive by accident.
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._descriptor, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait(self, operation: int, seconds: float) -> None:
        # A loop rather than a blocking call: it has an end, and Ctrl-C is heard in between.
        deadline = time.monotonic() + seconds
        while not self._try(operation):
            if time.monotonic() > deadline:
                self.release()
                raise EmbeddedError(
                    f"Another command has held {self.path} for {seconds:.0f} seconds: "
                    "wait for it to end, or end it, and try again."
                )
            time.sleep(0.05)
