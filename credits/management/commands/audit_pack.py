"""`manage.py audit_pack`: the audit pack of a cycle as a file."""

import hashlib
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from core.errors import DomainError
from credits.models import AuditPack
from credits.services import ask_for_audit_pack, download_audit_pack, make_due_audit_packs
from participants.models import User
from participants.queries import staff_account
from sessions_app.models import Cycle


class Command(BaseCommand):
    help = "Make the audit pack of a cycle and write it to a file; both stand in the audit trail."

    def add_arguments(self, parser: CommandParser) -> None:
        """The options; see help."""
        parser.add_argument("cycle_id", type=int, help="the number of the cycle")
        parser.add_argument("--out", metavar="FILE", type=Path, required=True, help="the ZIP to write")
        parser.add_argument(
            "--by", metavar="EMAIL", required=True, help="the staff account that asks: it is put on record"
        )
        parser.add_argument(
            "--wait", metavar="SECONDS", type=int, default=1800, help="for a worker that makes it already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, make or wait, and write."""
        actor = staff_account(options["by"])
        if actor is None:
            raise CommandError(f"{options['by']} is no active staff account.")
        if not options["out"].parent.is_dir():
            raise CommandError(f"There is no such folder: {options['out'].parent}.")
        try:
            pack = ask_for_audit_pack(cycle_id=options["cycle_id"], by=actor, now=timezone.now())
            self._wait_for(pack, options["wait"])
            self._write(pack, actor, options["out"])
        except Cycle.DoesNotExist as error:
            raise CommandError(f"There is no cycle with the number {options['cycle_id']}.") from error
        except DomainError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{options['out']} cannot be written: {error.strerror}.") from error

    def _wait_for(self, pack: AuditPack, seconds: int) -> None:
        """Make it here, unless a worker has it already."""
        until = time.monotonic() + seconds
        make_due_audit_packs(now=timezone.now)
        pack.refresh_from_db()
        while pack.status == AuditPack.Status.PENDING and time.monotonic() < until:
            time.sleep(1)
            make_due_audit_packs(now=timezone.now)
            pack.refresh_from_db()
        if pack.status == AuditPack.Status.PENDING:
            raise CommandError(f"The pack is not made yet: {pack.last_error or 'a worker is at it'}.")

    def _write(self, pack: AuditPack, actor: User, out: Path) -> None:
        """The whole file under its name, or none."""
        pack, content = download_audit_pack(pack_id=pack.pk, by=actor, now=timezone.now())
        unfinished = out.with_name(f"{out.name}.part")
        digest = hashlib.sha256()
        with unfinished.open("wb") as file:
            for part in content:
                digest.update(part)
                file.write(part)
        if digest.hexdigest() != pack.sha256:
            unfinished.unlink()
            raise CommandError("What the database gave back is not what was made. Check its storage.")
        unfinished.replace(out)
        self.stdout.write(f"{out}: {pack.size} bytes, SHA-256 {pack.sha256}")
