"""No page leaves English words on a French screen: neither a string of ours nor one of Django's or allauth's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pgtrigger
import polib
import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from participants.models import User
from sessions_app.models import Cycle, Program
from surveys.models import Instrument
from tests.e2e.pages import COORDINATOR, PAGES
from tests.factories import make_user
from tests.test_translations import CATALOGUE, PACKAGES, of_package
from tests.world import World, make_world

SPOKEN_ATTRIBUTES = {"alt", "aria-label", "aria-valuetext", "data-label", "placeholder", "title"}
VOID = {"br", "hr", "img", "input", "link", "meta", "source", "wbr"}
ENGLISH = re.compile(r"(?i)\b(the|and|of|your|you|with|from|this|that|are|was|not|by|to|be|will|have|for)\b")
"""Words that no French sentence holds."""


class FrenchText(HTMLParser):
    """What a page says in French: its texts and spoken attributes, outside elements marked as another language."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.open: list[tuple[str, bool]] = []

    @property
    def is_french(self) -> bool:
        return bool(self.open) and self.open[-1][1]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        is_french = values["lang"].startswith("fr") if "lang" in values else self.is_french
        is_french = is_french and tag not in {"script", "style", "textarea", "pre"}
        if is_french:
            self.texts += [values[key] for key in SPOKEN_ATTRIBUTES & values.keys()]
            if tag == "input" and values.get("type") in {"submit", "button"}:
                self.texts.append(values.get("value", ""))
        if tag not in VOID:
            self.open.append((tag, is_french))

    def handle_endtag(self, tag: str) -> None:
        while self.open and tag in {name for name, _is_french in self.open}:
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data: str) -> None:
        if self.is_french:
            self.texts.append(data)


def normal(text: str) -> str:
    return " ".join(text.split()).rstrip(": ").casefold()


@pytest.fixture(scope="module")
def english_only() -> set[str]:
    """Every text of the catalogues in English that is no French text as well."""
    files = [polib.pofile(str(CATALOGUE)), *(of_package(package) for package in PACKAGES)]
    entries = [entry for file in files for entry in file]
    english = {normal(text) for entry in entries for text in (entry.msgid, entry.msgid_plural)}
    french = {normal(text) for entry in entries for text in (entry.msgstr, *entry.msgstr_plural.values())}
    return english - french - {""}


@pytest.fixture
def world(db: None) -> World:
    """With French names where a page has no room to mark English ones: in titles, buttons and labels."""
    world = make_world()
    Program.objects.update(name_fr="Douleur")
    Cycle.objects.update(name_fr="Automne")
    with pgtrigger.ignore("surveys.Instrument:instrument_frozen_with_responses"):
        Instrument.objects.update(title_fr="Sondage")
    return world


def french_texts(user: User | None, path: str) -> list[str]:
    client = Client(headers={"accept-language": "fr-CA,fr;q=0.9,en;q=0.5"})
    if user is not None:
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    reader = FrenchText()
    reader.feed(client.get(path, follow=True).content.decode())
    texts = [text.strip() for text in reader.texts if text.strip()]
    assert texts, f"{path} says nothing in French"
    return texts


def admin_paths() -> Iterator[str]:
    """Each list of the administration, and one row of it."""
    for model in admin.site._registry:
        # The permissions of a group are named by Django, in English, in the database.
        if model is not Group:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            yield reverse(f"{name}_changelist")
            if row := model._default_manager.first():
                yield reverse(f"{name}_change", args=[row.pk])


def test_pages_show_no_untranslated_string(world: World, english_only: set[str]) -> None:
    # An agreement's own page shows both languages, each in its field.
    agreements = reverse("admin:participants_agreement_changelist")
    paths = [(who(world), path(world)) for who, path in PAGES.values()]
    paths += [(world.coordinator, path) for path in admin_paths()]
    paths = [(user, path) for user, path in paths if path == agreements or not path.startswith(agreements)]

    left = {
        f"{path}: {text}"
        for user, path in paths
        for text in french_texts(user, path)
        if normal(text) in english_only
    }

    assert left == set()


def test_pages_mark_every_english_sentence_as_english(world: World) -> None:
    # The administration shows what coordinators typed, in the language they typed it.
    paths = [(who(world), path(world)) for who, path in PAGES.values() if who is not COORDINATOR]

    left = {
        f"{path}: {text}" for user, path in paths for text in french_texts(user, path) if ENGLISH.search(text)
    }

    assert left == set()


TIGHT = re.compile(r"[^\W\d_]: |[^\W\d_]:$|«[^\N{NO-BREAK SPACE}\s]|[^\N{NO-BREAK SPACE}\s]»")
"""A colon or a guillemet that touches its word: in French a space that does not break stands between them."""


def test_pages_set_colons_and_guillemets_as_french_does(world: World) -> None:
    # An agreement's own page shows both languages; Django's labels end with a colon of its own.
    agreements = reverse("admin:participants_agreement_changelist")
    paths = [(who(world), path(world)) for who, path in PAGES.values()]
    paths = [(user, path) for user, path in paths if path == agreements or not path.startswith(agreements)]

    left = {
        f"{path}: {text}"
        for user, path in paths
        for text in french_texts(user, path)
        if TIGHT.search(text) and not text.endswith(":")
    }

    assert not left, "\n".join(sorted(left))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_first_profile_proposes_the_language_it_is_read_in(db: None, language: str) -> None:
    client = Client(headers={"accept-language": language})
    client.force_login(
        User.objects.create_user("new@clinic.example"), backend=settings.AUTHENTICATION_BACKENDS[0]
    )

    assert client.get("/profile/").context["form"]["language"].value() == language


def test_profile_keeps_its_language_on_a_page_in_the_other(db: None) -> None:
    client = Client(headers={"accept-language": "fr"})
    client.force_login(make_user(language="en"), backend=settings.AUTHENTICATION_BACKENDS[0])

    assert client.get("/profile/").context["form"]["language"].value() == "en"
