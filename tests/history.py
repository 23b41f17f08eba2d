"""What the audit trail says."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import connection, models
from pghistory.models import Event


def event_model(model: type[models.Model]) -> Any:
    """The table that the triggers of `model` write to."""
    return apps.get_model(model._meta.app_label, f"{model.__name__}Event")


def events(row: models.Model, label: str = "") -> Any:
    """The events of `row`, oldest first; those of `label` ("insert", "update", "delete") if given."""
    model = event_model(type(row))
    # Events of tables that are not ours have no relation to the row, only its number.
    of_row = "pgh_obj" if any(field.name == "pgh_obj" for field in model._meta.fields) else "id"
    found = model.objects.filter(**{of_row: row.pk}).order_by("pgh_id")
    return found.filter(pgh_label=label) if label else found


def audit_row(row: models.Model, label: str) -> tuple[Any, Any, Any]:
    """(verb, user, reason) of the newest event `label` of `row`."""
    event = events(row, label).last()
    assert event is not None, f"no {label} of {row} is on record"
    context = event.pgh_context
    return (context.metadata["verb"], context.metadata["user"], context.metadata["reason"])


def count_events() -> int:
    """How many events there are of all tables together: what any write adds to.

    As pghistory's `Events` counts them, without putting every event's row together for it.
    """
    tables = [model._meta.db_table for model in apps.get_models() if issubclass(model, Event)]
    counts = " + ".join(f"(SELECT count(*) FROM {connection.ops.quote_name(name)})" for name in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {counts}")
        [(count,)] = cursor.fetchall()
    return int(count)
