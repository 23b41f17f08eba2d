"""File names that every system can unpack, made of what people called their files. Pure."""

import re
import unicodedata

MAX_BYTES = 120
"""Of a name's UTF-8: with its folder and its number it stays far below the 255 that file systems take."""

UNSAFE = re.compile(r'[\\/:*?"<>|]')


def safe_name(name: str) -> str:
    """`name` without paths, control and direction characters and what some system refuses; "file" if nothing is left.

    Letters of every script stay. A name that is too long loses its middle, not the ending that says what it is.
    """
    plain = unicodedata.normalize("NFC", name)
    plain = "".join(sign for sign in plain if unicodedata.category(sign)[0] not in {"C", "Z"} or sign == " ")
    plain = UNSAFE.sub("_", plain).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if not stem or len(ending.encode()) > 10:
        stem, dot, ending = plain, "", ""
    room = MAX_BYTES - len((dot + ending).encode())
    stem = stem.encode()[:room].decode(errors="ignore").rstrip(" .")
    return f"{stem}{dot}{ending}" or "file"
