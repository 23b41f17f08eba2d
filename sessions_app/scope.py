"""Which programs somebody of the staff works for: all, or those that a limit names.

Why it is made so stands in docs/decisions/roles-and-programs.md.
"""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import QuerySet

from sessions_app.models import ScopedProgram

Rows = TypeVar("Rows", bound=QuerySet[Any])

KNOWN = "_programs_of"


def programs_of(user: Any) -> frozenset[int] | None:
    """The ids of the programs that `user` works for; None for the whole portal, which is everybody without a limit.

    Looked up once a request: kept with the account (no query, 1 for who is limited).
    """
    if not hasattr(user, KNOWN):
        setattr(user, KNOWN, _looked_up(user))
    found: frozenset[int] | None = getattr(user, KNOWN)
    return found


def limited(rows: Rows, user: Any, path: str) -> Rows:
    """The rows that belong to the programs of `user`; `path` leads from a row to its program."""
    programs = programs_of(user)
    return rows if programs is None else rows.filter(**{f"{path}__in": programs})


def works_for(user: Any, program_id: int) -> bool:
    """Whether `user`, if of the staff, works for this program."""
    programs = programs_of(user)
    return programs is None or program_id in programs


def _looked_up(user: Any) -> frozenset[int] | None:
    if not user.is_staff or user.is_superuser:
        return None
    # The account of a request brings it along (sessions_app.backend).
    scope = getattr(user, "staff_scope", None)
    if scope is None:
        return None
    return frozenset(ScopedProgram.objects.filter(scope=scope).values_list("program", flat=True))
