"""What gunicorn is told besides its command line (`--config python:echo_portal.web_server`)."""

from threading import Thread
from typing import Any

from django.conf import settings
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from cases.deidentification import warm_up
from core.log_format import without_keys


def post_worker_init(worker: object) -> None:
    """Load what the identifier screen reads with, beside the first requests: the first case waits for nothing."""
    if settings.WARM_UP_SCREEN:
        Thread(target=warm_up, name="screen", daemon=True).start()


class KeylessLogger(Logger):  # type: ignore[misc]  # gunicorn ships no types
    """gunicorn's logs without the keys in addresses, as the portal's own (core.log_format)."""

    def atoms(self, *args: Any) -> dict[str, Any]:
        """What a line of the access log is made of: request line, path and referrer, among others."""
        return {name: _keyless(value) for name, value in super().atoms(*args).items()}

    def exception(self, msg: Any, *args: Any, **named: Any) -> None:
        """An error while a request was handled, which names its address."""
        super().exception(msg, *map(_keyless, args), **named)

    def warning(self, msg: Any, *args: Any, **named: Any) -> None:
        """A request that could not be read, with its beginning."""
        super().warning(msg, *map(_keyless, args), **named)


def _keyless(value: Any) -> Any:
    return without_keys(value) if isinstance(value, str) else value


logger_class = KeylessLogger
