"""Reading and checking a full roster, beside Python's csv.reader over the same file, in one run.

    python benchmarks/roster.py [ROWS]

Needs neither database nor broker.
"""

from __future__ import annotations

import csv
import io
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import openpyxl

from sessions_app.rosters import MAX_ROWS, check_rows, guess_mapping, parse_pasted, read_table

HEADER = ("First name", "Last name", "E-mail", "Profession", "CPSO #", "Clinic", "City", "Language", "Notes")
PROFESSIONS = (
    "Family medicine",
    "NP",
    "RN",
    "Pharmacien(ne)",
    "Anesthesiology",
    "wizard",
    "MD",
    "Social worker",
)
ROUNDS = 3


def people(count: int) -> list[tuple[str, ...]]:
    """Rows as coordinators send them: accents, capitals, blanks around, one in fifty with something wrong."""
    return [
        (
            "Élise",
            f"Côté-{number}",
            f" Elise.Cote{number // 50 * 50 if number % 50 == 1 else number}@Clinic.Example ",
            PROFESSIONS[number % len(PROFESSIONS)],
            str(100_000 + number),
            f"Clinic {number % 300}",
            "Kingston" if number % 3 else "Thunder Bay",
            "English" if number % 4 else "Français",
            "",
        )
        for number in range(count)
    ]


def best(deed: Callable[[], object]) -> float:
    """Seconds of the quickest of some rounds."""
    spent = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        deed()
        spent.append(time.perf_counter() - start)
    return min(spent)


def check(content: bytes) -> int:
    """How many people of a file can be invited."""
    table = read_table(content)
    return sum(row.is_usable for row in check_rows(table, guess_mapping(table.headers)))


def main() -> None:
    """Time the plain reader, then a CSV file, a workbook and pasted text of the same people."""
    count = min(int(sys.argv[1]) if len(sys.argv) > 1 else MAX_ROWS, MAX_ROWS)
    rows = people(count)
    text = io.StringIO(newline="")
    csv.writer(text).writerows([HEADER, *rows])
    plain = text.getvalue()
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Roster")
    for row in [HEADER, *rows]:
        sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    pasted = "\n".join(f"{first} {last} <{email.strip()}>" for first, last, email, *_rest in rows)

    baseline = best(lambda: list(csv.reader(io.StringIO(plain, newline=""))))
    print(
        f"{count:,} rows, {len(plain.encode()):,} bytes of CSV, {check(plain.encode()):,} people can be invited"
    )
    print(f"{'':>28} {'seconds':>8} {'ratio':>8}")
    for name, seconds in (
        ("csv.reader alone", baseline),
        ("CSV, read", best(lambda: read_table(plain.encode()))),
        ("CSV, read and checked", best(lambda: check(plain.encode()))),
        ("workbook, read and checked", best(lambda: check(packed.getvalue()))),
        ("pasted text, checked", best(lambda: parse_pasted(pasted))),
    ):
        print(f"{name:>28} {seconds:8.3f} {seconds / baseline:7.1f}×")


if __name__ == "__main__":
    main()
