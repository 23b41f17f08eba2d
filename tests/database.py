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


def sql(statement: str, *params: Any) -> None:
    """What somebody types into psql."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def delete(row: models.Model) -> None:
    """Delete exactly this row; Django's own protection and its cascades are passed by."""
    sql(f'DELETE FROM "{row._meta.db_table}" WHERE "{row._meta.pk.column}" = %s', row.pk)  # noqa: S608
