"""What gunicorn is told besides its command line (`--config python:echo_portal.web_server`)."""

import re
from threading import Thread
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from cases.deidentification import warm_up

KEYS = re.compile(
    r"(/(?:invitations|calendar|accounts/password/reset/key|accounts/confirm-email)/)[^/?\s\"]+"
)
"""Addresses that open something to whoever has them."""


def post_worker_init(worker: object) -> None:
    """Load what the identifier screen reads with, beside the first requests: the first case waits for nothing."""
    if settings.WARM_UP_SCREEN:
        Thread(target=warm_up, name="screen", daemon=True).start()


class KeylessLogger(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """The access log, in which no key stands: whoever reads logs must not read calendars or accept invitations."""

    def atoms(self, *args: Any) -> dict[str, Any]:
        """What a line of the log is made of: request line, path and referrer, among others."""
        found = super().atoms(*args)
        return {
            name: KEYS.sub(r"\1…", value) if isinstance(value, str) else value
            for name, value in found.items()
        }


logger_class = KeylessLogger
