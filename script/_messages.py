"""Brings the French catalogue up to date with the strings of the sources; script/messages runs this.

Every string of the sources gets its entry, translations stay, and entries whose string is gone are dropped. The header
holds no date and entries are sorted, so a second run changes nothing. Nothing is guessed: a new string is untranslated.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/fr/LC_MESSAGES/django.po")
IGNORED_FOLDERS = {".git", ".venv", "var", "tests", "benchmarks", "script", "docs", "locale", "migrations"}
SUFFIXES = {".py", ".html", ".txt"}
HEADER = {
    "Project-Id-Version": "ECHO Portal",
    "Language": "fr",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n > 1);",
}
# Django's own extraction, with no settings but the default ones.
EXTRACT = """
import django
from django.conf import settings
from django.core.management import call_command
settings.configure()
django.setup()
call_command("makemessages", locale=["fr"], no_location=True, no_wrap=True, keep_pot=True, verbosity=0)
"""


def extracted(root: Path) -> polib.POFile:
    """Every translatable string of the sources under `root`.

    Works on a copy: Django writes a Python file next to each template while it reads them.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for path in sources(root):
            target = copy / path.relative_to(root)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        (copy / "locale").mkdir()
        subprocess.run([sys.executable, "-c", EXTRACT], cwd=copy, check=True)  # noqa: S603  (our own words)
        return polib.pofile(str(copy / "locale" / "django.pot"))


def sources(root: Path) -> list[Path]:
    """The files under `root` that may hold strings for people."""
    found: list[Path] = []
    for path in sorted(root.iterdir()):
        if path.is_dir():
            if path.name not in IGNORED_FOLDERS and not path.name.startswith("."):
                found += sources(path)
        elif path.suffix in SUFFIXES and not path.name.startswith("requirements"):
            found.append(path)
    return found


def merged(template: polib.POFile, known: polib.POFile) -> polib.POFile:
    """The entries of `template` with the translations of `known`."""
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = HEADER
    translations = {(entry.msgctxt, entry.msgid): entry for entry in known if not entry.obsolete}
    for entry in sorted(template, key=lambda entry: (entry.msgid, entry.msgctxt or "")):
        translation = translations.get((entry.msgctxt, entry.msgid))
        plural_forms = {0: "", 1: ""} if entry.msgid_plural else {}
        if translation is not None and bool(translation.msgid_plural) == bool(entry.msgid_plural):
            entry.msgstr, plural_forms = translation.msgstr, translation.msgstr_plural
            # A translator's own doubt is kept for a person to settle.
            entry.flags += [flag for flag in translation.flags if flag == "fuzzy"]
            entry.tcomment = translation.tcomment
        entry.msgstr_plural = plural_forms
        catalogue.append(entry)
    return catalogue


def main(arguments: list[str]) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="script/messages", description="Bring the French catalogue up to date."
    )
    parser.add_argument(
        "--to", type=Path, help="write the new catalogue here instead, and leave the old one alone"
    )
    wanted = parser.parse_args(arguments)
    if shutil.which("xgettext") is None:
        sys.stderr.write("GNU gettext is missing. On Debian or Ubuntu: apt-get install gettext\n")
        return 1
    current = ROOT / CATALOGUE
    known = polib.pofile(str(current)) if current.exists() else polib.POFile()
    catalogue = merged(extracted(ROOT), known)
    target = wanted.to or current
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"{catalogue}\n", encoding="utf-8")
    missing = len(catalogue.untranslated_entries()) + len(catalogue.fuzzy_entries())
    sys.stdout.write(f"{target}: {len(catalogue)} messages, {missing} of them still to translate.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
