"""One migrated database for all workers of a run: the first that needs it makes it, each then copies it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2  # type: ignore[import-untyped]
from django.db import connection

LOCK = 0x7E577E57


@contextmanager
def _server() -> Iterator[Any]:
    """A connection to the server that DATABASE_URL names, by the database that each server has."""
    server = psycopg2.connect(os.environ["DATABASE_URL"], dbname="postgres")
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            yield cursor
    finally:
        server.close()


def make_template(name: str) -> None:
    """Create the database `name` with all migrations applied, unless another worker has; waits while one does."""
    with _server() as cursor:
        # Held until this connection is closed, so a worker that dies lets the next one try.
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone():
            return
        # Under another name until it is whole.
        own, options = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
        name_of_tests = options["NAME"]
        options["NAME"] = f"{name}_new"
        try:
            connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        finally:
            connection.close()
            connection.settings_dict["NAME"] = own
            options["NAME"] = name_of_tests
        cursor.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')


def drop_template(name: str) -> None:
    """Remove it, whole or not; nobody copies it any more."""
    with _server() as cursor:
        for one in (name, f"{name}_new"):
            cursor.execute(f'DROP DATABASE IF EXISTS "{one}" WITH (FORCE)')
