"""The audit trail: database triggers record every change; `act` adds who did it, which verb it was and why."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

import pghistory

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser

_current: ContextVar[str | None] = ContextVar("audit_verb", default=None)


@contextmanager
def act(verb: str, *, by: "AbstractBaseUser | None", reason: str = "") -> Iterator[None]:
    """Mark every change inside the block with `verb` ("cycle.close"), the actor's id and the reason.

    `by` is None for what the portal does by itself. Nested acts belong to the outermost one: one deed, one record.
    """
    if _current.get() is not None:
        yield
        return
    token = _current.set(verb)
    try:
        with pghistory.context(verb=verb, user=by.pk if by else None, reason=reason):
            yield
    finally:
        _current.reset(token)
