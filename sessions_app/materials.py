"""What may be handed in as a material of a session: documents and pictures, told by their content. Pure."""

import io
import re
import unicodedata
import zipfile
import zlib
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_BYTES = 20 * 1024 * 1024
MAX_NAME = 200
MAX_PARTS = 5_000
"""Parts of an office document: a listing longer than this is not read at all."""
MAX_LISTING = 256 * 1024
"""Bytes of the one small part of an office document that is looked at."""

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."

TYPES = {
    "pdf": "application/pdf",
    "pptx": f"{_OPEN_XML}presentationml.presentation",
    "docx": f"{_OPEN_XML}wordprocessingml.document",
    "xlsx": f"{_OPEN_XML}spreadsheetml.sheet",
    "odp": f"{_OPEN_DOCUMENT}presentation",
    "odt": f"{_OPEN_DOCUMENT}text",
    "ods": f"{_OPEN_DOCUMENT}spreadsheet",
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
}
"""The last part of a file's name, and the type that its content must have: what is not here is not taken."""


class MaterialError(ValueError):
    """The file cannot be taken; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept: its name, its content, and the type that both agree on."""

    filename: str
    content: bytes
    content_type: str


def check_material(filename: str, content: bytes) -> Checked:
    """The file as it may be kept. Raises MaterialError: name, name_long, kind, empty, too_large, macros or content.

    The type comes from a fixed list by the name's last part, and the content must be of that type. No document is
    unpacked: of one that is a ZIP archive the list of parts and one small part are read.
    """
    name = _plain_name(filename)
    content_type = content_type_of(name)
    if content_type is None:
        raise MaterialError("kind")
    if not content:
        raise MaterialError("empty")
    if len(content) > MAX_BYTES:
        raise MaterialError("too_large")
    if not _is_of(content_type, content):
        raise MaterialError("content")
    return Checked(name, content, content_type)


def content_type_of(filename: str) -> str | None:
    """The type a file of this name is handed out as; None for a name whose last part is not on the list."""
    _stem, dot, ending = filename.rpartition(".")
    return TYPES.get(ending.lower()) if dot else None


def is_web_address(url: str) -> bool:
    """Whether a link leads to a page of the web: http or https, and to some machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _plain_name(filename: str) -> str:
    """The name in composed letters; refuses paths, and signs that are not seen or turn the direction of reading."""
    name = unicodedata.normalize("NFC", filename).strip()
    if len(name) > MAX_NAME:
        raise MaterialError("name_long")
    is_odd = any(
        sign in '/\\:*?"<>|' or unicodedata.category(sign) in {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
        for sign in name
    )
    if not name or is_odd or name.startswith("."):
        raise MaterialError("name")
    return name


def _is_of(content_type: str, content: bytes) -> bool:
    if content_type == "application/pdf":
        return content.startswith(b"%PDF-") and b"%%EOF" in content[-2048:]
    if content_type == "image/png":
        return (
            content.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
            and b"IEND\xaeB`\x82" in content[-2048:]
        )
    if content_type == "image/jpeg":
        # Cameras write their own things behind the picture's end.
        return content.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in content
    return _office_type(content) == content_type


def _office_type(content: bytes) -> str:
    """The type an office document says it has, "" for what is none. Raises MaterialError for one with macros."""
    # A program may stand before an archive, and a list of parts may be endless: both are refused unread.
    if not content.startswith(b"PK\x03\x04") or content.count(b"PK\x01\x02") > MAX_PARTS:
        return ""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.namelist()
            listing = _part(archive, "[Content_Types].xml" if "[Content_Types].xml" in parts else "mimetype")
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, RuntimeError, ValueError):
        return ""
    if _has_macros(parts):
        raise MaterialError("macros")
    said = re.search(rb"[\"'](application/vnd\.openxmlformats-[a-z.-]+)\.main\+xml[\"']", listing)
    return (said[1] if said else listing).decode("ascii", "replace")


def _has_macros(parts: list[str]) -> bool:
    """Macros of either family live in parts of these names."""
    lowered = [part.lower() for part in parts]
    return any(part.endswith("vbaproject.bin") or part.startswith(("basic/", "scripts/")) for part in lowered)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """The beginning of a part, never more: what a small part unpacks to may be anything."""
    info = archive.getinfo(name)
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return b""
    with archive.open(info) as part:
        return part.read(MAX_LISTING)
