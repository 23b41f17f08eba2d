"""Empties the database after a test with real transactions, in a tenth of the time that Django takes for it."""

from __future__ import annotations

from typing import Any

import pgtrigger
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase

KEPT = {ContentType._meta.db_table, Permission._meta.db_table}
"""Django's flush empties them too, and has every app fill them again, with the same rows."""

_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


def empty_database(case: Any) -> None:
    """Delete every row that a test left; only tables with rows cost anything.

    Triggers and foreign keys rest meanwhile, as a truncation passes them by: that is a superuser's right. Where the
    tests' database user is none, and for what only Django's flush does, Django's flush is used.
    """
    if case.available_apps is not None or case.serialized_rollback or not _is_superuser():
        # Tables of records refuse to be truncated (core/retention.py).
        with pgtrigger.ignore():
            _flush(case)
        return
    quote = connection.ops.quote_name
    tables = [
        name
        for name in connection.introspection.django_table_names(only_existing=True, include_views=False)
        if name not in KEPT
    ]
    looks = [f"SELECT {at} WHERE EXISTS (SELECT 1 FROM {quote(name)})" for at, name in enumerate(tables)]  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(looks))
        filled = [tables[at] for (at,) in cursor.fetchall()]
        cursor.execute("SET LOCAL session_replication_role = replica")
        for name in filled:
            cursor.execute(f"DELETE FROM {quote(name)}")  # noqa: S608


def _is_superuser() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        [(answer,)] = cursor.fetchall()
    return bool(answer)
