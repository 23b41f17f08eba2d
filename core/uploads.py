"""Files that arrive: none of a request that is larger than any form of the portal asks for."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

MOST_BYTES = 105 * 2**20
"""Of one request: five materials of a session at once. Each form has its own, lower bound for a file."""


class BoundedUploads(TemporaryFileUploadHandler):
    """Keeps files in a temporary folder while they are looked at, once the request says that it is of a bearable size.

    Forms judge a file when all of it has arrived; whoever sends twenty gigabytes must not fill the disk until then.
    """

    def handle_raw_input(  # type: ignore[override]  # the rest is passed on as it is
        self, input_data: Any, meta: Any, content_length: int, *rest: Any, **named: Any
    ) -> None:
        """Raise RequestDataTooBig (answered with 400) before a byte is read."""
        if content_length > MOST_BYTES:
            raise RequestDataTooBig(f"{content_length} bytes, at most {MOST_BYTES}")
        super().handle_raw_input(input_data, meta, content_length, *rest, **named)
