"""The people of a cycle, and the ways to find one by what a report calls them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from sessions_app.reports.names import exact, fold_name

Tokens = tuple[str, ...]
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody enrolled.

    `emails` are in lower case, remembered ones included; `aliases` are remembered names as `fold_name` gives them;
    `other_names` are names of their own, such as a preferred one.
    """

    key: int
    emails: frozenset[str]
    name: str
    other_names: tuple[str, ...] = ()
    aliases: frozenset[str] = frozenset()


class Directory:
    """People by address, name and parts of names."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = {person.key: person for person in people}
        self.by_email = _owners((email, key) for key, each in self.people.items() for email in each.emails)
        self.by_alias = _owners((alias, key) for key, each in self.people.items() for alias in each.aliases)
        self.by_name = _owners(
            (exact(name), key)
            for key, each in self.people.items()
            for name in (each.name, *each.other_names)
            if name
        )

    @cached_property
    def tokens(self) -> dict[int, tuple[Tokens, ...]]:
        """The words of every name that each person goes by."""
        return {
            key: tuple(
                dict.fromkeys(
                    tuple(name.split())
                    for name in (*map(fold_name, (each.name, *each.other_names)), *sorted(each.aliases))
                    if name
                )
            )
            for key, each in self.people.items()
        }

    @cached_property
    def by_tokens(self) -> Mapping[Tokens, list[int]]:
        """People by the words of their names, whatever the order."""
        return _owners((tuple(sorted(words)), key) for key, names in self.tokens.items() for words in names)

    @cached_property
    def by_token(self) -> Mapping[str, list[int]]:
        """People by each single word."""
        return _owners(
            (token, key) for key, names in self.tokens.items() for words in names for token in words
        )

    @cached_property
    def by_beginnings(self) -> Mapping[Tokens, list[int]]:
        """People by how their first and last words begin: where neighbours in spelling meet, and initials."""
        return _owners(
            (beginnings(each), key)
            for key, names in self.tokens.items()
            for words in names
            if len(words) > 1
            for each in (words, (words[0], words[-1][0]))
        )


def beginnings(words: Tokens) -> Tokens:
    """The first two letters of the first and of the last word, in the order of the alphabet."""
    return tuple(sorted((words[0][:2], words[-1][:2])))


def _owners(pairs: Iterable[tuple[Key, int]]) -> Mapping[Key, list[int]]:
    owners: defaultdict[Key, dict[int, None]] = defaultdict(dict)
    for value, key in pairs:
        owners[value][key] = None
    return {value: list(keys) for value, keys in owners.items()}
