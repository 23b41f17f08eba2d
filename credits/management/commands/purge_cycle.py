"""`manage.py purge_cycle`: delete the records of a cycle that need not be kept any more."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from credits.services import purge_cycle
from participants.queries import staff_account
from sessions_app.models import Cycle


class Command(BaseCommand):
    help = "Delete attendance, survey answers and audit packs of a cycle that ended more than six years ago."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options; see help."""
        parser.add_argument("cycle_id", type=int, help="the number of the cycle")
        parser.add_argument(
            "--by", metavar="EMAIL", required=True, help="the staff account that purges: it is put on record"
        )
        parser.add_argument("--dry-run", action="store_true", help="count only; delete nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge, or say why not, and print numbers."""
        actor = staff_account(options["by"])
        if actor is None:
            raise CommandError(f"{options['by']} is no active staff account.")
        try:
            purged = purge_cycle(
                cycle_id=options["cycle_id"], by=actor, now=timezone.now(), is_rehearsal=options["dry_run"]
            )
        except Cycle.DoesNotExist as error:
            raise CommandError(f"There is no cycle with the number {options['cycle_id']}.") from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        if not any(purged.counts.values()):
            self.stdout.write("There is nothing to do.")
            return
        for kind, count in purged.counts.items():
            self.stdout.write(f"{count:8}  {kind.replace('_', ' ')}")
        self.stdout.write("Nothing was deleted: a rehearsal." if options["dry_run"] else "Deleted.")
