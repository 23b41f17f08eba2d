"""Files that arrive: none of a request that is larger than any form of the portal asks for."""

from pathlib import PurePath
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

LONGEST_ENDING = 20
MOST_BYTES = 105 * 2**20
"""Of one request: five materials of a session at once. Each form has its own, lower bound for a file."""


class BoundedUploads(TemporaryFileUploadHandler):
    """Keeps files in a temporary folder while they are looked at, once the request says that it is of a bearable size.

    Forms judge a file when all of it has arrived; whoever sends twenty gigabytes must not fill the disk until then.
    """

    def new_file(self, field_name: str, file_name: str, *rest: Any, **named: Any) -> None:
        """Begin a file; its ending goes into the name of the temporary one, which no system takes at any length."""
        ending = PurePath(file_name).suffix
        short = file_name.removesuffix(ending) + ending[:LONGEST_ENDING]
        super().new_file(field_name, short, *rest, **named)

    def handle_raw_input(  # type: ignore[override]  # the rest is passed on as it is
        self, input_data: Any, meta: Any, content_length: int, *rest: Any, **named: Any
    ) -> None:
        """Raise RequestDataTooBig (answered with 400) before a byte is read."""
        if content_length > MOST_BYTES:
            raise RequestDataTooBig(f"{content_length} bytes, at most {MOST_BYTES}")
        super().handle_raw_input(input_data, meta, content_length, *rest, **named)
