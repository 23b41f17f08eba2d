"""The catalogue of components: none is missing, and each is drawn as itself in both languages."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from core.catalogue import COMPONENTS, PARTS, SampleForm
from participants.models import User
from tests.core.test_components import Page
from tests.factories import make_user

FOLDER = Path(settings.BASE_DIR) / "templates" / "_components"


@pytest.fixture
def member_of_staff(db: None) -> User:
    """Without any role: whoever builds pages."""
    return make_user("bea@echo.example", is_staff=True)


def catalogue(user: User, language: str) -> str:
    client = Client(headers={"accept-language": language})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client.get("/components/").content.decode()


def test_every_component_has_its_example() -> None:
    files = {path.stem for path in FOLDER.glob("*.html") if not path.stem.startswith("_")}

    assert files == COMPONENTS.keys() | PARTS.keys()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_page_draws_every_state_in_both_languages(member_of_staff: User, language: str) -> None:
    html = catalogue(member_of_staff, language)

    page = Page(html)
    states = sum(len(states) for states in COMPONENTS.values())
    drawn = Counter(attributes.get("lang") for attributes in page.all("div") if "lang" in attributes)
    assert drawn == {"en": states + 1, "fr": states + 1}  # and the buttons
    assert len(page.all("h1")) == 1
    ids = Counter(attributes["id"] for _tag, attributes in page.elements if attributes.get("id"))
    assert [name for name, count in ids.items() if count > 1] == []
    assert not any("autofocus" in attributes for _tag, attributes in page.elements)


def test_examples_speak_each_language_whatever_the_pages_is(member_of_staff: User) -> None:
    html = catalogue(member_of_staff, "fr")

    for words in (
        "Your case was handed in.",
        "Votre cas est remis.",
        "There is a problem",
        "Il y a un problème",
    ):
        assert words in html


def test_sample_form_has_every_control_of_the_portal() -> None:
    def english(words: str, _french: str) -> str:
        return words

    form: Any = SampleForm(english, {})

    kinds = {type(field.widget).__name__ for field in form.fields.values()}
    assert kinds == {
        "CheckboxInput", "EmailInput", "NumberInput", "RadioSelect", "ScaleSelect", "Select", "Textarea", "TextInput"
    }  # fmt: skip
    assert form.errors.keys() == {"name", "years", "region", "setting", "confident", "agree"}
