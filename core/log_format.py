"""How a line of the log is written, so that it says what went wrong without saying what somebody had typed.

A database error quotes the row or the statement it failed on ("Failing row contains …", "LINE 1: UPDATE …"), and an
encoding error the text itself: both may be the text of a case.
"""

import logging
import re
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from django.db import Error as DatabaseError

KEYS = re.compile(
    r"(/(?:invitations|calendar|accounts/password/reset/key|accounts/confirm-email)/)[^/?\s\"'<>]+"
)
"""Addresses that open something to whoever has them."""


def without_keys(text: str) -> str:
    """The text without the keys in its addresses: whoever reads logs must not read calendars or accept invitations."""
    return KEYS.sub(r"\1…", text)


class DiscreetFormatter(logging.Formatter):
    """Writes exceptions with their traceback, but the words of one that quotes data by its code and rule only.

    No key of an address stands in what it writes.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The whole line: the message, too, may repeat what the exception said."""
        line = super().format(record)
        error = record.exc_info[1] if record.exc_info else None
        for each in _chain(error):
            if _quotes(each):
                for words in filter(None, (repr(each), str(each))):
                    line = line.replace(words, _discreet(each))
        return without_keys(line)

    def formatException(  # noqa: N802  # the name is logging's
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """The traceback; nothing of it is kept between two records."""
        if ei[1] is None:
            return ""
        found = traceback.TracebackException.from_exception(ei[1])
        for report, error in _pairs(found, ei[1]):
            if _quotes(error):
                report._str = _discreet(error)  # type: ignore[attr-defined]  # noqa: SLF001  # nothing public sets it
        return "".join(found.format()).rstrip("\n")


def _quotes(error: BaseException) -> bool:
    """Whether the exception's words may hold data: those of a database, Django's or the driver's, and of encoding."""
    return isinstance(error, DatabaseError | UnicodeError) or type(error).__module__.startswith("psycopg2")


def _discreet(error: BaseException) -> str:
    """What can be said of it: the SQLSTATE and the rule that refused, where it is a database's."""
    cause: Any = error.__cause__ or error
    code = getattr(cause, "pgcode", None)
    rule = getattr(getattr(cause, "diag", None), "constraint_name", None)
    said = [part for part in (f"SQLSTATE {code}" if code else "", rule or "") if part]
    return f"({', '.join(said) or type(error).__name__}; its words may hold data and are left out)"


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The exception and those behind it, each once."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and id(each) not in seen:
            seen.add(id(each))
            yield each
            waiting += [each.__cause__, each.__context__]


def _pairs(
    report: traceback.TracebackException, error: BaseException
) -> Iterator[tuple[traceback.TracebackException, BaseException]]:
    """Each report of a chain with its exception."""
    seen: set[int] = set()
    waiting: list[tuple[traceback.TracebackException | None, BaseException | None]] = [(report, error)]
    while waiting:
        told, each = waiting.pop()
        if told is None or each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield told, each
        waiting += [(told.__cause__, each.__cause__), (told.__context__, each.__context__)]
