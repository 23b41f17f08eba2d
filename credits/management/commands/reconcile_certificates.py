"""`manage.py reconcile_certificates`: does each closed cycle come out? For people and for monitors."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from credits.reconciling import OpenItems, Reconciliation, reconciliations

COLUMNS = ("cycle", "eligible", "issued", "mailed", "nobody's", *OpenItems().figures, "open")


class Command(BaseCommand):
    help = (
        "Print for each closed cycle how many certificates are due, issued and emailed, and what is missing. "
        "Exits 1 when anything is. Reads only: the task credits.reconcile does the same every hour and tells "
        "the coordinators."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the table; the exit code is the answer."""
        found = reconciliations(now=timezone.now())
        rows = [COLUMNS, *(_cells(row) for row in found)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(COLUMNS))]
        for row in rows:
            name, *figures = (cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join([row[0].ljust(len(name)), *figures]))
        if any(row.total for row in found):
            raise SystemExit(1)


def _cells(row: Reconciliation) -> tuple[str, ...]:
    figures = (row.eligible, row.issued, row.mailed, row.nobodys, *row.open.figures.values(), row.total)
    return (f"{row.cycle.pk} {row.cycle.name}", *(str(figure) for figure in figures))
