"""Tables set down for a ZIP, and the ZIP, written forwards only, in parts of a fixed size, with each file's hash."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import islice
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import Any, Self

from core.csv_safe import safe_cell

MANIFEST = "manifest-sha256.txt"
BEGINNING_OF_TIME = (1980, 1, 1, 0, 0, 0)
"""The date of every file inside, as ZIP knows dates: the same records give the same bytes, whenever."""
ROWS_AT_ONCE = 500
HELD_IN_MEMORY = 2**18
"""Bytes of a table; a longer one is kept in a temporary file."""
READ_AT_ONCE = 2**16


class Parts:
    """Takes bytes as they come and hands them on in parts of `size`; it cannot go back, so nothing is held twice."""

    def __init__(self, store: Callable[[bytes], None], *, size: int) -> None:
        self._store = store
        self._part_size = size
        self._waiting = bytearray()
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Take `data`; `store` is called for each part that is full."""
        self._digest.update(data)
        self.size += len(data)
        self._waiting += data
        while len(self._waiting) >= self._part_size:
            self._store(bytes(self._waiting[: self._part_size]))
            del self._waiting[: self._part_size]
        return len(data)

    def flush(self) -> None:
        """Nothing: a part is handed on when it is full, the last one by `finish`. A file needs the method."""

    def finish(self) -> None:
        """Hand on what is left."""
        if self._waiting:
            self._store(bytes(self._waiting))
            self._waiting.clear()

    @property
    def sha256(self) -> str:
        """The hash of all that was written."""
        return self._digest.hexdigest()


class Sheet:
    """A table as a CSV with the mark by which spreadsheets know UTF-8; no cell of it is a formula.

    Its rows are read when it is made. It can be read back until it is closed.
    """

    def __init__(self, name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        self.name = name
        self.rows = 0
        self._file = SpooledTemporaryFile(max_size=HELD_IN_MEMORY)  # noqa: SIM115  closed by who made the sheet
        self._file.write(("\N{BYTE ORDER MARK}" + _csv([header])).encode())
        rows = iter(rows)
        while batch := list(islice(rows, ROWS_AT_ONCE)):
            self._file.write(_csv(batch).encode())
            self.rows += len(batch)

    def chunks(self) -> Iterable[bytes]:
        """Its bytes, some at a time."""
        self._file.seek(0)
        return iter(partial(self._file.read, READ_AT_ONCE), b"")

    def close(self) -> None:
        """Give up what it holds."""
        self._file.close()


class Archive:
    """The ZIP on top of `Parts`. Leaving the block writes the manifest, in the form that `sha256sum -c` reads."""

    def __init__(self, parts: Parts) -> None:
        # Parts have neither seek nor tell: zipfile then writes sizes behind the files instead of going back.
        self._zip = zipfile.ZipFile(parts, "w")  # type: ignore[call-overload]  # more than it asks for in its stubs
        self._hashes: dict[str, str] = {}
        self.rows: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            lines = sorted(self._hashes.items())
            self.add(MANIFEST, "".join(f"{digest}  {name}\n" for name, digest in lines).encode())
            self._zip.close()

    def add(self, name: str, content: bytes) -> None:
        """A file as it is, unpacked: certificates and pictures are compressed already."""
        if name in self._hashes:
            raise ValueError(f"{name} is in the archive already")
        self._hashes[name] = hashlib.sha256(content).hexdigest()
        self._zip.writestr(_entry(name, zipfile.ZIP_STORED), content)

    def add_sheet(self, sheet: Sheet) -> None:
        """A table, packed."""
        digest = hashlib.sha256()
        with self._zip.open(_entry(sheet.name, zipfile.ZIP_DEFLATED), "w") as file:
            for chunk in sheet.chunks():
                digest.update(chunk)
                file.write(chunk)
        self._hashes[sheet.name] = digest.hexdigest()
        self.rows[sheet.name] = sheet.rows


def _entry(name: str, compression: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, BEGINNING_OF_TIME)
    entry.compress_type = compression
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _csv(rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([safe_cell(cell) for cell in row] for row in rows)
    return out.getvalue()
