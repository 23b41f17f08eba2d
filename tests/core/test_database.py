"""Every rule that the database keeps has a test that breaks it; this is the test of those tests."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from tests.database import refused_by, sql

TESTS = Path(__file__).resolve().parent.parent
OWN_APPS = (
    "core",
    "outbox",
    "participants",
    "sessions_app",
    "surveys",
    "cases",
    "credits",
    "desk",
    "echo_portal",
)

# Rules of the outbox that its tests do not name as "status_known" and the like: the test that breaks each.
BROKEN_ELSEWHERE = {
    "outbox_outgoingmail_key_key": "test_key_and_message_id_are_unique",
    "outbox_outgoingmail_message_id_key": "test_key_and_message_id_are_unique",
    "mail_moves": "test_database_refuses_moves_that_are_not_listed",
    "outbox_mailattachment_name_once": "test_file_name_stands_once_in_a_mail",
    "outbox_mailattachment_filename_plain": "test_file_name_that_is_no_plain_name_is_refused",
    "outbox_mailattempt_number_once": "test_try_numbers_are_unique_and_one_is_open_at_most",
    "outbox_mailattempt_one_open": "test_try_numbers_are_unique_and_one_is_open_at_most",
}

# A trigger that refuses nothing: tests/sessions_app/test_models_session.py shows what it writes.
WRITING = {"session_raises_its_sequence"}

# Triggers that write history: tests/core/test_audit.py runs them for every model.
HISTORY = {"insert_insert", "update_update", "delete_delete", "decision_update", "append_only"}


def rows(query: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def own_tables() -> set[str]:
    """The tables of our models; a proxy's is its original's, which may be allauth's or Django's to look after."""
    return {
        model._meta.db_table
        for label in OWN_APPS
        for model in apps.get_app_config(label).get_models()
        if not model._meta.proxy
    }


def constraints() -> dict[str, tuple[str, str]]:
    """Every check, unique and exclusion rule of the portal's own tables: name → (table, definition)."""
    found = rows(
        "SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE contype IN ('c', 'u', 'x') AND connamespace = 'public'::regnamespace "
        # A unique rule with a condition is an index to PostgreSQL.
        "UNION SELECT indexrelid::regclass::text, indrelid::regclass::text, pg_get_indexdef(indexrelid) "
        "FROM pg_index WHERE indisunique AND indpred IS NOT NULL"
    )
    tables = own_tables()
    return {name: (table, definition) for name, table, definition in found if table in tables}


def is_sign_check(definition: str) -> bool:
    """The check Django puts on each column of whole numbers that are never negative."""
    return re.fullmatch(r"CHECK \(\(\"?\w+\"? >= 0\)\)", definition) is not None


def triggers() -> set[str]:
    names = (name for (name,) in rows("SELECT DISTINCT tgname FROM pg_trigger WHERE NOT tgisinternal"))
    return {name.removeprefix("pgtrigger_").rsplit("_", 1)[0] for name in names} - HISTORY


@cache
def broken_by_tests() -> frozenset[str]:
    """The rules that some test names in a call of `refused_by`."""
    return frozenset(
        call.args[0].value
        for path in TESTS.rglob("test_*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "refused_by"
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and isinstance(call.args[0].value, str)
    )


def outbox_test_names() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (TESTS / "outbox").glob("test_*.py"))


@pytest.mark.django_db
def test_every_constraint_and_trigger_has_a_test_that_breaks_it():
    rules = triggers() | {
        name for name, (_table, definition) in constraints().items() if not is_sign_check(definition)
    }
    elsewhere = {
        name
        for name in rules - BROKEN_ELSEWHERE.keys()
        if name.startswith("outbox_") and f'"{name.split("_", 2)[2]}"' in outbox_test_names()
    }

    assert rules - broken_by_tests() - BROKEN_ELSEWHERE.keys() - elsewhere - WRITING == set()
    assert len(rules) > 70


@pytest.mark.django_db
def test_no_test_breaks_a_rule_that_is_gone():
    existing = triggers() | HISTORY | constraints().keys()

    assert broken_by_tests() - existing == set()
    assert BROKEN_ELSEWHERE.keys() - existing == set()
    assert {test for test in BROKEN_ELSEWHERE.values() if f"def {test}(" not in outbox_test_names()} == set()


@pytest.mark.django_db
def test_no_count_is_ever_negative():
    checks = {
        name: (table, re.findall(r"\w+", definition)[1])
        for name, (table, definition) in constraints().items()
        if is_sign_check(definition)
    }
    assert len(checks) > 20

    for name, (table, column) in checks.items():
        # A copy of the table with this check alone: nothing else can refuse the row.
        sql("CREATE TEMPORARY TABLE copy (LIKE {} INCLUDING CONSTRAINTS)", table)
        for (other,) in rows(
            "SELECT conname FROM pg_constraint WHERE conrelid = 'copy'::regclass AND contype = 'c'"
        ):
            if other != name:
                sql("ALTER TABLE copy DROP CONSTRAINT {}", other)
        for (other,) in rows(
            "SELECT attname FROM pg_attribute WHERE attrelid = 'copy'::regclass AND attnum > 0 AND attnotnull"
        ):
            sql("ALTER TABLE copy ALTER COLUMN {} DROP NOT NULL", other)
        with refused_by(name):
            sql("INSERT INTO copy ({}) VALUES (-1)", column)
        sql("INSERT INTO copy ({}) VALUES (7)", column)
        sql("DROP TABLE copy")
