"""All migrations, in half the time: the same operations and the same SQL, without work whose result nobody reads."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db.models import Field
from pgtrigger.migrations import AddTrigger, RemoveTrigger


def _add_trigger(self: AddTrigger, app_label: str, state: Any) -> None:
    options = state.models[app_label, self.model_name].options
    options["triggers"] = [*options.get("triggers", []), self.trigger]


def _remove_trigger(self: RemoveTrigger, app_label: str, state: Any) -> None:
    options = state.models[app_label, self.model_name].options
    options["triggers"] = [one for one in options.get("triggers", []) if one.name != self.name]


def _clone(self: Field[Any, Any]) -> Field[Any, Any]:
    # A field of a migration's state is cloned for every model class made of it, and never changed.
    known = self.__dict__.get("_known_parts")
    if known is None:
        known = self.__dict__["_known_parts"] = self.deconstruct()
    _name, _path, args, kwargs = known
    return self.__class__(*args, **kwargs)


@contextmanager
def quick_migrations() -> Iterator[None]:
    """Migrations in the block take less time.

    A trigger is in no model class: its operation has its SQL and needs the table's name only, so the classes of the
    table and all its neighbours are not made anew for it, which is what pgtrigger does. And thousands of classes
    that live for one operation are collected in large portions.
    """
    threshold = gc.get_threshold()
    gc.set_threshold(100_000, 20, 100)
    try:
        with (
            patch.object(AddTrigger, "state_forwards", _add_trigger),
            patch.object(RemoveTrigger, "state_forwards", _remove_trigger),
            patch.object(Field, "clone", _clone),
        ):
            yield
    finally:
        gc.set_threshold(*threshold)
