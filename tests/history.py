"""What the audit trail says of a row."""

from __future__ import annotations

from typing import Any

from django.db import models


def audit_row(row: models.Model, label: str) -> tuple[Any, Any, Any]:
    """(verb, user, reason) of the newest event `label` ("insert", "update" or "delete") of `row`."""
    event = row.events.filter(pgh_label=label).order_by("pgh_id").last()  # type: ignore[attr-defined]
    assert event is not None, f"no {label} of {row} is on record"
    context = event.pgh_context
    return (context.metadata["verb"], context.metadata["user"], context.metadata["reason"])
