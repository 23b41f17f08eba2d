"""The text of a file that a spreadsheet program saved. Pure."""

from typing import Literal

UTF_8 = "utf-8"
WINDOWS_1252 = "windows-1252"


def decoded(content: bytes, *, errors: Literal["strict", "replace"] = "strict") -> tuple[str, str]:
    """The text and the encoding it was in: UTF-8, with or without a byte order mark, or Windows-1252.

    Raises UnicodeDecodeError for bytes that are neither, unless `errors` says to replace them.
    """
    try:
        return content.decode("utf-8-sig"), UTF_8
    except UnicodeDecodeError:
        # Spreadsheets on Windows still save in the old Western encoding.
        return content.decode(WINDOWS_1252, errors=errors), WINDOWS_1252
