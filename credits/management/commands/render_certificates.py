"""Draws sample certificates into a folder."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from credits.management.samples import samples
from credits.rendering import certificate_press, pdf_engine_missing, render_certificate

MOST = 100_000


class Command(BaseCommand):
    help = (
        "Draws certificates of people who do not exist, in several scripts and for several kinds of credit, and says "
        "how many it drew in a second of CPU. Touches no database."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--count", type=int, required=True, help=f"How many, from 1 to {MOST}.")
        parser.add_argument(
            "--out", type=Path, required=True, help="The folder; it is made if it is not there."
        )
        parser.add_argument("--language", choices=["en", "fr"], help="All in one language.")
        parser.add_argument(
            "--plain", action="store_true", help="Draw each one alone, as a single one is drawn."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        count, folder = options["count"], options["out"]
        if not 1 <= count <= MOST:
            raise CommandError(f"--count must be from 1 to {MOST}.")
        if missing := pdf_engine_missing():
            raise CommandError(missing)
        certificates = list(samples(count, language=options["language"]))
        paths = [folder / f"{facts.number}.pdf" for facts in certificates]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"{folder} cannot be made a folder: {error.strerror}.") from error
        if there := [path.name for path in paths if path.exists()]:
            raise CommandError(f"{folder} already holds {there[0]}: give another folder, or empty this one.")

        press = certificate_press()
        alone_before = press.drawn_alone
        draw = render_certificate if options["plain"] else press.render
        spent = 0.0
        for facts, path in zip(certificates, paths, strict=True):
            start = time.process_time()
            pdf = draw(facts, signature_png=None)
            spent += time.process_time() - start
            path.write_bytes(pdf)
        alone = count if options["plain"] else press.drawn_alone - alone_before
        self.stdout.write(
            f"{count} certificates in {folder}: {count / spent:.1f} a second of CPU; {alone} drawn alone."
        )
