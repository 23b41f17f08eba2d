"""Operations that are run together leave the same tables, forwards and backwards."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.state import ProjectState
from django.db.models.functions import Lower

from core.migration_operations import Together

pytestmark = pytest.mark.django_db

TABLE = "core_pot"


def change() -> list[Any]:
    """Two columns, one of them wider than it was, a constraint on both and an index on one."""
    return [
        migrations.AddField("pot", "colour", models.CharField(max_length=20, default="")),
        migrations.AddField("pot", "size", models.IntegerField(default=0)),
        migrations.AlterField("pot", "name", models.CharField(max_length=90)),
        migrations.AddConstraint("pot", models.UniqueConstraint(Lower("colour"), "size", name="pot_once")),
        migrations.AddIndex("pot", models.Index(fields=["size"], name="pot_size")),
    ]


def before() -> ProjectState:
    state = ProjectState()
    pot = migrations.CreateModel(
        "Pot", [("id", models.AutoField(primary_key=True)), ("name", models.CharField(max_length=9))]
    )
    empty = state.clone()
    pot.state_forwards("core", state)
    with connection.schema_editor() as editor:
        pot.database_forwards("core", editor, empty, state)
    return state


def shape() -> set[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
            "UNION SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s",
            [TABLE, TABLE],
        )
        return set(cursor.fetchall())


def run(operations: list[Any], state: ProjectState) -> list[ProjectState]:
    """The states between the operations, which are run; the last one is what is there afterwards."""
    states = [state]
    for operation in operations:
        after = states[-1].clone()
        operation.state_forwards("core", after)
        with connection.schema_editor() as editor:
            operation.database_forwards("core", editor, states[-1], after)
        states.append(after)
    return states


def test_together_makes_what_one_after_the_other_makes_and_takes_it_back() -> None:
    bare = before()
    untouched = shape()
    single = change()
    states = run(single, bare)
    changed = shape()
    for operation, was, then in zip(reversed(single), states[-2::-1], states[:0:-1], strict=True):
        with connection.schema_editor() as editor:
            operation.database_backwards("core", editor, then, was)
    assert shape() == untouched

    together = Together(change())
    _bare, after = run([together], bare)

    assert shape() == changed != untouched
    assert after.models["core", "pot"].fields.keys() == states[-1].models["core", "pot"].fields.keys()
    with connection.schema_editor() as editor:
        together.database_backwards("core", editor, after, bare)
    assert shape() == untouched


def test_together_is_described_and_written_like_any_other() -> None:
    together = Together(change()[:2])

    assert together.describe() == "Add field colour to pot; Add field size to pot"
    name, args, kwargs = together.deconstruct()
    assert (name, kwargs) == ("Together", {})
    assert args[0] == together.operations
