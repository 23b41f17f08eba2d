"""The text of a file that a spreadsheet program or a video platform saved. Pure."""

from typing import Literal

UTF_8 = "utf-8"
WINDOWS_1252 = "windows-1252"

SAMPLE = 4_000
"""So many bytes tell whether every second one is zero."""


def decoded(content: bytes, *, errors: Literal["strict", "replace"] = "strict") -> tuple[str, str]:
    """The text and the encoding it was in: UTF-8, with or without a byte order mark, or Windows-1252.

    Raises UnicodeDecodeError for bytes that are neither, unless `errors` says to replace them.
    """
    try:
        return content.decode("utf-8-sig"), UTF_8
    except UnicodeDecodeError:
        # Spreadsheets on Windows still save in the old Western encoding.
        return content.decode(WINDOWS_1252, errors=errors), WINDOWS_1252


def decoded_any(content: bytes) -> str:
    """The text of whatever bytes: UTF-16 of either order, with or without its mark, else as `decoded`.

    Never raises. A character that was cut in two at the end becomes the replacement character, so that the end of
    a text tells that some of it is missing.
    """
    if wide := _utf_16_order(content):
        text = content.decode(wide, errors="replace")
    else:
        try:
            text = content.decode(UTF_8)
        except UnicodeDecodeError as error:
            is_cut = error.reason == "unexpected end of data" and error.end == len(content)
            text = content.decode(UTF_8 if is_cut else WINDOWS_1252, errors="replace")
    return text.lstrip("\ufeff")


def _utf_16_order(content: bytes) -> str:
    """The order of bytes of a text in UTF-16, or "" for another encoding.

    Without a mark the zeros tell: in Western text every second byte is one, and no other encoding has any.
    """
    if content.startswith(b"\xff\xfe"):
        return "utf-16-le"
    if content.startswith(b"\xfe\xff"):
        return "utf-16-be"
    sample = content[:SAMPLE]
    high, low = sample[::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if low * 10 >= half * 8 and high * 20 <= half and half:
        return "utf-16-le"
    return "utf-16-be" if high * 10 >= half * 8 and low * 20 <= half and half else ""
