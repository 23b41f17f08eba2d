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

NOBODYS = ".invalid"
"""How the address of an account ends that was merged or erased: mail never goes there (RFC 2606)."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value out of a list: its code for machines, and its words in the active language."""

    code: str
    words: str


def choice(row: Any, name: str) -> Choice:
    """The chosen value of a model's field `name`."""
    return Choice(str(getattr(row, name)), str(getattr(row, f"get_{name}_display")()))


@dataclass(frozen=True, slots=True)
class Section:
    """One heading of what the portal holds about a person.

    `key` and the keys of `rows` name things in the JSON file and stay as they are; `title` and `labels` (key → label)
    are words in the active language. A value is text, a number, a date, a moment, yes or no, a `Choice`, or None.
    """

    key: str
    title: str
    labels: dict[str, str]
    rows: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Kept:
    """Records that outlive an erasure: what they are, why, and until when (None: for as long as the rule says).

    `needs_name` tells whether the person's name and licence stay with them; what is kept without a name has it False.
    """

    what: str
    why: str
    until: date | None
    needs_name: bool = True


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

    def addresses(self, user: AbstractBaseUser, *, ever: bool) -> set[str]:
        """Email addresses that are proven to be the person's; with `ever`, those that were once as well."""
        return set()

    def sections(self, user: AbstractBaseUser) -> Iterable[Section]:
        """All that the app holds about `user`."""
        return ()

    def fixes_category(self, user: AbstractBaseUser) -> bool:
        """Whether something was earned under the person's category, so that it changes by a coordinator only."""
        return False

    def refuse_merge(self, *, kept: AbstractBaseUser, gone: AbstractBaseUser) -> str:
        """Why these two cannot be merged, as a sentence; empty when they can."""
        return ""

    def prepare_merge(self, *, kept: AbstractBaseUser, gone: AbstractBaseUser) -> None:
        """Lock what the merge touches, and settle which of two rows survives. Called for all, the lowest floor first.

        Afterwards `merge` is called for all, the top floor first: what hangs on a row moves before the row itself.
        """

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

    def removed(self, user: AbstractBaseUser) -> Iterable[str]:
        """What erasing `user` removes at once, as short phrases; only what there is."""
        return ()

    def kept(self, user: AbstractBaseUser) -> Iterable[Kept]:
        """What law or accreditation keeps although `user` asked to be erased."""
        return ()

    def erase(self, *, user: AbstractBaseUser, now: datetime, is_kept: bool) -> None:
        """Remove what need not be kept, its history included; `is_kept` tells whether any app keeps records by name.

        The addresses themselves go last, by the service. Running it twice changes nothing.
        """

    def finish_erasure(self, *, user: AbstractBaseUser) -> None:
        """The time of keeping has passed: remove what was kept and names the person."""


@cache
def personal_records() -> tuple[PersonalRecords, ...]:
    """The parts of all apps, in the order of settings.PERSONAL_RECORDS: the top floor first."""
    return tuple(import_string(path)() for path in settings.PERSONAL_RECORDS)


def addresses_of(user: AbstractBaseUser, *, ever: bool = False) -> set[str]:
    """The addresses at which the portal knows `user`; with `ever`, also those it knew before."""
    return set().union(*(part.addresses(user, ever=ever) for part in personal_records()))
