"""`manage.py screen_text`: what the screen finds in texts, a line of JSON each."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases.deidentification import screen


class Command(BaseCommand):
    help = (
        "Screen texts for identifiers. Reads a JSON object a line, with the keys id and text, and writes the same with "
        "spans: start, end, type and tier. Needs no database; the texts are kept nowhere else."
    )
    # The screen is pure: it must work before there is a database, or a configuration worth checking.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The options; see help."""
        parser.add_argument("source", type=Path, metavar="IN.jsonl", help="the texts")
        parser.add_argument("target", type=Path, metavar="OUT.jsonl", help="where the findings go")

    def handle(self, *args: Any, **options: Any) -> None:
        """Screen line by line, so that a file of any length fits into memory."""
        source, target = options["source"], options["target"]
        screened = 0
        try:
            if source.exists() and target.exists() and source.samefile(target):
                raise CommandError("The findings would overwrite the texts: name another file for them.")
            with source.open("rb") as lines, target.open("w", encoding="ascii") as out:
                for row in rows(lines):
                    out.write(json.dumps(row | {"spans": spans(row["text"])}) + "\n")
                    screened += 1
        except OSError as error:
            raise CommandError(f"{error.strerror}: {error.filename or target}") from error
        if options["verbosity"]:
            self.stdout.write(f"{screened} texts screened.")


def rows(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The id and text of each line that is not blank; CommandError with the number of a line that is wrong."""
    for number, line in enumerate(lines, 1):
        try:
            # A byte order mark is what some editors put first; a text is never part of the message.
            words = line.decode("utf-8-sig" if number == 1 else "utf-8").strip()
        except UnicodeDecodeError:
            raise CommandError(f"Line {number} is not UTF-8.") from None  # its cause would quote the line
        if not words:
            continue
        try:
            row = json.loads(words)
        except (ValueError, RecursionError):
            raise CommandError(f"Line {number} is not a JSON object on one line.") from None
        if not isinstance(row, dict):
            raise CommandError(f"Line {number} is not a JSON object.")
        for key in ("id", "text"):
            if key not in row:
                raise CommandError(f"Line {number} has no {key}.")
        if not isinstance(row["text"], str):
            raise CommandError(f"The text of line {number} is not a string.")
        yield {"id": row["id"], "text": row["text"]}


def spans(text: str) -> list[dict[str, int | str]]:
    """The findings as they are written."""
    return [
        {
            "start": finding.start,
            "end": finding.end,
            "type": finding.kind.value,
            "tier": finding.tier.value,
        }
        for finding in screen(text)
    ]
