"""What the database itself refuses, by the name of the rule that refuses it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, connection, models, transaction


@contextmanager
def refused_by(rule: str) -> Iterator[None]:
    """The block's write must be refused by the constraint or the trigger `rule`, and by no other.

    tests/core/test_database.py looks for these calls: a rule of the database that no test breaks fails it.
    """
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        yield
    report = caught.value.__cause__.diag  # type: ignore[union-attr]
    where = report.context or ""
    assert report.constraint_name == rule or f"function pgtrigger_{rule}_" in where, (
        f"refused by {report.constraint_name or where or report.message_primary}, not by {rule}"
    )


def write(row: models.Model, **values: Any) -> None:
    """Change a row behind the model's back: no save(), no validation, no service."""
    type(row)._base_manager.filter(pk=row.pk).update(**values)


def sql(statement: str, *names: str, params: tuple[Any, ...] = ()) -> None:
    """What somebody types into psql; each {} of the statement is one of `names`, quoted."""
    with connection.cursor() as cursor:
        quoted = [connection.ops.quote_name(name) for name in names]
        cursor.execute(statement.format(*quoted), params)


def delete(row: models.Model) -> None:
    """Delete exactly this row; Django's own protection and its cascades are passed by."""
    sql("DELETE FROM {} WHERE {} = %s", row._meta.db_table, str(row._meta.pk.column), params=(row.pk,))
