"""The event loop that a browser leaves running in its thread."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_loop_of_a_browser() -> Iterator[None]:
    """Within the block no loop is seen: Django gives a thread with a loop connections of their own.

    A fixture that outlives a test needs it, too: else it writes on another connection than the tests read on.
    """
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(loop)
