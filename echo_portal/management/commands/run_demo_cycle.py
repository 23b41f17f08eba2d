"""`manage.py run_demo_cycle`: one whole cycle, with everything real but the people."""

import argparse
import signal
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from credits.rendering import pdf_engine_missing
from echo_portal.demo.cycle_run import CycleRun
from echo_portal.demo.sandbox import SandboxError, run_inside, sandbox

MOST_PARTICIPANTS = 5_000


class Command(BaseCommand):
    help = (
        "Take a fresh cycle from registration to e-mailed certificates, in a database, with a broker, a worker and a "
        "mail server of its own, and check what arrives. Exit code 0: nothing is missing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The options; see help."""
        parser.add_argument("--participants", type=int, default=40, help="how many people apply (default 40)")
        parser.add_argument("--seed", type=int, default=1, help="another seed, another story (default 1)")
        parser.add_argument("--out", type=Path, required=True, help="a new folder for PDFs, mails and logs")
        parser.add_argument("--keep", action="store_true", help="keep the run's database to look into")
        # How the command calls itself once everything is prepared.
        parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare and run, or be the run."""
        if options["inside"]:
            self._run(options)
        else:
            self._prepare_and_run(options)

    def _say(self, words: str) -> None:
        # At once, also into a pipe: the run inside writes to the same place, and what it says comes after this.
        self.stdout.write(words)
        self.stdout.flush()

    def _prepare_and_run(self, options: dict[str, Any]) -> None:
        out: Path = options["out"].resolve()
        self._refuse_bad_options(options["participants"], out)
        signal.signal(signal.SIGTERM, _end)
        started = time.monotonic()
        self._say("Preparing a fresh database, a broker, a mail server, a worker and the beat …")
        try:
            with sandbox(out, is_kept=options["keep"]) as (environment, database):
                self._say(f"The database is {database}. Prepared in {time.monotonic() - started:.1f} s.")
                code = run_inside(
                    environment,
                    [
                        "run_demo_cycle",
                        "--inside",
                        f"--participants={options['participants']}",
                        f"--seed={options['seed']}",
                        f"--out={out}",
                    ],
                )
        except SandboxError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError(
                "Interrupted. The run's database and services are gone.", returncode=130
            ) from None
        if options["keep"]:
            self._say(f"The run's database is kept: {database}")
        self._say(f"PDFs, mails and logs are in {out}; {time.monotonic() - started:.1f} s in all.")
        if code:
            sys.exit(code)

    def _refuse_bad_options(self, participants: int, out: Path) -> None:
        if not 1 <= participants <= MOST_PARTICIPANTS:
            raise CommandError(f"--participants must be 1 to {MOST_PARTICIPANTS}.")
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise CommandError(
                f"{out} is not an empty folder: name a new one, so that only this run's files are in it."
            )
        if missing := pdf_engine_missing():
            raise CommandError(missing)

    def _run(self, options: dict[str, Any]) -> None:
        if not str(connection.settings_dict["NAME"]).startswith("echo_demo_") or settings.IS_PRODUCTION:
            raise CommandError("Leave out --inside: it is how the command calls itself.")
        run = CycleRun(
            participants=options["participants"],
            seed=options["seed"],
            out=options["out"],
            say=self._say,
        )
        run.run()
        self.stdout.write(f"\n{run.table()}\n")
        if run.problems:
            raise CommandError("\n".join([f"{len(run.problems)} things are wrong:", *run.problems]))
        self.stdout.write("Nothing is missing.")


def _end(number: int, frame: object) -> NoReturn:
    # As an exception, so that whatever was started is ended and the database is dropped.
    sys.exit(128 + number)
