"""Close a cycle from the command line, or say what closing it would do."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from core.templatetags.portal import quarter_hours
from credits.closing import Outcome, changes, last_dry_run
from credits.ledger_page import MISSING
from credits.queries import Ledger, cycle_ledgers
from credits.services import close_cycle, make_dry_run
from sessions_app.models import Cycle


class Command(BaseCommand):
    help = "Close a cycle and issue its certificates; with --dry-run only say who gets what, who nothing and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cycle", help="the cycle's number, or its name where no other cycle has the same")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="issue nothing: print the list, what has changed since the last one kept, and keep this one",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the list, then close unless it is a dry run."""
        cycle = _cycle(options["cycle"])
        ledgers = cycle_ledgers(cycle)
        self._list(ledgers)
        now = timezone.now()
        if options["dry_run"]:
            self._changes(cycle, ledgers)
            make_dry_run(cycle_id=cycle.pk, by=None, now=now)
            self.stdout.write("Dry run: nothing was issued.")
            return
        try:
            issued = close_cycle(cycle_id=cycle.pk, by=None, now=now)
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Closed. {len(issued)} certificates are being made and emailed by the workers.")

    def _list(self, ledgers: list[Ledger]) -> None:
        due = [(ledger, total) for ledger in ledgers for total in ledger.to_issue]
        self.stdout.write(f"{len(due)} to issue:")
        for ledger, total in due:
            amount = f"{quarter_hours(total.amount)} {total.line.get_unit_display().lower()}"
            self.stdout.write(f"  {_name(ledger)}: {amount}, {total.line.credit_name}")
        others = [ledger for ledger in ledgers if ledger.missing and not ledger.certified]
        self.stdout.write(f"{len(others)} not eligible:")
        for ledger in others:
            missing = "; ".join(str(MISSING[name]) for name in ledger.missing)
            self.stdout.write(f"  {_name(ledger)}: {missing}")
        self.stdout.write(f"{sum(bool(ledger.certified) for ledger in ledgers)} have theirs already.")

    def _changes(self, cycle: Cycle, ledgers: list[Ledger]) -> None:
        last = last_dry_run(cycle)
        if last is None:
            self.stdout.write("No earlier dry run to compare with.")
            return
        found = changes(last.outcomes, ledgers)
        self.stdout.write(f"{len(found)} changed since {timezone.localtime(last.made_at):%Y-%m-%d %H:%M}:")
        for change in found:
            self.stdout.write(f"  {change.name}: {_words(change.before)} → {_words(change.now)}")


def _cycle(wanted: str) -> Cycle:
    """The cycle of that number or name. Raises CommandError for none and for several."""
    cycles = Cycle.objects.select_related("program")
    found = list(cycles.filter(pk=int(wanted)) if wanted.isdecimal() else cycles.filter(name=wanted))
    if len(found) != 1:
        known = ", ".join(f"{cycle.pk} ({cycle})" for cycle in cycles.order_by("-starts_on", "pk")[:20])
        problem = "Several cycles have the name" if found else "There is no cycle"
        raise CommandError(f"{problem} {wanted}. The latest are: {known or 'none'}.")
    return found[0]


def _name(ledger: Ledger) -> str:
    return ledger.enrolment.participant.get_full_name()


def _words(outcome: Outcome | None) -> str:
    if outcome is None:
        return "not in the list"
    if outcome.is_due:
        return quarter_hours(outcome.amount)
    return "nothing (" + "; ".join(str(MISSING[name]) for name in outcome.missing) + ")"
