"""What stands between a database that answers and a portal that can start, in one process."""

import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Migrate, compile the French catalogue, collect the static files; each is quick when nothing has changed."""

    help = "Bring the database, the French catalogue and the static files up to date."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the steps in order; the first that fails ends the command with its own error."""
        self.stdout.write("Migrating the database")
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write("Compiling the French catalogue")
        call_command("compile_catalogues")
        stamp = Path(settings.STATIC_ROOT) / ".collected"
        wanted = static_fingerprint()
        # Compressing a thousand files takes seconds; most starts find all of them as they were.
        if not stamp.exists() or stamp.read_text(encoding="ascii") != wanted:
            self.stdout.write("Collecting the static files")
            call_command("collectstatic", interactive=False, verbosity=0)
            stamp.write_text(wanted, encoding="ascii")


def static_fingerprint() -> str:
    """What is collected, from where and how: changes when a file, its size, its time or the storage does."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in finders.get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
