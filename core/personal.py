"""What each app keeps about a person: shown to them, moved when their accounts are merged, removed when they ask.

An app that keeps something about people has a subclass of `PersonalRecords`, named in settings.PERSONAL_RECORDS.
tests/test_personal_records.py finds a relation to an account that none of them knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of what the portal holds about a person; each row maps a label to a plain value.

    `key` names the section in the JSON file; `title` and the labels are words in the active language.
    """

    key: str
    title: str
    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kept:
    """Records that outlive an erasure: what they are, why, and until when (None: for as long as the rule says)."""

    what: str
    why: str
    until: date | None


@dataclass(slots=True)
class Moved:
    """What a merge moved, counted by kind, for its record."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, count: int) -> None:
        """Count `count` more of `what`; none leaves no trace."""
        if count:
            self.counts[what] = self.counts.get(what, 0) + count


class PersonalRecords:
    """One app's part. Every method is called inside the transaction and the audit act of the service that calls it."""

    def sections(self, user: AbstractBaseUser) -> Iterable[Section]:
        """All that the app holds about `user`."""
        return ()

    def fixes_category(self, user: AbstractBaseUser) -> bool:
        """Whether something was earned under the person's category, so that it changes by a coordinator only."""
        return False

    def refuse_merge(self, *, kept: AbstractBaseUser, gone: AbstractBaseUser) -> str:
        """Why these two cannot be merged, as a sentence; empty when they can."""
        return ""

    def merge(
        self,
        *,
        kept: AbstractBaseUser,
        gone: AbstractBaseUser,
        by: AbstractBaseUser,
        now: datetime,
        moved: Moved,
    ) -> None:
        """Give everything that `gone` owns to `kept`, and count it."""

    def kept(self, user: AbstractBaseUser) -> Iterable[Kept]:
        """What law or accreditation keeps although `user` asked to be erased."""
        return ()

    def erase(self, *, user: AbstractBaseUser, now: datetime, is_kept: bool) -> None:
        """Remove what need not be kept, its history included; `is_kept` tells whether any app keeps records.

        Running it twice changes nothing.
        """

    def finish_erasure(self, *, user: AbstractBaseUser) -> None:
        """The time of keeping has passed: remove what was kept and names the person."""


@cache
def personal_records() -> tuple[PersonalRecords, ...]:
    """The parts of all apps, in the order of settings.PERSONAL_RECORDS: the top floor first."""
    return tuple(import_string(path)() for path in settings.PERSONAL_RECORDS)
