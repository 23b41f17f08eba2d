"""Writes many documents that share most of their objects: what is alike is serialised once.

Takes the objects of one finished document (pydyf's, before they are written). ISO 32000-1: object streams 7.5.7,
cross-reference streams 7.5.8.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

# Beyond it zlib spends more time than a certificate's few kilobytes are worth.
_EFFORT = 6
# An unused number, never to be used again.
_FREE = b"\0\0\0\0\xff\xff"
_HEADER = b"%PDF-1.7\n%\xf0\x9f\x96\xa4\n"


def number_of(reference: bytes | str) -> int:
    """The number of the object a reference ("12 0 R") points to."""
    return int(reference.split()[0])


def reference(number: int) -> bytes:
    """The reference to an object by its number."""
    return b"%d 0 R" % number


def number(value: float) -> bytes:
    """A figure as pydyf writes it: at most six decimals, none that say nothing."""
    if float(value).is_integer():
        return b"%d" % int(value)
    return f"{value:f}".rstrip("0").encode()


def stream(content: bytes, entries: bytes, *, is_deflated: bool = False) -> bytes:
    """A stream object's body, compressed here unless it is already; `entries` go into its dictionary."""
    data = content if is_deflated else zlib.compress(content, _EFFORT)
    return b"<<%s/Filter /FlateDecode/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)


class ObjectStream:
    """Objects that are no streams, compressed together."""

    def __init__(self, objects: Mapping[int, bytes]) -> None:
        self.numbers = tuple(objects)
        heads, bodies, position = [], [], 0
        for item, body in objects.items():
            heads.append(b"%d %d" % (item, position))
            bodies.append(body)
            position += len(body) + 1
        head = b" ".join(heads)
        self.body = stream(
            head + b"\n" + b"\n".join(bodies),
            b"/Type /ObjStm/N %d/First %d" % (len(bodies), len(head) + 1),
        )


class Assembly:
    """What every document of a kind holds, written once: `finish` adds what is one document's own."""

    def __init__(self, objects: Sequence[Any], *, root: int, info: int, own: Collection[int]) -> None:
        """`own` are the numbers each document brings itself; they and those from len(objects) up are not fixed."""
        self._root, self._info = root, info
        self._entries: dict[int, bytes] = {}
        chunks = [_HEADER]
        position = len(_HEADER)
        loose: dict[int, bytes] = {}
        for item in objects[1:]:
            if item.number in own:
                continue
            if item.compressible:
                loose[item.number] = item.data
                continue
            body = item.indirect + b"\n"
            self._entries[item.number] = _at(position)
            chunks.append(body)
            position += len(body)
        self._fixed, self._position = b"".join(chunks), position
        self._loose = ObjectStream(loose)
        self._digest = hashlib.md5(self._fixed + self._loose.body, usedforsecurity=False).digest()

    def finish(self, own: Mapping[int, bytes], packed: Sequence[ObjectStream], *, first_free: int) -> bytes:
        """The document with its `own` objects by number; numbers from `first_free` up are in nobody's use."""
        entries = dict(self._entries)
        chunks, position = [self._fixed], self._position
        for item, body in own.items():
            entries[item] = _at(position)
            chunk = b"%d 0 obj\n%s\nendobj\n" % (item, body)
            chunks.append(chunk)
            position += len(chunk)
        for item, container in enumerate([self._loose, *packed], start=first_free):
            entries[item] = _at(position)
            for index, inner in enumerate(container.numbers):
                entries[inner] = b"\x02%s%s" % (item.to_bytes(3, "big"), index.to_bytes(2, "big"))
            chunk = b"%d 0 obj\n%s\nendobj\n" % (item, container.body)
            chunks.append(chunk)
            position += len(chunk)
        table = first_free + 1 + len(packed)
        entries[table] = _at(position)
        rows = [entries.get(item, _FREE) for item in range(table + 1)]
        hashed = hashlib.md5(self._digest, usedforsecurity=False)
        for chunk in chunks[1:]:
            hashed.update(chunk)
        identifier = hashed.hexdigest().encode()
        body = stream(
            b"".join(rows),
            b"/Type /XRef/Index [0 %d]/W [1 3 2]/Size %d/Root %s/Info %s/ID [(%s) (%s)]"
            % (
                table + 1,
                table + 1,
                reference(self._root),
                reference(self._info),
                identifier,
                identifier,
            ),
        )
        chunks.append(b"%d 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (table, body, position))
        return b"".join(chunks)


def _at(position: int) -> bytes:
    return b"\x01%s\0\0" % position.to_bytes(3, "big")
