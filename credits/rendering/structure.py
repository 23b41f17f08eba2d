"""The structure tree of a certificate's table: rows, cells and spans for as many rows as there are."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, count
from typing import Any

from pydyf import Dictionary

from core.pdf.assembly import ObjectStream, number_of, reference

from .places import UnexpectedPageError

_SHAPES_KEPT = 64


class Structure:
    """Takes the rows out of a skeleton's structure tree and writes those of any table in their stead."""

    def __init__(self, objects: list[Any], *, mcids: Any, page: int) -> None:
        """`mcids()` gives the numbers of marked content of the rows, `page` is the table's page, from 0.

        Raises UnexpectedPageError for a table that is not tagged as the template's is.
        """
        self._objects, self._mcids = objects, mcids
        (table,) = (item for item in objects if isinstance(item, Dictionary) and item.get("S") == "/Table")
        self._body = self._children(table)[1]
        rows = self._children(self._body)
        cells = self._children(rows[0])
        if self._body["S"] != "/TBody" or {cell["S"] for cell in cells} != {"/TD"}:
            raise UnexpectedPageError("a table of another structure")
        self._page = _bytes(self._body["Pg"])
        self._attributes = [cell["A"].data for cell in cells]
        (self._tree,) = (item for item in objects if isinstance(item, Dictionary) and "Nums" in item)
        self._nums = list(self._tree["Nums"])
        at = self._nums.index(page) + 1
        self._array, self._references = at, [_bytes(item) for item in self._nums[at]]
        removed = [number for row in rows for number in self._below(row)]
        self._removed = frozenset(removed)
        self._pool = tuple(sorted([*(row.number for row in rows), *removed]))
        self.own = frozenset({*self._pool, self._body.number, self._tree.number})
        # The document's information takes the first number after the objects.
        self._first_new = len(objects) + 1
        self.of = lru_cache(maxsize=_SHAPES_KEPT)(self._write)

    def _children(self, element: Any) -> list[Any]:
        return [self._objects[number_of(kid)] for kid in element["K"] if not isinstance(kid, int)]

    def _below(self, element: Any) -> Iterator[int]:
        for child in self._children(element):
            yield child.number
            yield from self._below(child)

    def _write(self, lines: tuple[tuple[int, ...], ...]) -> tuple[ObjectStream, int]:
        """The objects for rows whose cells have so many `lines`, and the first number that stays unused."""
        numbers, mcids = chain(self._pool, count(self._first_new)), self._mcids()
        objects: dict[int, bytes] = {}
        references: dict[int, bytes] = {}
        rows = []
        for counts in lines:
            row, cells = next(numbers), []
            for attributes, spans in zip(self._attributes, counts, strict=True):
                cell, kids = next(numbers), []
                for _line in range(spans):
                    span, mcid = next(numbers), next(mcids)
                    objects[span] = self._element(b"Span", b"%d" % mcid, cell)
                    references[mcid] = reference(span)
                    kids.append(reference(span))
                objects[cell] = self._element(b"TD", b" ".join(kids), row, b"/A " + attributes)
                cells.append(reference(cell))
            objects[row] = self._element(b"TR", b" ".join(cells), self._body.number)
            rows.append(reference(row))
        objects[self._body.number] = b"<</Type /StructElem/S /TBody/K [%s]/Pg %s/P %s>>" % (
            b" ".join(rows),
            self._page,
            _bytes(self._body["P"]),
        )
        objects[self._tree.number] = self._parents(references)
        return ObjectStream(objects), max(self._first_new - 1, *objects) + 1

    def _element(self, kind: bytes, kids: bytes, parent: int, more: bytes = b"") -> bytes:
        return b"<</Type /StructElem/S /%s/K [%s]/Pg %s/P %s%s>>" % (
            kind,
            kids,
            self._page,
            reference(parent),
            more,
        )

    def _parents(self, references: dict[int, bytes]) -> bytes:
        """The tree that leads from a marked content to its element; null where a number is not used."""
        known = {
            index: item for index, item in enumerate(self._references) if number_of(item) not in self._removed
        }
        known |= references
        array = b" ".join(known.get(index, b"null") for index in range(max(known) + 1))
        parts = [
            b"[%s]" % array if index == self._array else _bytes(item) for index, item in enumerate(self._nums)
        ]
        return b"<</Nums [%s]>>" % b" ".join(parts)


def _bytes(item: Any) -> bytes:
    if isinstance(item, bytes):
        return item
    return (
        b"%d" % item
        if isinstance(item, int)
        else bytes(item.data if hasattr(item, "data") else item.encode())
    )
