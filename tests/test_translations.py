"""The French catalogue is complete, fits its English, and is set as French is set in Canada."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections import Counter
from importlib import resources
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils import translation

from core.foreign_messages import FOREIGN

CATALOGUE = settings.BASE_DIR / "locale" / "fr" / "LC_MESSAGES" / "django.po"

SAME_IN_BOTH = {
    "Invitation",
    "%(number)d invitation",
    "%(number)d invitations",
    "%(number)d question",
    "%(number)d questions",
    "page",
    "urgent",
    "Abdomen",
    "Action",
    "Administration",
    "CSV",
    "Code",
    "Codes",
    "Condition",
    "Cycle",
    "Cycles",
    "Date",
    "Dates",
    "Hydromorphone",
    "Invitations",
    "Item",
    "Items",
    "Menu",
    "Minutes",
    "Morphine",
    "Note",
    "Oxycodone",
    "PDF",
    "PEG",
    "Page",
    "Pages",
    "Participants",
    "Profession",
    "Question",
    "Rural",
    "SHA-256",
    "Section",
    "Sections",
    "Signature",
    "Source",
    "Tapentadol",
    "Toronto (M)",
    "Total",
    "Tramadol",
    "Variable",
    "Version",
    "Version %(number)s",
    "admission",
    "affiliation",
    "attestation",
    "condition",
    "cycle",
    "cycles",
    "document",
    "dose",
    "introduction",
    "invitation",
    "invitations",
    "minutes",
    "mission",
    "p (Holm)",
    "participant",
    "participants",
    "places",
    "position",
    "profession",
    "question",
    "questions",
    "secret",
    "section",
    "sections",
    "source",
    "type",
    "version",
    "version %(number)s",
}
"""Words that are spelled alike in English and in French."""

PACKAGES = ["django.conf", "django.contrib.admin", "django.contrib.auth", "allauth"]

NAMED = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
UNNAMED = re.compile(r"%[sd%]|\{\}")
TAG = re.compile(r"</?\w[^>]*>")
ENDING = re.compile(r"([.:?!…]?)\s*$")

MISTAKES = {
    "a straight apostrophe": r"\w'\w",
    "a straight quotation mark": r"(?<![=\w])\"[^\"<>]*\"(?![>\w])",
    "an English quotation mark": r"[“”]",
    "a colon without a no-break space before it": r"(?<!\N{NO-BREAK SPACE}):(?!//)",
    "a space before a mark that follows its word": r"\s[?!;,.](?!\w)",
    "a guillemet without its no-break space": r"«(?!\N{NO-BREAK SPACE})|(?<!\N{NO-BREAK SPACE})»",
    "a number broken from its per cent sign": r"\d %%?",
    "two spaces": r"  ",
    "a word of France": r"(?i)\b(e-mail|mail|spam|cookie|week-end|newsletter)s?\b",
    "the familiar form": r"(?i)\b(tu|toi|ton|tes)\b",
}


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def of_package(package: str) -> polib.MOFile:
    """The French catalogue that a package brings."""
    return polib.mofile(str(resources.files(package).joinpath("locale", "fr", "LC_MESSAGES", "django.mo")))


def name(entry: polib.POEntry) -> tuple[str, str, str]:
    return entry.msgctxt or "", entry.msgid, entry.msgid_plural


def pairs(catalogue: polib.POFile) -> list[tuple[str, str]]:
    """Each English form beside its French one; French takes the singular for 0 and 1, the plural from 2 on."""
    found = []
    for entry in catalogue:
        if entry.msgid_plural:
            found += [(entry.msgid, entry.msgstr_plural[0]), (entry.msgid_plural, entry.msgstr_plural[1])]
        else:
            found.append((entry.msgid, entry.msgstr))
    return found


def test_catalogue_holds_exactly_the_strings_of_the_sources(catalogue: polib.POFile, tmp_path: Path) -> None:
    if shutil.which("xgettext") is None:
        pytest.skip("GNU gettext is missing: install Debian's package gettext")
    fresh = tmp_path / "django.po"

    subprocess.run(
        [sys.executable, settings.BASE_DIR / "script" / "_messages.py", "--to", fresh],
        check=True,
        capture_output=True,
    )

    known, needed = (
        {name(entry): (entry.msgstr, entry.msgstr_plural) for entry in file}
        for file in (catalogue, polib.pofile(str(fresh)))
    )
    assert needed.keys() - known.keys() == set(), "run script/messages, then translate what is untranslated"
    assert known.keys() - needed.keys() == set(), "run script/messages: these are gone from the sources"
    assert needed == known, "script/messages has lost a translation"


def test_catalogue_has_every_translation(catalogue: polib.POFile) -> None:
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []
    assert [entry.msgid for entry in catalogue.obsolete_entries()] == []
    assert catalogue.metadata["Plural-Forms"] == "nplurals=2; plural=(n > 1);"
    assert all(set(entry.msgstr_plural) == {0, 1} for entry in catalogue if entry.msgid_plural)


def test_translations_keep_placeholders_and_markup(catalogue: polib.POFile) -> None:
    changed = [
        (english, french)
        for english, french in pairs(catalogue)
        if set(NAMED.findall(english)) != set(NAMED.findall(french))
        or Counter(UNNAMED.findall(NAMED.sub("", english))) != Counter(UNNAMED.findall(NAMED.sub("", french)))
        or Counter(TAG.findall(english)) != Counter(TAG.findall(french))
    ]
    assert changed == []


def test_translations_of_formatted_strings_have_no_loose_percent_sign(catalogue: polib.POFile) -> None:
    formatted = [
        form
        for entry in catalogue
        if "python-format" in entry.flags
        for form in (entry.msgstr, *entry.msgstr_plural.values())
    ]
    assert [text for text in formatted if "%" in UNNAMED.sub("", NAMED.sub("", text))] == []


def test_translations_differ_from_their_english(catalogue: polib.POFile) -> None:
    same = {english for english, french in pairs(catalogue) if english == french}
    assert same - SAME_IN_BOTH == set(), "translate them, or list them as spelled alike"
    assert SAME_IN_BOTH - same == set(), "these are not spelled alike, or not used: take them off the list"


def test_translations_end_as_their_english_ends(catalogue: polib.POFile) -> None:
    def ending(text: str) -> str:
        return ENDING.search(text)[1]  # type: ignore[index]  # it matches every text

    assert [
        (english, french) for english, french in pairs(catalogue) if ending(english) != ending(french)
    ] == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_translations_are_set_as_in_canada(catalogue: polib.POFile, mistake: str) -> None:
    pattern = re.compile(MISTAKES[mistake])

    assert [french for _english, french in pairs(catalogue) if pattern.search(french)] == []


def test_foreign_messages_are_texts_of_the_installed_packages() -> None:
    texts = {entry.msgid for package in PACKAGES for entry in of_package(package)}
    assert sorted(set(FOREIGN) - texts) == [], "the packages no longer say this: take it off the list"


def test_our_words_win_over_those_of_the_packages() -> None:
    with translation.override("fr"):
        assert translation.gettext("Email") == "Courriel"
        assert translation.gettext("Change %s") % "agrément" == "Modifier\N{NO-BREAK SPACE}: agrément"
