"""Slow tests begin early: the workers take tests from one list, and none shall be left with a long one at its end."""

from __future__ import annotations

import pytest

SLOW_ALONE = (
    "tests/demo/test_run_demo_cycle.py",
    "tests/faults/test_supervisor.py",
    "tests/faults/test_cycle_end.py",
)
"""They bring a database of their own: the first of all, while another worker makes that of the tests."""
SLOW = (
    "tests/e2e/test_every_page.py",
    "tests/e2e/test_case_whole_way.py",
    "tests/e2e/test_whole_way.py",
    "tests/faults/",
    "tests/e2e/",
    "tests/outbox/test_delivery_races.py",
    "tests/credits/test_closing_races.py",
    "tests/sessions_app/test_services_places.py",
    "tests/sessions_app/test_services_attendance",
)
"""Tests with real transactions, the slowest first."""
FIRST_OF_ALL = ("tests/test_access.py",)
"""Slow tests that are rolled back."""


def _place(path: str, groups: tuple[str, ...]) -> int:
    return next((at for at, group in enumerate(groups) if path.startswith(group)), len(groups))


def sort_slow_first(items: list[pytest.Item], *, root: str) -> None:
    """Keep the three parts that pytest-django sorts tests into, and begin each with its slow tests.

    The parts must stay in their order: a test with real transactions empties the database of what migrations put
    there, so all that are rolled back come before it; tests without a database close the gap at the end.
    """

    def key(item: pytest.Item) -> tuple[int, int]:
        path = item.path.as_posix().removeprefix(f"{root}/")
        if not uses_database(item):
            return (0, _place(path, SLOW_ALONE)) if path in SLOW_ALONE else (3, 0)
        if is_transactional(item):
            return (2, _place(path, SLOW))
        return (1, _place(path, FIRST_OF_ALL))

    items.sort(key=key)


def is_transactional(item: pytest.Item) -> bool:
    """Whether the test commits, and so ends with an empty database."""
    marker = item.get_closest_marker("django_db")
    asked = marker is not None and bool(
        marker.kwargs.get("transaction") or marker.kwargs.get("reset_sequences")
    )
    return asked or bool({"transactional_db", "live_server"} & set(getattr(item, "fixturenames", [])))


def uses_database(item: pytest.Item) -> bool:
    """Whether the test uses the tests' database."""
    names = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", []))
    return bool(names) or item.get_closest_marker("django_db") is not None
